/* SPDX-License-Identifier: MIT */
/*
 * The digest of a model's files: the CRC-32 of their bytes, one file behind the
 * other.  That of each matrix was made while its rows were decoded, by several
 * threads; here they are combined, with what lies between them.
 */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/digest.h"

struct piece {
	const uint8_t *data;
	size_t n;
	uint32_t crc;
};

void syc_sum_bytes(struct syc_sum *s, const void *data, size_t n)
{
	if (n)
		s->crc = (uint32_t)crc32_z(s->crc, data, n);
	s->bytes += n;
}

void syc_sum_known(struct syc_sum *s, uint32_t crc, size_t n)
{
	s->crc = (uint32_t)crc32_combine(s->crc, crc, (z_off_t)n);
	s->bytes += n;
}

void syc_sum_file(struct syc_sum *s, const char *folder, const char *name)
{
	struct syc_map map;
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return;
	if (syc_map_open(&map, path, NULL) == 0) {
		syc_sum_bytes(s, map.data, map.len);
		syc_map_close(&map);
	}
	free(path);
}

int syc_sum_text(struct syc_buf *out, const struct syc_sum *s)
{
	return syc_buf_printf(out, "crc32:%08" PRIx32 ":%" PRIu64, s->crc, s->bytes);
}

static int by_place(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->data > y->data) - (x->data < y->data);
}

static void add_piece(struct piece *p, size_t *n, const struct syc_matrix *w)
{
	if (w->t && w->summed)
		p[(*n)++] = (struct piece){ w->t->data, w->t->bytes, w->crc };
}

/* All matrices, in the order of their bytes. */
static size_t collect(struct piece *p, const struct syc_model *m)
{
	size_t n = 0;

	add_piece(p, &n, &m->embed);
	add_piece(p, &n, &m->output);
	for (uint32_t l = 0; l < m->cfg.n_layers; l++) {
		const struct syc_block *b = &m->block[l];
		const struct syc_matrix *const w[] = { &b->q, &b->k, &b->v, &b->o, &b->gate,
						       &b->up, &b->down };

		for (size_t i = 0; i < sizeof(w) / sizeof(w[0]); i++)
			add_piece(p, &n, w[i]);
	}
	qsort(p, n, sizeof(*p), by_place);
	return n;
}

static void sum_store_file(struct syc_sum *s, const uint8_t *data, size_t len,
			   const struct piece *p, size_t n)
{
	const uint8_t *at = data, *end = data + len;

	for (size_t i = 0; i < n; i++) {
		if (p[i].data < at || p[i].data > end || p[i].n > (size_t)(end - p[i].data))
			continue;
		syc_sum_bytes(s, at, (size_t)(p[i].data - at));
		syc_sum_known(s, p[i].crc, p[i].n);
		at = p[i].data + p[i].n;
	}
	syc_sum_bytes(s, at, (size_t)(end - at));
}

int syc_model_sum(struct syc_model *m, struct syc_err *err)
{
	/* What a folder holds beside the weights and changes results. */
	static const char *const names[] = {
		"config.json", "tokenizer.model", "tokenizer.json", "tokenizer_config.json",
		"added_tokens.json", "special_tokens_map.json", "generation_config.json",
		"chat_template.jinja",
	};
	struct piece *p = syc_calloc(2 + 7 * (size_t)m->cfg.n_layers, sizeof(*p));
	const char *folder = syc_store_folder(m->store);
	struct syc_buf text = { 0 };
	struct syc_sum s = { 0 };
	size_t n = p ? collect(p, m) : 0;

	for (size_t i = 0; p && i < syc_store_n_files(m->store); i++) {
		size_t len;
		const uint8_t *data = syc_store_bytes(m->store, i, &len);

		sum_store_file(&s, data, len, p, n);
	}
	for (size_t i = 0; folder && i < sizeof(names) / sizeof(names[0]); i++)
		syc_sum_file(&s, folder, names[i]);
	syc_sum_text(&text, &s);
	syc_buf_puts(&text, syc_lora_digest(m->lora));
	m->digest = text.data;
	free(p);
	return p && !text.failed ? 0 : syc_nomem(err);
}
