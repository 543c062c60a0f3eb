/* SPDX-License-Identifier: MIT */
/* The tables: each a row of columns, or with a function for its rows. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/err.h"
#include "study/tables/tables.h"

#define MINUS "\342\210\222"

/* The first column of syc-sweep --tsv, and all others. */
static const char sweep_columns[] =
	"kind\tvector\tdraw\tlayers\top\tscale\treached\tp_match\tchange\tchange_lo\tchange_hi\t"
	"chosen\tchosen_change\tchosen_change_lo\tchosen_change_hi\twrong_way\tkl\ttext_kl\t"
	"perplexity\trepetition\tcontrol_p_match\tcontrol_change\tcontrol_change_lo\t"
	"control_change_hi\tcontrol_chosen\tcontrol_chosen_change\tcontrol_chosen_change_lo\t"
	"control_chosen_change_hi\tcontrol_wrong_way\teffect\teffect_change\teffect_lo\t"
	"effect_hi";

static void letters(struct cells *c, const struct syc_study_documents *d)
{
	for (size_t i = 0; i < d->n_sets; i++) {
		const struct syc_choice_rates *r = &d->set[i].rates;

		cell_text(c, d->set[i].name);
		syc_buf_printf(cell(c), "%zu", r->n);
		cell_number(c, r->given, 3);
		cell_number(c, r->reversed, 3);
		cell_number(c, r->letter_a, 3);
		row_end(c);
	}
}

/* Who takes part in what, and what was left out so that no claim is in two parts. */
static void splits(struct cells *c, const struct syc_study_documents *d)
{
	for (size_t i = 0; i < d->n_parts; i++) {
		const struct syc_study_part *p = &d->part[i];
		const struct syc_picked *n = &p->picked;

		cell_text(c, p->from);
		cell_text(c, p->use);
		syc_buf_printf(cell(c), "%zu\t%zu\t%zu\t%zu\t%zu\t%zu", n->n_rows,
			       n->n_claims, n->of_rows, n->of_claims, n->left_rows,
			       n->left_claims);
		row_end(c);
	}
}

/* The two are other questions to the model, a row each. */
static void stance_row(struct cells *c, const struct syc_study_set *set, const char *key,
		       const char *against)
{
	const json_t *o = json_object_get(set->stance, key);

	if (!count_of(o, "claims"))
		return;
	cell_text(c, set->name);
	cell_text(c, against);
	cells_of(c, o, "claims:0 " EFFECT ":e p:p");
	cells_of(c, json_object_get(set->stance, "labels"),
		 "with_view:0 moved:0 held:0 within_margin:0 agree_anyway:0");
	cells_of(c, set->stance, "mass:3");
	row_end(c);
}

static void stance(struct cells *c, const struct syc_study_documents *d)
{
	for (size_t i = 0; i < d->n_sets; i++) {
		stance_row(c, &d->set[i], "opposite_view", "the other view");
		stance_row(c, &d->set[i], "no_view", "no view");
	}
}

static bool is_mean(const json_t *transfer)
{
	return text_is(transfer, "vector", "mean");
}

/* ---- vectors among each other ------------------------------------------ */

/* Cosines of all pairs at a layer, as a triangle. */
static void methods(struct cells *c, const struct syc_study_documents *d)
{
	cell_text(c, "vector");
	for (size_t i = 0; i + 1 < d->n_vectors; i++)
		cell_text(c, d->vector[i]);
	row_end(c);
	for (size_t k = 1; k < d->n_vectors; k++) {
		cell_text(c, d->vector[k]);
		for (size_t i = 0; i < k; i++)
			cell_number(c, cosine_of(d, d->vector[i], d->vector[k]),
				    3);
		for (size_t i = k; i + 1 < d->n_vectors; i++)
			cell_text(c, "");
		row_end(c);
	}
}

static void put_compared(struct cells *c, const struct syc_study_documents *d,
			 const json_t *o)
{
	static const char *const words[][2] = {
		{ "halves", "two halves of the pairs, method " },
		{ "bootstrap", "pairs drawn again, with all, method " },
		{ "number", "so many of the pairs, with all: " },
		{ "method", "the first method with " },
	};

	(void)d;
	cell(c);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(o, "what", words[i][0]))
			syc_buf_puts(c->b, words[i][1]);
	put_text(c, text_of(o, "setting"));
}

/* ---- steering ---------------------------------------------------------- */

static void steering(struct cells *c, const struct syc_study_documents *d)
{
	put_steering(c, rows_of(d, SYC_STUDY_EQUAL), outcome_of(d));
}

static void steering_methods(struct cells *c,
			     const struct syc_study_documents *d)
{
	put_steering(c, rows_of(d, SYC_STUDY_METHODS), outcome_of(d));
}

static void put_where(struct cells *c, const struct syc_study_documents *d,
		      const json_t *o)
{
	(void)d;
	put_setting(c, o);
}

