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
#include "tool/fail.h"
#include "tool/report.h"

extern char **environ;

static int run(const char *picture, const char *path, struct syc_err *err)
{
	char name[] = "syc-plot", out[] = "-o", rest[] = "--";
	char *argv[] = { name, out, (char *)picture, rest, (char *)path, NULL };
	int status, e;
	pid_t pid;

	e = posix_spawnp(&pid, name, NULL, NULL, argv, environ);
	if (e)
		return fail(err, SYC_EIO, "syc-plot: %s", strerror(e));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(err, SYC_EIO, "syc-plot: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(err, SYC_EUNSUPP, "%s: syc-plot did not draw it", path);
	return 0;
}

static int read_back(struct syc_buf *svg, const char *picture, struct syc_err *err)
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

int report_draw(struct syc_buf *svg, const char *path, struct syc_err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = NULL, *picture = NULL;
	int ret;

	if (asprintf(&folder, "%s/syc-report-XXXXXX", tmp && *tmp ? tmp : "/tmp") < 0)
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
		ret = run(picture, path, err);
		if (ret == 0)
			ret = read_back(svg, picture, err);
		unlink(picture);
	}
	rmdir(folder);
	free(picture);
	free(folder);
	return ret;
}
