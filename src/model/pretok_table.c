/* SPDX-License-Identifier: MIT */
/*
 * The pre-tokenizers that GGUF files name, as llama.cpp (src/llama-vocab.cpp)
 * lists them.  Where it writes an expression around what std::regex lacks, here
 * is a shorter one that matches the same.
 */
#include "config.h"
#include <string.h>
#include "model/pretok.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Contractions in any case; the I that (?i) adds, long s for s, is not meant. */
#define SHORT  "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
#define SPACES "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define SIGNS  "| ?[^\\s\\p{L}\\p{N}]+"
#define GPT2   "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+" SIGNS "|\\s+(?!\\S)|\\s+"
#define WORD   "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
#define LLAMA3 SHORT "|" WORD "|\\p{N}{1,3}" SIGNS "[\\r\\n]*" SPACES
#define QWEN2  SHORT "|" WORD "|\\p{N}" SIGNS "[\\r\\n]*" SPACES
/* Words by case, which only ASCII letters have here. */
#define UPPER  "[^\\P{L}a-z]"
#define LOWER  "[^\\P{L}A-Z]"
#define START  "[^\\r\\n\\p{L}\\p{N}]?"
#define GPT4O  START UPPER "*" LOWER "+" SHORT "?|" START UPPER "+" LOWER "*" SHORT "?" \
	       "|\\p{N}{1,3}" SIGNS "[\\r\\n/]*" SPACES
#define TEKKEN START UPPER "*" LOWER "+|" START UPPER "+" LOWER "*" \
	       "|\\p{N}" SIGNS "[\\r\\n/]*" SPACES
/* The same with marks, ... */
#define UPPER_M "(?:(?![a-z])[\\p{L}\\p{M}])"
#define LOWER_M "(?:(?![A-Z])[\\p{L}\\p{M}])"
/* ... and with the cases of Unicode. */
#define UPPER_U "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER_U "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define CASES   START UPPER_U "*" LOWER_U "+" SHORT "?|" START UPPER_U "+" LOWER_U "*" SHORT "?"

#define DEEPSEEK_LETTERS \
	"[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-Ⴥ" \
	"Ꭰ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐ" \
	"ῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯ" \
	"ꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+"
#define DEEPSEEK3(signs, lines) \
	"[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+" \
	"|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+" signs "|" lines \
	"|\\s+(?!\\S)|\\s+"
/* llama.cpp takes U+3000 and others for spaces before all else; they are in theirs. */
#define THEIR_CJK     "[一-龥ࠀ-一가-퟿]"
#define DEEPSEEK_CJK  "(?:(?!\\s)" THEIR_CJK ")++"
#define DEEPSEEK_SIGNS(from) "\\s?[!-/:-~！-／：-～‘-‟" from "-。]+"
#define CJK "[一-龥぀-ゟ゠-ヿ]+"
#define BLOOM " ?[^(\\s|.,!?…。，、।۔،)]+"

const char syc_pretok_byte_level[] = GPT2;

static const struct syc_pretok_def defs[] = {
	{ "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano",
	  { LLAMA3 }, true, true },
	{ "smaug-bpe dbrx chatglm-bpe glm4", { LLAMA3 }, false, false },
	{ "qwen2 deepseek-r1-qwen megrez stablelm2 kormo f2llmv2 hunyuan solar-open grok-2",
	  { QWEN2 }, false, false },
	{ "gpt-2 phi-2 mpt olmo jais jina-es jina-de jina-v1-en jina-v2-es jina-v2-de "
	  "jina-v2-code roberta-bpe gigachat a.x-4.0 mellum modern-bert exaone4 trillion "
	  "granite-docling", { GPT2 }, false, false },
	{ "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2",
	  { "\\p{N}", GPT2 }, false, false },
	{ "tekken", { TEKKEN }, true, true },
	{ "gpt-4o llama4 kanana2 talkie minimax-m2", { GPT4O }, false, false },
	{ "falcon", { "[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]" }, false, false },
	{ "deepseek-llm",
	  { "[\\r\\n]", "\\s?" DEEPSEEK_LETTERS, DEEPSEEK_SIGNS("、"), "\\s+$",
	    DEEPSEEK_CJK, "\\p{N}+" }, false, false },
	{ "deepseek-coder",
	  { "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", DEEPSEEK_CJK, "\\p{N}" },
	  false, false },
	{ "deepseek-v3 hunyuan-dense joyai-llm hy_v4",
	  { "\\p{N}{1,3}", CJK, DEEPSEEK3("[\\r\\n]*", "\\s*[\\r\\n]+") }, false, false },
	{ "spark2_5", { "\\p{N}{1,3}", CJK, DEEPSEEK3("", "[\\r\\n]"), "\\p{N}" }, false, false },
	{ "bloom poro-chat gpt3-finnish", { BLOOM }, false, false },
	{ "viking", { BLOOM, "\\p{N}" }, false, false },
	{ "chameleon",
	  { "<sentinel:[0-9]+>", "IMGIMG[A-I]{1,4}Z", "[\\t\\n]|    |  ", "\\p{N}",
	    "[\\p{P}!-/:-@\\[-`{-~]", GPT2 }, false, true },
	{ "qwen35",
	  { SHORT "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
	    "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*" SPACES }, false, false },
	{ "superbpe", { "\\p{N}+", "(?=(\\d{3})+(?!\\d))" }, false, false },
	{ "bailingmoe bailingmoe2 llada-moe",
	  { "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|" WORD "|\\p{N}" SIGNS "[\\r\\n]*"
	    "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+" }, false, false },
	{ "seed-coder",
	  { SHORT "|" WORD "|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" SPACES }, false, false },
	{ "ufakzeka", { WORD "|\\p{N}" SIGNS "[\\r\\n]*" SPACES }, false, false },
	{ "laguna", { "[^\\n]+|[\\n]+", QWEN2 }, false, false },
	{ "minicpm5",
	  { "\\p{N}{1,3}", SHORT "|" WORD "|\\p{N}+" SIGNS "[\\r\\n]*" SPACES }, true, false },
	{ "exaone-moe",
	  { SHORT "|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}" SIGNS
	    "[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+" }, false, false },
	{ "jais-2",
	  { SHORT "|" WORD "|\\p{N}{1,3}" SIGNS "[\\r\\n]*|\\s*[\\r\\n]+|\\s{512}(?!\\S)"
	    "|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)"
	    "|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}" }, false, false },
	{ "granite-embed-multi-97m",
	  { START UPPER_M "*" LOWER_M "+" SHORT "?|" START UPPER_M "+" LOWER_M "*" SHORT "?"
	    "|\\p{N}{1,3}" SIGNS "[\\r\\n/]*" SPACES }, true, false },
	{ "tiny_aya cohere2moe",
	  { "\\d{1,3}(?=(?:\\d{3})*\\b)", CASES "|\\p{N}{1,3}" SIGNS "[\\r\\n/]*" SPACES },
	  false, false },
	{ "youtu",
	  { "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" CJK,
	    CASES "|\\p{N}" SIGNS "[\\r\\n/]*" SPACES }, true, false },
	{ "default",
	  { "[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]" }, false, false },
};

