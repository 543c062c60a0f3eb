/* SPDX-License-Identifier: MIT */
/* syc-prompt: data sets to the rows of tasks. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "syc/output.h"
#include "syc/prompts.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/options/opts.h"

struct args {
	struct opt_values common;
	struct syc_prompts_opts o;
	struct texts fields;
	const char *templates, *shots;
	bool choices, free, list, print_templates;
};

/* A file of data is read whole. */
static const size_t most_bytes = (size_t)4 << 30;

static opt_setter set_part;

#define A struct args
static const struct opt opts[] = {
	OPT_FIRST(syc_prompts_task),
	OPT_HEAD("Sources"),
	{ OPT_ROW(0, "format", "NAME", "the files' format (default: by their fields)", opt_text,
		  OPT_AT(A, o.format, const char *)), .nth = syc_prompts_format },
	OPT_TEXTS(0, "fields", "FIELD=COLUMN", A, fields,
		  "the file's name for a field (may be repeated)"),
	OPT_TEXT(0, "dataset", "NAME", A, o.dataset,
		 "the first part of the items' names"),
	OPT_FLAG(0, "keep-going", A, o.keep_going,
		 "report broken objects, skip them"),
	OPT_HEAD("Prompts"),
	OPT_TEXT(0, "templates", "FILE", A, templates,
		 "take the templates in FILE"),
	OPT_FLAG(0, "two-choices", A, choices,
		 "ask between a right and a wrong answer"),
	OPT_FLAG(0, "free", A, free,
		 "ask for answers in free text, also where choices are listed"),
	OPT_FLAG(0, "shuffle", A, o.shuffle,
		 "put the source's options in an order by chance"),
	OPT_FLAG(0, "both-orders", A, o.both_orders,
		 "each row again with its options reversed"),
	OPT_FLAG(0, "confidence", A, o.confidence,
		 "sure: ask how likely the answer is right, too"),
	OPT_SIZE(0, "turns", "N", A, o.n_turns, 1, 1000,
		 "pushback: at most N turns (default: all)"),
	OPT_TEXT(0, "shots", "FILE", A, shots,
		 "put the examples in FILE in front of each prompt"),
	OPT_SIZE(0, "n-shots", "N", A, o.n_shots, 1, 1000,
		 "at most N of them, by chance"),
	OPT_HEAD("Items"),
	OPT_OWN_AT(0, "part", "A[-B]/N", A, o, set_part,
		   "items of parts A to B of N"),
	OPT_SIZE(0, "sample", "N", A, o.sample, 1, SIZE_MAX,
		 "N items, by chance"),
	OPT_SEED_ROW(A, common),
	OPT_HEAD("Instead of rows"),
	OPT_FLAG(0, "list", A, list,
		 "print the tasks, their conditions, and the formats"),
	OPT_FLAG(0, "print-templates", A, print_templates,
		 "print the templates in force (of TASK, or of all)"),
	OPTS_COMMON(A, common)};
#undef A

static const struct tool tool = {
	"syc-prompt",
	"TASK [OPTION]... [FILE]...",
	"Turn data sets into the rows of a task",
	opts,
};

static void set_part(const struct tool *t, const struct opt *opt, void *at,
		     char *arg)
{
	struct syc_prompts_opts *o = at;
	char *slash = strchr(arg, '/'), *dash = strchr(arg, '-');

	if (!slash || (dash && dash > slash))
		tool_usage(t, "--%s: '%s' is not like 1/5 or 2-5/5", opt->name,
			   arg);
	o->n_parts =
		(uint32_t)opt_whole(t, opt->name, slash + 1, 1, UINT32_MAX);
	*slash = '\0';
	if (dash)
		*dash = '\0';
	o->part_from = (uint32_t)opt_whole(t, opt->name, arg, 1, o->n_parts);
	o->part_to = !dash ? o->part_from
			   : (uint32_t)opt_whole(t, opt->name, dash + 1,
						 o->part_from, o->n_parts);
}

static void say_skipped(void *arg, const char *place, const char *why)
{
	const struct args *a = arg;

	if (a->common.verbose >= 0)
		tool_warn(&tool, "%s: %s (left out)", place, why);
}

/* ---- instead of rows -------------------------------------------------------------------- */

static int list_names(struct syc_buf *out, struct syc_err *err)
{
	const char *task, *name;

	for (unsigned i = 0; (task = syc_prompts_task(i)); i++) {
		syc_buf_printf(out, "task\t%s\t", task);
		for (unsigned k = 0; (name = syc_prompts_condition(task, k));
		     k++)
			syc_buf_printf(out, "%s%s", k ? " " : "", name);
		syc_buf_puts(out, "\n");
	}
	for (unsigned i = 0; (name = syc_prompts_format(i)); i++)
		syc_buf_printf(out, "format\t%s\t%s\n", name,
			       syc_prompts_format_tasks(name));
	return out->failed ? fail_nomem(err) : 0;
}

/* ---- rows ------------------------------------------------------------------------------- */

typedef int take_text(struct syc_prompts *p, const char *name, const char *text,
		      size_t len, struct syc_err *err);

static int use_templates(struct syc_prompts *p, const char *name,
			 const char *text, size_t len, struct syc_err *err)
{
	struct syc_err why;
	const int ret = syc_prompts_use(p, text, len, &why);

	return ret < 0 ? fail(err, ret, "%.200s: %.280s", name, why.msg) : 0;
}

/* path NULL, "-": standard input. */
static int read_file(struct syc_prompts *p, const char *path, take_text *take,
		     struct syc_err *err)
{
	const bool input = !path || strcmp(path, "-") == 0;
	struct syc_buf b = { 0 };
	int ret = read_all_of(&b, input ? NULL : path, most_bytes, err);

