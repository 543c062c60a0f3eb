/* SPDX-License-Identifier: MIT */
/* syc-quant: a model's file with its weights in another type. */
#include "config.h"
#include <sys/stat.h>
#include "tool/common/out.h"
#include "tool/common/progress.h"
#include "tool/run/model_opts.h"

/* By enum syc_weights. */
static const char *const types[] = {
	[SYC_WEIGHTS_Q8_0] = "q8_0", [SYC_WEIGHTS_Q6_K] = "q6_k", [SYC_WEIGHTS_Q5_K] = "q5_k",
	[SYC_WEIGHTS_Q4_K] = "q4_k", [SYC_WEIGHTS_Q4_0] = "q4_0", [SYC_WEIGHTS_F16] = "f16",
	[SYC_WEIGHTS_F32] = "f32", NULL,
};

struct quant {
	struct opt_values common;
	struct load load;	/* the model and its adapters alone */
	enum syc_weights weights;
};

static const struct opt opts[] = {
	OPT_HEAD("Conversion"),
	OPT_OF_MODEL(struct quant, load),
	OPT_OF_LORA(struct quant, load),
	OPT_CHOICE(0, "type", "NAME", struct quant, weights, enum syc_weights, types,
		   "of its matrices: q8_0 (default), q6_k, q5_k, q4_k, q4_0, f16, f32"),
	OPT_THREADS_ROW(struct quant, common),
	OPTS_COMMON(struct quant, common)
};

static const struct tool tool = {
	"syc-quant", "-m MODEL [--type=NAME] [--lora=ADAPTER]... -o FILE",
	"Convert a model to a GGUF file of int8 or float weights", opts,
};

static void parse(struct quant *q, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, q);

	if (at < argc)
		tool_usage(&tool, "'%s' is no option: the model is --model=FILE", argv[at]);
	if (!q->load.model)
		tool_usage(&tool, "--model is needed");
	if (!q->common.output)
		tool_usage(&tool, "nowhere to write the model: give --output=FILE");
}

static void show(void *arg, uint64_t done, uint64_t total)
{
	progress_show(arg, done / 1000000, total ? (double)done / (double)total : -1);
}

int main(int argc, char **argv)
{
	struct quant q = { .common = OPT_VALUES_INIT };
	struct syc_buf notes = { 0 };
	struct syc_convert_opts o = { .notes = &notes };
	struct progress p;
	struct syc_err err = { 0 };
	struct stat st;
	int ret;

	parse(&q, argc, argv);
	if (work_check(&tool, q.common.output, NULL, 0, &err) < 0)
		return tool_err(&tool, &err);
	progress_begin(&p, &tool, &q.common, "million weights");
	o.weights = q.weights;
	o.threads = q.common.threads;
	o.progress = show;
	o.arg = &p;
	o.adapters = q.load.lora;
	o.n_adapters = q.load.n_lora;
	ret = syc_model_convert(q.load.model, q.common.output, &o, &err);
	progress_end(&p);
	if (notes.len)
		tool_warn_lines(&tool, &q.common, notes.data);
	syc_buf_free(&notes);
	if (ret == 0 && q.common.verbose >= 0 && stat(q.common.output, &st) == 0)
		tool_warn(&tool, "%s: %s, %.1f MB", q.common.output, types[q.weights],
			  (double)st.st_size / 1e6);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
