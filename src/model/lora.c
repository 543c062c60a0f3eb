/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/store.h"
#include "model/arch.h"
#include "model/digest.h"
#include "model/lora.h"
#include "model/rope.h"

/* What all adapters add to one matrix. */
struct sum {
	struct syc_part_at at;
	struct syc_low_rank low;
	size_t cap_a, cap_b;		/* ranks */
};

struct syc_lora {
	const struct syc_config *cfg;
	const struct syc_store *model;	/* or NULL */
	struct sum *sum;		/* [n] */
	size_t n, cap;
	struct syc_buf digest;
};

/* One adapter on its way in. */
struct adapter {
	struct syc_lora *to;
	struct syc_store *file;
	struct syc_settings peft;	/* of safetensors */
	const char *path;
	float scale;			/* the user's */
	float alpha;			/* of GGUF */
	bool halves;
	struct syc_err *err;
};

/* Both factors of one matrix. */
struct pair {
	struct syc_part_at at;
	const struct syc_tensor *a, *b;
	bool embedding;			/* both are the other way round */
	/* the matrix, as the adapter names it */
	char module[SYC_PART_NAME];
};

/* ---- names ---------------------------------------------------------------- */

static const char front[] = SYC_PEFT_FRONT;

static const struct {
	/* own: what the model's name ends in instead */
	const char *a, *b, *own;
	bool hub, embedding;
} endings[] = {
	{ ".lora_A.weight", ".lora_B.weight", ".weight", true, false },
	{ ".lora_embedding_A", ".lora_embedding_B", ".weight", true, true },
	{ ".weight.lora_a", ".weight.lora_b", ".weight", false, false },
};

enum { N_ENDINGS = sizeof(endings) / sizeof(endings[0]) };

/* The bytes of name in front of that ending, or 0. */
static size_t stem(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0 ? n - m : 0;
}

/* True when t is the first factor of a matrix that models have. */
static bool find_part(struct pair *p, const struct syc_tensor *t, bool hub,
		      const char **other)
{
	const char *name = t->name;
	char full[SYC_PART_NAME + 16];

	for (size_t i = 0; i < N_ENDINGS; i++) {
		size_t n = endings[i].hub == hub ? stem(name, endings[i].a) : 0;

		if (!n)
			continue;
		if (hub && strncmp(name, front, sizeof(front) - 1) == 0) {
			name += sizeof(front) - 1;
			n -= n > sizeof(front) - 1 ? sizeof(front) - 1 : n;
		}
		if (!n || n >= sizeof(p->module))
			return false;
		snprintf(p->module, sizeof(p->module), "%.*s", (int)n, name);
		snprintf(full, sizeof(full), "%s%s", p->module, endings[i].own);
		p->embedding = endings[i].embedding;
		*other = endings[i].b;
		if (!syc_part_find(&p->at, full, hub))
			return false;
		/* GGUF tells it by the name. */
		p->embedding |= p->at.part == SYC_PART_EMBED;
		return true;
	}
	return false;
}

static bool is_second(const char *name)
{
	for (size_t i = 0; i < N_ENDINGS; i++)
		if (stem(name, endings[i].b))
			return true;
	return false;
}

/* ---- factors ---------------------------------------------------------------- */

/* Whether the model has such a matrix. */
static bool fits(const struct syc_config *cfg, const struct pair *p)
{
	uint64_t cols, rows;

	syc_part_shape(cfg, &p->at, &cols, &rows);
	return rows > 1 && p->at.layer < cfg->n_layers &&
		!(p->at.part == SYC_PART_OUTPUT && cfg->reward) &&
		(p->at.part == SYC_PART_EMBED) == p->embedding;
}

