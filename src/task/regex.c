/* SPDX-License-Identifier: MIT */
#include "config.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "syc/task.h"

/* Enough for any sane pattern, below a second for a mad one. */
enum { MATCH_LIMIT = 10000000, HEAP_LIMIT_KIB = 65536 };

struct pattern {
	char *text;
	pcre2_code *code;
	pcre2_match_data *data;
};

struct syc_regex {
	struct pattern pos, neg;	/* code is NULL for none */
	pcre2_match_context *limits;
};

static int compile(struct pattern *p, const char *text, struct syc_err *err)
{
	PCRE2_UCHAR why[160] = "";
	PCRE2_SIZE at;
	int code;

	if (!text)
		return 0;
	p->text = strdup(text);
	if (!p->text)
		return syc_nomem(err);
	p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
				PCRE2_CASELESS | PCRE2_UTF, &code, &at, NULL);
	if (!p->code) {
		pcre2_get_error_message(code, why, sizeof(why));
		return syc_fail(err, SYC_EINVAL,
				"pattern '%.200s': %s at character %zu", text,
				(const char *)why, (size_t)at + 1);
	}
	p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
	return p->data ? 0 : syc_nomem(err);
}

int syc_regex_new(struct syc_regex **out, const char *positive,
		  const char *negative, struct syc_err *err)
{
	struct syc_regex *re;
	int ret;

	*out = NULL;
	if (!positive && !negative)
		return syc_fail(err, SYC_EINVAL, "no pattern given");
	re = calloc(1, sizeof(*re));
	if (!re)
		return syc_nomem(err);
	re->limits = pcre2_match_context_create(NULL);
	if (!re->limits) {
		ret = syc_nomem(err);
		goto fail;
	}
	pcre2_set_match_limit(re->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(re->limits, HEAP_LIMIT_KIB);
	ret = compile(&re->pos, positive, err);
	if (ret == 0)
		ret = compile(&re->neg, negative, err);
	if (ret < 0)
		goto fail;
	*out = re;
	return 0;
fail:
	syc_regex_free(re);
	return ret;
}

static void pattern_free(struct pattern *p)
{
	free(p->text);
	pcre2_match_data_free(p->data);
	pcre2_code_free(p->code);
}

void syc_regex_free(struct syc_regex *re)
{
	if (!re)
		return;
	pattern_free(&re->pos);
	pattern_free(&re->neg);
	pcre2_match_context_free(re->limits);
	free(re);
}

static int search(const struct syc_regex *re, const struct pattern *p,
		  const char *text, size_t len, bool *found,
		  struct syc_err *err)
{
	PCRE2_UCHAR why[160] = "";
	int ret;

	*found = false;
	if (!p->code)
		return 0;
	ret = pcre2_match(p->code, (PCRE2_SPTR)text, len, 0, 0, p->data,
			  re->limits);
	if (ret == PCRE2_ERROR_NOMATCH)
		return 0;
	*found = ret >= 0;
	if (ret >= 0)
		return 0;
	pcre2_get_error_message(ret, why, sizeof(why));
	return syc_fail(err,
			ret == PCRE2_ERROR_NOMEMORY ? SYC_ENOMEM : SYC_EINVAL,
			"pattern '%.200s': %s", p->text, (const char *)why);
}

int syc_regex_label(struct syc_regex *re, const char *text, size_t len,
		    enum syc_label *label, const char **why,
		    struct syc_err *err)
{
	bool pos, neg;
	int ret = search(re, &re->pos, text, len, &pos, err);

	if (ret == 0)
		ret = search(re, &re->neg, text, len, &neg, err);
	if (ret < 0)
		return ret;
	*label = pos == neg ? SYC_LABEL_UNDECIDED : pos ? SYC_LABEL_SYC : SYC_LABEL_NOT;
	*why = pos && neg ? "both" : pos ? "positive" : neg ? "negative" : "neither";
	return 0;
}
