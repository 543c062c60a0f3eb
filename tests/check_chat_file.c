/* SPDX-License-Identifier: MIT */
/* Chat formats as files. */
#include "config.h"
#include <string.h>
#include "chat_names.h"
#include "model/chat.h"

/* A format is what its file says. */
static void there_and_back(const char *name)
{
	const struct syc_msg msg[] = {
		{ "system", " s " }, { "user", "{content}\\n" },
		{ "assistant", "<think>a</think>b" },
		{ "user", " u " }, { "assistant", "So" },
	};
	const struct syc_chat *c = syc_chat_find(name);
	struct syc_buf a = { 0 }, b = { 0 };
	struct syc_chat *copy;
	struct syc_err err = { 0 };

	ck_assert_int_eq(syc_chat_write(c, &a), 0);
	ck_assert_msg(syc_chat_parse(&copy, a.data, a.len, name, &err) == 0,
		      "%s\n%s", err.msg, a.data);
	ck_assert_str_eq(syc_chat_name(copy), "");
	ck_assert_str_eq(syc_chat_answer_prefix(copy), syc_chat_answer_prefix(c));
	ck_assert_int_eq(syc_chat_write(copy, &b), 0);
	ck_assert_str_eq(a.data, b.data);
	for (size_t from = 0; from < 2; from++) {
		bool bos[2];
		int ret;

		a.len = b.len = 0;
		ret = syc_chat_render(c, "<s>", "</s>", msg + from, 5 - from,
				      &bos[0], &a, NULL, NULL);
		ck_assert_int_eq(ret, syc_chat_render(copy, "<s>", "</s>",
						      msg + from, 5 - from,
						      &bos[1],
						      &b, NULL, NULL));
		if (ret < 0)
			continue;
		ck_assert_str_eq(a.data, b.data);
		ck_assert_int_eq(bos[0], bos[1]);
	}
	syc_chat_free(copy);
	syc_buf_free(&a);
	syc_buf_free(&b);
}

/* The prefixes of the table are those that the other lines give. */
static void prefix_follows(const char *name)
{
	const struct syc_chat *c = syc_chat_find(name);
	struct syc_buf b = { 0 };
	struct syc_chat *copy;
	struct syc_err err = { 0 };
	char *line;

	ck_assert_int_eq(syc_chat_write(c, &b), 0);
	line = strstr(b.data, "\nprefix:") + 1;
	memset(line, '#', strcspn(line, "\n"));
	ck_assert_msg(syc_chat_parse(&copy, b.data, b.len, name, &err) == 0,
		      "%s", err.msg);
	ck_assert_str_eq(syc_chat_answer_prefix(copy), syc_chat_answer_prefix(c));
	syc_chat_free(copy);
	syc_buf_free(&b);
}

START_TEST(as_files)
{
	each_name(there_and_back);
	each_name(prefix_follows);
	syc_chat_free(NULL);
	syc_chat_free((struct syc_chat *)(uintptr_t)syc_chat_find("zephyr"));
}
END_TEST

