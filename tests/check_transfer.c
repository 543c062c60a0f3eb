/* SPDX-License-Identifier: MIT */
/* One data set's layer and regression on another's rows. */
#include "config.h"
#include "lines.h"
#include "made_rows.h"
#include "syc/transfer.h"

static struct syc_fit *fit_path(const char *name, const struct syc_fit_opts *o)
{
	char path[1100], *paths[] = { path };
	struct syc_rows in = { .paths = paths, .n_paths = 1 };
	struct syc_fit *f;

	snprintf(path, sizeof(path), "%s", source_path(name));
	ck_assert_int_eq(syc_fit_rows(&f, &in, o, NULL), 0);
	syc_rows_done(&in);
	return f;
}

static struct syc_fit *fit_made(const struct syc_fit_opts *o)
{
	struct syc_rows in = made_begin(false);
	struct syc_fit *f;

	ck_assert_int_eq(syc_fit_rows(&f, &in, o, NULL), 0);
	made_end(&in);
	return f;
}

static struct syc_transfer *transfer(struct syc_fit **f, size_t n)
{
	struct syc_err err = { 0 };
	struct syc_transfer *t;

	ck_assert_msg(syc_transfer_new(&t, (const struct syc_fit *const *)f, n,
				       &err) == 0,
		      "%s", err.msg);
	return t;
}

static int refuse(struct syc_fit **f, size_t n, struct syc_err *err)
{
	struct syc_transfer *t;
	int ret =
		syc_transfer_new(&t, (const struct syc_fit *const *)f, n, err);

	ck_assert_ptr_null(t);
	return ret;
}

static const struct syc_transfer_cell *find(const struct syc_transfer *t,
					    const char *vector, size_t train,
					    size_t test)
{
	for (size_t i = 0; i < t->n_cells; i++)
		if (strcmp(t->cell[i].vector, vector) == 0 &&
		    t->cell[i].train == train && t->cell[i].test == test)
			return &t->cell[i];
	return NULL;
}

/* Figures of scikit-learn and statsmodels (tests/ref/fit.py). */
START_TEST(reference)
{
	const struct syc_fit_opts o = { .multi = true, .ridge = 0 },
				  two = { .multi = true, .ridge = 2 };
	json_t *all = json_load_file(source_path("tests/data/fit_figures.json"),
				     0, NULL);
	const json_t *want = json_object_get(all, "transfer");
	const char *const key[] = {"auc", "brier", "loss", "slope",
				   "intercept"};

	for (int ridge = 0; ridge < 2; ridge++) {
		struct syc_fit *f[] = {
			fit_path("tests/data/fit_a.jsonl", ridge ? &two : &o),
			fit_path("tests/data/fit_b.jsonl", ridge ? &two : &o),
		};
		struct syc_transfer *t = transfer(f, 2);
		const struct syc_transfer_cell *c = find(t, "v", 0, 1);
		const double got[] = {c->auc.auc, c->brier.brier, c->brier.loss,
				      c->slope, c->intercept};

		ck_assert_uint_eq(t->n_cells, 4);
		ck_assert_str_eq(c->position, "prompt");
		ck_assert(c->layer == 4 && c->turned && !c->crossed &&
			  c->train_auc < 0.5);
		for (size_t i = 0; i < 5 && !ridge; i++)
			ck_assert(
				fabs(got[i] - json_number_value(json_object_get(
						      want, key[i]))) < 2e-6);
		if (ridge) {
			ck_assert(fabs(c->multi.auc - json_number_value(
				json_object_get(want, "multi_auc"))) < 2e-6);
			ck_assert(fabs(c->multi_brier.brier - json_number_value(
				json_object_get(want, "multi_brier"))) < 2e-6);
		}
		syc_transfer_free(t);
		syc_fit_free(f[0]);
		syc_fit_free(f[1]);
	}
	json_decref(all);
	syc_transfer_free(NULL);
}
END_TEST

/* Rows of vector name at two layers; up: how label 1 lies at the second of them. */
static void rows(const char *name, unsigned first, double up, uint64_t seed)
{
	for (int i = 0; i < 40; i++) {
		uint64_t state = seed + (uint64_t)i;
		const double a = noise(&state),
			     b = noise(&state) + up * (i % 2);

		ROW("{\"id\":\"%d\",\"label\":%d,\"c\":%d,\"layers\":[%u,%u],\"score\":"
		    "{\"%s\":{\"mean\":[%s,%s]}}}\n",
		    i, i % 2, i / 4, first, first + 1, name, json_of(a),
		    json_of(b));
	}
}

