/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/utf8.h"
#include "study/converse/side.h"

/* Tokens that every reply gets. */
enum { LEAST = 16 };

struct syc_talk_state {
	struct side model, user;
	size_t at;		/* number of the reply that is made */
	size_t *piece; /* [n_turns] tokens that a turn comes to, at most */
	const struct syc_talk *
		/* whose reply in this round is this one's, too; or NULL */
		same;
	char *id;
};

/* ---- before the first reply ---------------------------------------------- */

static const char *begun(const struct syc_talk *t, size_t k)
{
	const struct syc_prompt *p = t->first;

	if (k)
		return t->turn[k - 1].begin;
	return p->n_msg && strcmp(p->msg[p->n_msg - 1].role, "assistant") == 0 ?
		       p->msg[p->n_msg - 1].content : NULL;
}

/* Whether the second model says this turn. */
static bool is_users(const struct syc_talk *t, size_t turn,
		     const struct syc_talk_opts *o)
{
	return o->user && !t->turn[turn].aside;
}

/* How many tokens each turn takes; one of the second model's at most. */
static int measure(struct syc_talk *t, const struct syc_talk_opts *o,
		   struct syc_err *err)
{
	struct side *s = &t->state->model;
	struct syc_ids ids = { 0 };
	int ret = 0;

	for (size_t k = 0; k < t->n_turns && ret == 0; k++) {
		const bool users = is_users(t, k, o);

		ids.n = 0;
		ret = side_piece(s, users ? "..." : t->turn[k].user,
				 t->turn[k].begin, &ids, err);
		t->state->piece[k] = ids.n + (users ? o->user_max : 0);
	}
	syc_ids_free(&ids);
	return ret;
}

/* The tokens that turns from number k on come to, replies not counted. */
static size_t pieces(const struct syc_talk *t, size_t k)
{
	size_t n = 0;

	for (; k < t->n_turns; k++)
		n += t->state->piece[k];
	return n;
}

static int check_fits(struct syc_talk *t, const struct syc_talk_opts *o,
		      struct syc_err *err)
{
	const size_t own = t->state->model.ids.n + pieces(t, 0);
	const size_t least = t->n_turns ? LEAST : 1;

	if (own + (t->n_turns + 1) * least <= o->model->n_ctx)
		return 0;
	t->too_long = true;
	return syc_fail(
		err, SYC_EINVAL,
		"the conversation's own %zu tokens and %zu for each of %zu replies do not "
		"fit the context of %zu",
		own, least, t->n_turns + 1, o->model->n_ctx);
}

int syc_talk_open(struct syc_talk *t, const struct syc_talk_opts *o,
		  struct syc_err *err)
{
	struct syc_talk_state *s = calloc(1, sizeof(*s));
	int ret;

	t->state = s;
	t->said = calloc(t->n_turns + 1, sizeof(*t->said));
	if (s)
		s->piece = calloc(t->n_turns + 1, sizeof(*s->piece));
	ret = s && t->said && s->piece
		      ? side_begin(&s->model, o->model, t->first, err)
		      : syc_nomem(err);
	if (ret == 0 && t->n_turns && !t->first->msg)
		ret = syc_fail(err, SYC_EINVAL,
			       "a prompt with turns must be a conversation");
	if (ret == 0)
		ret = measure(t, o, err);
	if (ret == 0)
		ret = check_fits(t, o, err);
	if (ret < 0)
		syc_talk_close(t);
	return ret;
}

void syc_talk_close(struct syc_talk *t)
{
	for (size_t k = 0; t->said && k <= t->n_turns; k++) {
		free(t->said[k].text);
		free(t->said[k].user);
	}
	free(t->said);
	t->said = NULL;
	if (!t->state)
		return;
	side_end(&t->state->model);
	side_end(&t->state->user);
	free(t->state->piece);
	free(t->state->id);
	free(t->state);
	t->state = NULL;
}

/* ---- the second model ---------------------------------------------------- */

/*
 * What it sees: it is told what to do, and then is the one who asks.  All that
 * was said, or where that does not fit, the first question and the last reply.
 */
