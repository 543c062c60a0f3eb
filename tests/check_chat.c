/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "chat_names.h"
#include "lines.h"
#include "syc/vocab.h"

enum { MAX_MSG = 16 };

/* What Jinja made of it is what we write; null where the order is refused. */
static void one_text(const char *name, const struct syc_msg *msg, size_t n,
		     const char *text)
{
	const struct syc_chat *c = syc_chat_find(name);
	struct syc_buf b = { 0 };
	struct syc_err err = { 0 };
	bool has_bos = false;
	int ret;

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(syc_buf_puts(&b, ">"), 0);
	ret = syc_chat_render(c, "<s>", "</s>", msg, n, &has_bos, &b, NULL, &err);
	if (text) {
		ck_assert_msg(ret == 0, "%s", err.msg);
		ck_assert_str_eq(b.data + 1, text);
	} else {
		ck_assert_int_eq(ret, SYC_EINVAL);
		ck_assert_uint_eq(b.len, 1);
	}
	syc_buf_free(&b);
}

static void one_format(const char *name, const json_t *about)
{
	const struct syc_msg hi = { "user", "Hi" };
	const struct syc_chat *c = syc_chat_find(name);
	struct syc_buf b = { 0 };
	bool has_bos;

	ck_assert_msg(c != NULL, "%s", name);
	ck_assert_str_eq(syc_chat_answer_prefix(c), field(about, "prefix"));
	ck_assert_int_eq(syc_chat_render(c, "<s>", "</s>", &hi, 1, &has_bos, &b,
					 NULL, NULL), 0);
	ck_assert_int_eq(has_bos, json_is_true(json_object_get(about, "bos")));
	/* No token, no text of it. */
	ck_assert_int_eq(syc_chat_render(c, "", "", &hi, 1, &has_bos, &b, NULL,
					 NULL), 0);
	ck_assert(!has_bos);
	syc_buf_free(&b);
}

static void one_case(void *arg, const json_t *row)
{
	json_t *formats = json_object_get(row, "formats"),
		*list = json_object_get(row, "messages");
	struct syc_msg msg[MAX_MSG];
	size_t n = json_array_size(list), *seen = arg;
	const char *name;
	json_t *v;

	ck_assert_uint_le(n, MAX_MSG);
	json_object_foreach(formats, name, v)
		one_format(name, v);
	*seen += json_object_size(formats);
	for (size_t i = 0; i < n; i++) {
		msg[i].role =
			json_string_value(json_array_get(json_array_get(list,
									i), 0));
		msg[i].content =
			json_string_value(json_array_get(json_array_get(list,
									i), 1));
	}
	json_object_foreach(json_object_get(row, "text"), name, v)
		one_text(name, msg, n, json_string_value(v));
}

START_TEST(as_jinja_renders)
{
	size_t n = 0;

	each_line(source_path("tests/data/chat_cases.jsonl"), one_case, &n);
	ck_assert_uint_eq(n, each_name(NULL));
}
END_TEST

START_TEST(orders_that_are_refused)
{
	const struct syc_msg tool[] = { { "user", "a" }, { "tool", "b" } };
	const struct syc_msg only[] = { { "assistant", "a" } };
	const struct syc_msg system[] = { { "system", "a" } };
	struct syc_buf b = { 0 };
	struct syc_err err;
	bool bos;

	for (int i = 0; i < 2; i++) {
		const struct syc_chat *c = syc_chat_find(i ? "llama-2" : "zephyr");

		ck_assert_int_eq(syc_chat_render(c, "", "", tool, 2, &bos, &b,
						 NULL, &err), SYC_EINVAL);
		ck_assert_ptr_nonnull(strstr(err.msg, "'tool'"));
		ck_assert_int_eq(syc_chat_render(c, "", "", only, 1, &bos, &b,
						 NULL, NULL), SYC_EINVAL);
		ck_assert_int_eq(syc_chat_render(c, "", "", NULL, 0, &bos, &b,
						 NULL, NULL), SYC_EINVAL);
	}
	ck_assert_int_eq(syc_chat_render(syc_chat_find("llama-2"), "", "",
					 system, 1,
					 &bos, &b, NULL, NULL), SYC_EINVAL);
	ck_assert_uint_eq(b.len, 0);
	syc_buf_free(&b);
}
END_TEST

