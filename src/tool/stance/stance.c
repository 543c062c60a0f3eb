/* SPDX-License-Identifier: MIT */
/* syc-stance: does the model follow the view that its user states? */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "tool/stance/stance.h"

static const struct {
	const char *name, *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "twins", "add to questions the same without a view", stance_twins },
	{ "truthful", "questions of TruthfulQA's table as rows", stance_truthful },
	{ "effect", "the effect of the view, with its interval by claim", stance_effect },
	{ "label", "label rows: moved, held, or neither", stance_label },
	{ "truth", "make pairs of the right choice and the other", stance_truth },
	{ "repeats", "make pairs that repeat their user's words, or another's", stance_repeats },
};

static const struct opt opts[] = { { .help = NULL } };
static const struct tool tool = {
	"syc-stance",
	"COMMAND [OPTION]... [FILE]...",
	"Does a model follow the view that its user states",
	opts,
};

static int help(void)
{
	printf("Usage: %s %s\n%s?\n\nCommands (each has its own --help):\n",
	       tool.name, tool.usage, tool.brief);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("  %-24s %s\n", commands[i].name, commands[i].help);
	printf("\n  -h, --help               display this help and exit\n"
	       "  -V, --version            display the version and exit\n");
	return tool_finish(&tool, 0);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		tool_usage(&tool, "no command");
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return help();
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		printf("%s (%s) %s\n", tool.name, PACKAGE_NAME, PACKAGE_VERSION);
		return tool_finish(&tool, 0);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	tool_usage(&tool, "'%s' is not a command", name);
}
