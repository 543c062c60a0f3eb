/* SPDX-License-Identifier: MIT */
/* Chat formats as files: one line "key: text" for each kind of message. */
#include "config.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/chat.h"

enum { MAX_FILE = 64 << 10 };

#define PLAIN     SYC_CHAT_BOS SYC_CHAT_EOS
#define STRIPPING SYC_CHAT_STRIP SYC_CHAT_UNSTRIP
#define MESSAGE   PLAIN STRIPPING SYC_CHAT_CONTENT

/* What may be in the text of a key, and what must be, once. */
static const struct {
	const char *name, *may, *must;
} keys[SYC_CHAT_N_KEYS] = {
	[SYC_CHAT_BEGIN]          = { "begin", PLAIN, "" },
	[SYC_CHAT_SYSTEM]         = { "system", MESSAGE, SYC_CHAT_CONTENT },
	[SYC_CHAT_FIRST_SYSTEM]   = { "first-system", MESSAGE, SYC_CHAT_CONTENT },
	[SYC_CHAT_NO_SYSTEM]      = { "no-system", PLAIN, "" },
	[SYC_CHAT_USER]           = { "user", MESSAGE, SYC_CHAT_CONTENT },
	[SYC_CHAT_FIRST_USER]     = { "first-user", MESSAGE SYC_CHAT_IN_SYSTEM,
				      SYC_CHAT_CONTENT SYC_CHAT_IN_SYSTEM },
	[SYC_CHAT_LAST_USER]      = { "last-user", MESSAGE SYC_CHAT_IN_SYSTEM,
				      SYC_CHAT_CONTENT SYC_CHAT_IN_SYSTEM },
	[SYC_CHAT_ASSISTANT]      = { "assistant", MESSAGE SYC_CHAT_THINKING SYC_CHAT_REPLY, "" },
	[SYC_CHAT_LAST_ASSISTANT] = { "last-assistant",
				      MESSAGE SYC_CHAT_THINKING SYC_CHAT_REPLY, "" },
	[SYC_CHAT_ANSWER]         = { "answer", PLAIN, "" },
};

static const struct {
	const char *name;
	char mark;
} marks[] = {
	{ "{content}", SYC_MARK_CONTENT }, { "{system}", SYC_MARK_SYSTEM },
	{ "{bos}", SYC_MARK_BOS }, { "{eos}", SYC_MARK_EOS },
	{ "{strip}", SYC_MARK_STRIP }, { "{/strip}", SYC_MARK_UNSTRIP },
	{ "{thinking}", SYC_MARK_THINKING }, { "{reply}", SYC_MARK_REPLY },
};

enum { N_MARKS = sizeof(marks) / sizeof(marks[0]) };

static const char escapes[][2] = {
	{ 'n', '\n' }, { 't', '\t' }, { 'r', '\r' }, { 's', ' ' },
	{ '\\', '\\' }, { '{', '{' }, { '}', '}' },
};

enum { N_ESCAPES = sizeof(escapes) / sizeof(escapes[0]) };

struct parser {
	struct syc_chat *c;
	const char *name;
	size_t line;			/* from 1 */
	size_t line_of[SYC_CHAT_N_KEYS];	/* 0: not given */
	size_t turns_line;
	char *at;			/* where the next text goes */
	struct syc_err *err;
};

static const char *mark_name(char mark)
{
	for (size_t i = 0; i < N_MARKS; i++)
		if (marks[i].mark == mark)
			return marks[i].name;
	return "";
}

/* At most 40 bytes of a thing for a message. */
static int shown(size_t n)
{
	return n < 40 ? (int)n : 40;
}

__attribute__((format(printf, 3, 4)))
static int bad(const struct parser *p, size_t line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return syc_fail(p->err, SYC_EFORMAT, "%s: line %zu: %s", p->name, line,
			text);
}

static int bad_thing(const struct parser *p, const char *what, const char *s,
		     size_t n)
{
	return bad(p, p->line, "%s '%.*s'", what, shown(n), s);
}

/* "\n" or "{bos}" at s: what it stands for and its bytes, 0 when unknown. */
static size_t translate(const char *s, size_t n, char *to)
{
	for (size_t i = 0; *s == '\\' && n > 1 && i < N_ESCAPES; i++) {
		*to = escapes[i][1];
		if (s[1] == escapes[i][0])
			return 2;
	}
	for (size_t i = 0; *s == '{' && i < N_MARKS; i++) {
		size_t len = strlen(marks[i].name);

		*to = marks[i].mark;
		if (len <= n && memcmp(s, marks[i].name, len) == 0)
			return len;
	}
	return 0;
}

