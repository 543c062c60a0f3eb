/* SPDX-License-Identifier: MIT */
/* Several runs into one folder: of several models, or of all tasks. */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/common/machine.h"
#include "tool/eval/many.h"
#include "tool/eval/predict.h"

/* ---- which models, which tasks ------------------------------------------- */

static int add_arm(struct many *m, const char *arg, struct syc_err *err)
{
	struct arm *more = realloc(m->arm, (m->n + 1) * sizeof(*more));
	struct arm *a;

	if (!more)
		return fail_nomem(err);
	m->arm = more;
	a = &more[m->n++];
	*a = (struct arm){ 0 };
	a->name = named_file(arg, &a->path);
	if (!a->name)
		return fail_nomem(err);
	if (!*a->path || !*a->name || strcmp(a->name, ".") == 0 ||
	    strcmp(a->name, "..") == 0)
		tool_usage(&eval_tool, "--models: '%s' is not NAME=PATH", arg);
	for (size_t i = 0; i + 1 < m->n; i++)
		if (strcmp(m->arm[i].name, a->name) == 0)
			tool_usage(
				&eval_tool,
				"--models: two models are called '%s' (NAME=PATH "
				"gives names)",
				a->name);
	return 0;
}

static int find_arms(struct many *m, struct syc_err *err)
{
	int ret = 0;
	char *s;

	if (!m->o->models)
		return add_arm(m, m->o->r.m.load.model, err);
	m->list = s = strdup(m->o->models);
	if (!s)
		return fail_nomem(err);
	for (char *next; ret == 0 && s; s = next) {
		next = strchr(s, ',');
		if (next)
			*next++ = 0;
		ret = add_arm(m, s, err);
	}
	return ret;
}

/* The tasks whose rows are in the folder. */
static int find_in(struct many *m, const char *folder, struct syc_err *err)
{
	for (unsigned i = 0; syc_eval_task(i); i++) {
		char *path;

		if (asprintf(&path, "%s/%s.jsonl", folder, syc_eval_task(i)) <
		    0)
			return fail_nomem(err);
		if (access(path, R_OK) == 0) {
			m->rows[m->n_tasks] = path;
			m->task[m->n_tasks++] = syc_eval_task(i);
		} else {
			free(path);
		}
	}
	return m->n_tasks ? 0
			  : fail(err, SYC_EINVAL,
				 "%s: no rows of a task in it (TASK.jsonl)",
				 folder);
}

static int find_tasks(struct many *m, struct syc_err *err)
{
	char *demo, *folder = NULL;
	int ret;

	if (m->o->tasks)
		return find_in(m, m->o->tasks, err);
	demo = machine_demo();
	if (!demo || asprintf(&folder, "%s/tasks/rows", demo) < 0)
		ret = demo ? fail_nomem(err)
			   : fail(err, SYC_EIO, "syc's own rows are not installed: give --tasks");
	else
		ret = find_in(m, folder, err);
	free(folder);
	free(demo);
	return ret;
}

static int make_folder(const char *path, struct syc_err *err)
{
	if (mkdir(path, 0777) == 0 || errno == EEXIST)
		return 0;
	return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}

static int make_folders(struct many *m, struct syc_err *err)
{
	int ret = make_folder(m->folder, err);

	for (size_t i = 0; i < m->n && ret == 0; i++) {
		const bool own = m->o->models != NULL;

		if (asprintf(&m->arm[i].folder, "%s%s%s", m->folder,
			     own ? "/" : "", own ? m->arm[i].name : "") < 0) {
			m->arm[i].folder = NULL;
			return fail_nomem(err);
		}
		ret = make_folder(m->arm[i].folder, err);
	}
	return ret;
}

/* ---- one run ------------------------------------------------------------- */

/*
 * What an adapter or a steering vector says for this model: "NAME=..." with the
 * name of another is not its own (NULL), with no model's name it is everyone's.
 */
static const char *own_part(const struct many *m, const struct arm *a,
			    const char *arg)
{
	const char *eq = strchr(arg, '=');
	const size_t n = eq ? (size_t)(eq - arg) : 0;

	for (size_t i = 0; n && m->o->models && i < m->n; i++)
		if (strlen(m->arm[i].name) == n &&
		    memcmp(m->arm[i].name, arg, n) == 0)
			return &m->arm[i] == a ? eq + 1 : NULL;
	return arg;
}

