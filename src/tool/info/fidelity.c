/* SPDX-License-Identifier: MIT */
/* --fidelity: what int8, or another file of a model, costs in exactness. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/fidelity.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/common/progress.h"
#include "tool/info/info.h"

enum { CTX = 512, MAX_TEXT = 256 << 20 };

struct fidelity {
	const struct tool *tool;
	const struct info *info;
	const struct info_fidelity *o;
	const struct opt_values *common;
	struct syc_model *model[2];	/* reference, model */
	struct syc_vector **v;		/* [o->vectors.n] */
	struct syc_ids bos, ids;	/* what begins a piece; the text */
	size_t ctx, n_pieces;
	struct syc_fidelity *sums;
};

/* ---- what is compared ---------------------------------------------------------- */

static int open_models(struct fidelity *f, struct syc_err *err)
{
	struct load load = f->o->load;
	int ret;

	load.model = f->o->reference ? f->o->reference : f->info->path;
	load.compute = SYC_COMPUTE_F32;
	load.set_weights = false;
	ret = load_open(f->tool, f->common, &load, &f->model[0], err);
	load.model = f->info->path;
	load.compute = f->o->load.compute;
	load.set_weights = f->o->load.set_weights;
	return ret < 0 ? ret
		       : load_open(f->tool, f->common, &load, &f->model[1],
				   err);
}

static int read_vectors(struct fidelity *f, struct syc_err *err)
{
	const struct syc_vector_read_opts o = { .dim = syc_model_config(f->model[1])->dim };
	int ret = 0;

	f->v = calloc(f->o->vectors.n + 1, sizeof(*f->v));
	if (!f->v)
		return fail_nomem(err);
	for (size_t k = 0; k < f->o->vectors.n && ret == 0; k++) {
		ret = syc_vector_read(&f->v[k], f->o->vectors.text[k], &o, err);
		if (ret == 0 && f->v[k]->assumed)
			tool_warn_assumed(f->tool, f->common,
					  f->o->vectors.text[k]);
	}
	return ret;
}

static int read_tokens(struct fidelity *f, struct syc_err *err)
{
	const struct syc_vocab *v = syc_model_vocab(f->model[1]);
	const char *path = f->o->text;
	struct syc_buf text = { 0 };
	int ret = !path ? (syc_buf_puts(&text, info_text) < 0 ? fail_nomem(err) : 0) :
		read_all_of(&text, strcmp(path, "-") == 0 ? NULL : path, MAX_TEXT, err);

	if (ret == 0)
		ret = syc_vocab_encode(v, "", 0, SYC_TOK_BOS, &f->bos, err);
	if (ret == 0)
		ret = syc_vocab_encode(v, text.data ? text.data : "", text.len,
				       0, &f->ids, err);
	if (ret == 0 && !f->ids.n)
		ret = fail(err, SYC_EINVAL, "%.400s: there is no text",
			   path ? path : "-");
	syc_buf_free(&text);
	return ret;
}

static void choose_ctx(struct fidelity *f)
{
	uint32_t a = syc_model_config(f->model[0])->n_ctx,
		 b = syc_model_config(f->model[1])->n_ctx;
	uint32_t most = a < b ? a : b, ctx = f->o->load.ctx;

	if (ctx == 1)
		tool_usage(f->tool, "--ctx: one token predicts nothing");
	if (ctx > most)
		tool_usage(f->tool,
			   "--ctx: the model was trained for %" PRIu32
			   " tokens",
			   most);
	f->ctx = ctx ? ctx : CTX < most ? CTX : most;
}

/* Pieces one behind the other, each begun as a text is. */
static int run(struct fidelity *f, struct syc_err *err)
{
	struct syc_fidelity_opts fo = {
		.threads = f->common->threads, .n_vectors = f->o->vectors.n,
		.vectors = (const struct syc_vector *const *)f->v,
	};
	size_t per = f->ctx > f->bos.n ? f->ctx - f->bos.n : 1;
	struct progress p;
	int ret =
		syc_fidelity_new(&f->sums, f->model[0], f->model[1], &fo, err);

	if (ret < 0)
		return ret;
	progress_begin(&p, f->tool, f->common, "tokens");
	for (size_t at = 0; at < f->ids.n && ret == 0;
	     at += per, f->n_pieces++) {
		size_t n = f->ids.n - at < per ? f->ids.n - at : per;
		struct syc_ids w = { 0 };

		ret = syc_ids_add(&w, f->bos.id, f->bos.n) < 0 ||
				      syc_ids_add(&w, f->ids.id + at, n) < 0
			      ? fail_nomem(err)
			      : syc_fidelity_add(f->sums, w.id, w.n, err);
		syc_ids_free(&w);
		progress_show(&p, at + n, (double)(at + n) / (double)f->ids.n);
	}
	progress_end(&p);
	return ret;
}

/* ---- the report ------------------------------------------------------------------ */

static const char *compute(const struct fidelity *f, int side)
{
	return syc_compute_name(syc_model_compute(f->model[side]));
}

