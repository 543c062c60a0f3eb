/* SPDX-License-Identifier: MIT */
/* The inside of a vocabulary, for the files that read and use it. */
#ifndef SRC_MODEL_VOCAB_H
#define SRC_MODEL_VOCAB_H
#include "format/gguf.h"
#include "syc/vocab.h"

/* As the files number them (tokenizer.ggml.token_type). */
enum syc_piece_type {
	SYC_PIECE_NORMAL = 1, SYC_PIECE_UNKNOWN, SYC_PIECE_CONTROL,
	SYC_PIECE_USER, SYC_PIECE_UNUSED, SYC_PIECE_BYTE,
};

struct syc_piece {
	const char *name;	/* [n_name] as the file has it */
	const char *text;	/* [n_text] what it stands for in a text */
	uint32_t n_name, n_text;
	float score;
	uint8_t type;
	bool end;		/* ends an answer */
};

/* From a name to its id: open addressing, -1 marks a free slot. */
struct syc_names {
	int32_t *slot;		/* [mask + 1] */
	size_t mask;
};

enum { SYC_PAIR_BITS = 1 << 18 };

struct syc_vocab {
	struct syc_piece *piece;	/* [n] */
	size_t n;
	char *bytes;			/* what the pieces point to */
	struct syc_names plain;		/* pieces that merging may form */
	uint32_t max_plain;		/* bytes of the longest of them */
	struct syc_names special;	/* pieces looked for before merging */
	uint32_t *special_len;		/* [n_special_len] their lengths, each once */
	size_t n_special_len;
	bool special_first[256];	/* bytes they begin with */
	int32_t byte[256];		/* ids of byte tokens, or -1 */
	int32_t bos, eos, unk;		/* or -1 */
	bool add_bos, add_prefix;
	char *tmpl;			/* chat template, or NULL */
	size_t n_tmpl;
	/* Neighbouring characters that occur inside some plain piece. */
	uint64_t pair[SYC_PAIR_BITS / 64];
};

/* As syc_vocab_open(), from an open file; nothing of g is kept. */
int syc_vocab_from_gguf(struct syc_vocab **out, const struct syc_gguf *g, struct syc_err *err);

/* Room for n names.  Returns false when out of memory. */
bool syc_names_init(struct syc_names *m, size_t n);
/* Enter the name of a piece; a later one of the same name takes its place. */
void syc_names_add(struct syc_names *m, const struct syc_vocab *v, int32_t id);
/* The id of that name, or -1. */
int32_t syc_names_find(const struct syc_names *m, const struct syc_vocab *v,
		       const char *s, size_t n);

/* Bytes of the character at s, of which n > 0 are there; 1 for a stray byte. */
size_t syc_char_len(const char *s, size_t n);
/*
 * Merging never joins two characters that stand side by side in no piece, so a
 * text may be cut there.  syc_pair_note() enters all pairs of a piece;
 * syc_pair_known() has false positives, no false negatives.
 */
void syc_pair_note(struct syc_vocab *v, const char *s, size_t n);
bool syc_pair_known(const struct syc_vocab *v, const char *a, size_t na,
		    const char *b, size_t nb);

/*
 * Append the ids of n bytes in which spaces are U+2581 already.  Returns 0,
 * SYC_ENOMEM, SYC_EFORMAT or (2 GiB in one word) SYC_EINVAL.
 */
int syc_spm_encode(const struct syc_vocab *v, const char *s, size_t n,
		   struct syc_ids *out, struct syc_err *err);

#endif
