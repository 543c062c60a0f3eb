/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "tool/options/old_names.h"

static const struct old_name {
	const char *program, *old, *now;
} old_names[] = {
	{ "syc-bench", "pairs", "pairs-file" },
	{ "syc-best", "by", "per" },
	{ "syc-fit", "site", "position" },
	{ "syc-gen", "sites", "positions" },
	{ "syc-plot", "against", "over" },
	{ "syc-plot", "site", "position" },
	{ "syc-pref", "draws", "kept-draws" },
	{ "syc-pref", "warmup", "burn-in" },
	{ "syc-prompt", "choices", "two-choices" },
	{ "syc-rec", "answers", "both-answers" },
	{ "syc-rec", "sites", "positions" },
	{ "syc-report", "rows", "show-rows" },
	{ "syc-report", "text", "paragraph" },
	{ "syc-score", "record", "acts" },
	{ "syc-score", "sites", "positions" },
	{ "syc-stance", "by", "per" },
	{ "syc-stance", "control", "neutral" },
	{ "syc-stance", "text", "in-words" },
	{ "syc-study", "lora", "lora-vector" },
	{ "syc-study", "random", "null" },
	{ "syc-sweep", "primary", "way" },
	{ "syc-tune", "batch", "batch-rows" },
	{ "syc-vec", "by", "per" },
	{ "syc-vec", "center", "about" },
	{ "syc-vec", "control", "orthogonal-to" },
	{ "syc-vec", "control-components", "orthogonal-components" },
	{ "syc-vec", "normalise", "normalize" },
	{ "syc-vec", "nulls", "write-nulls" },
	{ "syc-vec", "outcome", "results" },
	{ "syc-vec", "raw", "bare" },
	{ "syc-vec", "read", "position" },
	{ "syc-vec", "reads", "positions" },
	{ "syc-vec", "reference", "reference-vector" },
	{ "syc-vec", "tokens", "lens-tokens" },
};
enum { N_OLD = sizeof(old_names) / sizeof(*old_names) };

/* Letters that say something else now, or nothing; all had an argument. */
static const struct old_letter {
	const char *program;
	char letter;
	const char *now;
} old_letters[] = {
	{ "syc-report", 'a', "add" },
	{ "syc-score", 'r', "acts" },
	{ "syc-study", 'r', "null" },
	{ "syc-vec", 'r', "acts" },
};
enum { N_LETTERS = sizeof(old_letters) / sizeof(*old_letters) };

/* "syc-vec" is the program of "syc-vec mean". */
static bool is_of(const struct tool *t, const char *program)
{
	const size_t n = strlen(program);

	return strncmp(t->name, program, n) == 0 &&
	       (!t->name[n] || t->name[n] == ' ');
}

void old_names_add(const struct tool *t, struct option *to, size_t n)
{
	size_t end = n;

	for (const struct old_name *o = old_names;
	     o < old_names + N_OLD && end < n + OLD_NAMES_MAX; o++)
		for (size_t i = 0; i < n && is_of(t, o->program); i++)
			if (strcmp(to[i].name, o->now) == 0) {
				to[end] = to[i];
				to[end++].name = o->old;
			}
}

char *old_letters_add(const struct tool *t, const struct option *o, char *s)
{
	for (unsigned i = 0; i < N_LETTERS; i++)
		for (const struct option *p = o; p->name && is_of(t, old_letters[i].program); p++)
			if (strcmp(p->name, old_letters[i].now) == 0) {
				*s++ = old_letters[i].letter;
				*s++ = ':';
				break;
			}
	return s;
}

int old_letter_key(const struct tool *t, const struct option *o, int key)
{
	for (unsigned i = 0; i < N_LETTERS; i++) {
		const struct old_letter *old = &old_letters[i];

		if (key != old->letter || !is_of(t, old->program))
			continue;
		tool_warn(t, "-%c is called --%s now", key, old->now);
		while (strcmp(o->name, old->now) != 0)
			o++;
		return o->val;
	}
	return key;
}

/* What is old in one command may be an option of another, as --nulls is. */
static bool is_current(const struct tool *t, const char *name)
{
	const struct opt *o = t->opts;

	while (o->help && !(o->name && strcmp(o->name, name) == 0))
		o++;
	return o->help != NULL;
}

static const struct old_name *find(const struct tool *t, const char *name)
{
	if (is_current(t, name))
		return NULL;
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
		if (strncmp(s, old, n) != 0 ||
		    (old[n - 1] != '=' && s[n] && s[n] != ','))
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
	if (old && strncmp(old->old, "read", 4) == 0 &&
	    strcmp(value, "last") == 0)
		value[0] = 0;
	if (strncmp(now, "position", 8) == 0 &&
	    replace(value, "continuation", "last"))
		tool_warn(t, "the position continuation is called last now");
	if ((strcmp(now, "steer") == 0 || strcmp(now, "op") == 0) &&
	    replace(value, "site=", "hook="))
		tool_warn(t, "site= is called hook= now");
}

/* ---- rows and documents -------------------------------------------------- */

static bool rename_key(json_t *o, const char *old, const char *now)
{
	json_t *copy, *value;
	const char *key;
	bool good;

	if (!json_object_get(o, old) || json_object_get(o, now))
		return true;
	copy = json_object();
	good = copy != NULL;
	json_object_foreach(o, key, value)
		good = good &&
		       json_object_set(copy, strcmp(key, old) == 0 ? now : key,
				       value) == 0;
	good = good && json_object_clear(o) == 0 &&
	       json_object_update(o, copy) == 0;
	json_decref(copy);
	return good;
}

static bool is(const json_t *o, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && strcmp(s, value) == 0;
}

/* A site was a position, or in what steering says a hook. */
static bool rename_object(json_t *o)
{
	static const char *const keys[][2] = {
		{ "labelled", "labeled" }, { "normalised", "normalized" },
		{ "normalise", "normalize" }, { "centre", "center" },
		{ "sites", "positions" },
	};
	const bool hook = is(o, "site", "block") || is(o, "site", "attn") ||
			  is(o, "site", "mlp");
	bool good = true;

	if (is(o, "site", "continuation"))
		good = json_object_set_new(o, "site", json_string("last")) == 0;
	if (is(o, "what", "read"))
		good = good &&
		       json_object_set_new(o, "what",
					   json_string("position")) == 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		good = good && rename_key(o, keys[i][0], keys[i][1]);
	return good && rename_key(o, "site", hook ? "hook" : "position");
}

static bool rename_score(json_t *score)
{
	const char *vector;
	json_t *positions;
	bool good = true;

	json_object_foreach(score, vector, positions)
		good = good && rename_key(positions, "continuation", "last");
	return good;
}

/* All of it, for programs write nothing of others' into documents. */
static bool rename_all(json_t *x)
{
	bool good = !json_is_object(x) || rename_object(x);
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(x, key, value)
		good = good && rename_all(value);
	json_array_foreach(x, i, value)
		good = good && rename_all(value);
	return good;
}

bool old_names_doc(json_t *doc)
{
	json_t *score = json_object_get(doc, "score");

	return json_is_object(score) ? rename_score(score) : rename_all(doc);
}
