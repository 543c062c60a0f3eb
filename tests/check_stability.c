/* SPDX-License-Identifier: MIT */
/* Lines of stability, made again from directions of the same draws. */
#include "config.h"
#include "made_pairs.h"
#include "syc/random.h"
#include "syc/stability.h"
#include "syc/stat.h"

enum { N = 17, D = 3, L = 2, DRAWS = 5 };

static float match[N][L][D], other[N][L][D];

static void fill(uint64_t state)
{
	for (size_t i = 0; i < N; i++)
		for (size_t l = 0; l < L; l++)
			for (size_t c = 0; c < D; c++) {
				other[i][l][c] = noise(&state);
				match[i][l][c] = other[i][l][c] +
						 (c ? 0 : 0.5f) + noise(&state);
			}
}

static struct syc_pairs *open_noise(uint64_t state, const struct syc_rows *rows)
{
	fill(state);
	return open_pairs(
		put_pairs("noise.npz", match[0][0], other[0][0], N, L, D),
		SYC_PAIRS_CONTRAST, rows);
}

static void close_pairs(const struct syc_pairs *p)
{
	syc_pairs_free((struct syc_pairs *)(uintptr_t)p);
}

static double cosine(const double *a, const double *b)
{
	double ab = 0, aa = 0, bb = 0;

	for (size_t c = 0; c < D; c++) {
		ab += a[c] * b[c];
		aa += a[c] * a[c];
		bb += b[c] * b[c];
	}
	return ab / sqrt(aa) / sqrt(bb);
}

/* The stream of a use: the seed, what and which draw. */
static uint64_t stream(uint64_t seed, uint64_t what, uint64_t i)
{
	uint64_t state = seed ^ what << 56 ^ i << 16;

	syc_splitmix64(&state);
	return state;
}

static void direction(double *out, const struct syc_pairs *p, size_t l,
		      const uint32_t *pick, uint64_t n, enum syc_method method)
{
	const struct syc_recipe r = { .method = method };

	ck_assert_int_eq(syc_direction(out, p, l, pick, n, &r, NULL), 0);
}

static const struct syc_stability_line *line(
	const struct syc_stability_line *lines, size_t n, uint32_t layer,
	enum syc_stability_what what, const char *setting)
{
	for (size_t i = 0; i < n; i++)
		if (lines[i].layer == layer && lines[i].what == what &&
		    strcmp(lines[i].setting, setting) == 0)
			return &lines[i];
	ck_abort_msg("no line %u %s %s", layer, syc_stability_name(what),
		     setting);
}

/* A line says what these cosines [n] do. */
static void sums_up(const struct syc_stability_line *l, double *x, size_t n,
		    uint64_t pairs)
{
	double mean = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	syc_stat_sort(x, n);
	ck_assert(l->n_draws == n && l->pairs == pairs);
	near(l->cosine, mean, 1e-12);
	if (n < 2) {
		ck_assert(isnan(l->lo) && isnan(l->hi));
		return;
	}
	near(l->lo, syc_stat_quantile(x, n, 0.025), 1e-12);
	near(l->hi, syc_stat_quantile(x, n, 0.975), 1e-12);
}

static struct syc_stability_line *run(const struct syc_pairs *const *p,
				      size_t n_pairs, struct syc_recipe r,
				      struct syc_stability_opts o, size_t *n)
{
	struct syc_stability_line *lines;
	struct syc_err err = { 0 };

	ck_assert_msg(syc_stability(&lines, n, p, n_pairs, &r, &o, &err) == 0,
		      "%s", err.msg);
	return lines;
}

