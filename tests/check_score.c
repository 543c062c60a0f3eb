/* SPDX-License-Identifier: MIT */
/* Activations against vectors, and the files they come from. */
#include "config.h"
#include "made_rows.h"
#include "syc/score.h"

enum {
	LAYERS = 2,
	DIM = 4,
	ROWS = 5,
	POSITIONS = 2,
	NONE = 3 /* a row without an answer */
};
static const uint32_t layers[LAYERS] = { 1, 4 };
static const unsigned spots[POSITIONS] = {SYC_POSITION_PROMPT, SYC_POSITION_MEAN};

/* Exact in float32. */
static float value(unsigned file, unsigned row, unsigned position, unsigned i)
{
	uint64_t state = ((file * 64u + row) * 8 + position) * 64 + i;

	return (float)(int)(syc_splitmix64(&state) % 1024) / 64 - 8;
}

static const char *file_name(unsigned file)
{
	static char name[4][64];
	static unsigned k;

	k = (k + 1) % 4;
	snprintf(name[k], sizeof(name[k]), "score-%d-%u.npz", (int)getpid(),
		 file);
	return name[k];
}

static void write_file(unsigned file, unsigned positions, size_t dim,
		       bool finish)
{
	const struct syc_acts_opts o = { .positions = positions,
					.layers = layers, .n_layers = LAYERS,
					.dim = dim, .dtype = SYC_DTYPE_F32,
					.chunk_rows = 2 };
	struct syc_acts_out *w;

	ck_assert_int_eq(syc_acts_create(&w, file_name(file), &o, NULL), 0);
	for (unsigned r = 0; r < ROWS; r++) {
		float x[POSITIONS][LAYERS * DIM], all[LAYERS * DIM] = { 0 };
		const int32_t token = 7;
		char id[16];
		struct syc_acts_row row = {
			.id = id, .all = all, .tokens = &token, .n_tokens = 1};

		snprintf(id, sizeof(id), "r%u", r);
		for (unsigned p = 0; p < POSITIONS; p++) {
			for (unsigned i = 0; i < LAYERS * DIM; i++)
				x[p][i] = value(file, r, p, i);
			row.position[spots[p]] = p == 1 && r == NONE ? NULL : x[p];
		}
		ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
	}
	if (finish)
		ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
	else
		syc_acts_abandon(w);
}

static const unsigned both = 1 << SYC_POSITION_PROMPT | 1 << SYC_POSITION_MEAN;

/* A vector at layers 0 to 4, or at layer 1 alone. */
static struct syc_vector *make_vector(size_t dim, bool all)
{
	struct syc_vector *v = syc_vector_new(5, dim);

	for (size_t l = 0; l < 5; l++) {
		v->has[l] = all || l == 1;
		for (size_t i = 0; i < dim && v->has[l]; i++)
			v->v[l * dim + i] =
				(float)(int)(l + 1) - 2.5f * (float)(i % 3);
	}
	return v;
}

static double mean(unsigned file, unsigned p, unsigned i)
{
	double sum = 0;
	int n = 0;

	for (unsigned r = 0; r < ROWS; r++) {
		if (p == 1 && r == NONE)
			continue;
		sum += (double)value(file, r, p, i);
		n++;
	}
	return (double)(float)(sum / n);
}

static double expect(enum syc_metric m, bool center, unsigned file,
		     unsigned row, unsigned p, unsigned k, const float *v)
{
	double xv = 0, xx = 0, vv = 0;

	for (unsigned i = 0; i < DIM; i++) {
		double x = (double)value(file, row, p, k * DIM + i);

		x = (double)(float)(x -
				    (center ? mean(file, p, k * DIM + i) : 0));
		xv += x * (double)v[i];
		xx += x * x;
		vv += (double)v[i] * (double)v[i];
	}
	return m == SYC_METRIC_DOT	? xv
	       : m == SYC_METRIC_COSINE ? xv / sqrt(xx * vv)
					: xv / sqrt(vv);
}

/* Row of a file, by its id. */
static struct syc_acts_place place(unsigned file, uint64_t row, const char *id)
{
	return (struct syc_acts_place){
		.path = file_name(file), .row = row, .id = id, .sample = -1, .answer = -1 };
}

