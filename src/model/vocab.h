/* SPDX-License-Identifier: MIT */
/* The inside of a vocabulary, for the files that read, use and write it. */
#ifndef SRC_MODEL_VOCAB_H
#define SRC_MODEL_VOCAB_H
#include <jansson.h>
#include "format/gguf.h"
#include "model/special.h"
#include "syc/vocab.h"

/* As the files number them (tokenizer.ggml.token_type). */
enum syc_piece_type {
	SYC_PIECE_NORMAL = 1, SYC_PIECE_UNKNOWN, SYC_PIECE_CONTROL,
	SYC_PIECE_USER, SYC_PIECE_UNUSED, SYC_PIECE_BYTE,
};

enum syc_vocab_kind {
	SYC_VOCAB_SPM,	/* merges characters, the piece of best score first */
	SYC_VOCAB_BPE,	/* merges bytes within words, by a list of merges */
};

struct syc_piece {
	const char *name;	/* [n_name] as the file has it */
	const char *text;	/* [n_text] what it stands for in a text */
	uint32_t n_name, n_text;
	float score;		/* of SPM, -infinity: never made; 0 in BPE */
	uint8_t type;
	bool end;		/* ends an answer */
};

/* Two neighbors that become one; their place in the list is their rank. */
struct syc_merge {
	int32_t left, right, whole;
};

/*
 * What GGUF metadata says of a vocabulary ("tokenizer.ggml." before all names
 * but the last), whatever the file it was read from.  Ids are -1 for none.
 */
struct syc_vocab_meta {
	enum syc_vocab_kind kind;	/* model: "llama" or "gpt2" */
	const char *pre;		/* BPE: GGUF's name for the split
					   patterns; NULL when it has none */
	struct syc_piece *piece;	/* [n] tokens, scores, token_type */
	size_t n;
	struct syc_merge *merge;	/* [n_merge] merges: the two names with
					   a space between */
	size_t n_merge;
	/* bos_token_id, ..., padding_token_id */
	int32_t bos, eos, unk, pad;
	/* eot_token_id: ends a turn, beside eos */
	int32_t eot;
	bool add_bos, add_eos;		/* add_bos_token, add_eos_token */
	/* add_space_prefix: between special tokens */
	bool add_prefix;
	/* The space is not added where one is; only where a text begins. */
	bool prefix_once, prefix_first;
	/* tokens are of text in NFC */
	bool nfc;
	const char *tmpl;		/* [n_tmpl] tokenizer.chat_template */
	size_t n_tmpl;
};

/* What GGUF has no names for. */
#define SYC_VOCAB_KEY_ONCE  "syc.tokenizer.space_prefix_once"
#define SYC_VOCAB_KEY_FIRST "syc.tokenizer.space_prefix_first"
#define SYC_VOCAB_KEY_NFC   "syc.tokenizer.nfc"

/*
 * From a name to its id: open addressing, id -1 marks a free slot.  More of the
 * name's hash stands beside the id, so that other names are rarely looked at.
 */
struct syc_names {
	struct syc_name {
		int32_t id;
		uint32_t hash;
	} *slot;		/* [mask + 1] */
	size_t mask;
};

enum { SYC_PAIR_BITS = 1 << 18 };

struct syc_vocab {
	struct syc_vocab_meta meta;
	struct syc_pool *pool;		/* the bytes of all names and texts */
	struct syc_buf notes;		/* lines */
	struct syc_names plain;		/* pieces that merging may form */
	uint32_t max_plain;		/* bytes of the longest of them */
	struct syc_specials special;	/* looked for before merging */
	int32_t byte[256];		/* ids of single bytes, or -1 */
	/* BPE: how words are found, and from two ids to their merge. */
	struct syc_pretok *pretok;
	/* a word that is a token is not merged */
	bool ignore_merges;
	int32_t *merge_slot;		/* [merge_mask + 1], -1 when free */
	size_t merge_mask;
	/* SPM: neighboring characters that occur inside some plain piece. */
	uint64_t pair[SYC_PAIR_BITS / 64];
};

/* As syc_vocab_open(), from an open file; nothing of g is kept. */
int syc_vocab_from_gguf(struct syc_vocab **out, const struct syc_gguf *g,
			struct syc_err *err);
/*
 * As syc_vocab_open(), from a folder as hubs have it: tokenizer.json or
 * tokenizer.model, with tokenizer_config.json, added_tokens.json,
 * special_tokens_map.json, generation_config.json (else config.json),
 * chat_template.jinja where they are there.  n_rows is the number of rows of
 * the embedding, or 0 for what config.json says, if it does.  Added tokens that
 * have no row are left out: people name a token for padding and never make
 * room for it.  Rows without a token get one that stands for no text.
 */
int syc_vocab_from_folder(struct syc_vocab **out, const char *folder,
			  size_t n_rows, struct syc_err *err);
/* Borrowed.  What has to be written to have this vocabulary in a GGUF file. */
const struct syc_vocab_meta *syc_vocab_meta(const struct syc_vocab *v);

/* ---- reading: used by the files that know a format ------------------------- */

