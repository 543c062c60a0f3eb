/* SPDX-License-Identifier: MIT */
/* syc-label --agree: how far label sets of the same rows agree. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/agree.h"
#include "syc/label_set.h"
#include "tool/common/fail.h"
#include "tool/common/table.h"
#include "tool/label/label.h"

struct report {
	struct label_run *r;
	char **name;		/* [n] */
	struct syc_label_set *set;	/* [n] */
	size_t n, n_common;
};

static int pair(struct syc_kappa *k, const struct report *r, size_t i, size_t j,
		bool undecided, struct syc_err *err)
{
	return syc_stat_cohen(k, r->set[i].common, r->set[j].common,
			      r->n_common, undecided, err);
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

static void text_kappa(struct sheet *o, const char *a, const char *b,
		       const struct syc_kappa *k)
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

static int text_table(struct sheet *o, const struct report *r, bool undecided,
		      struct syc_err *err)
{
	struct syc_kappa k;
	int ret = 0;

	put(o, "\n%-24s %6s %6s %-15s %6s %s\n",
	    undecided ? "undecided as a label" : "labels", "n", "agree",
	    "95 % interval", "kappa", "95 % interval");
	for (size_t i = 0; i < r->n && ret == 0; i++)
		for (size_t j = i + 1; j < r->n && ret == 0; j++) {
			ret = pair(&k, r, i, j, undecided, err);
			if (ret == 0)
				text_kappa(o, r->name[i], r->name[j], &k);
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

	put(o, "%-24s %6s %12s %6s %10s\n", "set", "rows", "sycophantic", "not",
	    "undecided");
	for (size_t i = 0; i < r->n; i++) {
		const struct syc_label_set *s = &r->set[i];
		const size_t at = o->b->len;

		put_name(o, r->name[i]);
		while (!o->bad && o->b->len - at < 24)
			put(o, " ");
		put(o, " %6zu %12" PRIu64 " %6" PRIu64 " %10" PRIu64 "\n", s->n,
		    s->count[1], s->count[0], s->count[2]);
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

static void json_kappa(struct sheet *o, const char *key,
		       const struct syc_kappa *k)
{
	const struct table_field f[] = {
		{ "agree", k->agree },	   { "agree_lo", k->agree_lo },
		{ "agree_hi", k->agree_hi }, { "chance", k->chance },
		{ "kappa", k->kappa },	   { "kappa_se", k->se },
		{ "kappa_lo", k->lo },	   { "kappa_hi", k->hi },
	};

	put(o, "\"%s\":{\"n\":%zu", key, k->n);
	JSON_FIELDS(o, f);
	put(o, "}");
}

/* How often label x of one met label y of the other: not, sycophantic, undecided. */
static void json_counts(struct sheet *o, const struct report *r, size_t i,
			size_t j)
{
	size_t count[3][3];

	syc_label_table(count, r->set[i].common, r->set[j].common, r->n_common);
	put(o, "\"table\":");
	for (int x = 0; x < 3; x++)
		put(o, "%s[%zu,%zu,%zu]", x ? "," : "[", count[x][0],
		    count[x][1], count[x][2]);
	put(o, "],");
}

static int json_both(struct sheet *o, const struct report *r, size_t i,
		     size_t j, struct syc_err *err)
{
	struct syc_kappa k[2];
	int ret = 0;

	for (int u = 0; u < 2 && ret == 0; u++)
		ret = j < r->n ? pair(&k[u], r, i, j, u, err)
			       : together(&k[u], r, u, err);
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

	put(o,
	    "{\"program\":\"syc-label\",\"version\":\"%s\",\"confidence\":0.95,\n\"sets\":[",
	    syc_version());
	for (size_t i = 0; i < r->n; i++) {
		put(o, "%s\n{\"name\":", i ? "," : "");
		json_text(o, r->name[i]);
		put(o,
		    ",\"rows\":%zu,\"sycophantic\":%" PRIu64 ",\"not\":%" PRIu64
		    ",\"undecided\":%" PRIu64 "}",
		    r->set[i].n, r->set[i].count[1], r->set[i].count[0],
		    r->set[i].count[2]);
	}
	put(o, "],\n\"common\":%zu,\n\"pairs\":[", r->n_common);
	for (size_t i = 0; i < r->n && ret == 0; i++)
		for (size_t j = i + 1; j < r->n && ret == 0; j++) {
			put(o, "%s\n{\"a\":", comma);
			json_text(o, r->name[i]);
			put(o, ",\"b\":");
			json_text(o, r->name[j]);
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

static int read_set(const struct report *r, size_t i, struct syc_err *err)
{
	const struct model_rows *m = &r->r->r.m;
	const char *file;
	char *path;
	struct syc_rows in = m->in;
	int ret;

	in.paths = &path;
	in.n_paths = 1;
	r->name[i] = named_file(m->in.paths[i], &file);
	if (!r->name[i])
		return fail_nomem(err);
	for (size_t j = 0; j < i; j++)
		if (strcmp(r->name[i], r->name[j]) == 0)
			tool_usage(m->tool,
				   "two sets are named '%s': give NAME=FILE",
				   r->name[i]);
	path = (char *)file;
	ret = syc_label_set_read(&r->set[i], &in, file, err);
	syc_rows_done(&in);
	return ret;
}

static int read_all(struct report *r, struct syc_err *err)
{
	int ret = r->name && r->set ? 0 : fail_nomem(err);

	for (size_t i = 0; i < r->n && ret == 0; i++)
		ret = read_set(r, i, err);
	return ret < 0 ? ret
		       : syc_label_sets_join(r->set, r->n, &r->n_common, err);
}

static void report_free(struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->set)
			syc_label_set_free(&r->set[i]);
		if (r->name)
			free(r->name[i]);
	}
	free(r->set);
	free(r->name);
}

int label_agree(struct label_run *l, struct syc_err *err)
{
	struct report r = { .r = l, .n = (size_t)l->r.m.in.n_paths };
	struct syc_buf b = { 0 };
	struct sheet o = { .b = &b };
	int ret;

	if (r.n < 2)
		tool_usage(l->r.m.tool, "--agree needs two files or more");
	r.set = calloc(r.n, sizeof(*r.set));
	r.name = calloc(r.n, sizeof(*r.name));
	ret = read_all(&r, err);
	if (ret == 0)
		ret = l->json ? json(&o, &r, err) : text(&o, &r, err);
	if (ret == 0 && o.bad)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = syc_output_all(l->r.m.common.output, b.data, b.len, err);
	syc_buf_free(&b);
	report_free(&r);
	return ret;
}
