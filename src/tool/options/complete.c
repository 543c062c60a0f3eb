/* SPDX-License-Identifier: MIT */
/*
 * What can be typed next, for the completions of shells (completions/): these ask
 * PROGRAM --complete WORD..., the last of the words being the one at the cursor, and
 * are told by the rows that also parse.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "syc/chat.h"
#include "tool/options/opts.h"

static const char request[] = "--complete";

bool tool_begins(const char *command, int *argc, char ***argv)
{
	char **v = *argv;
	const bool asked = *argc > 3 && strcmp(v[1], request) == 0;

	if (*argc < 2 || strcmp(v[1 + asked], command) != 0)
		return false;
	if (asked) {
		v[1] = v[2];
		v[2] = (char *)request;
	}
	--*argc;
	++*argv;
	return true;
}

bool complete_asked(int argc, char **argv)
{
	return argc > 2 && strcmp(argv[1], request) == 0;
}

void complete_begin(const char *kind, const char *prefix, size_t n)
{
	printf("%s\t%.*s\n", kind, (int)n, prefix);
}

void complete_word(const char *word, const char *help)
{
	printf("%s\t%s\n", word, help ? help : "");
}

static void put_nth(const char *(*nth)(unsigned i))
{
	const char *s;

	for (unsigned i = 0; nth && (s = nth(i)); i++)
		complete_word(s, NULL);
}

static void put_chats(void)
{
	for (const char *s = syc_chat_names(); *(s += strspn(s, ", ")); s += strcspn(s, ","))
		printf("%.*s\t\n", (int)strcspn(s, ","), s);
	complete_word("none", NULL);
}

static bool says(const char *arg, const char *const *words)
{
	while (*words && !strstr(arg, *words))
		words++;
	return *words;
}

/* What an argument is but for its names, by what it is called. */
static const char *kind_of(const struct opt *o)
{
	static const char *const files[] = { "FILE", "PATH", "OUTPUT", "RUBRIC", NULL };
	static const char *const folders[] = { "FOLDER", "DIR", NULL };
	static const char *const programs[] = { "PROGRAM", NULL };

	if (says(o->arg, files) || strcmp(o->name, "chat") == 0 ||
	    (strcmp(o->arg, "SPEC") == 0 && !o->nth))
		return "files";
	return says(o->arg, folders)	? "folders"
	       : says(o->arg, programs) ? "programs"
					: "words";
}

static bool is_list(const struct opt *o)
{
	static const char *const lists[] = { "LIST", "FACTORS", ",...", NULL };

	return says(o->arg, lists);
}

/* The argument of o, of which the part behind word's first n bytes is there. */
static void put_argument(const struct opt *o, const char *word, size_t n)
{
	const bool named = o->arg[0] == '[';
	const char *between = is_list(o) ? named ? "=," : "," : named ? "=" : "";

	for (size_t i = n; word[i]; i++)
		if (strchr(between, word[i]))
			n = i + 1;
	complete_begin(kind_of(o), word, n);
	for (const char *const *s = o->names; s && *s; s++)
		complete_word(*s, NULL);
	put_nth(o->nth);
	if (strcmp(o->name, "chat") == 0)
		put_chats();
}

/* One with an argument ends in "=". */
static void put_options(const struct tool *t)
{
	complete_begin("words", "", 0);
	for (const struct opt *o = t->opts; o->help; o++)
		if (o->name)
			printf("--%s%s\t%s\n", o->name, o->arg ? "=" : "", o->help);
}

/* A TASK is one of the words; elsewhere a file may be there, too. */
static void put_operand(const struct tool *t, bool first)
{
	const bool task = strncmp(t->usage, "TASK", 4) == 0;

	complete_begin(first && task ? "words" : "files", "", 0);
	for (const struct opt *o = t->opts; first && o->help; o++)
		if (!o->name)
			put_nth(o->nth);
}

/* The option of this long name, of n bytes, or of what only one begins with. */
static const struct opt *long_option(const struct tool *t, const char *name, size_t n)
{
	const struct opt *found = NULL;
	unsigned n_found = 0;

	for (const struct opt *o = t->opts; o->help; o++) {
		if (!o->name || strncmp(o->name, name, n) != 0)
			continue;
		if (!o->name[n])
			return o;
		found = o;
		n_found++;
	}
	return n_found == 1 ? found : NULL;
}

/* The option whose argument is the word after this one, or NULL. */
static const struct opt *open_option(const struct tool *t, const char *word)
{
	const struct opt *o = NULL;

	if (word[1] == '-')
		o = strchr(word, '=') ? NULL : long_option(t, word + 2, strlen(word + 2));
	for (const char *s = word + 1; *s && word[1] != '-'; s++) {
		for (o = t->opts; o->help && o->key != *s; o++)
			;
		if (!o->help || o->arg) {
			o = o->help && !s[1] ? o : NULL;
			break;
		}
	}
	return o && o->arg ? o : NULL;
}

static void tell(const struct tool *t, char **word, int n)
{
	const struct opt *open = NULL;
	const char *last = word[n - 1], *is = strchr(last, '=');
	unsigned operands = 0;
	bool dashes = false;

	for (int i = 0; i < n - 1; i++) {
		const bool value = open != NULL, option = word[i][0] == '-' && word[i][1];

		open = NULL;
		if (value)
			continue;
		if (dashes || !option)
			operands++;
		else if (strcmp(word[i], "--") == 0)
			dashes = true;
		else
			open = open_option(t, word[i]);
	}
	if (open) {
		put_argument(open, last, 0);
	} else if (dashes || last[0] != '-') {
		put_operand(t, !operands);
	} else if (is && last[1] == '-') {
		open = long_option(t, last + 2, (size_t)(is - last - 2));
		if (open && open->arg)
			put_argument(open, last, (size_t)(is + 1 - last));
	} else {
		put_options(t);
	}
}

static bool is_mark(const char *word)
{
	return strcmp(word, "=") == 0 || strcmp(word, ":") == 0;
}

/*
 * Copy n words to text, which has room, and say in out where they are; returns their
 * number.  Bash parts words at "=" and ":": they are put together again.
 */
static int join(char **out, char *text, char *const *word, int n)
{
	int k = 0;

	for (int i = 0; i < n; i++) {
		if (k && (is_mark(word[i]) || is_mark(word[i - 1])))
			text--;
		else
			out[k++] = text;
		text = stpcpy(text, word[i]) + 1;
	}
	return k;
}

void complete_tell(const struct tool *t, int argc, char **argv)
{
	char **word = calloc((size_t)argc, sizeof(*word)), *text;
	size_t size = 0;

	for (int i = 2; i < argc; i++)
		size += strlen(argv[i]) + 1;
	text = malloc(size);
	if (word && text)
		tell(t, word, join(word, text, argv + 2, argc - 2));
	free(text);
	free(word);
	exit(tool_finish(t, 0));
}
