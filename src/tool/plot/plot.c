/* SPDX-License-Identifier: MIT */
/* syc-plot: pictures of what the other programs find. */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

enum {
	KEY_KIND = OPT_OWN, KEY_VECTOR, KEY_POSITION, KEY_LAYERS,
	KEY_AGAINST, KEY_OF, KEY_TITLE, KEY_XLABEL, KEY_SIZE, KEY_KEEP_GOING,
};

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Plot" },
	{ KEY_KIND, "kind", "KIND", "auc, roc, heat, sweep, ...: see syc-plot(1) (default: what fits)" },
	{ KEY_VECTOR, "vector", "NAME", "only the vector NAME" },
	{ KEY_POSITION, "position", "POSITION", "only the position POSITION" },
	{ KEY_LAYERS, "layers", "LIST", "only these layers: 0,3-5 or all" },
	{ KEY_AGAINST, "against", "WHAT", "a sweep's effect against kl, scale or layer" },
	{ KEY_OF, "of", "WHAT", "a sweep's effect: match (default), chosen or control" },
	{ 0, NULL, NULL, "Looks" },
	{ KEY_TITLE, "title", "TEXT", "write TEXT above the plot" },
	{ KEY_XLABEL, "xlabel", "TEXT",
	  "write TEXT below the horizontal axis" },
	{ KEY_SIZE, "size", "WxH",
	  "size in points of 1/96 inch (text: characters)" },
	{ 0, NULL, NULL, "Rows" },
	{ KEY_KEEP_GOING, "keep-going", NULL,
	  "report broken rows and skip them" },
	OPTS_PLAIN
};

static const struct tool tool = {
	.name = "syc-plot",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Plot what the other programs find",
	.opts = opts,
};

enum { MAX_AUTO = 6 };

struct args {
	struct opt_values common;
	struct plot plot;
	struct gp gp;
	plotter *draw;
};

enum { N_KINDS = 15 };

static const char *const kind_names[N_KINDS] = {
	"auto", "agree", "auc", "best", "calibration", "confound", "diff", "fidelity", "heat", "points",
	"roc", "stability", "sweep", "transfer", "vector",
};

static plotter *const kinds[N_KINDS] = {
	NULL, plot_agree, plot_auc, plot_best, plot_calibration, plot_confound, plot_diff, plot_fidelity,
	plot_heat, plot_points, plot_roc, plot_stability, plot_sweep, plot_transfer, plot_vector,
};

/* What is drawn of a kind of document when nothing is asked for. */
static plotter *usual(const struct docs *d, struct syc_err *err)
{
	static plotter *const by[] = {
		[DOC_FIT] = plot_auc, [DOC_TRANSFER] = plot_transfer, [DOC_SWEEP] = plot_sweep,
		[DOC_COSINES] = plot_heat, [DOC_STABILITY] = plot_stability, [DOC_VECTOR] = plot_vector,
		[DOC_FIDELITY] = plot_fidelity, [DOC_AGREE] = plot_agree, [DOC_ROW] = NULL,
	};
	const struct doc *first = &d->doc[0];

	if (first->kind == DOC_ROW)
		fail(err, SYC_EINVAL, "%s has rows: choose --kind=points or --kind=roc",
		     first->path ? first->path : "standard input");
	else if (first->kind == DOC_OTHER)
		fail(err, SYC_EFORMAT, "%s: not what %s writes", first->path ? first->path : "standard input",
		     doc_made_by(DOC_OTHER));
	return by[first->kind];
}

static void set_size(struct gp *g, const char *arg)
{
	char *end;
	long w = 0, h = 0;

	errno = 0;
	w = strtol(arg, &end, 10);
	if (*end == 'x')
		h = strtol(end + 1, &end, 10);
	if (errno || *end || w < 40 || h < 15 || w > 10000 || h > 10000)
		tool_usage(&tool, "--size: '%s' is not like 620x380, "
			  "from 40x15 to 10000x10000", arg);
	g->width = (double)w;
	g->height = (double)h;
}

