/* SPDX-License-Identifier: MIT */
/*
 * What was called otherwise before: options, understood for one version with a
 * line on standard error, and what rows and documents have.
 */
#ifndef SRC_TOOL_OPTIONS_OLD_NAMES_H
#define SRC_TOOL_OPTIONS_OLD_NAMES_H
#include <getopt.h>
#include <jansson.h>
#include "tool/options/opts.h"

enum { OLD_NAMES_MAX = 8 };	/* of one program */

/* Append the old names of what is among the n options in to, which has room for them. */
void old_names_add(const struct tool *t, struct option *to, size_t n);
/* Append the letters that options among o had to the short ones at s; where those end then. */
char *old_letters_add(const struct tool *t, const struct option *o, char *s);
/* What getopt_long() returned, or, said to be old, the key of what has the letter's place. */
int old_letter_key(const struct tool *t, const struct option *o, int key);
/* An option was given by this name: say what is new, and put new names into its value (or NULL). */
void old_names_tell(const struct tool *t, const char *name, char *value);
/*
 * Put today's names, in the same places, into a document that a program of an
 * earlier version wrote; false without memory.
 */
bool old_names_doc(json_t *doc);

#endif
