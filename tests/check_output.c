/* SPDX-License-Identifier: MIT */
/* Files that appear when they are whole, who may write them, and what they are not. */
#include "config.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "suite.h"
#include "syc/output.h"

static char folder[64];

static void enter(void)
{
	snprintf(folder, sizeof(folder), "made-output-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void leave(const char *const *files)
{
	for (; *files; files++)
		unlink(*files);
	ck_assert_int_eq(chdir(".."), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
#define LEAVE(...) leave((const char *const[]){ __VA_ARGS__, NULL })

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void holds(const char *path, const char *text)
{
	char got[64] = "";
	FILE *f = fopen(path, "r");

	ck_assert_msg(f != NULL, "%s", path);
	got[fread(got, 1, sizeof(got) - 1, f)] = 0;
	fclose(f);
	ck_assert_str_eq(got, text);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Nothing is opened before the first write, and the old file stays to the end. */
START_TEST(whole_or_nothing)
{
	struct syc_output o;

	enter();
	write_text("a", "old");
	syc_output_begin(&o, "a", SYC_LEFTOVER_REPLACE);
	ck_assert(!exists("a.part") && !o.f);
	ck_assert_int_eq(syc_output_write(&o, "new", 3, NULL), 0);
	ck_assert_int_eq(syc_output_flush(&o, NULL), 0);
	holds("a", "old");
	holds("a.part", "new");
	ck_assert_int_eq(syc_output_finish(&o, NULL), 0);
	holds("a", "new");
	ck_assert(!exists("a.part"));
	syc_output_begin(&o, "a", SYC_LEFTOVER_REPLACE);
	ck_assert_int_eq(syc_output_write(&o, "lost", 4, NULL), 0);
	syc_output_drop(&o);
	holds("a", "new");
	ck_assert(!exists("a.part"));
	syc_output_begin(&o, "a", SYC_LEFTOVER_REPLACE);
	syc_output_drop(&o);
	holds("a", "new");
	LEAVE("a");
}
END_TEST

/* What a run left behind is refused, gone on with, or written over. */
START_TEST(left_over)
{
	struct syc_output o;
	struct syc_err err;

	enter();
	syc_output_begin(&o, "a", SYC_LEFTOVER_REFUSE);
	ck_assert_int_eq(syc_output_write(&o, "one", 3, NULL), 0);
	syc_output_keep(&o);
	holds("a.part", "one");
	syc_output_begin(&o, "a", SYC_LEFTOVER_REFUSE);
	ck_assert_int_eq(syc_output_open(&o, &err), SYC_EIO);
	ck_assert_msg(strstr(err.msg, "a.part"), "%s", err.msg);
	syc_output_drop(&o);
	holds("a.part", "one");
	ck_assert_int_eq(syc_output_check("a", SYC_LEFTOVER_REFUSE, NULL, &err),
			 SYC_EIO);
	ck_assert_int_eq(syc_output_check("a", SYC_LEFTOVER_TAKE, NULL, NULL),
			 0);
	syc_output_begin(&o, "a", SYC_LEFTOVER_REPLACE);
	ck_assert_int_eq(syc_output_write(&o, "two", 3, NULL), 0);
	ck_assert_int_eq(syc_output_finish(&o, NULL), 0);
	holds("a", "two");
	/* An empty one is nothing. */
	write_text("a.part", "");
	ck_assert_int_eq(syc_output_check("a", SYC_LEFTOVER_REFUSE, NULL, NULL),
			 0);
	LEAVE("a", "a.part");
}
END_TEST

START_TEST(second_writer)
{
	struct syc_output o, p;
	struct syc_err err;

	enter();
	syc_output_begin(&o, "a", SYC_LEFTOVER_REPLACE);
	ck_assert_int_eq(syc_output_open(&o, NULL), 0);
	syc_output_begin(&p, "a", SYC_LEFTOVER_REPLACE);
	ck_assert_int_eq(syc_output_open(&p, &err), SYC_EIO);
	ck_assert_msg(strstr(err.msg, "another program is writing it"), "%s",
		      err.msg);
	ck_assert_int_eq(
		syc_output_check("a", SYC_LEFTOVER_REPLACE, NULL, &err),
		SYC_EIO);
	syc_output_drop(&p);
	ck_assert(exists("a.part"));
	ck_assert_int_eq(syc_output_write(&o, "x", 1, NULL), 0);
	ck_assert_int_eq(syc_output_finish(&o, NULL), 0);
	holds("a", "x");
	LEAVE("a");
}
END_TEST

/* A link is written where it leads, also where that is not there yet. */
START_TEST(links)
{
	struct stat st;
	char *part;

	enter();
	ck_assert_int_eq(symlink("real", "link"), 0);
	part = syc_output_part("link");
	ck_assert_str_eq(part, "real.part");
	free(part);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
			syc_output_all("link", i ? "two" : "one", 3, NULL), 0);
		ck_assert(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
		holds("real", i ? "two" : "one");
	}
	ck_assert_int_eq(symlink("round", "about"), 0);
	ck_assert_int_eq(symlink("about", "round"), 0);
	ck_assert_int_eq(syc_output_all("round", "x", 1, NULL), SYC_EIO);
	LEAVE("link", "real", "about", "round");
}
END_TEST

/* Inputs are known by what they are, not by how they are spelled. */
START_TEST(inputs)
{
	struct syc_inputs in = { 0 };
	struct syc_err err;

	enter();
	write_text("rows", "x");
	ck_assert_int_eq(link("rows", "hard"), 0);
	ck_assert_int_eq(symlink("rows", "soft"), 0);
	ck_assert_int_eq(syc_inputs_add(&in, "rows"), 0);
	ck_assert_int_eq(syc_inputs_add(&in, "nosuch"), 0);
	ck_assert_int_eq(
		syc_output_check("./rows", SYC_LEFTOVER_REPLACE, &in, &err),
		SYC_EINVAL);
	ck_assert_int_eq(
		syc_output_check("hard", SYC_LEFTOVER_REPLACE, &in, NULL),
		SYC_EINVAL);
	ck_assert_int_eq(
		syc_output_check("soft", SYC_LEFTOVER_REPLACE, &in, NULL),
		SYC_EINVAL);
	ck_assert_int_eq(
		syc_output_check("other", SYC_LEFTOVER_REPLACE, &in, NULL), 0);
	ck_assert_int_eq(
		syc_output_check("no/such", SYC_LEFTOVER_REPLACE, &in, NULL),
		SYC_EIO);
	ck_assert(!exists("other") && !exists("other.part"));
	syc_inputs_free(&in);
	ck_assert_int_eq(syc_outputs_differ("a", "b", NULL), 0);
	ck_assert_int_eq(syc_outputs_differ("a", "./a", NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_outputs_differ("rows", "hard", NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_outputs_differ("a", "a.part", NULL), SYC_EINVAL);
	LEAVE("rows", "hard", "soft");
}
END_TEST

static void write_in(const struct syc_output_folder *o, const char *name,
		     const char *text)
{
	char *path = syc_output_folder_file(o, name);

	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(syc_output_all(path, text, strlen(text), NULL), 0);
	free(path);
}

/* It has its name with all its files, or not at all; what has its name stays. */
START_TEST(whole_folders)
{
	struct syc_output_folder o = { 0 };
	struct syc_err err;

	enter();
	syc_output_folder_drop(&o);
	ck_assert_int_eq(syc_output_folder_check("a/", NULL), 0);
	ck_assert_int_eq(syc_output_folder_open(&o, "a//", NULL), 0);
	write_in(&o, "one", "1");
	ck_assert(!exists("a") && exists("a.part/one"));
	ck_assert_int_eq(syc_output_folder_finish(&o, NULL), 0);
	ck_assert(!exists("a.part"));
	holds("a/one", "1");
	ck_assert_int_eq(syc_output_folder_check("./a", &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "./a: is there already");
	ck_assert_int_eq(syc_output_folder_open(&o, "a/", &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "a/: is there already");
	ck_assert_int_eq(syc_output_folder_open(&o, "b", NULL), 0);
	write_in(&o, "one", "2");
	syc_output_folder_drop(&o);
	ck_assert(!exists("b") && !exists("b.part"));
	/* Somebody was faster. */
	ck_assert_int_eq(syc_output_folder_open(&o, "b", NULL), 0);
	ck_assert_int_eq(mkdir("b", 0777), 0);
	ck_assert_int_eq(syc_output_folder_finish(&o, NULL), SYC_EINVAL);
	ck_assert(!exists("b.part") && rmdir("b") == 0);
	ck_assert_int_eq(syc_output_folder_open(&o, "no/such", &err), SYC_EIO);
	ck_assert_int_eq(syc_output_folder_check("no/such", NULL), SYC_EIO);
	ck_assert_int_eq(syc_output_folder_open(&o, "", &err), SYC_EIO);
	ck_assert_int_eq(syc_output_folder_check("", NULL), SYC_EIO);
	ck_assert(unlink("a/one") == 0 && rmdir("a") == 0);
	leave((const char *const[]){ NULL });
}
END_TEST

/* What was left goes, but not what nobody writes; one writer at a time. */
START_TEST(left_over_folders)
{
	struct syc_output_folder o, other;
	struct syc_err err;

	enter();
	ck_assert(mkdir("a.part", 0777) == 0 && mkdir("b.part", 0777) == 0 &&
		  mkdir("b.part/mine", 0777) == 0);
	write_text("a.part/half.part", "x");
	ck_assert_int_eq(symlink("a", "link"), 0);
	ck_assert_int_eq(syc_output_folder_open(&o, "link", NULL), 0);
	ck_assert(!exists("a.part/half.part"));
	ck_assert_int_eq(syc_output_folder_check("a", NULL), SYC_EIO);
	ck_assert_int_eq(syc_output_folder_open(&other, "a", &err), SYC_EIO);
	ck_assert_str_eq(err.msg, "a: another program is writing it");
	ck_assert_int_eq(syc_output_folder_finish(&o, NULL), 0);
	ck_assert(exists("a") && exists("link/."));
	ck_assert_int_eq(syc_output_folder_open(&o, "b", &err), SYC_EIO);
	ck_assert_msg(strstr(err.msg, "b.part/mine"), "%s", err.msg);
	write_text("c.part", "x");
	ck_assert_int_eq(syc_output_folder_check("c", &err), SYC_EIO);
	ck_assert_msg(strstr(err.msg, "c.part"), "%s", err.msg);
	ck_assert_int_eq(syc_output_folder_open(&o, "c", &err), SYC_EIO);
	holds("c.part", "x");
	ck_assert(rmdir("b.part/mine") == 0 && rmdir("b.part") == 0 &&
		  rmdir("a") == 0);
	LEAVE("link", "c.part");
}
END_TEST

START_TEST(standard_output)
{
	ck_assert(syc_output_is_stdout(NULL) && syc_output_is_stdout("-") &&
		  !syc_output_is_stdout("./-"));
	ck_assert_int_eq(syc_output_all("/dev/null", "x", 1, NULL), 0);
	ck_assert_int_eq(syc_output_all("/dev/full", "x", 1, NULL), SYC_EIO);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(whole_or_nothing),
		TEST(left_over),
		TEST(second_writer),
		TEST(links),
		TEST(inputs),
		TEST(whole_folders),
		TEST(left_over_folders),
		TEST(standard_output),
	};

	return RUN_TESTS("output", tests);
}
