/* SPDX-License-Identifier: MIT */
/* Fits of a table: layers, resampling, folds, the layer chosen. */
#include "config.h"
#include "fits.h"

/* Every layer has the figures of its column, and p adjusted over the layers. */
START_TEST(layers)
{
	const struct syc_fit_opts o = { .cluster = "topic" };
	struct syc_fit *f;
	const struct syc_scores_set *t;
	double p[3];

	make_rows(80, 3, 1);
	f = fit_made(&o);
	t = f->set[0].t;
	ck_assert(f->set[0].n_clusters == 7 && !f->cross && !f->set[0].group);
	for (size_t i = 0; i < t->n; i++) {
		const char *topic = f->scores->row[t->row[i]].value[0].text;

		ck_assert_uint_eq(f->set[0].cluster[i],
				  (uint32_t)atoi(topic + 1));
	}
	for (size_t l = 0; l < 3; l++) {
		const struct syc_fit_layer *got = &f->set[0].layer[l];
		const struct syc_logit_opts lo = { .cluster = f->set[0].cluster };
		double *x = column(f, 0, l), brier = 0;
		struct syc_auc auc;
		struct syc_logit logit;

		syc_stat_auc_clustered(&auc, x, t->label, f->set[0].cluster,
				       t->n, NULL);
		syc_stat_logit_with(&logit, x, t->label, t->n, &lo, NULL);
		near(got->auc.auc, count_auc(x, t->label, NULL, t->n));
		near(got->auc.lo, auc.lo);
		near(got->logit.se, logit.se);
		near(got->logit.slope, logit.slope);
		for (size_t i = 0; i < t->n; i++)
			brier += pow(syc_stat_logit_at(&logit, x[i]) - t->label[i], 2);
		near(got->brier.brier, brier / (double)t->n);
		near(got->slope, 1);
		near(got->intercept, 0);
		p[l] = logit.p;
		free(x);
	}
	syc_stat_bh(p, p, 3, NULL);
	for (size_t l = 0; l < 3; l++)
		near(f->set[0].layer[l].p_adj, p[l]);
	ck_assert_int_eq(f->set[0].layer[1].sign, -1);
	ck_assert_int_eq(f->set[0].layer[0].sign, 1);
	ck_assert_int_eq(f->set[0].layer[2].sign, 0);
	syc_fit_free(f);
	syc_fit_free(NULL);
}
END_TEST

/* A pure number depends neither on the order of rows nor on threads. */
START_TEST(order_and_threads)
{
	static const char *const confound[] = { "long", "topic" };
	struct syc_fit_opts o = { .cluster = "topic",
				 .confound = confound,
				 .n_confounds = 2,
				 .n_boot = 100,
				 .n_perm = 100,
				 .multi = true,
				 .ridge = -1,
				 .seed = 4,
				 .threads = 1 };
	struct syc_fit *a, *b, *c;

	make_rows(60, 5, 1);
	a = fit_made(&o);
	make_rows(60, 5, 2);
	o.threads = 3;
	b = fit_made(&o);
	make_rows(60, 5, 2);
	o.seed = 5;
	c = fit_made(&o);
	for (size_t l = 0; l < 3; l++) {
		struct syc_fit_layer *x = &a->set[0].layer[l],
				     *y = &b->set[0].layer[l];

		ck_assert(x->boot.lo == y->boot.lo &&
			  x->perm.p_max == y->perm.p_max);
		ck_assert(x->cv.brier.brier == y->cv.brier.brier &&
			  x->ridge == y->ridge);
		ck_assert(x->confound[1].adjusted.p ==
				  y->confound[1].adjusted.p ||
			  isnan(x->confound[1].adjusted.p));
		ck_assert(x->confound[0].within.auc ==
			  y->confound[0].within.auc);
		ck_assert(x->boot.lo != c->set[0].layer[l].boot.lo);
		ck_assert(x->ridge > 0);
	}
	ck_assert(a->set[0].multi.lambda == b->set[0].multi.lambda);
	ck_assert(a->set[0].best.cv.auc.auc == b->set[0].best.cv.auc.auc);
	syc_fit_free(a);
	syc_fit_free(b);
	syc_fit_free(c);
}
END_TEST

