/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "rec/acts_file.h"

static const char *const kinds[ACTS_KINDS] = {
	[SYC_SITE_PROMPT]       = "prompt",
	[SYC_SITE_CONTINUATION] = "continuation",
	[SYC_SITE_LETTER]       = "letter",
	[SYC_SITE_MEAN]         = "mean",
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

bool acts_kind_present(unsigned kind, unsigned sites)
{
	if (kind >= ACTS_SAMPLE)
		return true;
	return sites >> (kind < ACTS_ALL ? kind : SYC_SITE_ALL) & 1;
}

size_t acts_chunk_members(unsigned sites)
{
	size_t n = 0;

	for (unsigned k = 0; k < ACTS_KINDS; k++)
		n += acts_kind_present(k, sites);
	return n;
}

size_t acts_item(enum syc_dtype dtype)
{
	return dtype == SYC_DTYPE_F16 ? 2 : 4;
}

const char *syc_site_name(unsigned site)
{
	return site < SYC_N_SITES ? kinds[site] : NULL;
}

int syc_sites_parse(unsigned *mask, const char *list, struct syc_err *err)
{
	const char *s = list;

	*mask = 0;
	for (;;) {
		size_t n = strcspn(s, ",");
		unsigned site = 0;

		while (site < SYC_N_SITES &&
		       (strlen(kinds[site]) != n || memcmp(s, kinds[site], n) != 0))
			site++;
		if (site == SYC_N_SITES)
			return syc_fail(err, SYC_EINVAL,
				"'%.*s' is none of: prompt, continuation, letter, mean, all",
				n < 100 ? (int)n : 100, s);
		*mask |= 1u << site;
		if (!s[n])
			return 0;
		s += n + 1;
	}
}