static int seen_by_user(struct syc_talk *t, const struct syc_talk_opts *o,
			bool all, struct syc_err *err)
{
	const size_t k = t->state->at;
	struct syc_msg *msg = calloc(t->first->n_msg + 2 * k + 1, sizeof(*msg));
	size_t from = k - 1;	/* the last reply */
	struct syc_prompt in = { .msg = msg };
	int ret;

	if (!msg)
		return syc_nomem(err);
	msg[in.n_msg++] = (struct syc_msg){ "user", t->brief };
	for (size_t i = 0; i < t->first->n_msg; i++) {
		const struct syc_msg *m = &t->first->msg[i];
		const bool asks = strcmp(m->role, "user") == 0;

		if (asks || (strcmp(m->role, "assistant") == 0 &&
			     i + 1 < t->first->n_msg))
			msg[in.n_msg++] = (struct syc_msg){
				asks ? "assistant" : "user", m->content};
	}
	for (; from && !all && t->turn[from - 1].aside; from--)
		;
	for (size_t i = all ? 0 : from; i < (all ? k : from + 1); i++) {
		if (i && t->turn[i - 1].aside)
			continue;
		if (i && all)
			msg[in.n_msg++] =
				(struct syc_msg){"assistant", t->said[i].user};
		msg[in.n_msg++] = (struct syc_msg){ "user", t->said[i].text };
	}
	ret = side_begin(&t->state->user, o->user, &in, err);
	free(msg);
	/* They are gone; all is rendered anew each time. */
	t->state->user.n_msg = 0;
	return ret;
}

static int name_job(struct syc_talk *t, const char *suffix, struct syc_err *err)
{
	free(t->state->id);
	t->state->id = NULL;
	if (asprintf(&t->state->id, "%s#%zu%s", t->id, t->state->at, suffix) >=
	    0)
		return 0;
	t->state->id = NULL;
	return syc_nomem(err);
}

static int ask_user(struct syc_talk *t, const struct syc_talk_opts *o,
		    struct syc_err *err)
{
	struct side *u = &t->state->user;
	int ret = seen_by_user(t, o, true, err);

	if (ret == 0 && u->ids.n + o->user_max > o->user->n_ctx)
		ret = seen_by_user(t, o, false, err);
	if (ret == 0 && u->ids.n + o->user_max > o->user->n_ctx)
		ret = syc_fail(
			err, SYC_EINVAL,
			"row '%.200s': question and reply, %zu tokens to the user's model, do "
			"not fit its context of %zu",
			t->id, u->ids.n, o->user->n_ctx);
	if (ret == 0)
		ret = name_job(t, "/user", err);
	if (ret == 0)
		side_ask(u, t->state->id, t->sample, o->user_max, o);
	return ret;
}

/*
 * Append n bytes of text with U+FFFD for each byte that is no character's, as
 * when a reply ends within one.
 */
static void add_clean(struct syc_buf *b, const char *s, size_t n)
{
	size_t len;

	for (; n; s += len, n -= len) {
		len = syc_utf8_len(s, n);
		if (len)
			syc_buf_add(b, s, len);
		else
			syc_buf_puts(b, "\xef\xbf\xbd");
		len = len ? len : 1;
	}
}

/* What it said, without the space around it; nothing at all is a silence. */
static int take_user(struct syc_talk *t, struct syc_err *err)
{
	const struct syc_job *job = &t->state->user.job;
	const char *s = job->text.data ? job->text.data : "";
	struct syc_buf text = { 0 };
	size_t n;

	s += strspn(s, " \t\r\n");
	for (n = strlen(s); n && strchr(" \t\r\n", s[n - 1]);)
		n--;
	add_clean(&text, n ? s : "...", n ? n : 3);
	t->said[t->state->at].user = text.data;
	return text.failed ? syc_nomem(err) : 0;
}

/* ---- rounds -------------------------------------------------------------- */

/* What the reply may come to: its share of what the context has left. */
static size_t most(const struct syc_talk *t, const struct syc_talk_opts *o)
{
	const size_t k = t->state->at,
		     there = t->state->model.ids.n + pieces(t, k);
	const size_t left =
		there < o->model->n_ctx ? o->model->n_ctx - there : 0;
	const size_t share = left / (t->n_turns + 1 - k);

	return share < 1 ? 1 : share < o->max_new ? share : o->max_new;
}

/*
 * The message in front of the reply; a second model's is cut where it would not
 * fit.
 */
static int say(struct syc_talk *t, const struct syc_talk_opts *o,
	       struct syc_err *err)
{
	const size_t k = t->state->at;
	struct side *s = &t->state->model;
	const struct syc_turn *turn = &t->turn[k - 1];
	char *own = is_users(t, k - 1, o) ? t->said[k].user : NULL;
	const size_t before = s->ids.n, n_msg = s->n_msg;
	int ret = side_hear(s, own ? own : turn->user, turn->begin, turn->aside,
			    err);

	while (ret == 0 && own && *own &&
	       s->ids.n - before > t->state->piece[k - 1]) {
		size_t n = strlen(own) / 2;

		while (n && ((unsigned char)own[n] & 0xc0) == 0x80)
			n--;
		own[n] = 0;
		s->ids.n = before;
		s->n_msg = n_msg;
		ret = side_hear(s, n ? own : "...", turn->begin, turn->aside,
				err);
	}
	return ret;
}

