/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/vec/source.h"

const char *const vec_centers[] = { "pair", "all", "none", NULL };
const char *const vec_positions[] = { "last", "letter", "mean", "prompt", NULL };
const char *const vec_normalizes[] = { "none", "unit", "per-layer-mean", NULL };

void vec_set_token(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct vec_source *s = at;
	const bool back = arg[0] == '-';

	s->read = SYC_READ_TOKEN;
	s->token = (int64_t)opt_whole(t, o->name, arg + back, back, 1u << 24);
	s->token = back ? -s->token : s->token;
}

/* Nothing stands for --read=last of earlier versions, which is to have no option. */
void vec_set_position(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(enum syc_read *)at =
		!arg[0] ? SYC_READ_END
			: SYC_READ_LAST + opt_named(t, o, arg);
}

void vec_set_shrinkage(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct syc_recipe *r = at;

	r->shrinkage = opt_num(t, o->name, arg, 0, 1);
	r->shrinkage_given = true;
}

static void check_acts(const struct vec_source *s, const struct tool *t)
{
	const bool counts = s->read == SYC_READ_TOKEN && s->token >= 0;
	const bool letters = s->recipe.method == SYC_METHOD_LETTERS;
	const bool needed = s->recipe.balance || s->by || counts || letters || s->claims;

	if (s->in.n_paths && !needed && !s->nulls && !s->head)
		tool_usage(
			t,
			"'%s': with --acts, rows are for --balance, --by, --nulls and --token alone",
			s->in.paths[0]);
	if (!s->in.n_paths && needed)
		tool_usage(
			t,
			"letters, --balance, --by, --nulls and --token from the answer's beginning "
			"need the rows of syc-rec beside --acts");
	for (int i = 0; counts && i < s->in.n_paths; i++)
		if (strcmp(s->in.paths[i], "-") == 0)
			tool_usage(t,
				   "rows are read twice for --token: give them as files");
	if (s->acts.n > 1 && s->in.n_paths)
		tool_usage(t, "rows go with one --acts");
}

static void check_models(struct vec_source *s, const struct tool *t)
{
	if (!s->other && s->load.n_lora)
		s->other = s->load.model;
	if (!s->other)
		tool_usage(
			t,
			"nothing to compare with: give --other=PATH, or an adapter with "
			"--lora");
	if (s->acts.n > 1)
		tool_usage(t, "give one --acts, and the other model's with --other");
	for (int i = 0; !s->acts.n && i < (s->in.n_paths ? s->in.n_paths : 1); i++)
		if (!s->in.n_paths || strcmp(s->in.paths[i], "-") == 0)
			tool_usage(t, "rows are read for each model: give them as files");
}

void vec_source_check(struct vec_source *s, const struct tool *t, int argc, char **argv,
		      int at)
{
	s->in.paths = argv + at;
	s->in.n_paths = argc - at;
	s->recipe.seed = s->common.seed;
	if (s->load.model && s->acts.n && !s->head)
		tool_usage(t, "--model and --acts: pairs come from one of them");
	if (!s->load.model && !s->acts.n)
		tool_usage(
			t,
			"no model: give --model=PATH, or activations with --acts=FILE");
	if (s->acts.n)
		check_acts(s, t);
	if (s->kind == SYC_PAIRS_MODELS)
		check_models(s, t);
}

void vec_source_free(struct vec_source *s)
{
	texts_free(&s->acts);
	free(s->layers.v);
}

static void check_layers(const struct vec_model *m)
{
	const struct opt_list *l = &m->source->layers;
	const uint32_t n = syc_model_config(m->model)->n_layers;

	if (l->n && l->v[l->n - 1] >= n)
		tool_usage(m->tool,
			   "--layers: %u is not a layer of the model, which has 0 to %u",
			   (unsigned)l->v[l->n - 1], (unsigned)n - 1);
}

int vec_model_open(struct vec_model *m, const struct load *l, struct syc_err *err)
{
	int ret = load_open(m->tool, &m->source->common, l, &m->model, err);

	m->load = *l;
	if (ret == 0)
		ret = load_prompter(&m->prompter, &m->load, m->model, err);
	if (ret < 0)
		return ret;
	check_layers(m);
	return load_describe(m->tool, l, &m->prompter, m->model, &m->describe)
		       ? fail_nomem(err)
		       : 0;
}

void vec_model_close(struct vec_model *m)
{
	tool_warn_texts(m->tool, &m->source->common, m->prompter.seen);
	syc_prompter_done(&m->prompter);
	syc_model_close(m->model);
	syc_buf_free(&m->describe);
	m->model = NULL;
}

/* Beside the output, where there is room for files; else where TMPDIR says. */
static int store_of(struct syc_buf *b, const char *output)
{
	const char *dir = getenv("TMPDIR");

	if (output && strncmp(output, "/dev/", 5) != 0)
		return syc_buf_puts(b, output);
	return syc_buf_printf(b, "%s/syc-vec", dir && *dir ? dir : "/var/tmp");
}