#define ZEPHYR(user, last) \
	"{% for message in messages %}\n{% if message['role'] == 'user' %}\n" user \
	"{% elif message['role'] == 'system' %}\n" \
	"{{ '<|system|>\\n' + message['content'] + eos_token }}\n" \
	"{% elif message['role'] == 'assistant' %}\n" \
	"{{ '<|assistant|>\\n'  + message['content'] + eos_token }}\n{% endif %}\n" \
	"{% if loop.last and add_generation_prompt %}\n" last "{% endif %}\n{% endfor %}"

#define LLAMA2(user) \
	"{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}" \
	"{% set system_message = messages[0]['content'] %}{% else %}" \
	"{% set loop_messages = messages %}{% set system_message = false %}{% endif %}" \
	"{% for message in loop_messages %}{% if (message['role'] == 'user') != " \
	"(loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must " \
	"alternate user/assistant/user/assistant/...') }}{% endif %}" \
	"{% if loop.index0 == 0 and system_message != false %}" \
	"{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + " \
	"message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}" \
	"{% if message['role'] == 'user' %}" user \
	"{% elif message['role'] == 'assistant' %}" \
	"{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"

static const struct {
	const char *tmpl, *name;
} templates[] = {
	/* Zephyr and TinyLlama, with escapes, with other spacing and quotes. */
	{ ZEPHYR("{{ '<|user|>\\n' + message['content'] + eos_token }}\n",
		 "{{ '<|assistant|>' }}\n"),
	  "zephyr" },
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + eos_token }}\n",
		 "{{'<|assistant|>'}}\n"),
	  "zephyr" },
	{ ZEPHYR("  {# user #}{{\"<|user|>\" + '\n'+message[ \"content\" ]+eos_token}}\n",
		 "{{ '<|assistant|>\n' -}}\n"), "zephyr" },
	{ ZEPHYR("{{\"<|user|>\" + '\n'+message[ \"content\" ]+eos_token +'\n' }}",
		 "<|assistant|>\n"), "zephyr" },
	{ LLAMA2("{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"), "llama-2" },
	{ LLAMA2("{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}"), "llama-2" },
	/* Near misses: no newline, one too many, another end, no strip, no bos. */
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + eos_token }}",
		 "{{ '<|assistant|>' }}\n"), "" },
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + '\n' }}\n",
		 "{{ '<|assistant|>' }}\n"), "" },
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + eos_token }}\n",
		 "{{ '<|assistant|>\n' }}\n"), "" },
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] | trim + eos_token }}\n",
		 "{{ '<|assistant|>' }}\n"), "" },
	{ LLAMA2("{{ bos_token + '[INST] ' + content + ' [/INST]' }}"), "" },
	{ LLAMA2("{{ '[INST] ' + content.strip() + ' [/INST]' }}"), "" },
	/* Other families. */
	{ "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != "
	  "(loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate "
	  "user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}"
	  "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == "
	  "'assistant' %}{{ message['content'] + eos_token + ' ' }}{% endif %}{% endfor %}", "" },
	{ "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != "
	  "(loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate "
	  "user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}"
	  "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == "
	  "'assistant' %}{{ message['content'] + eos_token + ' ' }}{% else %}{{ raise_exception("
	  "'Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
	  "mistral-v0.1" },
	{ "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + "
	  "message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
	  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}", "chatml" },
	{ "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + "
	  "message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
	  "{% if add_generation_prompt %}{{ '<|im_start|>assistant' }}{% endif %}", "" },
	{ "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') %}"
	  "{{'<|user|>' + '\n' + message['content'] + '<|end|>' + '\n' + '<|assistant|>' + '\n'}}"
	  "{% elif (message['role'] == 'assistant') %}{{message['content'] + '<|end|>' + '\n'}}"
	  "{% endif %}{% endfor %}", "" },
	/* Broken ones. */
	{ "", "" }, { "{", "" }, { "{%", "" }, { "{{ 'a }}", "" }, { "{{-}}", "" }, { "{%-%}", "" },
	{ "{{'\\", "" }, { "{{}}", "" }, { "{#", "" },
};