/* The text of a line, with NUL behind it. */
static int read_text(struct parser *p, const char *s, size_t n)
{
	size_t took;

	for (size_t i = 0; i < n; i += took) {
		took = 1;
		*p->at = s[i];
		if (s[i] == '{' || s[i] == '\\')
			took = translate(s + i, n - i, p->at);
		else if ((unsigned char)s[i] < ' ' && s[i] != '\t')
			return bad(p, p->line, "a control character (byte %d)",
				   s[i]);
		if (!took) {
			const char *end = memchr(s + i, '}', n - i);

			return s[i] == '{' ? bad_thing(p, "unknown placeholder", s + i,
						      end ? (size_t)(end + 1 - s) - i : n - i)
					   : bad_thing(p, "unknown escape", s + i,
						       n - i < 2 ? 1 : 2);
		}
		p->at++;
	}
	*p->at++ = 0;
	return 0;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* Every {strip} has its {/strip} behind it, and none is inside another. */
static bool strips_match(const char *text)
{
	int open = 0;

	for (; *text; text++) {
		open += (*text == SYC_MARK_STRIP) - (*text == SYC_MARK_UNSTRIP);
		if (open < 0 || open > 1)
			return false;
	}
	return open == 0;
}

static int check_text(const struct parser *p, enum syc_chat_key k)
{
	const char *text = p->c->text[k];

	for (const char *m = SYC_CHAT_MARKS; *m; m++) {
		size_t n = count(text, *m);

		if (n && !strchr(keys[k].may, *m))
			return bad(p, p->line, "'%s' takes no %s", keys[k].name,
				   mark_name(*m));
		if (n != 1 && strchr(keys[k].must, *m))
			return bad(p, p->line, "'%s' needs %s, once",
				   keys[k].name, mark_name(*m));
	}
	if ((k == SYC_CHAT_ASSISTANT || k == SYC_CHAT_LAST_ASSISTANT) &&
	    count(text, SYC_MARK_CONTENT) + count(text, SYC_MARK_REPLY) != 1)
		return bad(p, p->line, "'%s' needs {content} or {reply}, once",
			   keys[k].name);
	if (!strips_match(text))
		return bad(p, p->line,
			   "{strip} without {/strip}, or inside another");
	return 0;
}

static int read_turns(struct parser *p, const char *s, size_t n)
{
	if (p->turns_line)
		return bad_thing(p, "given before:", "turns", 5);
	p->turns_line = p->line;
	p->c->alternate = n == 9 && memcmp(s, "alternate", 9) == 0;
	if (!p->c->alternate && !(n == 3 && memcmp(s, "any", 3) == 0))
		return bad_thing(p, "'turns' is any or alternate, not", s, n);
	return 0;
}

static int read_key(struct parser *p, enum syc_chat_key k, const char *s,
		    size_t n)
{
	int ret;

	if (p->line_of[k])
		return bad(p, p->line, "'%s' is there already, in line %zu",
			   keys[k].name, p->line_of[k]);
	p->line_of[k] = p->line;
	p->c->text[k] = p->at;
	ret = read_text(p, s, n);
	if (ret == 0)
		ret = check_text(p, k);
	if (!*p->c->text[k])
		p->c->text[k] = NULL;
	return ret;
}

static int read_prefix(struct parser *p, const char *s, size_t n)
{
	int ret;

	if (p->c->prefix)
		return bad_thing(p, "given before:", "prefix", 6);
	p->c->prefix = p->at;
	ret = read_text(p, s, n);
	if (ret == 0 && strpbrk(p->c->prefix, SYC_CHAT_MARKS))
		return bad(p, p->line, "'prefix' takes no placeholders");
	return ret;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_key(const char *s, size_t n, const char *name)
{
	return n == strlen(name) && memcmp(s, name, n) == 0;
}

static int read_line(struct parser *p, const char *s, size_t n)
{
	const char *colon;
	size_t len;

	while (n && is_blank(s[n - 1]))
		n--;
	if (n == 0 || *s == '#')
		return 0;
	colon = memchr(s, ':', n);
	if (!colon)
		return bad_thing(p, "not of the form 'key: text':", s, n);
	len = (size_t)(colon - s);
	n -= len + 1;
	for (colon++; n && is_blank(*colon); n--)
		colon++;
	for (int k = 0; k < SYC_CHAT_N_KEYS; k++)
		if (is_key(s, len, keys[k].name))
			return read_key(p, (enum syc_chat_key)k, colon, n);
	if (is_key(s, len, "prefix"))
		return read_prefix(p, colon, n);
	if (is_key(s, len, "turns"))
		return read_turns(p, colon, n);
	return bad_thing(p, "unknown key", s, len);
}

/*
 * What an assistant's text has between ANSWER's text and the content: a given
 * answer must look as it will among the turns that follow.
 */
static int find_prefix(struct parser *p)
{
	enum syc_chat_key k =
		p->c->text[SYC_CHAT_LAST_ASSISTANT] ? SYC_CHAT_LAST_ASSISTANT : SYC_CHAT_ASSISTANT;
	const char *text = p->c->text[k], *answer = p->c->text[SYC_CHAT_ANSWER];

	if (p->c->prefix)
		return 0;
	p->c->prefix = p->at;
	for (; text && *text && *text != SYC_MARK_CONTENT &&
	     *text != SYC_MARK_REPLY; text++)
		if (*text != SYC_MARK_STRIP && *text != SYC_MARK_THINKING)
			*p->at++ = *text;
	*p->at++ = 0;
	if (!text || !answer)
		answer = "";
	if (strncmp(p->c->prefix, answer, strlen(answer)) == 0)
		p->c->prefix += strlen(answer);
	else
		answer = NULL;
	if (answer && !strpbrk(p->c->prefix, SYC_CHAT_MARKS))
		return 0;
	return bad(p, p->line_of[k], "'%s' does not begin with the text of "
		   "'answer': a line 'prefix' "
		   "has to say what stands in front of a given answer",
		   keys[k].name);
}

/* All lines are there: what they say together. */
static int check_all(struct parser *p)
{
	const char *const *text = p->c->text;
	bool inside = text[SYC_CHAT_FIRST_USER] || text[SYC_CHAT_LAST_USER];

	if (!text[SYC_CHAT_USER])
		return syc_fail(p->err, SYC_EFORMAT,
				"%s: no line 'user' (in %zu lines)", p->name,
				p->line);
	if (text[SYC_CHAT_FIRST_USER] && text[SYC_CHAT_LAST_USER])
		return bad(p, p->line_of[SYC_CHAT_LAST_USER],
			   "the system message is in 'first-user' (line %zu) "
			   "already", p->line_of[SYC_CHAT_FIRST_USER]);
	for (int k = SYC_CHAT_SYSTEM; k <= SYC_CHAT_FIRST_SYSTEM && inside; k++)
		if (text[k])
			return bad(p, p->line_of[k],
				   "the system message is in a user's message "
				   "already");
	/* Else there might be no user's message for it. */
	if (inside && p->turns_line && !p->c->alternate)
		return bad(p, p->turns_line,
			   "turns alternate where a user's message holds the "
			   "system message");
	p->c->alternate = p->c->alternate || inside;
	return find_prefix(p);
}

static int read_lines(struct parser *p, const char *s, size_t len)
{
	while (len) {
		const char *end = memchr(s, '\n', len);
		size_t n = end ? (size_t)(end - s) : len;
		int ret;

		p->line++;
		ret = read_line(p, s, n);
		if (ret < 0)
			return ret;
		n += end != NULL;
		s += n;
		len -= n;
	}
	return check_all(p);
}

int syc_chat_parse(struct syc_chat **out, const char *s, size_t len,
		   const char *name, struct syc_err *err)
{
	struct parser p = { .name = name, .err = err };
	int ret;

	*out = NULL;
	if (len > MAX_FILE)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %zu bytes; a chat format has at most %d",
				name, len, MAX_FILE);
	p.c = calloc(1, sizeof(*p.c));
	/* A text is shorter than its line; the prefix is part of one. */
	p.at = malloc(2 * len + 2);
	if (!p.c || !p.at) {
		free(p.c);
		free(p.at);
		return syc_nomem(err);
	}
	p.c->name = "";
	p.c->own = p.at;
	ret = read_lines(&p, s, len);
	if (ret < 0)
		syc_chat_free(p.c);
	else
		*out = p.c;
	return ret;
}

int syc_chat_read(struct syc_chat **out, const char *path, struct syc_err *err)
{
	struct syc_map m;
	int ret;

	*out = NULL;
	ret = syc_map_open(&m, path, err);
	if (ret < 0)
		return ret;
	ret = syc_chat_parse(out, (const char *)m.data, m.len, path, err);
	syc_map_close(&m);
	return ret;
}

void syc_chat_free(struct syc_chat *c)
{
	if (!c || !c->own)
		return;
	free(c->own);
	free(c);
}

/* One line; spaces at its ends would not be seen. */
static void write_text(struct syc_buf *out, const char *key, const char *text)
{
	size_t n = strlen(text), last = n;

	syc_buf_printf(out, n ? "%s: " : "%s:", key);
	while (last && text[last - 1] == ' ')
		last--;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		bool edge = i >= last || strspn(text, " ") > i;

		if (strchr(SYC_CHAT_MARKS, c)) {
			syc_buf_puts(out, mark_name(c));
			continue;
		}
		for (size_t k = 0; k < N_ESCAPES && c != '}'; k++)
			if (c == escapes[k][1] && (c != ' ' || edge)) {
				syc_buf_add(out, "\\", 1);
				c = escapes[k][0];
				break;
			}
		syc_buf_add(out, &c, 1);
	}
	syc_buf_puts(out, "\n");
}

int syc_chat_write(const struct syc_chat *c, struct syc_buf *out)
{
	size_t from = out->len;

	for (int k = 0; k < SYC_CHAT_N_KEYS; k++)
		if (c->text[k])
			write_text(out, keys[k].name, c->text[k]);
	write_text(out, "prefix", c->prefix);
	write_text(out, "turns", c->alternate ? "alternate" : "any");
	if (!out->failed)
		return 0;
	out->len = from;
	return SYC_ENOMEM;
}
