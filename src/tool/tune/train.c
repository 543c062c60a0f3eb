/* SPDX-License-Identifier: MIT */
/*
 * The run: steps, looks, checkpoints, the log, and what is written in the end.
 */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/tune/tune.h"

enum { SECONDS = 300 };	/* between checkpoints, unless it is said in steps */

/* ---- before it ----------------------------------------------------------- */

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* One of the other outputs: no input, and none of those before it. */
static int check_file(const struct tune *t, const char *path, const char *other,
		      struct syc_err *err)
{
	int ret;

	if (!path)
		return 0;
	ret = out_check(&tune_tool, path, t->in.paths, t->in.n_paths, err);
	if (ret == 0)
		ret = syc_outputs_differ(path, t->common.output, err);
	return ret < 0 || !other ? ret : syc_outputs_differ(path, other, err);
}

int tune_check_outputs(struct tune *t, struct syc_err *err)
{
	const char *out = t->common.output;
	int n = (int)strlen(out), ret = 0;

	while (n > 1 && out[n - 1] == '/')
		n--;
	if (asprintf(&t->checkpoint, "%.*s.checkpoint", n, out) < 0) {
		t->checkpoint = NULL;
		return fail_nomem(err);
	}
	if (is_there(out) && t->resume && !is_there(t->checkpoint)) {
		if (t->common.verbose >= 0)
			tool_warn(&tune_tool, "%s is there already: nothing to do",
				  out);
		return 1;
	}
	if (!is_there(out) || !t->resume)
		ret = syc_output_folder_check(out, err);
	if (ret < 0)
		return ret;
	if (is_there(t->checkpoint) && !t->resume && !t->force)
		return fail(err, SYC_EIO,
			    "%s: an interrupted run left it: --resume goes on "
			    "with it, --force throws it away", t->checkpoint);
	ret = check_file(t, t->checkpoint, NULL, err);
	if (ret == 0)
		ret = check_file(t, t->gguf, NULL, err);
	if (ret == 0)
		ret = check_file(t, t->merge, t->gguf, err);
	if (ret == 0 && t->log && !syc_output_is_stdout(t->log)) {
		ret = check_file(t, t->log, t->gguf, err);
		if (ret == 0 && t->merge)
			ret = syc_outputs_differ(t->log, t->merge, err);
	}
	return ret;
}

/* Tokens and weights of all rows, as one number. */
static void put_rows(struct syc_buf *b, const char *key,
		     const struct syc_tune_rows *rows)
{
	syc_buf_printf(b, ", \"%s\": \"%016" PRIx64 "\"", key,
		       syc_tune_rows_digest(rows));
}

static void put_plan(struct syc_buf *b, const struct tune *t)
{
	const struct syc_tune_plan *p = &t->plan;
	const struct syc_lora_shape *s = &t->weights->shape;

	syc_buf_printf(b,
		       ", \"rank\": %" PRIu32
		       ", \"alpha\": %.9g, \"rslora\": %s, "
		       "\"dropout\": %.9g, \"matrices\": %u",
		       s->rank, (double)s->alpha, s->rslora ? "true" : "false",
		       (double)s->dropout, s->matrices);
	syc_buf_printf(
		b,
		", \"loss\": %d, \"beta\": %.17g, \"lr\": %.17g, \"warmup\": %.17g, "
		"\"decay\": %d, \"weight_decay\": %.17g, \"clip\": %.17g, \"batch\": %zu, "
		"\"epochs\": %.17g, \"steps\": %" PRIu64 ", \"tokens\": %zu, "
		"\"seed\": %" PRIu64,
		(int)p->loss, p->beta, p->adam.rate, p->warmup, (int)p->decay,
		p->adam.decay, p->clip, p->batch, p->steps ? 0 : p->epochs,
		p->steps, p->tokens, p->seed);
	syc_buf_printf(b,
		       ", \"eval_every\": %" PRIu64 ", \"patience\": %" PRIu64
		       ", \"best\": %s, \"log\": %s",
		       p->eval_every, p->patience, p->best ? "true" : "false",
		       t->log ? "true" : "false");
}

