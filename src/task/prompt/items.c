/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "task/prompt/fields.h"
#include "task/prompt/items.h"
#include "task/prompt/source.h"

/* The rows' ids have the task and condition, too. */
enum { NAME_MAX_BYTES = 60000 };

/* What an item asks: of these its key is made. */
static const char *const asked[] = {
	"question", "options", "text", "problem", "poem", "version_a", "version_b",
	"og", "flip", "topic", "stance1", "stance2", NULL
};

void syc_items_free(struct syc_items *s)
{
	for (size_t i = 0; i < s->n; i++) {
		json_decref(s->item[i].fields);
		json_decref(s->item[i].extra);
	}
	free(s->item);
	json_decref(s->by_name);
	json_decref(s->files);
	*s = (struct syc_items){ 0 };
}

const char *syc_item_text(const struct syc_item *it, const char *field)
{
	return json_string_value(json_object_get(it->fields, field));
}

/* ---- names --------------------------------------------------------------------------- */

/* The file's name without folder and ending. */
static void add_stem(struct syc_buf *name, const char *file)
{
	const char *slash = strrchr(file, '/'),
		   *from = slash ? slash + 1 : file, *dot = strrchr(from, '.');

	syc_buf_add(name, from,
		    dot && dot > from ? (size_t)(dot - from) : strlen(from));
}

static uint64_t hash_asked(const json_t *fields)
{
	uint64_t h = 0;

	for (size_t i = 0; asked[i]; i++) {
		const json_t *v = json_object_get(fields, asked[i]);
		char *s = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT)
			    : NULL;

		if (s)
			h = syc_hash(h, s, strlen(s) + 1);
		free(s);
	}
	return h;
}

static int add_name(struct syc_buf *name, const struct syc_prompts *p,
		    const struct syc_format *f, const json_t *fields,
		    const char *file, struct syc_err *err)
{
	const char *id = json_string_value(json_object_get(fields, "id")),
		   *own = json_string_value(json_object_get(fields, "dataset"));

	if (p->o.dataset || own || f->dataset)
		syc_buf_puts(name, p->o.dataset ? p->o.dataset
				   : own	? own
						: f->dataset);
	else
		add_stem(name, file);
	if (id)
		syc_buf_printf(name, "/%s", id);
	else
		syc_buf_printf(name, "/%016" PRIx64, hash_asked(fields));
	if (name->len > NAME_MAX_BYTES)
		return syc_fail(err, SYC_EFORMAT,
				"the item's name has %zu bytes", name->len);
	return name->failed ? syc_nomem(err) : 0;
}

/* ---- one object ---------------------------------------------------------------------- */

/* With other names for the fields that options rename; new. */
static json_t *renamed(struct syc_prompts *p, const json_t *object)
{
	const struct syc_prompts_opts *o = &p->o;
	json_t *copy = json_copy((json_t *)object);

	for (size_t i = 0; i < o->n_fields; i++) {
		const char *equals = strchr(o->field[i], '=');
		json_t *v = json_object_get(object, equals + 1),
		       *to = json_stringn(o->field[i], (size_t)(equals - o->field[i]));

		if (v) {
			p->found[i] = true;
			json_incref(v);
			json_object_del(copy, equals + 1);
			json_object_set_new(copy, json_string_value(to), v);
		}
		json_decref(to);
	}
	return copy;
}

/* Whether a list of names with ", " between has that one. */
static bool names_task(const char *list, const char *task)
{
	const size_t n = strlen(task);

	for (const char *s = list; (s = strstr(s, task)); s += n)
		if ((s == list || s[-1] == ' ') && (s[n] == ',' || !s[n]))
			return true;
	return false;
}

static int check_needs(const struct syc_prompt_task *t,
		       const struct syc_format *f, const json_t *fields,
		       struct syc_err *err)
{
	const char *lacks = NULL;
	size_t n = 0;

