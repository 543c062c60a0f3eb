/* SPDX-License-Identifier: MIT */
/*
 * Every kernel of every variant this processor has, against the scalar one:
 * the whole input type (-128 too), special values, odd sizes, inputs and
 * outputs that end where an unmapped page begins.
 */
#include "config.h"
#include "kern/math.h"
#include "kern/peak.h"
#include "kern_data.h"
#include "run/product.h"

/* Multiples of 1/2 under a maximum of 127: half of them lie between two
 * integers, which data drawn at random never does. */
static void fill_halves(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = i % SYC_Q_BLOCK ?
			(float)((int)(rnd() % 509) - 254) * 0.5f : 127.0f;
}

/* What absent tokens of a wide tile have may be anything: 0 for all. */
static void clear_absent(void *p, size_t n, size_t size, size_t n_tok)
{
	for (size_t i = 0; i < n; i++)
		if (i % SYC_Q_WIDE >= n_tok)
			memset((char *)p + i * size, 0, size);
}

/* Of a narrow tile what lies between and behind the tokens stays as it is. */
static void check_quantize(const struct syc_kern *ref, const struct syc_kern *k,
			   size_t n, int mode)
{
	static const float second[] = { 0, 1, 4 };
	const float limit = second[rnd() % 3];
	const size_t tile = rnd() % 2 ? SYC_Q_TOKENS : SYC_Q_WIDE, n_tok = 1 + rnd() % tile,
		m = n * SYC_Q_BLOCK, ldx = m + rnd() % 3,
		absent = tile == SYC_Q_WIDE ? 0 : tile - n_tok,
		all = 2 * n * tile - absent, floats = 4 * n * tile - absent,
		sums = 6 * n * tile - absent;
	struct guarded x = guarded_new(((n_tok - 1) * ldx + m) * 4),
		       q = guarded_new(all * SYC_Q_BLOCK), s = guarded_new(floats * 4),
		       sum = guarded_new(sums * 4);
	int8_t *want = calloc(all, SYC_Q_BLOCK);
	float *ws = calloc(floats, sizeof(*ws));
	int32_t *wsum = calloc(sums, sizeof(*wsum));
	uint32_t list[2][1 + 2 * 16] = { { 0 } };	/* blocks are 16 at most */

	if (mode == HALVES)
		fill_halves(x.p, (n_tok - 1) * ldx + m);
	else
		fill(x.p, (n_tok - 1) * ldx + m, mode);
	ref->quantize(want, ws, wsum, list[0], x.p, ldx, m, limit, tile, n_tok);
	k->quantize(q.p, s.p, sum.p, list[1], x.p, ldx, m, limit, tile, n_tok);
	if (tile == SYC_Q_WIDE) {
		clear_absent(q.p, all, SYC_Q_BLOCK, n_tok);
		clear_absent(s.p, floats, sizeof(*ws), n_tok);
		clear_absent(sum.p, sums, sizeof(*wsum), n_tok);
	}
	verdict(k, "quantize", n_tok * 10000 + m, mode, memcmp(want, q.p, all * SYC_Q_BLOCK) == 0 &&
		same_floats(ws, s.p, floats) && memcmp(list[0], list[1], sizeof(list[0])) == 0 &&
		memcmp(wsum, sum.p, sums * 4) == 0);
	guarded_free(&x);
	guarded_free(&q);
	guarded_free(&s);
	guarded_free(&sum);
	free(want);
	free(ws);
	free(wsum);
}

/*
 * By the definition: what q times s leaves is at most half a step, of the first
 * pass where a block has one, of the second where it has two.
 */
static void check_passes(const struct syc_kern *k, float second)
{
	enum { NB = 24 };
	float x[NB * SYC_Q_BLOCK], s[NB * 2 * SYC_Q_FLOATS];
	int8_t q[NB * 2 * SYC_Q_BYTES];
	int32_t sum[NB * 2 * SYC_Q_SUMS];
	uint32_t list[1 + 2 * NB];
	size_t pass = 0;
	bool ok = true;

	fill(x, NB * SYC_Q_BLOCK, PLAIN);
	for (size_t i = 0; i < SYC_Q_BLOCK; i++)
		x[5 * SYC_Q_BLOCK + i] *= 3;
	k->quantize(q, s, sum, list, x, 0, NB * SYC_Q_BLOCK, second, SYC_Q_TOKENS, 1);
	for (size_t b = 0; b < NB; b++) {
		const bool two = pass + 1 < list[0] && list[2 + pass] == b;
		const float *f = s + pass * SYC_Q_FLOATS, *rest = f + SYC_Q_FLOATS;
		const double step = two ? *rest : *f;

		ok = ok && pass < list[0] && list[1 + pass] == b;
		ok = ok && two == (second == 0 || b == 5);
		for (size_t i = 0; i < SYC_Q_BLOCK; i++) {
			const int8_t *at = q + pass * SYC_Q_BYTES + i;
			const double got = at[0] * (double)*f +
				(two ? at[SYC_Q_BYTES] * (double)*rest : 0);

			ok = ok && fabs(x[b * SYC_Q_BLOCK + i] - got) <= step * 0.5001;
		}
		pass += two ? 2 : 1;
	}
	ok = ok && pass == list[0];
	verdict(k, "quantize's passes", NB, (int)second, ok);
}