int tune_settings(struct tune *t, struct syc_err *err)
{
	const struct syc_run run =
		load_settings(&tune_tool, &t->load, &t->prompter, t->model);
	struct syc_buf *b = &t->settings;
	int bad = syc_buf_puts(b, "{");

	bad |= syc_run_settings(&run, b);
	put_rows(b, "rows", t->train);
	if (t->held)
		put_rows(b, "eval", t->held);
	put_plan(b, t);
	bad |= syc_buf_puts(b, ", \"steer\": ");
	bad |= syc_steer_describe(t->steer, b);
	bad |= syc_buf_puts(b, "}");
	return bad || b->failed ? fail_nomem(err) : 0;
}

/* ---- the log ------------------------------------------------------------- */

struct going {
	struct tune *t;
	struct syc_buf log;	/* all lines so far */
	struct syc_output out;
	struct progress progress;
	uint64_t before;	/* steps of the run that was interrupted */
	double saved;		/* when, by syc_seconds() */
};

static void put_field(struct syc_buf *b, const char *key, double x)
{
	if (isfinite(x))
		syc_buf_printf(b, ", \"%s\": %.9g", key, x);
}

static void put_held(struct syc_buf *b, const struct syc_tune_held *h)
{
	put_field(b, "held_loss", h->loss);
	put_field(b, "p_match", h->p_match);
	put_field(b, "held_mass", h->mass);
}

static void put_step(struct syc_buf *b, const struct syc_tune_step *s,
		     bool pairs)
{
	syc_buf_printf(b, "{\"step\": %" PRIu64, s->step);
	put_field(b, "epoch", s->epoch);
	put_field(b, "loss", s->loss);
	put_field(b, "rate", s->rate);
	put_field(b, "norm", s->norm);
	if (pairs) {
		put_field(b, "chosen", s->chosen);
		put_field(b, "margin", s->margin);
		put_field(b, "mass", s->mass);
	}
	if (s->looked) {
		put_held(b, &s->held);
		syc_buf_puts(b, s->best ? ", \"best\": true"
					: ", \"best\": false");
	}
	syc_buf_puts(b, "}\n");
}

/* What the log has from `from` on, into its file. */
static int log_write(struct going *g, size_t from, struct syc_err *err)
{
	int ret;

	if (g->log.failed)
		return fail_nomem(err);
	if (!g->t->log)
		return 0;
	ret = syc_output_write(&g->out, g->log.data + from, g->log.len - from,
			       err);
	return ret < 0 ? ret : syc_output_flush(&g->out, err);
}

/* Unless -q: a line for a look. */
static void say_look(struct going *g, uint64_t step, uint64_t n,
		     const struct syc_tune_held *h,
		     const struct syc_tune_step *s)
{
	if (g->t->common.verbose < 0)
		return;
	progress_end(&g->progress);
	if (s)
		tool_warn(&tune_tool,
			  "step %" PRIu64 " of %" PRIu64
			  ": loss %.4f, held-out %.4f, "
			  "p_match %.4f, mass %.4f",
			  step, n, s->loss, h->loss, h->p_match, h->mass);
	else
		tool_warn(&tune_tool,
			  "before: held-out loss %.4f, p_match %.4f, mass %.4f",
			  h->loss, h->p_match, h->mass);
}

/* ---- the steps ----------------------------------------------------------- */

static int save(struct going *g, struct syc_err *err)
{
	g->saved = syc_seconds();
	return syc_tune_save(g->t->run, g->t->checkpoint, g->t->settings.data,
			     &g->log, err);
}

static bool save_is_due(const struct going *g, const struct syc_tune_step *s)
{
	const uint64_t every = g->t->checkpoint_every;

	return every ? s->step % every == 0 : syc_seconds() - g->saved >= SECONDS;
}

static int look_first(struct going *g, struct syc_err *err)
{
	struct syc_tune_held h;
	int ret = syc_tune_look(g->t->run, &h, err);

	if (ret < 0)
		return ret;
	say_look(g, 0, 0, &h, NULL);
	syc_buf_puts(&g->log, "{\"step\": 0");
	put_held(&g->log, &h);
	syc_buf_puts(&g->log, "}\n");
	return log_write(g, 0, err);
}

