/* SPDX-License-Identifier: MIT */
/* syc-plot: pictures of what the other programs find. */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/acts.h"
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

enum { MAX_AUTO = 6 };

struct args {
	struct opt_values common;
	struct plot plot;
	struct gp gp;
	unsigned kind;
	plotter *draw;
};

enum { N_KINDS = 25 };

static const char *const kind_names[N_KINDS + 1] = {
	"auto",	 "agree",    "arms",     "auc",    "best",	 "best-of", "calibration", "confound",
	"diff",	 "eval",     "fidelity", "foretold", "grid", "heat",	"points", "preferred", "roc",
	"shift", "slopes", "stability", "sweep", "transfer", "tuned", "vector", "views", NULL,
};

static plotter *const kinds[N_KINDS] = {
	NULL,	     plot_agree,       plot_arms, plot_auc,
	plot_best,   plot_best_of,     plot_calibration, plot_confound,
	plot_diff,   plot_eval,        plot_fidelity, plot_foretold, plot_grid,
	plot_heat,   plot_points,      plot_preferred, plot_roc,
	plot_shift,  plot_slopes,
	plot_stability, plot_sweep,    plot_transfer,
	plot_tuned,  plot_vector,      plot_views,
};

/* What is drawn of a kind of document when nothing is asked for. */
static plotter *usual(const struct docs *d, struct syc_err *err)
{
	static plotter *const by[] = {
		[DOC_FIT] = plot_auc,
		[DOC_TRANSFER] = plot_transfer,
		[DOC_SWEEP] = plot_sweep,
		[DOC_COSINES] = plot_heat,
		[DOC_STABILITY] = plot_stability,
		[DOC_VECTOR] = plot_vector,
		[DOC_FIDELITY] = plot_fidelity,
		[DOC_AGREE] = plot_agree,
		[DOC_STANCE] = plot_views,
		[DOC_GRID] = plot_grid,
		[DOC_TUNED] = plot_arms,
		[DOC_BEST] = plot_best_of,
		[DOC_PREFERRED] = plot_preferred,
		[DOC_EVAL] = plot_eval,
		[DOC_PREFER] = plot_best,
		[DOC_SHIFT] = plot_shift,
		[DOC_ROW] = NULL,
	};
	const struct doc *first = &d->doc[0];

	if (first->kind == DOC_ROW)
		fail(err, SYC_EINVAL,
		     "%s has rows: choose --kind=points or --kind=roc",
		     first->path ? first->path : "standard input");
	else if (first->kind == DOC_OTHER)
		fail(err, SYC_EFORMAT, "%s: not what %s writes",
		     first->path ? first->path : "standard input",
		     doc_made_by(DOC_OTHER));
	return by[first->kind];
}

static void set_size(const struct tool *t, const struct opt *o, void *at,
		     char *arg)
{
	struct gp *g = at;
	char *end;
	long w, h = 0;

	errno = 0;
	w = strtol(arg, &end, 10);
	if (*end == 'x')
		h = strtol(end + 1, &end, 10);
	if (errno || *end || w < 40 || h < 15 || w > 10000 || h > 10000)
		tool_usage(t, "--%s: '%s' is not like 620x380, from 40x15 to 10000x10000", o->name,
			   arg);
	g->width = (double)w;
	g->height = (double)h;
}

/* By enum plot_against and enum plot_of. */
static const char *const against[] = { "auto", "kl", "scale", "layer", NULL };
static const char *const of[] = { "match", "chosen", "control", "effect", NULL };

