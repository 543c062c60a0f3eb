/* SPDX-License-Identifier: MIT */
/*
 * How often a vector is called better than its null vectors, and signs are said to
 * change, when there is nothing to find, and how often a direction that is there
 * is found.  SYC_LONG=1 makes the studies of tests/data/rates/null.txt.
 */
#include "config.h"
#include "made_pairs.h"
#include "normal.h"
#include "syc/fit.h"
#include "syc/null.h"

enum { DIM = 16, LAYERS = 3, ROWS = 4, MOST = 60 };

static const uint32_t layers[LAYERS] = { 0, 1, 2 };

/*
 * A study.  On every claim the model has an opinion, which 85 of 100 answers are, and
 * the user a view; a row is labeled where the answer is the user's.  A claim has an
 * axis of its own at each layer, along which activations hold the opinion before the
 * answer, and the differences of the claim's pairs hold the view: a vector that
 * memorizes its claims, and tells their labels.  planted: labels and differences also
 * lie along one axis that all claims share.
 */
struct study {
	size_t claims, apart;	/* claims of rows from number `apart` on */
	double memory, planted;
	bool by_claim;		/* claims that made the vector are left out */
	uint64_t key;
};

struct result {
	double p[SYC_N_NULLS];
	size_t left;
	bool changes;
};

static void axis(double *out, uint64_t key, size_t claim, size_t layer)
{
	uint64_t step = 0;

	key = syc_rand_key(key, "axis", claim * LAYERS + layer);
	for (size_t c = 0; c < DIM; c++)
		out[c] = normal(key, &step) / sqrt(DIM);
}

static int coin(const struct study *s, const char *what, size_t claim)
{
	return syc_rand_u64(syc_rand_key(s->key, what, claim), 0) & 1 ? 1 : -1;
}

/* Noise, the claim's axis times m, and the shared one times y. */
static void activation(float *out, const struct study *s, size_t claim, double m,
		       double y, uint64_t key, uint64_t *step)
{
	double own[DIM], common[DIM];

	for (size_t l = 0; l < LAYERS; l++) {
		axis(own, s->key, claim, l);
		axis(common, s->key, SIZE_MAX / LAYERS - 1, l);
		for (size_t c = 0; c < DIM; c++)
			out[l * DIM + c] = (float)(0.3 * normal(key, step) +
						   s->memory * m * own[c] +
						   s->planted * y * common[c]);
	}
}

static struct syc_pairs *make_pairs(const struct study *s)
{
	static float x[2][2 * MOST][LAYERS * DIM];
	const uint64_t key = syc_rand_key(s->key, "pairs", 0);
	struct syc_buf b = { 0 };
	struct syc_rows rows;
	struct syc_pairs *p;
	const char *path;
	uint64_t step = 0;

	for (size_t i = 0; i < 2 * s->claims; i++) {
		activation(x[0][i], s, i / 2, coin(s, "view", i / 2), 1, key, &step);
		memset(x[1][i], 0, sizeof(x[1][i]));
		for (int side = 0; side < 2; side++)
			syc_buf_printf(
				&b,
				"{\"id\": \"r%zu\", \"answer\": \"%s\", \"claim\": \"c%zu\", "
				"\"acts\": {\"row\": %zu}, \"answer_matching_behavior\": \"(%c)\"}\n",
				i, side ? "other" : "match", i / 2, 2 * i + (size_t)side,
				i & 1 ? 'A' : 'B');
	}
	path = put_pairs("pairs.npz", x[0][0], x[1][0], 2 * s->claims, LAYERS, DIM);
	rows = rows_in(b.data);
	p = open_pairs(path, SYC_PAIRS_CONTRAST, &rows);
	syc_buf_free(&b);
	return p;
}

static void add_row(struct syc_buf *b, const struct syc_vector *v, const float *x,
		    size_t i, size_t claim, bool label)
{
	syc_buf_printf(b, "{\"id\": \"q%zu\", \"claim\": \"c%zu\", \"label\": %d, \"layers\": "
		       "[0,1,2], \"acts\": {\"file\": \"%s\", \"row\": %zu}, \"score\": {\"v\": "
		       "{\"prompt\": [", i, claim, label, file("rows.npz"), i);
	for (size_t l = 0; l < LAYERS; l++)
		syc_buf_printf(
			b, "%s%.9g", l ? "," : "",
			syc_metric_score(SYC_METRIC_COSINE, x + l * DIM, v->v + l * DIM, DIM));
	syc_buf_puts(b, "]}}}\n");
}

/* The questions, with their activations and scores. */
static void make_rows(struct syc_buf *b, const struct study *s,
		      const struct syc_vector *v)
{
	static float x[ROWS * MOST][LAYERS * DIM];
	static char id[ROWS * MOST][24];
	struct syc_acts_row row[ROWS * MOST] = { { .id = NULL } };
	const struct syc_acts_opts o = { .positions = 1u << SYC_POSITION_PROMPT,
					 .layers = layers, .n_layers = LAYERS, .dim = DIM,
					 .dtype = SYC_DTYPE_F32, .provenance = "{}" };
	const uint64_t key = syc_rand_key(s->key, "rows", 0);
	uint64_t step = 0;

	for (size_t i = 0; i < ROWS * s->claims; i++) {
		const size_t claim = s->apart + i / ROWS;
		const int opinion = coin(s, "opinion", claim);
		const bool holds = coin(s, "view", claim) == opinion;
		const bool label = holds == (syc_rand_unit(key, step++) < 0.85);

		activation(x[i], s, claim, opinion, label ? 1 : -1, key, &step);
		snprintf(id[i], sizeof(id[i]), "q%zu", i);
		row[i] = (struct syc_acts_row){ .id = id[i], .answer = -1, .sample = 0 };
		row[i].position[SYC_POSITION_PROMPT] = x[i];
		add_row(b, v, x[i], i, claim, label);
	}
	put_acts("rows.npz", &o, row, ROWS * s->claims);
}

