/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "tool/common/old_names.h"

static const struct old_name {
	const char *program, *old, *now;
} old_names[] = {
	{ "syc-fit", "site", "position" },
	{ "syc-gen", "sites", "positions" },
	{ "syc-plot", "site", "position" },
	{ "syc-rec", "sites", "positions" },
	{ "syc-score", "sites", "positions" },
	{ "syc-vec", "normalise", "normalize" },
	{ "syc-vec", "read", "position" },
	{ "syc-vec", "reads", "positions" },
};
enum { N_OLD = sizeof(old_names) / sizeof(*old_names) };

/* "syc-vec" is the program of "syc-vec mean". */
static bool is_of(const struct tool *t, const char *program)
{
	const size_t n = strlen(program);

	return strncmp(t->name, program, n) == 0 && (!t->name[n] || t->name[n] == ' ');
}

void old_names_add(const struct tool *t, struct option *to, size_t n)
{
	size_t end = n;

	for (const struct old_name *o = old_names; o < old_names + N_OLD && end < n + OLD_NAMES_MAX; o++)
		for (size_t i = 0; i < n && is_of(t, o->program); i++)
			if (strcmp(to[i].name, o->now) == 0) {
				to[end] = to[i];
				to[end++].name = o->old;
			}
}

static const struct old_name *find(const struct tool *t, const char *name)
{
	for (const struct old_name *o = old_names; o < old_names + N_OLD; o++)
		if (is_of(t, o->program) && strcmp(o->old, name) == 0)
			return o;
	return NULL;
}

/*
 * Put now, which is no longer, in place of old where that begins an item of a
 * list: a whole item, or a key with its "=".
 */
static bool replace(char *list, const char *old, const char *now)
{
	const size_t n = strlen(old), m = strlen(now);
	bool found = false;

	for (char *s = list; *s; s += strcspn(s, ",")) {
		s += *s == ',';
		if (strncmp(s, old, n) != 0 || (old[n - 1] != '=' && s[n] && s[n] != ','))
			continue;
		memcpy(s, now, m);
		memmove(s + m, s + n, strlen(s + n) + 1);
		found = true;
	}
	return found;
}

void old_names_tell(const struct tool *t, const char *name, char *value)
{
	const struct old_name *old = find(t, name);
	const char *now = old ? old->now : name;

	if (old)
		tool_warn(t, "--%s is called --%s now", old->old, old->now);
	if (!value)
		return;
	/* It was the prompt's last token where there was no answer, as without an option. */
	if (old && strncmp(old->old, "read", 4) == 0 && strcmp(value, "last") == 0)
		value[0] = 0;
	if (strncmp(now, "position", 8) == 0 && replace(value, "continuation", "last"))
		tool_warn(t, "the position continuation is called last now");
	if ((strcmp(now, "steer") == 0 || strcmp(now, "op") == 0) && replace(value, "site=", "hook="))
		tool_warn(t, "site= is called hook= now");
}