static int check_shapes(const struct adapter *in, const struct pair *p,
			size_t *rank)
{
	const struct syc_tensor *a = p->a, *b = p->b;
	uint64_t cols, rows, r = p->embedding ? b->ne[0] : a->ne[1];
	bool good;

	syc_part_shape(in->to->cfg, &p->at, &cols, &rows);
	if (p->embedding && !in->peft.o)	/* GGUF: a [vocab][rank], b [dim][rank] */
		good = a->ne[0] == r && a->ne[1] == rows && b->ne[1] == cols;
	else if (p->embedding)			/* PEFT: a [rank][vocab], b [dim][rank] */
		good = a->ne[0] == rows && a->ne[1] == r && b->ne[1] == cols;
	else
		good = a->ne[0] == cols && b->ne[0] == r && b->ne[1] == rows;
	if (!good || !r || a->ne[2] != 1 || a->ne[3] != 1 || b->ne[2] != 1 ||
	    b->ne[3] != 1)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: tensor '%.200s' (%" PRIu64 " x %" PRIu64 ") "
				"and its second factor"
				" (%" PRIu64 " x %" PRIu64 ") are not for a "
				"matrix of %" PRIu64 " x %" PRIu64, in->path,
				a->name, a->ne[0], a->ne[1], b->ne[0], b->ne[1],
				cols, rows);
	*rank = (size_t)r;
	return 0;
}

/* All values of a tensor, looked at. */
static int decode(const struct adapter *in, const struct syc_tensor *t,
		  float **out)
{
	size_t n = (size_t)(t->ne[0] * t->ne[1]);

	*out = NULL;
	if (!syc_type_known(t->type))
		return syc_fail(in->err, SYC_EUNSUPP,
				"%s: tensor '%.200s' has type %s, which is not "
				"supported", in->path, t->name,
				syc_type_name(t->type));
	*out = syc_aligned(n, sizeof(**out));
	if (!*out)
		return syc_nomem(in->err);
	syc_type_decode(*out, t->type, t->data, n);
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*out)[i]))
			return syc_fail(in->err, SYC_EFORMAT,
				"%s: tensor '%.200s' has NaN or infinite "
				"values",
				in->path, t->name);
	return 0;
}

static struct sum *find_sum(const struct syc_lora *l, enum syc_part part,
			    uint32_t layer)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (l->sum[i].at.part == part && l->sum[i].at.layer == layer)
			return &l->sum[i];
	return NULL;
}

/* Room for `rank` more in the sum of that matrix. */
static struct sum *grow_sum(struct syc_lora *l, const struct pair *p,
			    size_t rank, size_t rows, size_t cols)
{
	struct sum *s = find_sum(l, p->at.part, p->at.layer);

	if (!s) {
		if (!syc_grow(&l->sum, &l->cap, l->n + 1, sizeof(*l->sum)))
			return NULL;
		s = &l->sum[l->n++];
		*s = (struct sum){ .at = p->at };
	}
	if (!syc_grow(&s->low.a, &s->cap_a, s->low.rank + rank,
		      cols * sizeof(float)) ||
	    !syc_grow(&s->low.b, &s->cap_b, s->low.rank + rank,
		      rows * sizeof(float)))
		return NULL;
	return s;
}

/*
 * Add a pair to the sum: a is [rank][cols], b [rows][rank] or, of the embedding
 * (which is used by its rows), a [rank][rows] or [rows][rank], b [cols][rank].
 */
static int add_pair(struct adapter *in, const struct pair *p, const float *a,
		    const float *b, size_t rank, float scale)
{
	const struct syc_config *cfg = in->to->cfg;
	bool turn = in->halves && syc_part_rotated(p->at.part),
	     peft = in->peft.o;
	uint64_t c, r;
	size_t cols, rows;
	struct sum *s;
	float *to_a, *to_b;

	syc_part_shape(cfg, &p->at, &c, &r);
	cols = (size_t)c;
	rows = (size_t)r;
	s = grow_sum(in->to, p, rank, rows, cols);
	if (!s)
		return syc_nomem(in->err);
	to_a = s->low.a + s->low.rank * cols;
	to_b = s->low.b + s->low.rank * rows;
	for (size_t k = 0; k < rank; k++)
		for (size_t i = 0; i < cols; i++)
			to_a[k * cols + i] = p->embedding ? b[i * rank + k] : a[k * cols + i];
	for (size_t k = 0; k < rank; k++)
		for (size_t i = 0; i < rows; i++) {
			size_t row = turn ? syc_rope_row(i, cfg->head_dim) : i;

			to_b[k * rows + i] = scale *
				(!p->embedding	     ? b[row * rank + k] :
						peft ? a[k * rows + i] :
						       a[i * rank + k]);
		}
	s->low.rank += rank;
	return 0;
}

