/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "syc/acts.h"
#include "fuzz.h"

static void read_rows(const char *path)
{
	const struct syc_acts_info *info;
	struct syc_acts *a;
	int32_t sample, answer;
	const char *id;
	float *x;

	if (syc_acts_open(&a, path, NULL) < 0)
		return;
	info = syc_acts_info(a);
	x = info->n_layers * info->dim < 1 << 20 ?
		malloc(info->n_layers * info->dim * sizeof(*x)) : NULL;
	for (uint64_t r = 0; x && r <= info->n_rows && r < 64; r++) {
		for (unsigned s = 0; s < SYC_POSITION_ALL; s++)
			syc_acts_read(a, s, r, x, &id, NULL);
		syc_acts_read_token(a, r, 1, x, &id, NULL);
		syc_acts_read_token(a, r, -1, x, &id, NULL);
		syc_acts_row_info(a, r, &sample, &answer, NULL);
	}
	free(x);
	syc_acts_close(a);
}

/* Go on with the file, as one that is not finished, as a run of the seeds' options would. */
static void resume(const char *path)
{
	static const uint32_t layers[] = { 0, 2 };
	static const float x[6];
	struct syc_acts_opts o = {
		.positions = 1 << SYC_POSITION_PROMPT | 1 << SYC_POSITION_ALL,
		.layers = layers, .n_layers = 2, .dim = 3, .chunk_rows = 2,
	};
	struct syc_acts_row row = { .id = "x", .position = { x } };
	struct syc_acts_out *w;
	char part[72];
	uint64_t n;

	snprintf(part, sizeof(part), "%s.part", path);
	if (rename(path, part) < 0)
		abort();
	if (syc_acts_resume(&w, path, &o, 3, &n, NULL) == 0 && w) {
		syc_acts_add(w, &row, NULL);
		if (syc_acts_finish(w, NULL) == 0)
			read_rows(path);
	}
	unlink(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *path = fuzz_file(data, n);
	uint64_t rows;

	read_rows(path);
	resume(path);
	path = fuzz_file(data, n);
	if (syc_acts_repair(path, &rows, NULL) == 0)
		read_rows(path);
	return 0;
}
