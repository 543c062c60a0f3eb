/* SPDX-License-Identifier: MIT */
/*
 * Damage a GGUF or safetensors file: damage IN OUT HOW..., where HOW is
 *
 *   at OFFSET HEX         overwrite the bytes at an offset
 *   after NAME SKIP HEX   overwrite SKIP bytes behind a key's or tensor's name
 *   rename NAME NEW       a name of the same length in its place
 *   data TENSOR SKIP HEX  overwrite SKIP bytes into a tensor's data
 *   swap TEXT NEW         the first TEXT becomes NEW, which is as long
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "format/gguf.h"
#include "format/safetensors.h"

static char *buf;
static size_t len;

__attribute__((noreturn))
static int stop(const char *why, const char *what)
{
	fprintf(stderr, "damage: %s: %s\n", what, why);
	exit(1);
}

static void slurp(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f || fseek(f, 0, SEEK_END) != 0)
		stop("cannot read", path);
	len = (size_t)ftell(f);
	buf = malloc(len + 1);
	rewind(f);
	if (!buf || fread(buf, 1, len, f) != len)
		stop("cannot read", path);
	fclose(f);
}

static void put(size_t at, const char *hex)
{
	for (; *hex; hex += 2, at++) {
		unsigned v;

		if (at >= len || sscanf(hex, "%2x", &v) != 1)
			stop("does not fit", hex);
		buf[at] = (char)v;
	}
}

/* Where a length-prefixed name begins. */
static size_t find_name(const char *name)
{
	uint64_t n = strlen(name);

	for (size_t i = 0; i + 8 + n <= len; i++)
		if (memcmp(buf + i, &n, 8) == 0 &&
		    memcmp(buf + i + 8, name, n) == 0)
			return i + 8;
	return (size_t)stop("no such name", name);
}

/* Data begins behind the header; its first tensor is at its beginning. */
static size_t find_safetensors(const char *path, const char *name)
{
	struct syc_safetensors *s;
	const uint8_t *first;
	uint64_t header;
	size_t at;

	if (syc_safetensors_open(&s, path, NULL) < 0 ||
	    !syc_safetensors_tensor(s, name))
		stop("no such tensor", name);
	first = syc_safetensors_at(s, 0)->data;
	memcpy(&header, buf, sizeof(header));
	at = sizeof(header) + (size_t)header +
		(size_t)(syc_safetensors_tensor(s, name)->data - first);
	syc_safetensors_close(s);
	return at;
}

static void swap(const char *old, const char *with)
{
	char *at = memmem(buf, len, old, strlen(old));

	if (!at || strlen(old) != strlen(with))
		stop("cannot be swapped", old);
	memcpy(at, with, strlen(with));
}

/* Data begins at a multiple of 32, with less than 32 bytes behind the last. */
static size_t find_data(const char *path, const char *name)
{
	const uint8_t *first = NULL, *end = NULL;
	const struct syc_tensor *t;
	struct syc_gguf *g;
	size_t at;

	if (memcmp(buf, "GGUF", 4) != 0)
		return find_safetensors(path, name);
	if (syc_gguf_open(&g, path, NULL) < 0 || !syc_gguf_tensor(g, name))
		stop("no such tensor", name);
	for (size_t i = 0; i < syc_gguf_n_tensors(g); i++) {
		t = syc_gguf_tensor_at(g, i);
		if (!first || t->data < first)
			first = t->data;
		if (t->data + t->bytes > end)
			end = t->data + t->bytes;
	}
	at = (len - (size_t)(end - first)) / 32 * 32 +
		(size_t)(syc_gguf_tensor(g, name)->data - first);
	syc_gguf_close(g);
	return at;
}

int main(int argc, char **argv)
{
	FILE *f;

	if (argc < 5)
		return 2;
	slurp(argv[1]);
	if (strcmp(argv[3], "at") == 0)
		put(strtoul(argv[4], NULL, 10), argv[5]);
	else if (strcmp(argv[3], "after") == 0)
		put(find_name(argv[4]) + strlen(argv[4]) +
		    strtoul(argv[5], NULL, 10), argv[6]);
	else if (strcmp(argv[3], "rename") == 0)
		memcpy(buf + find_name(argv[4]), argv[5], strlen(argv[5]));
	else if (strcmp(argv[3], "swap") == 0)
		swap(argv[4], argv[5]);
	else
		put(find_data(argv[1], argv[4]) + strtoul(argv[5], NULL, 10),
		    argv[6]);
	f = fopen(argv[2], "wb");
	if (!f || fwrite(buf, 1, len, f) != len || fclose(f) != 0)
		stop("cannot write", argv[2]);
	free(buf);
	return 0;
}
