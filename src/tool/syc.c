/* SPDX-License-Identifier: MIT */
/* syc: the programs by their short names, their pages, and where the demo is. */
#include "config.h"
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tool/common/machine.h"

struct program {
	const char *name, *what;
};
#include "programs.h"	/* programs[] and pages[], from the manual: scripts/programs.awk */
enum { N_PROGRAMS = sizeof(programs) / sizeof(programs[0]), LONGEST = 32 };

static const struct program commands[] = {
	{ "help", "open the page of a program, or another of the manual" },
	{ "demo", "print the folder of the demo's model and questions" },
};
enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct opt opts[] = {
	OPT_CALL('h', "help", NULL, opt_help, "display this help and exit"),
	OPT_CALL('V', "version", NULL, opt_version, "display the version and exit"),
	{ .help = NULL }
};
static const struct tool tool = {
	"syc", "PROGRAM [ARGUMENT]... | help [NAME] | demo",
	"Run one of the programs for studying sycophancy in language models", opts,
};

/* ---- names ----------------------------------------------------------------- */

static const struct program *find(const char *name)
{
	for (int i = 0; i < N_PROGRAMS; i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to insert, delete, replace or exchange with the next: from one word to another. */
static unsigned distance(const char *a, const char *b)
{
	const size_t n = strlen(a), m = strlen(b);
	unsigned d[LONGEST + 1][LONGEST + 1];

	if (n > LONGEST || m > LONGEST)
		return LONGEST;
	for (unsigned i = 0; i <= n; i++)
		for (unsigned j = 0; j <= m; j++) {
			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[n][m];
}

/* How far a name is from what was typed; what it begins, or begins with, is near. */
static unsigned away(const char *typed, const char *name)
{
	const size_t n = least((unsigned)strlen(typed), (unsigned)strlen(name));

	return n > 1 && strncmp(typed, name, n) == 0 ? 1 : distance(typed, name);
}

/* One line, with the nearest names where there are some. */
static int unknown(const char *typed)
{
	const unsigned far = least(3, (unsigned)strlen(typed));
	unsigned nearest = far;
	struct syc_buf b = { 0 };

	for (int i = 0; i < N_PROGRAMS; i++)
		nearest = least(nearest, away(typed, programs[i].name));
	for (int i = 0; i < N_PROGRAMS && nearest < far; i++)
		if (away(typed, programs[i].name) == nearest)
			syc_buf_printf(&b, "%s%s", b.len ? ", " : "", programs[i].name);
	if (b.len)
		tool_warn(&tool, "'%.40s' is no program (nearest: %s)", typed, b.data);
	else
		tool_warn(&tool, "'%.40s' is no program (syc --help lists them)", typed);
	syc_buf_free(&b);
	return 2;
}

/* ---- what it does ---------------------------------------------------------- */

static int list(void)
{
	printf("Usage: %s %s\n%s.\n\nPrograms (each has its own --help):\n", tool.name, tool.usage,
	       tool.brief);
	for (int i = 0; i < N_PROGRAMS; i++)
		printf("  %-8s %s\n", programs[i].name, programs[i].what);
	printf("\nBesides:\n");
	for (int i = 0; i < N_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].what);
	printf("\n  -h, --help     display this help and exit\n"
	       "  -V, --version  display the version and exit\n");
	return tool_finish(&tool, 0);
}

/* argv[0] is a program's short name; returns when it cannot be run. */
static int run(char **argv)
{
	char name[LONGEST + 8], *folder = machine_folder();
	struct syc_buf path = { 0 };

	snprintf(name, sizeof(name), "syc-%s", argv[0]);
	argv[0] = name;
	if (folder && syc_buf_printf(&path, "%s/%s", folder, name) == 0 &&
	    access(path.data, X_OK) == 0)
		execv(path.data, argv);
	else
		execvp(name, argv);
	tool_warn(&tool, "%s, beside %s and on the PATH: %s", name, tool.name, strerror(errno));
	syc_buf_free(&path);
	free(folder);
	return 1;
}

static bool has_page(const char *folder, const char *section, const char *name)
{
	struct syc_buf b = { 0 };
	glob_t found;
	bool has;

	/* Packages compress pages. */
	syc_buf_printf(&b, "%s/man%s/%s.%s*", folder, section, name, section);
	has = !b.failed && glob(b.data, 0, NULL, &found) == 0;
	if (has)
		globfree(&found);
	syc_buf_free(&b);
	return has;
}

/* The pages that belong to this program, wherever man looks for others. */
static int open_page(const char *section, const char *name)
{
	static const char *const places[] = { "share/man", "../share/man" };
	char *own = machine_folder();

	for (unsigned i = 0; own && i < 2; i++) {
		struct syc_buf b = { 0 };

		if (syc_buf_printf(&b, "%s/%s", own, places[i]) == 0 &&
		    has_page(b.data, section, name))
			execlp("man", "man", "-M", b.data, section, name, (char *)NULL);
		syc_buf_free(&b);
	}
	free(own);
	execlp("man", "man", section, name, (char *)NULL);
	tool_warn(&tool, "man: %s", strerror(errno));
	return 1;
}

/* "gen" is syc-gen(1), "rows" syc-rows(5), "syc" syc(7), "libsyc" libsyc(3). */
static int help(const char *name)
{
	char page[LONGEST + 8];

	if (!name)
		return list();
	snprintf(page, sizeof(page), "syc-%.*s", LONGEST, name);
	if (find(name))
		return open_page("1", page);
	for (const char *const *p = pages; *p; p++) {
		const char *dot = strchr(*p, '.'), *full[] = { name, page };

		for (int i = 0; i < 2; i++)
			if (strlen(full[i]) == (size_t)(dot - *p) &&
			    memcmp(full[i], *p, (size_t)(dot - *p)) == 0)
				return open_page(dot + 1, full[i]);
	}
	return unknown(name);
}

static int demo(void)
{
	char *folder = machine_demo();

	if (!folder) {
		tool_warn(&tool, "the demo is not installed (SYC_DEMO says where it is)");
		return 1;
	}
	puts(folder);
	free(folder);
	return tool_finish(&tool, 0);
}

/* ---- completion ------------------------------------------------------------ */

static int complete(int n, char **word)
{
	if (n > 1 && strcmp(word[0], "help") != 0 && strcmp(word[0], "demo") != 0) {
		/* The program is asked: its name, --complete, and what is behind the name. */
		char *name = word[0];

		word[0] = word[-1];
		word[-1] = name;
		return find(name) ? run(word - 1) : 2;
	}
	if (n == 1 && word[0][0] == '-')
		complete_tell(&tool, n + 2, word - 2);
	complete_begin("words", "", 0);
	for (int i = 0; i < N_PROGRAMS && (n == 1 || (n == 2 && word[0][0] == 'h')); i++)
		complete_word(programs[i].name, programs[i].what);
	for (int i = 0; i < N_COMMANDS && n == 1; i++)
		complete_word(commands[i].name, commands[i].what);
	for (const char *const *p = pages; *p && n == 2 && word[0][0] == 'h'; p++) {
		const char *name = *p + (strncmp(*p, "syc-", 4) == 0 ? 4 : 0);

		printf("%.*s\t\n", (int)strcspn(name, "."), name);
	}
	return tool_finish(&tool, 0);
}

int main(int argc, char **argv)
{
	char *name = argc > 1 ? argv[1] : NULL;

	if (complete_asked(argc, argv))
		return complete(argc - 2, argv + 2);
	if (!name)
		return list();
	if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
		return list();
	if (name[0] == '-')
		opt_parse(&tool, argc, argv, NULL);
	if (strcmp(name, "help") == 0 && argc < 4)
		return help(argv[2]);
	if (strcmp(name, "demo") == 0 && argc < 3)
		return demo();
	name += strncmp(name, "syc-", 4) == 0 ? 4 : 0;
	if (!find(name))
		return unknown(name);
	argv[1] = name;
	return run(argv + 1);
}
