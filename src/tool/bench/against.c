/* SPDX-License-Identifier: MIT */
/* --against: the llama-bench of llama.cpp or one of its kind, in turn with syc. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tool/bench/set.h"
#include "tool/common/fail.h"

enum { MAX_ARGS = 64, MAX_SAID = 1 << 20 };

extern char **environ;

/* ---- its run -------------------------------------------------------------------- */

struct command {
	char *arg[MAX_ARGS + 1];	/* NULL behind the last */
	size_t n;
	char *more;			/* own words, cut up */
	char threads[16], prompt[24], new[16];
};

static void add(struct command *c, const char *arg)
{
	assert(c->n < MAX_ARGS);
	c->arg[c->n++] = (char *)arg;
}

/* Its words are separated by blanks, and mean what they say. */
static int make_command(struct command *c, const struct bench *b, struct syc_err *err)
{
	const char *const own[] = {
		b->peer.program, "-m", b->load.model, "-t", c->threads, "-p", c->prompt, "-n",
		c->new, "-r", "1", "-o", "json",
	};
	char *rest, *word;

	*c = (struct command){ .more = strdup(b->peer.args ? b->peer.args : "") };
	if (!c->more)
		return fail_nomem(err);
	snprintf(c->threads, sizeof(c->threads), "%u", b->threads);
	snprintf(c->prompt, sizeof(c->prompt), "%zu",
		 b->works & 1u << WORK_PREFILL ? bench_prompt(b) : 0);
	snprintf(c->new, sizeof(c->new), "%d", b->works & 1u << WORK_DECODE ? BENCH_NEW : 0);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		add(c, own[i]);
	for (rest = c->more; (word = strsep(&rest, " \t\n")) && c->n < MAX_ARGS; )
		if (*word)
			add(c, word);
	return !word ? 0 : fail(err, SYC_EINVAL, "--against-args: more than %d arguments",
				MAX_ARGS);
}

/* Its process, with what it writes into the pipe and the file. */
static int start(pid_t *pid, const struct command *c, int out, int said)
{
	posix_spawn_file_actions_t a;
	int e = posix_spawn_file_actions_init(&a);

	if (e)
		return e;
	if ((e = posix_spawn_file_actions_adddup2(&a, out, STDOUT_FILENO)) == 0 &&
	    (e = posix_spawn_file_actions_adddup2(&a, said, STDERR_FILENO)) == 0)
		e = posix_spawnp(pid, c->arg[0], &a, NULL, c->arg, environ);
	posix_spawn_file_actions_destroy(&a);
	return e;
}

/* The last line of its messages that says something. */
static void last_line(FILE *f, char *line, size_t size)
{
	char *text = NULL;
	size_t cap = 0;

	rewind(f);
	for (ssize_t n; (n = getline(&text, &cap, f)) > 0; ) {
		text[strcspn(text, "\r\n")] = '\0';
		if (*text)
			snprintf(line, size, "%s", text);
	}
	free(text);
}

static int read_pipe(int fd, struct syc_buf *out)
{
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && out->len < MAX_SAID)
			syc_buf_add(out, part, (size_t)n);
	return n < 0 || out->failed ? -1 : 0;
}

/* Run it to its end. */
static int run_peer(const struct command *c, struct syc_buf *out, struct syc_err *err)
{
	char line[300] = "it says nothing of why";
	FILE *said = tmpfile();
	int fd[2], status = 0, e, bad;
	pid_t pid;

	if (!said || pipe(fd) < 0) {
		e = errno;
		if (said)
			fclose(said);
		return fail(err, SYC_EIO, "%.200s: %s", c->arg[0], strerror(e));
	}
	e = start(&pid, c, fd[1], fileno(said));
	close(fd[1]);
	bad = e ? 0 : read_pipe(fd[0], out);
	close(fd[0]);
	while (!e && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	last_line(said, line, sizeof(line));
	fclose(said);
	if (e)
		return fail(err, SYC_EIO, "%.200s: %s", c->arg[0], strerror(e));
	if (bad || !WIFEXITED(status) || WEXITSTATUS(status))
		return fail(err, SYC_EIO, "%.150s failed: %.300s", c->arg[0], line);
	return 0;
}

/* ---- what it said ------------------------------------------------------------------ */

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

/* Tokens per second of its test of so many tokens; NaN: there is none. */
static double speed_of(const json_t *tests, double n_prompt, double n_gen)
{
	const json_t *t;
	size_t i;

	json_array_foreach(tests, i, t)
		if (number(t, "n_prompt") == n_prompt && number(t, "n_gen") == n_gen)
			return number(t, "avg_ts");
	return NAN;
}

/*
 * Lines that cannot be of a llama-bench's JSON, which some versions print between,
 * are made blank.
 */
static void blank_others(char *text)
{
	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (!strchr("[]{},\"\n", text[strspn(text, " \t\r")]))
			memset(text, ' ', n);
	}
}

