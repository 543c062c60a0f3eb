/* SPDX-License-Identifier: MIT */
/* Adapters into files: a folder of PEFT's, and llama.cpp's GGUF. */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/gguf.h"
#include "format/safetensors.h"
#include "model/arch.h"
#include "model/lora.h"
#include "model/lora_weights.h"
#include "model/rope.h"
#include "syc/output.h"

enum { NAME = SYC_PART_NAME + 32 };

/* The tensors of a file, two for each pair. */
struct list {
	struct syc_tensor *t;	/* [2 n] */
	char (*name)[NAME];	/* [2 n] */
	float *turned;		/* rows of q and k, in the file's order */
	size_t n;		/* pairs */
};

static void list_free(struct list *l)
{
	free(l->t);
	free(l->name);
	free(l->turned);
}

static int check_finite(const struct syc_tensor *t, const float *v,
			struct syc_err *err)
{
	for (size_t i = 0; i < syc_tensor_values(t); i++)
		if (!isfinite(v[i]))
			return syc_fail(
				err, SYC_EINVAL,
				"adapter: '%s' has NaN or infinite values",
				t->name);
	return 0;
}

static int set_tensor(struct list *l, size_t i, const float *v, size_t cols,
		      size_t rows, struct syc_err *err)
{
	l->t[i] = (struct syc_tensor){
		.name = l->name[i], .type = SYC_TYPE_F32, .n_dims = 2,
		.ne = { cols, rows, 1, 1 }, .data = (const uint8_t *)v,
		.bytes = cols * rows * sizeof(*v),
	};
	return check_finite(&l->t[i], v, err);
}

/* Names of both factors: MODULE.lora_A.weight, or NAME.weight.lora_a. */
static void set_names(struct list *l, size_t i, const struct syc_lora_pair *p,
		      bool hub)
{
	static const char *const ends[2][2] = {
		{".lora_a", ".lora_b"}, {".lora_A.weight", ".lora_B.weight"}};
	const struct syc_part_at at = syc_lora_part(p);
	char own[SYC_PART_NAME];

	syc_part_name(own, &at, hub);
	if (hub)
		own[strlen(own) - strlen(".weight")] = '\0';
	for (size_t k = 0; k < 2; k++)
		snprintf(l->name[2 * i + k], NAME, "%s%s%s",
			 hub ? SYC_PEFT_FRONT : "", own, ends[hub][k]);
}

/* The rows of b as they lie in files in halves; returns what comes behind them. */
static float *turn(float *out, const struct syc_lora_pair *p, size_t rank,
		   size_t head_dim)
{
	for (size_t r = 0; r < p->rows; r++)
		memcpy(out + syc_rope_row(r, head_dim) * rank, p->b + r * rank,
		       rank * sizeof(*out));
	return out + p->rows * rank;
}

static bool list_alloc(struct list *l, const struct syc_lora_weights *w,
		       bool halves)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (halves && syc_part_rotated(syc_lora_part(&w->pair[i]).part))
			n += w->shape.rank * w->pair[i].rows;
	l->n = w->n;
	l->t = syc_calloc(2 * w->n, sizeof(*l->t));
	l->name = syc_calloc(2 * w->n, sizeof(*l->name));
	l->turned = syc_calloc(n + 1, sizeof(*l->turned));
	return l->t && l->name && l->turned;
}

static int list_make(struct list *l, const struct syc_lora_weights *w,
		     const struct syc_config *c, bool hub, struct syc_err *err)
{
	const bool halves = syc_arch_halves(c, hub);
	const size_t rank = w->shape.rank;
	float *turned;
	int ret = list_alloc(l, w, halves) ? 0 : syc_nomem(err);

	turned = l->turned;
	for (size_t i = 0; i < w->n && ret == 0; i++) {
		const struct syc_lora_pair *p = &w->pair[i];
		const float *b = p->b;

		set_names(l, i, p, hub);
		if (halves && syc_part_rotated(syc_lora_part(p).part)) {
			b = turned;
			turned = turn(turned, p, rank, c->head_dim);
		}
		ret = set_tensor(l, 2 * i, p->a, p->cols, rank, err);
		if (ret == 0)
			ret = set_tensor(l, 2 * i + 1, b, rank, p->rows, err);
	}
	return ret;
}

/* ---- PEFT ------------------------------------------------------------------- */

/* What PEFT writes whatever is trained, of all its versions. */
static const char fixed[] =
	"  \"alpha_pattern\": {},\n"
	"  \"auto_mapping\": null,\n"
	"  \"bias\": \"none\",\n"
	"  \"fan_in_fan_out\": false,\n"
	"  \"inference_mode\": true,\n"
	"  \"init_lora_weights\": true,\n"
	"  \"layers_pattern\": null,\n"
	"  \"layers_to_transform\": null,\n"
	"  \"modules_to_save\": null,\n"
	"  \"peft_type\": \"LORA\",\n"
	"  \"rank_pattern\": {},\n"
	"  \"revision\": null,\n"
	"  \"task_type\": \"CAUSAL_LM\",\n"
	"  \"use_dora\": false,\n";

static void put_modules(struct syc_buf *b, unsigned matrices)
{
	const char *comma = "";

	for (unsigned m = 0; m < SYC_LORA_N; m++) {
		if (!(matrices >> m & 1))
			continue;
		syc_buf_printf(b, "%s\n    \"%s\"", comma,
			       syc_lora_matrix_name((enum syc_lora_matrix)m));
		comma = ",";
	}
}

