/* SPDX-License-Identifier: MIT */
/* Prompts and answers to tokens: conversations, raw texts, ids. */
#include <unistd.h>
#include "prompts.h"

#define HI "<|user|>\nHi</s>\n<|assistant|>\n"

/* A row's prompt: its text, and ids that are those of the text. */
static void renders(const char *row, const char *want)
{
	struct syc_row *r = row_of(row);
	struct syc_ids ids = { 0 }, of_text = { 0 };
	struct syc_buf text = { 0 };
	struct syc_err err = { 0 };

	ck_assert_msg(
		syc_prompter_ids(&prompter, &r->prompt, &ids, &text, &err) == 0,
		"%s", err.msg);
	ck_assert_str_eq(text.data, want);
	encode(&of_text, want, SYC_TOK_BOS | SYC_TOK_SPECIAL);
	same_ids(&ids, &of_text);
	ck_assert_int_eq(ids.id[0], syc_vocab_bos(prompter.vocab));
	syc_ids_free(&ids);
	syc_ids_free(&of_text);
	syc_buf_free(&text);
	syc_row_free(r);
}

static void refuses(const char *row, int code, const char *words)
{
	struct syc_row *r = row_of(row);
	struct syc_ids ids = { 0 };
	struct syc_err err = { 0 };

	fails(syc_prompter_ids(&prompter, &r->prompt, &ids, NULL, &err), code,
	      &err, words);
	ck_assert_uint_eq(ids.n, 0);
	syc_row_free(r);
}

START_TEST(conversation)
{
	const struct syc_prompter_opts named = { .chat = "llama-3.1",
						.model = "demo" };

	open_demo(NULL);
	ck_assert_str_eq(syc_chat_name(prompter.chat), "zephyr");
	renders("{\"question\": \"Hi\"}", HI);
	renders("{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, "
		"{\"role\": \"assistant\", \"content\": \"Well\"}]}",
		HI "Well");
	renders("{\"prompt\": \"As it is\"}", "As it is");
	refuses("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, "
		"{\"role\": \"nobody\", \"content\": \"b\"}]}",
		SYC_EINVAL, "nobody");
	open_demo(&named);
	ck_assert_str_eq(syc_chat_name(prompter.chat), "llama-3.1");
	close_demo();
}
END_TEST

/* A format that writes BOS itself gets no second one. */
START_TEST(bos_of_format)
{
	const struct syc_prompter_opts o = { .chat = "mistral-v1",
					    .model = "demo" };
	const struct syc_msg msg = { "user", "Hi" };
	const struct syc_prompt p = { .msg = &msg, .n_msg = 1 };
	struct syc_ids ids = { 0 };
	struct syc_buf text = { 0 };

	open_demo(&o);
	ck_assert_int_eq(syc_prompter_ids(&prompter, &p, &ids, &text, NULL), 0);
	ck_assert_str_eq(text.data, "<s> [INST] Hi [/INST]");
	ck_assert_int_eq(ids.id[0], syc_vocab_bos(prompter.vocab));
	ck_assert_int_ne(ids.id[1], syc_vocab_bos(prompter.vocab));
	syc_ids_free(&ids);
	syc_buf_free(&text);
	close_demo();
}
END_TEST

START_TEST(system_message)
{
	const struct syc_prompter_opts o = { .system = "Be kind.",
					    .model = "demo" };

	open_demo(&o);
	renders("{\"question\": \"Hi\"}", "<|system|>\nBe kind.</s>\n" HI);
	renders("{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"}, "
		"{\"role\": \"user\", \"content\": \"Hi\"}]}",
		"<|system|>\nBe brief.</s>\n" HI);
	renders("{\"prompt\": \"Hi\"}", "Hi");
	close_demo();
}
END_TEST

static size_t count_ends(const char *row)
{
	struct syc_row *r = row_of(row);
	struct syc_ids ids = { 0 };
	size_t n = 0;

	ck_assert_int_eq(
		syc_prompter_ids(&prompter, &r->prompt, &ids, NULL, NULL), 0);
	for (size_t i = 0; i < ids.n; i++)
		n += ids.id[i] == syc_vocab_eos(prompter.vocab);
	syc_ids_free(&ids);
	syc_row_free(r);
	return n;
}

