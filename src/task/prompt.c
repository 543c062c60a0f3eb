/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/rand.h"
#include "task/row.h"

/* One user message. */
static int from_text(struct syc_row_box *b, struct syc_prompt *p,
		     const json_t *v, const char *name, struct syc_err *err)
{
	struct syc_msg *m = syc_row_own(b, 1, sizeof(*m));

	if (!m)
		return syc_nomem(err);
	m->role = "user";
	p->msg = m;
	p->n_msg = 1;
	return syc_row_text(v, name, &m->content, err);
}

static int one_message(struct syc_msg *m, const json_t *v, const char *name,
		       size_t i, struct syc_err *err)
{
	char place[64];
	int ret;

	if (!json_is_object(v))
		return syc_fail(err, SYC_EFORMAT, "'%s[%zu]' is not an object",
				name, i);
	snprintf(place, sizeof(place), "%s[%zu].role", name, i);
	ret = syc_row_text(json_object_get(v, "role"), place, &m->role, err);
	if (ret < 0)
		return ret;
	snprintf(place, sizeof(place), "%s[%zu].content", name, i);
	return syc_row_text(json_object_get(v, "content"), place, &m->content,
			    err);
}

static int from_messages(struct syc_row_box *b, struct syc_prompt *p,
			 const json_t *v, const char *name, struct syc_err *err)
{
	size_t n = json_array_size(v);
	struct syc_msg *m;
	int ret = 0;

	if (n == 0)
		return syc_fail(err, SYC_EFORMAT,
				"'%s' is not a list of messages", name);
	m = syc_row_own(b, n, sizeof(*m));
	if (!m)
		return syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = one_message(&m[i], json_array_get(v, i), name, i, err);
	p->msg = m;
	p->n_msg = n;
	return ret;
}

/* 1 and *p when the row has a prompt, 0 when it has none. */
static int read_prompt(struct syc_row_box *b, struct syc_prompt *p,
		       struct syc_err *err)
{
	const json_t *v = syc_row_field(b, "prompt_ids");
	int ret = 0;

	if (v) {
		ret = syc_row_tokens(b, v, "prompt_ids", &p->ids, &p->n_ids,
				     err);
		if (ret == 0 && p->n_ids == 0)
			ret = syc_fail(err, SYC_EFORMAT,
				       "'prompt_ids' is empty");
	}
	if (ret < 0)
		return ret;
	if ((v = syc_row_field(b, "messages"))) {
		ret = from_messages(b, p, v, "messages", err);
	} else if ((v = syc_row_field(b, "prompt"))) {
		ret = syc_row_text(v, "prompt", &p->text, err);
	} else if ((v = syc_row_field(b, "question"))) {
		ret = from_text(b, p, v, "question", err);
	} else {
		return p->ids != NULL;
	}
	return ret < 0 ? ret : 1;
}

static int read_side(struct syc_row_box *b, struct syc_prompt *p,
		     const char *name, const json_t *v, struct syc_err *err)
{
	if (json_is_array(v))
		return from_messages(b, p, v, name, err);
	if (json_is_string(v))
		return from_text(b, p, v, name, err);
	return syc_fail(err, SYC_EFORMAT,
			"'%s' is neither a string nor a list of messages",
			name);
}

static int read_pair(struct syc_row_box *b, struct syc_err *err)
{
	const json_t *pos = syc_row_field(b, "positive");
	const json_t *neg = syc_row_field(b, "negative");
	int ret;

	if (!pos && !neg)
		return 0;
	if (!pos || !neg)
		return syc_fail(err, SYC_EFORMAT, "'%s' has no '%s' beside it",
				pos ? "positive" : "negative",
				pos ? "negative" : "positive");
	ret = read_side(b, &b->row.positive, "positive", pos, err);
	if (ret == 0)
		ret = read_side(b, &b->row.negative, "negative", neg, err);
	b->row.has_pair = ret == 0;
	return ret;
}

/* A length goes in front of each piece: no two prompts give the same bytes. */
static uint64_t hash_piece(uint64_t h, const void *data, size_t n)
{
	unsigned char len[8];

	for (unsigned i = 0; i < 8; i++)
		len[i] = (unsigned char)((uint64_t)n >> 8 * i);
	return syc_hash(syc_hash(h, len, sizeof(len)), data, n);
}

static uint64_t hash_prompt(uint64_t h, const struct syc_prompt *p)
{
	h = syc_hash(h, p->ids ? "i" : p->text ? "t" : p->msg ? "m" : "-", 1);
	for (size_t i = 0; i < p->n_ids; i++) {
		const unsigned char id[4] = {
			(unsigned char)p->ids[i],
			(unsigned char)(p->ids[i] >> 8),
			(unsigned char)(p->ids[i] >> 16),
			(unsigned char)(p->ids[i] >> 24),
		};

		h = syc_hash(h, id, sizeof(id));
	}
	if (p->text)
		h = hash_piece(h, p->text, strlen(p->text));
	for (size_t i = 0; i < p->n_msg; i++) {
		h = hash_piece(h, p->msg[i].role, strlen(p->msg[i].role));
		h = hash_piece(h, p->msg[i].content, strlen(p->msg[i].content));
	}
	return h;
}

int syc_row_prompts(struct syc_row_box *b, struct syc_err *err)
{
	struct syc_row *r = &b->row;
	int ret;

	ret = read_prompt(b, &r->prompt, err);
	if (ret < 0)
		return ret;
	r->has_prompt = ret == 1;
	ret = read_pair(b, err);
	if (ret < 0)
		return ret;
	b->hash = hash_prompt(0, &r->prompt);
	if (r->has_pair)
		b->hash = hash_prompt(hash_prompt(b->hash, &r->positive),
				      &r->negative);
	return 0;
}
