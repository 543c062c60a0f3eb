/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "syc/acts.h"
#include "syc/chat.h"
#include "syc/model.h"
#include "syc/vector.h"
#include "tool/common/fail.h"
#include "tool/info/info.h"

struct options {
	struct opt_values common;
	struct info i;
	struct info_fidelity f;
	const char *chat;
	bool mend, fidelity;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "json", struct options, i.json, "print one JSON object per file"),
	OPT_FLAG(0, "repair", struct options, mend, "give unfinished activation files their end"),
	OPT_TEXT(0, "chat", "NAME", struct options, chat,
		 "print this chat format as a file for --chat=FILE"),
	OPT_HEAD("Fidelity"),
	OPT_FLAG(0, "fidelity", struct options, fidelity,
		 "compare a model computed with int8 with f32, on a text"),
	OPT_TEXT(0, "text", "FILE", struct options, f.text,
		 "the text (default: a page of English that comes with syc)"),
	OPT_TEXTS('d', "direction", "FILE", struct options, f.vectors,
		  "measure errors along this vector, too (may be repeated)"),
	OPT_TEXT(0, "reference", "PATH", struct options, f.reference,
		 "compare with another file of the model, in f32"),
	OPT_CHOICE(0, "compute", "HOW", struct options, f.load.compute, enum syc_compute,
		   compute_names, "how the model is computed: int8 (default), f32 or auto"),
	OPT_U32(0, "ctx", "N", struct options, f.load.ctx, 1, 1 << 24,
		"tokens run at once (default: 512)"),
	OPT_OF_LORA(struct options, f.load),
	OPT_OF_WINDOW(struct options, f.load),
	OPTS_THREADED(struct options, common)};

static const struct tool tool = {
	"syc-info", "[OPTION]... [FILE]...",
	"Tell what is in models, adapters, activation and vector files", opts,
};

static void print_positions(unsigned mask, const char *quote)
{
	const char *sep = "";

	for (unsigned s = 0; s < SYC_N_POSITIONS; s++) {
		if (!(mask & 1u << s))
			continue;
		printf("%s%s%s%s", sep, quote, syc_position_name(s), quote);
		sep = ", ";
	}
}

static void print_layers(const uint32_t *layer, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s%" PRIu32, i ? ", " : "", layer[i]);
}

/* "file": ... with the name as JSON. */
static void print_head(const char *path, const char *kind)
{
	struct syc_buf b = { 0 };

	if (syc_buf_json(&b, path, strlen(path)) == 0)
		printf("{\"file\": %s, \"kind\": \"%s\"", b.data, kind);
	syc_buf_free(&b);
}

int info_acts(const struct info *i, struct syc_err *err)
{
	const struct syc_acts_info *a;
	struct syc_acts *f;
	int ret = syc_acts_open(&f, i->path, err);

	if (ret < 0)
		return ret;
	a = syc_acts_info(f);
	if (i->json) {
		print_head(i->path, "activations");
		printf(", \"rows\": %" PRIu64 ", \"complete\": %s, \"positions\": [", a->n_rows,
		       a->complete ? "true" : "false");
		print_positions(a->positions, "\"");
		printf("], \"layers\": [");
		print_layers(a->layers, a->n_layers);
		printf("], \"dim\": %zu, \"dtype\": \"%s\", \"provenance\": %s}\n", a->dim,
		       a->dtype == SYC_DTYPE_F32 ? "f32" : "f16",
		       a->provenance ? a->provenance : "null");
	} else {
		printf("%s: activations, %" PRIu64 " rows%s\n  %-18s ", i->path, a->n_rows,
		       a->complete ? "" : ", unfinished (--repair gives it its end)", "positions");
		print_positions(a->positions, "");
		printf("\n  %-18s ", "layers");
		print_layers(a->layers, a->n_layers);
		printf("\n  %-18s %zu\n  %-18s %s\n  %-18s %s\n", "width", a->dim, "type",
		       a->dtype == SYC_DTYPE_F32 ? "f32" : "f16", "provenance",
		       a->provenance ? a->provenance : "-");
	}
	syc_acts_close(f);
	return 0;
}

