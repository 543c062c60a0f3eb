/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/tune/text.h"

static const char *trim(const char *s, size_t *n)
{
	s += strspn(s, " \t\r\n");
	for (*n = strlen(s); *n && strchr(" \t\r\n", s[*n - 1]); --*n)
		;
	return s;
}

static const char *find(const char *text, const char *const *list, size_t n)
{
	size_t len, other;
	const char *s = trim(text, &len);

	for (size_t i = 0; i < n; i++) {
		const char *t = trim(list[i], &other);

		if (len == other && memcmp(s, t, len) == 0)
			return list[i];
	}
	return NULL;
}

const char *tune_choice(const struct syc_row *row, const char *text, int *side)
{
	const char *found = find(text, row->match, row->n_match);

	*side = found ? 1 : 0;
	if (!found && (found = find(text, row->other, row->n_other)))
		*side = -1;
	return found;
}

/* What the chat format writes between a reply and the next message. */
static int behind(const struct syc_prompter *p, const struct syc_prompt *in,
		  struct syc_ids *ids, struct syc_err *err)
{
	const bool open = strcmp(in->msg[in->n_msg - 1].role, "assistant") == 0;
	const size_t reply = open ? in->n_msg - 1 : in->n_msg;
	struct syc_msg *msg = calloc(reply + 2, sizeof(*msg));
	const struct syc_prompt all = { .msg = msg, .n_msg = reply + 2 };
	int ret;

	if (!msg)
		return syc_nomem(err);
	memcpy(msg, in->msg, reply * sizeof(*msg));
	msg[reply] = (struct syc_msg){ "assistant", "." };
	msg[reply + 1] = (struct syc_msg){ "user", "." };
	ret = syc_prompter_behind(p, &all, reply, ids, err);
	free(msg);
	return ret;
}

int tune_add_end(const struct syc_prompter *p, const struct syc_row *row,
		 struct syc_ids *ids, struct syc_err *err)
{
	const char *finish =
		json_string_value(json_object_get(syc_row_json(row), "finish"));
	const bool chat = p->chat && row->prompt.msg;
	const int32_t eos = syc_vocab_eos(p->vocab);
	struct syc_ids more = { 0 };
	size_t n = 0;
	int ret;

	if (finish && strcmp(finish, "length") == 0)
		return 0;
	ret = chat ? behind(p, &row->prompt, &more, err) : 0;
	while (n < more.n && !syc_vocab_is_end(p->vocab, more.id[n]))
		n++;
	if (ret == 0 && n < more.n)
		ret = syc_ids_add(ids, more.id, n + 1) < 0 ? syc_nomem(err) : 0;
	else if (ret == 0 && eos >= 0)
		ret = syc_ids_add(ids, &eos, 1) < 0 ? syc_nomem(err) : 0;
	syc_ids_free(&more);
	return ret;
}
