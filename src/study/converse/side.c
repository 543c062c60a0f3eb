/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/converse/side.h"

/* In the place of a reply: what it says comes from its own tokens. */
static const char said_before[] = "...";

void side_end(struct side *s)
{
	syc_job_clear(&s->job);
	syc_ids_free(&s->ids);
	free(s->msg);
	*s = (struct side){ 0 };
}

static int add_message(struct side *s, const char *role, const char *content,
		       struct syc_err *err)
{
	if (!syc_grow(&s->msg, &s->cap_msg, s->n_msg + 1, sizeof(*s->msg)))
		return syc_nomem(err);
	s->msg[s->n_msg++] = (struct syc_msg){ role, content };
	return 0;
}

int side_begin(struct side *s, const struct syc_speaker *who,
	       const struct syc_prompt *first, struct syc_err *err)
{
	int ret = 0;

	side_end(s);
	s->who = who;
	for (size_t i = 0; i < first->n_msg && ret == 0; i++)
		ret = add_message(s, first->msg[i].role, first->msg[i].content,
				  err);
	/* A beginning of the reply is no message of its own. */
	if (s->n_msg && strcmp(s->msg[s->n_msg - 1].role, "assistant") == 0)
		s->n_msg--;
	if (ret == 0)
		ret = syc_prompter_ids(who->prompter, first, &s->ids, NULL,
				       err);
	if (ret == 0 && !s->ids.n)
		ret = syc_fail(err, SYC_EINVAL, "the prompt is empty");
	return ret;
}

int side_piece(const struct side *s, const char *said, const char *begin,
	       struct syc_ids *ids, struct syc_err *err)
{
	struct syc_msg *msg = calloc(s->n_msg + 3, sizeof(*msg));
	struct syc_prompt in = {.msg = msg,
				.n_msg = s->n_msg + 2 + (begin != NULL)};
	int ret;

	if (!msg)
		return syc_nomem(err);
	if (s->n_msg)
		memcpy(msg, s->msg, s->n_msg * sizeof(*msg));
	msg[s->n_msg + 1] = (struct syc_msg){ "user", said };
	msg[s->n_msg] = msg[s->n_msg + 2] =
		(struct syc_msg){"assistant", begin};
	ret = syc_prompter_behind(s->who->prompter, &in, s->n_msg, ids, err);
	free(msg);
	return ret;
}

int side_hear(struct side *s, const char *said, const char *begin, bool aside,
	      struct syc_err *err)
{
	int ret;

	s->n_before = s->ids.n;
	ret = side_piece(s, said, begin, &s->ids, err);
	if (ret == 0 && !aside)
		ret = add_message(s, "assistant", said_before, err);
	return ret < 0 || aside ? ret : add_message(s, "user", said, err);
}

void side_ask(struct side *s, const char *id, uint32_t sample, size_t max_new,
	      const struct syc_talk_opts *o)
{
	syc_job_clear(&s->job);
	s->job = (struct syc_job){
		.id = id,
		.sample = sample,
		.tokens = s->ids.id,
		.n_tokens = s->ids.n,
		.may_skip = s->ids.n - 1,
		.max_new = max_new,
		.sampling = o->sampling,
		.stop = o->stop,
		.n_stop = o->n_stop,
	};
	syc_steer_job(s->who->steer, &s->job, s->ids.n);
}

int side_reply(struct side *s, const struct syc_ids *reply, bool aside,
	       struct syc_err *err)
{
	if (aside)
		s->ids.n = s->n_before;
	else if (syc_ids_add(&s->ids, reply->id, reply->n) < 0)
		return syc_nomem(err);
	return 0;
}
