/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "syc/agree.h"
#include "tool/label/agree.h"
#include "tool/common/fail.h"
#include "tool/common/table.h"
#include "tool/common/rows.h"

/* A labeled row. */
struct item {
	char *id;
	int sample;
	int8_t label;
	uint64_t line;
};

struct set {
	char *name;
	const char *path;
	struct item *item;	/* [n] sorted by id and sample */
	size_t n, cap;
	uint64_t count[3];	/* not, sycophantic, undecided */
	int8_t *common;		/* [n_common] labels of the rows that all sets have */
};

struct report {
	const struct agree *a;
	struct set *set;	/* [n] */
	size_t n, n_common;
};

static int by_row(const void *a, const void *b)
{
	const struct item *p = a, *q = b;
	const int c = strcmp(p->id, q->id);

	return c ? c : (p->sample > q->sample) - (p->sample < q->sample);
}

static int get_label(const struct syc_rows *in, int8_t *label, struct syc_err *err)
{
	json_t *doc = json_loadb(in->line, in->len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
	const json_t *v = json_object_get(doc, "label");
	const double x = json_number_value(v);
	int ret = 0;

	*label = SYC_LABEL_UNDECIDED;
	if (!doc)
		ret = fail_nomem(err);
	else if (!v)
		ret = fail(err, SYC_EFORMAT, "no \"label\"");
	else if (!json_is_null(v) && (!json_is_number(v) || (x != 0 && x != 1)))
		ret = fail(err, SYC_EFORMAT, "\"label\" is not 1, 0 or null");
	else if (!json_is_null(v))
		*label = (int8_t)x;
	json_decref(doc);
	return ret;
}

static int add(struct set *s, const struct syc_row *row, int8_t label, uint64_t line,
	       struct syc_err *err)
{
	if (s->n == s->cap) {
		const size_t cap = s->cap * 2 + 64;
		struct item *p = reallocarray(s->item, cap, sizeof(*p));

		if (!p)
			return fail_nomem(err);
		s->item = p;
		s->cap = cap;
	}
	s->item[s->n] = (struct item){ strdup(row->id), row->sample < 0 ? 0 : row->sample, label, line };
	if (!s->item[s->n].id)
		return fail_nomem(err);
	s->n++;
	s->count[label == SYC_LABEL_UNDECIDED ? 2 : label]++;
	return 0;
}

static int check_unique(const struct set *s, struct syc_err *err)
{
	for (size_t i = 1; i < s->n; i++)
		if (by_row(&s->item[i - 1], &s->item[i]) == 0)
			return fail(err, SYC_EFORMAT,
				    "%.200s: id '%.80s', sample %d is there twice (lines %" PRIu64 " and %" PRIu64 ")",
				    s->path, s->item[i].id, s->item[i].sample, s->item[i - 1].line,
				    s->item[i].line);
	return 0;
}

static int read_set(struct set *s, const struct agree *a, struct syc_err *err)
{
	char *path = (char *)s->path;
	struct syc_rows in = { ROWS_OF(a->tool), .paths = &path, .n_paths = 1,
				  .keep_going = a->keep_going };
	struct syc_row *row;
	int8_t label;
	int ret;

	while ((ret = syc_rows_next(&in, &row, err)) > 0) {
		ret = get_label(&in, &label, err);
		if (ret == 0)
			ret = add(s, row, label, in.line_no, err);
		else if (ret != SYC_ENOMEM)
			ret = syc_rows_bad(&in, err);
		syc_row_free(row);
		if (ret < 0)
			break;
	}
	syc_rows_done(&in);
	if (ret < 0)
		return ret;
	if (!s->n)
		return fail(err, SYC_EFORMAT, "%.400s: no rows", s->path);
	qsort(s->item, s->n, sizeof(*s->item), by_row);
	return check_unique(s, err);
}

static struct item *find(const struct set *s, const struct item *key)
{
	return bsearch(key, s->item, s->n, sizeof(*s->item), by_row);
}

/* The labels of the rows that are in all sets, in one order. */
static int join(struct report *r, struct syc_err *err)
{
	for (size_t k = 0; k < r->n; k++) {
		r->set[k].common = calloc(r->set[0].n, sizeof(int8_t));
		if (!r->set[k].common)
			return fail_nomem(err);
	}
	for (size_t i = 0; i < r->set[0].n; i++) {
		size_t k = 0;

		for (; k < r->n; k++) {
			const struct item *it = find(&r->set[k], &r->set[0].item[i]);

			if (!it)
				break;
			r->set[k].common[r->n_common] = it->label;
		}
		r->n_common += k == r->n;
	}
	if (!r->n_common)
		return fail(err, SYC_EFORMAT, "the files have no row in common (by \"id\" and \"sample\")");
	return 0;
}

static int pair(struct syc_kappa *k, const struct report *r, size_t i, size_t j, bool undecided,
		struct syc_err *err)
{
	return syc_stat_cohen(k, r->set[i].common, r->set[j].common, r->n_common, undecided, err);
}

static int together(struct syc_kappa *k, const struct report *r, bool undecided,
		    struct syc_err *err)
{
	const int8_t **label = calloc(r->n, sizeof(*label));
	int ret;

	if (!label)
		return fail_nomem(err);
	for (size_t i = 0; i < r->n; i++)
		label[i] = r->set[i].common;
	ret = syc_stat_fleiss(k, label, r->n, r->n_common, undecided, err);
	free(label);
	return ret;
}

static void text_kappa(struct sheet *o, const char *a, const char *b, const struct syc_kappa *k)
{
	char c[4][CELL];
	const size_t at = o->b->len;

	put_name(o, a);
	put(o, "%s", b ? " " : "");
	put_name(o, b ? b : "");
	while (!o->bad && o->b->len - at < 24)
		put(o, " ");
	put(o, " %6zu %6s %-15s %6s %s\n", k->n, fixed(c[0], k->agree, 3),
	    range(c[1], k->agree_lo, k->agree_hi), fixed(c[2], k->kappa, 3),
	    range(c[3], k->lo, k->hi));
}

static int text_table(struct sheet *o, const struct report *r, bool undecided, struct syc_err *err)
{
	struct syc_kappa k;
	int ret = 0;

	put(o, "\n%-24s %6s %6s %-15s %6s %s\n",
	    undecided ? "undecided as a label" : "labels", "n", "agree", "95 % interval", "kappa",
	    "95 % interval");
	for (size_t i = 0; i < r->n && ret == 0; i++)
		for (size_t j = i + 1; j < r->n && ret == 0; j++) {
			ret = pair(&k, r, i, j, undecided, err);
			if (ret == 0)
				text_kappa(o, r->set[i].name, r->set[j].name, &k);
		}
	if (r->n < 3 || ret < 0)
		return ret;
	ret = together(&k, r, undecided, err);
	if (ret == 0)
		text_kappa(o, "all together", NULL, &k);
	return ret;
}

static int text(struct sheet *o, const struct report *r, struct syc_err *err)
{
	uint64_t undecided = 0;
	int ret;

	put(o, "%-24s %6s %12s %6s %10s\n", "set", "rows", "sycophantic", "not", "undecided");
	for (size_t i = 0; i < r->n; i++) {
		const struct set *s = &r->set[i];
		const size_t at = o->b->len;

		put_name(o, s->name);
		while (!o->bad && o->b->len - at < 24)
			put(o, " ");
		put(o, " %6zu %12" PRIu64 " %6" PRIu64 " %10" PRIu64 "\n", s->n, s->count[1],
		    s->count[0], s->count[2]);
		undecided += s->count[2];
	}
	put(o, "%zu rows are in all of them.\n", r->n_common);
	ret = text_table(o, r, false, err);
	if (ret == 0 && undecided)
		ret = text_table(o, r, true, err);
	put(o, "\nagree: Wilson's interval.  kappa: Cohen's");
	put(o, "%s\n", r->n > 2 ? "; of all together, Fleiss'." : ".");
	return ret;
}

static void json_kappa(struct sheet *o, const char *key, const struct syc_kappa *k)
{
	const struct table_field f[] = {
		{ "agree", k->agree }, { "agree_lo", k->agree_lo }, { "agree_hi", k->agree_hi },
		{ "chance", k->chance }, { "kappa", k->kappa }, { "kappa_se", k->se },
		{ "kappa_lo", k->lo }, { "kappa_hi", k->hi },
	};

	put(o, "\"%s\":{\"n\":%zu", key, k->n);
	JSON_FIELDS(o, f);
	put(o, "}");
}

/* How often label x of one met label y of the other: not, sycophantic, undecided. */
static void json_counts(struct sheet *o, const struct report *r, size_t i, size_t j)
{
	size_t count[3][3] = { { 0 } };

	for (size_t k = 0; k < r->n_common; k++) {
		const int8_t x = r->set[i].common[k], y = r->set[j].common[k];

		count[x < 0 ? 2 : x][y < 0 ? 2 : y]++;
	}
	put(o, "\"table\":");
	for (int x = 0; x < 3; x++)
		put(o, "%s[%zu,%zu,%zu]", x ? "," : "[", count[x][0], count[x][1], count[x][2]);
	put(o, "],");
}

static int json_both(struct sheet *o, const struct report *r, size_t i, size_t j,
		     struct syc_err *err)
{
	struct syc_kappa k[2];
	int ret = 0;

	for (int u = 0; u < 2 && ret == 0; u++)
		ret = j < r->n ? pair(&k[u], r, i, j, u, err) : together(&k[u], r, u, err);
	if (ret < 0)
		return ret;
	json_kappa(o, "decided", &k[0]);
	put(o, ",");
	json_kappa(o, "with_undecided", &k[1]);
	put(o, "}");
	return 0;
}

static int json(struct sheet *o, const struct report *r, struct syc_err *err)
{
	const char *comma = "";
	int ret = 0;

	put(o, "{\"program\":\"syc-label\",\"version\":\"%s\",\"confidence\":0.95,\n\"sets\":[",
	    syc_version());
	for (size_t i = 0; i < r->n; i++) {
		put(o, "%s\n{\"name\":", i ? "," : "");
		json_text(o, r->set[i].name);
		put(o, ",\"rows\":%zu,\"sycophantic\":%" PRIu64 ",\"not\":%" PRIu64 ",\"undecided\":%" PRIu64 "}",
		    r->set[i].n, r->set[i].count[1], r->set[i].count[0], r->set[i].count[2]);
	}
	put(o, "],\n\"common\":%zu,\n\"pairs\":[", r->n_common);
	for (size_t i = 0; i < r->n && ret == 0; i++)
		for (size_t j = i + 1; j < r->n && ret == 0; j++) {
			put(o, "%s\n{\"a\":", comma);
			json_text(o, r->set[i].name);
			put(o, ",\"b\":");
			json_text(o, r->set[j].name);
			put(o, ",");
			json_counts(o, r, i, j);
			ret = json_both(o, r, i, j, err);
			comma = ",";
		}
	put(o, "],\n\"fleiss\":{");
	if (ret == 0)
		ret = json_both(o, r, 0, r->n, err);
	put(o, "}\n");
	return ret;
}

static int read_all(struct report *r, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < r->n && ret == 0; i++) {
		r->set[i].name = named_file(r->a->paths[i], &r->set[i].path);
		if (!r->set[i].name)
			ret = fail_nomem(err);
		for (size_t j = 0; j < i && ret == 0; j++)
			if (strcmp(r->set[i].name, r->set[j].name) == 0)
				tool_usage(r->a->tool, "two sets are named '%s': give NAME=FILE", r->set[i].name);
		if (ret == 0)
			ret = read_set(&r->set[i], r->a, err);
	}
	return ret < 0 ? ret : join(r, err);
}

static void report_free(struct report *r)
{
	for (size_t i = 0; i < r->n && r->set; i++) {
		struct set *s = &r->set[i];

		for (size_t k = 0; k < s->n; k++)
			free(s->item[k].id);
		free(s->item);
		free(s->common);
		free(s->name);
	}
	free(r->set);
}

int agree_run(const struct agree *a, struct syc_err *err)
{
	struct report r = { .a = a, .n = (size_t)a->n_paths };
	struct syc_buf b = { 0 };
	struct sheet o = { .b = &b };
	int ret;

	if (r.n < 2)
		tool_usage(a->tool, "--agree needs two files or more");
	r.set = calloc(r.n, sizeof(*r.set));
	ret = r.set ? read_all(&r, err) : fail_nomem(err);
	if (ret == 0)
		ret = a->json ? json(&o, &r, err) : text(&o, &r, err);
	if (ret == 0 && o.bad)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = out_all(a->output, b.data, b.len, err);
	syc_buf_free(&b);
	report_free(&r);
	return ret;
}
