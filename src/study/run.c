/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/rand.h"
#include "syc/chat.h"
#include "syc/run.h"

/* The words of a format, or the name where syc has one. */
static int add_chat(struct syc_buf *out, const struct syc_chat *chat, bool words)
{
	struct syc_buf text = { 0 };
	const char *name = chat ? syc_chat_name(chat) : "none";
	int bad = words && chat ? 0 : syc_buf_puts(&text, name);

	if (!text.len && chat)
		bad |= syc_chat_write(chat, &text);
	bad |= syc_buf_puts(out, ", \"chat\": ");
	bad |= syc_buf_json(out, text.data ? text.data : "", text.len);
	syc_buf_free(&text);
	return bad;
}

/*
 * What every program that runs a model has.  plain: what it comes to, whether it
 * was given as an option or not, and by name or file.
 */
static int add_model(struct syc_buf *out, const struct syc_run *r, bool plain)
{
	const struct syc_prompter_opts *o = &r->prompter->o;
	int bad = syc_buf_printf(
		out, ", \"arithmetic\": \"%016" PRIx64 "\", \"model\": \"%s\", \"compute\": \"%s\"",
		syc_arithmetic(), syc_model_digest(r->model),
		syc_compute_name(syc_model_compute(r->model)));
	if (syc_model_weights(r->model))
		bad |= syc_buf_printf(out, ", \"weights\": \"%s\"", syc_model_weights(r->model));
	bad |= add_chat(out, r->prompter->chat, plain);
	if (r->set_window || plain)
		bad |= syc_buf_printf(out, ", \"window\": %" PRIu32,
				      plain ? syc_model_config(r->model)->window : r->window);
	if (o->system) {
		bad |= syc_buf_puts(out, ", \"system\": ");
		bad |= syc_buf_json(out, o->system, strlen(o->system));
	}
	return bad | (o->no_special ? syc_buf_puts(out, ", \"special\": false") : 0);
}

static int add_sampling(struct syc_buf *out, const struct syc_sampling *s)
{
	int bad = syc_buf_puts(out, ", \"temperature\": ");

	bad |= syc_buf_float(out, s->temperature);
	if (!(s->temperature > 0))
		return bad;
	bad |= syc_buf_printf(out, ", \"seed\": %" PRIu64 ", \"top_k\": %" PRIu32
			      ", \"top_p\": ", s->seed, s->top_k);
	return bad | syc_buf_float(out, s->top_p);
}

static int add_generation(struct syc_buf *out, const struct syc_run *r)
{
	int bad = syc_buf_printf(out, ", \"max_tokens\": %zu", r->max_tokens);

	/* An answer ends where the context does. */
	if (r->n_ctx && r->n_ctx != syc_model_config(r->model)->n_ctx)
		bad |= syc_buf_printf(out, ", \"ctx\": %" PRIu32, r->n_ctx);
	bad |= add_sampling(out, &r->sampling);
	bad |= syc_buf_puts(out, ", \"stop\": [");
	for (size_t i = 0; i < r->n_stop; i++) {
		bad |= i ? syc_buf_puts(out, ", ") : 0;
		bad |= syc_buf_json(out, r->stop[i], strlen(r->stop[i]));
	}
	return bad | syc_buf_puts(out, "]");
}

/* All but program and version: what makes rows and activations. */
static int add_all(struct syc_buf *out, const struct syc_run *r, bool plain)
{
	int bad = add_model(out, r, plain);

	if (r->max_tokens)
		bad |= add_generation(out, r);
	bad |= syc_buf_puts(out, r->more ? r->more : "");
	/* Without steering both are one. */
	bad |= syc_buf_printf(out, ", \"recorded\": \"%s\", \"steer\": ",
			      r->pre && r->steer ? "before steering" : "after steering");
	return bad | syc_steer_describe(r->steer, out);
}

static int add_program(struct syc_buf *out, const struct syc_run *r)
{
	return syc_buf_printf(out, "\"program\": \"%s\", \"version\": \"%s\"",
			      r->program, syc_version());
}

int syc_run_settings(const struct syc_run *r, struct syc_buf *out)
{
	int bad = add_program(out, r);

	return bad | add_model(out, r, false) ? SYC_ENOMEM : 0;
}

int syc_run_digest(const struct syc_run *r, char digest[SYC_RUN_DIGEST])
{
	struct syc_buf all = { 0 };
	int bad = syc_buf_puts(&all, r->program);

	bad |= add_all(&all, r, true);
	snprintf(digest, SYC_RUN_DIGEST, "%016" PRIx64,
		 bad ? 0 : syc_hash(0, all.data, all.len));
	syc_buf_free(&all);
	return bad ? SYC_ENOMEM : 0;
}

int syc_run_describe(const struct syc_run *r, struct syc_buf *out)
{
	char digest[SYC_RUN_DIGEST];
	int bad = syc_run_digest(r, digest);

	bad |= syc_buf_printf(out, "{\"run\": \"%s\", ", digest);
	bad |= add_program(out, r);
	bad |= add_all(out, r, false);
	return bad | syc_buf_puts(out, "}") ? SYC_ENOMEM : 0;
}
