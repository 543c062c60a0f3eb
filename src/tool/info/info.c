/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "syc/acts.h"
#include "syc/chat.h"
#include "syc/model.h"
#include "syc/direction.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/info/info.h"

struct options {
	struct opt_values common;
	struct info i;
	struct info_fidelity f;
	const char *chat;
	enum sheet_form form;
	bool mend, fidelity;
};

static const struct opt opts[] = {
	OPTS_OF_FORM(struct options, form, "print one JSON object per file"),
	OPT_FLAG(0, "repair", struct options, mend,
		 "give unfinished activation files their end"),
	OPT_TEXT(0, "chat", "NAME", struct options, chat,
		 "print this chat format as a file for --chat=FILE; with --fidelity use it"),
	OPT_HEAD("Fidelity"),
	OPT_FLAG(0, "fidelity", struct options, fidelity,
		 "compare a model computed with int8 with f32, on prompts or a text"),
	OPT_TEXT(0, "prompts", "FILE", struct options, f.rows,
		 "the prompts of these rows (default: 16 that come with syc)"),
	OPT_TEXT(0, "system", "TEXT", struct options, f.load.system,
		 "system message of prompts that have none"),
	OPT_TEXT(0, "text", "FILE", struct options, f.text,
		 "a text in their place, in pieces"),
	OPT_TEXTS('d', "direction", "FILE", struct options, f.vectors,
		  "and what becomes of scores by this vector (may be repeated)"),
	OPT_TEXT(0, "reference", "PATH", struct options, f.reference,
		 "compare with another file of the model, in f32"),
	OPT_CHOICE(0, "compute", "HOW", struct options, f.load.compute,
		   enum syc_compute, compute_names,
		   "how the model is computed: int8 (default), int8x2, f32, auto"),
	OPT_U32(0, "ctx", "N", struct options, f.load.ctx, 1, 1 << 24,
		"tokens run at once (default: 512)"),
	OPT_OF_WEIGHTS(struct options, f.load),
	OPT_OF_LORA(struct options, f.load),
	OPT_OF_WINDOW(struct options, f.load),
	OPTS_THREADED(struct options, common)};

static const struct tool tool = {
	"syc-info", "[OPTION]... [FILE]...",
	"Tell what is in models, adapters, activation and vector files", opts,
};

static void print_positions(struct sheet *o, unsigned mask, const char *quote)
{
	const char *sep = "";

	for (unsigned s = 0; s < SYC_N_POSITIONS; s++) {
		if (!(mask & 1u << s))
			continue;
		put(o, "%s%s%s%s", sep, quote, syc_position_name(s), quote);
		sep = ", ";
	}
}

static void print_layers(struct sheet *o, const uint32_t *layer, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(o, "%s%" PRIu32, i ? ", " : "", layer[i]);
}

void info_head(const struct info *i, const char *kind)
{
	put(i->o, "{\"file\": ");
	json_text(i->o, i->path);
	put(i->o, ", \"kind\": \"%s\"", kind);
}

int info_acts(const struct info *i, struct syc_err *err)
{
	const struct syc_acts_info *a;
	struct sheet *o = i->o;
	struct syc_acts *f;
	int ret = syc_acts_open(&f, i->path, err);

	if (ret < 0)
		return ret;
	a = syc_acts_info(f);
	if (i->json) {
		info_head(i, "activations");
		put(o, ", \"rows\": %" PRIu64 ", \"complete\": %s, \"positions\": [",
		    a->n_rows, a->complete ? "true" : "false");
		print_positions(i->o, a->positions, "\"");
		put(o, "], \"layers\": [");
		print_layers(i->o, a->layers, a->n_layers);
		put(o, "], \"dim\": %zu, \"dtype\": \"%s\", \"provenance\": %s}\n",
		    a->dim, a->dtype == SYC_DTYPE_F32 ? "f32" : "f16",
		    a->provenance ? a->provenance : "null");
	} else {
		put(o, "%s: activations, %" PRIu64 " rows%s\n  %-18s ", i->path, a->n_rows,
		    a->complete ? "" : ", unfinished (--repair gives it its end)",
		    "positions");
		print_positions(i->o, a->positions, "");
		put(o, "\n  %-18s ", "layers");
		print_layers(i->o, a->layers, a->n_layers);
		put(o, "\n  %-18s %zu\n  %-18s %s\n  %-18s %s\n", "width",
		    a->dim, "type", a->dtype == SYC_DTYPE_F32 ? "f32" : "f16",
		    "provenance", a->provenance ? a->provenance : "-");
	}
	syc_acts_close(f);
	return 0;
}

static void print_layer_numbers(struct sheet *o, const struct syc_vector *v,
				const char *name, const float *x)
{
	put(o, ", \"%s\": [", name);
	for (size_t l = 0; l < v->n_layers; l++) {
		put(o, "%s", l ? ", " : "");
		if (v->has[l])
			syc_buf_float(o->b, x ? x[l] : (float)syc_vector_length(v, l));
		else
			put(o, "null");
	}
	put(o, "]");
}

