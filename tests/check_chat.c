/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "lines.h"
#include "syc/vocab.h"

enum { MAX_MSG = 16 };

/* What Jinja made of it is what we write; null where the order is refused. */
static void one_case(void *arg, const json_t *row)
{
	const json_t *list = json_object_get(row, "messages");
	const struct syc_chat *c = syc_chat_find(field(row, "chat"));
	struct syc_msg msg[MAX_MSG];
	struct syc_buf b = { 0 };
	struct syc_err err = { 0 };
	size_t n = json_array_size(list);
	bool has_bos = false;
	int ret;

	(void)arg;
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_le(n, MAX_MSG);
	for (size_t i = 0; i < n; i++) {
		msg[i].role = field(json_array_get(list, i), "role");
		msg[i].content = field(json_array_get(list, i), "content");
	}
	ck_assert_int_eq(syc_buf_puts(&b, ">"), 0);
	ret = syc_chat_render(c, "<s>", "</s>", msg, n, &has_bos, &b, &err);
	if (field(row, "text")) {
		ck_assert_msg(ret == 0, "%s", err.msg);
		ck_assert_str_eq(b.data + 1, field(row, "text"));
		ck_assert_int_eq(has_bos, strncmp(b.data, "><s>", 4) == 0);
	} else {
		ck_assert_int_eq(ret, SYC_EINVAL);
		ck_assert_uint_eq(b.len, 1);
	}
	syc_buf_free(&b);
}

START_TEST(as_jinja_renders)
{
	each_line(source_path("tests/data/chat_cases.jsonl"), one_case, NULL);
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

		ck_assert_int_eq(syc_chat_render(c, "", "", tool, 2, &bos, &b, &err), SYC_EINVAL);
		ck_assert_ptr_nonnull(strstr(err.msg, "'tool'"));
		ck_assert_int_eq(syc_chat_render(c, "", "", only, 1, &bos, &b, NULL), SYC_EINVAL);
		ck_assert_int_eq(syc_chat_render(c, "", "", NULL, 0, &bos, &b, NULL), SYC_EINVAL);
	}
	ck_assert_int_eq(syc_chat_render(syc_chat_find("llama-2"), "", "", system, 1,
					 &bos, &b, NULL), SYC_EINVAL);
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
	{ ZEPHYR("{{ '<|user|>\\n' + message['content'] + eos_token }}\n", "{{ '<|assistant|>' }}\n"),
	  "zephyr" },
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + eos_token }}\n", "{{'<|assistant|>'}}\n"),
	  "zephyr" },
	{ ZEPHYR("  {# user #}{{\"<|user|>\" + '\n'+message[ \"content\" ]+eos_token}}\n",
		 "{{ '<|assistant|>\n' -}}\n"), "zephyr" },
	{ ZEPHYR("{{\"<|user|>\" + '\n'+message[ \"content\" ]+eos_token +'\n' }}",
		 "<|assistant|>\n"), "zephyr" },
	{ LLAMA2("{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"), "llama-2" },
	{ LLAMA2("{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}"), "llama-2" },
	/* Near misses: no newline, one too many, another end, no strip, no bos. */
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + eos_token }}", "{{ '<|assistant|>' }}\n"), "" },
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + '\n' }}\n", "{{ '<|assistant|>' }}\n"), "" },
	{ ZEPHYR("{{ '<|user|>\n' + message['content'] + eos_token }}\n", "{{ '<|assistant|>\n' }}\n"), "" },
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
	{ "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + "
	  "message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
	  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}", "" },
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
		ck_assert_msg(strcmp(c ? syc_chat_name(c) : "", templates[i].name) == 0,
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

	ck_assert_int_eq(syc_vocab_open(&v, source_path("demo/demo-f16.gguf"), NULL), 0);
	tmpl = syc_vocab_chat_template(v, &len);
	ck_assert_ptr_nonnull(tmpl);
	ck_assert_ptr_eq(syc_chat_detect(tmpl, len), syc_chat_find("zephyr"));
	syc_vocab_close(v);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(syc_chat_names(), "zephyr, llama-2");
	ck_assert_str_eq(syc_chat_name(syc_chat_find("llama-2")), "llama-2");
	ck_assert_str_eq(syc_chat_answer_prefix(syc_chat_find("llama-2")), " ");
	ck_assert_str_eq(syc_chat_answer_prefix(syc_chat_find("zephyr")), "");
	ck_assert_ptr_null(syc_chat_find("chatml"));
}
END_TEST

static const struct test tests[] = {
	TEST(as_jinja_renders),
	TEST(orders_that_are_refused),
	TEST(templates_are_told_apart),
	TEST(the_demo_speaks_zephyr),
	TEST(names),
};

int main(void)
{
	return RUN_TESTS("chat", tests);
}
