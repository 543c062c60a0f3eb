/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tool/bench/bench.h"
#include "tool/common/fail.h"

enum {
	KEY_SHAPE = OPT_OWN, KEY_CACHE, KEY_REPEAT, KEY_ONLY, KEY_PAIRS, KEY_MAX_PAIRS, KEY_JSON,
};

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Model" },
	{ 'm', "model", "PATH", "the model: a GGUF or safetensors file, or a folder" },
	{ KEY_SHAPE, "shape", "NAME", "random weights: tiny, 1.1b (default), 7b, mistral-7b" },
	{ KEY_CACHE, "cache", "DIR", "keep such models in DIR (default: ~/.cache/syc)" },
	{ OPT_COMPUTE, "compute", "HOW", "int8 (default), f32 (exact to the stored weights), auto (fastest)" },
	{ OPT_LORA, "lora", "PATH[:SCALE]", "add an adapter, SCALE times (default: 1); may be repeated" },
	{ OPT_WINDOW, "window", "N", "attention sees N tokens (default: as the model says; 0: all)" },
	{ OPT_KV, "kv-memory", "BYTES", "memory for keys and values (K, M, G; default: a quarter)" },
	{ 0, NULL, NULL, "Measuring" },
	{ KEY_ONLY, "only", "LIST", "load, prefill, prefill-long, decode, batch, contrast, record, steer, memory" },
	{ KEY_REPEAT, "repeat", "N", "measure everything N times (default: 5)" },
	{ KEY_PAIRS, "pairs", "FILE", "take the contrast pairs from FILE" },
	{ KEY_MAX_PAIRS, "max-pairs", "N", "at most N of them (default: 200)" },
	{ KEY_JSON, "json", NULL, "write JSON instead of a table" },
	OPTS_MODEL
};

static const struct tool tool = {
	"syc-bench", "[-m MODEL | --shape=NAME] [OPTION]...",
	"Measure how fast this machine runs a model", opts,
};

struct settings {
	const struct shape *shape;
	const char *cache;
	bool json;
};

static const struct shape *shape_arg(const char *name)
{
	const char *names[8];
	unsigned n = 0;

	for (; shapes[n].name; n++)
		names[n] = shapes[n].name;
	return &shapes[opt_enum(&tool, "shape", name, names, n)];
}

/* A comma-separated list of names, as a mask. */
static unsigned works_arg(const char *arg)
{
	char *copy = strdup(arg), *at = copy, *name;
	unsigned mask = 0;

	while (copy && (name = strsep(&at, ",")))
		mask |= 1u << opt_enum(&tool, "only", name, work_names, N_WORKS);
	free(copy);
	return mask;
}

static void parse_options(struct bench *b, struct settings *s, int argc, char **argv)
{
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_SHAPE: s->shape = shape_arg(optarg); break;
		case KEY_CACHE: s->cache = optarg; break;
		case KEY_REPEAT: b->repeat = (unsigned)opt_whole(&tool, "repeat", optarg, 1, 1000); break;
		case KEY_ONLY: b->works = works_arg(optarg); break;
		case KEY_PAIRS: b->pairs = optarg; break;
		case KEY_MAX_PAIRS: b->max_pairs = (uint32_t)opt_whole(&tool, "max-pairs", optarg, 1, 100000); break;
		case KEY_JSON: s->json = true; break;
		default:
			if (!load_opt(&tool, &b->load, key, optarg))
				opt_common(&tool, &b->common, key, optarg);
		}
	}
	if (optind < argc)
		tool_usage(&tool, "'%s': there are no operands", argv[optind]);
	if (b->load.model && s->shape)
		tool_usage(&tool, "--model and --shape exclude each other");
	if (!b->load.model && !s->shape)
		s->shape = shape_arg("1.1b");
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
	b->ceilings = a.c;
	return 0;
}

static int report(struct bench *b, bool json, struct syc_err *err)
{
	struct syc_buf text = { 0 };
	struct out o;
	int ret;

	if ((json ? bench_json(b, &text) : bench_table(b, &text)) < 0)
		ret = fail_nomem(err);
	else if ((ret = out_open(&o, b->common.output, err)) == 0) {
		ret = out_write(&o, text.data, text.len, err);
		if (ret == 0)
			ret = out_finish(&o, err);
		else
			out_abandon(&o);
	}
	syc_buf_free(&text);
	return ret;
}

int main(int argc, char **argv)
{
	struct bench b = {
		.tool = &tool, .common = OPT_VALUES_INIT, .repeat = 5, .max_pairs = 200,
		.works = (1u << N_WORKS) - 1,
	};
	struct settings s = { 0 };
	struct syc_err err = { 0 };
	char *path = NULL;
	int ret = 0;

	parse_options(&b, &s, argc, argv);
	b.threads = b.common.threads;
	if (!b.threads)
		b.threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	if (s.shape)
		ret = shape_model(&tool, &b.common, s.shape, s.cache, &path, &err);
	if (path)
		b.load.model = path;
	/* Before and after: other work on the machine comes and goes. */
	if (ret == 0 && b.works & WORKS_SHARED)
		ret = measure_ceilings(&b, &err);
	if (ret == 0)
		ret = bench_run(&b, &err);
	if (ret == 0 && b.works & WORKS_SHARED)
		ret = measure_ceilings(&b, &err);
	if (ret == 0) {
		bench_shares(&b);
		ret = report(&b, s.json, &err);
	}
	syc_model_close(b.model);
	free(path);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