static void check_row(struct syc_scorer *s, const struct syc_scorer_opts *o,
		      unsigned file, unsigned row)
{
	struct syc_row_scores got;
	char id[16];

	snprintf(id, sizeof(id), "r%u", row);
	ck_assert_int_eq(
		syc_scorer_row(s, (struct syc_acts_place[]){place(file, row, id)}, &got, NULL), 0);
	ck_assert_uint_eq(got.n_layers, LAYERS);
	ck_assert(got.layer[0] == 1 && got.layer[1] == 4 &&
		  got.positions == both);
	ck_assert_ptr_null(got.score[SYC_POSITION_LETTER]);
	for (unsigned p = 0; p < POSITIONS; p++)
		for (unsigned j = 0; j < 2; j++)
			for (unsigned k = 0; k < LAYERS; k++) {
				const struct syc_vector *v = o->vector[j];
				const bool none = (p == 1 && row == NONE) ||
						  !v->has[layers[k]];
				const double want =
					none ? NAN
					     : expect(o->metric, o->center,
						      file, row, p, k,
						      v->v + layers[k] * DIM);
				const double x =
					got.score[spots[p]][j * LAYERS + k];

				ck_assert(none ? isnan(x)
					       : fabs(x - want) <
							  1e-5 * (1 +
								  fabs(want)));
			}
}

START_TEST(numbers)
{
	struct syc_vector *v[2] = {make_vector(DIM, true),
				   make_vector(DIM, false)};
	const char *const names[2] = { "all", "one" };
	struct syc_scorer *s;

	write_file(0, both, DIM, true);
	for (unsigned m = 0; m < SYC_N_METRICS; m++)
		for (int center = 0; center < 2; center++) {
			const struct syc_scorer_opts o = {
				.vector = (const struct syc_vector *const *)v,
				.name = names, .n_vectors = 2, .metric = m,
				.center = center};

			ck_assert_int_eq(syc_scorer_new(&s, &o, NULL), 0);
			for (unsigned r = 0; r < ROWS; r++)
				check_row(s, &o, 0, r);
			syc_scorer_free(s);
		}
	unlink(file_name(0));
	syc_vector_free(v[0]);
	syc_vector_free(v[1]);
	syc_scorer_free(NULL);
}
END_TEST

/* More files than stay open, in turns. */
START_TEST(many_files)
{
	enum { FILES = 11 };
	struct syc_vector *v[2] = {make_vector(DIM, true),
				   make_vector(DIM, false)};
	const struct syc_scorer_opts o = {
		.vector = (const struct syc_vector *const *)v, .n_vectors = 2,
		.center = true};
	struct syc_scorer *s;

	ck_assert_int_eq(syc_scorer_new(&s, &o, NULL), 0);
	for (unsigned f = 0; f < FILES; f++)
		write_file(f, both, DIM, true);
	for (unsigned i = 0; i < 4 * FILES; i++)
		check_row(s, &o, i * 7 % FILES, i % ROWS);
	for (unsigned f = 0; f < FILES; f++)
		unlink(file_name(f));
	syc_scorer_free(s);
	syc_vector_free(v[0]);
	syc_vector_free(v[1]);
}
END_TEST

/* Of eight open files the one that was used longest ago is closed for a ninth. */
START_TEST(oldest_goes)
{
	struct syc_vector *v[2] = { make_vector(DIM, true), make_vector(DIM, false) };
	const struct syc_scorer_opts o = {
		.vector = (const struct syc_vector *const *)v, .n_vectors = 2 };
	struct syc_acts_place at;
	struct syc_row_scores got;
	struct syc_scorer *s;

	ck_assert_int_eq(syc_scorer_new(&s, &o, NULL), 0);
	for (unsigned f = 0; f < 9; f++) {
		write_file(f, both, DIM, true);
		check_row(s, &o, f, 0);
		check_row(s, &o, 0, f % ROWS);
	}
	for (unsigned f = 0; f < 9; f++)
		unlink(file_name(f));
	at = place(1, 1, "r1");
	/* Open files can be read without their names. */
	check_row(s, &o, 0, 1);
	check_row(s, &o, 8, 1);
	FAILS(syc_scorer_row(s, &at, &got, &err), SYC_EIO, "No such file");
	syc_scorer_free(s);
	syc_vector_free(v[0]);
	syc_vector_free(v[1]);
}
END_TEST

/* Score row 0 of file 0 with the vector and options; the error goes to err. */
static int try_row(const struct syc_scorer_opts *o, uint64_t row,
		   const char *id, struct syc_err *err)
{
	const struct syc_acts_place at = place(0, row, id);
	struct syc_row_scores got;
	struct syc_scorer *s;
	int ret;

	ck_assert_int_eq(syc_scorer_new(&s, o, NULL), 0);
	ret = syc_scorer_row(s, &at, &got, err);
	syc_scorer_free(s);
	return ret;
}

