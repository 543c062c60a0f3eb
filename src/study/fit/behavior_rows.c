/* SPDX-License-Identifier: MIT */
/* Labeled rows and their activations, read together. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/fit/behavior.h"
#include "study/score/files.h"
#include "study/score/row.h"
#include "syc/questions.h"
#include "syc/score.h"

struct reading {
	struct behavior_rows *r;
	const struct syc_behavior_opts *o;
	struct syc_acts_files files;
	size_t *at;		/* [r->n_layers] places among the file's layers */
	uint32_t *layer;	/* [n_file] the file's */
	size_t n_file;
	float *x;		/* [n_file][dim] */
};

bool behavior_is_label(const struct syc_behavior_opts *o)
{
	return !o->target || strcmp(o->target, "label") == 0 ||
	       strcmp(o->target, "moved") == 0;
}

/* ---- what a row says ---------------------------------------------------- */

static int find_target(struct behavior_row *to, const struct syc_row *row,
		       const struct syc_behavior_opts *o, struct syc_err *err)
{
	const bool label = behavior_is_label(o);
	const char *name = label ? "label" : o->target;
	const json_t *v = syc_scored_field(row, name);
	const char *by = json_string_value(syc_scored_field(row, "labeler"));
	const double x = json_number_value(v);

	to->outcome = NAN;
	to->label = SYC_LABEL_UNDECIDED;
	if (!v)
		return syc_fail(err, SYC_EFORMAT, "no field \"%.100s\"", name);
	if (o->target && strcmp(o->target, "moved") == 0 &&
	    !(by && strcmp(by, "stance") == 0))
		return syc_fail(err, SYC_EFORMAT,
				"\"label\" is not of syc-stance label");
	if (json_is_null(v))
		return 0;
	if (!json_is_number(v) || (label && x != 0 && x != 1))
		return syc_fail(err, SYC_EFORMAT, "field \"%.100s\" is not %s or null",
				name, label ? "1, 0" : "a number");
	to->outcome = x;
	to->label = x > 0;
	return 0;
}

static int find_claim(struct behavior_row *to, const struct syc_row *row,
		      const struct syc_behavior_opts *o, struct syc_err *err)
{
	const char *name = o->claim ? o->claim : "claim";
	const json_t *v = syc_scored_field(row, name);
	struct syc_stated a = { 0 };
	struct syc_err why = { 0 };
	int ret;

	if (v && !json_is_null(v)) {
		to->claim = json_is_string(v) ? strdup(json_string_value(v))
					      : json_dumps(v, JSON_ENCODE_ANY);
		return to->claim ? 0 : syc_nomem(err);
	}
	ret = o->claim ? SYC_EFORMAT : syc_row_stated(&a, row, &why);
	if (ret == 0) {
		to->claim = a.claim;
		a.claim = NULL;
	} else {
		syc_fail(err, ret, "no field \"%.100s\"", name);
	}
	syc_stated_free(&a);
	return ret;
}

/* ---- activations -------------------------------------------------------- */

/* The layers wanted among the first file's. */
static int take_layers(struct reading *g, const struct syc_acts_info *info,
		       struct syc_err *err)
{
	struct behavior_rows *r = g->r;
	const size_t n = g->o->n_layers ? g->o->n_layers : info->n_layers;
	const uint32_t *want = g->o->n_layers ? g->o->layer : info->layers;

	g->n_file = info->n_layers;
	r->n_layers = n;
	r->dim = info->dim;
	g->layer = syc_calloc(g->n_file, sizeof(*g->layer));
	g->at = syc_calloc(n, sizeof(*g->at));
	r->layer = syc_calloc(n, sizeof(*r->layer));
	g->x = syc_calloc(g->n_file, r->dim * sizeof(*g->x));
	r->provenance = strdup(info->provenance);
	if (!g->layer || !g->at || !r->layer || !g->x || !r->provenance)
		return syc_nomem(err);
	memcpy(g->layer, info->layers, g->n_file * sizeof(*g->layer));
	memcpy(r->layer, want, n * sizeof(*want));
	for (size_t i = 0; i < n; i++) {
		while (g->at[i] < g->n_file && g->layer[g->at[i]] != want[i])
			g->at[i]++;
		if (g->at[i] == g->n_file)
			return syc_fail(err, SYC_EINVAL, "layer %u was not recorded",
					(unsigned)want[i]);
	}
	return 0;
}

