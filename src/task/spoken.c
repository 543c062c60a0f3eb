/* SPDX-License-Identifier: MIT */
/* A conversation's row as one with its last reply for a completion. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "task/row.h"

static int say(json_t *messages, const char *role, const json_t *text)
{
	return json_array_append_new(
		messages, json_pack("{s:s,s:s}", "role", role, "content",
				    json_string_value(text)));
}

/* What the user said before reply i: a second model's words, else the turn's. */
static const json_t *user_said(const json_t *row, const json_t *turn, size_t i)
{
	const json_t *users =
		json_array_get(json_object_get(row, "users"), i - 1);

	return json_is_string(users) ? users : json_object_get(turn, "user");
}

/* Append replies and turns but for asides; 0, or -1 where one is no text. */
static int add_replies(json_t *messages, const json_t *row,
		       const json_t *replies)
{
	const json_t *turns = json_object_get(row, "turns"), *reply;
	const size_t n = json_array_size(messages);
	const json_t *last = json_array_get(messages, n ? n - 1 : 0);
	const char *role = json_string_value(json_object_get(last, "role"));
	size_t i;

	/* The beginning of the first reply, which the reply has itself. */
	if (role && strcmp(role, "assistant") == 0)
		json_array_remove(messages, n - 1);
	json_array_foreach(replies, i, reply) {
		const json_t *turn = i ? json_array_get(turns, i - 1) : NULL;

		if (json_is_true(json_object_get(turn, "aside")))
			continue;
		if ((i && say(messages, "user", user_said(row, turn, i)) < 0) ||
		    say(messages, "assistant", reply) < 0)
			return -1;
	}
	return 0;
}

int syc_row_spoken(struct syc_row **out, const struct syc_row *row,
		   struct syc_err *err)
{
	const json_t *all = syc_row_json(row),
		     *replies = json_object_get(all, "replies"),
		     *first = json_object_get(all, "messages");
	json_t *o, *messages, *last;
	char *line = NULL;
	int ret;

	*out = NULL;
	if (row->completion || !json_array_size(replies) ||
	    !json_array_size(first))
		return 0;
	o = json_copy((json_t *)(uintptr_t)all);
	messages = json_deep_copy(first);
	if (add_replies(messages, all, replies) == 0) {
		const size_t n = json_array_size(messages);

		last = json_incref(json_object_get(
			json_array_get(messages, n - 1), "content"));
		json_array_remove(messages, n - 1);
		json_object_set_new(o, "completion", last);
		json_object_set(o, "messages", messages);
		json_object_set_new(o, "id", json_string(row->id));
		line = json_dumps(o, 0);
	}
	json_decref(messages);
	json_decref(o);
	if (!line)
		return syc_fail(err, SYC_EFORMAT,
				"'replies' and 'turns' are no conversation");
	ret = syc_row_parse(out, line, strlen(line), err);
	free(line);
	return ret < 0 ? ret : 1;
}