START_TEST(refused)
{
	struct syc_vector *v = make_vector(DIM, true),
			  *wide = make_vector(6, true);
	const struct syc_vector *const list[] = { v, wide };
	const char *const names[] = { "v", "wide.gguf" };
	struct syc_scorer_opts o = {
		.vector = list, .name = names, .n_vectors = 1};

	FAILS(try_row(&o, 0, "r0", &err), SYC_EIO, "No such file");
	write_file(0, both, DIM, false);
	o.center = true;
	FAILS(try_row(&o, 0, "r0", &err), SYC_EINVAL,
	      "its mean needs all of its rows");
	o.center = false;
	ck_assert_int_eq(try_row(&o, 1, "r1", NULL), 0);
	FAILS(try_row(&o, 1, "r2", &err), SYC_EINVAL,
	      "the id is r1 here, r2 of the row");
	FAILS(try_row(&o, 9, "r9", &err), SYC_EINVAL, "");
	o.positions = 1 << SYC_POSITION_LETTER;
	FAILS(try_row(&o, 0, "r0", &err), SYC_EINVAL,
	      "has no position 'letter'");
	o.positions = 1 << SYC_POSITION_ALL;
	FAILS(try_row(&o, 0, "r0", &err), SYC_EINVAL, "has no position 'all'");
	o.positions = 0;
	o.n_vectors = 2;
	FAILS(try_row(&o, 0, "r0", &err), SYC_EINVAL,
	      "width 4, the vectors of wide.gguf 6");
	o.n_vectors = 1;
	write_file(0, 1 << SYC_POSITION_ALL, DIM, true);
	FAILS(try_row(&o, 0, "r0", &err), SYC_EINVAL, "no position but 'all'");
	unlink(file_name(0));
	syc_vector_free(v);
	syc_vector_free(wide);
}
END_TEST

START_TEST(one_position)
{
	struct syc_vector *v = make_vector(DIM, true);
	const struct syc_vector *const list[] = { v };
	const struct syc_scorer_opts o = { .vector = list,
					  .n_vectors = 1,
					  .positions = 1 << SYC_POSITION_MEAN };
	const struct syc_acts_place at = place(0, 2, "r2");
	struct syc_row_scores got;
	struct syc_scorer *s;

	write_file(0, both, DIM, true);
	ck_assert_int_eq(syc_scorer_new(&s, &o, NULL), 0);
	ck_assert_int_eq(syc_scorer_row(s, &at, &got, NULL), 0);
	ck_assert_uint_eq(got.positions, 1 << SYC_POSITION_MEAN);
	ck_assert_ptr_null(got.score[SYC_POSITION_PROMPT]);
	near(got.score[SYC_POSITION_MEAN][1],
	     expect(SYC_METRIC_COSINE, false, 0, 2, 1, 1, v->v + 4 * DIM));
	syc_scorer_free(s);
	syc_vector_free(v);
	unlink(file_name(0));
}
END_TEST

START_TEST(metrics)
{
	const float x[] = { 3, 4 }, v[] = { 0, -2 }, zero[] = { 0, 0 };

	near(syc_metric_score(SYC_METRIC_COSINE, x, v, 2), -0.8);
	near(syc_metric_score(SYC_METRIC_DOT, x, v, 2), -8);
	near(syc_metric_score(SYC_METRIC_PROJECTION, x, v, 2), -4);
	near(syc_metric_score(SYC_METRIC_DOT, x, zero, 2), 0);
	near(syc_metric_score(SYC_METRIC_PROJECTION, x, zero, 2), NAN);
	near(syc_metric_score(SYC_METRIC_COSINE, x, zero, 2), NAN);
	near(syc_metric_score(SYC_METRIC_COSINE, zero, v, 2), NAN);
	near(syc_metric_score(SYC_METRIC_PROJECTION, zero, v, 2), 0);
	ck_assert_str_eq(syc_metric_name(SYC_METRIC_COSINE), "cosine");
	ck_assert_str_eq(syc_metric_name(SYC_METRIC_DOT), "dot");
	ck_assert_str_eq(syc_metric_name(SYC_METRIC_PROJECTION), "projection");
}
END_TEST

static int acts_of(const char *line, struct syc_row **r, struct syc_acts_place *at,
		   struct syc_err *err)
{
	ck_assert_int_eq(syc_row_parse(r, line, strlen(line), NULL), 0);
	return syc_score_acts(*r, at, err);
}