static void print_vector_json(const struct info *i, const struct syc_vector *v)
{
	struct sheet *o = i->o;
	const char *text[][2] = {
		{ "name", v->name }, { "method", v->method }, { "position", v->position },
		{ "model_hint", v->model_hint }, { "layer_base", v->layer_base },
	};
	const struct {
		const char *name;
		const float *x;
	} diag[] = {
		{ "norm", v->norm }, { "explained", v->explained }, { "dprime", v->dprime },
		{ "pair_cosine", v->pair_cosine }, { "wrong_side", v->wrong_side },
		{ "center", v->center },
	};

	info_head(i, "vector");
	for (size_t k = 0; k < sizeof(text) / sizeof(text[0]); k++) {
		if (!text[k][1])
			continue;
		put(o, ", \"%s\": ", text[k][0]);
		json_text(o, text[k][1]);
	}
	put(o, ", \"layers\": %zu, \"dim\": %zu, \"pairs\": %" PRIu64 ", \"normalized\": %s",
	    v->n_layers, v->dim, v->n_pairs, v->normalized ? "true" : "false");
	print_layer_numbers(o, v, "length", NULL);
	for (size_t k = 0; k < sizeof(diag) / sizeof(diag[0]); k++)
		if (diag[k].x)
			print_layer_numbers(o, v, diag[k].name, diag[k].x);
	put(o, ", \"provenance\": %s}\n",
	    v->provenance && v->provenance[0] ? v->provenance : "null");
}

/* The length, and the diagnostics that are known. */
static void print_layers_table(struct sheet *o, const struct syc_vector *v)
{
	const struct {
		const char *name;
		const float *x;
	} diag[] = {
		{ "norm", v->norm }, { "explained", v->explained }, { "d'", v->dprime },
		{ "cosine", v->pair_cosine }, { "wrong side", v->wrong_side },
	};
	enum { N = sizeof(diag) / sizeof(diag[0]) };

	put(o, "  %-18s %-12s", "layer", "length");
	for (size_t k = 0; k < N; k++)
		if (diag[k].x)
			put(o, " %10s", diag[k].name);
	put(o, "\n");
	for (size_t l = 0; l < v->n_layers; l++) {
		if (!v->has[l])
			continue;
		put(o, "  %-18zu %-12.6g", l, syc_vector_length(v, l));
		for (size_t k = 0; k < N; k++)
			if (diag[k].x && isnan(diag[k].x[l]))
				put(o, " %10s", "-");
			else if (diag[k].x)
				put(o, k ? " %10.4f" : " %10.5g",
				    (double)diag[k].x[l]);
		put(o, "\n");
	}
}

static void print_vector(const struct info *i, const struct syc_vector *v)
{
	struct sheet *o = i->o;

	put(o, "%s: vector '%s', %zu layers, width %zu%s\n", i->path, v->name,
	    v->n_layers, v->dim, v->normalized ? ", normalized" : "");
	if (v->method && v->method[0])
		put(o, "  %-18s %s, read at %s, %" PRIu64 " pairs\n", "made by",
		    v->method, v->position ? v->position : "?", v->n_pairs);
	if (v->layer_base && v->layer_base[0])
		put(o, "  %-18s %s\n", "layers came as", v->layer_base);
	if (v->provenance && v->provenance[0])
		put(o, "  %-18s %s\n", "provenance", v->provenance);
	print_layers_table(o, v);
}

int info_vector(const struct info *i, struct syc_err *err)
{
	struct syc_vector *v;
	int ret = syc_vector_read(&v, i->path, NULL, err);

	if (ret < 0)
		return ret;
	if (i->json)
		print_vector_json(i, v);
	else
		print_vector(i, v);
	syc_vector_free(v);
	return 0;
}

/* "model.safetensors.index.json", which is known by its name alone. */
static bool is_index(const char *path)
{
	static const char end[] = ".index.json";
	size_t n = strlen(path);

	return n >= sizeof(end) &&
	       strcmp(path + n - (sizeof(end) - 1), end) == 0;
}

static int describe(const struct info *i, struct syc_err *err)
{
	enum info_kind what;
	enum syc_file_kind kind;
	int ret;

	/* A recording has another name while it is written. */
	if (access(i->path, F_OK) < 0 && info_acts(i, NULL) == 0)
		return 0;
	ret = syc_file_kind(&kind, i->path, err);
	if (ret < 0)
		return ret;
	switch (kind) {
	case SYC_FILE_GGUF:
	case SYC_FILE_SAFETENSORS:
	case SYC_FILE_FOLDER:
		break;
	case SYC_FILE_ZIP:
		/* Vectors in .npz hold an array without chunks. */
		ret = info_acts(i, err);
		return ret < 0 && strstr(err->msg, "not an activation") ?
			info_vector(i, err) : ret;
	case SYC_FILE_NPY:
		return info_vector(i, err);
	default:
		if (is_index(i->path))
			break;
		/* Only .svec is left, which is JSON. */
		if (info_vector(i, NULL) == 0)
			return 0;
		return fail(err, SYC_EFORMAT,
			    "%s: neither a GGUF, safetensors, npz, npy nor svec file", i->path);
	}
	ret = info_model(i, &what, err);
	return ret == 0 && what == INFO_VECTOR ? info_vector(i, err) : ret;
}