/* ---- all of them ------------------------------------------------------- */

/* A row for each that counts of a document's list. */
static const struct table {
	const char *name;
	enum syc_study_doc doc;
	const char *head;	/* NULL: fill() puts it */
	const char *columns;	/* see cells_of(); NULL: the head's, in full */
	bool (*counts)(const json_t *o);	/* NULL: all do */
	/* The first cells, or NULL. */
	void (*put)(struct cells *c, const struct syc_study_documents *d,
		    const json_t *o);
	/* Or all rows of a table that is of no list. */
	void (*fill)(struct cells *c, const struct syc_study_documents *d);
} tables[] = {
	{.name = "splits",
	 .head = "questions of\tused to\trows\tclaims\tof rows\tof claims\t"
		 "left out for their claim\tthese claims",
	 .fill = splits},
	{.name = "stance",
	 .head = "set\tagainst\tclaims\teffect of the view\tp\tquestions\tmoved\theld\t"
		 "within the margin\tagree anyway\tmass",
	 .fill = stance},
	{.name = "letters",
	 .head = "set\tquestions\tP(matching) as given\t"
		 "with choices reversed\tP(A)",
	 .fill = letters},
	{.name = "predict", .fill = table_predict},
	{.name = "told", .head = "told by\tAUC\thow", .fill = table_told},
	{.name = "nulls",
	 .head = "beside the vector mean\tdraws\tAUC of 95 % at its layer\tp there\tp, best layer",
	 .fill = table_nulls},
	{.name = "paired",
	 .head = "vector\tless the letters (ab)\tp\tless the vector mean\tp", .fill = table_paired},
	{.name = "matrix", .fill = table_matrix},
	{"calibration", SYC_STUDY_TRANSFER,
	 "fitted on\ttested on\tBrier score\tgain over the base rate\tslope\tintercept",
	 "train:t test:t cross_validated:* brier:3 brier_skill:% calibration_slope:3 "
	 "calibration_intercept:3",
	 .counts = is_mean},
	{.name = "confounds",
	 .head = "held fixed\tlayer and sign\tchosen on\tAUC alone\tAUC within equal values\t"
		 "log odds per SD, alone\tbeside it\tp",
	 .fill = table_confounds},
	{.name = "methods", .fill = methods},
	{"stability", SYC_STUDY_STABILITY, "compared\tpairs\tdraws\tcosine",
	 "pairs:0 draws:0 " STABLE ":e", .put = put_compared},
	{"stability.all", SYC_STUDY_STABILITY,
	 .head = "layer\twhat\tsetting\tpairs\tdraws\tcosine\tlo\thi"},
	{"sweep", SYC_STUDY_EQUAL, .head = sweep_columns},
	{"sweep-methods", SYC_STUDY_METHODS, .head = sweep_columns},
	{.name = "hypotheses", .fill = put_hypotheses},
	{.name = "texts", .fill = put_texts},
	{.name = "truthful", .fill = put_truthful},
	{.name = "words", .fill = put_in_words},
	{"slopes", SYC_STUDY_SLOPES,
	 "vector\tlayers\toperator\tquestions\tclaims\tslope of the log odds\t"
	 "go the wrong way\tbelow 0 at all",
	 "vector:t layers:t op:t n:0 claims:0 slope:e wrong_way:% below_0:%", .counts = NULL},
	{.name = "steering", .fill = steering},
	{.name = "steering-methods", .fill = steering_methods},
	{"cost", SYC_STUDY_EQUAL,
	 "vector\tlayers\toperator\tscale\tmoves the wrong way\tKL\tKL on the text\t"
	 "its perplexity\trepeated",
	 "wrong_way:% kl:4 text_kl:3 perplexity:2 repetition:%",
	 .put = put_where},
};

static void put_rows(struct cells *c, const struct syc_study_documents *d,
		     const struct table *t)
{
	const json_t *o;
	size_t i;

	json_array_foreach(rows_of(d, t->doc), i, o) {
		if (t->counts && !t->counts(o))
			continue;
		if (!t->columns) {
			row_full(c, o, t->head);
			continue;
		}
		if (t->put)
			t->put(c, d, o);
		cells_of(c, o, t->columns);
		row_end(c);
	}
}

int syc_study_table(struct syc_buf *out, const struct syc_study_documents *d,
		    const char *name, struct syc_err *err)
{
	struct cells c = { .b = out };
	const struct table *t = tables;
	const struct table *end = t + sizeof(tables) / sizeof(tables[0]);

	while (t < end && strcmp(t->name, name) != 0)
		t++;
	if (t == end)
		return syc_fail(err, SYC_EINVAL, "no table of a study: '%s'",
				name);
	if (t->head)
		row_text(&c, t->head);
	if (t->fill)
		t->fill(&c, d);
	else
		put_rows(&c, d, t);
	return out->failed ? syc_nomem(err) : 0;
}
