/* SPDX-License-Identifier: MIT */
/*
 * Documents of the programs as tables: a list of objects is a table with a
 * column for each of their plain members and those of objects inside, X with
 * X_lo and X_hi is one column with its interval.  Objects that are mostly a
 * list make a table each, with their texts as its caption.
 */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/options/old_names.h"
#include "tool/report/report.h"

enum { MAX_COLUMNS = 64, MAX_ROWS = 2000, MAX_MEMBERS = 256 };
enum { MAX_DEPTH = 8, WIDE = 11 };

/* How a member is called in a table; hidden ones are for other programs. */
static const struct {
	const char *key, *name;		/* NULL: hidden */
} names[] = {
	{"auc", "AUC"},		{"p_adj", "adj. p"},	{"positives", "sycophantic"},
	{"method", "fit"},	{"auc_se", NULL},	{"auc_plain_lo", NULL},
	{"auc_plain_hi", NULL}, {"mean", NULL},		{"sd", NULL},
	{"intercept", NULL},	{"slope_se", NULL},	{"z", NULL},
	{"r_p", NULL},		{"separated", NULL},	{"dropped", NULL},
	{"auc_logit_lo", NULL}, {"auc_logit_hi", NULL}, {"loglik", NULL},
	{"logloss", NULL},	{"calibration", NULL},	{"cv_calibration", NULL},
	{"signs", NULL},	{"datasets", NULL},	{"program", NULL},
	{"version", NULL},	{"why", NULL},
};

struct column {
	const char *inside;	/* the member that it is in, or NULL */
	const char *key, *name;
	char lo[64], hi[64];	/* keys of its interval, or "" */
};

struct columns {
	struct column c[MAX_COLUMNS];
	size_t n;
};

static const char *name_of(const char *key)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].key, key) == 0)
			return names[i].name;
	return key;
}

static bool is_plain(const json_t *v)
{
	return !json_is_object(v) && !json_is_array(v);
}

static bool is_table(const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		if (!json_is_object(json_array_get(v, i)))
			return false;
	return json_array_size(v) > 0;
}

static size_t n_shown(const json_t *list, size_t most)
{
	return json_array_size(list) < most ? json_array_size(list) : most;
}

/* Underscores are for programs. */
static void add_name(struct syc_buf *b, const char *name)
{
	for (; *name; name++)
		html_text(b, *name == '_' ? " " : name, 1);
}

/* Names from files may hold anything: only ASCII ones are taken apart. */
static void add_key(struct syc_buf *b, const char *name)
{
	for (const char *s = name; *s; s++)
		if ((unsigned char)*s >= 0x80) {
			html_puts(b, name);
			return;
		}
	add_name(b, name);
}

static void add_cell(struct syc_buf *b, const json_t *v)
{
	if (json_is_number(v))
		html_num(b, json_number_value(v));
	else if (json_is_string(v))
		html_text(b, json_string_value(v), json_string_length(v));
	else if (json_is_boolean(v))
		syc_buf_puts(b, json_is_true(v) ? "yes" : "no");
	else
		syc_buf_puts(b, "\xe2\x80\x93");
}

static const json_t *within(const json_t *row, const char *inside)
{
	return inside ? json_object_get(row, inside) : row;
}

static bool has(const struct columns *cs, const char *inside, const char *key)
{
	for (size_t i = 0; i < cs->n; i++)
		if (!cs->c[i].inside == !inside &&
		    (!inside || strcmp(cs->c[i].inside, inside) == 0) &&
		    strcmp(cs->c[i].key, key) == 0)
			return true;
	return false;
}

/* The keys of X's interval, X_lo and X_hi. */
static bool get_bounds(const json_t *o, const char *key, char lo[64], char hi[64])
{
	lo[0] = hi[0] = 0;
	if (strlen(key) >= 48)
		return false;
	snprintf(lo, 64, "%s_lo", key);
	snprintf(hi, 64, "%s_hi", key);
	if (json_object_get(o, lo) && json_object_get(o, hi))
		return true;
	lo[0] = hi[0] = 0;
	return false;
}