/* With no_special only the format writes end tokens. */
START_TEST(no_special)
{
	const struct syc_prompter_opts o = { .no_special = true,
					    .model = "demo" };

	open_demo(NULL);
	ck_assert_uint_eq(count_ends("{\"question\": \"a</s>b\"}"), 2);
	ck_assert_uint_eq(count_ends("{\"prompt\": \"a</s>b\"}"), 1);
	open_demo(&o);
	ck_assert_uint_eq(count_ends("{\"question\": \"a</s>b\"}"), 1);
	ck_assert_uint_eq(count_ends("{\"prompt\": \"a</s>b\"}"), 0);
	close_demo();
}
END_TEST

START_TEST(chat_none)
{
	const struct syc_prompter_opts o = { .chat = "none", .model = "demo" };

	open_demo(&o);
	ck_assert_ptr_null(prompter.chat);
	renders("{\"question\": \"Hi\"}", "Hi");
	refuses("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, "
		"{\"role\": \"assistant\", \"content\": \"b\"}]}",
		SYC_EINVAL, "--chat=none takes one message, not 2");
	close_demo();
}
END_TEST

START_TEST(unknown_template)
{
	const struct syc_vocab *had;
	struct syc_vocab *v;

	open_demo(NULL);
	had = prompter.vocab;
	prompter.chat = NULL;
	refuses("{\"question\": \"Hi\"}", SYC_EUNSUPP,
		"demo: the model has an unknown chat template");
	ck_assert_int_eq(
		syc_vocab_open(&v, source_path("demo/tokenizer.model"), NULL),
		0);
	prompter.vocab = v;
	refuses("{\"question\": \"Hi\"}", SYC_EUNSUPP,
		"demo: the model has no chat template; give --chat");
	prompter.vocab = had;
	syc_vocab_close(v);
	close_demo();
}
END_TEST

START_TEST(chosen)
{
	static const char file[] = "prompter.chat";
	const struct syc_chat *chat;
	struct syc_chat *own;
	struct syc_err err = { 0 };
	struct syc_buf b = { 0 };
	FILE *f;

	ck_assert_int_eq(syc_chat_choose(&chat, &own, "zephyr", &err), 0);
	ck_assert_ptr_eq(chat, syc_chat_find("zephyr"));
	ck_assert_ptr_null(own);
	ck_assert_int_eq(syc_chat_choose(&chat, &own, "none", &err), 0);
	ck_assert_ptr_null(chat);
	fails(syc_chat_choose(&chat, &own, "zephir", &err), SYC_EINVAL, &err,
	      "'zephir' is none of");
	fails(syc_chat_choose(&chat, &own, "./absent", &err), SYC_EIO, &err,
	      "./absent");
	fails(syc_chat_choose(&chat, &own, "absent.chat", &err), SYC_EIO, &err,
	      "absent.chat");
	f = fopen(file, "w");
	ck_assert_int_eq(syc_chat_write(syc_chat_find("zephyr"), &b), 0);
	ck_assert(f && fwrite(b.data, 1, b.len, f) == b.len && fclose(f) == 0);
	ck_assert_int_eq(syc_chat_choose(&chat, &own, file, &err), 0);
	ck_assert_ptr_eq(chat, own);
	ck_assert_str_eq(syc_chat_name(chat), "");
	syc_chat_free(own);
	syc_buf_free(&b);
	unlink(file);
}
END_TEST

START_TEST(ids_given)
{
	const int32_t good[] = { 1, 274, 736, 729}, high[] = { 1, 768},
		      low[] = {-1 };
	const struct syc_prompt p = { .ids = good, .n_ids = 4},
				bad = { .ids = high, .n_ids = 2 };
	struct syc_ids ids = { 0 };
	struct syc_buf text = { 0 };
	struct syc_err err = { 0 };

	open_demo(NULL);
	ck_assert_int_eq(syc_prompter_ids(&prompter, &p, &ids, &text, &err), 0);
	ck_assert_uint_eq(ids.n, 4);
	ck_assert_mem_eq(ids.id, good, sizeof(good));
	ck_assert_str_eq(text.data, "<s> (A)");
	fails(syc_prompter_ids(&prompter, &bad, &ids, &text, &err), SYC_EINVAL,
	      &err, "token 768 is not in the vocabulary of 768");
	fails(syc_prompter_given(&prompter, low, 1, &ids, &err), SYC_EINVAL,
	      &err, "token -1 is not in the vocabulary");
	ck_assert_uint_eq(ids.n, 4);
	syc_ids_free(&ids);
	syc_buf_free(&text);
	close_demo();
}
END_TEST