static double length_of(const struct syc_vector *v, size_t layer)
{
	double sum = 0;

	for (size_t i = 0; i < v->dim; i++)
		sum += (double)v->v[layer * v->dim + i] * (double)v->v[layer * v->dim + i];
	return sqrt(sum);
}

static void print_layer_numbers(const struct syc_vector *v, const char *name, const float *x)
{
	struct syc_buf b = { 0 };

	printf(", \"%s\": [", name);
	for (size_t l = 0; l < v->n_layers; l++) {
		b.len = 0;
		if (!v->has[l] || syc_buf_float(&b, x ? x[l] : (float)length_of(v, l)) < 0)
			printf("%snull", l ? ", " : "");
		else
			printf("%s%s", l ? ", " : "", b.data);
	}
	printf("]");
	syc_buf_free(&b);
}

static void print_vector_json(const struct info *i, const struct syc_vector *v)
{
	struct syc_buf b = { 0 };
	const char *text[][2] = {
		{ "name", v->name }, { "method", v->method }, { "position", v->position },
		{ "model_hint", v->model_hint }, { "layer_base", v->layer_base },
	};
	const struct {
		const char *name;
		const float *x;
	} diag[] = {
		{"norm", v->norm},
		{"explained", v->explained},
		{"dprime", v->dprime},
		{"pair_cosine", v->pair_cosine},
		{"wrong_side", v->wrong_side},
		{"center", v->center},
	};

	print_head(i->path, "vector");
	for (size_t k = 0; k < sizeof(text) / sizeof(text[0]); k++) {
		b.len = 0;
		if (text[k][1] && syc_buf_json(&b, text[k][1], strlen(text[k][1])) == 0)
			printf(", \"%s\": %s", text[k][0], b.data);
	}
	printf(", \"layers\": %zu, \"dim\": %zu, \"pairs\": %" PRIu64 ", \"normalized\": %s",
	       v->n_layers, v->dim, v->n_pairs, v->normalized ? "true" : "false");
	print_layer_numbers(v, "length", NULL);
	for (size_t k = 0; k < sizeof(diag) / sizeof(diag[0]); k++)
		if (diag[k].x)
			print_layer_numbers(v, diag[k].name, diag[k].x);
	printf(", \"provenance\": %s}\n",
	       v->provenance && v->provenance[0] ? v->provenance : "null");
	syc_buf_free(&b);
}

static void print_diag(float x, char how)
{
	if (isnan(x))
		printf(" %10s", "-");
	else if (how == 'g')
		printf(" %10.5g", (double)x);
	else
		printf(" %10.4f", (double)x);
}

/* The length, and the diagnostics that are known. */
static void print_layers_table(const struct syc_vector *v)
{
	const struct {
		const char *name;
		const float *x;
	} diag[] = {
		{ "norm", v->norm }, { "explained", v->explained }, { "d'", v->dprime },
		{ "cosine", v->pair_cosine }, { "wrong side", v->wrong_side },
	};
	enum { N = sizeof(diag) / sizeof(diag[0]) };

	printf("  %-18s %-12s", "layer", "length");
	for (size_t k = 0; k < N; k++)
		if (diag[k].x)
			printf(" %10s", diag[k].name);
	printf("\n");
	for (size_t l = 0; l < v->n_layers; l++) {
		if (!v->has[l])
			continue;
		printf("  %-18zu %-12.6g", l, length_of(v, l));
		for (size_t k = 0; k < N; k++)
			if (diag[k].x)
				print_diag(diag[k].x[l], diag[k].x == v->norm ? 'g' : 'f');
		printf("\n");
	}
}

static void print_vector(const struct info *i, const struct syc_vector *v)
{
	printf("%s: vector '%s', %zu layers, width %zu%s\n", i->path, v->name, v->n_layers, v->dim,
	       v->normalized ? ", normalized" : "");
	if (v->method && v->method[0])
		printf("  %-18s %s, read at %s, %" PRIu64 " pairs\n", "made by", v->method,
		       v->position ? v->position : "?", v->n_pairs);
	if (v->layer_base && v->layer_base[0])
		printf("  %-18s %s\n", "layers came as", v->layer_base);
	if (v->provenance && v->provenance[0])
		printf("  %-18s %s\n", "provenance", v->provenance);
	print_layers_table(v);
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

	return n >= sizeof(end) && strcmp(path + n - (sizeof(end) - 1), end) == 0;
}