/* "auc_lo" where there is "auc": shown with it. */
static bool is_bound(const json_t *o, const char *bound)
{
	char lo[64], hi[64];
	const char *key;
	json_t *v;

	/* Nothing of ours is as large, and this looks at each pair. */
	if (json_object_size(o) > MAX_MEMBERS)
		return false;
	json_object_foreach((json_t *)o, key, v)
		if (get_bounds(o, key, lo, hi) &&
		    (strcmp(lo, bound) == 0 || strcmp(hi, bound) == 0))
			return true;
	return false;
}

static void add_columns(struct columns *cs, const json_t *row, const char *inside)
{
	const json_t *o = within(row, inside);
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)o, key, v) {
		struct column *c = &cs->c[cs->n];

		if (!inside && json_is_object(v) && name_of(key))
			add_columns(cs, row, key);
		if (cs->n == MAX_COLUMNS || !is_plain(v) || !name_of(key) ||
		    has(cs, inside, key) || is_bound(o, key))
			continue;
		*c = (struct column){ .inside = inside, .key = key, .name = name_of(key) };
		get_bounds(o, key, c->lo, c->hi);
		cs->n++;
	}
}

static const json_t *cell_of(const struct column *c, const json_t *row)
{
	return json_object_get(within(row, c->inside), c->key);
}

/* Whether all rows have the same in it: what that is, or NULL. */
static const json_t *constant(const struct column *c, const json_t *list)
{
	const json_t *first = cell_of(c, json_array_get(list, 0));

	for (size_t i = 1; i < n_shown(list, MAX_ROWS); i++) {
		const json_t *v = cell_of(c, json_array_get(list, i));

		if ((v && !json_is_null(v)) != (first && !json_is_null(first)) ||
		    (v && first && !json_equal(v, first)))
			return NULL;
	}
	return first ? first : json_null();
}

static void add_title(struct syc_buf *b, const struct column *c)
{
	if (c->inside) {
		add_key(b, c->inside);
		syc_buf_puts(b, ": ");
	}
	add_key(b, c->name);
}

/*
 * What is nowhere defined is left out; of long tables, what is the same in all
 * rows is said below them, once.
 */
static void move_constants(struct syc_buf *note, struct columns *cs,
			   const json_t *list)
{
	const char *begin = "<p class=\"note\">In all rows: ";
	size_t n = 0;

	for (size_t i = 0; i < cs->n; i++) {
		const struct column *c = &cs->c[i];
		const json_t *v = constant(c, list);

		if (v && json_is_null(v) && json_array_size(list) > 1)
			continue;
		if (n && v && json_array_size(list) > 2 && !c->lo[0]) {
			syc_buf_puts(note, note->len ? "; " : begin);
			add_title(note, c);
			syc_buf_puts(note, " ");
			add_cell(note, v);
			continue;
		}
		cs->c[n++] = *c;
	}
	cs->n = n;
	if (note->len)
		syc_buf_puts(note, "</p>\n");
}

static void add_head(struct syc_buf *b, const struct columns *cs, size_t from,
		     size_t to, const json_t *first)
{
	syc_buf_puts(b, "<thead><tr>");
	for (size_t i = 0; i < to; i = i ? i + 1 : from) {
		const struct column *c = &cs->c[i];

		syc_buf_printf(b, "<th scope=\"col\"%s>",
			       json_is_string(cell_of(c, first)) ? "" : " class=\"n\"");
		add_title(b, c);
		syc_buf_puts(b, c->lo[0] ? " <span class=\"i\">[interval]</span></th>" : "</th>");
	}
	syc_buf_puts(b, "</tr></thead>\n<tbody>\n");
}

static void add_row(struct syc_buf *b, const struct columns *cs, size_t from,
		    size_t to, const json_t *row)
{
	syc_buf_puts(b, "<tr>");
	for (size_t i = 0; i < to; i = i ? i + 1 : from) {
		const struct column *c = &cs->c[i];
		const json_t *o = within(row, c->inside);
		const json_t *v = cell_of(c, row), *lo = json_object_get(o, c->lo);

		syc_buf_puts(b, json_is_string(v) ? "<td>" : "<td class=\"n\">");
		add_cell(b, v);
		if (json_is_number(lo)) {
			syc_buf_puts(b, " <span class=\"i\">[");
			add_cell(b, lo);
			syc_buf_puts(b, ", ");
			add_cell(b, json_object_get(o, c->hi));
			syc_buf_puts(b, "]</span>");
		}
		syc_buf_puts(b, "</td>");
	}
	syc_buf_puts(b, "</tr>\n");
}

