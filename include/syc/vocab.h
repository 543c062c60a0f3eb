/* SPDX-License-Identifier: MIT */
/* Vocabularies: text to token ids and back. */
#ifndef SYC_VOCAB_H
#define SYC_VOCAB_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable once open; any number of threads may use one at once. */
struct syc_vocab;

/*
 * Read a vocabulary: of a GGUF file, with or without weights beside it and
 * whatever its architecture (tokenizer.ggml.model "llama" or "gpt2"); of a
 * tokenizer.model (SentencePiece, BPE); of a tokenizer.json (byte-level BPE, or
 * made from SentencePiece's); of a folder as hubs have it, where
 * tokenizer_config.json, generation_config.json and the like beside it name
 * special tokens and the chat template.  Other kinds, and whatever would
 * change the ids and is not known, are SYC_EUNSUPP by name.
 */
SYC_API int syc_vocab_open(struct syc_vocab **out, const char *path,
			   struct syc_err *err);
SYC_API void syc_vocab_close(struct syc_vocab *v);

/*
 * What whoever uses it should know: lines without a newline behind the last,
 * "" for nothing.  A splitting that was assumed, settings that versions of
 * transformers read differently.
 */
SYC_API const char *syc_vocab_notes(const struct syc_vocab *v);
/*
 * Ids go from 0 to this: a token for each row of the embedding where that is
 * known.  Rows that the files have no token for stand for no text.
 */
SYC_API size_t syc_vocab_size(const struct syc_vocab *v);
/* Token ids, or -1 when the vocabulary names none. */
SYC_API int32_t syc_vocab_bos(const struct syc_vocab *v);
SYC_API int32_t syc_vocab_eos(const struct syc_vocab *v);
/* True for tokens that end an answer, by key or name (</s>, <|eot_id|>, ...). */
SYC_API bool syc_vocab_is_end(const struct syc_vocab *v, int32_t id);
/* The text of the chat template, or NULL; *len its bytes. */
SYC_API const char *syc_vocab_chat_template(const struct syc_vocab *v,
					    size_t *len);

enum {
	/* begin with BOS if the vocabulary asks for it */
	SYC_TOK_BOS     = 1,
	SYC_TOK_SPECIAL = 2,	/* text like "</s>" becomes the special token */
	SYC_TOK_MIDDLE  = 4,	/* goes on after other text: no dummy prefix */
};

/*
 * Append the ids of len bytes of text.  User-defined tokens are found in the
 * text always, control tokens only with SYC_TOK_SPECIAL, longer ones first;
 * each stretch between them is encoded on its own, with the dummy prefix in
 * front when it begins the text or follows such a token, as llama.cpp does.
 * SentencePiece: bytes no piece covers fall back to byte tokens, or to the
 * unknown token.  Byte-level BPE: every byte that is not part of UTF-8 becomes
 * U+FFFD, and one that has no token is left out; text is not normalized (see
 * syc_text_count()).
 * Returns 0 or, with out as it was, SYC_ENOMEM, SYC_EFORMAT when there is
 * neither a byte nor an unknown token, or a split pattern takes too many steps,
 * SYC_EINVAL for a word of 2 GiB.
 */
SYC_API int syc_vocab_encode(const struct syc_vocab *v, const char *text,
			     size_t len, unsigned flags, struct syc_ids *out,
			     struct syc_err *err);

/*
 * The same for a text of which stretches are plain, one behind the other: no
 * control token is made of what is in them, and none reaches over their borders.
 * plain may be NULL.
 */
SYC_API int syc_vocab_encode_plain(const struct syc_vocab *v, const char *text,
				   size_t len, unsigned flags,
				   const struct syc_spans *plain,
				   struct syc_ids *out, struct syc_err *err);

/* Texts whose ids are not, or may not be, what was wanted. */
struct syc_text_counts {
	uint64_t twice;		/* begin with BOS, and got another in front */
	uint64_t not_nfc;	/* are not NFC, and the vocabulary wants that */
};
/*
 * Count a text and the n ids that were made of it.  Vocabularies whose
 * normalizer is NFC (Qwen's) were made from text that is; syc encodes text as
 * it is.
 */
SYC_API void syc_text_count(struct syc_text_counts *c,
			    const struct syc_vocab *v, const char *text,
			    size_t len, const int32_t *id, size_t n);
/* Append a line, newline included, for each count that is not 0. */
SYC_API int syc_text_notes(const struct syc_text_counts *c,
			   struct syc_buf *out);

/*
 * The bytes a token stands for when it follows other text: U+2581 read as a
 * space, a byte token as its byte, control tokens as "" unless special is
 * true, then as their name.  They need not be whole characters: those of the
 * next token may go on.  Borrowed, not NUL-terminated; NULL and *len 0 for an id
 * outside the vocabulary.
 */
SYC_API const char *syc_vocab_piece(const struct syc_vocab *v, int32_t id,
				    bool special, size_t *len);
/*
 * Append that, with special, as a JSON string in which bytes that are no
 * character are written <0x0A>.
 */
SYC_API int syc_vocab_show(const struct syc_vocab *v, int32_t id,
			   struct syc_buf *out);
/*
 * Append the text of n ids.  With strip, one leading space (the dummy prefix of
 * vocabularies that have one) is left out.  Bytes are appended as they are: a
 * text cut inside a character is not valid UTF-8.
 */
SYC_API int syc_vocab_decode(const struct syc_vocab *v, const int32_t *id,
			     size_t n, bool special, bool strip,
			     struct syc_buf *out);

#ifdef __cplusplus
}
#endif
#endif
