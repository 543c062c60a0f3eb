/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include "tool/bench/bench.h"

static const char *const bound_names[] = { "", "reading", "int8", "sgemm" };

void bench_shares(struct bench *b)
{
	bool int8 = syc_model_compute(b->model) != SYC_COMPUTE_F32;

	for (int w = 0; w < N_WORKS; w++) {
		struct figure *f = &b->figure[w];
		double read = f->bytes * f->value / b->ceilings.read;
		double ops = f->ops * f->value / (int8 ? b->ceilings.int8 : b->sgemm);

		if (!f->there || (f->bytes == 0 && f->ops == 0))
			continue;
		f->share = ops > read ? ops : read;
		f->bound = read > ops ? BOUND_READ
			   : int8     ? BOUND_INT8
				      : BOUND_SGEMM;
	}
}

/* Three digits or so, whatever the size. */
static int digits(double v)
{
	return v >= 100 ? 0 : v >= 10 ? 1 : v >= 2 ? 2 : 3;
}

static void table_row(struct sheet *o, const struct bench *b, const char *name,
		      const struct figure *f)
{
	char share[32] = "", between[48] = "";
	int d = digits(f->value);

	if (f->bound)
		snprintf(share, sizeof(share), "%.0f %% of %s", 100 * f->share,
			 bound_names[f->bound]);
	if (f->n > 1)
		snprintf(between, sizeof(between), "%.*f to %.*f", d, f->lo, d,
			 f->hi);
	put(o, "%-12s %8.*f %-10s  %-16s %-15s  %-11s %7u  %s\n", name, d,
	    f->value, f->unit, between, share, syc_model_kernels(b->model),
	    b->threads, f->what);
}

static const char *model_name(const struct bench *b)
{
	const char *name = syc_model_config(b->model)->name;

	return name[0] ? name : b->load.model;
}

static void table_peer(struct sheet *o, const struct bench *b)
{
	const struct peer *p = &b->peer;

	put(o, "\nIn turn with %s%s%s%s%s, %u rounds, medians:\n%-12s %8s %8s %10s  %s\n",
	    p->program, p->args ? " " : "", p->args ? p->args : "", p->build[0] ? ", build " : "",
	    p->build, b->repeat, "work", "syc", "peer", "syc / peer", "range");
	for (int w = 0; w < N_WORKS; w++) {
		const struct figure *own = &b->figure[w], *s = &p->speed[w], *r = &p->ratio[w];

		if (s->there)
			put(o, "%-12s %8.*f %8.*f %10.2f  %.2f to %.2f\n", work_names[w],
			    digits(own->value), own->value, digits(s->value), s->value, r->value,
			    r->lo, r->hi);
	}
}

void bench_table(struct sheet *o, const struct bench *b)
{
	const struct syc_config *c = syc_model_config(b->model);
	const struct syc_ceilings *m = &b->ceilings;

	put(o,
	    "syc %s, %s: %" PRIu32 " layers, width %" PRIu32
	    ", %s on %s kernels\n",
	    syc_version(), model_name(b), c->n_layers, c->dim,
	    syc_compute_name(syc_model_compute(b->model)),
	    syc_model_kernels(b->model));
	if (m->kernels)
		put(o,
		    "This machine, %u thread%s: reading %.1f GB/s, int8 %.2f Top/s, fma %.2f Tflop/s (%s), "
		    "sgemm %.2f Tflop/s\n",
		    b->threads, b->threads > 1 ? "s" : "", m->read / 1e9, m->int8 / 1e12,
		    m->fma / 1e12, m->kernels, b->sgemm / 1e12);
	put(o, "\n%-12s %8s %-10s  %-16s %-15s  %-11s %s  %s\n", "work",
	    "figure", "", "range", "ceiling", "kernels", "threads", "of");
	for (int w = 0; w < N_WORKS; w++)
		if (b->figure[w].there)
			table_row(o, b, work_names[w], &b->figure[w]);
	if (b->peer.program)
		table_peer(o, b);
}

static void field(struct sheet *o, const char *key, double v)
{
	put(o, ", \"%s\": %.6g", key, v);
}

static void json_row(struct sheet *o, const struct bench *b, const char *name,
		     const struct figure *f)
{
	put(o, "{\"work\": \"%s\"", name);
	field(o, "value", f->value);
	put(o, ", \"unit\": \"%s\", \"n\": %u", f->unit, f->n);
	field(o, "lo", f->lo);
	field(o, "hi", f->hi);
	if (f->bound) {
		field(o, "share", f->share);
		put(o, ", \"ceiling\": \"%s\"", bound_names[f->bound]);
	}
	put(o, ", \"kernels\": \"%s\", \"threads\": %u, \"what\": \"%s\"}",
	    syc_model_kernels(b->model), b->threads, f->what);
}

static void json_peer(struct sheet *o, const struct bench *b)
{
	const struct peer *p = &b->peer;
	const char *comma = "";

	put(o, ", \"against\": {\"program\": ");
	json_text(o, p->program);
	put(o, ", \"arguments\": ");
	json_text(o, p->args ? p->args : "");
	put(o, ", \"build\": ");
	json_text(o, p->build);
	put(o, ", \"figures\": [");
	for (int w = 0; w < N_WORKS; w++) {
		const struct figure *s = &p->speed[w], *r = &p->ratio[w];

		if (!s->there)
			continue;
		put(o, "%s\n  {\"work\": \"%s\", \"unit\": \"%s\", \"n\": %u", comma,
		    work_names[w], s->unit, s->n);
		field(o, "value", s->value);
		field(o, "lo", s->lo);
		field(o, "hi", s->hi);
		field(o, "ratio", r->value);
		field(o, "ratio_lo", r->lo);
		field(o, "ratio_hi", r->hi);
		put(o, "}");
		comma = ",";
	}
	put(o, "\n]}");
}

void bench_json(struct sheet *o, const struct bench *b)
{
	const char *comma = "";

	put(o, "{\"version\": \"%s\", \"model\": ", syc_version());
	json_text(o, model_name(b));
	put(o, ", \"compute\": \"%s\", \"kernels\": \"%s\", \"threads\": %u,\n",
	    syc_compute_name(syc_model_compute(b->model)),
	    syc_model_kernels(b->model), b->threads);
	if (b->ceilings.kernels) {
		put(o, " \"ceilings\": {\"kernels\": \"%s\"",
		    b->ceilings.kernels);
		field(o, "read_bytes_per_s", b->ceilings.read);
		field(o, "int8_ops_per_s", b->ceilings.int8);
		field(o, "fma_ops_per_s", b->ceilings.fma);
		field(o, "sgemm_ops_per_s", b->sgemm);
		put(o, "},\n");
	}
	put(o, " \"figures\": [");
	for (int w = 0; w < N_WORKS; w++) {
		if (!b->figure[w].there)
			continue;
		put(o, "%s\n  ", comma);
		json_row(o, b, work_names[w], &b->figure[w]);
		comma = ",";
	}
	put(o, "\n]");
	if (b->peer.program)
		json_peer(o, b);
	put(o, "}\n");
}