START_TEST(resampled)
{
	const struct syc_fit_opts o = { .n_boot = 200, .n_perm = 200, .seed = 9 };
	struct syc_boot boot[3];
	struct syc_perm perm[3];
	enum syc_shuffle how;
	struct syc_ranks *r;
	struct syc_fit *f;
	const struct syc_scores_set *t;

	make_rows(50, 6, 1);
	f = fit_made(&o);
	t = f->set[0].t;
	ck_assert_int_eq(syc_ranks_new(&r, t->score, t->label, NULL, t->n, 3,
				       NULL), 0);
	syc_bootstrap_auc(boot, r, 200, 9, 1, NULL);
	syc_permute_auc(perm, &how, r, 200, 9, 1, NULL);
	for (size_t l = 0; l < 3; l++) {
		near(f->set[0].layer[l].boot.band_hi, boot[l].band_hi);
		near(f->set[0].layer[l].perm.p, perm[l].p);
	}
	ck_assert_int_eq(f->set[0].how, how);
	syc_ranks_free(r);
	syc_fit_free(f);
}
END_TEST

/* The fit of layer l without the rows of a fold, and its training area. */
static double refit(struct syc_logit *logit, const struct syc_fit_set *s,
		    const double *x, uint32_t fold)
{
	int8_t *label = calloc(s->t->n, 1);
	double auc;

	for (size_t i = 0; i < s->t->n; i++)
		label[i] = s->fold[i] == fold ? SYC_LABEL_UNDECIDED
					      : s->t->label[i];
	syc_stat_logit(logit, x, label, s->t->n, NULL);
	auc = count_auc(x, label, NULL, s->t->n);
	free(label);
	return auc;
}

/* Cross-validation again, by hand: each layer, and the one chosen in each fold. */
START_TEST(crossed)
{
	const struct syc_fit_opts o = { .folds = 4, .seed = 2 };
	struct syc_fit *f;
	const struct syc_fit_set *s;
	double *x[3], *prob, *best_prob;
	size_t chosen[3] = { 0, 0, 0 };

	make_rows(48, 8, 1);
	f = fit_made(&o);
	s = &f->set[0];
	ck_assert(f->cross && s->n_folds == 4);
	prob = calloc(3 * s->t->n, sizeof(*prob));
	best_prob = calloc(s->t->n, sizeof(*best_prob));
	for (size_t l = 0; l < 3; l++)
		x[l] = column(f, 0, l);
	for (uint32_t k = 0; k < 4; k++) {
		size_t best = 0;
		double reach = -1;

		for (size_t l = 0; l < 3; l++) {
			struct syc_logit logit;
			const double here =
				fabs(refit(&logit, s, x[l], k) - 0.5);

			for (size_t i = 0; i < s->t->n; i++)
				if (s->fold[i] == k)
					prob[l * s->t->n + i] =
						syc_stat_logit_at(&logit,
								  x[l][i]);
			best = here > reach ? l : best;
			reach = fmax(here, reach);
		}
		chosen[best]++;
		for (size_t i = 0; i < s->t->n; i++)
			if (s->fold[i] == k)
				best_prob[i] = prob[best * s->t->n + i];
	}
	for (size_t l = 0; l < 3; l++) {
		ck_assert_uint_eq(s->best.chosen[l], chosen[l]);
		near(s->layer[l].cv.auc.auc,
		     count_auc(prob + l * s->t->n, s->t->label, s->fold,
			       s->t->n));
		free(x[l]);
	}
	near(s->best.cv.auc.auc,
	     count_auc(best_prob, s->t->label, s->fold, s->t->n));
	free(prob);
	free(best_prob);
	syc_fit_free(f);
}
END_TEST

/*
 * Layer 1 tells the label in group 0 alone, layer 2 in group 1 alone: a fold
 * that leaves a group out chooses the layer that says nothing there.
 */