static int begin(struct going *g, struct syc_err *err)
{
	struct tune *t = g->t;
	const bool again = t->resume && is_there(t->checkpoint);
	int ret = 0;

	if (again)
		ret = syc_tune_resume(t->run, t->checkpoint, t->settings.data,
				      &g->log, err);
	else if (unlink(t->checkpoint) < 0 && errno != ENOENT)
		ret = fail(err, SYC_EIO, "%s: %s", t->checkpoint,
			   strerror(errno));
	if (ret < 0)
		return ret;
	g->saved = syc_seconds();
	syc_output_begin(&g->out, t->log, SYC_LEFTOVER_REPLACE);
	if (again)
		return log_write(g, 0, err);
	return t->held ? look_first(g, err) : 0;
}

static int after(struct going *g, const struct syc_tune_step *s,
		 struct syc_err *err)
{
	const size_t from = g->log.len;
	int ret;

	put_step(&g->log, s, g->t->plan.loss == SYC_TUNE_DPO);
	ret = log_write(g, from, err);
	if (s->looked)
		say_look(g, s->step, s->n_steps, &s->held, s);
	progress_show(&g->progress, s->step - g->before,
		      (double)(s->step - g->before) /
			      (double)(s->n_steps - g->before));
	return ret == 0 && save_is_due(g, s) ? save(g, err) : ret;
}

/* Without --eval, what there is to be said. */
static void say_end(struct going *g, const struct syc_tune_step *s)
{
	progress_end(&g->progress);
	if (!g->t->held && s->step && g->t->common.verbose >= 0)
		tool_warn(&tune_tool,
			  "step %" PRIu64 " of %" PRIu64 ": loss %.4f", s->step,
			  s->n_steps, s->loss);
}

static int steps(struct going *g, struct syc_err *err)
{
	struct syc_tune_step s, last = { 0 };
	int ret;

	progress_begin(&g->progress, &tune_tool, &g->t->common, "steps");
	while ((ret = syc_tune_next(g->t->run, &s, err)) == 1) {
		if (!last.step)
			g->before = s.step - 1;
		last = s;
		ret = after(g, &s, err);
		if (ret < 0)
			break;
	}
	say_end(g, &last);
	return ret;
}

/* ---- what comes of it ---------------------------------------------------- */

static int merge(const struct tune *t, struct syc_err *err)
{
	const struct syc_adapter adapter = { t->common.output, 1 };
	const struct syc_convert_opts o = { .weights = t->type,
					    .threads = t->common.threads,
					    .adapters = &adapter,
					    .n_adapters = 1 };

	return syc_model_convert(t->load.model, t->merge, &o, err);
}

/*
 * The adapter last of what only training gives: who finds it finds the others.
 */
static int write_all(struct going *g, struct syc_err *err)
{
	const struct tune *t = g->t;
	const struct syc_config *c = syc_model_config(t->model);
	int ret = t->log ? syc_output_finish(&g->out, err) : 0;

	if (ret == 0 && t->gguf)
		ret = syc_lora_weights_write_gguf(t->weights, c, t->gguf, err);
	if (ret == 0 && !is_there(t->common.output))
		ret = syc_lora_weights_write(t->weights, c, t->load.model,
					     t->common.output, err);
	if (ret == 0 && t->merge)
		ret = merge(t, err);
	if (ret == 0 && unlink(t->checkpoint) < 0)
		ret = fail(err, SYC_EIO, "%s: %s", t->checkpoint,
			   strerror(errno));
	return ret;
}

int tune_train(struct tune *t, struct syc_err *err)
{
	struct going g = { .t = t };
	int ret = begin(&g, err);

	if (ret == 0)
		ret = steps(&g, err);
	if (ret == 0)
		ret = save(&g, err);
	if (ret == 0)
		ret = write_all(&g, err);
	if (ret < 0)
		syc_output_drop(&g.out);
	syc_buf_free(&g.log);
	return ret;
}
