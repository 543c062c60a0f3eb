/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "rec/vector_file.h"
#include "syc/output.h"

const char vec_layer_base[] = "direction l is of the residual stream after block l, counted from 0";

struct syc_vector *syc_vector_new(size_t n_layers, size_t dim)
{
	struct syc_vector *v = calloc(1, sizeof(*v));
	size_t n;

	if (!v || !syc_mul(&n, n_layers, dim)) {
		free(v);
		return NULL;
	}
	v->n_layers = n_layers;
	v->dim = dim;
	v->v = syc_calloc(n, sizeof(*v->v));
	v->has = syc_calloc(n_layers, 1);
	if (v->v && v->has)
		return v;
	syc_vector_free(v);
	return NULL;
}

void syc_vector_free(struct syc_vector *v)
{
	if (!v)
		return;
	for (unsigned i = 0; i < VEC_TEXTS; i++)
		free(*vec_text(v, i));
	for (unsigned i = 0; i < VEC_DIAGS; i++)
		free(*vec_diag(v, i));
	free(v->provenance);
	free(v->v);
	free(v->has);
	free(v);
}

int syc_vector_str(char **field, const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		return SYC_ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

double syc_cosine(const float *a, const float *b, size_t n)
{
	double ab = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < n; i++) {
		ab += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	/* Finite floats cannot overflow these sums, nor underflow to zero. */
	if (!(aa > 0 && bb > 0) || !isfinite(aa) || !isfinite(bb))
		return NAN;
	return ab / (sqrt(aa) * sqrt(bb));
}

/* The kind of the file at path, from its first bytes. */
static int find_reader(vec_reader **reader, const char *path,
		       const struct syc_vector_read_opts *o,
		       struct syc_err *err)
{
	unsigned char head[10] = { 0 };	/* ends in a NUL */
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	n = fread(head, 1, sizeof(head) - 1, f);
	if (ferror(f)) {
		syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
		fclose(f);
		return SYC_EIO;
	}
	fclose(f);
	if (o->raw_layers || o->raw_dim)
		*reader = vec_read_raw;
	else if (n >= 4 && memcmp(head, "GGUF", 4) == 0)
		*reader = vec_read_gguf;
	else if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
		*reader = vec_read_npz;
	else if (n >= 6 && memcmp(head, "\x93NUMPY", 6) == 0)
		*reader = vec_read_npy;
	else if (n == 9 && head[8] == '{' && head[7] == 0)
		*reader = vec_read_safetensors;
	else if (n && head[strspn((const char *)head, " \t\r\n")] == '{')
		*reader = vec_read_svec;
	else
		return syc_fail(err, SYC_EFORMAT,
			"%s: not a vector file (GGUF, .npz, .npy, safetensors "
			"and .svec are read)",
			path);
	return 0;
}

/* What every vector that was read has. */
static int complete(struct syc_vector *v, const char *path, struct syc_err *err)
{
	size_t bad = vec_not_finite(v);

	if (bad < v->n_layers)
		return syc_fail(err, SYC_EFORMAT,
			"%s: the vector of layer %zu has a NaN or an infinity",
			path, bad);
	for (unsigned i = 0; i < VEC_TEXTS; i++)
		if (!*vec_text(v, i) && syc_vector_str(vec_text(v, i), "") < 0)
			return syc_nomem(err);
	if (!v->provenance && syc_vector_str(&v->provenance, "{}") < 0)
		return syc_nomem(err);
	return 0;
}

int syc_vector_read(struct syc_vector **out, const char *path,
		    const struct syc_vector_read_opts *o, struct syc_err *err)
{
	static const struct syc_vector_read_opts none;
	struct syc_vector_read_opts strict;
	vec_reader *reader = NULL;
	bool assumed = false;
	int ret;

	*out = NULL;
	o = o ? o : &none;
	ret = find_reader(&reader, path, o, err);
	strict = *o;
	strict.strict = true;
	if (ret == 0)
		ret = reader(out, path, &strict, err);
	/* What only the other way of reading takes has layers that are assumed. */
	if (ret == SYC_EINVAL && !o->strict &&
	    o->layer_base == SYC_BASE_UNSAID) {
		syc_vector_free(*out);
		*out = NULL;
		ret = reader(out, path, o, err);
		assumed = ret == 0;
	}
	if (ret == 0) {
		(*out)->assumed = assumed;
		ret = complete(*out, path, err);
	}
	if (ret < 0) {
		syc_vector_free(*out);
		*out = NULL;
	}
	return ret;
}

static vec_writer *find_writer(const char *path, enum syc_vector_format format)
{
	static const struct {
		const char *ending;
		vec_writer *write;
	} writers[] = {
		[SYC_VECTOR_AUTO] = { "", vec_write_gguf },
		[SYC_VECTOR_GGUF] = { ".gguf", vec_write_gguf },
		[SYC_VECTOR_NPZ] = { ".npz", vec_write_npz },
		[SYC_VECTOR_NPY] = { ".npy", vec_write_npy },
		[SYC_VECTOR_SAFETENSORS] = { ".safetensors",
					     vec_write_safetensors },
	};
	size_t n = strlen(path);

	for (unsigned i = SYC_VECTOR_GGUF;
	     i <= SYC_VECTOR_SAFETENSORS && format == SYC_VECTOR_AUTO; i++) {
		size_t len = strlen(writers[i].ending);

		if (n >= len && strcmp(path + n - len, writers[i].ending) == 0)
			format = i;
	}
	return writers[format].write;
}

static int check_written(const struct syc_vector *v, const char *path,
			 struct syc_err *err)
{
	size_t bad = vec_not_finite(v);

	if (bad < v->n_layers)
		return syc_fail(err, SYC_EINVAL,
			"%s: the vector of layer %zu has a NaN or an infinity",
			path, bad);
	if (v->n_layers > VEC_MAX_LAYERS || v->dim == 0 || vec_count(v) == 0)
		return syc_fail(err, SYC_EINVAL,
			"%s: there is no vector to write in %zu layers of width %zu",
			path, v->n_layers, v->dim);
	return 0;
}

int syc_vector_write(const struct syc_vector *v, const char *path,
		     enum syc_vector_format format, struct syc_err *err)
{
	struct syc_output o;
	int ret = check_written(v, path, err);

	syc_output_begin(&o, path, SYC_LEFTOVER_REPLACE);
	if (ret == 0)
		ret = syc_output_open(&o, err);
	if (ret == 0)
		ret = find_writer(path, format)(v, o.f, path, err);
	if (ret == 0)
		return syc_output_finish(&o, err);
	syc_output_drop(&o);
	return ret;
}
