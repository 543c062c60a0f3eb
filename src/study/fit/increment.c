/* SPDX-License-Identifier: MIT */
/* Baselines of a vector's rows, and what its scores add to them. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/fit/fit.h"

enum { VIEWS = 10 };	/* texts of views that are told apart */

static const char *const names[SYC_N_BASELINES] = {
	"length", "view", "letter", "words", "overlap", "odds", "other",
};

const char *syc_baseline_name(unsigned baseline)
{
	return baseline < SYC_N_BASELINES ? names[baseline] : NULL;
}

int syc_baselines_parse(unsigned *mask, const char *list, struct syc_err *err)
{
	*mask = 0;
	if (strcmp(list, "all") == 0) {
		*mask = SYC_BASELINES_PLAIN;
		return 0;
	}
	for (const char *s = list; s;
	     s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
		const size_t len = strcspn(s, ",");
		unsigned i = 0;

		while (i < SYC_N_BASELINES && (strlen(names[i]) != len ||
					       memcmp(names[i], s, len) != 0))
			i++;
		if (i == SYC_N_BASELINES)
			return syc_fail(err, SYC_EINVAL,
					"'%.*s' is no baseline", (int)len, s);
		*mask |= 1u << i;
	}
	return 0;
}

/* ---- columns ------------------------------------------------------------ */

struct columns {
	const struct syc_fit *f;
	const struct syc_scores_set *t;
	double *plain;		/* [n][cap] */
	size_t n_plain, cap;
	float *words;		/* [n][SYC_FEATURE_WORDS] or NULL */
};

static const struct syc_row_features *of(const struct columns *c, size_t i)
{
	return &c->f->scores->row[c->t->row[i]].features;
}

/* The same text but for "/reversed" is the id of a question's two orders. */
static size_t id_length(const char *id)
{
	static const char end[] = "/reversed";
	const size_t n = strlen(id), m = sizeof(end) - 1;

	return n > m && strcmp(id + n - m, end) == 0 ? n - m : n;
}

struct asked {
	const char *id;
	size_t len, at;
};

static int by_id(const void *a, const void *b)
{
	const struct asked *p = a, *q = b;
	const int c = memcmp(p->id, q->id, p->len < q->len ? p->len : q->len);

	return c ? c : p->len != q->len ? (p->len > q->len) - (p->len < q->len)
					: strcmp(p->id, q->id);
}

/* Log odds of the user's answer in the other order; NaN without that row. */
static int add_other(struct columns *c, struct syc_err *err)
{
	const size_t n = c->t->n;
	struct asked *a = syc_calloc(n + 1, sizeof(*a));

	if (!a)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const char *id = c->f->scores->row[c->t->row[i]].id;

		a[i] = (struct asked){ id, id_length(id), i };
		c->plain[i * c->cap + c->n_plain] = NAN;
	}
	qsort(a, n, sizeof(*a), by_id);
	for (size_t i = 0; i + 1 < n; i++) {
		if (a[i].len != a[i + 1].len ||
		    strcmp(a[i].id, a[i + 1].id) == 0 ||
		    memcmp(a[i].id, a[i + 1].id, a[i].len) != 0)
			continue;
		c->plain[a[i].at * c->cap + c->n_plain] =
			of(c, a[i + 1].at)->odds;
		c->plain[a[i + 1].at * c->cap + c->n_plain] =
			of(c, a[i].at)->odds;
	}
	c->n_plain++;
	free(a);
	return 0;
}

/* A column for each view but the first: by its text, or by its place among choices. */
static void add_views(struct columns *c)
{
	const char *seen[VIEWS + 1];
	size_t n = 0;

	for (size_t i = 0; i < c->t->n && n <= VIEWS; i++) {
		size_t k = 0;

		while (k < n && strcmp(seen[k], of(c, i)->view) != 0)
			k++;
		if (k == n)
			seen[n++] = of(c, i)->view;
	}
	if (n > VIEWS) {
		for (size_t i = 0; i < c->t->n; i++)
			c->plain[i * c->cap + c->n_plain] = of(c, i)->option;
		c->n_plain++;
		return;
	}
	for (size_t k = 1; k < n; k++, c->n_plain++)
		for (size_t i = 0; i < c->t->n; i++)
			c->plain[i * c->cap + c->n_plain] =
				strcmp(seen[k], of(c, i)->view) == 0;
}