/* Wide tables go on in another, whose first column is the first one's. */
static void add_table(struct syc_buf *b, const char *caption, const json_t *list)
{
	struct columns cs = { .n = 0 };
	struct syc_buf note = { 0 };
	const size_t n = n_shown(list, MAX_ROWS), all = json_array_size(list);

	for (size_t i = 0; i < n; i++)
		add_columns(&cs, json_array_get(list, i), NULL);
	move_constants(&note, &cs, list);
	for (size_t from = 1, to = 0; to < cs.n; from = to) {
		to = cs.n - from <= WIDE ? cs.n : from + WIDE - 1;
		html_table_begin(b, from == 1 ? caption : NULL);
		add_head(b, &cs, from, to, json_array_get(list, 0));
		for (size_t i = 0; i < n; i++)
			add_row(b, &cs, from, to, json_array_get(list, i));
		syc_buf_puts(b, "</tbody>\n");
		html_table_end(b);
	}
	if (note.len)
		syc_buf_add(b, note.data, note.len);
	syc_buf_free(&note);
	if (all > n)
		syc_buf_printf(b,
			"<p class=\"note\">%zu more rows are not shown.</p>\n",
			all - n);
}

/* Plain members on one line behind its name, with or without those that are text. */
static void add_facts(struct syc_buf *b, const char *lead, const json_t *o,
		      bool texts)
{
	const char *key;
	bool any = false;
	json_t *v;

	json_object_foreach((json_t *)o, key, v) {
		if (!is_plain(v) || !name_of(key) || is_bound(o, key) ||
		    (json_is_string(v) && !texts))
			continue;
		/* Worth a word only when there are some. */
		if (strcmp(key, "missing") == 0 && json_number_value(v) == 0)
			continue;
		syc_buf_puts(b, any ? "; " : "<p class=\"facts\">");
		if (!any && lead) {
			add_key(b, lead);
			syc_buf_puts(b, ": ");
		}
		add_key(b, name_of(key));
		syc_buf_puts(b, " <b>");
		add_cell(b, v);
		syc_buf_puts(b, "</b>");
		any = true;
	}
	if (any)
		syc_buf_puts(b, "</p>\n");
}

static void add_value(struct syc_buf *b, const char *caption, const json_t *v,
		      unsigned depth);
static void add_object(struct syc_buf *b, const char *caption, const char *lead,
		       const json_t *o, unsigned depth);

/* The texts of an object, "vector cue, position prompt", as a caption. */
static char *caption_of(const json_t *o)
{
	struct syc_buf b = { 0 };
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)o, key, v) {
		if (!json_is_string(v) || !name_of(key))
			continue;
		syc_buf_printf(&b, "%s%s ", b.len ? ", " : "", name_of(key));
		syc_buf_add(&b, json_string_value(v), json_string_length(v));
	}
	return b.data;
}

/* A list of numbers or texts: on a line; lists of them: a matrix. */
static void add_list(struct syc_buf *b, const char *caption, const json_t *list)
{
	const size_t n = n_shown(list, MAX_ROWS);
	const bool matrix = json_is_array(json_array_get(list, 0));

	if (matrix)
		html_table_begin(b, caption);
	else
		syc_buf_puts(b, "<p class=\"facts\">");
	if (!matrix && caption) {
		html_puts(b, caption);
		syc_buf_puts(b, ": ");
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(list, i);

		if (!matrix) {
			syc_buf_puts(b, i ? ", " : "");
			add_cell(b, v);
			continue;
		}
		syc_buf_puts(b, "<tr>");
		for (size_t k = 0; k < n_shown(v, MAX_COLUMNS); k++) {
			syc_buf_puts(b, "<td class=\"n\">");
			add_cell(b, json_array_get(v, k));
			syc_buf_puts(b, "</td>");
		}
		syc_buf_puts(b, "</tr>\n");
	}
	if (matrix)
		html_table_end(b);
	else
		syc_buf_puts(b, "</p>\n");
}