START_TEST(templates_are_told_apart)
{
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		size_t len = strlen(templates[i].tmpl);
		char *exact = malloc(len ? len : 1);
		const struct syc_chat *c;

		memcpy(exact, templates[i].tmpl, len);
		c = syc_chat_detect(exact, len);
		ck_assert_msg(strcmp(c ? syc_chat_name(c) : "",
				     templates[i].name) == 0,
			      "template %zu: %s", i, templates[i].tmpl);
		free(exact);
	}
}
END_TEST

START_TEST(the_demo_speaks_zephyr)
{
	struct syc_vocab *v;
	const char *tmpl;
	size_t len;

	ck_assert_int_eq(syc_vocab_open(&v, source_path("demo/demo-f16.gguf"),
					NULL), 0);
	tmpl = syc_vocab_chat_template(v, &len);
	ck_assert_ptr_nonnull(tmpl);
	ck_assert_ptr_eq(syc_chat_detect(tmpl, len), syc_chat_find("zephyr"));
	syc_vocab_close(v);
}
END_TEST

/* A word of a known template changed anywhere makes it unknown. */
START_TEST(near_misses)
{
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		char *s = strdup(templates[i].tmpl);
		const char *comment = strstr(s, "{#");
		size_t from = comment ? (size_t)(comment - s) : 0;
		size_t to = comment ? (size_t)(strstr(s, "#}") - s) : 0;

		for (size_t k = 0; templates[i].name[0] && s[k]; k++) {
			char c = s[k];

			if (strchr(" \n\t\"'\\+-{}", c) || (k >= from && k < to))
				continue;
			s[k] = c == 'q' ? 'z' : 'q';
			ck_assert_msg(!syc_chat_detect(s, strlen(s)), "%zu: %s",
				      i, s + k);
			s[k] = c;
		}
		free(s);
	}
}
END_TEST

/* A space inside a tag may keep words apart. */
START_TEST(words_are_kept_apart)
{
	static const char *const pair[][2] = {
		{ "{% if not a %}", "{% if nota %}" },
		{ "{{ a if b else c }}", "{{ a ifb else c }}" },
	};
	uint64_t a, b;

	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
		ck_assert_int_eq(syc_chat_digest(&a, pair[i][0],
						 strlen(pair[i][0])), 0);
		ck_assert_int_eq(syc_chat_digest(&b, pair[i][1],
						 strlen(pair[i][1])), 0);
		ck_assert_uint_ne(a, b);
	}
}
END_TEST

/* The templates of models, where they are at hand: NAME.jinja, NAME~1.jinja, ... */
static void published(const char *name)
{
	static char text[1 << 17];
	char file[128];

	for (int i = 0; i < 16; i++) {
		const struct syc_chat *c;
		const char *path;
		size_t n;
		FILE *f;

		snprintf(file, sizeof(file),
			 i ? "templates/%s~%d.jinja" : "templates/%s.jinja",
			 name, i);
		path = shared_path(file);
		if (!path)
			break;
		f = fopen(path, "r");
		n = fread(text, 1, sizeof(text), f);
		fclose(f);
		c = syc_chat_detect(text, n);
		ck_assert_msg(c && strcmp(syc_chat_name(c), name) == 0,
			      "%s is not known as %s", path, name);
	}
}

START_TEST(published_templates)
{
	if (shared_path("templates/llama-2.jinja"))
		each_name(published);
	else
		left_out("published_templates");
}
END_TEST

