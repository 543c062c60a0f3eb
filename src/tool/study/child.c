/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "syc/output.h"
#include "tool/common/fail.h"
#include "tool/common/machine.h"
#include "tool/study/study.h"

/* ---- commands ---------------------------------------------------------- */

void child_put_word(struct syc_buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./,:=+@%";

	if (*s && s[strspn(s, plain)] == '\0') {
		syc_buf_puts(b, s);
		return;
	}
	syc_buf_puts(b, "'");
	for (; *s; s++) {
		if (*s == '\'')
			syc_buf_puts(b, "'\\''");
		else
			syc_buf_add(b, s, 1);
	}
	syc_buf_puts(b, "'");
}

static void put_command(struct syc_buf *b, const struct cmd *c, const char *to)
{
	for (size_t i = 0; i < c->n; i++) {
		syc_buf_puts(b, i ? " " : "");
		child_put_word(b, c->arg[i]);
	}
	if (to) {
		syc_buf_puts(b, " > ");
		child_put_word(b, to);
	}
	syc_buf_puts(b, c->may_fail ? " || true\n" : "\n");
}

void children_note(struct children *c, const char *file, const char *how)
{
	syc_buf_printf(&c->commands, "# %s: %s\n", file, how);
}

int children_save(const struct children *c, struct syc_err *err)
{
	if (c->commands.failed)
		return fail_nomem(err);
	return write_file("commands", &c->commands, err);
}

/* ---- where the programs are -------------------------------------------- */

bool on_path(const char *program)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		const size_t n = strcspn(path, ":");
		char *file = text_new("%.*s/%s", (int)n, path, program);
		const bool found = access(file, X_OK) == 0;

		free(file);
		if (found)
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

int children_find(struct children *c, struct syc_err *err)
{
	char *folder = machine_folder(), *one = text_new("%s/syc-sweep", folder ? folder : "");

	syc_buf_puts(&c->commands,
		     "#!/bin/sh\n# What syc-study ran, in this folder.\nset -e\n");
	if (folder && access(one, X_OK) == 0)
		c->programs = folder;
	else
		free(folder);
	free(one);
	return c->programs || on_path("syc-sweep")
		       ? 0
		       : fail(err, SYC_EINVAL,
			      "the other programs of syc are neither "
			      "beside this one nor on the PATH");
}

void children_free(struct children *c)
{
	for (size_t i = 0; i < c->n_work; i++)
		free(c->work[i].file);
	free(c->work);
	free(c->title);
	free(c->programs);
	syc_buf_free(&c->commands);
}

/* ---- progress ---------------------------------------------------------- */

void children_expect(struct children *c, double passes, const char *file)
{
	struct work *more;

	if (is_there(file))
		return;
	more = realloc(c->work, (c->n_work + 1) * sizeof(*more));
	if (!more)
		out_of_memory();
	c->work = more;
	more[c->n_work++] = (struct work){ text_new("%s", file), passes };
	c->total += passes;
}

static double expected(const struct children *c, const char *file)
{
	for (size_t i = 0; i < c->n_work; i++)
		if (strcmp(c->work[i].file, file) == 0)
			return c->work[i].passes;
	return 0;
}

void children_forget(struct children *c, const char *file)
{
	for (size_t i = c->n_work; i-- > 0;)
		if (strcmp(c->work[i].file, file) == 0) {
			c->total -= c->work[i].passes;
			free(c->work[i].file);
			c->work[i] = c->work[--c->n_work];
		}
}

void children_step(struct children *c, char *title)
{
	free(c->title);
	c->title = title;
	c->step++;
	if (!c->quiet)
		tool_say("%u/%u %s", c->step, c->n_steps, title);
	fflush(stdout);
	syc_buf_printf(&c->commands, "\n# %u/%u %s\n", c->step, c->n_steps, title);
}

/* The line on the terminal, while a command of so many passes is at work. */
static void show(const struct children *c, const char *program, const char *file,
		 double passes, double elapsed)
{
	const double speed = c->seconds > 0 ? c->done / c->seconds : 0;
	const double done =
		c->done + (passes < speed * elapsed ? passes : speed * elapsed);
	char name[64];
	int n;

	n = snprintf(name, sizeof(name), "%.12s: %.30s", program, file);
	fprintf(stderr, "\r%u/%u %.*s", c->step, c->n_steps,
		(int)syc_text_show(name, (size_t)n, 0), name);
	if (c->total > 0)
		fprintf(stderr, ", %.0f %% done", 100 * done / c->total);
	if (speed > 0 && c->total > done) {
		const long left = (long)((c->total - done) / speed + 0.5);

		fprintf(stderr, ", %ld:%02ld left", left / 60, left % 60);
	}
	fputs("\033[K", stderr);
	fflush(stderr);
}

/* ---- running ----------------------------------------------------------- */

static volatile sig_atomic_t child;

