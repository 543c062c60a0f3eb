/* SPDX-License-Identifier: MIT */
/* What a fit says of several things: confounds, two vectors, all layers. */
#include "config.h"
#include "fits.h"
#include "lines.h"

static struct syc_fit *fit_file(const char *name, const struct syc_fit_opts *o)
{
	char path[1100], *paths[] = { path };
	struct syc_rows in = { .paths = paths, .n_paths = 1 };
	struct syc_fit *f;

	snprintf(path, sizeof(path), "%s", source_path(name));
	ck_assert_int_eq(syc_fit_rows(&f, &in, o, NULL), 0);
	syc_rows_done(&in);
	return f;
}

/* A figure of tests/ref/fit.py: of a list its element i. */
static double stored(const char *key, size_t i)
{
	json_t *all = json_load_file(source_path("tests/data/fit_figures.json"),
				     0, NULL);
	const json_t *v = json_object_get(all, key);
	const double x =
		json_number_value(json_is_array(v) ? json_array_get(v, i) : v);

	ck_assert(v != NULL);
	json_decref(all);
	return x;
}

static void close_to(double got, double want)
{
	ck_assert_msg(fabs(got - want) < 2e-6, "%.9g, not %.9g", got, want);
}

static void within(const struct syc_fit *f, size_t l, size_t c,
		   const uint32_t *stratum)
{
	double *x = column(f, 0, l);

	near(f->set[0].layer[l].confound[c].within.auc,
	     count_auc(x, f->set[0].t->label, stratum, f->set[0].t->n));
	free(x);
}

START_TEST(confounds)
{
	static const char *const confound[] = { "size", "topic", "id", "topic" };
	const struct syc_fit_opts o = { .confound = confound, .n_confounds = 4 };
	struct syc_fit *f;
	uint32_t size[210], topic[210];

	make_rows(210, 11, 1);
	f = fit_made(&o);
	ck_assert_uint_eq(f->scores->n_fields, 3);
	for (size_t i = 0; i < 210; i++) {
		const struct syc_scores_value *v =
			f->scores->row[f->set[0].t->row[i]].value;

		size[i] = (uint32_t)v[0].number;
		topic[i] = (uint32_t)atoi(v[1].text + 1);
	}
	for (size_t l = 0; l < 3; l++) {
		const struct syc_fit_confound *c = f->set[0].layer[l].confound;

		within(f, l, 0, size);
		within(f, l, 1, topic);
		within(f, l, 3, topic);
		ck_assert(c[0].adjusted.n_features == 1 &&
			  c[1].adjusted.n_features == 6);
		/* Every row its own value. */
		ck_assert_str_eq(c[2].adjusted.with.why, "too many values");
		ck_assert(isnan(c[2].within.auc) &&
			  isnan(c[2].adjusted.with.slope) &&
			  isnan(c[2].adjusted.p) &&
			  !isnan(c[2].adjusted.alone.slope));
	}
	syc_fit_free(f);
}
END_TEST

/* A score that is the confound leaves nothing; numbers in fifths. */
START_TEST(confound_is_score)
{
	static const char *const confound[] = { "x" };
	const struct syc_fit_opts o = { .confound = confound, .n_confounds = 1 };
	uint32_t fifth[50];
	struct syc_fit *f;
	const struct syc_scores_set *t;

	for (int i = 0; i < 50; i++)
		ROW("{\"x\":%d,\"label\":%d,\"layers\":[1],\"score\":{\"v\":{\"mean\":[%d]}}}\n",
		    i % 25, i % 3 == 0, i % 25);
	f = fit_made(&o);
	t = f->set[0].t;
	ck_assert_str_eq(f->set[0].layer[0].confound[0].adjusted.with.why,
			 "the features make up the score");
	for (size_t i = 0; i < 50; i++) {
		const double x = f->scores->row[t->row[i]].value[0].number;

		fifth[i] = (uint32_t)(2 * x * 5 / 50);
	}
	within(f, 0, 0, fifth);
	syc_fit_free(f);
}
END_TEST

/* Two vectors; by lines, or by ids where no line has both. */
static void two_vectors(bool apart)
{
	uint64_t state = 77;

	for (int i = 0; i < 40; i++) {
		const int y = i % 2;
		const double v = noise(&state) + y, w = noise(&state) + 0.3 * y;
		/* Row 5 has no w, row 6 an undefined one. */
		const char *sw = i == 6 ? "null" : json_of(w);

		if (!apart) {
			ROW("{\"id\":\"r%d\",\"label\":%d,\"layers\":[4]"
			    ",\"score\":{\"v\":{\"mean\":[%s]}",
			    i, y, json_of(v));
			if (i != 5)
				ROW(",\"w\":{\"mean\":[%s]}", sw);
			ROW("}}\n");
			continue;
		}
		ROW("{\"id\":\"r%d\",\"label\":%d,\"layers\":[4]"
		    ",\"score\":{\"v\":{\"mean\":[%s]}}}\n",
		    i, y, json_of(v));
		if (i != 5)
			ROW("{\"id\":\"r%d\",\"label\":%d,\"layers\":[4],\"score\":{\"w\":"
			    "{\"mean\":[%s]}}}\n",
			    i, y, sw);
	}
}