static int pair_scale(const struct adapter *in, const struct pair *p,
		      size_t rank, float *scale)
{
	int ret = 0;

	*scale = in->alpha > 0 ? in->alpha / (float)rank : 1;
	if (in->peft.o)
		ret = syc_peft_scale(&in->peft, p->module, rank, scale);
	*scale *= in->scale;
	if (ret == 0 && !isfinite(*scale))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: the scale of '%.200s' is too large",
				in->path, p->module);
	return ret;
}

static int read_pair(struct adapter *in, const struct pair *p)
{
	float *a = NULL, *b = NULL, scale = 1;
	size_t rank = 0;
	int ret;

	if ((ret = check_shapes(in, p, &rank)) == 0 &&
	    (ret = pair_scale(in, p, rank, &scale)) == 0 &&
	    (ret = decode(in, p->a, &a)) == 0 &&
	    (ret = decode(in, p->b, &b)) == 0)
		ret = add_pair(in, p, a, b, rank, scale);
	free(a);
	free(b);
	return ret;
}

/* The factor that goes with t, named as t is but for its ending. */
static int find_other(const struct adapter *in, struct pair *p, const char *end)
{
	const char *name = p->a->name;
	size_t n = strlen(name) - strlen(end);
	char *full;

	if (asprintf(&full, "%.*s%s", (int)n, name, end) < 0)
		return syc_nomem(in->err);
	p->b = syc_store_tensor(in->file, full);
	free(full);
	return p->b ? 0 : syc_fail(in->err, SYC_EFORMAT,
				   "%s: tensor '%.200s' is there without '%s'",
				   in->path, name, end);
}

static int read_tensors(struct adapter *in)
{
	bool hub = in->peft.o;
	size_t n_first = 0, n_second = 0;

	for (size_t i = 0; i < syc_store_n_tensors(in->file); i++) {
		struct pair p = { .a = syc_store_tensor_at(in->file, i) };
		const char *end;
		int ret;

		if (is_second(p.a->name)) {
			n_second++;
			continue;
		}
		ret = hub ? syc_lora_base(p.a, in->to->model, in->path, in->err) : 0;
		if (ret < 0)
			return ret;
		if (ret > 0)
			continue;
		if (!find_part(&p, p.a, hub, &end) || !fits(in->to->cfg, &p))
			return syc_fail(in->err, SYC_EFORMAT,
				"%s: tensor '%.200s' is for no matrix of "
				"this model",
				in->path, p.a->name);
		if ((ret = find_other(in, &p, end)) < 0 ||
		    (ret = read_pair(in, &p)) < 0)
			return ret;
		n_first++;
	}
	if (n_second != n_first)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: %zu first and %zu second factors",
				in->path, n_first, n_second);
	if (!n_first)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: an adapter without tensors", in->path);
	return 0;
}

/* ---- files ------------------------------------------------------------------ */

/* A text of the metadata that must be this one. */
static int check_text(const struct adapter *in, const char *key,
		      const char *want)
{
	const struct syc_gguf *g = syc_store_gguf(in->file);
	struct syc_str s = { "", 0 };
	int ret = syc_gguf_str(g, key, &s, in->err);

	if (ret < 0)
		return ret;
	if (s.len != strlen(want) || memcmp(s.s, want, s.len) != 0)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: '%s' is '%.*s', not '%s'", in->path, key,
				s.len < 60 ? (int)s.len : 60, s.s, want);
	return 0;
}