/* Who ends this program ends the one that works for it. */
static void pass_on(int sig)
{
	if (child > 0)
		kill((pid_t)child, sig);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void exec_program(const struct children *c, const struct cmd *cmd, int to)
{
	const int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0666);
	const int none = open("/dev/null", O_RDONLY);

	if (log < 0 || none < 0 || dup2(none, 0) < 0 || dup2(to < 0 ? log : to, 1) < 0 ||
	    dup2(log, 2) < 0)
		_exit(126);
	if (c->programs) {
		char *path = text_new("%s/%s", c->programs, cmd->arg[0]);

		execv(path, cmd->arg);
	} else {
		execvp(cmd->arg[0], cmd->arg);
	}
	dprintf(2, "%s: %s\n", cmd->arg[0], strerror(errno));
	_exit(127);
}

static int wait_for(const struct children *c, const struct cmd *cmd, const char *file,
		    pid_t pid)
{
	const struct timespec nap = { .tv_nsec = 200000000 };
	const double begin = syc_seconds();
	int status = 0;

	if (!c->live) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		return status;
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		show(c, cmd->arg[0], file, expected(c, file), syc_seconds() - begin);
		nanosleep(&nap, NULL);
	}
	fputs("\r\033[K", stderr);
	return status;
}

/* The last line behind a place of the log, without its end; to be freed. */
static char *last_message(off_t from)
{
	FILE *f = fopen("log", "r");
	char *line = NULL, *last = NULL;
	size_t cap = 0;

	if (!f)
		return NULL;
	fseeko(f, from, SEEK_SET);
	while (getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		/* The hint at --help is not what went wrong. */
		if (*line && strncmp(line, "Try '", 5) != 0) {
			free(last);
			last = text_new("%.300s", line);
		}
	}
	free(line);
	fclose(f);
	return last;
}

static int failed(const struct children *c, const struct cmd *cmd, const char *file,
		  int status, off_t log_from, struct syc_err *err)
{
	const bool said = WIFEXITED(status) && WEXITSTATUS(status) < 126;
	char *why = last_message(log_from);
	int ret;

	if (!why && WIFSIGNALED(status))
		why = text_new("%s was ended by signal %d", cmd->arg[0],
			       WTERMSIG(status));
	if (!why)
		why = text_new("%s ended with status %d", cmd->arg[0],
			       WEXITSTATUS(status));
	ret = fail(err, said ? SYC_EINVAL : SYC_EIO,
		   "%s could not be made: %s (see %.80s/log)", file, why, c->folder);
	free(why);
	return ret;
}

void child_left_out(const char *why)
{
	FILE *f = fopen("log", "a");

	if (!f)
		return;
	fprintf(f, "%s (it is left out)\n", why);
	fclose(f);
}

static off_t log_size(void)
{
	const int fd = open("log", O_RDONLY);
	const off_t n = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	if (fd >= 0)
		close(fd);
	return n < 0 ? 0 : n;
}

/* to: where standard output goes, the log when negative. */
static int run(struct children *c, const struct cmd *cmd, const char *file, int to,
	       struct syc_err *err)
{
	const off_t log_from = log_size();
	const double begin = syc_seconds();
	int status;
	pid_t pid;

	signal(SIGINT, pass_on);
	signal(SIGTERM, pass_on);
	signal(SIGHUP, pass_on);
	pid = fork();
	if (pid < 0)
		return fail(err, SYC_EIO, "%s: %s", cmd->arg[0], strerror(errno));
	if (pid == 0)
		exec_program(c, cmd, to);
	child = pid;
	status = wait_for(c, cmd, file, pid);
	child = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return failed(c, cmd, file, status, log_from, err);
	if (expected(c, file) > 0) {
		c->done += expected(c, file);
		c->seconds += syc_seconds() - begin;
	}
	return 0;
}

/* Its output under another name until it is whole. */
static int print_to(struct children *c, const struct cmd *cmd, const char *file,
		    struct syc_err *err)
{
	struct syc_output o;
	int ret;

	syc_output_begin(&o, file, SYC_LEFTOVER_REPLACE);
	ret = syc_output_open(&o, err);
	if (ret == 0)
		ret = run(c, cmd, file, fileno(o.f), err);
	if (ret == 0)
		return syc_output_finish(&o, err);
	syc_output_drop(&o);
	return ret;
}

static int make(struct children *c, const struct cmd *cmd, const char *file,
		enum child_out out, struct syc_err *err)
{
	return out == CHILD_PRINTS ? print_to(c, cmd, file, err)
				   : run(c, cmd, file, -1, err);
}

int child_make(struct children *c, const struct cmd *cmd, const char *file,
	       enum child_out out, struct syc_err *err)
{
	int ret;

	put_command(&c->commands, cmd, out == CHILD_PRINTS ? file : NULL);
	if (out != CHILD_AGAIN && is_there(file))
		return 0;
	ret = children_save(c, err);
	if (ret < 0)
		return ret;
	ret = make(c, cmd, file, out, err);
	/* What cannot be made fails twice; what was only disturbed can be. */
	return ret == SYC_EINVAL && cmd->may_fail ? make(c, cmd, file, out, err) : ret;
}