static const struct {
	const char *file, *says;	/* says NULL: it is right */
} files[] = {
	{ "user: {content}", NULL },
	{ "# a comment\r\n\r\nuser:\t<u>{content}\\s  \r\n", NULL },
	{ "user: {content}\nassistant: {eos}{bos}{reply}\nanswer: {eos}\nprefix: x", NULL },
	{ "user: {content}\nbegin:\nanswer:\nprefix:\nturns: any", NULL },
	{ "", "no line 'user' (in 0 lines)" },
	{ "system: {content}\n\n", "no line 'user' (in 2 lines)" },
	{ "user {content}", "line 1: not of the form 'key: text': 'user {content}'" },
	{ "\n\nusr: {content}", "line 3: unknown key 'usr'" },
	{ "user: a", "line 1: 'user' needs {content}, once" },
	{ "user: {content} {content}", "line 1: 'user' needs {content}, once" },
	{ "user: {content}{name}", "line 1: unknown placeholder '{name}'" },
	{ "user: {content}{name", "line 1: unknown placeholder '{name'" },
	{ "user: {content}{", "line 1: unknown placeholder '{'" },
	{ "user: {content}\\x", "line 1: unknown escape '\\x'" },
	{ "user: {content}\\", "line 1: unknown escape '\\'" },
	{ "user: {content}\1", "line 1: a control character (byte 1)" },
	{ "user: {content}\nuser: {content}", "line 2: 'user' is there already, in line 1" },
	{ "turns: any\nturns: any", "line 2: given before: 'turns'" },
	{ "prefix: a\nprefix: b", "line 2: given before: 'prefix'" },
	{ "turns: often", "line 1: 'turns' is any or alternate, not 'often'" },
	{ "prefix: {eos}", "line 1: 'prefix' takes no placeholders" },
	{ "begin: {content}", "line 1: 'begin' takes no {content}" },
	{ "user: {content}{system}", "line 1: 'user' takes no {system}" },
	{ "user: {content}{reply}", "line 1: 'user' takes no {reply}" },
	{ "first-user: {content}", "line 1: 'first-user' needs {system}, once" },
	{ "assistant: hm", "line 1: 'assistant' needs {content} or {reply}, once" },
	{ "assistant: {content}{reply}", "line 1: 'assistant' needs {content} or {reply}, once" },
	{ "user: {strip}{content}", "line 1: {strip} without {/strip}" },
	{ "user: {/strip}{content}{strip}", "line 1: {strip} without {/strip}" },
	{ "user: {strip}{strip}{content}{/strip}{/strip}", "line 1: {strip} without {/strip}" },
	{ "user: {content}\nassistant: a{content}\nanswer: b",
	  "line 2: 'assistant' does not begin with the text of 'answer'" },
	{ "user: {content}\nassistant: {eos}{content}",
	  "line 2: 'assistant' does not begin with the text of 'answer'" },
	{ "user: {content}\nfirst-user: {system}{content}\nlast-user: {system}{content}",
	  "line 3: the system message is in 'first-user' (line 2) already" },
	{ "user: {content}\nfirst-user: {system}{content}\nsystem: {content}",
	  "line 3: the system message is in a user's message already" },
	{ "user: {content}\nfirst-user: {system}{content}\nturns: any",
	  "line 3: turns alternate where a user's message holds the system message" },
};

START_TEST(what_files_may_say)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t n = strlen(files[i].file);
		char *exact = malloc(n ? n : 1);
		struct syc_chat *c;
		struct syc_err err = { 0 };
		int ret;

		memcpy(exact, files[i].file, n);
		ret = syc_chat_parse(&c, exact, n, "f.chat", &err);
		ck_assert_msg(ret == (files[i].says ? SYC_EFORMAT : 0),
			      "file %zu: %d %s", i, ret, err.msg);
		ck_assert_msg(!files[i].says ||
			      (strncmp(err.msg, "f.chat: ", 8) == 0 &&
						 strstr(err.msg,
							files[i].says)),
							"file %zu: %s", i,
							err.msg);
		ck_assert_int_eq(c != NULL, ret == 0);
		syc_chat_free(c);
		free(exact);
	}
}
END_TEST

START_TEST(huge_files_and_none)
{
	static char big[70000];
	struct syc_chat *c;
	struct syc_err err;

	memset(big, '#', sizeof(big));
	ck_assert_int_eq(syc_chat_parse(&c, big, sizeof(big), "f", &err),
			 SYC_EFORMAT);
	ck_assert_ptr_nonnull(strstr(err.msg,
				     "f: 70000 bytes; a chat format has at most 65536"));
	ck_assert_int_eq(syc_chat_parse(&c, "user: {content}\0", 16, "f", &err),
			 SYC_EFORMAT);
	ck_assert_ptr_nonnull(strstr(err.msg,
				     "line 1: a control character (byte 0)"));
	ck_assert_int_lt(syc_chat_read(&c, "/nonexistent/x.chat", &err), 0);
	ck_assert_ptr_null(c);
	ck_assert_ptr_nonnull(strstr(err.msg, "/nonexistent/x.chat"));
}
END_TEST

static const struct test tests[] = {
	TEST(as_files),
	TEST(what_files_may_say),
	TEST(huge_files_and_none),
};

int main(void)
{
	return RUN_TESTS("chat_file", tests);
}
