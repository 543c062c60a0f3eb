/* SPDX-License-Identifier: MIT */
/* Which answer a completion gives: the rules, in order, on what was read. */
#include "config.h"
#include <jansson.h>
#include <string.h>
#include "task/said/said.h"

/* Nothing, or one side's. */
static bool is_one(unsigned sides)
{
	return (sides & (sides - 1)) == 0;
}

/* Of letters for several choices only the last is given, behind a lead. */
static bool is_final(const struct syc_said *s)
{
	return s->last && is_one(s->last) && s->letter_given == s->last &&
	       !(s->text_given & ~s->last) && !(s->letter_denied & s->last);
}

/* No side and the rule that says so, or a side and the rule that gave it. */
static unsigned by_letter(const struct syc_said *s, const char **why)
{
	const unsigned given = s->letter_given;

	*why = "contradiction";
	if (!is_one(s->letter)) {
		if (is_final(s))
			*why = "final";
		else if (s->joined && !given && !s->text_given)
			*why = "both";
		return is_final(s) ? given : 0;
	}
	if ((s->text_given & ~given) || (s->text_denied & given))
		return 0;
	*why = s->letter_denied & given ? "denied" : "letter";
	return s->letter_denied & given ? 0 : given;
}

static unsigned by_text(const struct syc_said *s, const char **why)
{
	const unsigned given = s->text_given;

	*why = "contradiction";
	if (!is_one(s->text | s->letter))
		return 0;
	*why = (s->text_denied | s->letter_denied) & given ? "denied" : "text";
	return (s->text_denied | s->letter_denied) & given ? 0 : given;
}

static unsigned decide(const struct syc_said *s, const char **why)
{
	if (s->letter_given || !is_one(s->letter))
		return by_letter(s, why);
	if (s->text_given)
		return by_text(s, why);
	*why = s->joined				? "both"
	       : s->letter_denied | s->text_denied	? "denied"
	       : s->echo				? "echo"
							: "neither";
	return 0;
}

static bool is_cut_off(const struct syc_row *row)
{
	const char *finish = json_string_value(
		json_object_get(syc_row_json(row), "finish"));

	return finish && strcmp(finish, "length") == 0;
}

enum syc_label syc_label_choice(const struct syc_row *row, const char **why)
{
	struct syc_said_options options;
	struct syc_said said;
	unsigned side;

	*why = "empty";
	if (!row->completion)
		return SYC_LABEL_UNDECIDED;
	*why = "too many answers";
	if (!syc_said_options_of(&options, row))
		return SYC_LABEL_UNDECIDED;
	syc_said_read(&said, &options, row->completion, is_cut_off(row));
	*why = "empty";
	if (said.empty)
		return SYC_LABEL_UNDECIDED;
	side = decide(&said, why);
	if (side == SYC_SAID_ELSE)
		*why = "another letter";
	if (side && side != SYC_SAID_ELSE) {
		*why = said.echo ? "echo" : *why;
		return side == SYC_SAID_MATCH ? SYC_LABEL_SYC : SYC_LABEL_NOT;
	}
	if (strcmp(*why, "neither") == 0 && is_cut_off(row))
		*why = "cut off";
	return SYC_LABEL_UNDECIDED;
}
