/* SPDX-License-Identifier: MIT */
/* Random directions against recorded activations, and again by counting. */
#include "config.h"
#include "made_rows.h"
#include "syc/fit.h"
#include "syc/linear.h"

enum { LAYERS = 3, DIM = 6, ROWS = 36, N_NULL = 50, SEED = 7 };
static const uint32_t layers[LAYERS] = { 1, 4, 6 };

static const char *path(void)
{
	static char s[64];

	snprintf(s, sizeof(s), "null-%d.npz", (int)getpid());
	return s;
}

static int label_of(unsigned row)
{
	return row % 3 == 0;
}

/* Component 0 of layer 4 leans on the label. */
static float value(unsigned row, unsigned k, unsigned i)
{
	uint64_t state = (row * LAYERS + k) * DIM + i;
	const double lean = k == 1 && i == 0 ? 2.0 * label_of(row) : 0;

	return (float)(noise(&state) + lean + 0.5);
}

static void write_acts(const char *name, size_t dim, size_t n_layers,
		       bool absent)
{
	const struct syc_acts_opts o = { .positions = 1 << SYC_POSITION_LAST,
					.layers = layers, .n_layers = n_layers,
					.dim = dim,
					.dtype = SYC_DTYPE_F32 };
	struct syc_acts_out *w;

	ck_assert_int_eq(syc_acts_create(&w, name, &o, NULL), 0);
	for (unsigned r = 0; r < ROWS; r++) {
		float x[LAYERS * 8] = { 0 };
		char id[16];
		struct syc_acts_row row = { .id = id };

		snprintf(id, sizeof(id), "r%u", r);
		for (unsigned k = 0; k < n_layers; k++)
			for (unsigned i = 0; i < DIM; i++)
				x[k * dim + i] = value(r, k, i);
		row.position[SYC_POSITION_LAST] = absent ? NULL : x;
		ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
	}
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
}

/* Rows whose vector is component 0; every seventh is undecided. */
static void write_rows(const char *position, const char *file)
{
	for (unsigned r = 0; r < ROWS; r++) {
		const char *label = r % 7 == 6	  ? "null"
				    : label_of(r) ? "1"
						  : "0";

		ROW("{\"id\":\"r%u\",\"label\":%s,\"layers\":[1,4,6]"
		    ",\"acts\":{\"file\":\"%s\",\"row\":%u},",
		    r, label, file, r);
		ROW("\"score\":{\"v\":{\"%s\":[%s,%s,%s]}}}\n", position,
		    json_of((double)value(r, 0, 0)),
		    json_of((double)value(r, 1, 0)),
		    json_of((double)value(r, 2, 0)));
	}
}

static int fit_rows(struct syc_fit **f, const struct syc_fit_opts *o,
		    struct syc_err *err)
{
	struct syc_rows in = made_begin(false);
	int ret = syc_fit_rows(f, &in, o, err);

	made_end(&in);
	return ret;
}

static double mean(unsigned k, unsigned i)
{
	double sum = 0;

	for (unsigned r = 0; r < ROWS; r++)
		sum += (double)value(r, k, i);
	return sum / ROWS;
}

/* The areas of all directions at a layer: area [N_NULL]. */
static void count_areas(double *area, const float *dir, unsigned k,
			const struct syc_fit_opts *o)
{
	for (unsigned d = 0; d < N_NULL; d++) {
		double score[ROWS];
		int8_t label[ROWS];

		for (unsigned r = 0; r < ROWS; r++) {
			double square = 0;

			label[r] = r % 7 == 6 ? SYC_LABEL_UNDECIDED
					      : (int8_t)label_of(r);
			score[r] = 0;
			for (unsigned i = 0; i < DIM; i++) {
				const double x = (double)value(r, k, i) -
						 (o->center ? mean(k, i) : 0);

				score[r] += x * (double)dir[d * DIM + i];
				square += x * x;
			}
			score[r] /= o->metric == SYC_METRIC_COSINE
					    ? sqrt(square)
					    : 1;
		}
		area[d] = count_auc(score, label, NULL, ROWS);
	}
}

static double share(const double *reach, double auc)
{
	int far = 1;

	for (int d = 0; d < N_NULL; d++)
		far += reach[d] >= fabs(auc - 0.5) - 1e-9;
	return far / (N_NULL + 1.0);
}

static void check(const struct syc_fit *f)
{
	static float dir[N_NULL * DIM];
	double area[LAYERS][N_NULL], best[N_NULL] = { 0 };

	syc_random_directions(dir, N_NULL, DIM, 1, SEED, 0);
	for (unsigned k = 0; k < LAYERS; k++) {
		count_areas(area[k], dir, k, &f->o);
		for (unsigned d = 0; d < N_NULL; d++)
			best[d] = fmax(best[d], fabs(area[k][d] - 0.5));
	}
	for (unsigned k = 0; k < LAYERS; k++) {
		const struct syc_fit_layer *got = &f->set[0].layer[k];
		double reach[N_NULL];

		for (unsigned d = 0; d < N_NULL; d++)
			reach[d] = fabs(area[k][d] - 0.5);
		syc_stat_sort(area[k], N_NULL);
		near(got->null[0].lo, syc_stat_quantile(area[k], N_NULL, 0.025));
		near(got->null[0].hi, syc_stat_quantile(area[k], N_NULL, 0.975));
		near(got->null[0].p, share(reach, got->auc.auc));
		near(got->null[0].p_max, share(best, got->auc.auc));
		ck_assert(got->null[0].p_max >= got->null[0].p);
	}
	ck_assert(f->set[0].layer[1].null[0].p < f->set[0].layer[0].null[0].p);
}