START_TEST(draws)
{
	const struct syc_pairs *p;
	struct syc_stability_line *lines;
	double a[D], b[D], full[D], x[3][DRAWS];
	uint32_t order[N];
	size_t n;

	make_dir();
	p = open_noise(1, NULL);
	lines = run(&p, 1, (struct syc_recipe){.seed = 4},
		(struct syc_stability_opts){.halves = DRAWS, .boot = DRAWS - 1},
		&n);
	/* Halves, bootstrap, and of the sizes 2, 4 and 8 at each layer. */
	ck_assert_uint_eq(n, 2 * 5);
	for (uint32_t l = 0; l < L; l++) {
		direction(full, p, l, NULL, N, SYC_METHOD_MEAN);
		for (uint64_t i = 0; i < DRAWS; i++) {
			syc_random_order(order, N, stream(4, 1, i));
			direction(a, p, l, order, N / 2, SYC_METHOD_MEAN);
			direction(b, p, l, order + N / 2, N / 2,
				  SYC_METHOD_MEAN);
			x[0][i] = cosine(a, b);
			syc_random_picks(order, N, stream(4, 2, i));
			direction(a, p, l, order, N, SYC_METHOD_MEAN);
			x[1][i] = cosine(a, full);
			syc_random_order(order, N, stream(4, 3, i));
			direction(a, p, l, order, 4, SYC_METHOD_MEAN);
			x[2][i] = cosine(a, full);
		}
		sums_up(line(lines, n, l, SYC_STABLE_HALVES, "mean"), x[0],
			DRAWS, N / 2);
		sums_up(line(lines, n, l, SYC_STABLE_BOOTSTRAP, "mean"), x[1],
			DRAWS - 1, N);
		sums_up(line(lines, n, l, SYC_STABLE_NUMBER, "4"), x[2], DRAWS,
			4);
	}
	free(lines);
	close_pairs(p);
	remove_dir();
}
END_TEST

START_TEST(methods)
{
	static const enum syc_method two[] = { SYC_METHOD_PCA, SYC_METHOD_LDA };
	const struct syc_pairs *p;
	struct syc_stability_line *lines;
	double a[D], b[D], x[DRAWS];
	uint32_t pick[N];
	size_t n;

	make_dir();
	p = open_noise(2, NULL);
	lines = run(&p, 1, (struct syc_recipe){0},
		    (struct syc_stability_opts){
			    .methods = two, .n_methods = 2, .boot = 3},
		    &n);
	ck_assert_uint_eq(n, 2 * 2);
	for (uint64_t i = 0; i < 3; i++) {
		syc_random_picks(pick, N, stream(0, 2, i));
		direction(a, p, 1, pick, N, SYC_METHOD_PCA);
		direction(b, p, 1, pick, N, SYC_METHOD_LDA);
		x[i] = cosine(a, b);
	}
	sums_up(line(lines, n, 1, SYC_STABLE_METHOD, "lda"), x, 3, N);
	ck_assert_str_eq(
		line(lines, n, 0, SYC_STABLE_BOOTSTRAP, "pca")->setting, "pca");
	free(lines);
	/* Without samples they are compared once, of all pairs. */
	lines = run(&p, 1, (struct syc_recipe){0},
		    (struct syc_stability_opts){.methods = two, .n_methods = 2},
		    &n);
	ck_assert_uint_eq(n, 2);
	direction(a, p, 0, NULL, N, SYC_METHOD_PCA);
	direction(b, p, 0, NULL, N, SYC_METHOD_LDA);
	x[0] = cosine(a, b);
	sums_up(&lines[0], x, 1, N);
	free(lines);
	close_pairs(p);
	remove_dir();
}
END_TEST

/* Of 12 pairs drawn, and of all. */
static double of_twelve(const struct syc_pairs *p, size_t l,
			const struct syc_recipe *r)
{
	double a[D], b[D];
	uint32_t order[N];

	syc_random_order(order, N, stream(r->seed, 3, 0));
	ck_assert_int_eq(syc_direction(a, p, l, order, 12, r, NULL), 0);
	ck_assert_int_eq(syc_direction(b, p, l, NULL, N, r, NULL), 0);
	return cosine(a, b);
}