/* The sign that training says turns the area of the test set, whatever that is. */
START_TEST(turned)
{
	const struct syc_fit_opts o = { .cross = true, .cluster = "c" };
	struct syc_fit *f[2];
	struct syc_transfer *t;
	const struct syc_transfer_cell *c;
	struct syc_auc auc;
	double x[40];

	rows("v", 3, -1.5, 100);
	f[0] = fit_made(&o);
	rows("v", 3, 1.2, 1000);
	f[1] = fit_made(&o);
	t = transfer(f, 2);
	ck_assert_uint_eq(t->n_cells, 4);
	c = find(t, "v", 0, 1);
	ck_assert(c->turned && c->layer == 4 && c->auc.auc < 0.5);
	syc_scores_column(f[1]->scores, f[1]->set[0].t, 1, x);
	syc_stat_auc_clustered(&auc, x, f[1]->set[0].t->label,
			       f[1]->set[0].cluster, 40, NULL);
	near(c->auc.auc, 1 - count_auc(x, f[1]->set[0].t->label, NULL, 40));
	near(c->auc.lo, 1 - auc.hi);
	near(c->auc.hi, 1 - auc.lo);
	near(c->auc.logit_lo, 1 - auc.logit_hi);
	near(c->auc.plain_hi, 1 - auc.plain_lo);
	near(c->train_auc, f[0]->set[0].layer[1].auc.auc);
	c = find(t, "v", 1, 0);
	ck_assert_uint_eq(c->layer, 4);
	ck_assert(!c->turned);
	near(c->auc.auc, f[0]->set[0].layer[1].auc.auc);
	/* The diagonal is cross-validation, whose folds choose layers and signs. */
	c = find(t, "v", 0, 0);
	ck_assert(c->crossed && c->turned);
	near(c->auc.auc, f[0]->set[0].best.cv.auc.auc);
	near(c->brier.brier, f[0]->set[0].best.cv.brier.brier);
	near(c->slope, f[0]->set[0].best.cv.slope);
	ck_assert(c->auc.auc > 0.5);
	syc_transfer_free(t);
	syc_fit_free(f[0]);
	syc_fit_free(f[1]);
}
END_TEST

/* Layers 3, 4 and 4, 5 and a set that has another vector. */
START_TEST(missing)
{
	const struct syc_fit_opts o = { .multi = true };
	struct syc_fit *f[3];
	struct syc_transfer *t;
	const struct syc_transfer_cell *c;

	rows("v", 3, 1.5, 1);
	f[0] = fit_made(&o);
	rows("v", 4, 1.5, 2);
	f[1] = fit_made(&o);
	rows("w", 3, 1.5, 3);
	f[2] = fit_made(&o);
	t = transfer(f, 3);
	/* v between two, w with itself; by vector, train and test. */
	ck_assert_uint_eq(t->n_cells, 5);
	ck_assert_str_eq(t->cell[4].vector, "w");
	ck_assert(t->cell[1].train == 0 && t->cell[1].test == 1 &&
		  t->cell[4].train == 2);
	c = find(t, "v", 0, 1);		/* layer 4 is there, as the first */
	ck_assert_uint_eq(c->layer, 4);
	near(c->auc.auc, f[1]->set[0].layer[0].auc.auc);
	ck_assert(isnan(c->multi.auc) &&
		  isnan(c->multi_brier.brier)); /* layer 3 is not */
	c = find(t, "v", 1, 0);
	ck_assert_uint_eq(c->layer, 5);
	ck_assert(isnan(c->auc.auc) && isnan(c->brier.brier) &&
		  isnan(c->slope));
	c = find(t, "v", 0, 0);
	near(c->multi.auc, f[0]->set[0].multi.cv.auc.auc);
	syc_transfer_free(t);
	for (size_t i = 0; i < 3; i++)
		syc_fit_free(f[i]);
}
END_TEST

/* Training rows of one class choose no layer; as a test they are undefined. */
START_TEST(one_class)
{
	const struct syc_fit_opts o = { .cross = true };
	struct syc_fit *f[2];
	struct syc_transfer *t;

	rows("v", 3, 1, 1);
	f[0] = fit_made(&o);
	for (int i = 0; i < 5; i++)
		ROW("{\"label\":1,\"layers\":[3,4],\"score\":{\"v\":{\"mean\":[%d,1]}}}\n",
		    i);
	f[1] = fit_made(&o);
	t = transfer(f, 2);
	ck_assert_uint_eq(t->n_cells, 2);
	ck_assert(isnan(find(t, "v", 0, 1)->auc.auc) &&
		  find(t, "v", 0, 1)->brier.n == 5);
	ck_assert_ptr_null(find(t, "v", 1, 0));
	ck_assert_ptr_null(find(t, "v", 1, 1));
	syc_transfer_free(t);
	syc_fit_free(f[0]);
	f[0] = fit_made(&o);	/* no rows */
	t = transfer(f, 2);
	ck_assert_uint_eq(t->n_cells, 0);
	syc_transfer_free(t);
	syc_fit_free(f[0]);
	syc_fit_free(f[1]);
}
END_TEST

START_TEST(refused)
{
	const struct syc_fit_opts plain = {0}, cross = { .cross = true },
				  multi = { .multi = true };
	struct syc_fit *f[2];

	rows("v", 3, 1, 1);
	f[0] = fit_made(&cross);
	rows("v", 3, 1, 1);
	f[1] = fit_made(&plain);
	FAILS(refuse(f, 2, &err), SYC_EINVAL, "fit 1 is not cross-validated");
	syc_fit_free(f[1]);
	rows("v", 3, 1, 1);
	f[1] = fit_made(&multi);
	FAILS(refuse(f, 2, &err), SYC_EINVAL,
	      "fit 1 has one of all layers together");
	syc_fit_free(f[0]);
	syc_fit_free(f[1]);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(reference), TEST(turned), TEST(missing), TEST(one_class), TEST(refused),
	};

	return RUN_TESTS("transfer", tests);
}