START_TEST(choice_is_blind)
{
	const struct syc_fit_opts o = { .group = "g", .folds = 2 };
	struct syc_fit *f;
	const struct syc_fit_set *s;
	uint64_t state = 1;

	for (int i = 0; i < 80; i++) {
		const int y = i / 2 % 2, g = i % 2;
		const double small = 0.1 * noise(&state);

		ROW("{\"id\":\"%d\",\"g\":%d,\"label\":%d,\"layers\":[1,2],\"score\":{\"v\":"
		    "{\"mean\":[%s,%s]}}}\n",
		    i, g, y, json_of(g ? noise(&state) : y + small),
		    json_of(g ? y + small : noise(&state)));
	}
	f = fit_made(&o);
	s = &f->set[0];
	ck_assert_uint_eq(s->n_folds, 2);
	for (size_t i = 0; i < s->t->n; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert((s->group[i] == s->group[j]) ==
				  (s->fold[i] == s->fold[j]));
	/* Each fold's rows would have chosen the other layer. */
	ck_assert(s->best.chosen[0] == 1 && s->best.chosen[1] == 1);
	ck_assert(s->layer[0].auc.auc > 0.6 && s->layer[1].auc.auc > 0.6);
	ck_assert(s->best.cv.auc.auc > 0.25 && s->best.cv.auc.auc < 0.75);
	syc_fit_free(f);
}
END_TEST

START_TEST(folds_and_groups)
{
	struct syc_fit_opts o = { .cross = true, .group = "size",
				  .cluster = "topic" };
	struct syc_fit *f;

	make_rows(40, 2, 1);
	f = fit_made(&o);
	/* Three sizes: no more than three folds, unless so many were asked for. */
	ck_assert(f->set[0].n_folds == 3 && f->n_folds == 5 &&
		  f->set[0].n_groups == 3);
	syc_fit_free(f);
	o.folds = 4;
	make_rows(40, 2, 1);
	FAILS(fail_made(&o, &err), SYC_EINVAL, "4 folds of 3 groups");
	/* Without a group the cluster's rows stay together. */
	o = (struct syc_fit_opts){ .cross = true, .cluster = "topic" };
	make_rows(40, 2, 1);
	f = fit_made(&o);
	for (size_t i = 0; i < f->set[0].t->n; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(f->set[0].cluster[i] !=
					  f->set[0].cluster[j] ||
				  f->set[0].fold[i] == f->set[0].fold[j]);
	ck_assert_uint_eq(f->set[0].n_folds, 5);
	syc_fit_free(f);
	/* One group: there is nothing to leave out. */
	for (int i = 0; i < 6; i++)
		ROW("{\"g\":1,\"label\":%d,\"layers\":[1],\"score\":{\"v\":{\"mean\":[%d]}}}\n",
		    i % 2, i);
	o = (struct syc_fit_opts){ .multi = true, .group = "g", .ridge = -1 };
	f = fit_made(&o);
	ck_assert_uint_eq(f->set[0].n_folds, 0);
	ck_assert(isnan(f->set[0].best.cv.auc.auc) &&
		  isnan(f->set[0].layer[0].cv.brier.brier));
	ck_assert(f->set[0].best.chosen[0] == 0 &&
		  f->set[0].layer[0].ridge == 0);
	ck_assert_str_eq(f->set[0].multi.why, "one class, or too few rows");
	syc_fit_free(f);
}
END_TEST

/* Nothing that can be told: every figure undefined, nothing an error. */
START_TEST(undefined)
{
	static const char *const confound[] = { "c" };
	const struct syc_fit_opts o = { .multi = true,
				       .compare = true,
				       .n_boot = 100,
				       .n_perm = 100,
				       .confound = confound,
				       .n_confounds = 1,
				       .ridge = -1 };
	struct syc_fit *f = fit_made(&o);	/* no rows */

	ck_assert(f->scores->n_rows == 0 && f->scores->n_sets == 0 &&
		  f->n_diffs == 0);
	syc_fit_free(f);
	for (int kind = 0; kind < 2; kind++) {
		for (int i = 0; i < 4; i++)
			ROW("{\"id\":\"%d\",\"c\":\"x\",\"label\":%s,\"layers\":[1]"
			    ",\"score\":{\"v\":"
			    "{\"mean\":[%d]},\"w\":{\"mean\":[%d]}}}\n",
			    i, kind ? "1" : "null", i, -i);
		f = fit_made(&o);
		ck_assert_uint_eq(f->scores->n_sets, 2);
		ck_assert(isnan(f->set[0].layer[0].auc.auc) &&
			  isnan(f->set[0].layer[0].p_adj));
		ck_assert(isnan(f->set[0].layer[0].boot.lo) &&
			  isnan(f->set[0].layer[0].perm.p));
		ck_assert(isnan(f->set[0].layer[0].confound[0].within.auc));
		ck_assert(isnan(f->diff[0].layer[0].diff) &&
			  isnan(f->diff[0].p_adj[0]));
		ck_assert(isnan(f->set[0].best.cv.auc.auc) &&
			  f->set[0].n_folds == 0);
		ck_assert_ptr_nonnull(f->set[0].multi.why);
		ck_assert_int_eq(f->set[0].layer[0].sign, 0);
		syc_fit_free(f);
	}
}
END_TEST

/* Layers and vectors chosen; a ridge draws the slope in. */
START_TEST(chosen)
{
	const uint32_t some[] = { 2 };
	struct syc_fit_opts o = { .layer = some, .n_layers = 1, .vector = "v" };
	struct syc_fit *f;
	double slope;

	make_rows(50, 3, 1);
	f = fit_made(&o);
	ck_assert(f->scores->n_layers == 1 && f->set[0].layer[0].auc.auc < 0.5);
	slope = f->set[0].layer[0].logit.slope;
	syc_fit_free(f);
	o.ridge = 10;
	make_rows(50, 3, 1);
	f = fit_made(&o);
	ck_assert(slope < f->set[0].layer[0].logit.slope &&
		  f->set[0].layer[0].logit.slope < 0);
	near(f->set[0].layer[0].ridge, 10);
	syc_fit_free(f);
	o.vector = "w";
	make_rows(5, 3, 1);
	FAILS(fail_made(&o, &err), SYC_EINVAL,
	      "no row has a score of the chosen");
	o.cluster = "none";
	make_rows(5, 3, 1);
	FAILS(fail_made(&o, &err), SYC_EFORMAT, "no field \"none\"");
}
END_TEST

static int fit_table(const struct syc_fit_opts *o, struct syc_err *err)
{
	static const char *const field[] = { "topic" };
	const struct syc_scores_opts so = { .field = field, .n_fields = 1 };
	struct syc_fit *f;
	int ret;

	make_rows(9, 1, 1);
	ret = syc_fit_scores(&f, made_table(&so), o, err);
	syc_fit_free(f);
	return ret;
}

/* A table that was read without what a fit needs. */
START_TEST(table)
{
	static const char *const confound[] = { "topic", "size" };

	ck_assert_int_eq(fit_table(&(struct syc_fit_opts){ .cluster = "topic" },
				   NULL), 0);
	FAILS(fit_table(&(struct syc_fit_opts){ .cluster = "size" }, &err),
	      SYC_EINVAL, "read without field \"size\"");
	FAILS(fit_table(&(struct syc_fit_opts){ .group = "size" }, &err),
	      SYC_EINVAL, "\"size\"");
	FAILS(fit_table(&(struct syc_fit_opts){ .confound = confound,
					       .n_confounds = 2 },
			&err),
	      SYC_EINVAL, "\"size\"");
	FAILS(fit_table(&(struct syc_fit_opts){ .n_null = { 20 } }, &err), SYC_EINVAL,
	      "read without activation files");
}
END_TEST

/*
 * 20 questions, each answered alike three times, whose score says nothing; how
 * many of 200 studies say that it does.
 */
static unsigned found_of_answers(const struct syc_fit_opts *o, const char *form)
{
	uint64_t state = 5;
	unsigned found = 0;

	for (int study = 0; study < 200; study++) {
		struct syc_fit *f;

		for (int i = 0; i < 60; i++) {
			static double x;
			static int y;

			if (i % 3 == 0) {
				x = noise(&state);
				y = syc_splitmix64(&state) % 2;
			}
			ROW(form, i / 3, i % 3, i / 3);
			ROW(",\"label\":%d,\"layers\":[0],\"score\":{\"v\":"
			    "{\"prompt\":[%.6f]}}}\n", y, x + 0.3 * noise(&state));
		}
		f = fit_made(o);
		found += f->set[0].layer[0].sign != 0;
		if (!study)
			ck_assert_uint_eq(f->set[0].n_clusters, o->cluster ? 0 : 20);
		syc_fit_free(f);
	}
	return found;
}

/* Answers to one question are a cluster without asking, by parent or by id. */
START_TEST(answers_of_a_question)
{
	static const char by_id[] = "{\"id\":\"q%d\",\"sample\":%d",
			  by_parent[] = "{\"id\":\"q%d-%d\",\"parent\":\"q%d\"";
	const struct syc_fit_opts none = { 0 }, apart = { .cluster = "" };

	ck_assert_uint_le(found_of_answers(&none, by_parent), 18);
	ck_assert_uint_le(found_of_answers(&none, by_id), 18);
	ck_assert_uint_ge(found_of_answers(&apart, by_parent), 30);
}
END_TEST

/* What rows are made from; rows that nothing names are from nowhere. */
START_TEST(parents)
{
	static const char *const line[] = {
		"{\"id\":\"a\",\"sample\":1}", "a",
		"{\"id\":\"a/reversed\",\"order\":\"reversed\"}", "a",
		"{\"id\":\"a/reversed\"}", "a/reversed",
		"{\"id\":\"b\",\"parent\":\"a\",\"order\":\"reversed\"}", "a",
		"{\"id\":\"b\",\"parent\":null}", "b",
		"{\"label\":1}", "" };

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i += 2) {
		struct syc_row *row;
		const char *s;
		size_t n;

		ck_assert_int_eq(syc_row_parse(&row, line[i], strlen(line[i]), NULL), 0);
		s = syc_row_parent(row, &n);
		ck_assert((s != NULL) == (*line[i + 1] != 0));
		ck_assert(n == strlen(line[i + 1]) && (!s || !memcmp(s, line[i + 1], n)));
		syc_row_free(row);
	}
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(layers),
		TEST(order_and_threads),
		TEST(resampled),
		TEST(crossed),
		TEST(choice_is_blind),
		TEST(folds_and_groups),
		TEST(undefined),
		TEST(chosen),
		TEST(table),
		TEST(answers_of_a_question),
		TEST(parents),
	};

	return RUN_TESTS("fit", tests);
}