/* The same as the hubs' files spell it: theirs, and what it is in the table. */
static const struct {
	const char *theirs, *ours;
} spelling[] = {
	{ "[\r\n]", "[\\r\\n]" },
	{ DEEPSEEK_SIGNS("　"), DEEPSEEK_SIGNS("、") },
	{ THEIR_CJK "+", DEEPSEEK_CJK },
	{ "(?i:'s|'t|'re|'ve|'m|'ll|'d)|" WORD "|\\p{N}{1,3}" SIGNS "[\\r\\n]*" SPACES, LLAMA3 },
	{ "(?i:'s|'t|'re|'ve|'m|'ll|'d)|" WORD "|\\p{N}" SIGNS "[\\r\\n]*" SPACES, QWEN2 },
	{ START UPPER_U "*" LOWER_U "+|" START UPPER_U "+" LOWER_U "*|\\p{N}" SIGNS "[\\r\\n/]*"
	  SPACES, TEKKEN },
	{ START UPPER_U "*" LOWER_U "+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" START UPPER_U "+" LOWER_U
	  "*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}" SIGNS "[\\r\\n/]*" SPACES, GPT4O },
};

/* Is name one of those in list? */
static bool lists(const char *list, const char *name, size_t n)
{
	for (const char *end; *list; list = end + (*end == ' ')) {
		end = list + strcspn(list, " ");
		if ((size_t)(end - list) == n && memcmp(list, name, n) == 0)
			return true;
	}
	return false;
}

const struct syc_pretok_def *syc_pretok_find(const char *name, size_t n)
{
	for (size_t i = 0; n && i < LEN(defs); i++)
		if (lists(defs[i].names, name, n))
			return &defs[i];
	return NULL;
}

static bool same(const char *ours, const struct syc_pretok_rule *r)
{
	if (r->literal || r->keep == SYC_PRETOK_GAPS)
		return false;
	if (strcmp(ours, r->re) == 0)
		return true;
	for (size_t i = 0; i < LEN(spelling); i++)
		if (strcmp(spelling[i].ours, ours) == 0 &&
		    strcmp(spelling[i].theirs, r->re) == 0)
			return true;
	return false;
}

static bool matches(const struct syc_pretok_def *d,
		    const struct syc_pretok_rule *rule, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < LEN(d->re); i++)
		if (!d->re[i] || !same(d->re[i], &rule[i]))
			return false;
	return i == n && (n == LEN(d->re) || !d->re[n]);
}

const char *syc_pretok_name(const struct syc_pretok_rule *rule, size_t n,
			    bool ignore_merges)
{
	static const char *const first[] = {
		"llama-bpe", "smaug-bpe", "qwen2", "gpt-2", "smollm", "tekken", "gpt-4o", "falcon",
		"deepseek-llm", "deepseek-coder", "deepseek-v3", "bloom", "viking",
	};
	const char *name = NULL;

	for (size_t i = 0; i < LEN(first); i++) {
		const struct syc_pretok_def *d = syc_pretok_find(first[i], strlen(first[i]));

		if (!matches(d, rule, n))
			continue;
		if (d->ignore_merges == ignore_merges)
			return first[i];
		name = name ? name : first[i];
	}
	return name;
}
