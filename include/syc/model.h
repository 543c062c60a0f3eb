/* SPDX-License-Identifier: MIT */
/* Models: a file of weights, made ready to compute with. */
#ifndef SYC_MODEL_H
#define SYC_MODEL_H
#include <stdbool.h>
#include "syc/base.h"
#include "syc/vocab.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable once open; any number of engines and threads may share one. */
struct syc_model;

struct syc_config {
	char arch[32];		/* "llama" */
	char name[96];		/* general.name, or "" */
	uint32_t n_layers;	/* blocks */
	uint32_t dim;		/* width of the residual stream */
	uint32_t n_heads, n_kv_heads, head_dim;
	uint32_t ffn_dim;
	uint32_t n_vocab;
	uint32_t n_ctx;		/* positions it was trained for */
	float norm_eps;
	float rope_base;
	float rope_scale;	/* positions are divided by this; 1 is plain */
	bool tied_output;
};

enum syc_compute {
	SYC_COMPUTE_INT8,	/* int8 x int8, a scale per 32 values */
	SYC_COMPUTE_F32,	/* stored weights, decoded to float, sgemm */
	SYC_COMPUTE_AUTO,	/* int8, or sgemm of many tokens where that is faster */
};

struct syc_model_opts {
	enum syc_compute compute;
	unsigned threads;	/* for loading; 0: all cores */
	const char *cpu;	/* use at most these kernels; NULL: the best */
	/* Called now and then while loading, with done <= total; may be NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};

/*
 * Open a GGUF file.  Every limit is checked and every weight looked at: NaN
 * and infinite weights are SYC_EFORMAT naming the tensor, features this
 * version does not compute are SYC_EUNSUPP by name.  o may be NULL.
 */
SYC_API int syc_model_open(struct syc_model **out, const char *path,
			   const struct syc_model_opts *o, struct syc_err *err);
SYC_API void syc_model_close(struct syc_model *m);

SYC_API const struct syc_config *syc_model_config(const struct syc_model *m);
/* Owned by the model. */
SYC_API const struct syc_vocab *syc_model_vocab(const struct syc_model *m);
SYC_API enum syc_compute syc_model_compute(const struct syc_model *m);
/* "int8", "f32", "auto" */
SYC_API const char *syc_compute_name(enum syc_compute c);
/* "avx2", "scalar", ... */
SYC_API const char *syc_model_kernels(const struct syc_model *m);
/* The best kernels of this processor, by name. */
SYC_API const char *syc_cpu_kernels(void);
/* Bytes of weights held in memory, beside the mapped file. */
SYC_API size_t syc_model_memory(const struct syc_model *m);
/*
 * The identity of the file's content, "crc32:89abcdef:2780000" (checksum and
 * bytes).  Reads the whole file the first time it is asked.
 */
SYC_API const char *syc_model_digest(struct syc_model *m);

/*
 * Describe a GGUF file without loading its weights, as one JSON object:
 * version, metadata (long arrays shortened), tensors.  Appends to out.
 */
SYC_API int syc_gguf_describe(const char *path, struct syc_buf *out, struct syc_err *err);

/* What a file is, by its content. */
enum syc_file_kind {
	SYC_FILE_UNKNOWN, SYC_FILE_GGUF, SYC_FILE_ZIP, SYC_FILE_NPY,
	SYC_FILE_SAFETENSORS,
};
SYC_API int syc_file_kind(enum syc_file_kind *kind, const char *path, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
