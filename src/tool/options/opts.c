/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
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

uint64_t opt_whole(const struct tool *t, const char *opt, const char *arg,
		   uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(arg, &end, 10);
	if (arg[0] < '0' || arg[0] > '9' || *end || errno || v < min || v > max)
		tool_usage(t,
			   "--%s: '%s' is not a whole number from %" PRIu64
			   " to %" PRIu64,
			   opt, arg, min, max);
	return v;
}

double opt_num(const struct tool *t, const char *opt, const char *arg,
	       double min, double max)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(arg, &end);
	if (end == arg || *end || errno || !isfinite(v) || v < min || v > max)
		tool_usage(t, "--%s: '%s' is not a number from %g to %g", opt,
			   arg, min, max);
	return v;
}

unsigned opt_enum(const struct tool *t, const char *opt, const char *arg,
		      const char *const *names, unsigned n)
{
	char all[256] = "";
	size_t len = 0;

	for (unsigned i = 0; i < n; i++) {
		if (strcmp(arg, names[i]) == 0)
			return i;
		if (len < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len,
				"%s%s", i ? ", " : "", names[i]);
	}
	tool_usage(t, "--%s: '%s' is none of: %s", opt, arg, all);
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Digits as a number, at most UINT32_MAX; NULL when there are none. */
static const char *list_number(const char *s, uint32_t *v)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9')
		return NULL;
	n = strtoul(s, &end, 10);
	*v = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	return end;
}

/* One "3" or "3-5"; returns what follows it, or NULL. */
static const char *list_item(const char *s, uint32_t *from, uint32_t *to)
{
	s = list_number(s, from);
	*to = *from;
	return s && *s == '-' ? list_number(s + 1, to) : s;
}

void opt_list(const struct tool *t, const char *opt, const char *arg,
		  uint32_t n, uint32_t **out, size_t *n_out)
{
	enum { MAX_LIST = 4096 };
	uint32_t *v = calloc(MAX_LIST, sizeof(*v)), from = 0,
		 to = n ? n - 1 : 0;
	const char *s = arg;
	size_t len = 0;
	bool all = strcmp(arg, "all") == 0;

	if (!v)
		tool_usage(t, "out of memory");
	if (all && !n)
		s = "";
	while (*s) {
		s = all ? "" : list_item(s, &from, &to);
		if (!s || from > to || (n && to >= n) || (*s && *s != ',') ||
		    to - from >= MAX_LIST - len) {
			free(v);
			if (n)
				tool_usage(t,
					"--%s: '%s' is not a list of numbers from 0 to %" PRIu32,
					opt, arg, n - 1);
			tool_usage(t, "--%s: '%s' is not a list of numbers",
				   opt, arg);
		}
		for (uint32_t i = from; i <= to; i++)
			v[len++] = i;
		s += *s == ',';
	}
	qsort(v, len, sizeof(*v), by_value);
	*n_out = 0;
	for (size_t i = 0; i < len; i++)
		if (!*n_out || v[*n_out - 1] != v[i])
			v[(*n_out)++] = v[i];
	if (!len && !all)
		tool_usage(t, "--%s: the list is empty", opt);
	*out = v;
}

void opt_flag(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	*(bool *)at = true;
}

void opt_count(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	++*(int *)at;
}

void opt_quiet(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	*(int *)at = -1;
}

void opt_text(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o;
	*(const char **)at = arg;
}

void opt_u32(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(uint32_t *)at = (uint32_t)opt_whole(t, o->name, arg, o->from, o->to);
}

void opt_u64(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(uint64_t *)at = opt_whole(t, o->name, arg, o->from, o->to);
}

void opt_size(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(size_t *)at = (size_t)opt_whole(t, o->name, arg, o->from, o->to);
}

void opt_float(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(float *)at = (float)opt_num(t, o->name, arg, o->min, o->max);
}

void opt_double(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(double *)at = opt_num(t, o->name, arg, o->min, o->max);
}

unsigned opt_named(const struct tool *t, const struct opt *o, const char *arg)
{
	unsigned n = 0;

	while (o->names[n])
		n++;
	return opt_enum(t, o->name, arg, o->names, n);
}

void opt_choice(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(unsigned *)at = opt_named(t, o, arg);
}

void opt_texts(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct texts *l = at;
	const char **p = realloc(l->text, (l->n + 1) * sizeof(*p));

	(void)o;
	if (!p)
		tool_usage(t, "out of memory");
	l->text = p;
	p[l->n++] = arg;
}

void texts_free(struct texts *l)
{
	free(l->text);
	*l = (struct texts){ 0 };
}

void opt_numbers(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct opt_list *l = at;

	free(l->v);
	opt_list(t, o->name, arg, 0, &l->v, &l->n);
	l->given = true;
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