/* A vocabulary on its way; zero but for path and err, v from syc_vocab_new(). */
struct syc_vocab_in {
	struct syc_vocab *v;
	const char *path;	/* for messages */
	struct syc_err *err;
	size_t cap, merge_cap;	/* of v->meta.piece, v->meta.merge */
	size_t n_filled;	/* tokens that syc_vocab_fill() made */
	/* added tokens from this id on are left out; 0: none */
	size_t n_rows;
	/* tokenizer.json said what is added, and the token in front or -1 */
	bool has_post;
	int32_t post_bos;
};

/* An empty vocabulary of which nothing is known, or NULL. */
struct syc_vocab *syc_vocab_new(void);
/* A copy of n bytes that lives as long as v, with a NUL behind; or NULL. */
char *syc_vocab_keep(struct syc_vocab *v, const char *s, size_t n);
/* Append a piece.  Returns 0 or, with the message set, a negative code. */
int syc_vocab_add(struct syc_vocab_in *in, const char *name, size_t n,
		  float score, int type);
/* Ids that no token has may be left out, but not more than these. */
enum { SYC_VOCAB_HOLE = 1 << 16 };
/* Append unused tokens up to n; too many in all are SYC_EFORMAT. */
int syc_vocab_fill(struct syc_vocab_in *in, size_t n);
/* The same for the rows of an embedding, however many. */
int syc_vocab_fill_rows(struct syc_vocab_in *in, size_t n);
/* Add a line to the notes. */
__attribute__((format(printf, 2, 3)))
int syc_vocab_note(struct syc_vocab_in *in, const char *fmt, ...);
/*
 * A token added to the file's own, {"content": ..., "special": ...}: replaces
 * what has its id, or is appended, ids left out being filled; or see n_rows.
 */
int syc_vocab_add_token(struct syc_vocab_in *in, int64_t id,
			const json_t *token);
/*
 * The next merge, of two names: all tokens they may name have been added and
 * syc_vocab_index() called.  Names of no token are SYC_EFORMAT.
 */
int syc_vocab_index(struct syc_vocab_in *in);
int syc_vocab_merge(struct syc_vocab_in *in, const char *a, size_t na,
		    const char *b, size_t nb);
/* BPE: split as GGUF's pre-tokenizer of that name does; "" is "default". */
int syc_vocab_pretok(struct syc_vocab_in *in, const char *name, size_t n);
/* After all pieces, merges and settings: check them, make what encoding needs. */
int syc_vocab_finish(struct syc_vocab_in *in);

/* Whether a piece only fills a row: unused, and named "[PAD" and its id. */
bool syc_piece_filler(const struct syc_piece *p, size_t id);
/* The byte that a name like "<0x0A>" stands for, or -1. */
int syc_piece_byte(const struct syc_piece *p);

/* tokenizer.model: n bytes of a SentencePiece model; finish() has to follow. */
int syc_vocab_read_sp(struct syc_vocab_in *in, const uint8_t *data, size_t n);

/*
 * tokenizer.json: an object as it was parsed, from which nothing is kept.
 * syc_vocab_json_is_bytes() tells whether its model is byte-level BPE; else it
 * is one made of SentencePiece's, or refused.
 */
bool syc_vocab_json_is_bytes(const json_t *root);
int syc_vocab_read_json(struct syc_vocab_in *in, const json_t *root);
/*
 * What it says beside a tokenizer.model: added tokens, where spaces go, what is
 * put around a text.
 */
int syc_vocab_read_beside(struct syc_vocab_in *in, const json_t *root);
/* The rules of its pre-tokenizer (byte-level BPE) into in->v->pretok. */
int syc_vocab_read_pretok(struct syc_vocab_in *in, const json_t *root);
/* The object in n bytes of JSON that are the file in->path. */
int syc_vocab_parse(struct syc_vocab_in *in, const uint8_t *data, size_t n,
		    json_t **root);

/* ---- what the encoders need ------------------------------------------------ */

/* Room for n names.  Returns false when out of memory. */
bool syc_names_init(struct syc_names *m, size_t n);
/* Enter the name of a piece; a later one of the same name takes its place. */
void syc_names_add(struct syc_names *m, const struct syc_piece *piece,
		   int32_t id);
/* The id of that name, or -1. */
int32_t syc_names_find(const struct syc_names *m, const struct syc_piece *piece,
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


/*
 * BPE: append the ids of n bytes.  What is not UTF-8 becomes U+FFFD, byte by
 * byte.  A byte that has no token is left out.  Returns as syc_spm_encode().
 */
int syc_bpe_encode(const struct syc_vocab *v, const char *s, size_t n,
		   struct syc_ids *out, struct syc_err *err);
/* Fill v->byte and the table of merges.  Returns 0 or SYC_ENOMEM. */
int syc_bpe_prepare(struct syc_vocab *v);
/*
 * BPE files write every byte as a character that can be seen: n bytes of such
 * text to at most n bytes, the number of which is returned; SIZE_MAX when there
 * is another character among them.
 */
size_t syc_bpe_unmap(char *to, const char *s, size_t n);

#endif
