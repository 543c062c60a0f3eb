/* SPDX-License-Identifier: MIT */
/* syc-plot as a child, for its picture. */
#include "config.h"
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/report/report.h"

extern char **environ;

/* -o PICTURE KIND OPTIONS -- PATHS, for posix_spawn(); NULL without memory. */
static char **arguments(const char *picture, const char *kind,
			const char *const *options, const char *const *paths,
			size_t n)
{
	size_t n_options = 0, k = 0;
	const char **argv;

	while (options[n_options])
		n_options++;
	argv = calloc(n + n_options + 6, sizeof(*argv));
	if (!argv)
		return NULL;
	argv[k++] = "syc-plot";
	argv[k++] = "-o";
	argv[k++] = picture;
	argv[k++] = kind;
	for (size_t i = 0; i < n_options; i++)
		argv[k++] = options[i];
	argv[k++] = "--";
	for (size_t i = 0; i < n; i++)
		argv[k++] = paths[i];
	return (char **)argv;
}

static int run(char **argv, const char *path, struct syc_err *err)
{
	int status, e;
	pid_t pid;

	if (!argv)
		return fail_nomem(err);
	e = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (e)
		return fail(err, SYC_EIO, "syc-plot: %s", strerror(e));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(err, SYC_EIO, "syc-plot: %s",
				    strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(err, SYC_EUNSUPP, "%s: syc-plot did not draw it",
			    path);
	return 0;
}

static int read_back(struct syc_buf *svg, const char *picture,
		     struct syc_err *err)
{
	FILE *f = fopen(picture, "r");
	char part[4096];
	size_t n;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", picture, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		syc_buf_add(svg, part, n);
	fclose(f);
	return svg->failed ? fail_nomem(err) : 0;
}

static int draw(struct syc_buf *svg, const char *kind,
		const char *const *options, const char *const *paths, size_t n,
		struct syc_err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = NULL, *picture = NULL, **argv = NULL;
	int ret;

	if (asprintf(&folder, "%s/syc-report-XXXXXX",
		     tmp && *tmp ? tmp : "/tmp") < 0)
		return fail_nomem(err);
	if (!mkdtemp(folder)) {
		ret = fail(err, SYC_EIO, "%s: %s", folder, strerror(errno));
		free(folder);
		return ret;
	}
	if (asprintf(&picture, "%s/plot.svg", folder) < 0) {
		picture = NULL;
		ret = fail_nomem(err);
	} else {
		argv = arguments(picture, kind, options, paths, n);
		ret = run(argv, paths[0], err);
		if (ret == 0)
			ret = read_back(svg, picture, err);
		unlink(picture);
	}
	rmdir(folder);
	free(argv);
	free(picture);
	free(folder);
	return ret;
}

int report_plot(struct report *r, struct syc_buf *b, const char *kind,
		const char *const *options, const char *const *paths, size_t n,
		const char *caption, struct syc_err *err)
{
	struct report_file svg = { .path = paths[0], .caption = caption, .number = ++r->n_figures };
	int ret = 0;

	if (draw(&svg.data, kind, options, paths, n, err) < 0)
		tool_warn(r->tool, "%s (the figure is left out)", err->msg);
	else
		ret = report_svg(b, &svg, err);
	syc_buf_free(&svg.data);
	return ret;
}