static void parse(struct args *a, int argc, char **argv)
{
	static const char *const against[] = { "kl", "scale", "layer" };
	static const char *const of[] = { "match", "chosen", "control" };
	struct plot *p = &a->plot;
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_KIND: a->draw = kinds[opt_enum(&tool, "kind", optarg, kind_names, N_KINDS)]; break;
		case KEY_VECTOR: p->vector = optarg; break;
		case KEY_POSITION: p->position = optarg; break;
		case KEY_LAYERS:
			free(p->layer);
			opt_list(&tool, "layers", optarg, 0, &p->layer,
				     &p->n_layers);
			p->layers_given = true;
			break;
		case KEY_AGAINST:
			p->against = AGAINST_KL + opt_enum(&tool, "against", optarg, against, 3);
			break;
		case KEY_OF: p->of = opt_enum(&tool, "of", optarg, of, 3); break;
		case KEY_TITLE: a->gp.title = optarg; break;
		case KEY_XLABEL: p->xlabel = optarg; break;
		case KEY_SIZE: set_size(&a->gp, optarg); break;
		case KEY_KEEP_GOING: p->keep_going = true; break;
		default: opt_common(&tool, &a->common, key, optarg);
		}
	}
	p->paths = argv + optind;
	p->n_paths = argc - optind;
}

bool plot_wants(const struct plot *p, const char *vector, const char *position)
{
	return (!p->vector || strcmp(p->vector, vector) == 0) &&
	       (!p->position || strcmp(p->position, position) == 0);
}

bool plot_wants_layer(const struct plot *p, double layer)
{
	for (size_t i = 0; i < p->n_layers; i++)
		if ((double)p->layer[i] == layer)
			return true;
	return p->n_layers == 0;
}

int plot_choose_layers(const struct plot *p, const uint32_t *layer, size_t n_layers, size_t **out, size_t *n,
		       struct syc_err *err)
{
	size_t *at = calloc(n_layers + p->n_layers + 1, sizeof(*at));

	*out = at;
	*n = 0;
	if (!at)
		return fail_nomem(err);
	for (size_t i = 0; i < p->n_layers; i++) {
		size_t k = 0;

		while (k < n_layers && layer[k] != p->layer[i])
			k++;
		if (k == n_layers)
			return fail(err, SYC_EINVAL, "there is nothing of layer %" PRIu32, p->layer[i]);
		at[(*n)++] = k;
	}
	if (*n)
		return 0;
	*n = p->layers_given || n_layers < MAX_AUTO ? n_layers : MAX_AUTO;
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
	ret = docs_read(&p->docs, p->paths, p->n_paths, err);
	if (ret == 0 && !a->draw) {
		a->draw = usual(&p->docs, err);
		ret = a->draw ? 0 : err->code;
	}
	return ret;
}

static int draw(struct args *a, struct syc_err *err)
{
	struct syc_buf picture = { 0 };
	struct out o;
	int ret = plan(a, err);

	if (ret == 0)
		ret = a->draw(&a->plot, &a->gp, err);
	if (ret == 0)
		ret = gp_run(&a->gp, &picture, err);
	if (ret == 0)
		ret = out_open(&o, a->common.output, err);
	if (ret == 0) {
		ret = out_write(&o, picture.data, picture.len, err);
		if (ret == 0)
			ret = out_finish(&o, err);
		else
			out_abandon(&o);
	}
	syc_buf_free(&picture);
	return ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT,
			  .plot.tool = &tool };
	struct syc_err err = { 0 };
	int status = 0;

	parse(&a, argc, argv);
	if (gp_kind_of(&a.gp.kind, a.common.output, &err) < 0)
		tool_usage(&tool, "%s", err.msg);
	if (draw(&a, &err) < 0)
		status = tool_err(&tool, &err);
	gp_free(&a.gp);
	docs_free(&a.plot.docs);
	free(a.plot.layer);
	return tool_finish(&tool, status);
}
