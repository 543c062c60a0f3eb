/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "tool/common/opts.h"
#include "tool/vec/vec.h"

static const struct {
	const char *name, *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"combine", "add, average, scale and orthogonalize vectors",
	 vec_combine},
	{"compare", "print the cosines between vectors", vec_compare},
	{"convert", "convert a vector file to another format", vec_convert},
	{"diff", "make the vector of what differs between two models",
	 vec_diff},
	{"forecast", "what pairs say of vectors before these are tried", vec_forecast},
	{"probe", "train a vector on labeled rows, and test it on other claims",
	 vec_probe},
	{"random", "make random vectors with the lengths of another",
	 vec_random},
	{"stability", "how much a vector depends on its pairs and its recipe",
	 vec_stability},
};

static const struct opt opts[] = { { .help = NULL } };
static const struct tool tool = {
	"syc-vec",
	"COMMAND [OPTION]... [FILE]...",
	"Make, compare and convert steering vectors",
	opts,
};

static int help(void)
{
	printf("Usage: %s %s\n%s.\n\nCommands (each has its own --help):\n",
	       tool.name, tool.usage, tool.brief);
	for (unsigned i = 0; i < SYC_N_METHODS; i++)
		printf("  %-24s make %s\n", syc_method_info(i)->name,
		       syc_method_info(i)->what);
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
		printf("%s (%s) %s\n", tool.name, PACKAGE_NAME,
		       PACKAGE_VERSION);
		return tool_finish(&tool, 0);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (syc_method_find(name) < SYC_N_METHODS)
		return vec_make(syc_method_find(name), argc - 1, argv + 1);
	tool_usage(&tool, "'%s' is not a command", name);
}