/* The adapters of a run; what they point to stays in *keep. */
static int set_adapters(const struct many *m, const struct arm *a,
			struct load *l, struct texts *keep, struct syc_err *err)
{
	static const struct opt lora = { .name = "lora" };
	const struct texts *all = &m->o->lora;

	keep->text = calloc(all->n + 1, sizeof(*keep->text));
	if (!keep->text)
		return fail_nomem(err);
	for (size_t i = 0; i < all->n; i++) {
		const char *own = own_part(m, a, all->text[i]);
		char *copy = own ? strdup(own) : NULL;

		if (own && !copy)
			return fail_nomem(err);
		if (!own)
			continue;
		keep->text[keep->n++] = copy;
		opt_lora(&eval_tool, &lora, l, copy);
	}
	return 0;
}

static int set_steering(const struct many *m, const struct arm *a,
			struct texts *specs, struct syc_err *err)
{
	const struct texts all = m->o->r.specs;

	*specs = (struct texts){ .text = calloc(all.n + 1, sizeof(*specs->text)) };
	if (!specs->text)
		return fail_nomem(err);
	for (size_t i = 0; i < all.n; i++) {
		const char *own = own_part(m, a, all.text[i]);

		if (own)
			specs->text[specs->n++] = own;
	}
	return 0;
}

static void note(struct many *m, const struct arm *a, const struct eval *e,
		 int status)
{
	if (status)
		syc_buf_printf(&m->said,
			       "%s%s%s: left out; syc-eval says why.\n\n",
			       m->o->models ? a->name : "",
			       m->o->models ? ", " : "", e->task);
	if (e->n_dropped)
		syc_buf_printf(&m->said,
			       "%s%s%s: %" PRIu64
			       " rows were dropped, longer than the "
			       "model's context.\n\n",
			       m->o->models ? a->name : "",
			       m->o->models ? ", " : "", e->task, e->n_dropped);
	m->status = status > m->status ? status : m->status;
}

/* One model, one task; *out is the file of its results. */
static int run_one(struct many *m, struct arm *a, size_t task,
		   char *const *rows, int n_rows, char **out,
		   struct syc_err *err)
{
	struct eval e = { .o = m->o, .r = m->o->r, .task = m->task[task] };
	struct texts keep = { 0 };
	char *acts = NULL;
	int ret;

	if (asprintf(out, "%s/%s.jsonl", a->folder, e.task) < 0 ||
	    (e.r.path && asprintf(&acts, "%s/%s.npz", a->folder, e.task) < 0))
		return fail_nomem(err);
	e.r.m.load.model = a->path;
	e.r.m.common.output = *out;
	e.r.path = acts;
	e.r.m.in.paths = m->all ? &m->rows[task] : rows;
	e.r.m.in.n_paths = m->all ? 1 : n_rows;
	ret = set_adapters(m, a, &e.r.m.load, &keep, err);
	if (ret == 0)
		ret = set_steering(m, a, &e.r.specs, err);
	if (ret == 0)
		note(m, a, &e, eval_run(&e));
	for (size_t i = 0; i < keep.n; i++)
		free((char *)(uintptr_t)keep.text[i]);
	texts_free(&keep);
	free(acts);
	return ret;
}

/* ---- what they came to --------------------------------------------------- */

/* Write a file of the folder, or of the model's. */
static int write_text(const char *folder, const char *name,
		      const struct syc_buf *b, struct syc_err *err)
{
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return fail_nomem(err);
	ret = syc_output_all(path, b->data, b->len, err);
	free(path);
	return ret;
}

/* The figures in each form; print them in the one that is asked for. */
static int write_figures(const struct many *m, const struct results *r,
			 struct syc_err *err)
{
	static const char *const names[] = {[SHEET_TEXT] = "eval.txt",
					    [SHEET_TSV] = "eval.tsv",
					    [SHEET_JSON] = "eval.json"};
	int ret = 0;

	for (unsigned form = 0; form < 3 && ret == 0; form++) {
		struct syc_buf b = { 0 };
		struct sheet o = { .b = &b, .form = (enum sheet_form)form };

		ret = results_put(&o, r, m->n, err);
		if (ret == 0)
			ret = write_text(m->folder, names[form], &b, err);
		if (ret == 0 && form == m->o->form &&
		    m->o->r.m.common.verbose >= 0)
			fwrite(b.data, 1, b.len, stdout);
		syc_buf_free(&b);
	}
	return ret;
}

