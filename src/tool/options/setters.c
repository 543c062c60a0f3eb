/* SPDX-License-Identifier: MIT */
/* What arguments of options say: numbers, names, lists. */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/options/opts.h"

uint64_t opt_whole(const struct tool *t, const char *opt, const char *arg,
		   uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(arg, &end, 10);
	if (arg[0] < '0' || arg[0] > '9' || *end || errno || v < min || v > max)
		tool_usage(t,
			   "--%s: '%s' is not a whole number from %" PRIu64
			   " to %" PRIu64,
			   opt, arg, min, max);
	return v;
}

double opt_num(const struct tool *t, const char *opt, const char *arg,
	       double min, double max)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(arg, &end);
	if (end == arg || *end || errno || !isfinite(v) || v < min || v > max)
		tool_usage(t, "--%s: '%s' is not a number from %g to %g", opt,
			   arg, min, max);
	return v;
}

unsigned opt_enum(const struct tool *t, const char *opt, const char *arg,
		      const char *const *names, unsigned n)
{
	char all[256] = "";
	size_t len = 0;

	for (unsigned i = 0; i < n; i++) {
		if (strcmp(arg, names[i]) == 0)
			return i;
		if (len < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len,
				"%s%s", i ? ", " : "", names[i]);
	}
	tool_usage(t, "--%s: '%s' is none of: %s", opt, arg, all);
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Digits as a number, at most UINT32_MAX; NULL when there are none. */
static const char *list_number(const char *s, uint32_t *v)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9')
		return NULL;
	n = strtoul(s, &end, 10);
	*v = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	return end;
}

/* One "3" or "3-5"; returns what follows it, or NULL. */
static const char *list_item(const char *s, uint32_t *from, uint32_t *to)
{
	s = list_number(s, from);
	*to = *from;
	return s && *s == '-' ? list_number(s + 1, to) : s;
}

void opt_list(const struct tool *t, const char *opt, const char *arg,
		  uint32_t n, uint32_t **out, size_t *n_out)
{
	enum { MAX_LIST = 4096 };
	uint32_t *v = calloc(MAX_LIST, sizeof(*v)), from = 0,
		 to = n ? n - 1 : 0;
	const char *s = arg;
	size_t len = 0;
	bool all = strcmp(arg, "all") == 0;

	if (!v)
		tool_usage(t, "out of memory");
	if (all && !n)
		s = "";
	while (*s) {
		s = all ? "" : list_item(s, &from, &to);
		if (!s || from > to || (n && to >= n) || (*s && *s != ',') ||
		    to - from >= MAX_LIST - len) {
			free(v);
			if (n)
				tool_usage(t,
					"--%s: '%s' is not a list of numbers from 0 to %" PRIu32,
					opt, arg, n - 1);
			tool_usage(t, "--%s: '%s' is not a list of numbers",
				   opt, arg);
		}
		for (uint32_t i = from; i <= to; i++)
			v[len++] = i;
		s += *s == ',';
	}
	qsort(v, len, sizeof(*v), by_value);
	*n_out = 0;
	for (size_t i = 0; i < len; i++)
		if (!*n_out || v[*n_out - 1] != v[i])
			v[(*n_out)++] = v[i];
	if (!len && !all)
		tool_usage(t, "--%s: the list is empty", opt);
	*out = v;
}

void opt_flag(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	*(bool *)at = true;
}

void opt_count(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	++*(int *)at;
}

void opt_quiet(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	*(int *)at = -1;
}

void opt_text(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o;
	*(const char **)at = arg;
}

void opt_u32(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(uint32_t *)at = (uint32_t)opt_whole(t, o->name, arg, o->from, o->to);
}

void opt_u64(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(uint64_t *)at = opt_whole(t, o->name, arg, o->from, o->to);
}

void opt_size(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(size_t *)at = (size_t)opt_whole(t, o->name, arg, o->from, o->to);
}

void opt_float(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(float *)at = (float)opt_num(t, o->name, arg, o->min, o->max);
}

void opt_double(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(double *)at = opt_num(t, o->name, arg, o->min, o->max);
}

unsigned opt_named(const struct tool *t, const struct opt *o, const char *arg)
{
	unsigned n = 0;

	while (o->names[n])
		n++;
	return opt_enum(t, o->name, arg, o->names, n);
}

void opt_choice(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(unsigned *)at = opt_named(t, o, arg);
}

void opt_texts(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct texts *l = at;
	const char **p = realloc(l->text, (l->n + 1) * sizeof(*p));

	(void)o;
	if (!p)
		tool_usage(t, "out of memory");
	l->text = p;
	p[l->n++] = arg;
}

void texts_free(struct texts *l)
{
	free(l->text);
	*l = (struct texts){ 0 };
}

void opt_numbers(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct opt_list *l = at;

	free(l->v);
	opt_list(t, o->name, arg, 0, &l->v, &l->n);
	l->given = true;
}
