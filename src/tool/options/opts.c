/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "tool/common/machine.h"
#include "tool/options/old_names.h"
#include "tool/options/opts.h"

enum { MAX_OPTS = 64, LONG_ONLY = 4096 };

static bool is_end(const struct opt *o)
{
	return o->help == NULL;
}

static void try_help(const struct tool *t)
{
	fprintf(stderr, "Try '%s --help' for more information.\n", t->name);
	exit(2);
}

static void help(const struct tool *t)
{
	printf("Usage: %s %s\n%s.\n", t->name, t->usage, t->brief);
	for (const struct opt *o = t->opts; !is_end(o); o++) {
		char left[48], key[5] = "    ";

		if (!o->name) {
			printf(o->help[0] ? "\n%s:\n" : "%s", o->help);
			continue;
		}
		if (o->key && o->key < 256)
			snprintf(key, sizeof(key), "-%c, ", o->key);
		snprintf(left, sizeof(left), "%s--%s%s%s", key, o->name,
			 o->arg ? "=" : "", o->arg ? o->arg : "");
		printf("  %-24s %s\n", left, o->help);
	}
	exit(tool_finish(t, 0));
}

static void build_tables(const struct tool *t, struct option *lopts, char *s)
{
	struct option *first = lopts;

	for (const struct opt *o = t->opts; !is_end(o); o++) {
		if (!o->name)
			continue;
		*lopts++ = (struct option){ o->name,
			o->arg ? required_argument : no_argument, NULL,
			o->key ? o->key : LONG_ONLY + (int)(o - t->opts) };
		if (o->key && o->key < 256) {
			*s++ = (char)o->key;
			if (o->arg)
				*s++ = ':';
		}
	}
	old_letters_add(t, first, s);
	old_names_add(t, first, (size_t)(lopts - first));
}

/* The name by which an option was given: at is of getopt_long(), or -1 for a letter. */
static const char *given_name(const struct option *o, int key, int at)
{
	if (at >= 0)
		return o[at].name;
	while (o->name && o->val != key)
		o++;
	return o->name;
}

static char program[64];

/* A file that was cut short while it is read: one line and no core. */
static void lost_file(int sig, siginfo_t *info, void *context)
{
	static char mid[] = ": ", end[] = " was cut short while it was read\n";
	char *path = (char *)(uintptr_t)syc_mapped_file(info->si_addr);
	struct iovec line[] = { { program, strlen(program) }, { mid, 2 },
				{ path, path ? strlen(path) : 0 },
				{ end, sizeof(end) - 1 } };

	(void)context;
	if (path && writev(STDERR_FILENO, line, 4) > 0)
		_exit(1);
	signal(sig, SIG_DFL);	/* and once more */
}

/* The next option's key, or -1 when only operands are left. */
static int next_key(const struct tool *t, int argc, char **argv)
{
	static struct option lopts[MAX_OPTS + OLD_NAMES_MAX + 1];
	static char sopts[2 * MAX_OPTS + 9];
	const struct sigaction lost = { .sa_sigaction = lost_file,
					.sa_flags = SA_SIGINFO };
	int key, at = -1;

	if (!lopts[0].name) {
		build_tables(t, lopts, sopts);
		/* getopt prints argv[0]: say the name, not libtool's path. */
		snprintf(program, sizeof(program), "%s", t->name);
		argv[0] = program;
		/* A file that grows beyond a limit is an error as a full disk is. */
		signal(SIGXFSZ, SIG_IGN);
		sigaction(SIGBUS, &lost, NULL);
	}
	key = getopt_long(argc, argv, sopts, lopts, &at);
	if (key == '?')
		try_help(t);
	if (key != -1 && at < 0)
		key = old_letter_key(t, lopts, key);
	if (key != -1)
		old_names_tell(t, given_name(lopts, key, at), optarg);
	return key;
}

/* The row of a key that getopt returned. */
static const struct opt *find(const struct tool *t, int key)
{
	const struct opt *o = t->opts;

	if (key >= LONG_ONLY)
		return &t->opts[key - LONG_ONLY];
	while (!o->name || o->key != key)
		o++;
	return o;
}

/* The arguments of options that name files to read. */
static struct texts inputs;

