/* SPDX-License-Identifier: MIT */
/* syc-stance: does the model follow the view that its user states? */
#include "config.h"
#include "tool/stance/stance.h"

static const struct tool_command commands[] = {
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
	"Whether a model follows the view that its user states",
	opts,
};

int main(int argc, char **argv)
{
	return tool_command(&tool, commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
