/* SPDX-License-Identifier: MIT */
/* Conversations to text. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/chat.h"

struct stretch {
	const char *s;
	size_t n;
};

/* A conversation being written; an answer to go on with is not in msg. */
struct render {
	const struct syc_chat *c;
	struct stretch bos, eos, system;
	const struct syc_msg *msg;
	size_t n;
	struct syc_buf *out;
	struct syc_spans *spans;	/* NULL: not asked for */
	size_t from;		/* where out began */
	bool has_bos, failed;
	struct syc_err *err;
};

static struct stretch all_of(const char *s)
{
	return (struct stretch){ s, strlen(s) };
}

/* A space as Python's str.strip() knows them: its bytes, or 0. */
static size_t space_at(const char *s)
{
	static const char *const wide[] = {
		"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8",
			"\xe2\x80\xa9",
		"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if (*s == ' ' || (*s >= '\t' && *s <= '\r') ||
	    (*s >= 0x1c && *s <= 0x1f))
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(s, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	/* U+2000 to U+200A */
	if (strncmp(s, "\xe2\x80", 2) == 0 && (unsigned char)s[2] >= 0x80 &&
	    (unsigned char)s[2] <= 0x8a)
		return 3;
	return 0;
}

static size_t shifted(size_t at, size_t from, size_t n, size_t end)
{
	at = at <= from ? at : at - from <= n ? from : at - n;
	return at < end ? at : end;
}

/* Cut the space off both ends of what was written since from. */
static void strip(struct render *r, size_t from)
{
	const char *s = r->out->data + from;
	size_t lead = 0, n, end;

	while ((n = space_at(s + lead)))
		lead += n;
	end = lead;
	for (size_t i = lead; s[i]; i += n ? n : 1) {
		n = space_at(s + i);
		if (!n)
			end = i + 1;
	}
	memmove(r->out->data + from, s + lead, end - lead);
	r->out->len = from + end - lead;
	r->out->data[r->out->len] = 0;
	for (size_t i = 0; r->spans && i < r->spans->n; i++) {
		struct syc_span *p = &r->spans->span[i];

		p->from = shifted(p->from, from, lead, r->out->len);
		p->to = shifted(p->to, from, lead, r->out->len);
	}
}

static void put(struct render *r, struct stretch s)
{
	if (syc_buf_add(r->out, s.s, s.n) < 0)
		r->failed = true;
}

/* What a message said. */
static void put_content(struct render *r, struct stretch s)
{
	size_t from = r->out->len;

	put(r, s);
	if (!r->spans || !s.n)
		return;
	if (!syc_grow(&r->spans->span, &r->spans->cap, r->spans->n + 1,
		      sizeof(*r->spans->span)))
		r->failed = true;
	else
		r->spans->span[r->spans->n++] = (struct syc_span){ from,
			from + s.n };
}

static struct stretch no_newlines(struct stretch s, bool right)
{
	for (; s.n && *s.s == '\n'; s.n--)
		s.s++;
	while (right && s.n && s.s[s.n - 1] == '\n')
		s.n--;
	return s;
}

static const char *last_of(const char *s, const char *what, size_t n)
{
	const char *found = NULL, *p;

	while ((p = memmem(s, n, what, strlen(what)))) {
		found = p;
		n -= (size_t)(p + 1 - s);
		s = p + 1;
	}
	return found;
}

/* The text in front of the first </think>, from the last <think> in it. */
static struct stretch thinking(const char *content)
{
	const char *end = strstr(content, "</think>"), *begin;
	struct stretch s = { content, end ? (size_t)(end - content) : 0 };

	while (s.n && s.s[s.n - 1] == '\n')
		s.n--;
	begin = last_of(s.s, "<think>", s.n);
	if (begin) {
		s.n -= (size_t)(begin + 7 - s.s);
		s.s = begin + 7;
	}
	return no_newlines(s, true);
}

/* The text behind the last </think>. */
static struct stretch reply(const char *content)
{
	const char *end = last_of(content, "</think>", strlen(content));

	return end ? no_newlines(all_of(end + 8), false) : all_of(content);
}

static void put_text(struct render *r, const char *text, const char *content)
{
	bool thought = strstr(text, SYC_CHAT_THINKING) != NULL;
	size_t mark = 0, n;

	for (const char *p = text; *p && !r->failed; p += n) {
		n = strcspn(p, SYC_CHAT_MARKS);
		put(r, (struct stretch){ p, n });
		if (n)
			continue;
		n = 1;
		switch (*p) {
		case SYC_MARK_CONTENT: put_content(r, all_of(content)); break;
		case SYC_MARK_SYSTEM: put_content(r, r->system); break;
		case SYC_MARK_BOS:
			r->has_bos = r->has_bos ||
				(r->out->len == r->from && r->bos.n);
			put(r, r->bos);
			break;
		case SYC_MARK_EOS: put(r, r->eos); break;
		case SYC_MARK_STRIP: mark = r->out->len; break;
		case SYC_MARK_UNSTRIP: strip(r, mark); break;
		case SYC_MARK_THINKING:
			put_content(r, thinking(content));
			break;
		case SYC_MARK_REPLY:
			put_content(r, thought ? no_newlines(reply(content),
							     false) :
						 reply(content));
			break;
		}
	}
}

static bool is_role(const struct syc_msg *m, const char *role)
{
	return strcmp(m->role, role) == 0;
}

/* What came back from a tool counts as no question, though a user's message. */
static bool is_question(const struct syc_msg *m)
{
	static const char begin[] = "<tool_response>",
			  end[] = "</tool_response>";
	size_t n = strlen(m->content);

	return is_role(m, "user") &&
	       !(strncmp(m->content, begin, sizeof(begin) - 1) == 0 &&
		 n >= sizeof(end) - 1 &&
		 strcmp(m->content + n - (sizeof(end) - 1), end) == 0);
}

static size_t last_question(const struct render *r)
{
	for (size_t i = r->n; i-- > 0;)
		if (is_question(&r->msg[i]))
			return i;
	return r->n - 1;
}

static const char *user_text(const struct render *r, size_t i)
{
	const char *const *text = r->c->text;

	if (r->system.s && text[SYC_CHAT_FIRST_USER] && i == 1)
		return text[SYC_CHAT_FIRST_USER];
	if (r->system.s && text[SYC_CHAT_LAST_USER] && i == r->n - 1)
		return text[SYC_CHAT_LAST_USER];
	return text[SYC_CHAT_USER];
}

static const char *assistant_text(const struct render *r, size_t i)
{
	const char *const *text = r->c->text;

	if (text[SYC_CHAT_LAST_ASSISTANT] && i > last_question(r) &&
	    (i == r->n - 1 || thinking(r->msg[i].content).n))
		return text[SYC_CHAT_LAST_ASSISTANT];
	return text[SYC_CHAT_ASSISTANT];
}

static const char *text_for(const struct render *r, size_t i)
{
	const char *const *text = r->c->text;

	if (is_role(&r->msg[i], "user"))
		return user_text(r, i);
	if (is_role(&r->msg[i], "assistant"))
		return assistant_text(r, i);
	if (i == 0 && text[SYC_CHAT_FIRST_SYSTEM])
		return text[SYC_CHAT_FIRST_SYSTEM];
	return text[SYC_CHAT_SYSTEM];
}

static const char *shown(const struct syc_chat *c)
{
	return *c->name ? c->name : "the chat format";
}

/* Whether the format has a place for message i. */
static int check_message(const struct render *r, size_t i)
{
	bool system = is_role(&r->msg[0], "system");
	const char *role = r->msg[i].role,
		   *due = (i - system) % 2 ? "assistant" : "user";

	if (r->c->alternate && !(i == 0 && system) && strcmp(role, due) != 0)
		return syc_fail(r->err, SYC_EINVAL,
				"%s: message %zu is of role '%.40s' where '%s' "
				"is due", shown(r->c), i, role, due);
	if (!(i == 0 && r->system.s) && !text_for(r, i))
		return syc_fail(r->err, SYC_EINVAL,
				"%s: no place for message %zu, of role '%.40s'",
				shown(r->c), i, role);
	return 0;
}

static int check_order(const struct render *r)
{
	for (size_t i = 0; i < r->n; i++) {
		int ret = check_message(r, i);

		if (ret < 0)
			return ret;
	}
	/* Without words in front of it, an answer has to follow a question. */
	if ((r->c->alternate || !r->c->text[SYC_CHAT_ANSWER]) &&
	    !is_role(&r->msg[r->n - 1], "user"))
		return syc_fail(r->err, SYC_EINVAL,
				"%s: the last message is not the user's",
				shown(r->c));
	return 0;
}

static int render(struct render *r)
{
	const char *const *text = r->c->text;
	bool system = is_role(&r->msg[0], "system");
	int ret;

	if (system && (text[SYC_CHAT_FIRST_USER] || text[SYC_CHAT_LAST_USER]))
		r->system = all_of(r->msg[0].content);
	ret = check_order(r);
	if (ret < 0)
		return ret;
	if (text[SYC_CHAT_BEGIN])
		put_text(r, text[SYC_CHAT_BEGIN], "");
	if (!system && text[SYC_CHAT_NO_SYSTEM])
		put_text(r, text[SYC_CHAT_NO_SYSTEM], "");
	for (size_t i = r->system.s != NULL; i < r->n; i++)
		put_text(r, text_for(r, i), r->msg[i].content);
	if (text[SYC_CHAT_ANSWER])
		put_text(r, text[SYC_CHAT_ANSWER], "");
	return 0;
}

/* An answer to go on with; thoughts of its own take the place of none. */
static void put_answer(struct render *r, const char *answer)
{
	if (!r->c->text[SYC_CHAT_LAST_ASSISTANT] ||
	    strncmp(answer, "<think>", 7) != 0)
		put(r, all_of(r->c->prefix));
	put_content(r, all_of(answer));
}

static int check_roles(const struct syc_chat *c, const struct syc_msg *msg,
		       size_t n, struct syc_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!is_role(&msg[i], "system") && !is_role(&msg[i], "user") &&
		    !is_role(&msg[i], "assistant"))
			return syc_fail(err, SYC_EINVAL,
					"%s: message %zu is of role '%.40s', "
					"not system, user or assistant",
					shown(c), i, msg[i].role);
	return 0;
}

int syc_chat_render(const struct syc_chat *c, const char *bos, const char *eos,
		    const struct syc_msg *msg, size_t n, bool *has_bos,
		    struct syc_buf *out, struct syc_spans *content,
		    struct syc_err *err)
{
	struct render r = { .c = c, .bos = all_of(bos), .eos = all_of(eos), .msg = msg, .n = n,
			    .out = out, .spans = content, .from = out->len,
			    .err = err };
	const char *answer = NULL;
	size_t n_spans = content ? content->n : 0;
	int ret = check_roles(c, msg, n, err);

	if (ret < 0)
		return ret;
	if (n && is_role(&msg[n - 1], "assistant"))
		answer = msg[--r.n].content;
	if (r.n == 0)
		return syc_fail(err, SYC_EINVAL,
				"%s: nothing to answer in %zu messages",
				shown(c), n);
	ret = render(&r);
	if (ret == 0 && answer)
		put_answer(&r, answer);
	*has_bos = r.has_bos;
	if (ret == 0 && !r.failed)
		return 0;
	out->len = r.from;
	if (content)
		content->n = n_spans;
	return ret < 0 ? ret : syc_nomem(err);
}
