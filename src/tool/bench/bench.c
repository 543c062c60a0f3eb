/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "syc/tune.h"
#include "tool/bench/bench.h"
#include "tool/common/fail.h"

struct settings {
	struct bench b;
	const struct shape *shape;
	const char *cache;
	bool json;
};

static const struct shape *shape_of(const struct tool *t, const char *name)
{
	const char *names[8];
	unsigned n = 0;

	for (; shapes[n].name; n++)
		names[n] = shapes[n].name;
	return &shapes[opt_enum(t, "shape", name, names, n)];
}

static void set_shape(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)o;
	*(const struct shape **)at = shape_of(t, arg);
}

/* A comma-separated list of names, as a mask. */
static void set_works(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	unsigned *mask = at;
	char *name;

	*mask = 0;
	while ((name = strsep(&arg, ",")))
		*mask |= 1u << opt_named(t, o, name);
}

static const struct opt opts[] = {
	OPT_HEAD("Model"),
	OPT_OF_MODEL(struct settings, b.load),
	OPT_OWN_OF(0, "shape", "NAME", struct settings, shape, set_shape,
		   OPT_NAMES("tiny", "135m", "1.1b", "7b", "mistral-7b"),
		   "random weights: tiny, 135m, 1.1b (default), 7b, mistral-7b"),
	OPT_TEXT(0, "cache", "DIR", struct settings, cache,
		 "keep such models in DIR (default: ~/.cache/syc)"),
	OPT_OF_COMPUTE(struct settings, b.load),
	OPT_OF_WEIGHTS(struct settings, b.load),
	OPT_OF_LORA(struct settings, b.load),
	OPT_OF_WINDOW(struct settings, b.load),
	OPT_OF_KV(struct settings, b.load),
	OPT_HEAD("Measuring"),
	OPT_OWN_OF(0, "only", "LIST", struct settings, b.works, set_works, work_names,
		   "load, prefill, prefill-long, decode, batch, contrast, record, steer, memory; tune"),
	OPT_U32(0, "repeat", "N", struct settings, b.repeat, 1, 1000,
		"measure everything N times (default: 5)"),
	OPT_TEXT(0, "pairs-file", "FILE", struct settings, b.pairs, "take the contrast pairs from FILE"),
	OPT_U32(0, "max-pairs", "N", struct settings, b.max_pairs, 1, 100000,
		"at most N of them (default: 200)"),
	OPT_TEXT(0, "against", "PROGRAM", struct settings, b.peer.program,
		 "in turn with this llama-bench on the same file: prefill and decode"),
	OPT_TEXT(0, "against-args", "ARGS", struct settings, b.peer.args,
		 "and with these arguments of its own, separated by blanks"),
	OPT_FLAG(0, "json", struct settings, json, "write JSON instead of a table"),
	OPTS_THREADED(struct settings, b.common)
};

static const struct tool tool = {
	"syc-bench", "[-m MODEL | --shape=NAME] [OPTION]...",
	"Measure how fast this machine runs a model", opts,
};

/* The peer gets the file, and knows two kinds of work. */
static void check_peer(struct bench *b)
{
	if (b->peer.args && !b->peer.program)
		tool_usage(&tool, "--against-args goes with --against");
	if (!b->peer.program)
		return;
	if (b->works != WORKS_USUAL && b->works & ~WORKS_OF_PEER)
		tool_usage(&tool, "--against compares prefill and decode only");
	if (b->load.n_lora || b->load.set_window)
		tool_usage(&tool, "--against has the model alone: no --lora, no --window");
	b->works &= WORKS_OF_PEER;
}

static void parse(struct settings *s, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, s);

	if (at < argc)
		tool_usage(&tool, "'%s': there are no operands", argv[at]);
	if (s->b.load.model && s->shape)
		tool_usage(&tool, "--model and --shape exclude each other");
	if (!s->b.load.model && !s->shape)
		s->shape = shape_of(&tool, "1.1b");
	check_peer(&s->b);
}

