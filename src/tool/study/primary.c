/* SPDX-License-Identifier: MIT */
/* The one setting of steering that is tested, its opposite, and the words of their commands. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/steer.h"
#include "tool/common/fail.h"
#include "tool/study/study.h"

/* ---- what was asked for ----------------------------------------------------- */

static void set_text(char **to, const char *value)
{
	free(*to);
	*to = text_new("%s", value);
}

static void set_op(struct primary *p, const char *value)
{
	const struct syc_steer_op_info *info = syc_steer_op_find(value);

	if (!info)
		tool_usage(&study_tool, "--primary: '%s' is no operator", value);
	if (!info->way)
		tool_usage(&study_tool, "--primary: %s neither lowers nor raises by itself", value);
	snprintf(p->op, sizeof(p->op), "%s", value);
}

static void set_item(struct primary *p, char *item)
{
	char *value = strchr(item, '=');

	if (!value)
		tool_usage(&study_tool, "--primary: '%s' is no KEY=VALUE", item);
	*value++ = '\0';
	if (strcmp(item, "vector") == 0) {
		set_text(&p->vector, value);
	} else if (strcmp(item, "layers") == 0) {
		set_text(&p->layers, value);
	} else if (strcmp(item, "op") == 0) {
		set_op(p, value);
	} else if (strcmp(item, "way") == 0) {
		p->raises = strcmp(value, "raises") == 0;
		if (!p->raises && strcmp(value, "lowers") != 0)
			tool_usage(&study_tool, "--primary: way is lowers or raises");
	} else {
		char *more = text_new("%s,%s=%s", p->rule, item, value);

		free(p->rule);
		p->rule = more;
	}
}

static void parse_nulls(struct study *s)
{
	struct syc_err err;

	if (s->o.null && syc_null_parse(s->n_draws, s->o.null, 1, SYC_NULL_MOST, &err) < 0)
		tool_usage(&study_tool, "--null: %s", err.msg);
}

void primary_parse(struct study *s)
{
	struct primary *p = &s->primary;
	char *all = text_new("%s", s->o.primary ? s->o.primary : ""), *item, *at = all;
	struct syc_steer_rule rule = { 0 };
	struct syc_err err;
	char *text;

	set_text(&p->vector, "mean");
	set_text(&p->rule, "");
	set_op(p, "add");
	while ((item = strsep(&at, ",")))
		if (*item)
			set_item(p, item);
	free(all);
	text = text_new("op=%s%s", p->op, p->rule);
	if (syc_steer_rule_parse(&rule, text, &err) < 0)
		tool_usage(&study_tool, "--primary: %s", err.msg);
	free(text);
	if (p->raises && syc_steer_op_find(p->op)->one_way)
		tool_usage(&study_tool, "--primary: %s only lowers", p->op);
	parse_nulls(s);
}

int primary_check(const struct study *s, struct syc_err *err)
{
	for (size_t i = 0; i < s->n_vectors; i++)
		if (strcmp(s->vector[i], s->primary.vector) == 0)
			return 0;
	return fail(err, SYC_EINVAL, "--primary: this study makes no vector '%s'",
		    s->primary.vector);
}

void primary_free(struct primary *p)
{
	free(p->vector);
	free(p->layers);
	free(p->rule);
}

/* ---- its commands -------------------------------------------------------------- */

static void put_kind(struct syc_buf *b, unsigned kind, size_t n)
{
	syc_buf_printf(b, "%s%s:%zu", b->len ? "," : "", syc_null_name(kind), n);
}

/* What is not said: as many draws as it takes. */
static void null_words(struct study *s, size_t n_draws)
{
	struct syc_buf all = { 0 }, of_file = { 0 }, said = { 0 };

	if (!s->o.null)
		s->n_draws[SYC_NULL_RANDOM] = n_draws;
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		size_t *n = &s->n_draws[k];

		*n = *n == SYC_NULL_MOST ? n_draws : *n;
		if (!*n)
			continue;
		put_kind(&all, k, *n);
		if (k != SYC_NULL_RANDOM)
			put_kind(&of_file, k, *n);
		syc_buf_printf(&said, "%s%zu %s", said.len ? ", " : "", *n, syc_null_name(k));
	}
	if (all.failed || of_file.failed || said.failed)
		out_of_memory();
	words_set(&s->words, "null", "%s", all.data);
	words_set(&s->words, "drawn", "%s", said.data);
	words_clear(&s->words, "null_kinds");
	if (of_file.len)
		words_add(&s->words, "null_kinds", "%s", of_file.data);
	syc_buf_free(&all);
	syc_buf_free(&of_file);
	syc_buf_free(&said);
}

/* The operator whose scale has two ways: its own, or that of its opposite. */
static const char *slope_op(const struct primary *p)
{
	return syc_steer_op_find(p->op)->one_way ? "add" : p->op;
}

void primary_words(struct study *s, size_t n_draws)
{
	struct words *w = &s->words;
	struct primary *p = &s->primary;

	null_words(s, n_draws);
	words_set(w, "primary", "%s", p->vector);
	words_set(w, "primary_layers", "%s", p->layers);
	words_set(w, "primary_at", "layer%s %s",
		  p->layers[strspn(p->layers, "0123456789")] ? "s" : "", p->layers);
	words_set(w, "way", p->raises ? "raises" : "lowers");
	words_clear(w, "primary_ops");
	words_add(w, "primary_ops", "--op=%s%s", p->op, p->rule);
	/* What has no way back is taken out; its opposite puts more in. */
	if (strcmp(slope_op(p), p->op) != 0)
		words_add(w, "primary_ops", "--op=add:1%s", p->rule);
	words_set(w, "slope_op", "%s", slope_op(p));
	words_set(w, "slope_rule", "%s", p->rule);
}

/* One of the settings as syc-gen takes it, and as a sweep of fixed scales does. */
static void say_setting(struct study *s, const char *name, const json_t *o)
{
	const double scale = doc_number(o, "scale");
	const char *op = doc_text(o, "op");

	words_clear(&s->words, name);
	if (!o)
		return;
	words_add(&s->words, name, "--steer");
	words_add(&s->words, name, "%s.gguf:%.9g@%s,op=%s%s", s->primary.vector, scale,
		  s->primary.layers, op, s->primary.rule);
	words_add(&s->words, "fixed_ops", "--op=%s:%.9g%s", op, scale, s->primary.rule);
}

int primary_scales(struct study *s, struct syc_err *err)
{
	const json_t *doc, *o, *settings;
	double most = 0;
	size_t i;
	int ret = study_doc(s, SYC_STUDY_PRIMARY, &doc, err);

	settings = json_object_get(doc, "settings");
	words_clear(&s->words, "fixed_ops");
	say_setting(s, "steer_primary", NULL);
	say_setting(s, "steer_opposite", NULL);
	json_array_foreach(json_object_get(doc, "tests"), i, o) {
		const bool own = json_is_true(json_object_get(o, "primary"));
		const json_t *at = json_array_get(settings, (size_t)doc_number(o, "setting"));

		say_setting(s, own ? "steer_primary" : "steer_opposite", at);
		if (strcmp(doc_text(at, "op"), slope_op(&s->primary)) == 0)
			most = fmax(most, fabs(doc_number(at, "scale")));
	}
	words_set(&s->words, "slope_scales", "%.9g,%.9g,%.9g,%.9g", -most, -most / 2, most / 2,
		  most);
	return ret;
}
