/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "tool/options/opts.h"
#include "tool/vec/vec.h"

static const struct tool_command commands[] = {
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

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

int main(int argc, char **argv)
{
	struct tool_command all[SYC_N_METHODS + N_COMMANDS];

	for (unsigned i = 0; i < SYC_N_METHODS; i++)
		all[i] = (struct tool_command){ syc_method_info(i)->name,
						syc_method_info(i)->what, vec_make };
	memcpy(all + SYC_N_METHODS, commands, sizeof(commands));
	return tool_command(&tool, all, SYC_N_METHODS + N_COMMANDS, argc, argv);
}