static void print_head(const struct fidelity *f,
		       const struct syc_fidelity_total *t)
{
	const char *text = f->o->text ? f->o->text : "syc-info's own text";
	struct sheet *o = f->info->o;

	put(o, "%s, %s, against ", f->info->path, compute(f, 1));
	if (f->o->reference)
		put(o, "%s, ", f->o->reference);
	put(o, "%s: %" PRIu64 " tokens of %s in %zu piece%s\n", compute(f, 0),
	    t->n_tokens, strcmp(text, "-") == 0 ? "standard input" : text,
	    f->n_pieces, f->n_pieces == 1 ? "" : "s");
	for (size_t k = 0; k < f->o->vectors.n; k++)
		put(o, "noise%zu is along %s\n", k + 1, f->o->vectors.text[k]);
}

static void print_table(const struct fidelity *f)
{
	struct sheet *o = f->info->o;
	struct syc_fidelity_layer l;
	struct syc_fidelity_total t;

	syc_fidelity_total(f->sums, &t);
	print_head(f, &t);
	put(o, "layer   cosine    least      error");
	for (size_t k = 0; k < f->o->vectors.n; k++)
		put(o, "   noise%zu  ", k + 1);
	put(o, "\n");
	for (uint32_t i = 0; i < syc_model_config(f->model[1])->n_layers; i++) {
		syc_fidelity_layer(f->sums, i, &l);
		put(o, "%5" PRIu32 " %8.6f %8.6f %10.4g", i, l.cosine,
		    l.least_cosine, l.error);
		for (size_t k = 0; k < f->o->vectors.n; k++) {
			double x = syc_fidelity_noise(f->sums, i, k);

			isnan(x) ? put(o, " %10s", "-") : put(o, " %10.4g", x);
		}
		put(o, "\n");
	}
	if (t.n_compared)
		put(o,
		    "most probable next token: the same %" PRIu64 " of %" PRIu64
		    " times (%.2f %%)\n",
		    t.n_agree, t.n_compared,
		    100 * (double)t.n_agree / (double)t.n_compared);
	if (t.n_predicted)
		put(o,
		    "perplexity: %.6g, reference %.6g (%+.3f %%), of %" PRIu64
		    " tokens\n",
		    t.perplexity, t.reference_perplexity,
		    100 * (t.perplexity / t.reference_perplexity - 1),
		    t.n_predicted);
}

static void json_9(struct sheet *o, double x)
{
	isfinite(x) ? put(o, "%.9g", x) : put(o, "null");
}

static void field(struct sheet *o, const char *key, double x)
{
	put(o, ", \"%s\": ", key);
	json_9(o, x);
}

static void put_layer(const struct fidelity *f, uint32_t i)
{
	struct sheet *o = f->info->o;
	struct syc_fidelity_layer l;

	syc_fidelity_layer(f->sums, i, &l);
	put(o, "%s{\"layer\": %" PRIu32, i ? ", " : "", i);
	field(o, "cosine", l.cosine);
	field(o, "least_cosine", l.least_cosine);
	field(o, "error", l.error);
	put(o, ", \"noise\": [");
	for (size_t k = 0; k < f->o->vectors.n; k++) {
		put(o, "%s", k ? ", " : "");
		json_9(o, syc_fidelity_noise(f->sums, i, k));
	}
	put(o, "]}");
}

static void print_json(const struct fidelity *f)
{
	const char *reference = f->o->reference, *text = f->o->text;
	struct sheet *o = f->info->o;
	struct syc_fidelity_total t;

	syc_fidelity_total(f->sums, &t);
	info_head(f->info, "fidelity");
	put(o,
	    ", \"compute\": \"%s\", \"reference\": {\"file\": ", compute(f, 1));
	json_text(o, reference ? reference : f->info->path);
	put(o, ", \"compute\": \"%s\"}, \"text\": ", compute(f, 0));
	text ? json_text(o, text) : put(o, "null");
	put(o,
	    ", \"ctx\": %zu, \"pieces\": %zu, \"tokens\": %" PRIu64
	    ", \"vectors\": [",
	    f->ctx, f->n_pieces, t.n_tokens);
	for (size_t k = 0; k < f->o->vectors.n; k++) {
		put(o, "%s", k ? ", " : "");
		json_text(o, f->o->vectors.text[k]);
	}
	put(o, "], \"layers\": [");
	for (uint32_t i = 0; i < syc_model_config(f->model[1])->n_layers; i++)
		put_layer(f, i);
	put(o,
	    "], \"compared\": %" PRIu64 ", \"same_top\": %" PRIu64
	    ", \"predicted\": %" PRIu64,
	    t.n_compared, t.n_agree, t.n_predicted);
	field(o, "perplexity", t.perplexity);
	field(o, "reference_perplexity", t.reference_perplexity);
	put(o, "}\n");
}

int info_fidelity(const struct tool *t, const struct info *i,
		  const struct info_fidelity *o, const struct opt_values *c,
		  struct syc_err *err)
{
	struct fidelity f = { .tool = t, .info = i, .o = o, .common = c };
	int ret = open_models(&f, err);

	if (ret == 0)
		choose_ctx(&f);
	if (ret == 0 && (ret = read_vectors(&f, err)) == 0 &&
	    (ret = read_tokens(&f, err)) == 0)
		ret = run(&f, err);
	if (ret == 0 && i->json)
		print_json(&f);
	else if (ret == 0)
		print_table(&f);
	syc_fidelity_free(f.sums);
	for (size_t k = 0; f.v && k < o->vectors.n; k++)
		syc_vector_free(f.v[k]);
	free(f.v);
	syc_ids_free(&f.bos);
	syc_ids_free(&f.ids);
	syc_model_close(f.model[0]);
	syc_model_close(f.model[1]);
	return ret;
}
