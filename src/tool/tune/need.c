/* SPDX-License-Identifier: MIT */
/* What training will take, said before it starts. */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/table.h"
#include "tool/tune/tune.h"

/* Share of the rate of a bare product that passes come to (syc-bench --only tune). */
#define EFFICIENCY 0.55

struct need {
	struct syc_tune_work work;
	size_t model, pass, adapter;	/* bytes */
	size_t least;			/* of a pass: blocks are computed again */
	size_t keep;			/* bytes that may be kept instead */
	size_t beside;			/* bytes there beside the model */
	size_t room;			/* of these, for a pass */
	bool again;			/* blocks are computed again */
};

static size_t pass_bytes(const struct tune *t, size_t tokens, bool again)
{
	return syc_trainer_need(syc_model_config(t->model), &t->shape,
				t->common.threads, tokens, again);
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static int find_need(struct need *n, const struct tune *t, struct syc_err *err)
{
	const struct syc_model_opts o = { .compute = SYC_COMPUTE_F32,
					  .threads = t->common.threads };
	struct syc_lora_weights *w;
	struct syc_model_need m;
	int ret = syc_model_memory_needed(&m, t->load.model, &o, err);

	if (ret == 0)
		ret = syc_lora_weights_new(&w, syc_model_config(t->model),
					   &t->shape, err);
	if (ret < 0)
		return ret;
	n->work = syc_tune_work(&t->plan, t->train, t->held);
	n->model = m.weights + m.mapped;
	/* Values, gradient, two moments, the best values. */
	n->adapter = w->n_values * sizeof(float) * (t->plan.best ? 5 : 4);
	syc_lora_weights_free(w);
	n->beside = less(syc_machine_memory(), n->model);
	n->room = less(n->beside, n->adapter);
	if (t->memory && t->memory < n->room)
		n->room = t->memory;
	n->least = pass_bytes(t, n->work.pass, true);
	n->pass = pass_bytes(t, n->work.pass, false);
	n->keep = less(t->memory ? n->room : n->room / 2, n->least);
	n->again = n->pass > n->least + n->keep;
	if (n->again)
		n->pass = n->least;
	return 0;
}

/* "12 MB", "3.4 GB" */
static const char *amount(char cell[CELL], size_t bytes)
{
	const bool giga = bytes >= 1000000000;

	snprintf(cell, CELL, "%.*f %s", giga || bytes < 10000000 ? 1 : 0,
		 (double)bytes / (giga ? 1e9 : 1e6), giga ? "GB" : "MB");
	return cell;
}

/* The adapter alone, with its gradient and moments, leaves nothing: which rank would? */
static int too_wide(const struct need *n, const struct tune *t, struct syc_err *err)
{
	const uint32_t rank = (uint32_t)((double)n->beside / 2 / (double)n->adapter *
					 t->shape.rank);
	char need[CELL], room[CELL];

	amount(need, n->adapter);
	amount(room, n->beside);
	if (!rank)
		return fail(err, SYC_EINVAL,
			    "an adapter of rank %" PRIu32 " needs %s beside the model, %s are there",
			    t->shape.rank, need, room);
	return fail(err, SYC_EINVAL,
		    "an adapter of rank %" PRIu32 " needs %s beside the model, %s are there: "
		    "--rank=%" PRIu32 " would fit", t->shape.rank, need, room, rank);
}

/* A pass does not fit: which one would? */
static int too_much(const struct need *n, const struct tune *t,
		    struct syc_err *err)
{
	const struct syc_tune_plan alone = { .loss = t->plan.loss, .batch = 1,
					     .tokens = 1, .epochs = 1 };
	const size_t least = syc_tune_work(&alone, t->train, t->held).pass;
	size_t tokens = n->work.pass / 2;
	char need[CELL], room[CELL];

	while (tokens > least && pass_bytes(t, tokens, true) > n->room)
		tokens /= 2;
	if (tokens >= least && pass_bytes(t, tokens, true) <= n->room)
		return fail(err, SYC_EINVAL,
			    "passes of %zu tokens need %s beside the model, %s "
			    "are there: --tokens=%zu would fit",
			    n->work.pass, amount(need, n->least),
			    amount(room, n->room), tokens);
	for (tokens = least; tokens && pass_bytes(t, tokens, true) > n->room;)
		tokens -= tokens / 8 + 1;
	return fail(err, SYC_EINVAL,
		    "the longest row alone, %zu tokens, needs %s beside the "
		    "model, %s are there: --max-length=%zu with --cut would fit",
		    least, amount(need, pass_bytes(t, least, true)),
		    amount(room, n->room), tokens);
}

/* "12 min" */
static void put_time(struct syc_buf *b, double s)
{
	if (s < 90)
		syc_buf_printf(b, "%.0f s", s);
	else if (s < 5400)
		syc_buf_printf(b, "%.0f min", s / 60);
	else
		syc_buf_printf(b, "%.1f h", s / 3600);
}

static void put_need(struct syc_buf *b, const struct need *n,
		     const struct tune *t)
{
	const struct syc_config *c = syc_model_config(t->model);
	const struct syc_tune_work *w = &n->work;
	const struct syc_train_work blocks = {w->learn.tokens, 0, w->learn.pairs};
	const double rate = syc_sgemm_rate(t->common.threads);
	char all[CELL], model[CELL], pass[CELL], adapter[CELL];
	double flops = syc_trainer_flops(c, &t->shape, &w->learn, true) +
		       syc_trainer_flops(c, &t->shape, &w->look, false);

	if (n->again)
		flops += syc_trainer_flops(c, &t->shape, &blocks, false);
	syc_buf_printf(b,
		       "%zu rows in %" PRIu64
		       " steps of %zu, %.0f tokens to learn from",
		       t->train->n, syc_tune_steps(&t->plan, t->train->n),
		       t->plan.batch, w->learn.tokens);
	if (t->held)
		syc_buf_printf(b, ", %zu held-out rows", t->held->n);
	syc_buf_printf(b, "\nneeds about %s: the model %s",
		       amount(all, n->model + n->pass + n->adapter),
		       amount(model, n->model));
	syc_buf_printf(b, ", passes of %zu tokens %s%s, the adapter %s", w->pass,
		       amount(pass, n->pass),
		       n->again ? " (blocks computed again)" : "",
		       amount(adapter, n->adapter));
	if (!(rate > 0))
		return;
	syc_buf_puts(b, "\ntakes about ");
	put_time(b, flops / (EFFICIENCY * rate));
	syc_buf_printf(b,
		       ": %.3g TFLOP, and a product runs at %.0f GFLOP/s here",
		       flops / 1e12, rate / 1e9);
}

/* On standard output where that is all that is wanted. */
static void say_lines(const struct tune *t, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (t->dry_run)
			tool_say("%s", line);
		else
			tool_warn(&tune_tool, "%s", line);
	}
}

int tune_need(struct tune *t, struct syc_err *err)
{
	struct syc_buf text = { 0 };
	struct need n;
	int ret = find_need(&n, t, err);

	if (ret < 0)
		return ret;
	if (n.adapter >= n.beside)
		return too_wide(&n, t, err);
	if (n.least > n.room)
		return too_much(&n, t, err);
	t->keep = n.keep;
	if (!t->dry_run && t->common.verbose < 0)
		return 0;
	put_need(&text, &n, t);
	if (text.failed)
		ret = fail_nomem(err);
	else
		say_lines(t, text.data);
	syc_buf_free(&text);
	return ret;
}
