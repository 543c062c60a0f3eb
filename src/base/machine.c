/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/machine.h"

static const char own_groups[] = "/proc/self/cgroup", all_groups[] = "/sys/fs/cgroup";

/* A limit, with what a file says of it. */
struct limit {
	const char *controller;		/* of version 1 */
	const char *file, *file_v1;	/* in a group's folder */
	const char *period_v1;		/* the file that it is divided by, or NULL */
};
static const struct limit cores = {
	"cpu", "cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us",
};
static const struct limit memory = {
	"memory", "memory.max", "memory.limit_in_bytes", NULL,
};

/* Up to two whole numbers of a file; how many there are, "max" being none. */
static int read_numbers(const char *path, uint64_t *a, uint64_t *b)
{
	FILE *f = fopen(path, "r");
	char text[64] = "";
	int n = 0;

	if (!f)
		return 0;
	if (fgets(text, sizeof(text), f) && text[0] >= '0' && text[0] <= '9')
		n = sscanf(text, "%" SCNu64 " %" SCNu64, a, b);
	fclose(f);
	return n < 0 ? 0 : n;
}

/* What the group in folder dir allows. */
static size_t limit_of(const struct limit *l, const char *dir, bool v1)
{
	uint64_t most = 0, period = 0, skip;
	char path[1200];
	int n;

	snprintf(path, sizeof(path), "%s/%s", dir, v1 ? l->file_v1 : l->file);
	n = read_numbers(path, &most, &period);
	if (n < 1)
		return SIZE_MAX;
	if (!l->period_v1)
		return most < SIZE_MAX ? (size_t)most : SIZE_MAX;
	if (v1) {
		snprintf(path, sizeof(path), "%s/%s", dir, l->period_v1);
		n += read_numbers(path, &period, &skip) > 0;
	}
	return n < 2 || !period || most > UINT32_MAX * period ? SIZE_MAX :
		most ? (size_t)((most + period - 1) / period) : 1;
}

/* The least along group, "/a/b", and the groups above it. */
static size_t least(const struct limit *l, const char *root, bool v1, char *group)
{
	size_t min = SIZE_MAX;
	char dir[1100];

	for (char *end = group + strlen(group); end; end = strrchr(group, '/')) {
		size_t x;

		*end = 0;
		snprintf(dir, sizeof(dir), "%s%s%s%s", root, v1 ? "/" : "",
			 v1 ? l->controller : "", group);
		x = limit_of(l, dir, v1);
		min = x < min ? x : min;
	}
	return min;
}

/* Whether the list "cpu,cpuacct" has a name. */
static bool has_name(char *list, const char *name)
{
	for (char *one; (one = strsep(&list, ",")); )
		if (strcmp(one, name) == 0)
			return true;
	return false;
}

/* Lines are "4:memory:/group" of version 1 and "0::/group" of version 2. */
static size_t group_limit(const struct limit *l, const char *groups, const char *root)
{
	FILE *f = fopen(groups, "r");
	size_t min = SIZE_MAX;
	char line[1000];

	while (f && fgets(line, sizeof(line), f)) {
		char *rest = line, *number, *names, *group;
		bool v1;
		size_t x;

		line[strcspn(line, "\n")] = 0;
		number = strsep(&rest, ":");
		names = strsep(&rest, ":");
		group = rest;
		if (!group || *group != '/')
			continue;
		v1 = *names != 0;
		if (v1 ? !has_name(names, l->controller) : strcmp(number, "0") != 0)
			continue;
		if (group[1] == 0)
			*group = 0;
		x = least(l, root, v1, group);
		min = x < min ? x : min;
	}
	if (f)
		fclose(f);
	return min;
}

size_t machine_group_cores(const char *groups, const char *root)
{
	return group_limit(&cores, groups, root);
}

size_t machine_group_memory(const char *groups, const char *root)
{
	return group_limit(&memory, groups, root);
}

double syc_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

unsigned syc_machine_cores(void)
{
	const long online = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = online > 0 ? (size_t)online : 1, most;
#ifdef CPU_COUNT
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0 &&
	    (size_t)CPU_COUNT(&set) < n)
		n = (size_t)CPU_COUNT(&set);
#endif
	most = machine_group_cores(own_groups, all_groups);
	n = most < n ? most : n;
	return n < UINT16_MAX ? (unsigned)n : UINT16_MAX;
}

size_t syc_machine_memory(void)
{
	const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	const size_t most = machine_group_memory(own_groups, all_groups);
	size_t n = SIZE_MAX;

	if (pages > 0 && size > 0 && (size_t)pages < SIZE_MAX / (size_t)size)
		n = (size_t)pages * (size_t)size;
	return most < n ? most : n;
}