/* An answer's ids are those of want, read on from other text. */
static void answers(const char *row, const char *answer, const char *want)
{
	struct syc_row *r = row_of(row);
	struct syc_ids ids = { 0 }, of_text = { 0 };

	ck_assert_int_eq(
		syc_prompter_answer(&prompter, &r->prompt, answer, &ids, NULL),
		0);
	encode(&of_text, want, SYC_TOK_MIDDLE);
	same_ids(&ids, &of_text);
	syc_ids_free(&ids);
	syc_ids_free(&of_text);
	syc_row_free(r);
}

START_TEST(answer)
{
	static const char begun[] =
		"{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, "
		"{\"role\": \"assistant\", \"content\": \"Well\"}]}";
	const struct syc_prompter_opts none = { .chat = "none", .model = "demo" };
	const struct syc_prompter_opts prefix = { .chat = "llama-2",
						 .model = "demo" };

	open_demo(NULL);
	answers("{\"question\": \"Hi\"}", " \t\n(A)", "(A)");
	answers("{\"question\": \"Hi\"}", "(A) ", "(A) ");
	answers("{\"prompt\": \"Hi\"}", " (A)", " (A)");
	answers(begun, " (A)", " (A)");
	answers("{\"question\": \"Hi\"}", "a</s>", "a</s>");
	open_demo(&none);
	answers("{\"question\": \"Hi\"}", " (A)", " (A)");
	open_demo(&prefix);
	ck_assert_str_eq(syc_chat_answer_prefix(prompter.chat), " ");
	answers("{\"question\": \"Hi\"}", "  (A)", " (A)");
	answers(begun, "(A)", "(A)");
	close_demo();
}
END_TEST

/* The tokens behind a reply are those that the whole conversation has there. */
START_TEST(behind)
{
	static const char *const chats[] = { "zephyr", "chatml", "llama-3.1", "mistral-v1" };
	struct syc_msg msg[] = {
		{ "user", "Is it (A)?" }, { "assistant", "(A)" }, { "user", "Are you sure?" },
		{ "assistant", "It is (" },
	};

	for (size_t i = 0; i < sizeof(chats) / sizeof(chats[0]); i++) {
		const struct syc_prompter_opts o = { .chat = chats[i], .model = "demo" };
		struct syc_prompt p = { .msg = msg, .n_msg = 1 };
		struct syc_ids ids = { 0 }, all = { 0 };
		struct syc_err err = { 0 };

		open_demo(&o);
		ck_assert_int_eq(syc_prompter_ids(&prompter, &p, &ids, NULL, &err), 0);
		ck_assert_int_eq(syc_prompter_answer(&prompter, &p, "(A)", &ids, &err), 0);
		p.n_msg = 4;
		msg[1].content = "something else";
		ck_assert_msg(syc_prompter_behind(&prompter, &p, 1, &ids, &err) == 0, "%s", err.msg);
		msg[1].content = "(A)";
		ck_assert_int_eq(syc_prompter_ids(&prompter, &p, &all, NULL, &err), 0);
		ck_assert_msg(ids.n == all.n, "%s: %zu, %zu", chats[i], ids.n, all.n);
		same_ids(&ids, &all);
		syc_ids_free(&ids);
		syc_ids_free(&all);
		close_demo();
	}
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(conversation), TEST(bos_of_format), TEST(system_message),
		TEST(no_special),   TEST(chat_none),	 TEST(unknown_template),
		TEST(chosen),	    TEST(ids_given),	 TEST(answer),
		TEST(behind),
	};

	return RUN_TESTS("prompter", tests);
}
