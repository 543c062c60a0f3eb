/* SPDX-License-Identifier: MIT */
/*
 * Usage: fuzz_NAME [FOLDER [MUTATIONS]].  Runs every file of the folder
 * (tests/fuzz/corpus/NAME) as it is and mutated, always in the same ways
 * (1000 times; where there are many, 6,000 times in all).
 */
#include "config.h"
#include <dirent.h>
#include <string.h>
#include "base/rand.h"
#include "fuzz.h"
#include "syc/base.h"

enum { MUTATIONS = 1000, ALL_MUTATIONS = 6000, SEED = 1 };

static int slurp(struct syc_buf *b, const char *path)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	b->len = 0;
	if (!f)
		return -1;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		if (syc_buf_add(b, block, n) < 0)
			break;
	fclose(f);
	return 0;
}

/* Change the bytes in one of the ways that break readers. */
static size_t mutate(uint8_t *p, size_t n, uint64_t key)
{
	static const uint64_t numbers[] = {
		0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000,
		INT64_MAX, UINT64_MAX, UINT64_C(1) << 32,
	};
	size_t at = (size_t)syc_rand_below(key, 1, n), room = n - at;
	size_t from = (size_t)syc_rand_below(key, 2, n), len;
	uint64_t v = numbers[syc_rand_below(key, 3,
					    sizeof(numbers) / sizeof(numbers[0]))];

	switch (syc_rand_below(key, 0, 6)) {
	case 0:
		p[at] ^= (uint8_t)(1 << syc_rand_below(key, 4, 8));
		break;
	case 1:
		p[at] = (uint8_t)syc_rand_u64(key, 4);
		break;
	case 2:
		len = (size_t)1 << syc_rand_below(key, 4, 4);
		memcpy(p + at, &v, len < room ? len : room);
		break;
	case 3:
		len = (size_t)syc_rand_below(key, 4, 64);
		len = len < room ? len : room;
		memmove(p + at, p + (from < n - len ? from : n - len), len);
		break;
	case 4:
		return at + 1;
	default:
		memmove(p + at, p + at + 1, room - 1);
		return n - 1;
	}
	return n;
}

static void run(const struct syc_buf *seed, const char *name, uint64_t times)
{
	uint8_t *copy = malloc(seed->len + 1);

	if (!copy)
		abort();
	for (uint64_t i = 0; i <= times && seed->len; i++) {
		uint64_t key = syc_rand_key(SEED, name, i);
		size_t n = seed->len;

		memcpy(copy, seed->data, n);
		/* The first time as it is, then with one to four changes. */
		for (uint64_t k = 0; i && n && k <= syc_rand_below(key, 0, 4); k++)
			n = mutate(copy, n, syc_rand_key(key, name, k));
		LLVMFuzzerTestOneInput(copy, n);
	}
	free(copy);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strstr(argv[0], "fuzz_");
	uint64_t times = MUTATIONS;
	struct syc_buf path = { 0 }, seed = { 0 };
	struct dirent **list;
	int n, n_run = 0;
	size_t len;

	if (argc > 1)
		syc_buf_puts(&path, argv[1]);
	else
		syc_buf_printf(&path, "%s/tests/fuzz/corpus/%s",
			       top ? top : ".", name ? name + 5 : "");
	n = scandir(path.data, &list, NULL, by_name);
	if (n < 0) {
		perror(path.data);
		return 1;
	}
	/* A corpus that has grown does not take longer. */
	if (n > ALL_MUTATIONS / MUTATIONS)
		times = ALL_MUTATIONS / (uint64_t)n;
	if (argc > 2)
		times = strtoull(argv[2], NULL, 10);
	len = path.len;
	for (int i = 0; i < n; i++) {
		path.len = len;
		syc_buf_printf(&path, "/%s", list[i]->d_name);
		if (list[i]->d_name[0] != '.' && slurp(&seed, path.data) == 0) {
			run(&seed, list[i]->d_name, times);
			n_run++;
		}
		free(list[i]);
	}
	free(list);
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	unlink(fuzz_file(NULL, 0));
	syc_buf_free(&path);
	syc_buf_free(&seed);
	printf("%d seeds, %llu mutations each\n", n_run, (unsigned long long)times);
	return n_run ? 0 : 1;
}