struct floats {
	struct guarded x, y, z, h, hy;
	float *want;
	uint16_t *hwant;
	size_t n;
	int mode;
};

static void refill(struct floats *f)
{
	fill(f->y.p, f->n, f->mode);
	memcpy(f->want, f->y.p, f->n * 4);
}

static void check_vectors(const struct syc_kern *ref, const struct syc_kern *k,
			  struct floats *f)
{
	const size_t n = f->n;
	const float a = rnd_float(PLAIN);
	float *y = f->y.p;

#define CHECK_FLOATS(name) verdict(k, name, n, f->mode, same_floats(f->want, y, n)); refill(f)
	refill(f);
	ref->add(f->want, f->x.p, n), k->add(y, f->x.p, n);
	CHECK_FLOATS("add");
	ref->axpy(f->want, a, f->x.p, n), k->axpy(y, a, f->x.p, n);
	CHECK_FLOATS("axpy");
	ref->scale(f->want, a, n), k->scale(y, a, n);
	CHECK_FLOATS("scale");
	ref->silu_mul(f->want, f->x.p, n), k->silu_mul(y, f->x.p, n);
	CHECK_FLOATS("silu_mul");
	ref->rmsnorm(f->want, f->x.p, f->z.p, n, 1e-5f),
	k->rmsnorm(y, f->x.p, f->z.p, n, 1e-5f);
	CHECK_FLOATS("rmsnorm");
	ref->from_f16(f->want, f->h.p, n), k->from_f16(y, f->h.p, n);
	CHECK_FLOATS("from_f16");
	ref->rope(f->want, f->x.p, n / 2), k->rope(y, f->x.p, n / 2);
	CHECK_FLOATS("rope");
	ref->to_f16(f->hwant, f->x.p, n), k->to_f16(f->hy.p, f->x.p, n);
	verdict(k, "to_f16", n, f->mode, memcmp(f->hwant, f->hy.p, 2 * n) == 0);
}

static void check_sums(const struct syc_kern *ref, const struct syc_kern *k,
		       struct floats *f)
{
	const size_t n = f->n;
	float *y = f->y.p, a, b, m = ref->max(f->x.p, n);

	verdict(k, "max", n, f->mode, m == k->max(f->x.p, n));
	a = ref->dot(f->x.p, f->z.p, n), b = k->dot(f->x.p, f->z.p, n);
	verdict(k, "dot", n, f->mode, same_floats(&a, &b, 1));
	a = ref->exp_sum(f->want, f->x.p, m, n), b = k->exp_sum(y, f->x.p, m, n);
	verdict(k, "exp_sum", n, f->mode, same_floats(&a, &b, 1) &&
		same_floats(f->want, y, n));
}

static void check_floats(const struct syc_kern *ref, const struct syc_kern *k,
			 size_t n, int mode)
{
	struct floats f = {
		guarded_new(n * 4), guarded_new(n * 4), guarded_new(n * 4),
		guarded_new(n * 2), guarded_new(n * 2),
		malloc(n * 4 + 1), malloc(n * 2 + 1), n, mode,
	};

	fill(f.x.p, n, mode);
	fill(f.z.p, n, mode);
	fill_half(f.h.p, n, mode);
	check_vectors(ref, k, &f);
	check_sums(ref, k, &f);
	guarded_free(&f.x);
	guarded_free(&f.y);
	guarded_free(&f.z);
	guarded_free(&f.h);
	guarded_free(&f.hy);
	free(f.want);
	free(f.hwant);
}

