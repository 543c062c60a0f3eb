/* SPDX-License-Identifier: MIT */
/*
 * The first byte is a tensor type, the rest its blocks: they decode, and what
 * they decode to is packed to int8 alike by all kernels, and stored again.
 */
#include "config.h"
#include <math.h>
#include <string.h>
#include "format/split.h"
#include "format/tensor.h"
#include "fuzz.h"
#include "kern/cpu.h"
#include "kern/form.h"
#include "model/matrix.h"

enum { MOST = 1024, BLOCK = 32 };

static void need(int ok)
{
	if (!ok)
		abort();
}

static void pack(const float *x, size_t nb)
{
	int8_t q[MOST], want[MOST];
	uint16_t scale[MOST / BLOCK], want_scale[MOST / BLOCK];
	unsigned have = syc_cpu_detect(), mask = 0;
	struct syc_kern k;
	int ret;

	syc_kern_select(&k, 0);
	ret = k.quantize_w(want, want_scale, x, nb);
	for (const struct syc_cpu_name *c = syc_cpu_names; c->name; c++) {
		if (!(have & c->flag))
			continue;
		mask |= c->flag;
		syc_kern_select(&k, mask);
		need(k.quantize_w(q, scale, x, nb) == ret);
		need(ret != SYC_ROW_GOOD ||
		     (memcmp(q, want, nb * BLOCK) == 0 &&
		      memcmp(scale, want_scale, nb * 2) == 0));
	}
}

/* n values divided and put together again: S q - M, as the decoder has it. */
static void split(const uint8_t *in, uint32_t type, const float *x, size_t n)
{
	static uint8_t q[16 * MOST], s[2 * MOST], min[2 * MOST], panel[32 * MOST];
	static uint16_t d[MOST], m[MOST];
	const struct syc_split to = { q, d, m, s, min };
	const size_t nb = n / BLOCK;
	struct syc_form_rows rows = { q, d, m, s, min };
	float y[MOST];
	struct syc_form f;
	struct syc_kern k;

	if (!n || !syc_type_splits(type))
		return;
	/* the other 15 rows are what is left of the last time */
	syc_kern_select(&k, syc_cpu_detect());
	syc_matrix_form(&f, type);
	syc_type_split(&to, type, in, n);
	need(syc_form_bytes(&f, nb) <= sizeof(panel));
	syc_form_pack(panel, &k, &f, &rows, nb);
	syc_form_row(y, &k, &f, panel, 0, nb);
	for (size_t i = 0; i < n; i++)
		need(memcmp(&x[i], &y[i], sizeof(*y)) == 0 || (isnan(x[i]) && isnan(y[i])));
}

static void store(const float *x, size_t n)
{
	static const uint32_t types[] = {
		SYC_TYPE_F32, SYC_TYPE_F16, SYC_TYPE_Q8_0, SYC_TYPE_Q6_K, SYC_TYPE_Q5_K,
		SYC_TYPE_Q4_K, SYC_TYPE_Q4_0,
	};
	uint8_t out[MOST * sizeof(float)];
	float y[MOST];

	for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
		if (n % syc_type_block(types[k]) ||
		    syc_type_encode(out, types[k], x, n) != SYC_ENCODE_GOOD)
			continue;
		syc_type_decode(y, types[k], out, n);
		for (size_t i = 0; i < n; i++)
			need(isfinite(x[i]) && isfinite(y[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint32_t type = n ? data[0] % 64 : 0;
	size_t block = syc_type_block(type), bytes = syc_type_bytes(type), n_blocks;
	float x[MOST + BLOCK] = { 0 };
	uint8_t *in;

	if (!n || !syc_type_known(type))
		return 0;
	n_blocks = (n - 1) / bytes;
	if (n_blocks > MOST / block)
		n_blocks = MOST / block;
	/* A copy of the exact size: reading past it is found out. */
	in = malloc(n_blocks * bytes + !n_blocks);
	need(in != NULL);
	memcpy(in, data + 1, n_blocks * bytes);
	syc_type_decode(x, type, in, n_blocks * block);
	n = n_blocks * block;
	split(in, type, x, n);
	free(in);
	pack(x, n / BLOCK);
	store(x, n);
	return 0;
}
