/* SPDX-License-Identifier: MIT */
/* The specification: every other variant gives these bits. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/half.h"
#include "kern/form.h"
#include "kern/kern_impl.h"

enum { LANES = 16 };

/* ---- products --------------------------------------------------------------- */

static int32_t dot_half(const int8_t *tile, const int8_t *a)
{
	int32_t sum = 0;

	for (int i = 0; i < SYC_Q_HALF; i++)
		sum += tile[i] * a[i];
	return sum;
}

/* One block of a panel: its q, and S and M of its groups. */
struct block {
	const int8_t *tile;
	const float *s, *m;	/* [groups][16]; m or NULL */
	int groups;
};

/* acc [16] += the block times a token, whose q, s and sum are in its tile. */
static void mul_block(float *acc, const struct block *b, const int8_t *a, const float *as,
		      const int32_t *sum)
{
	for (int g = 0; g < b->groups; g++) {
		const float of_m = *as * (float)sum[b->groups == 1 ? 0 : (1 + g) * SYC_Q_TOKENS];

		for (int r = 0; r < SYC_Q_ROWS; r++) {
			const int8_t *first = b->tile + r * SYC_Q_HALF,
				*other = first + SYC_TILE / 2;
			int32_t n = 0;

			if (b->groups == 1 || g == 0)
				n += dot_half(first, a);
			if (b->groups == 1 || g == 1)
				n += dot_half(other, a + SYC_Q_HALF);
			if (b->m)
				acc[r] = fmaf(b->m[g * SYC_Q_ROWS + r], of_m, acc[r]);
			acc[r] = fmaf(b->s[g * SYC_Q_ROWS + r] * (float)n, *as, acc[r]);
		}
	}
}

/* A panel's blocks, and S and M of all in a row. */
struct panel {
	enum syc_quants quants;
	int8_t *tiles;
	float *s, *m;
};

/* One panel with the first n_tok tokens of a tile. */
static void mul_tile(float *out, size_t ldo, const struct panel *panel,
		     const struct syc_tokens *x, size_t n_tok)
{
	const int groups = syc_quants_groups(panel->quants);

	for (size_t t = 0; t < n_tok; t++)
		memset(out + t * ldo, 0, SYC_Q_ROWS * sizeof(*out));
	for (size_t i = 0; i < x->list[0]; i++) {
		const size_t b = x->list[1 + i], at = b * (size_t)groups * SYC_Q_ROWS;
		const struct block w = {
			panel->tiles + b * SYC_TILE, panel->s + at,
			syc_quants_min(panel->quants) ? panel->m + at : NULL, groups,
		};

		for (size_t t = 0; t < n_tok; t++)
			mul_block(out + t * ldo, &w, x->q + i * SYC_Q_BYTES + t * SYC_Q_BLOCK,
				  x->s + i * SYC_Q_FLOATS + t, x->sum + i * SYC_Q_SUMS + t);
	}
}

static void mul_panel(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
		      const struct syc_tokens *x, size_t nb, size_t n_tok, int8_t *scratch)
{
	const size_t bytes = syc_quants_bytes(f->quants);
	float *s = (float *)(void *)(scratch + nb * SYC_TILE);
	const struct panel p = {
		f->quants, scratch, s, s + nb * (size_t)syc_quants_groups(f->quants) * SYC_Q_ROWS,
	};

	syc_form_scales(p.s, p.m, f, panel + nb * bytes, nb);
	for (size_t b = 0; b < nb; b++)
		syc_form_tile(p.tiles + b * SYC_TILE, f->quants, panel + b * bytes, 0);
	for (size_t t = 0; t < n_tok; t += SYC_Q_TOKENS) {
		const struct syc_tokens tile = syc_tokens_tile(x, nb, t / SYC_Q_TOKENS);

		mul_tile(out + t * ldo, ldo, &p, &tile,
			 n_tok - t < SYC_Q_TOKENS ? n_tok - t : SYC_Q_TOKENS);
	}
}