/* What vectors tell of each model's rows, beside these. */
static int write_predictions(const struct many *m, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < m->n && ret == 0; i++)
		for (unsigned form = SHEET_TEXT; form <= SHEET_JSON && ret == 0;
		     form++) {
			const struct arm *a = &m->arm[i];
			struct syc_buf b = { 0 };
			struct sheet o = {.b = &b,
					  .form = (enum sheet_form)form};

			if (form == SHEET_TSV || !a->n_rows)
				continue;
			ret = predict_put(&o, &eval_tool, &m->o->r.m.common,
					  &m->o->vectors, a->rows, a->n_rows,
					  err);
			if (ret == 0)
				ret = write_text(a->folder,
						 form == SHEET_TEXT
							 ? "predict.txt"
							 : "predict.json",
						 &b, err);
			if (ret == 0 && form == m->o->form &&
			    m->o->r.m.common.verbose >= 0)
				fwrite(b.data, 1, b.len, stdout);
			syc_buf_free(&b);
		}
	return ret;
}

static int conclude(struct many *m, struct results *r, struct syc_err *err)
{
	int ret = results_compare(r, m->n, err);

	if (ret == 0)
		ret = write_figures(m, r, err);
	if (ret == 0 && m->o->vectors.n)
		ret = write_predictions(m, err);
	return ret == 0 && m->all ? many_page(m, r, err) : ret;
}

static int run_all(struct many *m, struct results *r, char *const *rows,
		   int n_rows, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < m->n && ret == 0; i++) {
		struct arm *a = &m->arm[i];

		r[i].name = a->name;
		for (size_t k = 0; k < m->n_tasks && ret == 0; k++) {
			char *out = NULL;
			const int before = m->status;

			m->status = 0;
			ret = run_one(m, a, k, rows, n_rows, &out, err);
			if (ret == 0 && m->status == 0)
				ret = results_read(&r[i], out, err);
			if (ret == 0 && m->status == 0)
				a->rows[a->n_rows++] = out;
			else
				free(out);
			m->status = m->status > before ? m->status : before;
		}
	}
	return ret;
}

static void check(const struct eval_opts *o, bool all, int n_rows)
{
	if (syc_output_is_stdout(o->r.m.common.output))
		tool_usage(&eval_tool,
			   "--output: name the folder of the results");
	if (o->models && o->r.m.load.model)
		tool_usage(&eval_tool,
			   "--models: the models, in place of --model");
	if (!o->models && !o->r.m.load.model)
		tool_usage(&eval_tool,
			   "no model: give --model=PATH or --models=PATH,...");
	if (all && n_rows)
		tool_usage(
			&eval_tool,
			"all: rows come from the folder of --tasks, not from operands");
}

int eval_many(const struct eval_opts *o, const char *task, char *const *rows,
	      int n_rows)
{
	struct many m = { .o = o, .folder = o->r.m.common.output };
	struct results *r = NULL;
	struct syc_err err = { 0 };
	int ret;

	m.all = strcmp(task, "all") == 0;
	check(o, m.all, n_rows);
	ret = find_arms(&m, &err);
	if (ret == 0 && m.all)
		ret = find_tasks(&m, &err);
	else
		m.task[m.n_tasks++] = task;
	if (ret == 0)
		ret = make_folders(&m, &err);
	if (ret == 0 && !(r = calloc(m.n, sizeof(*r))))
		ret = fail_nomem(&err);
	if (ret == 0)
		ret = run_all(&m, r, rows, n_rows, &err);
	if (ret == 0)
		ret = conclude(&m, r, &err);
	if (r)
		results_free(r, m.n);
	free(r);
	for (size_t i = 0; i < m.n; i++) {
		free(m.arm[i].name);
		free(m.arm[i].folder);
		for (int k = 0; k < m.arm[i].n_rows; k++)
			free(m.arm[i].rows[k]);
	}
	for (size_t k = 0; k < m.n_tasks; k++)
		free(m.rows[k]);
	free(m.arm);
	free(m.list);
	syc_buf_free(&m.said);
	return tool_finish(&eval_tool,
			   ret < 0 ? tool_err(&eval_tool, &err) : m.status);
}
