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

enum { CTX = 512, MAX_TEXT = 256 << 20, SHOWN = 16 };

struct fidelity {
	const struct tool *tool;
	const struct info *info;
	const struct info_fidelity *o;
	const struct opt_values *common;
	struct syc_model *model[2];	/* reference, model */
	struct syc_vector **v;		/* [o->vectors.n] */
	size_t ctx;
	struct syc_fidelity *sums;
	struct progress progress;
	uint32_t n_layers;
	struct syc_fidelity_layer *layer;	/* [n_layers] */
	struct syc_fidelity_scores *scores;	/* [n_layers][o->vectors.n] */
	struct syc_fidelity_total total;
	struct syc_fidelity_answers answers;
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

static void show(void *arg, uint64_t tokens, double share)
{
	progress_show(arg, tokens, share);
}

static int add_text(struct fidelity *f, struct syc_err *err)
{
	const char *path = f->o->text;
	struct syc_buf text = { 0 };
	int ret = read_all_of(&text, strcmp(path, "-") == 0 ? NULL : path, MAX_TEXT, err);

	if (ret == 0)
		ret = syc_fidelity_add_text(f->sums, syc_model_vocab(f->model[1]),
					    text.data ? text.data : "", text.len, f->ctx, err);
	syc_buf_free(&text);
	return ret;
}

/* A model without a chat format reads syc's own prompts as they are. */
static int add_prompts(struct fidelity *f, struct syc_err *err)
{
	char *path = (char *)f->o->rows;
	struct syc_rows rows = { .paths = &path, .n_paths = 1 };
	struct load load = f->o->load;
	struct syc_prompter p;
	int ret;

	load.model = f->info->path;
	ret = load_prompter(&p, &load, f->model[1], err);
	if (ret == 0 && !path && !p.chat && !load.chat) {
		syc_prompter_done(&p);
		load.chat = "none";
		ret = load_prompter(&p, &load, f->model[1], err);
	}
	if (ret < 0)
		return ret;
	ret = path ? syc_fidelity_add_rows(f->sums, &p, &rows, err) :
		     syc_fidelity_add_own(f->sums, &p, err);
	syc_rows_done(&rows);
	syc_prompter_done(&p);
	return ret;
}

static int run(struct fidelity *f, struct syc_err *err)
{
	const struct syc_fidelity_opts fo = {
		.threads = f->common->threads, .n_vectors = f->o->vectors.n,
		.vectors = (const struct syc_vector *const *)f->v,
		.progress = show, .arg = &f->progress,
	};
	const char *path = f->o->text ? f->o->text : f->o->rows;
	char why[sizeof(err->msg)];
	int ret = syc_fidelity_new(&f->sums, f->model[0], f->model[1], &fo, err);

	if (ret < 0)
		return fail(err, ret, "%.200s: %.280s", f->info->path, strcpy(why, err->msg));
	progress_begin(&f->progress, f->tool, f->common, "tokens");
	ret = f->o->text ? add_text(f, err) : add_prompts(f, err);
	progress_end(&f->progress);
	if (ret < 0 && path && strcmp(path, "-") != 0 &&
	    strncmp(err->msg, path, strlen(path)) != 0)
		fail(err, ret, "%.200s: %.280s", path, strcpy(why, err->msg));
	return ret;
}

static int find_out(struct fidelity *f, struct syc_err *err)
{
	const size_t n_v = f->o->vectors.n;
	int ret;

	f->n_layers = syc_model_config(f->model[1])->n_layers;
	f->layer = calloc(f->n_layers, sizeof(*f->layer));
	f->scores = calloc(f->n_layers * n_v + 1, sizeof(*f->scores));
	if (!f->layer || !f->scores)
		return fail_nomem(err);
	syc_fidelity_total(f->sums, &f->total);
	ret = syc_fidelity_answers(f->sums, &f->answers, err);
	for (uint32_t l = 0; l < f->n_layers && ret == 0; l++) {
		ret = syc_fidelity_layer(f->sums, l, &f->layer[l], err);
		for (size_t k = 0; k < n_v && ret == 0; k++)
			ret = syc_fidelity_scores(f->sums, l, k, &f->scores[l * n_v + k], err);
	}
	return ret;
}

/* ---- the report ------------------------------------------------------------------ */

static const char *compute(const struct fidelity *f, int side)
{
	return syc_compute_name(syc_model_compute(f->model[side]));
}

/* A vector's figures at a layer; how many. */
enum { OF_VECTOR = 4 };

static void of_vector(struct table_field out[OF_VECTOR], const struct fidelity *f, uint32_t l,
		      size_t k)
{
	const struct syc_fidelity_scores *s = &f->scores[l * f->o->vectors.n + k];
	const struct table_field all[OF_VECTOR] = {
		{ "noise", syc_fidelity_noise(f->sums, l, k) },
		{ "correlation", s->correlation },
		{ "auc", s->auc }, { "reference_auc", s->reference_auc },
	};

	memcpy(out, all, sizeof(all));
}

/* And a layer's own. */
enum { OF_LAYER = 5 };

static void of_layer(struct table_field out[OF_LAYER], const struct fidelity *f, uint32_t l)
{
	const struct syc_fidelity_layer *x = &f->layer[l];
	const struct table_field all[OF_LAYER] = {
		{ "cosine", x->cosine }, { "least_cosine", x->least_cosine },
		{ "error", x->error }, { "centered_cosine", x->centered_cosine },
		{ "centered_error", x->centered_error },
	};

	memcpy(out, all, sizeof(all));
}

static void print_head(const struct fidelity *f)
{
	const char *from = f->o->text ? f->o->text : f->o->rows ? f->o->rows : "syc's own";
	struct sheet *o = f->info->o;

	put(o, "%s, %s, against ", f->info->path, compute(f, 1));
	if (f->o->reference)
		put(o, "%s, ", f->o->reference);
	put(o, "%s: %" PRIu64 " tokens of %zu %s%s, %s\n", compute(f, 0), f->total.n_tokens,
	    f->total.n_sequences, f->o->text ? "piece" : "prompt",
	    f->total.n_sequences == 1 ? "" : "s",
	    strcmp(from, "-") == 0 ? "standard input" : from);
	for (size_t k = 0; k < f->o->vectors.n; k++)
		put(o, "vector %zu: %s\n", k + 1, f->o->vectors.text[k]);
	put(o, "            all tokens           last, centered\n"
	       "layer   cosine      error   cosine      error");
	for (size_t k = 0; k < f->o->vectors.n; k++)
		put(o, "     noise%zu   corr%zu   AUC%zu  exact", k + 1, k + 1, k + 1);
	put(o, "\n");
}

static void print_layer(const struct fidelity *f, uint32_t l)
{
	const struct syc_fidelity_layer *x = &f->layer[l];
	struct table_field v[OF_VECTOR];
	struct sheet *o = f->info->o;
	char c[3][CELL];

	put(o, "%5" PRIu32 " %8.6f %10.4g %8s %10s", l, x->cosine, x->error,
	    fixed(c[0], x->centered_cosine, 4), fixed(c[1], x->centered_error, 4));
	for (size_t k = 0; k < f->o->vectors.n; k++) {
		of_vector(v, f, l, k);
		isnan(v[0].x) ? put(o, " %10s", "-") : put(o, " %10.4g", v[0].x);
		put(o, " %7s %6s %6s", fixed(c[0], v[1].x, 4), fixed(c[1], v[2].x, 3),
		    fixed(c[2], v[3].x, 3));
	}
	put(o, "\n");
}

static void print_answers(const struct fidelity *f)
{
	const struct syc_fidelity_total *t = &f->total;
	const struct syc_fidelity_answers *a = &f->answers;
	struct sheet *o = f->info->o;

	if (t->n_compared) {
		put(o, "KL of the next token: mean %.3g, largest %.3g; at last tokens %.3g, %.3g\n",
		    t->kl, t->largest_kl, t->end_kl, t->largest_end_kl);
		put(o, "most probable next token: the same %" PRIu64 " of %" PRIu64
		    " times (%.2f %%)\n", t->n_agree, t->n_compared,
		    100 * (double)t->n_agree / (double)t->n_compared);
	}
	if (a->n)
		put(o, "answers: %zu of %zu change; 95 %% are within %.4f in log odds\n",
		    a->n_flipped, a->n, a->margin);
	if (t->n_predicted)
		put(o, "perplexity: %.6g, reference %.6g (%+.3f %%), of %" PRIu64 " tokens\n",
		    t->perplexity, t->reference_perplexity,
		    100 * (t->perplexity / t->reference_perplexity - 1), t->n_predicted);
}

/* As many layers as a screen has lines for, among them the worst and the last. */
static void print_text(const struct fidelity *f)
{
	const uint32_t step = f->info->verbose ? 1 : (f->n_layers + SHOWN - 1) / SHOWN;
	uint32_t worst = 0;

	for (uint32_t l = 0; l < f->n_layers; l++)
		if (f->layer[l].centered_error > f->layer[worst].centered_error)
			worst = l;
	print_head(f);
	for (uint32_t l = 0; l < f->n_layers; l++)
		if (l % step == 0 || l == worst || l + 1 == f->n_layers)
			print_layer(f, l);
	print_answers(f);
}

static void print_tsv(const struct fidelity *f)
{
	struct table_field of[OF_LAYER], v[OF_VECTOR];
	struct sheet *o = f->info->o;

	for (uint32_t l = 0; l < f->n_layers; l++) {
		of_layer(of, f, l);
		put(o, l ? "" : "file\tlayer");
		for (size_t i = 0; !l && i < OF_LAYER; i++)
			put(o, "\t%s", of[i].key);
		for (size_t k = 0; !l && k < f->o->vectors.n; k++) {
			of_vector(v, f, l, k);
			for (size_t i = 0; i < OF_VECTOR; i++)
				put(o, "\t%s%zu", v[i].key, k + 1);
		}
		put(o, l ? "" : "\n");
		put_name(o, f->info->path);
		put(o, "\t%" PRIu32, l);
		for (size_t i = 0; i < OF_LAYER; i++)
			tsv_num(o, of[i].x);
		for (size_t k = 0; k < f->o->vectors.n; k++) {
			of_vector(v, f, l, k);
			for (size_t i = 0; i < OF_VECTOR; i++)
				tsv_num(o, v[i].x);
		}
		put(o, "\n");
	}
}

static void put_layer(const struct fidelity *f, uint32_t l)
{
	const size_t n = f->o->vectors.n;
	struct table_field of[OF_LAYER], v[OF_VECTOR];
	struct sheet *o = f->info->o;

	of_layer(of, f, l);
	put(o, "%s{\"layer\":%" PRIu32, l ? "," : "", l);
	JSON_FIELDS(o, of);
	for (size_t i = 0; i < OF_VECTOR; i++) {
		for (size_t k = 0; k < n; k++) {
			of_vector(v, f, l, k);
			k ? put(o, ",") : put(o, ",\"%s\":[", v[i].key);
			json_num(o, v[i].x);
		}
		put(o, n ? "]" : "");
	}
	put(o, "}");
}

static void text_or_null(struct sheet *o, const char *key, const char *text)
{
	put(o, ",\"%s\":", key);
	text ? json_text(o, text) : put(o, "null");
}

static void print_json(const struct fidelity *f)
{
	const char *reference = f->o->reference;
	const struct syc_fidelity_total *t = &f->total;
	const struct syc_fidelity_answers *a = &f->answers;
	const struct table_field of[] = {
		{ "compared", (double)t->n_compared }, { "same_top", (double)t->n_agree },
		{ "kl", t->kl }, { "largest_kl", t->largest_kl },
		{ "end_kl", t->end_kl }, { "largest_end_kl", t->largest_end_kl },
		{ "answers", (double)a->n }, { "changed", (double)a->n_flipped },
		{ "margin", a->margin }, { "predicted", (double)t->n_predicted },
		{ "perplexity", t->perplexity },
		{ "reference_perplexity", t->reference_perplexity },
	};
	struct sheet *o = f->info->o;

	info_head(f->info, "fidelity");
	put(o, ",\"compute\":\"%s\",\"reference\":{\"file\":", compute(f, 1));
	json_text(o, reference ? reference : f->info->path);
	put(o, ",\"compute\":\"%s\"}", compute(f, 0));
	text_or_null(o, "text", f->o->text);
	text_or_null(o, "prompts", f->o->rows);
	put(o, ",\"ctx\":%zu,\"pieces\":%zu,\"tokens\":%" PRIu64 ",\"vectors\":[", f->ctx,
	    t->n_sequences, t->n_tokens);
	for (size_t k = 0; k < f->o->vectors.n; k++) {
		put(o, "%s", k ? "," : "");
		json_text(o, f->o->vectors.text[k]);
	}
	put(o, "],\"layers\":[");
	for (uint32_t l = 0; l < f->n_layers; l++)
		put_layer(f, l);
	put(o, "]");
	JSON_FIELDS(o, of);
	put(o, "}\n");
}

int info_fidelity(const struct tool *t, const struct info *i,
		  const struct info_fidelity *o, const struct opt_values *c,
		  struct syc_err *err)
{
	static void (*const print[])(const struct fidelity *f) = { print_text, print_tsv,
								   print_json };
	struct fidelity f = { .tool = t, .info = i, .o = o, .common = c };
	int ret = open_models(&f, err);

	if (ret == 0)
		choose_ctx(&f);
	if (ret == 0 && (ret = read_vectors(&f, err)) == 0 && (ret = run(&f, err)) == 0 &&
	    (ret = find_out(&f, err)) == 0)
		print[i->o->form](&f);
	syc_fidelity_free(f.sums);
	for (size_t k = 0; f.v && k < o->vectors.n; k++)
		syc_vector_free(f.v[k]);
	free(f.v);
	free(f.layer);
	free(f.scores);
	syc_model_close(f.model[0]);
	syc_model_close(f.model[1]);
	return ret;
}
