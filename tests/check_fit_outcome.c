/* SPDX-License-Identifier: MIT */
/* Fits of a number in place of a label, and of rows that count differently. */
#include "config.h"
#include "fits.h"

/* Rows with a shift (every seventh without), a weight, a claim. */
static void rows(size_t n, uint64_t order_seed)
{
	uint32_t *order = calloc(n, sizeof(*order));

	syc_random_order(order, n, order_seed);
	for (size_t k = 0; k < n; k++) {
		const uint32_t i = order[k];
		uint64_t state = 77 + i;
		const double x = noise(&state), shift = x + 2 * noise(&state);

		ROW("{\"id\":\"r%u\",\"claim\":\"c%u\",\"w\":%u,\"m\":{\"shift\":%s},\"label\":%s,",
		    i, i % 9, 1 + i % 4, json_of(i % 7 ? shift : NAN),
		    i % 5 ? shift > 0 ? "1" : "0" : "null");
		ROW("\"layers\":[1,2],\"score\":{\"v\":{\"mean\":[%s,%s]}}}\n",
		    json_of(i == 11 ? NAN : x), json_of(noise(&state)));
	}
	free(order);
}

static double *field(const struct syc_fit *f, const char *name)
{
	const struct syc_scores_set *t = f->set[0].t;
	const size_t at = syc_scores_field(f->scores, name);
	double *x = calloc(t->n + 1, sizeof(*x));

	for (size_t i = 0; i < t->n; i++)
		x[i] = f->scores->row[t->row[i]].value[at].number;
	return x;
}

/* All rows that have the number, labeled or not, clustered and weighted. */
START_TEST(outcome)
{
	const struct syc_fit_opts o = { .outcome = "m.shift", .cluster = "claim",
					.weight = "w" };
	struct syc_fit *f, *again;
	double p[2], *y, *w;

	rows(70, 1);
	f = fit_made(&o);
	rows(70, 2);
	again = fit_made(&o);
	ck_assert_uint_eq(f->scores->n_labeled, 60);
	ck_assert_uint_eq(f->scores->n_undecided, 10);
	y = field(f, "m.shift");
	w = field(f, "w");
	for (size_t l = 0; l < 2; l++) {
		const struct syc_stat_opts so = { .cluster = f->set[0].cluster, .weight = w };
		double *x = column(f, 0, l);
		struct syc_line line;

		syc_stat_line(&line, x, y, 60, &so, NULL);
		ck_assert_uint_eq(line.n, l ? 60 : 59);
		near(f->set[0].layer[l].line.slope, line.slope);
		near(f->set[0].layer[l].line.se, line.se);
		near(f->set[0].layer[l].line.rho_p, line.rho_p);
		ck_assert(f->set[0].layer[l].line.rho == again->set[0].layer[l].line.rho);
		p[l] = line.p;
		free(x);
	}
	syc_stat_bh(p, p, 2, NULL);
	near(f->set[0].layer[0].p_adj, p[0]);
	free(y);
	free(w);
	syc_fit_free(f);
	syc_fit_free(again);
}
END_TEST

/* Areas and the regression have weights; what has none is not defined. */
START_TEST(weights)
{
	const struct syc_fit_opts o = { .weight = "w" };
	struct syc_fit *f;
	double *w, *x;

	rows(70, 1);
	f = fit_made(&o);
	w = field(f, "w");
	x = column(f, 0, 0);
	{
		const struct syc_fit_layer *l = &f->set[0].layer[0];
		const struct syc_stat_opts so = { .weight = w };
		const struct syc_logit_opts lo = { .weight = w };
		const struct syc_scores_set *t = f->set[0].t;
		struct syc_auc auc;
		struct syc_logit logit;

		syc_stat_auc_with(&auc, x, t->label, t->n, &so, NULL);
		syc_stat_logit_with(&logit, x, t->label, t->n, &lo, NULL);
		near(l->auc.auc, auc.auc);
		near(l->auc.lo, auc.lo);
		near(l->logit.p, logit.p);
		ck_assert(isnan(l->corr.r) && isnan(l->ap.ap) && isnan(l->brier.brier));
		ck_assert(isnan(l->slope));
	}
	free(w);
	free(x);
	syc_fit_free(f);
}
END_TEST

START_TEST(refused)
{
	struct syc_fit_opts o = { .outcome = "label", .n_boot = 100 };
	struct syc_err err;

	rows(20, 1);
	ck_assert_int_eq(fail_made(&o, &err), SYC_EINVAL);
	ck_assert(strstr(err.msg, "go with clusters") != NULL);
	o = (struct syc_fit_opts){ .outcome = "claim" };
	rows(20, 1);
	ck_assert_int_eq(fail_made(&o, &err), SYC_EFORMAT);
	ck_assert(strstr(err.msg, "\"claim\" is not a number or null") != NULL);
	o.outcome = "other";
	rows(20, 1);
	ck_assert_int_eq(fail_made(&o, &err), SYC_EFORMAT);
	ck_assert(strstr(err.msg, "no field \"other\"") != NULL);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(outcome), TEST(weights), TEST(refused),
	};

	return RUN_TESTS("fit_outcome", tests);
}
