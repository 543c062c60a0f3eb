/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "kern/cpu.h"
#include "model/digest.h"
#include "model/model.h"
#include "model/vocab.h"

int syc_model_check_vocab(const struct syc_config *cfg,
			  const struct syc_vocab *v, const char *path,
			  struct syc_err *err)
{
	const size_t n = syc_vocab_size(v);

	if (n <= cfg->n_vocab)
		return 0;
	return syc_fail(err, SYC_EFORMAT,
			"%s: the vocabulary has %zu tokens, the embedding "
			"%" PRIu32, path, n, cfg->n_vocab);
}

static int open_parts(struct syc_model *m, const char *path,
		      const struct syc_model_opts *o, struct syc_err *err)
{
	const struct syc_gguf *g;
	unsigned cpu;
	int ret;

	m->compute = o->compute;
	if ((ret = syc_cpu_choose(&cpu, o->cpu, err)) < 0)
		return ret;
	syc_kern_select(&m->kern, cpu);
	if ((ret = syc_store_open(&m->store, path, err)) < 0 ||
	    (ret = syc_config_read(&m->cfg, m->store, err)) < 0)
		return ret;
	g = syc_store_gguf(m->store);
	if (o->set_window)
		m->cfg.window = o->window < m->cfg.n_ctx ? o->window : 0;
	ret = g ? syc_vocab_from_gguf(&m->vocab, g, err) :
		syc_vocab_from_folder(&m->vocab, syc_store_folder(m->store),
				      m->cfg.n_vocab, err);
	if (ret < 0 || (ret = syc_weights_load(m, o, err)) < 0)
		return ret;
	if ((ret = syc_model_check_vocab(&m->cfg, m->vocab, path, err)) < 0 ||
	    (ret = syc_model_sum(m, err)) < 0)
		return ret;
	return syc_notes_add(&m->notes, syc_vocab_notes(m->vocab)) < 0 ?
		syc_nomem(err) : 0;
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
	free(m->digest);
	syc_buf_free(&m->notes);
	syc_store_close(m->store);
	free(m);
}

const struct syc_config *syc_model_config(const struct syc_model *m)
{
	return &m->cfg;
}

int syc_notes_add(struct syc_buf *notes, const char *more)
{
	if (!*more)
		return 0;
	return syc_buf_printf(notes, "%s%s", notes->len ? "\n" : "", more);
}

const char *syc_model_notes(const struct syc_model *m)
{
	return m->notes.len ? m->notes.data : "";
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
	static const char *const names[] = {
		[SYC_COMPUTE_INT8] = "int8",
		[SYC_COMPUTE_F32] = "f32",
		[SYC_COMPUTE_AUTO] = "auto",
		[SYC_COMPUTE_INT8X2] = "int8x2",
	};

	return names[c];
}

const char *syc_model_weights(const struct syc_model *m)
{
	return m->weights;
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

/*
 * OpenBLAS knows processors by their numbers, and takes one that is newer than
 * itself for the first 64-bit ones.
 */
const char *syc_cpu_blas(void)
{
	const unsigned cpu = syc_cpu_detect();
	const char *taken = openblas_get_corename();

	if (strcmp(taken, "Prescott") != 0 && strcmp(taken, "Core2") != 0)
		return NULL;
	return cpu & SYC_CPU_AVX512VNNI ? "SKYLAKEX" :
	       cpu & SYC_CPU_AVX2       ? "HASWELL" :
					  NULL;
}

size_t syc_model_memory(const struct syc_model *m)
{
	return m->memory;
}

const char *syc_model_digest(const struct syc_model *m)
{
	return m->digest;
}