	if (ret == 0)
		ret = take(p, input ? "standard input" : path,
			   b.data ? b.data : "", b.len, err);
	syc_buf_free(&b);
	return ret;
}

static void tell(const struct args *a, const struct syc_prompts_counts *c)
{
	const char *task = a->o.task;

	if (a->common.verbose < 0)
		return;
	if (c->n_broken)
		tool_warn(&tool, "%zu of %zu objects are broken and left out",
			  c->n_broken, c->n_objects);
	if (c->n_dropped)
		tool_warn(&tool,
			  "%zu of %zu items make no rows and are left out",
			  c->n_dropped, c->n_taken);
	if (c->constant)
		tool_warn(
			&tool,
			"the right answer is (%c) in every row: try --shuffle or "
			"--both-orders",
			c->constant);
	else if (c->same_answer)
		tool_warn(&tool, "the right answer is '%.80s' in every row",
			  c->same_answer);
	if (a->common.verbose > 0)
		tool_warn(&tool,
			  "%s: %zu objects, %zu items, %zu taken, %zu rows",
			  task, c->n_objects, c->n_items, c->n_taken,
			  c->n_rows);
}

static int make_rows(struct syc_buf *out, struct args *a, struct syc_prompts *p,
		     char *const *paths, int n, struct syc_err *err)
{
	struct syc_prompts_counts counts = { 0 };
	int ret = a->shots ? read_file(p, a->shots, syc_prompts_shots, err) : 0;

	for (int i = 0; i < n && ret == 0; i++)
		ret = read_file(p, paths[i], syc_prompts_read, err);
	if (n == 0 && ret == 0)
		ret = read_file(p, NULL, syc_prompts_read, err);
	if (ret < 0)
		return ret;
	ret = syc_prompts_make(out, p, &counts, err);
	tell(a, &counts);
	return ret;
}

static int run(struct args *a, const char *task, char *const *paths, int n,
	       struct syc_err *err)
{
	struct syc_buf out = { 0 };
	struct syc_prompts *p = NULL;
	int ret;

	a->o.task = task ? task : syc_prompts_task(0);
	ret = a->list ? list_names(&out, err) : syc_prompts_new(&p, &a->o, err);
	if (p && a->templates)
		ret = read_file(p, a->templates, use_templates, err);
	if (p && ret == 0)
		ret = a->print_templates
			      ? syc_prompts_templates(&out, p, task, err)
			      : make_rows(&out, a, p, paths, n, err);
	if (ret == 0)
		ret = syc_output_all(a->common.output, out.data ? out.data : "",
				     out.len, err);
	syc_prompts_free(p);
	syc_buf_free(&out);
	return ret;
}

/* ---- options ---------------------------------------------------------------------------- */

typedef const char *name_at(unsigned i);

static bool is_among(name_at *names, const char *name)
{
	const char *one;

	for (unsigned i = 0; (one = names(i)); i++)
		if (strcmp(one, name) == 0)
			return true;
	return false;
}

static void check(const struct args *a, const char *task)
{
	if (a->list && task)
		tool_usage(&tool, "--list takes no TASK");
	if (!task && !a->list && !a->print_templates)
		tool_usage(&tool, "no task; --list says which there are");
	if (task && !is_among(syc_prompts_task, task))
		tool_usage(&tool, "no task '%s'; --list says which there are",
			   task);
	if (a->o.format && !is_among(syc_prompts_format, a->o.format))
		tool_usage(&tool, "no format '%s'; --list says which there are",
			   a->o.format);
	if (a->choices && a->free)
		tool_usage(&tool, "--two-choices or --free, not both");
	if ((a->choices || a->free) && task && strcmp(task, "sure") != 0 &&
	    strcmp(task, "pushback") != 0)
		tool_usage(
			&tool,
			"--two-choices and --free are of sure and pushback, not of %s",
			task);
	if (a->o.n_turns && task && strcmp(task, "pushback") != 0)
		tool_usage(&tool, "--turns is of pushback, not of %s", task);
	if (a->o.confidence && task && strcmp(task, "sure") != 0)
		tool_usage(&tool, "--confidence is of sure, not of %s", task);
	if (a->o.n_shots && !a->shots)
		tool_usage(&tool, "--n-shots needs --shots");
	for (size_t i = 0; i < a->fields.n; i++) {
		const char *eq = strchr(a->fields.text[i], '=');

		if (!eq || eq == a->fields.text[i] || !eq[1])
			tool_usage(&tool, "--fields: '%s' is not FIELD=COLUMN",
				   a->fields.text[i]);
	}
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT };
	const int at = opt_parse(&tool, argc, argv, &a);
	const char *task = at < argc ? argv[at] : NULL;
	char *const *paths = argv + at + (at < argc);
	const int n = argc - at - (at < argc);
	struct syc_err err = { 0 };
	int ret;

	check(&a, task);
	if (a.print_templates && n)
		tool_usage(&tool, "--print-templates takes no FILE");
	a.o.form = a.choices ? SYC_PROMPTS_CHOICES
		   : a.free  ? SYC_PROMPTS_FREE
			     : SYC_PROMPTS_AS_GIVEN;
	a.o.field = a.fields.text;
	a.o.n_fields = a.fields.n;
	a.o.seed = a.common.seed;
	a.o.skipped = say_skipped;
	a.o.arg = &a;
	ret = work_check(&tool, a.common.output, paths, n, &err);
	if (ret == 0)
		ret = run(&a, task, paths, n, &err);
	texts_free(&a.fields);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
