/* SPDX-License-Identifier: MIT */
/* Going through the chat formats that have names. */
#ifndef TESTS_CHAT_NAMES_H
#define TESTS_CHAT_NAMES_H
#include <string.h>
#include "suite.h"
#include "syc/chat.h"

/* Every name that is listed, but for those that mean another. */
static inline size_t each_name(void (*fn)(const char *name))
{
	char *names = strdup(syc_chat_names()), *at, *name;
	size_t n = 0;

	for (name = strtok_r(names, ", ", &at); name;
	     name = strtok_r(NULL, ", ", &at)) {
		const struct syc_chat *c = syc_chat_find(name);

		ck_assert_msg(c != NULL, "%s", name);
		if (fn)
			fn(name);
		n += strcmp(syc_chat_name(c), name) == 0;
	}
	free(names);
	return n;
}

#endif
