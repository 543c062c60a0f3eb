/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "kern/cpu.h"
#include "model/model.h"
#include "model/vocab.h"

static int open_parts(struct syc_model *m, const char *path, const struct syc_model_opts *o,
		      struct syc_err *err)
{
	unsigned cpu;
	int ret;

	m->compute = o->compute;
	if ((ret = syc_cpu_choose(&cpu, o->cpu, err)) < 0)
		return ret;
	syc_kern_select(&m->kern, cpu);
	if ((ret = syc_gguf_open(&m->file, path, err)) < 0 ||
	    (ret = syc_config_read(&m->cfg, m->file, err)) < 0 ||
	    (ret = syc_vocab_from_gguf(&m->vocab, m->file, err)) < 0 ||
	    (ret = syc_weights_load(m, o, err)) < 0)
		return ret;
	if (syc_vocab_size(m->vocab) > m->cfg.n_vocab)
		return syc_fail(err, SYC_EFORMAT, "%s: the vocabulary has %zu tokens, the embedding %" PRIu32,
				path, syc_vocab_size(m->vocab), m->cfg.n_vocab);
	return 0;
}

int syc_model_open(struct syc_model **out, const char *path,
		   const struct syc_model_opts *o, struct syc_err *err)
{
	static const struct syc_model_opts none;
	struct syc_model *m;
	int ret;

	*out = NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return syc_nomem(err);
	ret = open_parts(m, path, o ? o : &none, err);
	if (ret < 0) {
		syc_model_close(m);
		return ret;
	}
	*out = m;
	return 0;
}

void syc_model_close(struct syc_model *m)
{
	if (!m)
		return;
	syc_weights_free(m);
	syc_vocab_close(m->vocab);
	syc_gguf_close(m->file);
	free(m);
}

const struct syc_config *syc_model_config(const struct syc_model *m)
{
	return &m->cfg;
}

const struct syc_vocab *syc_model_vocab(const struct syc_model *m)
{
	return m->vocab;
}

enum syc_compute syc_model_compute(const struct syc_model *m)
{
	return m->compute;
}

const char *syc_compute_name(enum syc_compute c)
{
	static const char *const names[] = { "int8", "f32", "auto" };

	return names[c];
}

const char *syc_model_kernels(const struct syc_model *m)
{
	return m->kern.name;
}

const char *syc_cpu_kernels(void)
{
	struct syc_kern k;

	syc_kern_select(&k, syc_cpu_detect());
	return k.name;
}

size_t syc_model_memory(const struct syc_model *m)
{
	return m->memory;
}

const char *syc_model_digest(struct syc_model *m)
{
	struct syc_map map;
	uLong crc = crc32_z(0, NULL, 0);

	if (m->digest[0])
		return m->digest;
	if (syc_map_open(&map, syc_gguf_path(m->file), NULL) < 0)
		return "unreadable";
	crc = crc32_z(crc, map.data, map.len);
	snprintf(m->digest, sizeof(m->digest), "crc32:%08lx:%zu", crc, map.len);
	syc_map_close(&map);
	return m->digest;
}
