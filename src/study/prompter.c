/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "syc/prompter.h"

/* A path rather than a name. */
static bool is_chat_file(const char *arg)
{
	size_t n = strlen(arg);

	if (strchr(arg, '/') || (n > 5 && strcmp(arg + n - 5, ".chat") == 0))
		return true;
	return strcmp(arg, "none") != 0 && !syc_chat_find(arg) &&
	       access(arg, F_OK) == 0;
}

int syc_chat_choose(const struct syc_chat **chat, struct syc_chat **own,
		    const char *arg, struct syc_err *err)
{
	int ret;

	*own = NULL;
	*chat = syc_chat_find(arg);
	if (*chat || strcmp(arg, "none") == 0)
		return 0;
	if (!is_chat_file(arg))
		return syc_fail(err, SYC_EINVAL,
				"--chat: '%.80s' is none of: %s, none; nor is "
				"there a file of that name",
				arg, syc_chat_names());
	ret = syc_chat_read(own, arg, err);
	*chat = *own;
	return ret;
}

int syc_prompter_init(struct syc_prompter *p, const struct syc_model *m,
		      const struct syc_prompter_opts *o, struct syc_err *err)
{
	const char *tmpl;
	size_t len;

	*p = (struct syc_prompter){ .vocab = syc_model_vocab(m), .o = *o };
	p->seen = calloc(1, sizeof(*p->seen));
	if (!p->seen)
		return syc_nomem(err);
	if (o->chat)
		return syc_chat_choose(&p->chat, &p->own, o->chat, err);
	tmpl = syc_vocab_chat_template(p->vocab, &len);
	p->chat = tmpl ? syc_chat_detect(tmpl, len) : NULL;
	return 0;
}

void syc_prompter_done(struct syc_prompter *p)
{
	syc_chat_free(p->own);
	free(p->seen);
	*p = (struct syc_prompter){ 0 };
}

static const char *token_text(const struct syc_vocab *v, int32_t id, char *buf,
			      size_t n)
{
	size_t len;
	const char *s = syc_vocab_piece(v, id, true, &len);

	snprintf(buf, n, "%.*s", s ? (int)len : 0, s ? s : "");
	return buf;
}

/* A conversation with --system in front when it has no system message. */
static int chat_text(const struct syc_prompter *p, const struct syc_prompt *in,
		     bool *has_bos, struct syc_buf *text,
		     struct syc_spans *content, struct syc_err *err)
{
	bool add = p->o.system && strcmp(in->msg[0].role, "system") != 0;
	struct syc_msg *msg = calloc(in->n_msg + 1, sizeof(*msg));
	char bos[64], eos[64];
	int ret;

	if (!msg)
		return syc_nomem(err);
	msg[0] = (struct syc_msg){ "system", p->o.system };
	memcpy(msg + add, in->msg, in->n_msg * sizeof(*msg));
	ret = syc_chat_render(p->chat,
		token_text(p->vocab, syc_vocab_bos(p->vocab), bos, sizeof(bos)),
		token_text(p->vocab, syc_vocab_eos(p->vocab), eos, sizeof(eos)),
		msg, in->n_msg + add, has_bos, text, content, err);
	free(msg);
	return ret;
}

static bool is_chat(const struct syc_prompter *p, const struct syc_prompt *in)
{
	return in->msg && !(p->o.chat && strcmp(p->o.chat, "none") == 0);
}

static int prompt_text(const struct syc_prompter *p,
		       const struct syc_prompt *in, bool *has_bos,
		       struct syc_buf *text, struct syc_spans *content,
		       struct syc_err *err)
{
	size_t len;

	*has_bos = false;
	if (in->text)
		return syc_buf_puts(text, in->text) < 0 ? syc_nomem(err) : 0;
	if (is_chat(p, in) && p->chat)
		return chat_text(p, in, has_bos, text, content, err);
	if (is_chat(p, in))
		return syc_fail(err, SYC_EUNSUPP,
				"%s: the model has %s chat template; give "
				"--chat (a file, %s, or none)",
				p->o.model,
				syc_vocab_chat_template(p->vocab, &len) ?
				"an unknown" : "no",
				syc_chat_names());
	if (in->n_msg != 1)
		return syc_fail(err, SYC_EINVAL,
				"--chat=none takes one message, not %zu",
				in->n_msg);
	return syc_buf_puts(text, in->msg[0].content) < 0 ? syc_nomem(err) : 0;
}

int syc_prompter_given(const struct syc_prompter *p, const int32_t *id,
		       size_t n, struct syc_ids *ids, struct syc_err *err)
{
	size_t size = syc_vocab_size(p->vocab);

	for (size_t i = 0; i < n; i++)
		if (id[i] < 0 || (size_t)id[i] >= size)
			return syc_fail(err, SYC_EINVAL,
					"token %" PRId32
					" is not in the vocabulary of %zu",
					id[i], size);
	return syc_ids_add(ids, id, n) < 0 ? syc_nomem(err) : 0;
}

