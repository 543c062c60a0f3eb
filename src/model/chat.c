/* SPDX-License-Identifier: MIT */
/* The chat formats that syc knows, by name and by template. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/rand.h"
#include "model/chat.h"
#include "model/template.h"

#define CONTENT  SYC_CHAT_CONTENT
#define SYSTEM   SYC_CHAT_IN_SYSTEM
#define BOS      SYC_CHAT_BOS
#define EOS      SYC_CHAT_EOS
#define STRIP    SYC_CHAT_STRIP
#define UNSTRIP  SYC_CHAT_UNSTRIP
#define STRIPPED STRIP CONTENT UNSTRIP

#define BEGIN(s)          [SYC_CHAT_BEGIN] = (s)
#define FOR_SYSTEM(s)     [SYC_CHAT_SYSTEM] = (s)
#define FIRST_SYSTEM(s)   [SYC_CHAT_FIRST_SYSTEM] = (s)
#define NO_SYSTEM(s)      [SYC_CHAT_NO_SYSTEM] = (s)
#define FOR_USER(s)       [SYC_CHAT_USER] = (s)
#define FIRST_USER(s)     [SYC_CHAT_FIRST_USER] = (s)
#define LAST_USER(s)      [SYC_CHAT_LAST_USER] = (s)
#define FOR_ASSISTANT(s)  [SYC_CHAT_ASSISTANT] = (s)
#define LAST_ASSISTANT(s) [SYC_CHAT_LAST_ASSISTANT] = (s)
#define ANSWER(s)         [SYC_CHAT_ANSWER] = (s)

/* ChatML: <|im_start|>role, the content, <|im_end|>. */
#define IM(role, content) "<|im_start|>" role "\n" content "<|im_end|>\n"
#define IM_ANSWER "<|im_start|>assistant\n"
#define IM_ASKED FOR_SYSTEM(IM("system", CONTENT)), FOR_USER(IM("user", CONTENT))
#define IM_ALL IM_ASKED, FOR_ASSISTANT(IM("assistant", CONTENT)), ANSWER(IM_ANSWER)
/* Thoughts are kept in answers that no question has followed yet. */
#define NO_THOUGHT "<think>\n\n</think>\n\n"
#define IM_THINKING IM_ASKED, FOR_ASSISTANT(IM("assistant", SYC_CHAT_REPLY)), \
	LAST_ASSISTANT(IM("assistant", "<think>\n" SYC_CHAT_THINKING \
			  "\n</think>\n\n" SYC_CHAT_REPLY))

#define HEADER(role) "<|start_header_id|>" role "<|end_header_id|>\n\n"
#define HEADED(role) HEADER(role) STRIPPED "<|eot_id|>"
/* The template has today's date there, or this one where it knows no date. */
#define DATED HEADER("system") "Cutting Knowledge Date: December 2023\n" \
	"Today Date: 26 Jul 2024\n\n"