static void note_input(const struct tool *t, const struct opt *o, char *arg)
{
	static const char *const words[] = { "FILE", "PATH", "SPEC", "RUBRIC" };
	static const char named[] = "[NAME=]";
	const size_t skip = strncmp(o->arg, named, strlen(named)) == 0 ? strlen(named) : 0;
	bool reads = strcmp(o->name, "chat") == 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		reads |= strncmp(o->arg + skip, words[i], strlen(words[i])) == 0;
	if (reads && strcmp(o->name, "output") != 0 && strcmp(o->name, "record") != 0)
		opt_texts(t, o, &inputs, arg);
}

const struct texts *opt_inputs(void)
{
	return &inputs;
}

static const struct opt *row_of(const struct tool *t, const char *name)
{
	for (const struct opt *o = t->opts; !is_end(o); o++)
		if (o->name && strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

int opt_parse(const struct tool *t, int argc, char **argv, void *to)
{
	const struct opt *threads = row_of(t, "threads"), *quiet = row_of(t, "quiet");
	int key;

	if (complete_asked(argc, argv))
		complete_tell(t, argc, argv);
	if (threads)
		machine_blas();
	while ((key = next_key(t, argc, argv)) != -1) {
		const struct opt *o = find(t, key);

		if (o->arg)
			note_input(t, o, optarg);
		o->set(t, o, (char *)to + o->at, optarg);
	}
	if (threads && quiet)
		machine_threads(t, threads, *(int *)(void *)((char *)to + quiet->at) < 0, to);
	return optind;
}

void opt_help(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)o, (void)at, (void)arg;
	help(t);
}

void opt_version(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)o, (void)at, (void)arg;
	printf("%s (%s) %s\n", t->name, PACKAGE_NAME, PACKAGE_VERSION);
	exit(tool_finish(t, 0));
}

/* One line of what may hold names of others. */
static void print_line(FILE *f, const char *fmt, va_list ap)
{
	struct syc_buf b = { 0 };

	syc_buf_vprintf(&b, fmt, ap);
	if (b.data)
		fwrite(b.data, 1, syc_text_show(b.data, b.len, 0), f);
	fputc('\n', f);
	syc_buf_free(&b);
}

static void say(const struct tool *t, const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "%s: ", t->name);
	print_line(stderr, fmt, ap);
}

void tool_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(stdout, fmt, ap);
	va_end(ap);
}

void tool_warn(const struct tool *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, fmt, ap);
	va_end(ap);
}

void tool_warn_assumed(const struct tool *t, const struct opt_values *c,
		       const char *file)
{
	if (c->verbose >= 0)
		tool_warn(t,
			"warning: %s does not say how its layers are counted: "
			"direction.l, or row l, was taken as layer l "
			"(see syc-vec convert --layer-base)", file);
}

void tool_warn_lines(const struct tool *t, const struct opt_values *c,
		     const char *lines)
{
	for (size_t n; c->verbose >= 0 && (n = strcspn(lines, "\n")); lines += n + !!lines[n])
		tool_warn(t, "warning: %.*s", (int)n, lines);
}

void tool_warn_texts(const struct tool *t, const struct opt_values *c,
		     const struct syc_text_counts *seen)
{
	struct syc_buf b = { 0 };

	if (seen && syc_text_notes(seen, &b) == 0 && b.len)
		tool_warn_lines(t, c, b.data);
	syc_buf_free(&b);
}

void tool_usage(const struct tool *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, fmt, ap);
	va_end(ap);
	try_help(t);
	abort();
}

int tool_err(const struct tool *t, const struct syc_err *err)
{
	const char *option = err->code == SYC_ETWICE   ? "allow-duplicates"
			     : err->code == SYC_EMIXED ? "mixed"
						       : NULL;
	const struct opt *o = t->opts;

	while (option && o->help && (!o->name || strcmp(o->name, option) != 0))
		o++;
	if (option && o->help)
		tool_warn(t, "%s; --%s takes both", err->msg, option);
	else
		tool_warn(t, "%s", err->msg);
	return 1;
}

int tool_finish(const struct tool *t, int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (status == 0)	/* otherwise it has been said why */
		fprintf(stderr, "%s: standard output: %s\n", t->name,
			strerror(errno));
	return status ? status : 1;
}
