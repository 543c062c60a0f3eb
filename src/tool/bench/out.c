/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/bench/bench.h"

static const char *const bound_names[] = { "", "reading", "int8", "fma" };

void bench_shares(struct bench *b)
{
	bool int8 = syc_model_compute(b->model) != SYC_COMPUTE_F32;

	for (int w = 0; w < N_WORKS; w++) {
		struct figure *f = &b->figure[w];
		double read = f->bytes * f->value / b->ceilings.read;
		double ops = f->ops * f->value / (int8 ? b->ceilings.int8 : b->ceilings.fma);

		if (!f->there || (f->bytes == 0 && f->ops == 0))
			continue;
		f->share = ops > read ? ops : read;
		f->bound = read > ops ? BOUND_READ : int8 ? BOUND_INT8 : BOUND_FMA;
	}
}

/* Three digits or so, whatever the size. */
static int digits(double v)
{
	return v >= 100 ? 0 : v >= 10 ? 1 : v >= 2 ? 2 : 3;
}

static int table_row(const struct bench *b, const char *name, const struct figure *f,
		     struct syc_buf *out)
{
	char share[32] = "", range[48] = "";
	int d = digits(f->value);

	if (f->bound)
		snprintf(share, sizeof(share), "%.0f %% of %s", 100 * f->share,
			 bound_names[f->bound]);
	if (f->n > 1)
		snprintf(range, sizeof(range), "%.*f to %.*f", d, f->lo, d, f->hi);
	return syc_buf_printf(out, "%-12s %8.*f %-10s  %-16s %-15s  %-11s %7u  %s\n", name, d,
			      f->value, f->unit, range, share, syc_model_kernels(b->model),
			      b->threads, f->what);
}

int bench_table(const struct bench *b, struct syc_buf *out)
{
	const struct syc_config *c = syc_model_config(b->model);
	const struct syc_ceilings *m = &b->ceilings;
	int bad;

	bad = syc_buf_printf(
		out, "syc %s, %s: %" PRIu32 " layers, width %" PRIu32 ", %s on %s kernels\n",
		syc_version(), c->name[0] ? c->name : b->load.model, c->n_layers, c->dim,
		syc_compute_name(syc_model_compute(b->model)), syc_model_kernels(b->model));
	if (m->kernels)
		bad |= syc_buf_printf(
			out,
			"This machine, %u thread%s: reading %.1f GB/s, int8 %.2f Top/s, fma %.2f Tflop/s (%s)\n",
			b->threads, b->threads > 1 ? "s" : "", m->read / 1e9, m->int8 / 1e12,
			m->fma / 1e12, m->kernels);
	bad |= syc_buf_printf(out, "\n%-12s %8s %-10s  %-16s %-15s  %-11s %s  %s\n", "work",
			      "figure", "", "range", "ceiling", "kernels", "threads", "of");
	for (int w = 0; w < N_WORKS; w++)
		if (b->figure[w].there)
			bad |= table_row(b, work_names[w], &b->figure[w], out);
	return bad;
}

static int json_number(struct syc_buf *out, const char *key, double v)
{
	return syc_buf_printf(out, ", \"%s\": %.6g", key, v);
}

static int json_row(const struct bench *b, const char *name, const struct figure *f,
		    struct syc_buf *out)
{
	int bad = syc_buf_printf(out, "{\"work\": \"%s\"", name);

	bad |= json_number(out, "value", f->value);
	bad |= syc_buf_printf(out, ", \"unit\": \"%s\", \"n\": %u", f->unit, f->n);
	bad |= json_number(out, "lo", f->lo);
	bad |= json_number(out, "hi", f->hi);
	if (f->bound) {
		bad |= json_number(out, "share", f->share);
		bad |= syc_buf_printf(out, ", \"ceiling\": \"%s\"", bound_names[f->bound]);
	}
	return bad |
	       syc_buf_printf(out, ", \"kernels\": \"%s\", \"threads\": %u, \"what\": \"%s\"}",
			      syc_model_kernels(b->model), b->threads, f->what);
}

int bench_json(const struct bench *b, struct syc_buf *out)
{
	const struct syc_config *c = syc_model_config(b->model);
	const char *name = c->name[0] ? c->name : b->load.model, *comma = "";
	int bad;

	bad = syc_buf_printf(out, "{\"version\": \"%s\", \"model\": ", syc_version());
	bad |= syc_buf_json(out, name, strlen(name));
	bad |= syc_buf_printf(out, ", \"compute\": \"%s\", \"kernels\": \"%s\", \"threads\": %u,\n",
			      syc_compute_name(syc_model_compute(b->model)),
			      syc_model_kernels(b->model), b->threads);
	if (b->ceilings.kernels) {
		bad |= syc_buf_printf(out, " \"ceilings\": {\"kernels\": \"%s\"",
				      b->ceilings.kernels);
		bad |= json_number(out, "read_bytes_per_s", b->ceilings.read);
		bad |= json_number(out, "int8_ops_per_s", b->ceilings.int8);
		bad |= json_number(out, "fma_ops_per_s", b->ceilings.fma);
		bad |= syc_buf_puts(out, "},\n");
	}
	bad |= syc_buf_puts(out, " \"figures\": [");
	for (int w = 0; w < N_WORKS; w++) {
		if (!b->figure[w].there)
			continue;
		bad |= syc_buf_printf(out, "%s\n  ", comma);
		bad |= json_row(b, work_names[w], &b->figure[w], out);
		comma = ",";
	}
	return bad | syc_buf_puts(out, "\n]}\n");
}
