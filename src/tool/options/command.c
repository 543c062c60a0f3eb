/* SPDX-License-Identifier: MIT */
/* Programs with commands, each with options of its own. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/options/opts.h"

/* Whether arg is this option, as getopt_long() would take it. */
static bool is_option(const char *arg, char key, const char *name)
{
	const size_t n = strlen(arg);

	return (n == 2 && arg[0] == '-' && arg[1] == key) ||
	       (n > 2 && strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, name, n - 2) == 0);
}

static void show_commands(const struct tool *t, const struct tool_command *c, size_t n)
{
	printf("Usage: %s %s\n%s.\n\nCommands (each has its own --help):\n", t->name,
	       t->usage, t->brief);
	for (size_t i = 0; i < n; i++)
		printf("  %-24s %s\n", c[i].name, c[i].help);
	printf("\n  -h, --help               display this help and exit\n"
	       "  -V, --version            display the version and exit\n");
}

/* word is NULL behind what is no command. */
static void complete_command(const struct tool *t, const struct tool_command *c, size_t n,
			     const char *word)
{
	complete_begin("words", "", 0);
	for (size_t i = 0; i < n && word && word[0] != '-'; i++)
		complete_word(c[i].name, c[i].help);
	if (word && word[0] == '-') {
		complete_word("--help", "display this help and exit");
		complete_word("--version", "display the version and exit");
	}
	exit(tool_finish(t, 0));
}

int tool_command(const struct tool *t, const struct tool_command *c, size_t n, int argc,
		 char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		tool_usage(t, "no command");
	for (size_t i = 0; i < n; i++)
		if (tool_begins(c[i].name, &argc, &argv))
			return c[i].run(argc, argv);
	if (complete_asked(argc, argv))
		complete_command(t, c, n, argc > 3 ? NULL : argv[2]);
	if (is_option(name, 'h', "help"))
		show_commands(t, c, n);
	else if (is_option(name, 'V', "version"))
		printf("%s (%s) %s\n", t->name, PACKAGE_NAME, PACKAGE_VERSION);
	else
		tool_usage(t, "'%s' is not a command", name);
	return tool_finish(t, 0);
}