	for (size_t i = 0; i < 6 && t->needs[i]; i++) {
		if (json_object_get(fields, t->needs[i]))
			n++;
		else
			lacks = lacks ? lacks : t->needs[i];
	}
	if (!lacks || (t->either && n))
		return 0;
	return syc_fail(err, SYC_EFORMAT,
			"no \"%s\", which %s needs (format %s)", lacks, t->name,
			f->name);
}

static int take_fields(const struct syc_prompts *p, const json_t *o,
		       const struct syc_format **f, json_t *fields,
		       json_t *extra, struct syc_err *err)
{
	const char *lacks,
		*task = json_string_value(json_object_get(o, "task"));
	int ret;

	if (task && json_object_get(o, "condition") &&
	    json_object_get(o, "messages"))
		return syc_fail(err, SYC_EFORMAT,
				"it is a row of task '%.60s' already", task);
	*f = syc_format_of(o, p->o.format, &lacks);
	if (lacks)
		return syc_fail(err, SYC_EFORMAT,
				"no \"%s\", which format %s has", lacks,
				(*f)->name);
	if (!names_task((*f)->tasks, p->task->name))
		return syc_fail(err, SYC_EFORMAT, "format %s makes %s, not %s",
				(*f)->name, (*f)->tasks, p->task->name);
	ret = syc_format_take(*f, o, fields, extra, err);
	return ret < 0 ? ret : check_needs(p->task, *f, fields, err);
}

/* What is new in an object of an item that is there. */
static int merge(struct syc_item *it, const json_t *fields, const json_t *extra,
		 struct syc_err *err)
{
	const char *key;
	json_t *v, *text;
	size_t i;

	for (i = 0; asked[i]; i++) {
		const json_t *a = json_object_get(it->fields, asked[i]),
			     *b = json_object_get(fields, asked[i]);

		if (a && b && !json_equal(a, b))
			return syc_fail(
				err, SYC_EINVAL,
				"item '%.80s' has another \"%s\" at %.160s:%zu",
				it->name, asked[i], it->file, it->line);
	}
	json_object_foreach((json_t *)fields, key, v) {
		if (json_is_array(v) && strcmp(key, "options") != 0)
			json_array_foreach(v, i, text) syc_fields_add(
				it->fields, key, json_string_value(text));
		else if (!json_object_get(it->fields, key))
			json_object_set(it->fields, key, v);
	}
	json_object_update_missing(it->extra, (json_t *)extra);
	return syc_fields_answers(it->fields, err);
}

static int add_item(struct syc_prompts *p, struct syc_items *s,
		    const char *name, json_t *fields, json_t *extra,
		    size_t line, struct syc_err *err)
{
	const json_t *files = s->files;
	struct syc_item *it;

	if (!syc_grow(&s->item, &s->cap, s->n + 1, sizeof(*s->item)) ||
	    json_object_set_new(s->by_name, name,
				json_integer((json_int_t)s->n)) < 0)
		return syc_nomem(err);
	it = &s->item[s->n++];
	*it = (struct syc_item){
		.fields = json_incref(fields),
		.extra = json_incref(extra),
		.name = json_object_iter_key(
			json_object_iter_at(s->by_name, name)),
		.file = json_string_value(
			json_array_get(files, json_array_size(files) - 1)),
		.line = line,
		.key = syc_rand_key(p->o.seed, name, 0),
	};
	return 0;
}

static int add_object(struct syc_prompts *p, struct syc_items *s,
		      const char *file, const json_t *o, size_t line,
		      struct syc_err *err)
{
	json_t *own = renamed(p, o), *fields = json_object(),
	       *extra = json_object();
	const struct syc_format *f = NULL;
	struct syc_buf name = { 0 };
	int ret = take_fields(p, own, &f, fields, extra, err);

