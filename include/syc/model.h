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

enum syc_rope_type {
	SYC_ROPE_PLAIN,
	SYC_ROPE_LINEAR,	/* all frequencies divided by factor */
	/* slow ones divided, fast ones not, between them by slope */
	SYC_ROPE_LLAMA3,
	/* likewise, by pairs' numbers: Peng et al. 2023 */
	SYC_ROPE_YARN,
};

/* Rotary positions. */
struct syc_rope {
	enum syc_rope_type type;
	float base;
	float factor;
	/*
	 * Rotations within n_ctx that part slow from fast: low_freq_factor and
	 * high_freq_factor of llama3, beta_slow and beta_fast of yarn.
	 */
	float slow, fast;
	uint32_t n_ctx;		/* positions before it was extended */
	/* cosines and sines are multiplied by it; 1 unless yarn */
	float attention;
	bool fraction;		/* yarn: between whole pairs, too */
};

enum { SYC_MAX_LAYERS = 1024 };

struct syc_config {
	/* as GGUF names it: "llama", "qwen2", "qwen3" */
	char arch[32];
	char name[96];		/* general.name, or "" */
	uint32_t n_layers;	/* blocks */
	uint32_t dim;		/* width of the residual stream */
	uint32_t n_heads, n_kv_heads, head_dim;
	uint32_t ffn_dim;
	uint32_t n_vocab;
	uint32_t n_ctx;		/* positions it was trained for */
	float norm_eps;
	struct syc_rope rope;
	/* keys that a query sees, its own included; 0: all */
	uint32_t window;
	/* Bit l % 8 of byte l / 8: block l has no window though others have. */
	uint8_t no_window[SYC_MAX_LAYERS / 8];
	bool tied_output;
	bool reward;		/* a head that scores texts */
};

enum syc_compute {
	/* activations in int8, a scale per 32 values, and what rounding left of
	 * the largest of these in int8 again; weights in the file's integers,
	 * floats in int8 */
	SYC_COMPUTE_INT8,
	SYC_COMPUTE_F32,	/* stored weights, decoded to float, sgemm */
	/* int8, or sgemm of many tokens where that is faster */
	SYC_COMPUTE_AUTO,
	/* int8, activations in two passes throughout */
	SYC_COMPUTE_INT8X2,
};

/*
 * LoRA: a folder or adapter_model.safetensors of PEFT (adapter_config.json lies
 * beside it), or a GGUF file.
 */
struct syc_adapter {
	const char *path;
	float scale;		/* 1: as it was trained */
};

/* How matrices are stored by syc_model_convert(), and held. */
enum syc_weights {
	SYC_WEIGHTS_Q8_0,	/* int8, a float16 scale per 32 values */
	/* 6.6, 5.5, 4.5 and 4.5 bits per weight, rounded by least squares */
	SYC_WEIGHTS_Q6_K,
	SYC_WEIGHTS_Q5_K,
	SYC_WEIGHTS_Q4_K,
	SYC_WEIGHTS_Q4_0,
	SYC_WEIGHTS_F16,
	SYC_WEIGHTS_F32,
};
/* "q8_0", ... */
SYC_API const char *syc_weights_name(enum syc_weights w);

