/* SPDX-License-Identifier: MIT */
/* The tables on what vectors predict, and what else does. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "study/tables/tables.h"

#define MINUS "\342\210\222"

static void put_layer(struct syc_buf *b, const json_t *transfer)
{
	syc_say_number(b, number_of(transfer, "layer"), 0);
	syc_buf_puts(b, number_of(transfer, "sign") < 0 ? " " MINUS : " +");
}

static void predict_row(struct cells *c, const struct syc_study_documents *d,
			const json_t *own)
{
	const char *vector = text_of(own, "vector");
	const json_t *at = fit_of(d->doc[SYC_STUDY_FIT], vector,
				  number_of(own, "layer"));

	cell_text(c, vector);
	put_layer(cell(c), own);
	for (size_t i = 0; i < d->n_sets; i++)
		cells_of(c, transfer_of(d, vector, train_of(d), d->set[i].name),
			 "auc:e");
	syc_say_number(cell(c), number_of(at, "null_lo"), 3);
	syc_buf_puts(c->b, " to ");
	syc_say_number(c->b, number_of(at, "null_hi"), 3);
	cells_of(c, at, "null_p_max:p");
	row_end(c);
}

/* Each vector, its layer chosen on the set of the vectors, on every set. */
void table_predict(struct cells *c, const struct syc_study_documents *d)
{
	const json_t *t;
	size_t i;

	syc_buf_puts(cell(c), "vector\tlayer and sign");
	for (i = 0; i < d->n_sets; i++) {
		cell_text(c, d->set[i].name);
		syc_buf_puts(c->b, i == d->train ? " (cross-validated)" : "");
	}
	syc_buf_puts(cell(c), "random directions (95 %)\tp");
	row_end(c);
	json_array_foreach(rows_of(d, SYC_STUDY_TRANSFER), i, t)
		if (text_is(t, "train", train_of(d)) &&
		    text_is(t, "test", train_of(d)))
			predict_row(c, d, t);
}

/* From each set to each, with the mean difference. */
void table_matrix(struct cells *c, const struct syc_study_documents *d)
{
	syc_buf_puts(cell(c), "layer chosen on");
	for (size_t i = 0; i < d->n_sets; i++) {
		syc_buf_puts(cell(c), "tested on ");
		put_text(c, d->set[i].name);
	}
	row_end(c);
	for (size_t k = 0; k < d->n_sets; k++) {
		const char *from = d->set[k].name;
		const json_t *own = transfer_of(d, "mean", from, from);

		cell_text(c, from);
		if (own) {
			syc_buf_puts(c->b, ", layer ");
			put_layer(c->b, own);
		}
		for (size_t i = 0; i < d->n_sets; i++) {
			cells_of(c,
				 transfer_of(d, "mean", from, d->set[i].name),
				 "auc:e");
			syc_buf_puts(c->b, i == k && own ? " *" : "");
		}
		row_end(c);
	}
}

/* ---- what else tells the answers ------------------------------------------ */

static void told_row(struct cells *c, const char *by, double auc, const char *how)
{
	if (isnan(auc))
		return;
	cell_text(c, by);
	cell_number(c, auc, 3);
	cell_text(c, how);
	row_end(c);
}

/* Areas that are comparable: of pairs left out together, by claim. */
void table_told(struct cells *c, const struct syc_study_documents *d)
{
	static const char fold[] = "layer and sign chosen on other claims";
	const json_t *fit = d->doc[SYC_STUDY_FIT];
	const json_t *added = procedure_of(d->doc[SYC_STUDY_INCREMENT], "mean", "increment"),
		     *probe = json_object_get(d->doc[SYC_STUDY_PROBE], "best");

	told_row(c, "no activation", number_of(added, "auc"),
		 "length, view, letter, words and overlap of the question, fitted on other claims");
	told_row(c, "the letters (ab)", number_of(procedure_of(fit, "ab", "between"), "auc"), fold);
	told_row(c, "repeated words (repeats)",
		 number_of(procedure_of(fit, "repeats", "between"), "auc"), fold);
	told_row(c, "the vector mean", number_of(procedure_of(fit, "mean", "between"), "auc"),
		 fold);
	told_row(c, "the same, read after the answer",
		 number_of(procedure_of(d->doc[SYC_STUDY_AFTER], "mean", "between"), "auc"), fold);
	told_row(c, "a probe, the ceiling", number_of(probe, "auc"),
		 "trained on the answers to other claims");
}

void table_nulls(struct cells *c, const struct syc_study_documents *d)
{
	static const char *const columns[SYC_N_NULLS] = {
		[SYC_NULL_RANDOM] = "null_lo,null_lo,null_hi",
		[SYC_NULL_COV] = "cov_lo,cov_lo,cov_hi",
		[SYC_NULL_FLIP] = "flip_lo,flip_lo,flip_hi",
		[SYC_NULL_SHUFFLE] = "shuffle_lo,shuffle_lo,shuffle_hi",
	};
	static const char *const p_there[SYC_N_NULLS] = { "null_p", "cov_p", "flip_p",
							  "shuffle_p" };
	const json_t *at = fit_of(d->doc[SYC_STUDY_FIT], "mean", d->layer);
	struct syc_beside_nulls x;

	nulls_read(&x, d);
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		const struct syc_estimate e = estimate_of(at, columns[k]);

		if (!x.share[k].n || isnan(x.share[k].p))
			continue;
		cell_text(c, syc_null_name(k));
		syc_buf_printf(cell(c), "%zu", x.share[k].n);
		syc_say_number(cell(c), e.lo, 3);
		syc_buf_puts(c->b, " to ");
		syc_say_number(c->b, e.hi, 3);
		syc_say_p(cell(c), number_of(at, p_there[k]));
		syc_say_p(cell(c), x.share[k].p);
		row_end(c);
	}
}

static void put_paired(struct cells *c, const struct syc_study_documents *d, const char *a,
		       const char *b)
{
	const struct syc_paired x = paired_of(d, a, b);

	syc_say_change(cell(c), &x.diff);
	syc_say_p(cell(c), x.test.p);
}

/* Vectors by name, not by how well they do; none where layers could not be chosen apart. */
void table_paired(struct cells *c, const struct syc_study_documents *d)
{
	if (isnan(paired_of(d, "mean", "ab").test.p))
		return;
	for (size_t i = 0; i < d->n_vectors; i++) {
		if (strcmp(d->vector[i], "ab") == 0)
			continue;
		cell_text(c, d->vector[i]);
		put_paired(c, d, d->vector[i], "ab");
		put_paired(c, d, d->vector[i], "mean");
		row_end(c);
	}
}

/* ---- other properties ----------------------------------------------------- */

void table_confounds(struct cells *c, const struct syc_study_documents *d)
{
	const struct held h = held_of(d);
	const json_t *o;
	size_t i;

	json_array_foreach(h.fields, i, o) {
		const struct syc_estimate within = held_estimate(&h, o, WITHIN, 0.5),
					  slope = held_estimate(&h, o, "slope", 0);

		cells_of(c, o, "field:t");
		syc_buf_printf(cell(c), "%d %s", h.layer, h.sign < 0 ? MINUS : "+");
		cell_text(c, h.chosen_on);
		syc_say_estimate(cell(c), &h.alone, 3);
		syc_say_estimate(cell(c), &within, 3);
		cell_number(c, held_estimate(&h, o, "slope_alone", 0).x, 3);
		syc_say_estimate(cell(c), &slope, 3);
		cells_of(c, o, "p:p");
		row_end(c);
	}
}