static const struct opt opts[] = {
	OPT_HEAD("Plot"),
	OPT_CHOICE(0, "kind", "KIND", struct args, kind, unsigned, kind_names,
		   "auc, roc, heat, sweep, ...: see syc-plot(1) (default: what fits)"),
	OPT_TEXT(0, "vector", "NAME", struct args, plot.vector, "only the vector NAME"),
	{ OPT_ROW(0, "position", "POSITION", "only the position POSITION", opt_text,
		  OPT_AT(struct args, plot.position, const char *)), .nth = syc_position_name },
	OPT_NUMBERS(0, "layers", "LIST", struct args, plot.layers,
		    "only these layers: 0,3-5 or all"),
	OPT_CHOICE(0, "against", "WHAT", struct args, plot.against, enum plot_against, against,
		   "a sweep's effect against kl, scale or layer"),
	OPT_CHOICE(0, "of", "WHAT", struct args, plot.of, enum plot_of, of,
		   "a sweep's match (default), chosen, control or effect (stance)"),
	OPT_HEAD("Looks"),
	OPT_TEXT(0, "title", "TEXT", struct args, gp.title, "write TEXT above the plot"),
	OPT_TEXT(0, "xlabel", "TEXT", struct args, plot.xlabel,
		 "write TEXT below the horizontal axis"),
	OPT_OWN_AT(0, "size", "WxH", struct args, gp, set_size,
		   "size in points of 1/96 inch (text: characters)"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(struct args, plot.in),
	OPT_OF_MIXED(struct args, plot.in),
	OPTS_COMMON(struct args, common)};

static const struct tool tool = {
	.name = "syc-plot",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Plot what the other programs find",
	.opts = opts,
};

static void parse(struct args *a, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, a);

	a->draw = kinds[a->kind];
	a->plot.in.paths = argv + at;
	a->plot.in.n_paths = argc - at;
}

bool plot_wants(const struct plot *p, const char *vector, const char *position)
{
	return (!p->vector || strcmp(p->vector, vector) == 0) &&
	       (!p->position || strcmp(p->position, position) == 0);
}

bool plot_wants_layer(const struct plot *p, double layer)
{
	for (size_t i = 0; i < p->layers.n; i++)
		if ((double)p->layers.v[i] == layer)
			return true;
	return p->layers.n == 0;
}

int plot_choose_layers(const struct plot *p, const uint32_t *layer,
		       size_t n_layers, size_t **out, size_t *n,
		       struct syc_err *err)
{
	size_t *at = calloc(n_layers + p->layers.n + 1, sizeof(*at));

	*out = at;
	*n = 0;
	if (!at)
		return fail_nomem(err);
	for (size_t i = 0; i < p->layers.n; i++) {
		size_t k = 0;

		while (k < n_layers && layer[k] != p->layers.v[i])
			k++;
		if (k == n_layers)
			return fail(err, SYC_EINVAL,
				    "there is nothing of layer %" PRIu32,
				    p->layers.v[i]);
		at[(*n)++] = k;
	}
	if (*n)
		return 0;
	*n = p->layers.given || n_layers < MAX_AUTO ? n_layers : MAX_AUTO;
	for (size_t i = 0; i < *n; i++)
		at[i] = *n > 1 ? i * (n_layers - 1) / (*n - 1) : 0;
	return 0;
}

/* Documents are read here; rows by the kinds that want them. */
static int plan(struct args *a, struct syc_err *err)
{
	struct plot *p = &a->plot;
	int ret;

	if (a->draw == plot_points || a->draw == plot_roc)
		return 0;
	ret = docs_read(&p->docs, p->in.paths, p->in.n_paths, err);
	if (ret == 0 && !a->draw) {
		a->draw = usual(&p->docs, err);
		ret = a->draw ? 0 : err->code;
	}
	return ret;
}

static int draw(struct args *a, struct syc_err *err)
{
	struct syc_buf picture = { 0 };
	int ret = work_check(&tool, a->common.output, a->plot.in.paths, a->plot.in.n_paths, err);

	if (ret == 0)
		ret = plan(a, err);
	if (ret == 0)
		ret = a->draw(&a->plot, &a->gp, err);
	if (ret == 0)
		ret = gp_run(&a->gp, &picture, err);
	if (ret == 0)
		ret = syc_output_all(a->common.output, picture.data, picture.len, err);
	syc_buf_free(&picture);
	return ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT,
			  .plot.tool = &tool, .plot.in = { ROWS_OF_ONE_RUN(&tool) } };
	struct syc_err err = { 0 };
	int status = 0;

	parse(&a, argc, argv);
	if (gp_kind_of(&a.gp.kind, a.common.output, &err) < 0)
		tool_usage(&tool, "%s", err.msg);
	if (draw(&a, &err) < 0)
		status = tool_err(&tool, &err);
	gp_free(&a.gp);
	docs_free(&a.plot.docs);
	free(a.plot.layers.v);
	return tool_finish(&tool, status);
}