/* The difference by counting: rows with both. */
static double difference(size_t *n)
{
	double v[40], w[40];
	int8_t label[40];
	uint64_t state = 77;

	*n = 0;
	for (int i = 0; i < 40; i++) {
		v[i] = noise(&state) + i % 2;
		w[i] = noise(&state) + 0.3 * (i % 2);
		label[i] = i == 5 || i == 6 ? SYC_LABEL_UNDECIDED
					    : (int8_t)(i % 2);
		*n += label[i] != SYC_LABEL_UNDECIDED;
	}
	return count_auc(v, label, NULL, 40) - count_auc(w, label, NULL, 40);
}

START_TEST(differences)
{
	const struct syc_fit_opts o = { .compare = true };
	struct syc_fit *f;
	size_t n;
	const double want = difference(&n);

	for (int apart = 0; apart < 2; apart++) {
		two_vectors(apart);
		f = fit_made(&o);
		ck_assert_uint_eq(f->n_diffs, 1);
		ck_assert_str_eq(f->diff[0].a->vector, "v");
		ck_assert_str_eq(f->diff[0].b->vector, "w");
		ck_assert(f->diff[0].by_id == apart);
		near(f->diff[0].layer[0].diff, want);
		ck_assert_uint_eq(f->diff[0].layer[0].n_pos +
					  f->diff[0].layer[0].n_neg,
				  n);
		near(f->diff[0].p_adj[0], f->diff[0].layer[0].p);
		syc_fit_free(f);
	}
}
END_TEST

/* An id that is there twice, or with another label, has no mate. */
START_TEST(no_mate)
{
	static const char *const row[] = {
		"\"id\":\"twice\",\"label\":1,\"layers\":[4],\"score\":{\"v\":{\"mean\":[1]}}",
		"\"id\":\"twice\",\"label\":1,\"layers\":[4],\"score\":{\"v\":{\"mean\":[2]}}",
		"\"id\":\"twice\",\"label\":1,\"layers\":[4],\"score\":{\"w\":{\"mean\":[2]}}",
		"\"id\":\"there\",\"label\":1,\"layers\":[4],\"score\":{\"v\":{\"mean\":[2]}}",
		"\"id\":\"there\",\"label\":1,\"layers\":[4],\"score\":{\"w\":{\"mean\":[2]}}",
		"\"id\":\"there\",\"label\":1,\"layers\":[4],\"score\":{\"w\":{\"mean\":[4]}}",
		"\"id\":\"label\",\"label\":1,\"layers\":[4],\"score\":{\"v\":{\"mean\":[2]}}",
		"\"id\":\"label\",\"label\":0,\"layers\":[4],\"score\":{\"w\":{\"mean\":[2]}}",
		"\"id\":\"only v\",\"label\":1,\"layers\":[4],\"score\":{\"v\":{\"mean\":[2]}}",
		"\"id\":\"only w\",\"label\":1,\"layers\":[4],\"score\":{\"w\":{\"mean\":[2]}}",
		"\"id\":\"ok\",\"label\":1,\"layers\":[4],\"score\":{\"v\":{\"mean\":[3]}}",
		"\"id\":\"ok\",\"label\":1,\"layers\":[4],\"score\":{\"w\":{\"mean\":[1]}}",
		"\"id\":\"fine\",\"label\":0,\"layers\":[4],\"score\":{\"v\":{\"mean\":[1]}}",
		"\"id\":\"fine\",\"label\":0,\"layers\":[4],\"score\":{\"w\":{\"mean\":[5]}}",
		"\"id\":\"x\",\"label\":0,\"layers\":[4],\"score\":{\"w\":{\"prompt\":[5]}}",
	};
	const struct syc_fit_opts o = { .compare = true };
	struct syc_fit *f;

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		ROW("{%s}\n", row[i]);
	f = fit_made(&o);
	/* of one position, and w at two, where no row has both */
	ck_assert_uint_eq(f->n_diffs, 2);
	ck_assert(f->diff[0].by_id && f->diff[0].layer[0].n_pos == 1);
	ck_assert(isnan(f->diff[1].layer[0].diff));
	near(f->diff[0].layer[0].diff, 1);
	ck_assert_uint_eq(f->diff[0].layer[0].n_neg, 1);
	syc_fit_free(f);
}
END_TEST

