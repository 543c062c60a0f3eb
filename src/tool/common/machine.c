/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "syc/model.h"
#include "tool/common/machine.h"

const char *const opt_cpu_names[] = { "scalar", "avx2", "avxvnni", "avx512vnni", "amx",
				      "neon", "dotprod", "i8mm", NULL };

/* This process's arguments as it was given them, or NULL. */
static char **own_arguments(struct syc_buf *all)
{
	FILE *f = fopen("/proc/self/cmdline", "re");
	char piece[4096], **argv;
	size_t n = 0, i = 0;

	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0 &&
	       syc_buf_add(all, piece, n) == 0)
		;
	if (f)
		fclose(f);
	if (n || !all->len || all->data[all->len - 1])
		return NULL;
	for (size_t at = 0; at < all->len; at += strlen(all->data + at) + 1)
		n++;
	argv = calloc(n + 1, sizeof(*argv));
	for (size_t at = 0; argv && i < n; at += strlen(all->data + at) + 1)
		argv[i++] = all->data + at;
	return argv;
}

void machine_blas(void)
{
	const char *name = syc_cpu_blas();
	struct syc_buf all = { 0 };
	char **argv;

	if (!name || getenv("OPENBLAS_CORETYPE"))
		return;
	argv = own_arguments(&all);
	if (argv && setenv("OPENBLAS_CORETYPE", name, 0) == 0)
		execv("/proc/self/exe", argv);
	free(argv);
	syc_buf_free(&all);
}

void machine_threads(const struct tool *t, const struct opt *threads, bool quiet, char *values)
{
	const unsigned cores = syc_machine_cores();
	const char *omp = getenv("OMP_NUM_THREADS");
	const int wanted = omp ? atoi(omp) : 0;
	uint32_t *n = (uint32_t *)(void *)(values + threads->at);

	if (!*n && wanted > 0)
		*n = (unsigned)wanted < cores ? (unsigned)wanted : cores;
	else if (*n > cores && !quiet)
		tool_warn(t, "warning: %" PRIu32 " threads on %u core%s: more than there are "
			  "make it slower", *n, cores, cores > 1 ? "s" : "");
}

char *machine_folder(void)
{
	char self[PATH_MAX], *end;
	const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	if (!(end = strrchr(self, '/')))
		return NULL;
	*end = '\0';
	end = strrchr(self, '/');
	if (end && strcmp(end, "/.libs") == 0)
		*end = '\0';
	return strdup(self);
}

static char *demo_beside(const char *folder, const char *place)
{
	struct syc_buf b = { 0 };

	if (syc_buf_printf(&b, "%s/%s", folder, place) == 0 && access(b.data, F_OK) == 0)
		return b.data;
	syc_buf_free(&b);
	return NULL;
}

char *machine_demo(void)
{
	const char *said = getenv("SYC_DEMO");
	char *own, *demo = NULL;

	if (said && *said)
		return strdup(said);
	own = machine_folder();
	if (own)
		demo = demo_beside(own, "share/syc/demo");
	if (own && !demo)
		demo = demo_beside(own, "../share/syc/demo");
	free(own);
	return demo || access(DEMO_DIR, F_OK) < 0 ? demo : strdup(DEMO_DIR);
}