/*
 * In a process of its own: what it needs must not count among the memory that
 * the model needs.
 */
static int measure_ceilings(struct bench *b, struct syc_err *err)
{
	struct answer {
		int ret;
		struct syc_ceilings c;
		double sgemm;
		char kernels[32];
		struct syc_err err;
	} a;
	static char kernels[32];
	int fd[2], status;
	pid_t pid;

	if (pipe(fd) < 0 || (pid = fork()) < 0)
		return fail(err, SYC_EIO, "cannot start a process: %s", strerror(errno));
	if (pid == 0) {
		memset(&a, 0, sizeof(a));
		a.ret = syc_ceilings_measure(&a.c, b->threads, &a.err);
		if (a.ret == 0)
			snprintf(a.kernels, sizeof(a.kernels), "%s", a.c.kernels);
		a.sgemm = syc_sgemm_rate(b->threads);
		_exit(write(fd[1], &a, sizeof(a)) != (ssize_t)sizeof(a));
	}
	close(fd[1]);
	if (read(fd[0], &a, sizeof(a)) != (ssize_t)sizeof(a))
		a.ret = fail(&a.err, SYC_EIO, "the process that measured the ceilings failed");
	close(fd[0]);
	waitpid(pid, &status, 0);
	if (a.ret < 0) {
		*err = a.err;
		return a.ret;
	}
	memcpy(kernels, a.kernels, sizeof(kernels));
	a.c.kernels = kernels;
	/* The best of all measurements. */
	a.c.read = a.c.read > b->ceilings.read ? a.c.read : b->ceilings.read;
	a.c.int8 = a.c.int8 > b->ceilings.int8 ? a.c.int8 : b->ceilings.int8;
	a.c.fma = a.c.fma > b->ceilings.fma ? a.c.fma : b->ceilings.fma;
	b->sgemm = a.sgemm > b->sgemm ? a.sgemm : b->sgemm;
	b->ceilings = a.c;
	return 0;
}

static int report(struct bench *b, bool json, struct syc_err *err)
{
	struct syc_buf text = { 0 };
	struct sheet o = { .b = &text };
	int ret;

	(json ? bench_json : bench_table)(&o, b);
	ret = o.bad ? fail_nomem(err) : syc_output_all(b->common.output, text.data, text.len, err);
	syc_buf_free(&text);
	return ret;
}

/* All that was asked for, between two measurements of the ceilings. */
static int run(struct bench *b, struct syc_err *err)
{
	const bool ceilings = !b->peer.program && b->works & WORKS_SHARED;
	int ret = ceilings ? measure_ceilings(b, err) : 0;

	/* Before and after: other work on the machine comes and goes. */
	if (ret == 0)
		ret = b->peer.program ? bench_against(b, err) : bench_run(b, err);
	if (ret == 0 && ceilings)
		ret = measure_ceilings(b, err);
	if (ret == 0 && ceilings)
		bench_shares(b);
	return ret;
}

int main(int argc, char **argv)
{
	struct settings s = {
		.b = { .tool = &tool, .common = OPT_VALUES_INIT, .repeat = 5, .max_pairs = 200,
		       .works = WORKS_USUAL },
	};
	struct bench *b = &s.b;
	struct syc_err err = { 0 };
	char *path = NULL;
	int ret = 0;

	parse(&s, argc, argv);
	b->threads = b->common.threads;
	if (!b->threads)
		b->threads = syc_machine_cores();
	ret = out_check(&tool, b->common.output, NULL, 0, &err);
	if (ret == 0 && s.shape)
		ret = shape_model(&tool, &b->common, s.shape, s.cache, &path, &err);
	if (path)
		b->load.model = path;
	if (ret == 0)
		ret = run(b, &err);
	if (ret == 0)
		ret = report(b, s.json, &err);
	syc_model_close(b->model);
	free(path);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
