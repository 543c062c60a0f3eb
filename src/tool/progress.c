/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <time.h>
#include <unistd.h>
#include "tool/progress.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void syc_progress_begin(struct syc_progress *p, const struct syc_tool *t,
			const struct syc_common *c, const char *what)
{
	*p = (struct syc_progress){ .tool = t, .what = what, .start = now() };
	p->on = c->verbose >= 0 && isatty(STDERR_FILENO);
}

void syc_progress_show(struct syc_progress *p, uint64_t n, double share)
{
	double t, elapsed;

	if (!p->on)
		return;
	t = now();
	elapsed = t - p->start;
	if (t - p->last < 0.2 || elapsed < 0.5)
		return;
	p->last = t;
	p->shown = true;
	fprintf(stderr, "\r%s: %" PRIu64 " %s, %.1f/s", p->tool->name, n, p->what, (double)n / elapsed);
	if (share > 0 && share <= 1) {
		long left = (long)(elapsed / share - elapsed + 0.5);

		fprintf(stderr, ", %.0f %%, %ld:%02ld left", 100 * share, left / 60, left % 60);
	}
	fputs("\033[K", stderr);
	fflush(stderr);
}

void syc_progress_end(struct syc_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