static int read_gguf(struct adapter *in)
{
	const struct syc_gguf *g = syc_store_gguf(in->file);
	int ret;

	if ((ret = check_text(in, "general.type", "adapter")) < 0 ||
	    (ret = check_text(in, "adapter.type", "lora")) < 0 ||
	    (ret = check_text(in, "general.architecture", in->to->cfg->arch)) < 0 ||
	    (ret = syc_gguf_f32(g, "adapter.lora.alpha", &in->alpha, in->err)) < 0)
		return ret;
	if (syc_gguf_kv(g, "adapter.alora.invocation_tokens"))
		return syc_fail(in->err, SYC_EUNSUPP,
				"%s: 'adapter.alora.invocation_tokens' is not "
				"supported", in->path);
	if (!(in->alpha >= 0 && in->alpha < SYC_LORA_MAX_ALPHA))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: 'adapter.lora.alpha' is %g", in->path,
				(double)in->alpha);
	in->halves = syc_arch_halves(in->to->cfg, false);
	return read_tensors(in);
}

static int read_peft(struct adapter *in)
{
	int ret = syc_settings_open(&in->peft, syc_store_folder(in->file),
				    "adapter_config.json", in->err);

	if (ret == 0)
		ret = syc_peft_check(&in->peft);
	in->halves = true;
	return ret < 0 ? ret : read_tensors(in);
}

/* The file of tensors: in a folder PEFT's; the caller frees. */
static char *tensor_file(const char *path)
{
	struct stat st;
	char *file;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return strdup(path);
	return asprintf(&file, "%s/adapter_model.safetensors", path) < 0 ? NULL : file;
}

static int add_digest(struct syc_lora *l, const struct adapter *in)
{
	struct syc_sum s = { 0 };
	int bad = syc_buf_puts(&l->digest, "+");

	for (size_t i = 0; i < syc_store_n_files(in->file); i++) {
		size_t len;
		const uint8_t *data = syc_store_bytes(in->file, i, &len);

		syc_sum_bytes(&s, data, len);
	}
	if (syc_store_folder(in->file))
		syc_sum_file(&s, syc_store_folder(in->file), "adapter_config.json");
	bad |= syc_sum_text(&l->digest, &s);
	bad |= syc_buf_puts(&l->digest, "*");
	bad |= syc_buf_float(&l->digest, in->scale);
	return bad ? syc_nomem(in->err) : 0;
}

static int read_adapter(struct syc_lora *l, const struct syc_adapter *a,
			struct syc_err *err)
{
	struct adapter in = { .to = l, .path = a->path, .scale = a->scale, .err = err };
	char *file = tensor_file(a->path);
	int ret = file ? syc_store_open(&in.file, file, err) : syc_nomem(err);

	if (ret == 0)
		ret = syc_store_gguf(in.file) ? read_gguf(&in) : read_peft(&in);
	if (ret == 0)
		ret = add_digest(l, &in);
	syc_settings_free(&in.peft);
	syc_store_close(in.file);
	free(file);
	return ret;
}

int syc_lora_open(struct syc_lora **out, const struct syc_adapter *adapter,
		  size_t n, const struct syc_config *cfg,
		  const struct syc_store *model, struct syc_err *err)
{
	struct syc_lora *l = calloc(1, sizeof(*l));
	int ret = 0;

	*out = l;
	if (!l)
		return syc_nomem(err);
	l->cfg = cfg;
	l->model = model;
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = read_adapter(l, &adapter[i], err);
	return ret;
}

void syc_lora_free(struct syc_lora *l)
{
	for (size_t i = 0; l && i < l->n; i++) {
		free(l->sum[i].low.a);
		free(l->sum[i].low.b);
	}
	if (l) {
		free(l->sum);
		syc_buf_free(&l->digest);
	}
	free(l);
}

const struct syc_low_rank *syc_lora_find(const struct syc_lora *l,
					 enum syc_part part, uint32_t layer)
{
	struct sum *s = find_sum(l, part, layer);

	return s ? &s->low : NULL;
}

size_t syc_lora_memory(const struct syc_lora *l)
{
	size_t bytes = 0;

	for (size_t i = 0; l && i < l->n; i++) {
		uint64_t cols, rows;

		syc_part_shape(l->cfg, &l->sum[i].at, &cols, &rows);
		bytes += l->sum[i].low.rank * (size_t)(cols + rows) *
			 sizeof(float);
	}
	return bytes;
}

const char *syc_lora_digest(const struct syc_lora *l)
{
	return l && l->digest.data ? l->digest.data : "";
}
