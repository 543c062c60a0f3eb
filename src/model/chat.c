/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "model/template.h"
#include "syc/vocab.h"

/* A conversation being written; an answer to go on with is not in msg. */
struct render {
	const char *bos, *eos;
	const struct syc_msg *msg;
	size_t n;
	struct syc_buf *out;
	struct syc_err *err;
};

struct syc_chat {
	const char *name;
	const char *answer_prefix;
	bool writes_bos;
	int (*render)(const struct render *r);
	const char *tmpl;	/* the Jinja template that render() is */
};

/* A space as Python's str.strip() knows them: its bytes, or 0. */
static size_t space_at(const char *s)
{
	static const char *const wide[] = {
		"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
		"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if (*s == ' ' || (*s >= '\t' && *s <= '\r') || (*s >= 0x1c && *s <= 0x1f))
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

/* Append s without the space around it. */
static int put_stripped(struct syc_buf *out, const char *s)
{
	const char *end, *p;
	size_t n;

	while ((n = space_at(s)))
		s += n;
	end = s;
	for (p = s; *p; p += n ? n : 1) {
		n = space_at(p);
		if (!n)
			end = p + 1;
	}
	return syc_buf_add(out, s, (size_t)(end - s));
}

static int zephyr(const struct render *r)
{
	int bad = 0;

	for (size_t i = 0; i < r->n && !bad; i++)
		if ((bad = syc_buf_printf(r->out, "<|%s|>\n", r->msg[i].role)) == 0 &&
		    (bad = syc_buf_puts(r->out, r->msg[i].content)) == 0 &&
		    (bad = syc_buf_puts(r->out, r->eos)) == 0)
			bad = syc_buf_puts(r->out, "\n");
	return bad ? bad : syc_buf_puts(r->out, "<|assistant|>\n");
}

/* The first user turn carries the system message, stripped together with it. */
static int llama2_user(const struct render *r, const char *system, const char *content)
{
	struct syc_buf b = { 0 };
	int bad = 0;

	if (system && ((bad = syc_buf_puts(&b, "<<SYS>>\n")) ||
		       (bad = syc_buf_puts(&b, system)) ||
		       (bad = syc_buf_puts(&b, "\n<</SYS>>\n\n"))))
		goto out;
	if ((bad = syc_buf_puts(&b, content)) == 0 &&
	    (bad = syc_buf_puts(r->out, r->bos)) == 0 &&
	    (bad = syc_buf_puts(r->out, "[INST] ")) == 0 &&
	    (bad = put_stripped(r->out, b.data)) == 0)
		bad = syc_buf_puts(r->out, " [/INST]");
out:
	syc_buf_free(&b);
	return bad;
}

static int llama2_assistant(const struct render *r, const char *content)
{
	int bad = syc_buf_puts(r->out, " ");

	if (!bad)
		bad = put_stripped(r->out, content);
	if (!bad)
		bad = syc_buf_puts(r->out, " ");
	return bad ? bad : syc_buf_puts(r->out, r->eos);
}

static int llama2(const struct render *r)
{
	const char *system = NULL;
	size_t from = 0;
	int bad = 0;

	if (strcmp(r->msg[0].role, "system") == 0)
		system = r->msg[from++].content;
	if ((r->n - from) % 2 == 0)
		return syc_fail(r->err, SYC_EINVAL, "llama-2: the last message is not the user's");
	for (size_t i = from; i < r->n && !bad; i++) {
		const char *want = (i - from) % 2 ? "assistant" : "user";

		if (strcmp(r->msg[i].role, want) != 0)
			return syc_fail(r->err, SYC_EINVAL,
					"llama-2: message %zu is of role '%.40s' where '%s' is due",
					i, r->msg[i].role, want);
		if (*want == 'u')
			bad = llama2_user(r, i == from ? system : NULL, r->msg[i].content);
		else
			bad = llama2_assistant(r, r->msg[i].content);
	}
	return bad;
}

static const char zephyr_tmpl[] =
	"{% for message in messages %}\n"
	"{% if message['role'] == 'user' %}\n"
	"{{ '<|user|>\n' + message['content'] + eos_token }}\n"
	"{% elif message['role'] == 'system' %}\n"
	"{{ '<|system|>\n' + message['content'] + eos_token }}\n"
	"{% elif message['role'] == 'assistant' %}\n"
	"{{ '<|assistant|>\n' + message['content'] + eos_token }}\n"
	"{% endif %}\n"
	"{% if loop.last and add_generation_prompt %}\n"
	"{{ '<|assistant|>' }}\n"
	"{% endif %}\n"
	"{% endfor %}";

static const char llama2_tmpl[] =
	"{% if messages[0]['role'] == 'system' %}"
	"{% set loop_messages = messages[1:] %}"
	"{% set system_message = messages[0]['content'] %}"
	"{% else %}"
	"{% set loop_messages = messages %}"
	"{% set system_message = false %}"
	"{% endif %}"
	"{% for message in loop_messages %}"
	"{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
	"{{ raise_exception('Conversation roles must alternate "
	"user/assistant/user/assistant/...') }}"
	"{% endif %}"
	"{% if loop.index0 == 0 and system_message != false %}"
	"{% set content = '<<SYS>>\n' + system_message + '\n<</SYS>>\n\n' + message['content'] %}"
	"{% else %}"
	"{% set content = message['content'] %}"
	"{% endif %}"
	"{% if message['role'] == 'user' %}"
	"{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
	"{% elif message['role'] == 'assistant' %}"
	"{{ ' ' + content.strip() + ' ' + eos_token }}"
	"{% endif %}"
	"{% endfor %}";

static const struct syc_chat chats[] = {
	{ "zephyr",  "",  false, zephyr, zephyr_tmpl },
	{ "llama-2", " ", true,  llama2, llama2_tmpl },
};

enum { N_CHATS = sizeof(chats) / sizeof(chats[0]) };

const struct syc_chat *syc_chat_find(const char *name)
{
	for (size_t i = 0; i < N_CHATS; i++)
		if (strcmp(chats[i].name, name) == 0)
			return &chats[i];
	return NULL;
}

const struct syc_chat *syc_chat_detect(const char *tmpl, size_t len)
{
	const struct syc_chat *found = NULL;
	struct syc_buf a = { 0 }, b = { 0 };

	if (syc_template_normal(&a, tmpl, len) < 0)
		goto out;
	for (size_t i = 0; i < N_CHATS && !found; i++) {
		b.len = 0;
		if (syc_template_normal(&b, chats[i].tmpl, strlen(chats[i].tmpl)) == 0 &&
		    a.len == b.len && memcmp(a.data, b.data, a.len) == 0)
			found = &chats[i];
	}
out:
	syc_buf_free(&a);
	syc_buf_free(&b);
	return found;
}

const char *syc_chat_name(const struct syc_chat *c)
{
	return c->name;
}

const char *syc_chat_names(void)
{
	return "zephyr, llama-2";
}

const char *syc_chat_answer_prefix(const struct syc_chat *c)
{
	return c->answer_prefix;
}

static int check_roles(const struct syc_chat *c, const struct syc_msg *msg, size_t n,
		       struct syc_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(msg[i].role, "system") && strcmp(msg[i].role, "user") &&
		    strcmp(msg[i].role, "assistant"))
			return syc_fail(err, SYC_EINVAL,
					"%s: message %zu is of role '%.40s', "
					"not system, user or assistant",
					c->name, i, msg[i].role);
	return 0;
}

int syc_chat_render(const struct syc_chat *c, const char *bos, const char *eos,
		    const struct syc_msg *msg, size_t n, bool *has_bos,
		    struct syc_buf *out, struct syc_err *err)
{
	struct render r = { bos, eos, msg, n, out, err };
	const char *answer = NULL;
	size_t from = out->len;
	int ret = check_roles(c, msg, n, err);

	if (ret < 0)
		return ret;
	if (n && strcmp(msg[n - 1].role, "assistant") == 0)
		answer = msg[--r.n].content;
	if (r.n == 0)
		return syc_fail(err, SYC_EINVAL, "%s: nothing to answer in %zu messages",
				c->name, n);
	ret = c->render(&r);
	if (ret == 0 && answer && ((ret = syc_buf_puts(out, c->answer_prefix)) == 0))
		ret = syc_buf_puts(out, answer);
	*has_bos = c->writes_bos && *bos;
	if (ret == 0)
		return 0;
	out->len = from;
	return ret == SYC_ENOMEM ? syc_nomem(err) : ret;
}