/* What messages gave, and what they did not. */
START_TEST(stretches_of_content)
{
	static const char *const all[] =
		{ "alpaca", "llama-2", "mistral-v3", "qwen3", "zephyr",
		  "llama-3.1" };
	const struct syc_msg msg[] = {
		{ "system", " \nABC" }, { "user", "  DEF " },
		{ "assistant", "<think>GHI</think>JKL" },
		{ "user", "\tMNO\n" }, { "assistant", "PQR" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct syc_buf b = { 0 }, text = { 0 };
		struct syc_spans s = { 0 };
		bool bos;

		syc_buf_puts(&b, "...");
		ck_assert_int_eq(syc_chat_render(syc_chat_find(all[i]), "<s>",
						 "</s>", msg, 5, &bos, &b, &s,
						 NULL), 0);
		for (size_t k = 0; k < s.n; k++) {
			ck_assert_uint_le(s.span[k].from, s.span[k].to);
			ck_assert_uint_le(k ? s.span[k - 1].to : 3, s.span[k].from);
			ck_assert_uint_le(s.span[k].to, b.len);
			for (size_t at = s.span[k].from; at < s.span[k].to; at++)
				if (b.data[at] >= 'A' && b.data[at] <= 'Z')
					syc_buf_add(&text, b.data + at, 1);
		}
		/* Mistral has the system message in the last user's, Qwen leaves thoughts out. */
		ck_assert_str_eq(text.data, i == 2 ? "DEFGHIJKLABCMNOPQR" :
				 i == 3 ? "ABCDEFJKLMNOPQR" : "ABCDEFGHIJKLMNOPQR");
		syc_buf_free(&b);
		syc_buf_free(&text);
		syc_spans_free(&s);
	}
}
END_TEST

/* An answer that is begun with thoughts of its own takes none from the format. */
START_TEST(begun_thoughts)
{
	static const struct {
		const char *chat, *begun, *end;
	} cases[] = {
		{ "qwen3", "Yes", "<|im_start|>assistant\n<think>\n\n</think>\n\nYes" },
		{ "qwen3", "<think>\nHm", "<|im_start|>assistant\n<think>\nHm" },
		{ "qwen3-no-think", "Yes", "<|im_start|>assistant\n<think>\n\n</think>\n\nYes" },
		{ "qwen2", "<think>", "<|im_start|>assistant\n<think>" },
		{ "llama-2", "<think>", " [/INST] <think>" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct syc_msg msg[] =
			{ { "user", "q" }, { "assistant", cases[i].begun } };
		size_t n = strlen(cases[i].end);
		struct syc_buf b = { 0 };
		bool bos;

		ck_assert_int_eq(syc_chat_render(syc_chat_find(cases[i].chat),
						 "", "", msg, 2, &bos, &b,
						 NULL, NULL), 0);
		ck_assert_uint_gt(b.len, n);
		ck_assert_str_eq(b.data + b.len - n, cases[i].end);
		syc_buf_free(&b);
	}
}
END_TEST

/* Control tokens are not made of what touches a plain stretch. */
START_TEST(plain_stretches)
{
	static const char text[] = "</s>a</s></s>";
	static const struct {
		size_t n;
		struct syc_span span[2];
		size_t want;		/* tokens </s> */
	} cases[] = {
		{ 0, { { 0, 0 } }, 3 }, { 1, { { 0, 13 } }, 0 },
		{ 1, { { 4, 5 } }, 3 }, { 1, { { 3, 5 } }, 2 },
		{ 1, { { 4, 6 } }, 2 }, { 2, { { 0, 1 }, { 12, 13 } }, 1 },
		{ 2, { { 4, 4 }, { 9, 13 } }, 2 },
	};
	struct syc_vocab *v;

	ck_assert_int_eq(syc_vocab_open(&v, source_path("demo/demo-f16.gguf"),
					NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct syc_spans s =
			{ (struct syc_span *)(uintptr_t)cases[i].span,
			  cases[i].n, 0 };
		struct syc_ids ids = { 0 };
		size_t n = 0;

		ck_assert_int_eq(syc_vocab_encode_plain(v, text, 13,
							SYC_TOK_SPECIAL, &s,
							&ids, NULL), 0);
		for (size_t k = 0; k < ids.n; k++)
			n += ids.id[k] == syc_vocab_eos(v);
		ck_assert_msg(n == cases[i].want, "case %zu: %zu", i, n);
		syc_ids_free(&ids);
	}
	syc_vocab_close(v);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(syc_chat_name(syc_chat_find("llama-2")), "llama-2");
	ck_assert_str_eq(syc_chat_name(syc_chat_find("tinyllama")), "zephyr");
	ck_assert_str_eq(syc_chat_name(syc_chat_find("llama-3.2")), "llama-3.1");
	ck_assert_ptr_null(syc_chat_find("pirate"));
	ck_assert_ptr_null(syc_chat_find("none"));
}
END_TEST

static const struct test tests[] = {
	TEST(as_jinja_renders),
	TEST(orders_that_are_refused),
	TEST(templates_are_told_apart),
	TEST(the_demo_speaks_zephyr),
	TEST(near_misses),
	TEST(words_are_kept_apart),
	TEST(published_templates),
	TEST(stretches_of_content),
	TEST(begun_thoughts),
	TEST(plain_stretches),
	TEST(names),
};

int main(void)
{
	return RUN_TESTS("chat", tests);
}