static void mul(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
		size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok, void *scratch)
{
	const size_t bytes = syc_form_bytes(f, nb);

	for (size_t p = 0; p < n_panels; p++)
		mul_panel(out + p * SYC_Q_ROWS, ldo, f, panel + p * bytes, x, nb, n_tok, scratch);
}

/* ---- vectors ---------------------------------------------------------------- */

static float reduce(float *lane)
{
	for (int step = LANES / 2; step; step /= 2)
		for (int j = 0; j < step; j++)
			lane[j] += lane[j + step];
	return lane[0];
}

static float dot(const float *a, const float *b, size_t n)
{
	float lane[LANES] = { 0 };

	for (size_t i = 0; i < n; i++)
		lane[i % LANES] = fmaf(a[i], b[i], lane[i % LANES]);
	return reduce(lane);
}

static void rmsnorm(float *y, const float *x, const float *w, size_t n, float eps)
{
	float inv = 1.0f / sqrtf(dot(x, x, n) / (float)n + eps);

	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * inv * w[i];
}

static void rope(float *x, const float *cs, size_t n)
{
	for (size_t i = 0; i < 2 * n; i += 2) {
		float x0 = x[i], x1 = x[i + 1], c = cs[i], s = cs[i + 1];

		x[i] = fmaf(x0, c, -(x1 * s));
		x[i + 1] = fmaf(x1, c, x0 * s);
	}
}

static float exp_one(float x)
{
	float n, r, p;
	uint32_t bits;

	if (x != x)
		return x;
	x = SYC_EXP_LO > x ? SYC_EXP_LO : x;
	x = SYC_EXP_HI < x ? SYC_EXP_HI : x;
	n = rintf(x * SYC_LOG2E);
	r = fmaf(n, -SYC_LN2_HI, x);
	r = fmaf(n, -SYC_LN2_LO, r);
	p = fmaf(SYC_EXP_P0, r, SYC_EXP_P1);
	p = fmaf(p, r, SYC_EXP_P2);
	p = fmaf(p, r, SYC_EXP_P3);
	p = fmaf(p, r, SYC_EXP_P4);
	p = fmaf(p, r, SYC_EXP_P5);
	p = fmaf(p, r * r, r) + 1.0f;
	bits = (uint32_t)((int32_t)n + 127) << 23;
	memcpy(&n, &bits, sizeof(n));
	return p * n;
}

static void silu_mul(float *h, const float *g, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h[i] = h[i] * (g[i] / (1.0f + exp_one(-g[i])));
}

static void add(float *y, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] += x[i];
}

static void axpy(float *y, float a, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = fmaf(a, x[i], y[i]);
}

static float max(const float *x, size_t n)
{
	float m = -INFINITY;

	for (size_t i = 0; i < n; i++)
		m = x[i] > m ? x[i] : m;
	return m;
}

static float exp_sum(float *y, const float *x, float m, size_t n)
{
	float lane[LANES] = { 0 };

	for (size_t i = 0; i < n; i++) {
		y[i] = exp_one(x[i] - m);
		lane[i % LANES] += y[i];
	}
	return reduce(lane);
}

static void scale(float *y, float a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] *= a;
}

static void to_f16(uint16_t *y, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = syc_f32_to_f16(x[i]);
}

static void from_f16(float *y, const uint16_t *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = syc_f16_to_f32(x[i]);
}

void syc_kern_init_scalar(struct syc_kern *k)
{
	*k = (struct syc_kern){
		.name     = "scalar",
		.together = SYC_Q_HALF,
		.mul      = mul,
		.rmsnorm  = rmsnorm,
		.rope     = rope,
		.silu_mul = silu_mul,
		.add      = add,
		.axpy     = axpy,
		.dot      = dot,
		.max      = max,
		.exp_sum  = exp_sum,
		.scale    = scale,
		.to_f16   = to_f16,
		.from_f16 = from_f16,
	};
	syc_quantize_init_scalar(k);
	syc_attn_init_scalar(k);
}