/* Every float16, both ways, and what lies between two of them. */
static void check_halves(const struct syc_kern *ref, const struct syc_kern *k)
{
	enum { N = 0x10000 };
	uint16_t *h = malloc(N * sizeof(*h)), *want = malloc(N * sizeof(*want));
	float *x = malloc(N * sizeof(*x)), *y = malloc(N * sizeof(*y));

	for (uint32_t i = 0; i < N; i++)
		h[i] = (uint16_t)i;
	ref->from_f16(x, h, N);
	k->from_f16(y, h, N);
	verdict(k, "from_f16", N, 0, same_floats(x, y, N));
	/* Halfway to the next larger one, and one step to either side of that. */
	for (int step = -1; step <= 1; step++) {
		for (uint32_t i = 0; i < N; i++) {
			float next = syc_f16_to_f32((uint16_t)(i + 1));
			uint32_t bits;

			y[i] = (x[i] + next) * 0.5f;
			memcpy(&bits, &y[i], sizeof(bits));
			bits += (uint32_t)step;
			memcpy(&y[i], &bits, sizeof(bits));
		}
		ref->to_f16(want, y, N);
		k->to_f16(h, y, N);
		verdict(k, "to_f16 between", N, step,
			memcmp(want, h, N * sizeof(*h)) == 0);
	}
	free(h);
	free(want);
	free(x);
	free(y);
}

/* Queries and outputs in rows of their own; sums over 32 keys or values. */
static void check_attention(const struct syc_kern *ref,
			    const struct syc_kern *k, size_t hd,
			    size_t rows, int mode, bool half)
{
	size_t lds = SYC_RUN + 5, n = 1 + rnd() % SYC_RUN;
	struct guarded kv = guarded_new(SYC_RUN * hd * (half ? 2 : 4)), q[SYC_ATTN_ROWS],
		out[SYC_ATTN_ROWS];
	struct guarded s = guarded_new(((rows - 1) * lds + SYC_RUN) * 4);
	const float *qp[SYC_ATTN_ROWS];
	float *op[SYC_ATTN_ROWS], *wp[SYC_ATTN_ROWS];
	float *want = calloc(rows * lds, 4);
	bool ok = true;

	if (half)
		fill_half(kv.p, SYC_RUN * hd, mode);
	else
		fill(kv.p, SYC_RUN * hd, mode);
	for (size_t r = 0; r < rows; r++) {
		q[r] = guarded_new(hd * 4);
		out[r] = guarded_new(hd * 4);
		fill(q[r].p, hd, mode);
		fill(out[r].p, hd, mode);
		qp[r] = q[r].p;
		op[r] = out[r].p;
		wp[r] = malloc(hd * 4);
		memcpy(wp[r], op[r], hd * 4);
	}
	memset(s.p, 0, ((rows - 1) * lds + SYC_RUN) * 4);
	if (half) {
		ref->scores(want, lds, qp, rows, kv.p, hd);
		k->scores(s.p, lds, qp, rows, kv.p, hd);
	} else {
		ref->scores_f32(want, lds, qp, rows, kv.p, hd);
		k->scores_f32(s.p, lds, qp, rows, kv.p, hd);
	}
	verdict(k, half ? "scores" : "scores_f32", hd, mode,
		same_floats(want, s.p, (rows - 1) * lds + SYC_RUN));
	if (half) {
		ref->mix(wp, s.p, lds, rows, kv.p, n, hd);
		k->mix(op, s.p, lds, rows, kv.p, n, hd);
	} else {
		ref->mix_f32(wp, s.p, lds, rows, kv.p, n, hd);
		k->mix_f32(op, s.p, lds, rows, kv.p, n, hd);
	}
	for (size_t r = 0; r < rows; r++) {
		ok = ok && same_floats(wp[r], op[r], hd);
		free(wp[r]);
		guarded_free(&q[r]);
		guarded_free(&out[r]);
	}
	verdict(k, half ? "mix" : "mix_f32", hd, mode, ok);
	guarded_free(&kv);
	guarded_free(&s);
	free(want);
}

/* NaN and infinity end it, so most of the time they are taken out. */
static void check_weights(const struct syc_kern *ref, const struct syc_kern *k,
			  size_t nb, int mode)
{
	size_t n = nb * SYC_Q_BLOCK;
	struct guarded x = guarded_new(n * 4), q = guarded_new(n),
		s = guarded_new(nb * 2);
	int8_t *want = calloc(n, 1);
	uint16_t *ws = calloc(nb, sizeof(*ws));
	float *v = x.p, most = ldexpf(1, (int)(rnd() % 60) - 34);
	int ret;

	if (mode == HALVES)
		fill_halves(v, n);
	else
		fill(v, n, mode);
	for (size_t i = 0; i < n && mode != PLAIN && rnd() % 400; i++)
		if (!(fabsf(v[i]) < most))
			v[i] = fmodf((float)(rnd() % 9) * 0.25f, 1) * most;
	ret = ref->quantize_w(want, ws, v, nb);
	verdict(k, "quantize_w", n, mode, k->quantize_w(q.p, s.p, v, nb) == ret &&
		(ret || (memcmp(want, q.p, n) == 0 &&
			 memcmp(ws, s.p, nb * 2) == 0)));
	guarded_free(&x);
	guarded_free(&q);
	guarded_free(&s);
	free(want);
	free(ws);
}

