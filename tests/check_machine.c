/* SPDX-License-Identifier: MIT */
/* Limits of control groups, from folders that are made here. */
#include "config.h"
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/machine.h"
#include "base/par.h"
#include "suite.h"

static char root[64];

static void begin(void)
{
	snprintf(root, sizeof(root), "machine-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}

/* A file below the root, with the folders that it needs. */
static void put(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *s = strchr(path + strlen(root) + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = 0;
		mkdir(path, 0777);
		*s = '/';
	}
	f = fopen(path, "w");
	ck_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static size_t cores(void)
{
	char groups[128];

	snprintf(groups, sizeof(groups), "%s/groups", root);
	return machine_group_cores(groups, root);
}

static size_t memory(void)
{
	char groups[128];

	snprintf(groups, sizeof(groups), "%s/groups", root);
	return machine_group_memory(groups, root);
}

/* Version 2: one tree; the least of a group and those above it holds. */
START_TEST(unified)
{
	begin();
	put("groups", "0::/a/b\n");
	ck_assert_uint_eq(cores(), SIZE_MAX);
	put("a/b/cpu.max", "250000 100000\n");
	put("a/cpu.max", "max 100000\n");
	put("a/b/memory.max", "max\n");
	put("a/memory.max", "3000000000\n");
	ck_assert_uint_eq(cores(), 3);
	ck_assert_uint_eq(memory(), 3000000000);
	put("a/cpu.max", "100000 100000\n");
	put("memory.max", "2000\n");
	ck_assert_uint_eq(cores(), 1);
	ck_assert_uint_eq(memory(), 2000);
	end();
}
END_TEST

/* Version 1: a tree for each controller. */
START_TEST(by_controller)
{
	begin();
	put("groups", "9:name=systemd:/\n4:memory:/x\n1:cpu,cpuacct:/y\n0::/\n");
	put("cpu/y/cpu.cfs_quota_us", "-1\n");
	put("cpu/y/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(cores(), SIZE_MAX);
	put("cpu/y/cpu.cfs_quota_us", "150000\n");
	put("memory/x/memory.limit_in_bytes", "9223372036854771712\n");
	put("memory/memory.limit_in_bytes", "5000\n");
	ck_assert_uint_eq(cores(), 2);
	ck_assert_uint_eq(memory(), 5000);
	end();
}
END_TEST

START_TEST(nonsense)
{
	static const char *const groups[] = { "", "0\n", "0:\n", "0::\n", "x::/a\n", "::::\n" };
	static const char *const limits[] = { "", "max", "0 0\n", "1\n", "-5 100\n", "a b\n",
					      "99999999999999999999999 1\n" };

	begin();
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		put("groups", groups[i]);
		ck_assert_uint_eq(cores(), SIZE_MAX);
	}
	put("groups", "0::/a\n");
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		put("a/cpu.max", limits[i]);
		ck_assert_uint_eq(cores(), SIZE_MAX);
	}
	put("a/cpu.max", "0 100000\n");
	ck_assert_uint_eq(cores(), 1);
	ck_assert_uint_eq(machine_group_cores("there/is/none", root), SIZE_MAX);
	end();
}
END_TEST

START_TEST(this_machine)
{
	struct syc_par *p;

	ck_assert_uint_ge(syc_machine_cores(), 1);
	ck_assert_uint_gt(syc_machine_memory(), 1 << 20);
	ck_assert_int_eq(syc_par_new(&p, 0, NULL), 0);
	ck_assert_uint_eq(syc_par_threads(p), syc_machine_cores());
	syc_par_free(p);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		TEST(unified), TEST(by_controller), TEST(nonsense), TEST(this_machine),
	};

	return RUN_TESTS("machine", tests);
}
