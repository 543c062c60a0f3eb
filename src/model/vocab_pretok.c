/* SPDX-License-Identifier: MIT */
/* How a tokenizer.json splits texts into words. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "model/pretok.h"
#include "model/vocab.h"

struct reader {
	struct syc_vocab_in *in;
	struct syc_pretok_rule rule[SYC_PRETOK_MAX];
	size_t n;
	/* ByteLevel was there: what comes behind sees its alphabet */
	bool mapped;
};

static int unsupported(struct reader *r, const char *name, const char *what)
{
	return syc_fail(r->in->err, SYC_EUNSUPP,
			"%s: pre-tokenizer '%.40s'%s is not supported",
			r->in->path, name, what);
}

static int add_rule(struct reader *r, const char *re, bool literal,
		    enum syc_pretok_keep keep)
{
	if (r->n == SYC_PRETOK_MAX)
		return syc_fail(r->in->err, SYC_EUNSUPP,
				"%s: more than %d pre-tokenizers", r->in->path,
				SYC_PRETOK_MAX);
	r->rule[r->n++] = (struct syc_pretok_rule){ .re = re, .literal = literal, .keep = keep };
	return 0;
}

/* behavior: what becomes of the matches; invert: of what lies between instead. */
static int read_split(struct reader *r, const json_t *v)
{
	const json_t *pattern = json_object_get(v, "pattern");
	const char *re = json_string_value(json_object_get(pattern, "Regex"));
	const char *text = json_string_value(json_object_get(pattern, "String"));
	const char *how = json_string_value(json_object_get(v, "behavior"));
	bool invert = json_is_true(json_object_get(v, "invert"));

	if ((!re && !text) || !how)
		return syc_fail(r->in->err, SYC_EFORMAT,
			"%s: a pre-tokenizer 'Split' without pattern or "
			"behavior",
			r->in->path);
	if (strcmp(how, "Isolated") == 0)
		return add_rule(r, re ? re : text, !re, SYC_PRETOK_ALL);
	if (strcmp(how, "Removed") == 0)
		return add_rule(r, re ? re : text, !re,
				invert ? SYC_PRETOK_MATCHES : SYC_PRETOK_GAPS);
	return unsupported(r, how, " (a behavior of Split)");
}

static int read_byte_level(struct reader *r, const json_t *v)
{
	r->mapped = true;
	if (json_is_true(json_object_get(v, "add_prefix_space")))
		return unsupported(r, "ByteLevel", " with add_prefix_space");
	if (json_is_false(json_object_get(v, "use_regex")))
		return 0;
	return add_rule(r, syc_pretok_byte_level, false, SYC_PRETOK_ALL);
}

static int read_digits(struct reader *r, const json_t *v)
{
	bool each = json_is_true(json_object_get(v, "individual_digits"));

	return add_rule(r, each ? "\\p{N}" : "\\p{N}+", false, SYC_PRETOK_ALL);
}

static int read_punctuation(struct reader *r, const json_t *v)
{
	const char *how = json_string_value(json_object_get(v, "behavior"));

	if (!how || strcmp(how, "Isolated") == 0)
		return add_rule(r, "[\\p{P}!-/:-@\\[-`{-~]", false,
				SYC_PRETOK_ALL);
	if (strcmp(how, "Contiguous") == 0)
		return add_rule(r, "[\\p{P}!-/:-@\\[-`{-~]+", false,
				SYC_PRETOK_ALL);
	return unsupported(r, how, " (a behavior of Punctuation)");
}

static int read_one(struct reader *r, const json_t *v)
{
	static const struct {
		const char *type;
		int (*read)(struct reader *r, const json_t *v);
	} known[] = {
		{ "Split", read_split }, { "ByteLevel", read_byte_level },
		{ "Digits", read_digits }, { "Punctuation", read_punctuation },
	};
	const char *type = json_string_value(json_object_get(v, "type"));

	if (type && r->mapped)
		return unsupported(r, type, " behind ByteLevel");
	for (size_t i = 0; type && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(type, known[i].type) == 0)
			return known[i].read(r, v);
	return unsupported(r, type ? type : "?", "");
}

int syc_vocab_read_pretok(struct syc_vocab_in *in, const json_t *root)
{
	const json_t *pre = json_object_get(root, "pre_tokenizer");
	const json_t *list = json_object_get(pre, "pretokenizers"), *e;
	struct reader r = { .in = in };
	int ret = list ? 0 : read_one(&r, pre);
	size_t i;

	json_array_foreach((json_t *)list, i, e)
		if (ret == 0)
			ret = read_one(&r, e);
	if (ret == 0 && !r.mapped)
		ret = unsupported(&r, "none", " (no ByteLevel)");
	if (ret < 0)
		return ret;
	in->v->meta.pre = syc_pretok_name(r.rule, r.n, in->v->ignore_merges);
	return syc_pretok_new(&in->v->pretok, r.rule, r.n, in->err);
}