static void show(void *arg, uint64_t n, double share)
{
	progress_show(arg, n, share);
}

/* Run rows; *p is made where there is none yet, else it gets its other side. */
static int run(struct syc_pairs **p, const struct vec_model *m,
	       const struct syc_pairs_opts *o, const struct syc_rows *rows,
	       struct syc_err *err)
{
	const struct opt_values *c = &m->source->common;
	struct syc_engine_stats stats = { 0 };
	struct progress progress;
	const struct syc_pairs_model in = {
		.model = m->model,
		.prompter = &m->prompter,
		.engine = load_engine(c, &m->load),
		.source = m->describe.data,
		.progress = show,
		.arg = &progress,
		.stats = &stats,
	};
	int ret;

	progress_begin(&progress, m->tool, c, "pairs");
	ret = *p ? syc_pairs_other_model(*p, &in, rows, err)
		 : syc_pairs_of_model(p, o, &in, rows, err);
	progress_end(&progress);
	load_say(m->tool, c, &m->load, &stats, "texts");
	return ret;
}

/* Pairs of activation files [n_acts], or of the model. */
static int open_pairs(struct syc_pairs **p, const struct vec_model *m,
		      struct syc_pairs_opts o, const char *const *acts, size_t n_acts,
		      const struct syc_rows *rows, struct syc_err *err)
{
	const struct vec_source *s = m->source;
	struct syc_buf store = { 0 };
	int ret = 0;

	*p = NULL;
	if (store_of(&store, s->common.output) < 0)
		return fail_nomem(err);
	o.token = s->token;
	o.layers = s->layers.v;
	o.n_layers = s->layers.n;
	o.most = o.kind == SYC_PAIRS_CONTROL ? 0 : s->first;
	o.store = store.data;
	ret = n_acts ? syc_pairs_of_acts(p, &o, acts, n_acts, rows, err)
		     : run(p, m, &o, rows, err);
	syc_buf_free(&store);
	return ret;
}

void vec_warn_foreign(const struct vec_model *m, const char *what, const char *than)
{
	if (!m->source->foreign && m->source->common.verbose >= 0)
		tool_warn(m->tool, "warning: %s is of another model file than %s: their layers have "
			  "the same numbers and nothing else in common (--foreign: it is meant)",
			  what, than);
}

int vec_pairs(struct syc_pairs **p, const struct vec_model *m, enum syc_read read,
	      struct syc_err *err)
{
	const struct vec_source *s = m->source;
	const struct syc_pairs_opts o = { .kind = s->kind, .read = read, .by = s->by };

	int ret = open_pairs(p, m, o, s->acts.text, s->acts.n, &s->in, err);

	if (ret == 0 && syc_pairs_info(*p)->foreign)
		vec_warn_foreign(m, syc_pairs_info(*p)->foreign, s->acts.text[0]);
	return ret;
}

int vec_pairs_other(struct syc_pairs *p, const struct vec_model *m, struct syc_err *err)
{
	const struct vec_source *s = m->source;

	return s->acts.n ? syc_pairs_other_acts(p, s->other, &s->in, err)
			 : run(&p, m, NULL, &s->in, err);
}

/* Whether a file is an archive, which rows cannot be. */
static bool is_archive(const char *path)
{
	char head[4] = "";
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(head, 1, sizeof(head), f) : 0;

	if (f)
		fclose(f);
	return n == sizeof(head) && memcmp(head, "PK\3\4", 4) == 0;
}

int vec_control(struct syc_pairs **p, const struct vec_model *m, struct syc_err *err)
{
	const struct vec_source *s = m->source;
	const struct syc_pairs_opts o = { .kind = SYC_PAIRS_CONTROL, .read = s->read };
	const bool acts = is_archive(s->control);
	char *path = (char *)(uintptr_t)s->control;
	struct syc_rows rows = s->in;
	struct syc_one_run run = { 0 };	/* its own */

	rows.paths = &path;
	rows.n_paths = !acts;
	rows.one_run = rows.one_run ? &run : NULL;
	*p = NULL;
	if (!acts && !m->model)
		return fail(err, SYC_EINVAL,
			    "%s: rows need a model (-m); control activations are "
			    "an .npz of syc-rec",
			    s->control);
	return open_pairs(p, m, o, &s->control, acts, &rows, err);
}

int vec_name(struct syc_vector *v, const char *name, const char *path,
	     struct syc_err *err)
{
	const char *base = strrchr(path, '/');
	char *own = strdup(name ? name : base ? base + 1 : path);
	int ret;

	if (!name && own && strrchr(own, '.') > own)
		*strrchr(own, '.') = 0;
	ret = own ? syc_vector_str(&v->name, own) : SYC_ENOMEM;
	free(own);
	return ret < 0 ? fail_nomem(err) : 0;
}
