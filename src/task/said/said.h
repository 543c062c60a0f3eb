/* SPDX-License-Identifier: MIT */
/*
 * What an answer says of the choices of its row.  All functions are pure
 * functions of NUL-terminated text; an `end` points behind what was found.
 */
#ifndef SRC_TASK_SAID_SAID_H
#define SRC_TASK_SAID_SAID_H
#include "syc/task.h"

/* Bytes of space (no-break space too), or of a dash or quote beyond ASCII; or 0. */
size_t syc_said_space(const char *s);
size_t syc_said_wide_mark(const char *s);
bool syc_said_alnum(char c);
char syc_said_lower(char c);
/* Is s inside a word, given that a word came before it? */
bool syc_said_in_word(const char *s);
/* Is s, behind text that begins at `begin`, inside a word ("non-classical")? */
bool syc_said_behind_word(const char *begin, const char *s);
const char *syc_said_skip_space(const char *s);
/* Over space, quotes, the marks of Markdown, bullets, colons and commas. */
const char *syc_said_skip_marks(const char *s);
/* Over what closes an answer, and the space behind it. */
const char *syc_said_skip_closers(const char *s);
/*
 * What follows want (n bytes) at s in whole words, or NULL.  Case is the same,
 * so are runs of space, and U+2019 is an apostrophe.
 */
const char *syc_said_after(const char *s, const char *want, size_t n);
/* After the first of the words that stands there, or NULL; the list ends with NULL. */
const char *syc_said_after_any(const char *s, const char *const *words);

/* Lists of words (words.c), each ended by NULL; longer ones before their beginnings. */
extern const char *const syc_said_leads[];	/* in front of an answer */
extern const char *const syc_said_fillers[];	/* the same, but not in a later clause */
extern const char *const syc_said_options[];	/* in front of a letter */
extern const char *const syc_said_reasons[];	/* behind "A" that is no article */
extern const char *const syc_said_joints[];	/* between two answers */
extern const char *const syc_said_not[];	/* some words before: denied */
extern const char *const syc_said_than[];	/* just before: denied */
extern const char *const syc_said_is_not[];	/* just behind: denied */
extern const char *const syc_said_hedges[];	/* just behind a text: half denied */
extern const char *const syc_said_about[];	/* just behind a text: it is talked about */
extern const char *const syc_said_is_right[];	/* but for these */
extern const char *const syc_said_small[];	/* words that answer only before a mark */

/* What a letter or text stands for: bits. */
enum { SYC_SAID_MATCH = 1, SYC_SAID_OTHER = 2, SYC_SAID_ELSE = 4 };

/* A line of a list of choices: "(A) text", "A. text", "1) text". */
struct syc_said_line {
	char letter;		/* as it is written */
	const char *text, *end;
};
enum { SYC_SAID_LINES = 26, SYC_SAID_OPTIONS = 100 };

/*
 * The last run of at least two such lines in s, numbered from A, a or 1; only
 * "(A)" without any_form.  How many, or 0.
 */
size_t syc_said_lines(const char *s, bool any_form,
		      struct syc_said_line out[SYC_SAID_LINES]);
/* The text that asks: a raw prompt, or the last message of the user's; or NULL. */
const char *syc_said_question(const struct syc_row *row, size_t *message);

/* A choice: an answer of the row or a line of its prompt. */
struct syc_said_option {
	char letter;		/* lower case, or 0 */
	const char *text;	/* [len] without space around it, or NULL */
	size_t len;
	unsigned sides;
	bool small;		/* nothing but small words */
};
struct syc_said_options {
	struct syc_said_option o[SYC_SAID_OPTIONS];
	size_t n, listed;	/* the lines are the last `listed` */
	bool letters;		/* all answers have letters */
};
/* false when there are more than SYC_SAID_OPTIONS. */
bool syc_said_options_of(struct syc_said_options *o, const struct syc_row *row);
/* The sides of a letter of the choices, or 0. */
unsigned syc_said_letter_sides(const struct syc_said_options *o, char letter);
/* The longest choice's text at s, and its sides, or 0. */
unsigned syc_said_text(const struct syc_said_options *o, const char *s,
		       const char **end, bool *small);

/* "(A)", "[ a ]": what follows it, or NULL. */
const char *syc_said_bracketed(const char *s, char *letter);
/* How much is needed around a bare letter, from much to nothing. */
enum syc_said_where { SYC_SAID_START, SYC_SAID_LED, SYC_SAID_OPTION };
/* "(A)", "A.", "a)", "A" alone, "B because": what follows it, or NULL. */
const char *syc_said_letter(const char *s, enum syc_said_where where,
			    char *letter);
/* The end of a list of the choices, or of labels without texts ("A: A:"), or NULL. */
const char *syc_said_echo(const struct syc_said_options *o, const char *s,
			  bool again);
/* Is what stands at `at` denied by words before it in its clause? */
bool syc_said_denied_before(const char *begin, const char *at);
/* Is what ends at `end` denied by the next words? */
bool syc_said_denied_behind(const char *end, bool text);

/* What was found in an answer: sides of choices that are named and not denied. */
struct syc_said {
	unsigned letter, text;		/* named anywhere */
	unsigned letter_given, text_given;	/* where an answer stands */
	unsigned led;			/* letters given behind a lead */
	unsigned last;			/* the last letter named, if it was led, or 0 */
	unsigned letter_denied, text_denied;
	bool joined;			/* "(A) or (B)" */
	bool echo;
	bool empty;			/* nothing but marks and space */
};
/* cut: the text ends where it was not finished. */
void syc_said_read(struct syc_said *out, const struct syc_said_options *o,
		   const char *text, bool cut);

#endif