/* The ridge is chosen of all pairs of a layer, and holds for the draws. */
START_TEST(one_ridge)
{
	static const uint32_t size[] = { 12 };
	const struct syc_stability_opts o = {
		.halves = 1, .sizes = size, .n_sizes = 1,
	};
	struct syc_recipe r = { .method = SYC_METHOD_LOGISTIC, .seed = 2 };
	const struct syc_pairs *p;
	struct syc_stability_line *chosen;
	double all[D], given[D];
	size_t n, n_found = 0;

	make_dir();
	p = open_noise(3, NULL);
	chosen = run(&p, 1, r, o, &n);
	ck_assert_uint_eq(n, 2 * L);
	for (size_t l = 0; l < L; l++)
		for (int i = 0; i <= 12; i++) {
			r.lambda = 0;
			ck_assert_int_eq(
				syc_direction(all, p, l, NULL, N, &r, NULL), 0);
			r.lambda = D * (2 * N - 1.0) / (2 * N) *
				   pow(10, (i - 8) / 2.0);
			ck_assert_int_eq(
				syc_direction(given, p, l, NULL, N, &r, NULL),
				0);
			if (fabs(all[0] - given[0]) > 1e-6 * fabs(all[0]))
				continue;
			near(chosen[2 * l + 1].cosine, of_twelve(p, l, &r),
			     1e-6);
			n_found++;
		}
	ck_assert_uint_eq(n_found, L);
	free(chosen);
	close_pairs(p);
	remove_dir();
}
END_TEST

START_TEST(positions)
{
	const struct syc_pairs *p[2];
	struct syc_stability_line *lines;
	double a[D], b[D], x[2];
	uint32_t pick[N];
	size_t n;

	make_dir();
	p[0] = open_noise(4, NULL);
	p[1] = open_noise(5, NULL);
	lines = run(p, 2, (struct syc_recipe){0},
		    (struct syc_stability_opts){.boot = 2}, &n);
	ck_assert_uint_eq(n, 2 * 2);
	for (uint64_t i = 0; i < 2; i++) {
		syc_random_picks(pick, N, stream(0, 2, i));
		direction(a, p[0], 1, pick, N, SYC_METHOD_MEAN);
		direction(b, p[1], 1, pick, N, SYC_METHOD_MEAN);
		x[i] = cosine(a, b);
	}
	sums_up(line(lines, n, 1, SYC_STABLE_POSITION, "end"), x, 2, N);
	free(lines);
	close_pairs(p[0]);
	close_pairs(p[1]);
	remove_dir();
}
END_TEST

/* Rows with one of three notes, one of which has a NUL. */
static struct syc_rows noted(void)
{
	static const char *const note[] = { "a\\u0000b", "c", "a" };
	struct syc_buf b = { 0 };
	struct syc_rows rows;

	for (int i = 0; i < 2 * N; i++)
		syc_buf_printf(&b,
			"{\"id\": \"r%d\", \"acts\": {\"row\": %d}, \"note\": \"%s\"}\n",
			i / 2, i, note[i / 2 % 3]);
	rows = rows_in(b.data);
	syc_buf_free(&b);
	return rows;
}

START_TEST(subsets)
{
	const struct syc_pairs_opts by = { .by = "note", .store = dir };
	const struct syc_stability_opts o = { .subsets = true };
	const struct syc_recipe balanced = { .balance = true };
	const struct syc_pairs *p;
	struct syc_pairs *opened;
	struct syc_stability_line *lines;
	struct syc_rows rows;
	const char *path;
	double a[D], b[D], x[1];
	uint32_t in[N], out[N];
	size_t n, n_in = 0, n_out = 0;

	make_dir();
	fill(6);
	path = put_pairs("noise.npz", match[0][0], other[0][0], N, L, D);
	rows = noted();
	ck_assert_int_eq(syc_pairs_of_acts(&opened, &by, &path, 1, &rows, NULL),
			 0);
	p = opened;
	lines = run(&p, 1, (struct syc_recipe){ 0 }, o, &n);
	ck_assert_uint_eq(n, 3 * L);
	for (uint32_t i = 0; i < N; i++)
		if (i % 3 == 0)
			in[n_in++] = i;
		else
			out[n_out++] = i;
	direction(a, p, 1, in, n_in, SYC_METHOD_MEAN);
	direction(b, p, 1, out, n_out, SYC_METHOD_MEAN);
	x[0] = cosine(a, b);
	sums_up(line(lines, n, 1, SYC_STABLE_SUBSET, "a\342\220\200b"), x, 1,
		n_in);
	ck_assert_uint_eq(line(lines, n, 0, SYC_STABLE_SUBSET, "a")->pairs, 5);
	free(lines);
	/* Means of groups need the groups of what is drawn. */
	ck_assert_int_eq(syc_stability(&lines, &n, &p, 1, &balanced,
				       &(struct syc_stability_opts){.boot = 2},
				       NULL),
			 0);
	ck_assert(n == 2 && isfinite(lines[1].cosine));
	free(lines);
	syc_pairs_free(opened);
	/* One group is compared with nothing. */
	p = open_noise(6, NULL);
	lines = run(&p, 1, (struct syc_recipe){ 0 }, o, &n);
	ck_assert_uint_eq(n, 0);
	free(lines);
	close_pairs(p);
	remove_dir();
}
END_TEST