static int repair(const char *path, int verbose, struct syc_err *err)
{
	uint64_t n;
	int ret = syc_acts_repair(path, &n, err);

	if (ret == 0 && verbose >= 0)
		tool_warn(&tool, "%s: holds %" PRIu64 " rows", path, n);
	return ret;
}

static void print_build(struct sheet *o, bool json)
{
	const char *kernels = syc_cpu_kernels();
	const unsigned cores = syc_machine_cores();

	if (json)
		put(o, "{\"version\": \"%s\", \"kernels\": \"%s\", \"cores\": %u}\n",
		    syc_version(), kernels, cores);
	else
		put(o, "version %s\nkernels %s\ncores   %u\n", syc_version(),
		    kernels, cores);
}

static void show_chat(struct sheet *o, const char *name)
{
	const struct syc_chat *c = syc_chat_find(name);

	if (!c)
		tool_usage(&tool, "--chat: '%s' is none of: %s", name,
			   syc_chat_names());
	syc_chat_write(c, o->b);
}

/* Whether something says how to compute. */
static bool says_how(const struct load *l)
{
	return l->compute || l->set_weights || l->ctx || l->n_lora || l->set_window ||
	       l->system;
}

/* Returns where the operands begin. */
static int parse(struct options *o, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, o);
	struct info_fidelity *f = &o->f;

	o->i.verbose = o->common.verbose > 0;
	o->i.json = o->form == SHEET_JSON;
	if (o->mend && at == argc)
		tool_usage(&tool, "--repair needs a file");
	if (o->fidelity && at == argc)
		tool_usage(&tool, "--fidelity needs a model");
	if (o->fidelity && o->mend)
		tool_usage(&tool, "--fidelity is of models, --repair of activation files");
	if (!o->fidelity &&
	    (f->text || f->rows || f->vectors.n || f->reference || says_how(&f->load) ||
	     o->form == SHEET_TSV))
		tool_usage(&tool, "prompts, a text, vectors, a reference, how to compute and "
			   "--tsv go with --fidelity");
	if (f->text && (f->rows || f->load.system))
		tool_usage(&tool, "--text has no prompts: give one of the two");
	if (o->fidelity) {
		f->load.chat = o->chat;
		o->chat = NULL;
	}
	return at;
}

/* One operand, or none. */
static int one_file(struct options *o, struct syc_err *err)
{
	if (o->chat)
		show_chat(o->i.o, o->chat);
	else if (!o->i.path)
		print_build(o->i.o, o->i.json);
	o->chat = NULL;
	if (!o->i.path)
		return 0;
	if (o->fidelity)
		return info_fidelity(&tool, &o->i, &o->f, &o->common, err);
	if (o->mend && repair(o->i.path, o->common.verbose, err) < 0)
		return err->code;
	return describe(&o->i, err);
}

/* All of them; what fails is said, and the rest goes on. */
static int all(struct options *o, struct syc_output *out, char **file)
{
	struct syc_buf b = { 0 };
	struct sheet text = { .b = &b, .form = o->form };
	struct syc_err err = { 0 };
	int status = 0;

	o->i.o = &text;
	do {
		int ret;

		b.len = 0;
		o->i.path = *file;
		ret = one_file(o, &err);
		/* Whoever made a file named what is in it. */
		b.len = b.data ? syc_text_show(b.data, b.len, 1) : 0;
		if (b.failed)
			ret = fail_nomem(&err);
		else if (syc_output_write(out, b.data, b.len, &err) < 0)
			ret = err.code;
		if (ret < 0)
			status = tool_err(&tool, &err);
	} while (*file && *++file);
	syc_buf_free(&b);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = { .common = OPT_VALUES_INIT };
	struct syc_err err = { 0 };
	struct syc_output out;
	int at = parse(&o, argc, argv), status;

	if (out_check(&tool, o.common.output, argv + at, argc - at, &err) < 0)
		return tool_err(&tool, &err);
	syc_output_begin(&out, o.common.output, SYC_LEFTOVER_REPLACE);
	status = all(&o, &out, argv + at);
	if (status)
		syc_output_drop(&out);
	else if (syc_output_finish(&out, &err) < 0)
		status = tool_err(&tool, &err);
	texts_free(&o.f.vectors);
	return tool_finish(&tool, status);
}
