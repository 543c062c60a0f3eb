/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "rec/acts_file.h"

static const char *const kinds[ACTS_KINDS] = {
	[SYC_POSITION_PROMPT]   = "prompt",
	[SYC_POSITION_LAST]     = "last",
	[SYC_POSITION_LETTER]   = "letter",
	[SYC_POSITION_MEAN]     = "mean",
	[ACTS_ALL]              = "all",
	[ACTS_ALL_OFFSET]       = "all_offset",
	[ACTS_ALL_TOKEN]        = "all_token",
	[ACTS_SAMPLE]           = "sample",
	[ACTS_ANSWER]           = "answer",
	[ACTS_ID]               = "id",
};

const char *acts_kind_name(unsigned kind)
{
	return kinds[kind];
}

unsigned acts_kind_find(const char *name, size_t n)
{
	static const char old_last[] = "continuation";
	unsigned k = 0;

	if (n == sizeof(old_last) - 1 && memcmp(name, old_last, n) == 0)
		return SYC_POSITION_LAST;
	while (k < ACTS_KINDS &&
	       (strlen(kinds[k]) != n || memcmp(name, kinds[k], n) != 0))
		k++;
	return k;
}

bool acts_kind_present(unsigned kind, unsigned positions)
{
	if (kind >= ACTS_SAMPLE)
		return true;
	return positions >> (kind < ACTS_ALL ? kind : SYC_POSITION_ALL) & 1;
}

size_t acts_chunk_members(unsigned positions)
{
	size_t n = 0;

	for (unsigned k = 0; k < ACTS_KINDS; k++)
		n += acts_kind_present(k, positions);
	return n;
}

size_t acts_item(enum syc_dtype dtype)
{
	return dtype == SYC_DTYPE_F16 ? 2 : 4;
}

const char *syc_position_name(unsigned position)
{
	return position < SYC_N_POSITIONS ? kinds[position] : NULL;
}

int syc_positions_parse(unsigned *mask, const char *list, struct syc_err *err)
{
	const char *s = list;

	*mask = 0;
	for (;;) {
		size_t n = strcspn(s, ",");
		unsigned position = 0;

		while (position < SYC_N_POSITIONS &&
		       (strlen(kinds[position]) != n ||
			memcmp(s, kinds[position], n) != 0))
			position++;
		if (position == SYC_N_POSITIONS)
			return syc_fail(err, SYC_EINVAL,
				"'%.*s' is none of: prompt, last, letter, mean, all",
				n < 100 ? (int)n : 100, s);
		*mask |= 1u << position;
		if (!s[n])
			return 0;
		s += n + 1;
	}
}