static const struct syc_chat chats[] = {
	{ "alpaca", {	/* Stanford Alpaca; further turns in the same manner */
		FIRST_SYSTEM(CONTENT "\n\n"),
		NO_SYSTEM("Below is an instruction that describes a task. "
			  "Write a response that appropriately completes the request.\n\n"),
		FOR_USER("### Instruction:\n" CONTENT "\n\n"),
		FOR_ASSISTANT("### Response:" CONTENT EOS "\n\n"),
		ANSWER("### Response:") }, "", true, NULL },
	{ "chatml", { IM_ALL }, "", false, NULL },
	{ "chatml-bos", { BEGIN(BOS), IM_ALL }, "", false, NULL },
	{ "llama-2", {
		FOR_USER(BOS "[INST] " STRIPPED " [/INST]"),
		FIRST_USER(BOS "[INST] " STRIP "<<SYS>>\n" SYSTEM "\n<</SYS>>\n\n"
			  CONTENT UNSTRIP " [/INST]"),
		FOR_ASSISTANT(" " STRIPPED " " EOS) }, " ", true, NULL },
	{ "llama-3", {
		BEGIN(BOS), FOR_SYSTEM(HEADED("system")), FOR_USER(HEADED("user")),
		FOR_ASSISTANT(HEADED("assistant")),
		ANSWER(HEADER("assistant")) }, "", false, NULL },
	{ "llama-3.1", {
		BEGIN(BOS), FOR_SYSTEM(HEADED("system")), FIRST_SYSTEM(DATED STRIPPED "<|eot_id|>"),
		NO_SYSTEM(DATED "<|eot_id|>"), FOR_USER(HEADED("user")),
		FOR_ASSISTANT(HEADED("assistant")),
		ANSWER(HEADER("assistant")) }, "", false, NULL },
	{ "mistral-v0.1", {
		BEGIN(BOS), FOR_USER("[INST] " CONTENT " [/INST]"),
		FOR_ASSISTANT(CONTENT EOS " ") }, "", true, NULL },
	{ "mistral-v0.2", {
		BEGIN(BOS), FOR_USER("[INST] " CONTENT " [/INST]"),
		FOR_ASSISTANT(CONTENT EOS) }, "", true, NULL },
	{ "mistral-v1", {
		BEGIN(BOS), FOR_USER(" [INST] " CONTENT " [/INST]"),
		FIRST_USER(" [INST] " SYSTEM "\n\n" CONTENT " [/INST]"),
		FOR_ASSISTANT(" " CONTENT EOS) }, " ", true, NULL },
	{ "mistral-v3", {
		BEGIN(BOS), FOR_USER("[INST] " CONTENT "[/INST]"),
		LAST_USER("[INST] " SYSTEM "\n\n" CONTENT "[/INST]"),
		FOR_ASSISTANT(" " STRIPPED EOS) }, " ", true, NULL },
	{ "mistral-v3-tekken", {
		BEGIN(BOS), FOR_USER("[INST]" CONTENT "[/INST]"),
		LAST_USER("[INST]" SYSTEM "\n\n" CONTENT "[/INST]"),
		FOR_ASSISTANT(CONTENT EOS) }, "", true, NULL },
	{ "mistral-v7", {
		BEGIN(BOS), FOR_SYSTEM("[SYSTEM_PROMPT] " CONTENT "[/SYSTEM_PROMPT]"),
		FOR_USER("[INST] " CONTENT "[/INST]"),
		FOR_ASSISTANT(" " CONTENT EOS) }, " ", false, NULL },
	{ "qwen2", {
		NO_SYSTEM(IM("system", "You are a helpful assistant.")),
		IM_ALL }, "", false, NULL },
	{ "qwen2.5", {
		NO_SYSTEM(IM("system", "You are Qwen, created by Alibaba Cloud. "
			     "You are a helpful assistant.")), IM_ALL }, "", false, NULL },
	{ "qwen3", { IM_THINKING, ANSWER(IM_ANSWER) }, NO_THOUGHT, false, NULL },
	{ "qwen3-no-think", { IM_THINKING, ANSWER(IM_ANSWER NO_THOUGHT) }, "", false, NULL },
	{ "smollm2", {
		NO_SYSTEM(IM("system", "You are a helpful AI assistant named SmolLM, "
			     "trained by Hugging Face")), IM_ALL }, "", false, NULL },
	{ "vicuna", {
		FIRST_SYSTEM(CONTENT " "),
		NO_SYSTEM("A chat between a curious user and an artificial intelligence assistant. "
			  "The assistant gives helpful, detailed, and polite answers "
			  "to the user's questions. "),
		FOR_USER("USER: " CONTENT " "), FOR_ASSISTANT("ASSISTANT: " CONTENT EOS),
		ANSWER("ASSISTANT:") }, " ", true, NULL },
	{ "zephyr", {
		FOR_SYSTEM("<|system|>\n" CONTENT EOS "\n"),
		FOR_USER("<|user|>\n" CONTENT EOS "\n"),
		FOR_ASSISTANT("<|assistant|>\n" CONTENT EOS "\n"),
		ANSWER("<|assistant|>\n") }, "", false, NULL },
};

enum { N_CHATS = sizeof(chats) / sizeof(chats[0]) };

/* Models that write as others do. */
static const char *const same[][2] = {
	{ "llama-3.2", "llama-3.1" },
	{ "llama-3.3", "llama-3.1" },
	{ "tinyllama", "zephyr" },
};

const struct syc_chat *syc_chat_find(const char *name)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(same[i][0], name) == 0)
			name = same[i][1];
	for (size_t i = 0; i < N_CHATS; i++)
		if (strcmp(chats[i].name, name) == 0)
			return &chats[i];
	return NULL;
}

