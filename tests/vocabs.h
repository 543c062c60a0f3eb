/* SPDX-License-Identifier: MIT */
/* What the tests of vocabularies share. */
#ifndef TESTS_VOCABS_H
#define TESTS_VOCABS_H
#include "made_gguf.h"
#include "syc/vocab.h"

/* The ids of text as "1 2 3", in a static buffer. */
static inline const char *ids_of(const struct syc_vocab *v, const char *text,
				 unsigned flags)
{
	static char s[1024];
	struct syc_ids ids = { 0 };
	int len = 0;

	ck_assert_int_eq(syc_vocab_encode(v, text, strlen(text), flags, &ids,
					  NULL), 0);
	s[0] = 0;
	for (size_t i = 0; i < ids.n; i++)
		len += snprintf(s + len, sizeof(s) - (size_t)len, "%s%d",
				i ? " " : "", ids.id[i]);
	syc_ids_free(&ids);
	return s;
}

/* Open the vocabulary that m is metadata of; m is empty behind it. */
static inline int try_made(struct made *m, struct syc_vocab **v,
			   struct syc_err *err)
{
	char path[64];
	int ret;

	made_write(m, path);
	ret = syc_vocab_open(v, path, err);
	unlink(path);
	return ret;
}

static inline struct syc_vocab *open_made(struct made *m)
{
	struct syc_err err = { 0 };
	struct syc_vocab *v;

	ck_assert_msg(try_made(m, &v, &err) == 0, "%s", err.msg);
	return v;
}

/* It is refused with this code, and part of the message is this. */
static inline void refuse_made(struct made *m, int code, const char *part)
{
	struct syc_err err = { 0 };
	struct syc_vocab *v;

	ck_assert_int_eq(try_made(m, &v, &err), code);
	ck_assert_ptr_null(v);
	ck_assert_msg(strstr(err.msg, part), "'%s' lacks '%s'", err.msg, part);
}

#endif
