/* SPDX-License-Identifier: MIT */
#include "config.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/err.h"
#include "base/utf8.h"
#include "model/pretok.h"

/*
 * A match may go back over a whole text (of spaces, say), so what is allowed
 * grows with it; what needs more is an expression gone wild.
 */
enum { STEPS = 1000000, STEPS_PER_BYTE = 8, HEAP_KIB = 65536 };
/*
 * That is for matching at one place.  A whole text takes 0.1 microseconds a
 * byte or so; what takes seconds of the processor's time is as wild.  The clock
 * is looked at after so many matches, or bytes without one.
 */
enum { SECONDS = 1, NS_PER_BYTE = 5000, LOOK_EVERY = 1024 };
enum { JIT_STACK = 32 << 10, JIT_STACK_MAX = 8 << 20 };

struct step {
	char *re;		/* as it was given, for messages */
	pcre2_code *code;
	enum syc_pretok_keep keep;
};

struct syc_pretok {
	struct step step[SYC_PRETOK_MAX];
	size_t n;
};

/* One splitting: what matching needs, and where the words go. */
struct run {
	const struct syc_pretok *p;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;
	size_t n_looks;
	double end;		/* seconds on this thread's clock */
	int (*fn)(void *arg, const char *s, size_t n);
	void *arg;
	struct syc_err *err;
};

static int bad_re(const char *re, int code, const char *where,
		  struct syc_err *err)
{
	PCRE2_UCHAR why[160] = "";

	pcre2_get_error_message(code, why, sizeof(why));
	return syc_fail(err, SYC_EFORMAT, "split pattern '%.200s': %s%s", re,
			(const char *)why, where);
}

static int compile(struct step *t, const struct syc_pretok_rule *r,
		   struct syc_err *err)
{
	uint32_t flags = r->literal ? PCRE2_USE_OFFSET_LIMIT | PCRE2_UTF | PCRE2_LITERAL :
			 PCRE2_USE_OFFSET_LIMIT | PCRE2_UTF | PCRE2_UCP |
			 PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *c = pcre2_compile_context_create(NULL);
	struct syc_buf b = { 0 };
	const char *why = NULL;
	char where[48];
	PCRE2_SIZE at;
	int code, ret;

	ret = r->literal ? syc_buf_puts(&b, r->re) :
			   syc_pretok_translate(&b, r->re, &why);
	if (ret == SYC_EUNSUPP) {
		syc_fail(err, ret,
			 "split pattern '%.200s': %s is not supported", r->re,
			 why);
	} else if (ret < 0 || !c) {
		ret = syc_nomem(err);
	} else {
		pcre2_set_newline(c, PCRE2_NEWLINE_LF);
		t->code = pcre2_compile((PCRE2_SPTR)b.data, b.len, flags, &code,
					&at, c);
		if (!t->code) {
			snprintf(where, sizeof(where), " near byte %zu",
				 (size_t)at);
			ret = bad_re(r->re, code, where, err);
		}
	}
	syc_buf_free(&b);
	pcre2_compile_context_free(c);
	/* Where there is no JIT compiler, or it refuses, matching is slower. */
	if (ret == 0)
		pcre2_jit_compile(t->code, PCRE2_JIT_COMPLETE);
	return ret;
}

int syc_pretok_new(struct syc_pretok **out, const struct syc_pretok_rule *rule,
		   size_t n, struct syc_err *err)
{
	struct syc_pretok *p;
	int ret = 0;

	*out = NULL;
	if (n > SYC_PRETOK_MAX)
		return syc_fail(err, SYC_EUNSUPP,
				"%zu split patterns are too many", n);
	p = calloc(1, sizeof(*p));
	if (!p)
		return syc_nomem(err);
	for (p->n = 0; p->n < n && ret == 0; p->n++) {
		struct step *t = &p->step[p->n];

		t->keep = rule[p->n].keep;
		t->re = strdup(rule[p->n].re);
		ret = t->re ? compile(t, &rule[p->n], err) : syc_nomem(err);
	}
	if (ret < 0) {
		syc_pretok_free(p);
		return ret;
	}
	*out = p;
	return 0;
}

void syc_pretok_free(struct syc_pretok *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		free(p->step[i].re);
		pcre2_code_free(p->step[i].code);
	}
	free(p);
}

