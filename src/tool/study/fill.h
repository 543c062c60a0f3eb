/* SPDX-License-Identifier: MIT */
/*
 * Names with their values, and texts in which "{name}" stands for them: so the
 * study's commands and its page are tables of texts.
 */
#ifndef SRC_TOOL_STUDY_FILL_H
#define SRC_TOOL_STUDY_FILL_H
#include <stdbool.h>
#include <stddef.h>

struct values {
	const char *name;	/* static */
	char **v;		/* [n] */
	size_t n;
};

struct words {
	struct values *values;	/* [n] */
	size_t n;
};

/* Give a name no values, add one, or make it the only one. */
void words_clear(struct words *w, const char *name);
__attribute__((format(printf, 3, 4))) void words_add(struct words *w,
						     const char *name,
						     const char *fmt, ...);
__attribute__((format(printf, 3, 4))) void words_set(struct words *w,
						     const char *name,
						     const char *fmt, ...);
/* How many values a name has. */
size_t words_count(const struct words *w, const char *name);
void words_free(struct words *w);
/* Whether it has any. */
bool words_any(const struct words *w, const char *name);

/* The text with the values of its names, a blank between several; to be freed. */
char *words_fill(const struct words *w, const char *text);

/* The arguments of a command. */
struct cmd {
	char **arg;	/* [n], NULL behind the last */
	size_t n, cap;
	bool may_fail;
};

/* One argument. */
void cmd_add(struct cmd *c, const char *arg);
/*
 * An argument for each word of a text; '...' is one word.  A word with a name in
 * it stands for as many as the name has values.
 */
void cmd_expand(struct cmd *c, const struct words *w, const char *text);
void cmd_free(struct cmd *c);

/* A text of one's own; these end the program when there is no memory. */
__attribute__((noreturn)) void out_of_memory(void);
__attribute__((format(printf, 1, 2))) char *text_new(const char *fmt, ...);

#endif
