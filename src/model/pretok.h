/* SPDX-License-Identifier: MIT */
/*
 * Pre-tokenization: splitting a text into the words within which byte-level
 * BPE merges.  Regular expressions are applied one after the other, each to
 * every part that those before it left, on its own.
 */
#ifndef SRC_MODEL_PRETOK_H
#define SRC_MODEL_PRETOK_H
#include <stdbool.h>
#include "syc/base.h"

/* What becomes a part: the matches and what lies between, or one of them. */
enum syc_pretok_keep { SYC_PRETOK_ALL, SYC_PRETOK_MATCHES, SYC_PRETOK_GAPS };

struct syc_pretok_rule {
	/* as tokenizer.json writes them (Oniguruma, Rust) */
	const char *re;
	bool literal;		/* no expression, just that text */
	enum syc_pretok_keep keep;
};

enum { SYC_PRETOK_MAX = 16 };	/* rules */

/* Compiled rules.  Immutable: any number of threads may split at once. */
struct syc_pretok;

/*
 * n may be 0: every text is one word.  SYC_EUNSUPP or SYC_EFORMAT naming what
 * could not be made of which expression.
 */
int syc_pretok_new(struct syc_pretok **out, const struct syc_pretok_rule *rule,
		   size_t n, struct syc_err *err);
void syc_pretok_free(struct syc_pretok *p);
/*
 * Call fn for every word of n bytes of valid UTF-8, in order; stop when it
 * returns anything but 0, which is passed on.  SYC_EFORMAT when an expression
 * takes too many steps, or too long.
 */
int syc_pretok_split(const struct syc_pretok *p, const char *s, size_t n,
		     int (*fn)(void *arg, const char *s, size_t n), void *arg,
		     struct syc_err *err);

/*
 * Append re in PCRE2's way: white space is what Unicode calls so, scripts are
 * scripts and not their extensions, sets may stand in sets.  0, SYC_ENOMEM, or
 * SYC_EUNSUPP for what cannot be said (*why is set then).
 */
int syc_pretok_translate(struct syc_buf *out, const char *re, const char **why);

/* A pre-tokenizer that GGUF knows by name (tokenizer.ggml.pre). */
struct syc_pretok_def {
	const char *names;	/* one or more, a space between */
	const char *re[8];	/* up to the first NULL */
	bool ignore_merges;	/* a word that is a token is not merged */
	bool add_bos;		/* unless tokenizer.ggml.add_bos_token says */
};

/* NULL when there is none of that name. */
const struct syc_pretok_def *syc_pretok_find(const char *name, size_t n);
/* The name for these rules of a tokenizer.json, or NULL. */
const char *syc_pretok_name(const struct syc_pretok_rule *rule, size_t n,
			    bool ignore_merges);

/* What the pre-tokenizer "ByteLevel" of tokenizer.json splits by. */
extern const char syc_pretok_byte_level[];

#endif
