/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/study/fill.h"

static char *format(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		out_of_memory();
	return text;
}

char *text_new(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	return text;
}

/* ---- values ------------------------------------------------------------ */

static struct values *find(const struct words *w, const char *name, size_t n)
{
	for (size_t i = 0; i < w->n; i++)
		if (strncmp(w->values[i].name, name, n) == 0 &&
		    !w->values[i].name[n])
			return (struct values *)&w->values[i];
	return NULL;
}

static struct values *get(struct words *w, const char *name)
{
	struct values *v = find(w, name, strlen(name));

	if (v)
		return v;
	v = realloc(w->values, (w->n + 1) * sizeof(*v));
	if (!v)
		out_of_memory();
	w->values = v;
	v[w->n] = (struct values){ .name = name };
	return &v[w->n++];
}

static void add(struct words *w, const char *name, char *text)
{
	struct values *v = get(w, name);
	char **more = realloc(v->v, (v->n + 1) * sizeof(*more));

	if (!more)
		out_of_memory();
	v->v = more;
	more[v->n++] = text;
}

void words_clear(struct words *w, const char *name)
{
	struct values *v = get(w, name);

	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
	v->v = NULL;
	v->n = 0;
}

void words_add(struct words *w, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(w, name, format(fmt, ap));
	va_end(ap);
}

void words_set(struct words *w, const char *name, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	words_clear(w, name);
	add(w, name, text);
}

size_t words_count(const struct words *w, const char *name)
{
	const struct values *v = find(w, name, strlen(name));

	return v ? v->n : 0;
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		words_clear(w, w->values[i].name);
	free(w->values);
	*w = (struct words){ 0 };
}

bool words_any(const struct words *w, const char *name)
{
	const struct values *v = find(w, name, strlen(name));

	return v && v->n;
}

/* The values of the "{name}" at the beginning of a text, and where it ends. */
static const struct values *named(const struct words *w, const char *text,
				  const char **behind)
{
	const char *end = strchr(text, '}');
	const struct values *v;

	assert(end);
	v = find(w, text + 1, (size_t)(end - text) - 1);
	assert(v);
	*behind = end + 1;
	return v;
}

char *words_fill(const struct words *w, const char *text)
{
	char *full = text_new("%s", "");

	while (*text) {
		const size_t n = strcspn(text, "{");
		char *more = text_new("%s%.*s", full, (int)n, text);

		free(full);
		full = more;
		text += n;
		if (*text) {
			const struct values *v = named(w, text, &text);

			for (size_t i = 0; i < v->n; i++) {
				more = text_new("%s%s%s", full, i ? " " : "",
						v->v[i]);
				free(full);
				full = more;
			}
		}
	}
	return full;
}

/* ---- commands ---------------------------------------------------------- */

static void take(struct cmd *c, char *arg)
{
	if (c->n + 2 > c->cap) {
		c->cap = 2 * c->cap + 32;
		c->arg = realloc(c->arg, c->cap * sizeof(*c->arg));
		if (!c->arg)
			out_of_memory();
	}
	c->arg[c->n++] = arg;
	c->arg[c->n] = NULL;
}

void cmd_add(struct cmd *c, const char *arg)
{
	take(c, text_new("%s", arg));
}

/* before is done; the n bytes of word are not. */
static void expand(struct cmd *c, const struct words *w, const char *before,
		   const char *word, size_t n)
{
	const char *name = memchr(word, '{', n), *behind;
	const size_t plain = name ? (size_t)(name - word) : n;
	const struct values *v;

	if (!name) {
		take(c, text_new("%s%.*s", before, (int)n, word));
		return;
	}
	v = named(w, name, &behind);
	for (size_t i = 0; i < v->n; i++) {
		char *full =
			text_new("%s%.*s%s", before, (int)plain, word, v->v[i]);

		expand(c, w, full, behind, n - (size_t)(behind - word));
		free(full);
	}
}

void cmd_expand(struct cmd *c, const struct words *w, const char *text)
{
	while (*text) {
		const bool quoted = *text == '\'';
		const size_t n = strcspn(text += quoted, quoted ? "'" : " ");

		expand(c, w, "", text, n);
		text += n + (quoted && text[n]);
		text += strspn(text, " ");
	}
}

void cmd_free(struct cmd *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->arg[i]);
	free(c->arg);
	*c = (struct cmd){ 0 };
}