static void check_variant(const struct syc_kern *ref, const struct syc_kern *k)
{
	for (int mode = 0; mode < N_MODES; mode++) {
		for (size_t n = 1; n <= 70; n++)
			check_floats(ref, k, n, mode);
		check_floats(ref, k, 1000, mode);
		for (size_t n = 1; n <= 9; n++)
			check_quantize(ref, k, n, mode);
		for (size_t rows = 1; rows <= SYC_ATTN_ROWS; rows++) {
			for (int half = 0; half < 2; half++) {
				check_attention(ref, k, 16 * (1 + rows % 8), rows, mode, half);
				check_attention(ref, k, 2 * (1 + rnd() % 70), rows, mode, half);
			}
		}
	}
	for (int i = 0; i < 300; i++) {
		check_quantize(ref, k, 16, i % (N_MODES + 1));
		for (size_t nb = 1; nb <= 9; nb++)
			check_weights(ref, k, nb, i % (N_MODES + 1));
	}
	check_halves(ref, k);
	check_passes(k, 0);
	check_passes(k, SYC_SECOND_PASS);
}

/* Every float from 0 down to the clamp, in steps, against libm. */
static void check_exp(const struct syc_kern *k)
{
	double worst = 0;

	for (float x = -87.0f; x < 88.0f; x += 0.00037f) {
		float y;
		double want = exp((double)x), d;

		k->exp_sum(&y, &x, 0, 1);
		d = fabs((double)y / want - 1);
		worst = d > worst ? d : worst;
	}
	verdict(k, "exp accuracy", 1, 0, worst < 2.5e-7);
}

static void check_math(const struct syc_kern *k)
{
	bool ok = true;

	for (int i = 0; i < 100000; i++) {
		double x = rnd() * 0x1p-32, s, c, a = x * 500000;

		syc_sincos(a, &s, &c);
		ok = ok && fabs(s - sin(a)) < 1e-12 && fabs(c - cos(a)) < 1e-12;
		a = (x - 0.5) * 60;
		ok = ok && fabs(syc_exp(a) / exp(a) - 1) < 1e-14;
		ok = ok && fabs(syc_log(syc_exp(a)) - a) < 1e-13;
	}
	verdict(k, "math", 0, 0, ok);
}

/*
 * The loops of the ceilings: each byte is read, more rounds take longer sums.  Tile
 * registers have none of their own.
 */
static void check_peak(const struct syc_kern *k, unsigned mask, const char *name)
{
	const char *of = strcmp(name, "amx") == 0 ? "avx512vnni" : name;
	struct syc_peak p;
	struct guarded g = guarded_new(4096);
	uint64_t before, ok = 1;

	syc_peak_select(&p, mask);
	memset(g.p, 0, 4096);
	before = p.read(g.p, 4096);
	for (size_t i = 0; i < 4096; i += 31) {
		((char *)g.p)[i] = 1;
		ok &= p.read(g.p, 4096) != before;
		((char *)g.p)[i] = 0;
	}
	ok &= p.int8(0) != p.int8(1000) && p.int8(1000) != p.int8(3000);
	ok &= p.int8_ops >= 2 && p.fma_ops >= 2 && p.fma(5) == p.fma(5);
	verdict(k, "peak", mask, 0, ok && strcmp(p.name, of) == 0);
	guarded_free(&g);
}

int main(void)
{
	unsigned have = syc_cpu_detect(), mask = 0;
	struct syc_kern ref, k;

	syc_kern_select(&ref, 0);
	check_exp(&ref);
	check_math(&ref);
	check_peak(&ref, 0, "scalar");
	for (const struct syc_cpu_name *c = syc_cpu_names; c->name; c++) {
		int before = failures;

		if (!(have & c->flag)) {
			printf("%s: not on this processor\n", c->name);
			continue;
		}
		mask |= c->flag;
		syc_kern_select(&k, mask);
		check_variant(&ref, &k);
		check_peak(&k, mask, c->name);
		printf("%s %s\n", c->name, failures == before ? "ok" : "FAIL");
	}
	printf("Checks: %d, Failures: %d\n", checks, failures);
	return failures != 0;
}