/* pcre2_match(), with a larger stack for compiled code that asks for it. */
static int match(struct run *r, const struct step *t, const char *s, size_t n,
		 size_t at, uint32_t flags)
{
	int ret = pcre2_match(t->code, (PCRE2_SPTR)s, n, at,
			      flags | PCRE2_NO_UTF_CHECK, r->data, r->limits);

	if (ret != PCRE2_ERROR_JIT_STACKLIMIT || r->stack)
		return ret;
	r->stack = pcre2_jit_stack_create(JIT_STACK, JIT_STACK_MAX, NULL);
	if (!r->stack)
		return PCRE2_ERROR_NOMEMORY;
	pcre2_jit_stack_assign(r->limits, NULL, r->stack);
	return pcre2_match(t->code, (PCRE2_SPTR)s, n, at,
			   flags | PCRE2_NO_UTF_CHECK, r->data, r->limits);
}

static int run_from(struct run *r, size_t step, const char *s, size_t n);

static double clock_now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The same a stretch at a time, so that it comes to an end. */
static int search(struct run *r, const struct step *t, const char *s, size_t n,
		  size_t at, uint32_t flags)
{
	for (;;) {
		bool last = n - at <= LOOK_EVERY || flags & PCRE2_ANCHORED;
		size_t reach = last ? PCRE2_UNSET : at + LOOK_EVERY;
		int ret;

		pcre2_set_offset_limit(r->limits, reach);
		ret = match(r, t, s, n, at, flags);
		if ((ret == PCRE2_ERROR_NOMATCH ||
		     ++r->n_looks % LOOK_EVERY == 0) && clock_now() > r->end)
			return PCRE2_ERROR_MATCHLIMIT;
		if (ret != PCRE2_ERROR_NOMATCH || last)
			return ret;
		for (at = reach + 1; at < n && (s[at] & 0xc0) == 0x80;)
			at++;
	}
}

/* What step made of a part goes on to the next one. */
static int pass(struct run *r, size_t step, const char *s, size_t n)
{
	if (n == 0)
		return 0;
	if (step + 1 < r->p->n)
		return run_from(r, step + 1, s, n);
	return r->fn(r->arg, s, n);
}

/*
 * Split one part by one rule.  An empty match parts the text where it is; then
 * one that is not empty is tried there before going on.
 */
static int run_from(struct run *r, size_t step, const char *s, size_t n)
{
	const struct step *t = &r->p->step[step];
	size_t at = 0, done = 0;	/* search from, passed on up to */
	bool after_empty = false;
	int ret = 0;

	while (ret == 0 && at < n) {
		const PCRE2_SIZE *span = pcre2_get_ovector_pointer(r->data);
		uint32_t flags = after_empty ? PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED : 0;
		size_t from, to;
		int found = search(r, t, s, n, at, flags);

		if (found == PCRE2_ERROR_NOMATCH && after_empty) {
			at += syc_utf8_len(s + at, n - at);
			after_empty = false;
			continue;
		}
		if (found == PCRE2_ERROR_NOMATCH)
			break;
		from = span[0];
		to = span[1];
		if (found < 0 || from < done || to < from)
			return found == PCRE2_ERROR_NOMEMORY ? syc_nomem(r->err) :
			       bad_re(t->re, found < 0 ? found : PCRE2_ERROR_INTERNAL, "", r->err);
		if (t->keep != SYC_PRETOK_MATCHES)
			ret = pass(r, step, s + done, from - done);
		if (ret == 0 && t->keep != SYC_PRETOK_GAPS)
			ret = pass(r, step, s + from, to - from);
		done = at = to;
		after_empty = to == from;
	}
	if (ret == 0 && t->keep != SYC_PRETOK_MATCHES)
		ret = pass(r, step, s + done, n - done);
	return ret;
}

static uint32_t steps_for(size_t n)
{
	return n < (UINT32_MAX - STEPS) / STEPS_PER_BYTE ? STEPS + (uint32_t)n * STEPS_PER_BYTE
							 : UINT32_MAX;
}

int syc_pretok_split(const struct syc_pretok *p, const char *s, size_t n,
		     int (*fn)(void *arg, const char *s, size_t n), void *arg,
		     struct syc_err *err)
{
	struct run r = { .p = p, .fn = fn, .arg = arg, .err = err };
	int ret;

	if (p->n == 0 || n == 0)
		return n ? fn(arg, s, n) : 0;
	r.data = pcre2_match_data_create(1, NULL);
	r.limits = pcre2_match_context_create(NULL);
	if (r.data && r.limits) {
		pcre2_set_match_limit(r.limits, steps_for(n));
		pcre2_set_heap_limit(r.limits, HEAP_KIB);
		r.end = clock_now() + SECONDS + 1e-9 * NS_PER_BYTE * (double)n;
		ret = run_from(&r, 0, s, n);
	} else {
		ret = syc_nomem(err);
	}
	pcre2_match_data_free(r.data);
	pcre2_match_context_free(r.limits);
	pcre2_jit_stack_free(r.stack);
	return ret;
}