static int ask(struct syc_talk *t, const struct syc_talk_opts *o,
	       struct syc_err *err)
{
	const size_t k = t->state->at;
	struct side *s = &t->state->model;
	const struct syc_spots at = {
		.letter = SYC_NOWHERE, .end = SYC_NOWHERE,
	};
	struct syc_spots here = at;
	int ret = k ? say(t, o, err) : 0;

	if (ret == 0 && k)
		ret = name_job(t, "", err);
	if (ret < 0)
		return ret;
	side_ask(s, k ? t->state->id : t->id, t->sample, most(t, o), o);
	t->state->same = NULL;
	if (!t->take || k != t->recorded)
		return 0;
	here.begin = (uint32_t)s->ids.n;
	here.prompt = here.begin - 1;
	s->job.rec = t->take;
	s->job.feed_last = true;
	return syc_take_begin(t->take, &here) < 0 ? syc_nomem(err) : 0;
}

static int take_reply(struct syc_talk *t, struct syc_err *err)
{
	const size_t k = t->state->at;
	const struct syc_job *job = t->state->same
					    ? &t->state->same->state->model.job
					    : &t->state->model.job;
	const char *begin = begun(t, k);
	struct syc_reply *said = &t->said[k];
	struct syc_buf text = { 0 };

	said->finish = job->finish;
	said->n_prompt = t->state->model.job.n_tokens;
	said->n_new = job->out.n;
	syc_buf_puts(&text, begin ? begin : "");
	add_clean(&text, job->text.data, job->text.len);
	if (text.failed) {
		syc_buf_free(&text);
		return syc_nomem(err);
	}
	said->text = text.data;
	return side_reply(&t->state->model, &job->out,
			  k && t->turn[k - 1].aside, err);
}

/* Greedily the same tokens get the same reply. */
static const struct syc_talk *same_as(struct syc_talk *const *t, size_t i,
				      const struct syc_talk_opts *o)
{
	const struct syc_job *a = &t[i]->state->model.job, *b;

	if (a->rec || (o->sampling && o->sampling->temperature > 0))
		return NULL;
	for (size_t j = 0; j < i; j++) {
		b = &t[j]->state->model.job;
		if (t[j]->state->at == t[i]->state->at && !t[j]->state->same &&
		    b->n_tokens == a->n_tokens && b->max_new == a->max_new &&
		    memcmp(b->tokens, a->tokens,
			   a->n_tokens * sizeof(*a->tokens)) == 0)
			return t[j];
	}
	return NULL;
}

/*
 * The second model's messages before reply k, of the talks that have it say
 * them.
 */
static int user_round(struct syc_talk *const *t, size_t n, struct syc_job **job,
		      size_t k, const struct syc_talk_opts *o,
		      struct syc_err *err)
{
	size_t n_jobs = 0;
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		if (t[i]->n_turns < k || !is_users(t[i], k - 1, o))
			continue;
		t[i]->state->at = k;
		ret = ask_user(t[i], o, err);
		job[n_jobs++] = &t[i]->state->user.job;
	}
	if (ret == 0)
		ret = syc_engine_run_all(o->user->engine, job, n_jobs, err);
	for (size_t i = 0; i < n && ret == 0; i++)
		if (t[i]->n_turns >= k && is_users(t[i], k - 1, o))
			ret = take_user(t[i], err);
	return ret;
}

/* Reply k of the talks that have one; *made grows by how many. */
static int model_round(struct syc_talk *const *t, size_t n,
		       struct syc_job **job, size_t k,
		       const struct syc_talk_opts *o, size_t *made,
		       struct syc_err *err)
{
	size_t n_jobs = 0;
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		if (t[i]->n_turns < k)
			continue;
		t[i]->state->at = k;
		ret = ask(t[i], o, err);
		t[i]->state->same = ret == 0 ? same_as(t, i, o) : NULL;
		if (!t[i]->state->same)
			job[n_jobs++] = &t[i]->state->model.job;
	}
	if (ret == 0)
		ret = syc_engine_run_all(o->model->engine, job, n_jobs, err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		if (t[i]->n_turns < k)
			continue;
		ret = take_reply(t[i], err);
		++*made;
	}
	return ret;
}

int syc_talk_run(struct syc_talk *const *t, size_t n,
		 const struct syc_talk_opts *o, struct syc_err *err)
{
	struct syc_job **job = calloc(n + 1, sizeof(*job));
	size_t all = 0, made = 0, longest = 0;
	int ret = job ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n; i++) {
		all += t[i]->n_turns + 1;
		longest = t[i]->n_turns > longest ? t[i]->n_turns : longest;
	}
	for (size_t k = 0; k <= longest && ret == 0; k++) {
		if (k && o->user)
			ret = user_round(t, n, job, k, o, err);
		if (ret == 0)
			ret = model_round(t, n, job, k, o, &made, err);
		if (ret == 0 && o->progress)
			o->progress(o->arg, made, all);
	}
	free(job);
	return ret;
}