static void fit(struct result *r, const struct study *s, const char *rows,
		struct syc_nulls *file_of)
{
	const struct syc_fit_nulls n = { "v", file_of };
	struct syc_fit_opts o = { .n_null = { 99, 99, 99, 99 }, .nulls = &n, .n_nulls = 1,
				  .cluster = "claim", .threads = 1, .seed = s->key,
				  .claim = s->by_claim ? "claim" : NULL, .n_procedure = 99 };
	struct syc_rows in = rows_in(rows);
	struct syc_err err = { 0 };
	struct syc_fit *f;
	bool up = false, down = false;

	ck_assert_msg(syc_fit_rows(&f, &in, &o, &err) == 0, "%s", err.msg);
	syc_rows_done(&in);
	memcpy(r->p, f->set[0].null_p, sizeof(r->p));
	r->left = f->set[0].null_left;
	for (size_t l = 0; l < LAYERS; l++) {
		up |= f->set[0].layer[l].sign > 0;
		down |= f->set[0].layer[l].sign < 0;
	}
	r->changes = up && down;
	ck_assert_int_eq(f->set[0].null_why != NULL, s->by_claim && s->apart == 0);
	syc_fit_free(f);
}

static struct result run(const struct study *s)
{
	const struct syc_null_opts o = { .n = { 99, 99, 99, 99 }, .seed = s->key, .threads = 1 };
	const struct syc_recipe mean = { .balance = true };
	struct syc_buf b = { 0 };
	struct syc_pairs *p = make_pairs(s);
	struct syc_err err = { 0 };
	struct syc_vector *v;
	struct syc_nulls *n;
	struct result r;

	ck_assert_msg(syc_vector_of_pairs(&v, p, NULL, &mean, &err) == 0, "%s", err.msg);
	ck_assert_msg(syc_nulls_write(file("n.npz"), p, NULL, &mean, v, &o, &err) == 0, "%s",
		      err.msg);
	ck_assert_msg(syc_nulls_open(&n, file("n.npz"), &err) == 0, "%s", err.msg);
	make_rows(&b, s, v);
	fit(&r, s, b.data, n);
	syc_buf_free(&b);
	syc_nulls_close(n);
	syc_vector_free(v);
	syc_pairs_free(p);
	return r;
}

static int times(void)
{
	return getenv("SYC_LONG") ? 400 : 8;
}

/* How many of that many studies may be wrong: exact at .01 for one in twenty. */
static int bound(void)
{
	return getenv("SYC_LONG") ? 31 : 3;
}

/* Studies of a kind: how often each p is at most .05, and signs change. */
static void count(const char *what, struct study s, int found[SYC_N_NULLS + 1])
{
	memset(found, 0, (SYC_N_NULLS + 1) * sizeof(*found));
	for (int i = 0; i < times(); i++) {
		struct result r;

		s.key = syc_rand_key(1, what, (uint64_t)i + 1000 * s.claims);
		r = run(&s);
		for (unsigned k = 0; k < SYC_N_NULLS; k++)
			found[k] += r.p[k] <= 0.05;
		found[SYC_N_NULLS] += r.changes;
	}
	printf("%s, %zu claims:", what, s.claims);
	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		printf(" %s %d", syc_null_name(k), found[k]);
	printf("; signs change %d, of %d\n", found[SYC_N_NULLS], times());
}

START_TEST(memorized)
{
	int found[SYC_N_NULLS + 1];

	make_dir();
	for (size_t claims = getenv("SYC_LONG") ? 15 : 60; claims <= 60; claims *= 2) {
		count("noise", (struct study){ .claims = claims, .apart = 1000 }, found);
		for (unsigned k = 0; k <= SYC_N_NULLS; k++)
			ck_assert_int_le(found[k], bound());
		count("memorized", (struct study){ .claims = claims, .apart = 1000,
						   .memory = 1, .by_claim = true }, found);
		for (unsigned k = SYC_NULL_COV; k <= SYC_N_NULLS; k++)
			ck_assert_int_le(found[k], bound());
	}
	/* On the claims that it was made from it does tell answers: all are left out. */
	count("its own claims, left out",
	      (struct study){.claims = 30, .memory = 1, .by_claim = true}, found);
	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		ck_assert_int_eq(found[k], 0);
	count("its own claims, not left out", (struct study){ .claims = 30, .memory = 1 }, found);
	ck_assert_int_gt(found[SYC_NULL_FLIP], times() / 2);
	remove_dir();
}
END_TEST

START_TEST(planted)
{
	int found[SYC_N_NULLS + 1];

	make_dir();
	count("planted", (struct study){ .claims = 60, .apart = 1000, .memory = 0.5, .planted = 0.3,
					 .by_claim = true }, found);
	for (unsigned k = SYC_NULL_RANDOM; k < SYC_N_NULLS; k++)
		ck_assert_int_ge(found[k], times() * 9 / 10);
	remove_dir();
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(memorized), TEST(planted) };

	return RUN_TESTS("null_rates", tests);
}
