/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tool/common/progress.h"

bool progress_can(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && (!term || strcmp(term, "dumb") != 0);
}

void progress_begin(struct progress *p, const struct tool *t,
			const struct opt_values *c, const char *what)
{
	*p = (struct progress){ .tool = t, .what = what, .start = syc_seconds() };
	p->on = c->verbose >= 0 && progress_can();
}

void progress_show(struct progress *p, uint64_t n, double share)
{
	double t, elapsed;

	if (!p->on)
		return;
	t = syc_seconds();
	elapsed = t - p->start;
	if (t - p->last < 0.2 || elapsed < 0.5)
		return;
	p->last = t;
	p->shown = true;
	fprintf(stderr, "\r%s: %" PRIu64 " %s, %.1f/s", p->tool->name, n,
		p->what, (double)n / elapsed);
	if (share > 0 && share <= 1) {
		long left = (long)(elapsed / share - elapsed + 0.5);

		fprintf(stderr, ", %.0f %%, %ld:%02ld left", 100 * share,
			left / 60, left % 60);
	}
	fputs("\033[K", stderr);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