const char *syc_chat_names(void)
{
	return "alpaca, chatml, chatml-bos, llama-2, llama-3, llama-3.1, llama-3.2, llama-3.3, "
	       "mistral-v0.1, mistral-v0.2, mistral-v1, mistral-v3, mistral-v3-tekken, mistral-v7, "
	       "qwen2, qwen2.5, qwen3, qwen3-no-think, smollm2, tinyllama, vicuna, zephyr";
}

/*
 * Published templates, by the digest of their normal form.  All that are
 * listed for one format write the same conversations the same way, as
 * tests/ref/chat.py shows.
 */
static const struct {
	uint64_t digest;
	const char *chat;
} known[] = {
	{ 0x524da8f30e7799db, "chatml" },		/* OpenHermes 2.5 */
	{ 0x47f6a1b7bdc65d49, "chatml" },		/* Dolphin 2.5 */
	{ 0x8f5bd6ceab965cba, "chatml" },		/* as Unsloth writes it */
	{ 0x107d1ca95501a8fa, "chatml" },		/* Cogito 14B */
	{ 0x20c5c73dd3ec6074, "chatml-bos" },		/* Nous Hermes 2 */
	{ 0xf5aa6b6960a0d0ce, "chatml-bos" },		/* the same with a preamble */
	{ 0x1b7e869b1755c7e7, "llama-2" },
	{ 0xa320e77c1837fa4c, "llama-3" },
	{ 0x89a00bb05dd1cfc3, "llama-3" },		/* without add_generation_prompt */
	{ 0x22ec0de6d8d88b7b, "llama-3" },		/* as Unsloth writes it */
	{ 0x0133f4ca09546e70, "llama-3.1" },		/* also Llama 3.3 */
	{ 0x39ae677c92f45122, "llama-3.1" },		/* Llama 3.2 */
	{ 0xe0adec986cf4d588, "mistral-v0.1" },		/* Mistral 7B 0.1, earlier */
	{ 0x9842defd42987f4b, "mistral-v0.2" },		/* Mistral 7B 0.2, Mixtral 8x7B, earlier */
	{ 0x2f98b0e9f07f0c7d, "mistral-v1" },		/* these, later */
	{ 0x1c317b5d156fbc63, "mistral-v3" },		/* Mistral 7B 0.3, Small 2409 */
	{ 0xebb55b4619aa361d, "mistral-v3-tekken" },	/* Mistral Nemo */
	{ 0xfbee2655664aed02, "mistral-v3-tekken" },	/* another edition */
	{ 0x9858c913d41a3bff, "mistral-v7" },		/* Mistral Large 2411 */
	{ 0x9ff674e8788a6d3c, "qwen2" },
	{ 0x7572bfcc4784d147, "qwen2" },		/* Qwen 2.5, base models */
	{ 0x039215ff53db9c35, "qwen2.5" },
	{ 0xd8e1b944b2f4d66a, "qwen2.5" },		/* 0.5B */
	{ 0x18d8670484b7ae41, "qwen3" },
	{ 0x2238753b73eb1efa, "qwen3" },		/* another edition */
	{ 0xd5dcb68c64cdc9fb, "qwen3" },		/* its GGUF files */
	{ 0x01770d68bb1fa7ec, "qwen3" },		/* as Unsloth writes it */
	{ 0xe8482c06d45ebfe3, "smollm2" },
	{ 0xf913961d7c389caf, "zephyr" },		/* also TinyLlama */
	{ 0x97d73a4164e342c6, "zephyr" },		/* as Unsloth writes it */
};

int syc_chat_digest(uint64_t *digest, const char *tmpl, size_t len)
{
	struct syc_buf b = { 0 };
	int ret = syc_template_normal(&b, tmpl, len);

	if (ret == 0 && b.failed)
		ret = SYC_ENOMEM;
	if (ret == 0)
		*digest = syc_hash(0, b.data ? b.data : "", b.len);
	syc_buf_free(&b);
	return ret;
}

const struct syc_chat *syc_chat_detect(const char *tmpl, size_t len)
{
	uint64_t digest;

	if (syc_chat_digest(&digest, tmpl, len) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].digest == digest)
			return syc_chat_find(known[i].chat);
	return NULL;
}

const char *syc_chat_name(const struct syc_chat *c)
{
	return c->name;
}

const char *syc_chat_answer_prefix(const struct syc_chat *c)
{
	return c->prefix;
}