START_TEST(acts_of_rows)
{
	static const char *const bad[][2] = {
		{"{\"id\": \"a\"}", "no \"acts\""},
		{"{\"id\": \"a\", \"acts\": {\"file\": \"f\"}}",
		 "no row number"},
		{"{\"id\": \"a\", \"acts\": {\"file\": \"f\", \"row\": -1}}",
		 "no row number"},
		{"{\"id\": \"a\", \"acts\": {\"file\": \"f\", \"row\": 0.5}}",
		 "no row number"},
		{"{\"id\": \"a\", \"acts\": {\"file\": \"f\", \"row\": \"0\"}}",
		 "no row number"},
		{"{\"id\": \"a\", \"acts\": {\"file\": \"f\", \"row\": 1e300}}",
		 "no row number"},
	};
	struct syc_acts_place at;
	struct syc_row *r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		FAILS(acts_of(bad[i][0], &r, &at, &err), SYC_EFORMAT, bad[i][1]);
		syc_row_free(r);
	}
	ck_assert_int_eq(
		acts_of("{\"id\": \"a\", \"sample\": 3, \"answer\": \"other\", \"acts\": "
			"{\"file\": \"f.npz\", \"row\": 12, \"run\": \"0123456789abcdef\"}}",
			&r, &at, NULL),
		0);
	ck_assert(at.row == 12 && at.sample == 3 && at.answer == 0);
	ck_assert_str_eq(at.path, "f.npz");
	ck_assert_str_eq(at.id, "a");
	ck_assert_str_eq(at.run, "0123456789abcdef");
	syc_row_free(r);
	ck_assert_int_eq(acts_of("{\"answer\": \"(A)\", \"acts\": {\"row\": 3, \"file\": 3}}", &r,
				 &at, NULL),
			 0);
	ck_assert(at.row == 3 && !at.path && at.sample == -1 && at.answer == -1 && !*at.run);
	syc_row_free(r);
}
END_TEST

/* One row of a recording with a run, sample 2, the matching answer. */
static void write_run(const char *provenance)
{
	const struct syc_acts_opts o = {
		.positions = 1 << SYC_POSITION_PROMPT, .layers = layers,
		.n_layers = LAYERS, .dim = DIM, .provenance = provenance };
	const struct syc_acts_row row = { .id = "a", .sample = 2, .answer = 1 };
	struct syc_acts_out *w;

	ck_assert_int_eq(syc_acts_create(&w, file_name(0), &o, NULL), 0);
	ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
}

static int compare(const struct syc_acts_place *at, struct syc_err *err)
{
	struct syc_acts *a;
	int ret;

	ck_assert_int_eq(syc_acts_open(&a, file_name(0), NULL), 0);
	ret = syc_acts_check_row(a, at, err);
	syc_acts_close(a);
	return ret;
}

/* A row's activations are those of its own run, id, sample and answer. */
START_TEST(other_runs)
{
	static const char one[] = "0123456789abcdef", two[] = "fedcba9876543210";
	struct syc_acts_place at = { .id = "a", .sample = 2, .answer = 1 };

	write_run("{\"run\": \"0123456789abcdef\"}");
	ck_assert_int_eq(compare(&at, NULL), 0);
	strcpy(at.run, one);
	ck_assert_int_eq(compare(&at, NULL), 0);
	at.answer = -1;
	ck_assert_int_eq(compare(&at, NULL), 0);
	at.answer = 0;
	FAILS(compare(&at, &err), SYC_EINVAL, "the answer is match here, other of the row");
	at.answer = 1;
	at.sample = 1;
	FAILS(compare(&at, &err), SYC_EINVAL, "the sample is 2 here, 1 of the row");
	at.sample = 2;
	at.id = "b";
	FAILS(compare(&at, &err), SYC_EINVAL, "row 0 (b): the id is a here, b of the row");
	at.id = "a";
	at.row = 1;
	FAILS(compare(&at, &err), SYC_EINVAL, "has no row 1");
	at.row = 0;
	strcpy(at.run, two);
	FAILS(compare(&at, &err), SYC_EINVAL,
	      "the run is 0123456789abcdef here, fedcba9876543210 of the row");
	write_run("{\"run\": 3}");
	FAILS(compare(&at, &err), SYC_EINVAL, "the run is not known here");
	at.run[0] = 0;
	ck_assert_int_eq(compare(&at, NULL), 0);
	unlink(file_name(0));
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(metrics), TEST(numbers), TEST(one_position), TEST(many_files),
		TEST(oldest_goes), TEST(refused), TEST(acts_of_rows),
		TEST(other_runs),
	};

	return RUN_TESTS("score", tests);
}