	if (ret == 0)
		ret = add_name(&name, p, f, fields, file, err);
	if (ret == 0) {
		const json_t *at = json_object_get(s->by_name, name.data);

		if (at) {
			p->counts.n_merged++;
			ret = merge(&s->item[json_integer_value(at)], fields,
				    extra, err);
		} else {
			ret = add_item(p, s, name.data, fields, extra, line,
				       err);
		}
	}
	syc_buf_free(&name);
	json_decref(own);
	json_decref(fields);
	json_decref(extra);
	return ret;
}

/* ---- a source ------------------------------------------------------------------------ */

struct reading {
	struct syc_prompts *p;
	struct syc_items *set;
	const char *file;
	bool placed;		/* the error names its place */
};

static int take(void *to, const json_t *o, size_t line, struct syc_err *err)
{
	struct reading *r = to;
	struct syc_prompts *p = r->p;
	struct syc_err why;
	char place[320];
	int ret;

	p->counts.n_objects++;
	if (!o)
		why = *err;
	ret = o ? add_object(p, r->set, r->file, o, line, &why) : why.code;
	if (ret == 0)
		return 0;
	snprintf(place, sizeof(place), "%.280s:%zu", r->file, line);
	if (!p->o.keep_going || ret == SYC_ENOMEM) {
		r->placed = true;
		return syc_fail(err, ret, "%.240s: %.240s", place, why.msg);
	}
	if (p->o.skipped)
		p->o.skipped(p->o.arg, place, why.msg);
	p->counts.n_broken++;
	return 0;
}

int syc_items_read(struct syc_prompts *p, struct syc_items *s, const char *name,
		   const char *text, size_t len, struct syc_err *err)
{
	struct reading r = { p, s, name, false };
	struct syc_err why = { 0 };
	int ret;

	if (!s->by_name) {
		s->by_name = json_object();
		s->files = json_array();
	}
	if (json_array_append_new(s->files, json_string(name)) < 0)
		return syc_fail(err, SYC_EINVAL, "a file's name is not UTF-8");
	ret = syc_source_each(text, len, take, &r, &why);
	return ret < 0 ? syc_fail(err, ret,
				  r.placed ? "%s%s" : "%.240s: %.240s",
				  r.placed ? "" : name, why.msg)
		       : 0;
}

/* ---- which are taken ----------------------------------------------------------------- */

struct ranked {
	uint64_t hash;
	size_t at;
};

static int by_hash(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->hash != y->hash ? (x->hash > y->hash ? 1 : -1)
				  : (x->at > y->at) - (x->at < y->at);
}

/* All items in the order in which they are drawn. */
static struct ranked *rank(const struct syc_items *s)
{
	struct ranked *r = syc_calloc(s->n + 1, sizeof(*r));

	for (size_t i = 0; r && i < s->n; i++)
		r[i] = (struct ranked){
			syc_rand_u64(s->item[i].key, SYC_DRAW_SAMPLE), i};
	if (r)
		qsort(r, s->n, sizeof(*r), by_hash);
	return r;
}

size_t *syc_items_order(const struct syc_items *s)
{
	size_t *order = syc_calloc(s->n + 1, sizeof(*order));
	struct ranked *r = order ? rank(s) : NULL;

	if (!r) {
		free(order);
		return NULL;
	}
	for (size_t i = 0; i < s->n; i++)
		order[i] = r[i].at;
	free(r);
	return order;
}

static bool in_part(const struct syc_item *it, const struct syc_prompts_opts *o)
{
	uint64_t part;

	if (!o->n_parts)
		return true;
	part = 1 + syc_rand_below(it->key, SYC_DRAW_PART, o->n_parts);
	return part >= o->part_from && part <= o->part_to;
}

int syc_items_take(struct syc_items *s, const struct syc_prompts_opts *o,
		   size_t *n, struct syc_err *err)
{
	size_t *order = syc_items_order(s);

	*n = 0;
	if (!order)
		return syc_nomem(err);
	for (size_t k = 0; k < s->n; k++) {
		struct syc_item *it = &s->item[order[k]];

		it->taken = in_part(it, o) && (!o->sample || *n < o->sample);
		*n += it->taken;
	}
	free(order);
	return 0;
}