struct syc_model_opts {
	enum syc_compute compute;
	unsigned threads;	/* for loading; 0: all cores */
	const char *cpu;	/* use at most these kernels; NULL: the best */
	/*
	 * With set_weights matrices of floats are held as syc_model_convert()
	 * would store them, in a type of at most 8 bits, and those of any other
	 * type are SYC_EINVAL; so is SYC_COMPUTE_F32.  Without, they become int8
	 * with a float16 scale per 32 values, rounded a little closer than Q8_0.
	 */
	bool set_weights;
	enum syc_weights weights;
	bool set_window;	/* replace the model's window... */
	uint32_t window;	/* ...by this; 0: none */
	/* [n_adapters] added to the weights */
	const struct syc_adapter *adapters;
	size_t n_adapters;
	/* Called now and then while loading, with done <= total; may be NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};

/*
 * Open a GGUF file (the first of a split one), a safetensors file or index, or
 * a folder with one of them, which for safetensors holds config.json and the
 * vocabulary, too.  Every limit is checked and every weight looked at: NaN
 * and infinite weights are SYC_EFORMAT naming the tensor, features this
 * version does not compute are SYC_EUNSUPP by name.  o may be NULL.
 */
SYC_API int syc_model_open(struct syc_model **out, const char *path,
			   const struct syc_model_opts *o, struct syc_err *err);
SYC_API void syc_model_close(struct syc_model *m);

SYC_API const struct syc_config *syc_model_config(const struct syc_model *m);
/*
 * What whoever uses it should know, those of its vocabulary included: lines
 * without a newline behind the last, "" for nothing.
 */
SYC_API const char *syc_model_notes(const struct syc_model *m);
/* Owned by the model. */
SYC_API const struct syc_vocab *syc_model_vocab(const struct syc_model *m);
SYC_API enum syc_compute syc_model_compute(const struct syc_model *m);
/* What floats were quantized to by set_weights, "q4_k"; NULL: nothing was. */
SYC_API const char *syc_model_weights(const struct syc_model *m);
/* "int8", "f32", "auto", "int8x2" */
SYC_API const char *syc_compute_name(enum syc_compute c);
/* "avx2", "scalar", ... */
SYC_API const char *syc_model_kernels(const struct syc_model *m);
/* The best kernels of this processor, by name. */
SYC_API const char *syc_cpu_kernels(void);
/*
 * What the environment variable OPENBLAS_CORETYPE should say when a process starts,
 * because OpenBLAS does not know this processor and takes kernels for one without
 * its instructions, several times slower; NULL: nothing.
 */
SYC_API const char *syc_cpu_blas(void);
/* Bytes of weights held in memory, beside the mapped file. */
SYC_API size_t syc_model_memory(const struct syc_model *m);

struct syc_model_need {
	size_t weights;		/* bytes: what syc_model_memory() will be */
	/* bytes of the mapped files that are read all the time: all, but with
	 * int8 none, where at most the embedding is read there, a row a token */
	size_t mapped;
	struct syc_config config;
};
/*
 * What syc_model_open() with these options would take, without reading a
 * weight; errors are as of syc_model_check().  o may be NULL.
 */
SYC_API int syc_model_memory_needed(struct syc_model_need *out, const char *path,
				    const struct syc_model_opts *o,
				    struct syc_err *err);
/*
 * The identity of the files' content, "crc32:89abcdef:2780000" (checksum and
 * bytes; of a folder over weights, configuration and vocabulary), then for each
 * adapter "+", its own and "*" its scale.  Made while the files were read.
 */
SYC_API const char *syc_model_digest(const struct syc_model *m);

struct syc_convert_opts {
	enum syc_weights weights;
	unsigned threads;	/* 0: all cores */
	/* Called now and then, with done <= total; may be NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
	struct syc_buf *notes;	/* as syc_model_notes(), appended; or NULL */
	/* [n_adapters] merged: matrices are as with SYC_COMPUTE_F32, then stored */
	const struct syc_adapter *adapters;
	size_t n_adapters;
};

/*
 * Write the model in `from` as one GGUF file that llama.cpp and
 * syc_model_open() read, with its metadata and vocabulary.  Vectors become F32;
 * matrices whose rows are no multiple of the type's block (256 of K types, else
 * 32) become Q8_0, or F16 where 32 does not divide them either; what has its
 * type already is copied.  Memory stays bounded: pieces of a tensor at a time.  Where
 * an adapter tells apart embedding and output of a model that has both in one
 * matrix, the file has two.
 * The file gets its name when it is whole.  NaN and infinite weights are
 * SYC_EFORMAT naming the tensor, and so are numbers that float16 cannot hold.
 * o may be NULL.
 */
SYC_API int syc_model_convert(const char *from, const char *to,
			      const struct syc_convert_opts *o,
			      struct syc_err *err);

/*
 * Describe a model or an adapter without loading its weights, as one JSON
 * object: "format" ("gguf", "safetensors"), "files", "bytes", "tensors"; of GGUF
 * "version" and "metadata" (long arrays shortened), else "config", what
 * config.json or adapter_config.json says.  Appends to out.
 */
SYC_API int syc_model_describe(const char *path, struct syc_buf *out,
			       struct syc_err *err);

/*
 * Whether syc_model_open() would take it as far as that is known without
 * reading the weights: its error.  A file of a vocabulary alone is no error.
 */
SYC_API int syc_model_check(const char *path, struct syc_err *err);

/* What a file is, by its content. */
enum syc_file_kind {
	SYC_FILE_UNKNOWN, SYC_FILE_GGUF, SYC_FILE_ZIP, SYC_FILE_NPY,
	SYC_FILE_SAFETENSORS, SYC_FILE_FOLDER,
};
SYC_API int syc_file_kind(enum syc_file_kind *kind, const char *path,
			  struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