int syc_prompter_ids(const struct syc_prompter *p, const struct syc_prompt *in,
		     struct syc_ids *ids, struct syc_buf *text,
		     struct syc_err *err)
{
	struct syc_buf own = { 0 };
	struct syc_spans content = { 0 };
	unsigned flags = SYC_TOK_BOS | SYC_TOK_SPECIAL;
	const size_t from = ids->n;
	bool has_bos;
	int ret;

	if (in->ids) {
		ret = syc_prompter_given(p, in->ids, in->n_ids, ids, err);
		if (ret < 0)
			return ret;
		if (text && syc_vocab_decode(p->vocab, in->ids, in->n_ids, true,
					     false, text) < 0)
			return syc_nomem(err);
		return 0;
	}
	ret = prompt_text(p, in, &has_bos, &own, &content, err);
	if (has_bos)
		flags &= ~(unsigned)SYC_TOK_BOS;
	if (p->o.no_special && !is_chat(p, in))
		flags &= ~(unsigned)SYC_TOK_SPECIAL;
	if (ret == 0)
		ret = syc_vocab_encode_plain(p->vocab, own.data ? own.data : "",
			own.len, flags,
			p->o.no_special ? &content : NULL, ids, err);
	if (ret == 0 && p->seen)
		syc_text_count(p->seen, p->vocab, own.data ? own.data : "",
			       own.len, ids->id + from, ids->n - from);
	if (ret == 0 && text && syc_buf_add(text, own.data, own.len) < 0)
		ret = syc_nomem(err);
	syc_buf_free(&own);
	syc_spans_free(&content);
	return ret;
}

/* No text has this, so that the reply's place is found among what messages gave. */
static const char place[] = "\2reply\2";

/* Leave of a text and its messages' stretches what is behind the reply. */
static bool cut_behind(struct syc_buf *text, struct syc_spans *content)
{
	const size_t len = sizeof(place) - 1;
	size_t at = 0, i = 0;

	for (; i < content->n; i++) {
		const struct syc_span *s = &content->span[i];

		at = s->to;
		if (s->to - s->from == len && memcmp(text->data + s->from, place, len) == 0)
			break;
	}
	if (i == content->n)
		return false;
	text->len -= at;
	memmove(text->data, text->data + at, text->len + 1);
	content->n -= i + 1;
	for (size_t k = 0; k < content->n; k++)
		content->span[k] = (struct syc_span){ content->span[k + i + 1].from - at,
						      content->span[k + i + 1].to - at };
	return true;
}

int syc_prompter_behind(const struct syc_prompter *p, const struct syc_prompt *in, size_t reply,
			struct syc_ids *ids, struct syc_err *err)
{
	struct syc_msg *msg = calloc(in->n_msg, sizeof(*msg));
	const struct syc_prompt marked = { .msg = msg, .n_msg = in->n_msg };
	struct syc_buf text = { 0 };
	struct syc_spans content = { 0 };
	bool has_bos;
	int ret = msg ? 0 : syc_nomem(err);

	if (ret == 0) {
		memcpy(msg, in->msg, in->n_msg * sizeof(*msg));
		msg[reply].content = place;
		ret = prompt_text(p, &marked, &has_bos, &text, &content, err);
	}
	if (ret == 0 && !cut_behind(&text, &content))
		ret = syc_fail(err, SYC_EINVAL, "the chat format leaves a reply out");
	if (ret == 0)
		ret = syc_vocab_encode_plain(p->vocab, text.data, text.len,
					     SYC_TOK_MIDDLE | SYC_TOK_SPECIAL,
					     p->o.no_special ? &content : NULL, ids, err);
	free(msg);
	syc_buf_free(&text);
	syc_spans_free(&content);
	return ret;
}

/* The prompt ends inside an answer. */
static bool goes_on(const struct syc_prompt *in)
{
	return strcmp(in->msg[in->n_msg - 1].role, "assistant") == 0;
}

/* Text of which the first bytes are the format's, the rest an answer's. */
static int encode_answer(const struct syc_prompter *p,
			 const struct syc_buf *text, size_t from,
			 struct syc_ids *ids, struct syc_err *err)
{
	struct syc_span answer = { from, text->len };
	struct syc_spans plain = { &answer, 1, 1 };

	return syc_vocab_encode_plain(p->vocab, text->data, text->len,
				      SYC_TOK_MIDDLE | SYC_TOK_SPECIAL, &plain,
				      ids, err);
}

int syc_prompter_answer(const struct syc_prompter *p,
			const struct syc_prompt *in, const char *answer,
			struct syc_ids *ids, struct syc_err *err)
{
	struct syc_buf text = { 0 };
	int ret = 0;

	if (is_chat(p, in) && !goes_on(in)) {
		answer += strspn(answer, " \t\n");
		if (p->chat)
			ret = syc_buf_puts(&text,
					   syc_chat_answer_prefix(p->chat));
	}
	if (ret < 0 || syc_buf_puts(&text, answer) < 0)
		ret = syc_nomem(err);
	else
		ret = encode_answer(p, &text, text.len - strlen(answer), ids,
				    err);
	syc_buf_free(&text);
	return ret;
}