static void add_letters(struct columns *c)
{
	for (char l = 'B'; l < 'B' + VIEWS; l++, c->n_plain++)
		for (size_t i = 0; i < c->t->n; i++)
			c->plain[i * c->cap + c->n_plain] =
				of(c, i)->letter == l;
}

static void add_number(struct columns *c, size_t at)
{
	for (size_t i = 0; i < c->t->n; i++)
		c->plain[i * c->cap + c->n_plain] =
			*(const double *)((const char *)of(c, i) + at);
	c->n_plain++;
}

static int fill(struct columns *c, unsigned mask, struct syc_err *err)
{
	const size_t n = c->t->n, w = SYC_FEATURE_WORDS;

	c->cap = 2 * VIEWS + SYC_N_BASELINES;
	c->plain = syc_calloc(n + 1, c->cap * sizeof(*c->plain));
	c->words = mask >> SYC_BASELINE_WORDS & 1
			   ? syc_calloc(n + 1, w * sizeof(*c->words)) : NULL;
	if (!c->plain || (mask >> SYC_BASELINE_WORDS & 1 && !c->words))
		return syc_nomem(err);
	for (size_t i = 0; i < n && c->words; i++)
		memcpy(c->words + i * w, of(c, i)->words,
		       w * sizeof(*c->words));
	if (mask >> SYC_BASELINE_LENGTH & 1)
		add_number(c, offsetof(struct syc_row_features, length));
	if (mask >> SYC_BASELINE_VIEW & 1)
		add_views(c);
	if (mask >> SYC_BASELINE_LETTER & 1)
		add_letters(c);
	if (mask >> SYC_BASELINE_OVERLAP & 1)
		add_number(c, offsetof(struct syc_row_features, overlap));
	if (mask >> SYC_BASELINE_ODDS & 1)
		add_number(c, offsetof(struct syc_row_features, odds));
	return mask >> SYC_BASELINE_OTHER & 1 ? add_other(c, err) : 0;
}

int syc_fit_increment(const struct syc_fit *f, struct syc_fit_set *s,
		      struct syc_err *err)
{
	const struct syc_increment_opts o = {.folds = f->o.folds,
					     .n_perm = f->o.n_procedure,
					     .seed = f->o.seed,
					     .threads = f->o.threads};
	struct columns c = { .f = f, .t = s->t };
	struct syc_increment_in in = {.score = s->t->score,
				      .label = s->t->label,
				      .n = s->t->n,
				      .n_layers = f->scores->n_layers};
	uint32_t *claim = NULL;
	size_t n_claims, kept = 0;
	int ret = syc_fit_number(&claim, &n_claims, f->scores, s->t, f->o.claim,
				 err);

	if (ret == 0)
		ret = fill(&c, f->o.baselines, err);
	/* Close the gaps behind the columns that there are. */
	for (size_t i = 0; i < s->t->n && ret == 0; i++)
		for (size_t k = 0; k < c.n_plain; k++)
			c.plain[kept++] = c.plain[i * c.cap + k];
	in.claim = claim;
	in.plain = c.plain;
	in.n_plain = c.n_plain;
	in.words = c.words;
	in.n_words = SYC_FEATURE_WORDS;
	if (ret == 0)
		ret = syc_increment_run(&s->increment, &in, &o, err);
	for (size_t l = 0; l < in.n_layers && ret == 0; l++)
		s->layer[l].increment = s->increment->layer[l];
	free(claim);
	free(c.plain);
	free(c.words);
	return ret;
}