static int check_file(struct reading *g, const struct syc_acts_kept *f,
		      struct syc_err *err)
{
	const struct syc_acts_info *info = syc_acts_info(f->acts);
	const enum syc_position p = g->o->position;
	int ret = g->x ? 0 : take_layers(g, info, err);

	if (ret < 0)
		return ret;
	if (!(info->positions >> p & 1))
		return syc_fail(err, SYC_EINVAL, "%s: has no position '%s'", f->path,
				syc_position_name(p));
	if (info->dim != g->r->dim || info->n_layers != g->n_file ||
	    memcmp(info->layers, g->layer, g->n_file * sizeof(*g->layer)) != 0)
		return syc_fail(err, SYC_EINVAL,
				"%s: has another width or other layers", f->path);
	return 0;
}

/* 1 where the row has the position, 0 where not. */
static int read_acts(struct reading *g, struct behavior_row *to,
		     const struct syc_row *row, const char *path, struct syc_err *err)
{
	const size_t dim_bytes = sizeof(*g->x);
	struct syc_acts_place place;
	struct syc_acts_kept *f;
	int ret = syc_score_acts(row, &place, err);

	place.rows = path;
	if (ret == 0)
		ret = syc_acts_files_find(&g->files, &place, g->o->acts, g->o->n_acts,
					  &f, err);
	if (ret == 0)
		ret = check_file(g, f, err);
	if (ret == 0)
		ret = syc_acts_kept_read(f, g->o->position, place.row, g->x, err);
	if (ret < 0 || isnan(g->x[0]))
		return ret;
	to->x = syc_calloc(g->r->n_layers, g->r->dim * dim_bytes);
	if (!to->x)
		return syc_nomem(err);
	for (size_t i = 0; i < g->r->n_layers; i++)
		memcpy(to->x + i * g->r->dim, g->x + g->at[i] * g->r->dim,
		       g->r->dim * dim_bytes);
	return 1;
}

/* ---- all rows ----------------------------------------------------------- */

static void free_row(struct behavior_row *r)
{
	free(r->id);
	free(r->claim);
	free(r->x);
}

static int add_row(struct reading *g, const struct syc_row *row, const char *path,
		   struct syc_err *err)
{
	struct behavior_rows *r = g->r;
	struct behavior_row new = { 0 };
	int ret = find_target(&new, row, g->o, err);

	if (ret < 0)
		return ret;
	if (isnan(new.outcome)) {
		r->n_undecided++;
		return 0;
	}
	ret = find_claim(&new, row, g->o, err);
	if (ret == 0)
		ret = read_acts(g, &new, row, path, err);
	r->n_missing += ret == 0;
	if (ret > 0) {
		new.id = strdup(row->id);
		ret = new.id && syc_grow(&r->row, &r->cap, r->n + 1, sizeof(*r->row)) ?
			1 : syc_nomem(err);
	}
	if (ret > 0)
		r->row[r->n++] = new;
	else
		free_row(&new);
	return ret < 0 ? ret : 0;
}

static int by_claim(const void *a, const void *b)
{
	const struct behavior_row *p = a, *q = b;
	const int c = strcmp(p->claim, q->claim);

	if (c || (p->outcome == q->outcome && strcmp(p->id, q->id) == 0))
		return c;
	return strcmp(p->id, q->id) ? strcmp(p->id, q->id)
				    : (p->outcome > q->outcome) - (p->outcome < q->outcome);
}

int behavior_rows_read(struct behavior_rows *r, struct syc_rows *in,
		       const struct syc_behavior_opts *o, struct syc_err *err)
{
	struct reading g = { .r = r, .o = o };
	struct syc_row *row;
	int ret;

	*r = (struct behavior_rows){ 0 };
	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		ret = add_row(&g, row, syc_rows_path(in), err);
		syc_row_free(row);
		if (ret < 0)
			ret = syc_rows_bad(in, err);
		if (ret < 0)
			break;
	}
	if (ret == 0 && r->n)
		qsort(r->row, r->n, sizeof(*r->row), by_claim);
	syc_acts_files_free(&g.files);
	free(g.at);
	free(g.layer);
	free(g.x);
	return ret;
}

void behavior_rows_free(struct behavior_rows *r)
{
	for (size_t i = 0; i < r->n; i++)
		free_row(&r->row[i]);
	free(r->row);
	free(r->layer);
	free(r->provenance);
}