static int take_speeds(struct bench *b, const json_t *tests, double speed[N_WORKS],
		       struct syc_err *err)
{
	const char *build = json_string_value(json_object_get(json_array_get(tests, 0),
							      "build_commit"));

	speed[WORK_PREFILL] = speed_of(tests, (double)bench_prompt(b), 0);
	speed[WORK_DECODE] = speed_of(tests, 0, BENCH_NEW);
	for (unsigned w = 0; w < N_WORKS; w++)
		if (b->works & 1u << w && !(speed[w] > 0 && isfinite(speed[w])))
			return fail(err, SYC_EFORMAT, "%.300s: what it printed has no speed of %s",
				    b->peer.program, work_names[w]);
	snprintf(b->peer.build, sizeof(b->peer.build), "%s", build ? build : "");
	return 0;
}

static int ask_peer(struct bench *b, double speed[N_WORKS], struct syc_err *err)
{
	struct syc_buf out = { 0 };
	struct command c;
	json_error_t why;
	json_t *tests;
	int ret = make_command(&c, b, err);

	if (ret == 0)
		ret = run_peer(&c, &out, err);
	free(c.more);
	if (ret < 0) {
		syc_buf_free(&out);
		return ret;
	}
	if (out.data)
		blank_others(out.data);
	tests = json_loads(out.data ? out.data : "", 0, &why);
	syc_buf_free(&out);
	if (!json_is_array(tests))
		ret = fail(err, SYC_EFORMAT, "%.200s: what it printed is no JSON of a "
			   "llama-bench%s%.150s", b->peer.program, tests ? "" : ": ",
			   tests ? "" : why.text);
	else
		ret = take_speeds(b, tests, speed, err);
	json_decref(tests);
	return ret;
}

/* ---- rounds -------------------------------------------------------------------------- */

/* One of each; which is first changes, at first the peer, which may not be there. */
static int run_round(struct bench *b, unsigned round, double own[N_WORKS],
		     double peer[N_WORKS], struct syc_err *err)
{
	const unsigned repeat = b->repeat;
	int ret = 0;

	b->repeat = 1;
	for (unsigned k = 0; k < 2 && ret == 0; k++) {
		if ((k + round) % 2 == 0)
			ret = ask_peer(b, peer, err);
		for (unsigned w = 0; (k + round) % 2 && w < N_WORKS && ret == 0; w++)
			if (b->works & 1u << w) {
				ret = bench_work(b, w, err);
				own[w] = b->figure[w].value;
			}
	}
	b->repeat = repeat;
	return ret;
}

int bench_against(struct bench *b, struct syc_err *err)
{
	double (*v)[3][N_WORKS] = calloc(b->repeat, sizeof(*v)), *of;
	const struct figure *kept = b->figure;
	int ret = v ? bench_load(b, err) : fail_nomem(err);

	of = calloc(b->repeat, sizeof(*of));
	if (ret == 0 && !of)
		ret = fail_nomem(err);
	for (unsigned i = 0; i < b->repeat && ret == 0; i++)
		ret = run_round(b, i, v[i][0], v[i][1], err);
	for (unsigned w = 0; w < N_WORKS && ret == 0; w++) {
		struct figure *const to[3] = { &b->figure[w], &b->peer.speed[w],
					       &b->peer.ratio[w] };

		for (unsigned k = 0; b->works & 1u << w && k < 3; k++) {
			for (unsigned i = 0; i < b->repeat; i++)
				of[i] = k < 2 ? v[i][k][w] : v[i][0][w] / v[i][1][w];
			figure_median(to[k], of, b->repeat);
			to[k]->unit = k < 2 ? kept[w].unit : "x";
		}
	}
	free(of);
	free(v);
	return ret;
}
