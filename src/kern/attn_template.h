/* SPDX-License-Identifier: MIT */
/*
 * The entries of attention's kernels, included behind a variant's
 *
 *	all_scores(half, s, lds, q, n_rows, k, hd)
 *	all_mix(half, out, p, lds, n_rows, v, n, hd)
 *	ATTN_INIT	the function that puts them into a table
 *
 * which are inlined with half constant: k and v are float16, or else float.
 */
static void scores(float *s, size_t lds, const float *const *q, size_t n_rows,
		   const uint16_t *k, size_t hd)
{
	all_scores(true, s, lds, q, n_rows, k, hd);
}

static void scores_f32(float *s, size_t lds, const float *const *q, size_t n_rows,
		       const float *k, size_t hd)
{
	all_scores(false, s, lds, q, n_rows, k, hd);
}

static void mix(float *const *out, const float *p, size_t lds, size_t n_rows,
		const uint16_t *v, size_t n, size_t hd)
{
	all_mix(true, out, p, lds, n_rows, v, n, hd);
}

static void mix_f32(float *const *out, const float *p, size_t lds, size_t n_rows,
		    const float *v, size_t n, size_t hd)
{
	all_mix(false, out, p, lds, n_rows, v, n, hd);
}

void ATTN_INIT(struct syc_kern *k)
{
	k->scores = scores;
	k->mix = mix;
	k->scores_f32 = scores_f32;
	k->mix_f32 = mix_f32;
}
