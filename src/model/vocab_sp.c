/* SPDX-License-Identifier: MIT */
/*
 * A vocabulary from a tokenizer.model, which is a ModelProto of SentencePiece
 * (sentencepiece_model.proto): 1 pieces, 2 trainer_spec, 3 normalizer_spec.
 */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/err.h"
#include "format/protobuf.h"
#include "model/vocab.h"

/* What the specs say, as the schema has it when they say nothing. */
struct spec {
	uint64_t model_type;
	uint64_t bos, eos, pad;		/* ids; -1 in 64 bits for none */
	bool suffix;
	bool prefix, squeeze, escape;
	char rule[32];
	bool rewrites;			/* there is a table of characters */
};

enum { TYPE_UNIGRAM = 1, TYPE_BPE };

static int broken(struct syc_vocab_in *in, const char *what)
{
	return syc_fail(in->err, SYC_EFORMAT,
			"%s: not a SentencePiece model: %s is broken", in->path,
			what);
}

static bool is_a(const struct syc_pb_field *f, uint32_t number,
		 enum syc_pb_wire wire)
{
	return f->number == number && f->wire == wire;
}

/* 1 piece, 2 score, 3 type. */
static int read_piece(struct syc_vocab_in *in, struct syc_pb m)
{
	size_t i = in->v->meta.n;
	struct syc_pb_field f, name = { 0 };
	uint64_t type = SYC_PIECE_NORMAL;
	uint32_t bits = 0;
	float score;

	while (syc_pb_next(&m, &f)) {
		if (is_a(&f, 1, SYC_PB_BYTES))
			name = f;
		else if (is_a(&f, 2, SYC_PB_32))
			bits = (uint32_t)f.value;
		else if (is_a(&f, 3, SYC_PB_VARINT))
			type = f.value;
	}
	memcpy(&score, &bits, sizeof(score));
	if (m.bad)
		return broken(in, "a piece");
	if (!isfinite(score))
		return syc_fail(in->err, SYC_EFORMAT,
			"%s: piece %zu has no finite score", in->path, i);
	if (type < SYC_PIECE_NORMAL || type > SYC_PIECE_BYTE)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: piece %zu has type %llu", in->path, i,
				(unsigned long long)type);
	return syc_vocab_add(in, (const char *)name.data, name.len, score,
			     (int)type);
}

/* 3 model_type, 24 treat_whitespace_as_suffix, 41 bos_id, 42 eos_id, 43 pad_id. */
static bool read_trainer(struct spec *s, struct syc_pb m)
{
	struct syc_pb_field f;

	while (syc_pb_next(&m, &f)) {
		if (f.wire != SYC_PB_VARINT)
			continue;
		switch (f.number) {
		case 3: s->model_type = f.value; break;
		case 24: s->suffix = f.value != 0; break;
		case 41: s->bos = f.value; break;
		case 42: s->eos = f.value; break;
		case 43: s->pad = f.value; break;
		}
	}
	return !m.bad;
}

/*
 * 1 name, 2 precompiled_charsmap, 3 add_dummy_prefix, 4 remove_extra_whitespaces,
 * 5 escape_whitespaces.
 */
static bool read_normalizer(struct spec *s, struct syc_pb m)
{
	struct syc_pb_field f;

	while (syc_pb_next(&m, &f)) {
		if (is_a(&f, 1, SYC_PB_BYTES)) {
			size_t n = f.len < sizeof(s->rule) - 1 ? f.len : sizeof(s->rule) - 1;

			memcpy(s->rule, f.data, n);
			s->rule[n] = 0;
		} else if (is_a(&f, 2, SYC_PB_BYTES)) {
			s->rewrites = f.len != 0;
		} else if (is_a(&f, 3, SYC_PB_VARINT)) {
			s->prefix = f.value != 0;
		} else if (is_a(&f, 4, SYC_PB_VARINT)) {
			s->squeeze = f.value != 0;
		} else if (is_a(&f, 5, SYC_PB_VARINT)) {
			s->escape = f.value != 0;
		}
	}
	return !m.bad;
}

static int unsupported(struct syc_vocab_in *in, const char *what)
{
	return syc_fail(in->err, SYC_EUNSUPP,
			"%s: SentencePiece %s is not supported", in->path,
			what);
}

static int check_spec(struct syc_vocab_in *in, const struct spec *s)
{
	static const char *const type[] = { "", "unigram", "bpe", "word",
					    "char" };
	char what[80];

	if (s->model_type != TYPE_BPE) {
		snprintf(what, sizeof(what), "model type '%s'",
			 s->model_type < 5 ? type[s->model_type] : "unknown");
		return unsupported(in, what);
	}
	if (s->rewrites) {
		snprintf(what, sizeof(what), "normalization '%s'", s->rule);
		return unsupported(in, what);
	}
	if (s->suffix)
		return unsupported(in, "treat_whitespace_as_suffix");
	if (s->squeeze)
		return unsupported(in, "remove_extra_whitespaces");
	if (!s->escape)
		return unsupported(in, "without escape_whitespaces");
	return 0;
}

static int32_t id_in(const struct syc_vocab_meta *m, uint64_t id)
{
	return id < m->n ? (int32_t)id : -1;
}

int syc_vocab_read_sp(struct syc_vocab_in *in, const uint8_t *data, size_t n)
{
	struct syc_vocab_meta *m = &in->v->meta;
	struct spec s = { .model_type = TYPE_UNIGRAM, .bos = 1, .eos = 2, .pad = UINT64_MAX,
			  .prefix = true, .squeeze = true, .escape = true };
	struct syc_pb top = { .p = data, .end = data + n };
	struct syc_pb_field f;
	int ret = 0;

	if (!n)
		return syc_fail(in->err, SYC_EFORMAT, "%s: is empty", in->path);
	while (ret == 0 && syc_pb_next(&top, &f)) {
		struct syc_pb part;

		if (f.wire != SYC_PB_BYTES)
			continue;
		part = (struct syc_pb){ .p = f.data, .end = f.data + f.len };
		if (f.number == 1)
			ret = read_piece(in, part);
		else if (f.number == 2 && !read_trainer(&s, part))
			ret = broken(in, "the trainer's part");
		else if (f.number == 3 && !read_normalizer(&s, part))
			ret = broken(in, "the normalizer's part");
	}
	if (ret < 0)
		return ret;
	if (top.bad || m->n == 0)
		return broken(in,
			      top.bad ? "the message" : "the list of pieces");
	if ((ret = check_spec(in, &s)) < 0)
		return ret;
	m->kind = SYC_VOCAB_SPM;
	m->add_bos = true;
	m->add_prefix = s.prefix;
	m->bos = id_in(m, s.bos);
	m->eos = id_in(m, s.eos);
	m->pad = id_in(m, s.pad);
	return 0;
}