/* Draws without a direction are left out; the rest are counted. */
START_TEST(without_direction)
{
	static const float a[4][D] = { { 1, 2, 3 } }, b[4][D];
	const struct syc_recipe r = { .method = SYC_METHOD_PCA };
	static const uint32_t one[] = { 1 };
	const struct syc_pairs *p;
	struct syc_stability_line *lines;
	size_t n;

	make_dir();
	p = made_pairs(a[0], b[0], 4, 1, D);
	lines = run(&p, 1, r,
		    (struct syc_stability_opts){
			    .halves = 40, .sizes = one, .n_sizes = 1},
		    &n);
	ck_assert_uint_eq(n, 2);
	/* One half has no pair that differs. */
	ck_assert(lines[0].n_draws == 0 && isnan(lines[0].cosine) &&
		  isnan(lines[0].lo));
	ck_assert(lines[1].n_draws > 0 && lines[1].n_draws < 40);
	near(lines[1].cosine, 1, 1e-12);
	free(lines);
	close_pairs(p);
	/* Of a single pair there are no halves. */
	p = made_pairs(a[0], b[0], 1, 1, D);
	lines = run(&p, 1, r, (struct syc_stability_opts){ .halves = 3 }, &n);
	ck_assert_uint_eq(n, 0);
	free(lines);
	close_pairs(p);
	remove_dir();
}
END_TEST

static void refused(const struct syc_pairs *const *p,
		    struct syc_stability_opts o, const char *text)
{
	const struct syc_recipe r = { 0 };
	struct syc_stability_line *lines = (void *)&o;
	struct syc_err err = { 0 };
	size_t n = 7;

	ck_assert_int_eq(syc_stability(&lines, &n, p, 2, &r, &o, &err),
			 SYC_EINVAL);
	ck_assert(!lines && n == 0);
	says(&err, text, NULL);
}

START_TEST(refusals)
{
	static const uint32_t none[] = { 0 }, many[] = { 3, N + 1 };
	const struct syc_stability_opts o = { 0 };
	const struct syc_pairs *p[2];

	make_dir();
	p[0] = p[1] = open_noise(8, NULL);
	refused(p, (struct syc_stability_opts){.sizes = none, .n_sizes = 1},
		"sizes: 0 of 17 pairs");
	refused(p, (struct syc_stability_opts){.sizes = many, .n_sizes = 2},
		"18 of 17 pairs");
	p[1] = made_pairs(match[0][0], other[0][0], N - 1, L, D);
	refused(p, o, "read at end there are 16 pairs, at end 17");
	close_pairs(p[1]);
	p[1] = made_pairs(match[0][0], other[0][0], N, 1, D);
	refused(p, o, "the pairs have different layers");
	close_pairs(p[1]);
	close_pairs(p[0]);
	ck_assert_str_eq(syc_stability_name(SYC_STABLE_POSITION), "position");
	ck_assert_ptr_null(syc_stability_name(SYC_N_STABLES));
	remove_dir();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(draws),	 TEST(methods), TEST(one_ridge),
		TEST(positions), TEST(subsets), TEST(without_direction),
		TEST(refusals),
	};

	return RUN_TESTS("stability", tests);
}