static int describe(const struct info *i, struct syc_err *err)
{
	enum info_kind what;
	enum syc_file_kind kind;
	int ret = syc_file_kind(&kind, i->path, err);

	if (ret < 0)
		return ret;
	switch (kind) {
	case SYC_FILE_GGUF:
	case SYC_FILE_SAFETENSORS:
	case SYC_FILE_FOLDER:
		break;
	case SYC_FILE_ZIP:
		/* Vectors in .npz hold an array without chunks. */
		if (info_acts(i, err) == 0)
			return 0;
		return info_vector(i, NULL) == 0 ? 0 : err->code;
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

static void print_build(bool json)
{
	const char *kernels = syc_cpu_kernels();
	const unsigned cores = syc_machine_cores();

	if (json)
		printf("{\"version\": \"%s\", \"kernels\": \"%s\", \"cores\": %u}\n",
		       syc_version(), kernels, cores);
	else
		printf("version %s\nkernels %s\ncores   %u\n", syc_version(), kernels, cores);
}

static int show_chat(const char *name)
{
	const struct syc_chat *c = syc_chat_find(name);
	struct syc_buf b = { 0 };
	int bad;

	if (!c)
		tool_usage(&tool, "--chat: '%s' is none of: %s", name, syc_chat_names());
	bad = syc_chat_write(c, &b);
	if (!bad)
		fputs(b.data, stdout);
	syc_buf_free(&b);
	return bad ? 1 : 0;
}

/* Standard output goes to PATH.part until it is whole. */
static int begin_output(const char *path, char **part)
{
	if (asprintf(part, "%s.part", path) < 0) {
		*part = NULL;
		return -1;
	}
	if (freopen(*part, "w", stdout))
		return 0;
	tool_warn(&tool, "%s: %s", *part, strerror(errno));
	free(*part);
	*part = NULL;
	return -1;
}

/* Whether something says how to compute. */
static bool says_how(const struct load *l)
{
	return l->compute || l->ctx || l->n_lora || l->set_window;
}

/* Returns where the operands begin. */
static int parse(struct options *o, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, o);
	const struct info_fidelity *f = &o->f;

	o->i.verbose = o->common.verbose > 0;
	if (o->mend && at == argc)
		tool_usage(&tool, "--repair needs a file");
	if (o->fidelity && at == argc)
		tool_usage(&tool, "--fidelity needs a model");
	if (o->fidelity && o->mend)
		tool_usage(&tool, "--fidelity is of models, --repair of activation files");
	if (!o->fidelity && (f->text || f->vectors.n || f->reference || says_how(&f->load)))
		tool_usage(&tool,
			   "a text, vectors, a reference and how to compute go with --fidelity");
	return at;
}

/* One operand. */
static int one_file(struct options *o, struct syc_err *err)
{
	if (o->fidelity)
		return info_fidelity(&tool, &o->i, &o->f, &o->common, err);
	if (o->mend && repair(o->i.path, o->common.verbose, err) < 0)
		return err->code;
	return describe(&o->i, err);
}

int main(int argc, char **argv)
{
	struct options o = { .common = OPT_VALUES_INIT };
	struct syc_err err = { 0 };
	char *part = NULL;
	int at = parse(&o, argc, argv), status = 0;

	if (o.common.output && begin_output(o.common.output, &part) < 0)
		return 1;
	if (o.chat)
		status = show_chat(o.chat);
	else if (at == argc)
		print_build(o.i.json);
	for (; at < argc; at++) {
		o.i.path = argv[at];
		if (one_file(&o, &err) < 0)
			status = tool_err(&tool, &err);
	}
	status = tool_finish(&tool, status);
	if (part && (status || rename(part, o.common.output) < 0)) {
		status = 1;
		unlink(part);
	}
	free(part);
	texts_free(&o.f.vectors);
	return status;
}