START_TEST(again)
{
	struct syc_fit_opts o = { .n_null = { N_NULL }, .seed = SEED };
	struct syc_fit *f;

	write_acts(path(), DIM, LAYERS, false);
	for (int kind = 0; kind < 4; kind++) {
		o.metric = kind & 1 ? SYC_METRIC_DOT : SYC_METRIC_COSINE;
		o.center = kind & 2;
		o.threads = 1 + (unsigned)kind;
		write_rows("last", path());
		ck_assert_int_eq(fit_rows(&f, &o, NULL), 0);
		check(f);
		syc_fit_free(f);
	}
	unlink(path());
}
END_TEST

/* Two vectors at one position share the directions; the better has the lower p. */
START_TEST(two_vectors)
{
	const struct syc_fit_opts o = { .n_null = { N_NULL }, .seed = SEED };
	struct syc_fit *f;

	write_acts(path(), DIM, LAYERS, false);
	for (unsigned r = 0; r < ROWS; r++)
		ROW("{\"id\":\"r%u\",\"label\":%d,\"layers\":[4]"
		    ",\"acts\":{\"file\":\"%s\",\"row\":%u},"
		    "\"score\":{\"a\":{\"last\":[%d]},\"b\":{\"last\":[%u]}}}\n",
		    r, label_of(r), path(), r, label_of(r), r % 2);
	ck_assert_int_eq(fit_rows(&f, &o, NULL), 0);
	ck_assert(f->set[0].layer[0].null[0].lo == f->set[1].layer[0].null[0].lo);
	near(f->set[0].layer[0].null[0].p, 1.0 / (N_NULL + 1));
	ck_assert(f->set[1].layer[0].null[0].p > 0.2);
	syc_fit_free(f);
	unlink(path());
}
END_TEST

/* Rows that have no answer have no activation at its end, whatever their score. */
START_TEST(absent)
{
	const struct syc_fit_opts o = { .n_null = { N_NULL } };
	struct syc_fit *f;

	write_acts(path(), DIM, LAYERS, true);
	write_rows("last", path());
	ck_assert_int_eq(fit_rows(&f, &o, NULL), 0);
	ck_assert(!isnan(f->set[0].layer[0].auc.auc));
	ck_assert(isnan(f->set[0].layer[0].null[0].lo) &&
		  isnan(f->set[0].layer[0].null[0].p) &&
		  isnan(f->set[0].layer[0].null[0].p_max));
	syc_fit_free(f);
	/* No labeled rows: nothing to draw for. */
	ROW("{\"id\":\"r0\",\"label\":null,\"layers\":[1],\"score\":{\"v\":{\"last\":[1]}}}\n");
	ck_assert_int_eq(fit_rows(&f, &o, NULL), 0);
	ck_assert(isnan(f->set[0].layer[0].null[0].lo) &&
		  isnan(f->set[0].layer[0].null[0].p));
	syc_fit_free(f);
	unlink(path());
}
END_TEST

static int try_rows(const char *position, const char *file, struct syc_err *err)
{
	const struct syc_fit_opts o = { .n_null = { N_NULL } };
	struct syc_fit *f;
	int ret;

	write_rows(position, file);
	ret = fit_rows(&f, &o, err);
	syc_fit_free(f);
	return ret;
}

START_TEST(refused)
{
	const struct syc_fit_opts o = { .n_null = { N_NULL } };
	struct syc_fit *f;
	char wide[64];

	FAILS(try_rows("last", "gone.npz", &err), SYC_EIO,
	      "gone.npz: No such file");
	write_acts(path(), DIM, LAYERS, false);
	FAILS(try_rows("mean", path(), &err), SYC_EINVAL,
	      "has no position 'mean'");
	FAILS(try_rows("all", path(), &err), SYC_EINVAL,
	      "no activations are recorded at 'all'");
	FAILS(try_rows("nowhere", path(), &err), SYC_EINVAL, "nowhere");
	ROW("{\"id\":\"r1\",\"label\":1,\"layers\":[1],\"acts\":{\"file\":\"%s\",\"row\":2},"
	    "\"score\":{\"v\":{\"last\":[1]}}}\n",
	    path());
	FAILS(fit_rows(&f, &o, &err), SYC_EINVAL,
	      "the file belongs to another run");
	ROW("{\"id\":\"r1\",\"label\":1,\"layers\":[1],\"score\":{\"v\":{\"last\":[1]}}}\n");
	FAILS(fit_rows(&f, &o, &err), SYC_EFORMAT, "no \"acts\"");
	/* Two files of different widths, and one that lacks a layer. */
	snprintf(wide, sizeof(wide), "null-wide-%d.npz", (int)getpid());
	write_acts(wide, 8, LAYERS, false);
	for (int i = 0; i < 2; i++)
		ROW("{\"id\":\"r%d\",\"label\":%d,\"layers\":[1]"
		    ",\"acts\":{\"file\":\"%s\",\"row\":%d},"
		    "\"score\":{\"v\":{\"last\":[1]}}}\n",
		    i, i, i ? wide : path(), i);
	FAILS(fit_rows(&f, &o, &err), SYC_EINVAL, "its activations have width");
	write_acts(wide, DIM, 2, false);
	FAILS(try_rows("last", wide, &err), SYC_EINVAL, "has no layer 6");
	unlink(path());
	unlink(wide);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(again), TEST(two_vectors), TEST(absent), TEST(refused),
	};

	return RUN_TESTS("null", tests);
}