/* Layer 9 has no score at all, row 3 none at layer 1. */
START_TEST(multi)
{
	const struct syc_fit_opts o = { .multi = true, .folds = 3, .ridge = 0.5 };
	struct syc_fit *f;
	const struct syc_fit_multi *m;
	uint64_t state = 5;
	double *prob, *sd;

	for (int i = 0; i < 30; i++) {
		const double a = noise(&state) + (i % 2), b = noise(&state);

		ROW("{\"id\":\"%d\",\"label\":%d,\"layers\":[1,2,9],\"score\":{\"v\":{\"mean\":"
		    "[%s,%s,null]}}}\n",
		    i, i % 2, json_of(i == 3 ? NAN : 5 + 3 * a), json_of(b));
	}
	f = fit_made(&o);
	m = &f->set[0].multi;
	ck_assert_ptr_null(m->why);
	ck_assert(m->n == 29 && m->w[2] == 0 && m->w[0] > 0);
	prob = calloc(30, sizeof(*prob));
	syc_fit_multi_apply(prob, m, f->set[0].t->score, 30, 3);
	for (size_t i = 0; i < 30; i++) {
		const double *x = f->set[0].t->score + 3 * i;

		near(prob[i], 1 / (1 + exp(-(m->bias + m->w[0] * x[0] +
					     m->w[1] * x[1]))));
	}
	/* Weights of scores and of standard deviations are one fit. */
	sd = column(f, 0, 0);
	{
		double mean = 0, square = 0;

		for (size_t i = 0; i < 30; i++)
			mean += isnan(sd[i]) ? 0 : sd[i] / 29;
		for (size_t i = 0; i < 30; i++)
			square += isnan(sd[i]) ? 0 : pow(sd[i] - mean, 2) / 28;
		near(m->w_sd[0], m->w[0] * sqrt(square));
	}
	ck_assert_uint_eq(m->cv.brier.n, 29);
	free(prob);
	free(sd);
	syc_fit_free(f);
}
END_TEST

START_TEST(multi_too_few)
{
	const struct syc_fit_opts o = { .multi = true };
	struct syc_fit *f;

	for (int i = 0; i < 12; i++)
		ROW("{\"id\":\"%d\",\"label\":%d,\"layers\":[1,2]"
		    ",\"score\":{\"v\":{\"mean\":[%s,%s]}}}\n",
		    i, i % 2, i < 6 ? "1" : "null", i < 6 ? "null" : "2");
	f = fit_made(&o);
	ck_assert_str_eq(f->set[0].multi.why,
			 "too few rows have a score at every layer");
	ck_assert(isnan(f->set[0].multi.cv.auc.auc) &&
		  isnan(f->set[0].multi.lambda));
	syc_fit_free(f);
}
END_TEST

/* A constant layer weighs nothing; a single group for training gives no fit. */
START_TEST(multi_constant)
{
	const struct syc_fit_opts o = { .multi = true, .folds = 2, .group = "g" };
	struct syc_fit *f;

	for (int i = 0; i < 12; i++)
		ROW("{\"id\":\"%d\",\"g\":%d,\"label\":%d,\"layers\":[1,2]"
		    ",\"score\":{\"v\":{\"mean\":"
		    "[%d,4]}}}\n",
		    i, i % 2, i / 2 % 2, i * 5 % 7);
	f = fit_made(&o);
	ck_assert_ptr_null(f->set[0].multi.why);
	ck_assert(f->set[0].multi.w[1] == 0 && f->set[0].multi.w_sd[1] == 0);
	ck_assert(isnan(f->set[0].multi.cv.auc.auc));
	syc_fit_free(f);
}
END_TEST

/* One row left out at a time, and all layers together: scikit-learn, statsmodels. */
START_TEST(reference)
{
	static const char *const confound[] = { "topic", "length" };
	struct syc_fit_opts o = { .folds = 60, .multi = true, .ridge = 2 };
	struct syc_fit *f = fit_file("tests/data/fit_a.jsonl", &o);

	close_to(f->set[0].multi.cv.brier.brier, stored("multi_brier", 0));
	/* No two are left out together. */
	ck_assert(isnan(f->set[0].layer[0].cv.auc.auc));
	near(f->set[0].multi.lambda, 2);
	syc_fit_free(f);
	o = (struct syc_fit_opts){ .folds = 60, .confound = confound,
				   .n_confounds = 2 };
	f = fit_file("tests/data/fit_a.jsonl", &o);
	for (size_t l = 0; l < 3; l++) {
		const struct syc_fit_layer *got = &f->set[0].layer[l];

		close_to(got->cv.brier.brier, stored("loo_brier", l));
		close_to(got->cv.brier.loss, stored("loo_loss", l));
		close_to(got->confound[0].within.auc,
			 stored("within_topic", l));
		close_to(got->confound[1].within.auc,
			 stored("within_length", l));
	}
	close_to(f->set[0].layer[0].confound[1].adjusted.with.slope,
		 stored("length_slope", 0));
	close_to(f->set[0].layer[0].confound[1].adjusted.with.p,
		 stored("length_p", 0));
	syc_fit_free(f);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(confounds),
		TEST(confound_is_score),
		TEST(differences),
		TEST(no_mate),
		TEST(multi),
		TEST(multi_too_few),
		TEST(multi_constant),
		TEST(reference),
	};

	return RUN_TESTS("fit_joint", tests);
}
