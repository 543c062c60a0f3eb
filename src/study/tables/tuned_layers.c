/* SPDX-License-Identifier: MIT */
/* What tuning did by layer, and all of it as a document. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/tables/tuned.h"

static double one_at(const struct syc_tuned_documents *d, size_t i, int layer,
		     enum tuned_by_layer what)
{
	const json_t *o = tuned_shift_of(d->run[i].shift, layer);

	switch (what) {
	case TUNED_CONSTANT: return number_of(o, "constant");
	case TUNED_SEEDS: return tuned_likeness(d, i, d->run[i].arm, layer);
	case TUNED_FIRST: return tuned_likeness(d, i, d->arm[0], layer);
	default: return number_of(tuned_vector_of(o, d->contrast), "cosine");
	}
}

double tuned_at(const struct syc_tuned_documents *d, const char *arm, int layer,
		enum tuned_by_layer what)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < d->n_runs; i++)
		if (strcmp(d->run[i].arm, arm) == 0) {
			sum += one_at(d, i, layer, what);
			n++;
		}
	return n ? sum / (double)n : NAN;
}

int tuned_null_range(double *lo, double *hi, const struct syc_tuned_documents *d, int layer,
		     struct syc_err *err)
{
	double *all = NULL;
	size_t n = 0, cap = 0, k;
	const json_t *x;

	*lo = *hi = NAN;
	for (size_t i = 0; i < d->n_runs; i++) {
		const json_t *o = tuned_shift_of(d->run[i].shift, layer);

		if (strcmp(d->run[i].arm, d->arm[0]) != 0)
			continue;
		o = json_object_get(tuned_vector_of(o, d->contrast), "cosine_nulls");
		if (!syc_grow(&all, &cap, n + json_array_size(o) + 1, sizeof(*all))) {
			free(all);
			return syc_nomem(err);
		}
		json_array_foreach(o, k, x)
			if (json_is_number(x))
				all[n++] = json_number_value(x);
	}
	if (n) {
		syc_stat_sort(all, n);
		*lo = syc_stat_quantile(all, n, 0.025);
		*hi = syc_stat_quantile(all, n, 0.975);
	}
	free(all);
	return 0;
}

/* ---- the document ------------------------------------------------------------------- */

static void put(struct syc_buf *b, const char *before, double x)
{
	syc_buf_puts(b, before);
	if (isfinite(x))
		syc_buf_printf(b, "%.12g", x);
	else
		syc_buf_puts(b, "null");
}

static void put_name(struct syc_buf *b, const char *before, const char *name)
{
	syc_buf_puts(b, before);
	syc_buf_json(b, name, strlen(name));
}

static void put_arm(struct syc_buf *b, const struct syc_tuned_arm *a)
{
	put_name(b, "{\"arm\": ", a->name);
	syc_buf_printf(b, ", \"runs\": %zu", a->n_runs);
	for (int f = 0; f < SYC_TUNED_FIGURES; f++) {
		syc_buf_printf(b, ",\n\"%s\": ", syc_tuned_name((enum syc_tuned_figure)f));
		put(b, "{\"mean\": ", a->figure[f].mean);
		put(b, ", \"lo\": ", a->figure[f].lo);
		put(b, ", \"hi\": ", a->figure[f].hi);
		syc_buf_puts(b, "}");
	}
	syc_buf_puts(b, "}");
}

static int put_layer(struct syc_buf *b, const struct syc_tuned_documents *d, int layer,
		     struct syc_err *err)
{
	static const char *const key[TUNED_BY_LAYER] = {
		[TUNED_CONSTANT] = ", \"constant\": ", [TUNED_SEEDS] = ", \"seeds\": ",
		[TUNED_FIRST] = ", \"others\": ", [TUNED_CONTRAST] = ", \"cosine\": ",
	};
	double lo, hi;
	const int ret = tuned_null_range(&lo, &hi, d, layer, err);

	syc_buf_printf(b, "%s\n{\"layer\": %d", layer ? "," : "", layer);
	put(b, ", \"null_lo\": ", lo);
	put(b, ", \"null_hi\": ", hi);
	syc_buf_puts(b, ", \"arms\": [");
	for (size_t a = 0; a < d->n_arms; a++) {
		put_name(b, a ? ",\n{\"arm\": " : "{\"arm\": ", d->arm[a]);
		for (int k = 0; k < TUNED_BY_LAYER; k++)
			put(b, key[k], tuned_at(d, d->arm[a], layer, (enum tuned_by_layer)k));
		syc_buf_puts(b, "}");
	}
	syc_buf_puts(b, "]}");
	return ret;
}

int syc_tuned_json(struct syc_buf *out, const struct syc_tuned_documents *d, struct syc_err *err)
{
	struct syc_tuned_runs r = { 0 };
	struct syc_tuned_arm *arm = NULL;
	int ret = syc_tuned_read(&r, d, err);

	if (ret == 0)
		ret = tuned_arms(&arm, d, r.run, err);
	syc_buf_printf(out, "{\"program\": \"syc-study\", \"version\": \"%s\", \"layer\": %d",
		       syc_version(), d->layer);
	put(out, ", \"at_kl\": ", d->at_kl);
	syc_buf_puts(out, ", \"tuned\": [");
	for (size_t a = 0; a < d->n_arms && ret == 0; a++) {
		syc_buf_puts(out, a ? ",\n" : "\n");
		put_arm(out, &arm[a]);
	}
	syc_buf_puts(out, "],\n\"by_layer\": [");
	for (int l = 0; l < tuned_layers(d) && ret == 0; l++)
		ret = put_layer(out, d, l, err);
	syc_buf_puts(out, "],\n\"sets\": [");
	for (size_t i = 0; i < d->n_sets; i++) {
		put_name(out, i ? ",\n{\"set\": " : "\n{\"set\": ", d->set[i].name);
		syc_buf_printf(out, ", \"rows\": %zu", d->set[i].n_rows);
		put(out, ", \"foretold\": ", d->set[i].foretold);
		put(out, ", \"came\": ", tuned_came(d, &d->set[i]));
		syc_buf_puts(out, "}");
	}
	syc_buf_puts(out, "]}\n");
	free(arm);
	syc_tuned_free(&r);
	return ret == 0 && out->failed ? syc_nomem(err) : ret;
}
