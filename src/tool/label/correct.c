/* SPDX-License-Identifier: MIT */
/* syc-label --hand: a judge's rates, corrected by a hand's labels. */
#include "config.h"
#include <math.h>
#include "syc/correct.h"
#include "tool/common/fail.h"
#include "tool/common/table.h"
#include "tool/label/label.h"

static void text_ppi(struct sheet *o, const char *name, const struct syc_ppi *p)
{
	const size_t at = o->b->len;
	char c[3][CELL];

	put_name(o, *name ? name : "all rows");
	while (!o->bad && o->b->len - at < 28)
		put(o, " ");
	put(o, " %6zu %6zu %6s %9s %s\n", p->n, p->n_hand,
	    fixed(c[0], p->judge, 3), fixed(c[1], p->theta, 3),
	    range(c[2], p->lo, p->hi));
}

static void text_rogan_gladen(struct sheet *o,
			      const struct syc_corrected_arm *a)
{
	const struct syc_rogan_gladen *g = &a->rg;
	char c[4][CELL];

	put_name(o, *a->name ? a->name : "all rows");
	put(o, ": sensitivity %s, specificity %s: ",
	    fixed(c[0], g->sensitivity, 3), fixed(c[1], g->specificity, 3));
	if (g->refused)
		put(o, "refused, they sum to no more than 1\n");
	else
		put(o, "%s, from %s as these may be\n", fixed(c[2], g->rate, 3),
		    isnan(g->least) ? "anything"
				    : range(c[3], g->least, g->most));
}

static void text_needs(struct sheet *o, const struct syc_corrected_arm *a,
		       const char *from, double effect)
{
	struct syc_ppi_needs n;
	char c[CELL];

	syc_stat_ppi_needs(&n, &a->diff, effect);
	put_name(o, a->name);
	put(o, " - ");
	put_name(o, from);
	put(o, ": a difference of %s needs %zu items with %zu hand labels",
	    fixed(c, effect, 3), n.clusters, n.clusters_labels);
	if (n.labels)
		put(o, ", or %zu hand labels\nof the %zu items there are",
		    n.labels, a->diff.n_clusters);
	else
		put(o,
		    ";\nof the %zu items there are no number of labels suffices",
		    a->diff.n_clusters);
	put(o, "; %zu items if all rows were labeled by hand\n", n.alone);
}

static void text(struct sheet *o, const struct syc_corrected *c, double effect)
{
	put(o,
	    "%zu rows of a judge, %zu of them labeled by hand\n\n%-28s %6s %6s %6s %9s %s\n",
	    c->n_rows, c->n_hand, "condition", "rows", "hand", "judge",
	    "corrected", "95 % interval");
	for (size_t a = 0; a < c->n_arms; a++)
		text_ppi(o, c->arm[a].name, &c->arm[a].rate);
	if (c->n_arms > 1) {
		put(o, "\nless ");
		put_name(o, c->arm[0].name);
		put(o, ", by item\n");
	}
	for (size_t a = 1; a < c->n_arms; a++)
		text_ppi(o, c->arm[a].name, &c->arm[a].diff);
	put(o, "\nsensitivity analysis (Rogan & Gladen), by condition\n");
	for (size_t a = 0; a < c->n_arms; a++)
		text_rogan_gladen(o, &c->arm[a]);
	if (effect > 0)
		put(o, "\nwith 80 %% power\n");
	for (size_t a = 1; a < c->n_arms && effect > 0; a++)
		text_needs(o, &c->arm[a], c->arm[0].name, effect);
	put(o,
	    "\ncorrected: PPI++ by strata of condition and the judge's label.\n");
}

static void json_ppi(struct sheet *o, const char *key, const struct syc_ppi *p)
{
	const struct table_field f[] = {
		{"judge", p->judge},
		{"corrected", p->theta},
		{"se", p->se},
		{"lo", p->lo},
		{"hi", p->hi},
		{"df", p->df},
		{"lambda", p->lambda},
		{"var_rows", p->var_rows},
		{"var_hand", p->var_hand},
	};

	put(o,
	    ",\"%s\":{\"rows\":%zu,\"hand\":%zu,\"items\":%zu,\"strata\":%zu"
	    ",\"strata_without_label\":%zu",
	    key, p->n, p->n_hand, p->n_clusters, p->n_strata, p->n_empty);
	JSON_FIELDS(o, f);
	put(o, "}");
}

static void json_arm(struct sheet *o, const struct syc_corrected *c, size_t a,
		     double effect)
{
	const struct syc_corrected_arm *arm = &c->arm[a];
	const struct table_field f[] = {
		{"rate", arm->rg.rate},
		{"sensitivity", arm->rg.sensitivity},
		{"specificity", arm->rg.specificity},
		{"least", arm->rg.least},
		{"most", arm->rg.most},
	};
	struct syc_ppi_needs n;

	put(o, "%s\n{\"name\":", a ? "," : "");
	json_text(o, arm->name);
	put(o, ",\"undecided\":%zu,\"hand_undecided\":%zu", arm->n_undecided,
	    arm->n_hand_undecided);
	json_ppi(o, "rate", &arm->rate);
	if (a)
		json_ppi(o, "difference", &arm->diff);
	put(o, ",\"rogan_gladen\":{\"refused\":%s",
	    arm->rg.refused ? "true" : "false");
	JSON_FIELDS(o, f);
	put(o, "}");
	if (a && effect > 0) {
		syc_stat_ppi_needs(&n, &arm->diff, effect);
		put(o,
		    ",\"needs\":{\"items\":%zu,\"hand\":%zu,\"items_all_by_hand\":%zu"
		    ",\"hand_of_these_items\":%zu}",
		    n.clusters, n.clusters_labels, n.alone, n.labels);
	}
	put(o, "}");
}

static void json(struct sheet *o, const struct syc_corrected *c, double effect)
{
	put(o,
	    "{\"program\":\"syc-label\",\"version\":\"%s\",\"confidence\":0.95,\"rows\":%zu"
	    ",\"hand\":%zu,\n\"corrected\":[",
	    syc_version(), c->n_rows, c->n_hand);
	for (size_t a = 0; a < c->n_arms; a++)
		json_arm(o, c, a, effect);
	put(o, "]}\n");
}

int label_correct(struct label_run *r, struct syc_err *err)
{
	char *paths[] = { (char *)(uintptr_t)r->hand };
	struct syc_rows hand = {ROWS_OF(r->r.m.tool), .paths = paths,
				.n_paths = 1, .keep_going = r->r.m.in.keep_going,
				.one_run = r->r.m.in.one_run};
	struct syc_buf b = { 0 };
	struct sheet sheet = { .b = &b };
	struct syc_corrected *c;
	int ret = syc_corrected_read(&c, &r->r.m.in, &hand, err);

	syc_rows_done(&hand);
	if (ret < 0)
		return ret;
	if (c->n_unlabeled && r->r.m.common.verbose >= 0)
		tool_warn(r->r.m.tool, "%zu rows have no label and are left out",
			  c->n_unlabeled);
	sheet.form = r->json ? SHEET_JSON : SHEET_TEXT;
	if (r->json)
		json(&sheet, c, r->effect);
	else
		text(&sheet, c, r->effect);
	syc_corrected_free(c);
	ret = sheet.bad
		      ? fail_nomem(err)
		      : syc_output_all(r->r.m.common.output, b.data, b.len, err);
	syc_buf_free(&b);
	return ret;
}