static int make_config(struct syc_buf *b, const struct syc_lora_shape *s,
		       const char *base)
{
	syc_buf_printf(b, "{\n%s  \"base_model_name_or_path\": ", fixed);
	syc_buf_json(b, base, strlen(base));
	syc_buf_printf(b, ",\n  \"r\": %" PRIu32 ",\n  \"use_rslora\": %s",
		       s->rank, s->rslora ? "true" : "false");
	syc_buf_puts(b, ",\n  \"lora_alpha\": ");
	syc_buf_float(b, s->alpha);
	syc_buf_puts(b, ",\n  \"lora_dropout\": ");
	syc_buf_float(b, s->dropout);
	syc_buf_puts(b, ",\n  \"target_modules\": [");
	put_modules(b, s->matrices);
	syc_buf_puts(b, "\n  ]\n}\n");
	return b->failed ? SYC_ENOMEM : 0;
}

static int write_config(const struct syc_output_folder *o,
			const struct syc_lora_weights *w, const char *base,
			struct syc_err *err)
{
	char *path = syc_output_folder_file(o, "adapter_config.json");
	struct syc_buf b = { 0 };
	int ret = path ? make_config(&b, &w->shape, base) : SYC_ENOMEM;

	ret = ret < 0 ? syc_nomem(err)
		      : syc_output_all(path, b.data, b.len, err);
	syc_buf_free(&b);
	free(path);
	return ret;
}

static int write_tensors(const struct syc_output_folder *o,
			 const struct list *l, struct syc_err *err)
{
	static const struct syc_meta meta = { "format", "pt" };
	char *path = syc_output_folder_file(o, "adapter_model.safetensors");
	struct syc_output out;
	int ret;

	if (!path)
		return syc_nomem(err);
	syc_output_begin(&out, path, SYC_LEFTOVER_REPLACE);
	ret = syc_output_open(&out, err);
	if (ret == 0)
		ret = syc_safetensors_write(l->t, 2 * l->n, &meta, 1, out.f,
					    path, err);
	if (ret == 0)
		ret = syc_output_finish(&out, err);
	else
		syc_output_drop(&out);
	free(path);
	return ret;
}

int syc_lora_weights_write(const struct syc_lora_weights *w,
			   const struct syc_config *c, const char *base,
			   const char *folder, struct syc_err *err)
{
	struct syc_output_folder o;
	struct list l = { 0 };
	int ret = list_make(&l, w, c, true, err);

	if (ret == 0)
		ret = syc_output_folder_open(&o, folder, err);
	if (ret == 0) {
		ret = write_config(&o, w, base, err);
		if (ret == 0)
			ret = write_tensors(&o, &l, err);
		if (ret == 0)
			ret = syc_output_folder_finish(&o, err);
		else
			syc_output_folder_drop(&o);
	}
	list_free(&l);
	return ret;
}

/* ---- GGUF ------------------------------------------------------------------- */

/* The alpha whose quotient by the rank comes nearest to the scale. */
static float gguf_alpha(const struct syc_lora_weights *w)
{
	return w->shape.rslora ? (float)((double)w->scale * w->shape.rank)
			       : w->shape.alpha;
}

static struct syc_gguf_out *make_gguf(const struct syc_lora_weights *w,
				      const struct syc_config *c,
				      const struct list *l)
{
	struct syc_gguf_out *g = syc_gguf_out_new();

	if (!g)
		return NULL;
	syc_gguf_put_str(g, "general.architecture", c->arch, strlen(c->arch));
	syc_gguf_put_str(g, "general.type", "adapter", strlen("adapter"));
	syc_gguf_put_str(g, "adapter.type", "lora", strlen("lora"));
	syc_gguf_put_f32(g, "adapter.lora.alpha", gguf_alpha(w));
	syc_gguf_put_u32(g, "general.file_type", 0);	/* all F32 */
	for (size_t i = 0; i < 2 * l->n; i++)
		syc_gguf_put_tensor(g, &l->t[i]);
	return g;
}

static int put_data(const struct list *l, FILE *f, const char *path,
		    struct syc_err *err)
{
	static const char zero[SYC_GGUF_ALIGN];

	for (size_t i = 0; i < 2 * l->n; i++) {
		const size_t n = l->t[i].bytes,
			     pad = syc_round_up(n, SYC_GGUF_ALIGN) - n;

		if (fwrite(l->t[i].data, 1, n, f) != n ||
		    fwrite(zero, 1, pad, f) != pad)
			return syc_fail(err, SYC_EIO, "%s: %s", path,
					strerror(errno));
	}
	return 0;
}

static int write_gguf(struct syc_gguf_out *g, const struct list *l,
		      const char *path, struct syc_err *err)
{
	struct syc_output out;
	int ret;

	syc_output_begin(&out, path, SYC_LEFTOVER_REPLACE);
	ret = syc_output_open(&out, err);
	if (ret == 0)
		ret = syc_gguf_write(g, out.f, path, err);
	if (ret == 0)
		ret = put_data(l, out.f, path, err);
	if (ret == 0)
		return syc_output_finish(&out, err);
	syc_output_drop(&out);
	return ret;
}

int syc_lora_weights_write_gguf(const struct syc_lora_weights *w,
				const struct syc_config *c, const char *path,
				struct syc_err *err)
{
	struct syc_gguf_out *g = NULL;
	struct list l = { 0 };
	int ret = list_make(&l, w, c, false, err);

	if (ret == 0) {
		g = make_gguf(w, c, &l);
		ret = g ? write_gguf(g, &l, path, err) : syc_nomem(err);
	}
	syc_gguf_out_free(g);
	list_free(&l);
	return ret;
}
