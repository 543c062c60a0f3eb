/* SPDX-License-Identifier: MIT */
/*
 * gnuplot as a child: the script and its complaints are unnamed files, its
 * picture comes through a pipe, so neither can wait for the other.
 */
#include "config.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/plot/gnuplot.h"

extern char **environ;

static int write_script(FILE *f, const struct gp *g, struct syc_err *err)
{
	if (fwrite(g->script.data, 1, g->script.len, f) != g->script.len ||
	    fflush(f) != 0 || fseek(f, 0, SEEK_SET) != 0)
		return fail(err, SYC_EIO, "temporary file: %s",
			    strerror(errno));
	return 0;
}

static int start(pid_t *pid, int in, int out, int complaints,
		 struct syc_err *err)
{
	/* -d: no start-up files of the user or the system. */
	char name[] = "gnuplot", defaults[] = "-d";
	char *argv[] = { name, defaults, NULL };
	posix_spawn_file_actions_t act;
	int e = posix_spawn_file_actions_init(&act);

	if (e == 0) {
		e = posix_spawn_file_actions_adddup2(&act, in, 0);
		if (e == 0)
			e = posix_spawn_file_actions_adddup2(&act, out, 1);
		if (e == 0)
			e = posix_spawn_file_actions_adddup2(&act, complaints,
							     2);
		if (e == 0)
			e = posix_spawnp(pid, name, &act, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&act);
	}
	if (e == ENOENT)
		return fail(err, SYC_EUNSUPP,
			    "gnuplot is not installed, and it draws the plots "
			    "(Debian, Ubuntu: gnuplot-nox; others: gnuplot)");
	if (e)
		return fail(err, SYC_EIO, "gnuplot: %s", strerror(e));
	return 0;
}

static int read_all(int fd, struct syc_buf *out, struct syc_err *err)
{
	char block[65536];
	ssize_t n;

	for (;;) {
		n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, SYC_EIO, "gnuplot: %s",
				    strerror(errno));
		if (n == 0)
			return 0;
		if (syc_buf_add(out, block, (size_t)n) < 0)
			return fail_nomem(err);
	}
}

/*
 * gnuplot echoes the command, points at a place in it and says "line 0: what
 * is wrong": the last line that says something.
 */
static int complain(FILE *f, struct syc_err *err)
{
	char line[512], last[360] = "it failed and did not say why";

	rewind(f);
	while (fgets(line, sizeof(line), f)) {
		const char *s = strstr(line, "line ");

		line[strcspn(line, "\r\n")] = 0;
		if (s && strchr(s, ':'))
			s = strchr(s, ':') + 1;
		else
			s = line;
		s += strspn(s, " \t^");
		if (*s)
			snprintf(last, sizeof(last), "%.350s", s);
	}
	if (strstr(last, "terminal type"))
		return fail(err, SYC_EUNSUPP,
			    "this gnuplot cannot write such a file: %s", last);
	return fail(err, SYC_EIO, "gnuplot: %s", last);
}

static int wait_for(pid_t pid, int *status)
{
	pid_t got;

	do
		got = waitpid(pid, status, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -1 : 0;
}

/* Closes both ends of the pipe p. */
static int run(FILE *script, FILE *complaints, const int p[2],
	       struct syc_buf *out, struct syc_err *err)
{
	int status = 0, ret;
	pid_t pid;

	ret = start(&pid, fileno(script), p[1], fileno(complaints), err);
	close(p[1]);
	if (ret == 0) {
		ret = read_all(p[0], out, err);
		/* Closed before waiting: a child still writing must not hang. */
		close(p[0]);
		if (wait_for(pid, &status) < 0 && ret == 0)
			ret = fail(err, SYC_EIO, "gnuplot: %s",
				   strerror(errno));
	} else {
		close(p[0]);
	}
	if (ret == 0 &&
	    (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !out->len))
		ret = complain(complaints, err);
	return ret;
}

/* The date in a PDF, "D:20240131235959Z", becomes 1 January 1970. */
static void undate(struct syc_buf *b)
{
	static const char mark[] = "/CreationDate (D:";
	static const char date[] = "19700101000000";
	char *p = memmem(b->data, b->len, mark, sizeof(mark) - 1);

	if (p && (size_t)(b->data + b->len - p) > sizeof(mark) + sizeof(date))
		memcpy(p + sizeof(mark) - 1, date, sizeof(date) - 1);
}

int gp_run(struct gp *g, struct syc_buf *out, struct syc_err *err)
{
	FILE *script = tmpfile(), *complaints = tmpfile();
	int p[2], ret = 0;

	if (g->bad)
		ret = fail_nomem(err);
	else if (!script || !complaints)
		ret = fail(err, SYC_EIO, "temporary file: %s", strerror(errno));
	else
		ret = write_script(script, g, err);
	if (ret == 0 && pipe(p) < 0)
		ret = fail(err, SYC_EIO, "pipe: %s", strerror(errno));
	else if (ret == 0)
		ret = run(script, complaints, p, out, err);
	if (ret == 0 && g->kind == GP_PDF)
		undate(out);
	if (script)
		fclose(script);
	if (complaints)
		fclose(complaints);
	return ret;
}