/* A list in an object in another is called after all three. */
static void add_inner(struct syc_buf *b, const char *caption, const char *lead,
		      const char *key, const json_t *list, unsigned depth)
{
	char *name;

	if (asprintf(&name, "%s: %s, %s", caption, lead, key) < 0)
		name = NULL;
	add_value(b, name ? name : caption, list, depth + 1);
	free(name);
}

/* With a caption, the object's texts are in it; lead is what it is called in another. */
static void add_object(struct syc_buf *b, const char *caption, const char *lead,
		       const json_t *o, unsigned depth)
{
	const char *key;
	json_t *v;

	add_facts(b, lead, o, !caption);
	json_object_foreach((json_t *)o, key, v) {
		if (!name_of(key))
			continue;
		if (json_is_object(v) && depth < MAX_DEPTH)
			add_object(b, caption, key, v, depth + 1);
		else if (json_array_size(v) && caption && lead && lead != caption)
			add_inner(b, caption, lead, key, v, depth);
		else if (!is_plain(v))
			add_value(b, caption ? caption : key, v, depth + 1);
	}
}

/*
 * Objects that are little more than the head of lists inside them: a block
 * each.  Others are the rows of a table, and lists inside are left out.
 */
static bool are_heads(const json_t *list)
{
	const json_t *first = json_array_get(list, 0);
	size_t numbers = 0, lists = 0;
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)first, key, v) {
		numbers += json_is_number(v) && name_of(key);
		lists += json_is_array(v) && name_of(key);
	}
	return lists && numbers < 4;
}

static void add_value(struct syc_buf *b, const char *caption, const json_t *v,
		      unsigned depth)
{
	if (depth > MAX_DEPTH) {
		syc_buf_puts(b, "<p class=\"note\">What lies deeper is not shown.</p>\n");
	} else if (json_is_object(v)) {
		add_object(b, caption, NULL, v, depth);
	} else if (is_table(v) && are_heads(v)) {
		for (size_t i = 0; i < n_shown(v, MAX_ROWS); i++) {
			const json_t *o = json_array_get(v, i);
			char *inner = caption_of(o);

			add_object(b, inner ? inner : caption, inner, o, depth);
			free(inner);
		}
	} else if (is_table(v)) {
		add_table(b, caption, v);
	} else if (json_array_size(v)) {
		add_list(b, caption, v);
	}
}

/* One document, or one on each line. */
static json_t *load(const struct report_file *f, struct syc_err *err)
{
	json_t *list = json_array(), *v;
	size_t at = 0;
	json_error_t e;

	while (list && at < f->data.len) {
		v = json_loadb(f->data.data + at, f->data.len - at,
			       JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL |
			       JSON_DECODE_INT_AS_REAL, &e);
		if (!v) {
			json_decref(list);
			fail(err, SYC_EFORMAT, "%s: %s (byte %zu)", f->path,
			     e.text, at + (size_t)e.position);
			return NULL;
		}
		if (json_array_append_new(list, v) < 0 || !old_names_doc(v)) {
			json_decref(list);
			fail_nomem(err);
			return NULL;
		}
		at += (size_t)e.position;
		at += strspn(f->data.data + at, " \t\r\n");
	}
	if (!list || !json_array_size(list)) {
		json_decref(list);
		fail(err, SYC_EFORMAT, "%s: there is no document in it", f->path);
		return NULL;
	}
	return list;
}

int report_json(struct syc_buf *b, const struct report_file *f, struct syc_err *err)
{
	json_t *list = load(f, err);
	const bool one = json_array_size(list) == 1;

	if (!list)
		return SYC_EFORMAT;
	if (f->caption && one) {
		syc_buf_puts(b, "<h3>");
		html_puts(b, f->caption);
		syc_buf_puts(b, "</h3>\n");
	}
	add_value(b, one ? NULL : f->caption, one ? json_array_get(list, 0) : list, 0);
	json_decref(list);
	return 0;
}
