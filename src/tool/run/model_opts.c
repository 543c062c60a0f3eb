/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/run/model_opts.h"

const char *const compute_names[] = {
	[SYC_COMPUTE_INT8] = "int8", [SYC_COMPUTE_F32] = "f32", [SYC_COMPUTE_AUTO] = "auto",
	[SYC_COMPUTE_INT8X2] = "int8x2", NULL,
};

/* Those that fit memory better than floats do, by enum syc_weights. */
const char *const weights_names[] = { "q8_0", "q6_k", "q5_k", "q4_k", "q4_0", NULL };

void opt_weights(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct load *l = at;

	l->set_weights = true;
	l->weights = (enum syc_weights)opt_named(t, o, arg);
}

/* A count of bytes with an optional K, M or G. */
void opt_bytes(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	static const char units[] = "KMG";
	char *end;
	double v = strtod(arg, &end);
	const char *u = *end ? strchr(units, *end) : NULL;

	if (end == arg || (*end && (!u || end[1])) || !(v >= 0 && v < 1e15))
		tool_usage(t, "--%s: '%s' is not a number of bytes", o->name,
			   arg);
	for (long i = u ? u - units : -1; i >= 0; i--)
		v *= 1024;
	/* 0 would mean the default: too little either way. */
	*(size_t *)at = v < 1 ? 1 : (size_t)v;
}

/* "2/3": the second of three. */
void opt_shard(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct load *l = at;
	char *end;
	unsigned long i = strtoul(arg, &end, 10),
		      n = *end == '/' ? strtoul(end + 1, &end, 10) : 0;

	if (arg[0] < '0' || arg[0] > '9' || *end || i < 1 || i > n ||
	    n > 1000000)
		tool_usage(t, "--%s: '%s' is not I/N with I from 1 to N",
			   o->name, arg);
	l->shard = (uint32_t)i;
	l->n_shards = (uint32_t)n;
}

/* "adapter", "adapter:0.5": what is no number behind a colon is part of the path. */
void opt_lora(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct load *l = at;
	char *colon = strrchr(arg, ':'), *end = arg;
	double scale = colon && colon[1] ? strtod(colon + 1, &end) : 1;

	if (l->n_lora == MAX_LORA)
		tool_usage(t, "--%s: more than %d adapters", o->name, MAX_LORA);
	if (end == arg || end == colon + 1 || *end)
		scale = 1;
	else
		*colon = 0;
	if (!*arg || !(fabs(scale) <= 1e6))
		tool_usage(t, "--%s: '%s' is not PATH or PATH:SCALE", o->name,
			   arg);
	l->lora[l->n_lora++] = (struct syc_adapter){ arg, (float)scale };
}

void opt_window(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct load *l = at;

	l->set_window = true;
	l->window = (uint32_t)opt_whole(t, o->name, arg, 0, 1 << 24);
}
