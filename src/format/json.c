/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdbool.h>
#include <string.h>
#include "base/err.h"
#include "format/json.h"

/* Bytes of text that each nested value, and each value at all, must have. */
enum { PER_NESTED = 16, PER_VALUE = 4, FEW = 64 };

struct shape {
	unsigned deepest;
	size_t nested, values;
};

/* Behind the string that begins at p, whether or not it is sound. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p + 1 : end;
}

static struct shape measure(const char *p, const char *end)
{
	struct shape s = { 0 };
	unsigned depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[') {
			s.nested++;
			depth++;
			s.deepest = depth > s.deepest ? depth : s.deepest;
		} else if ((*p == '}' || *p == ']') && depth) {
			depth--;
		}
		s.values += *p++ == ',';
	}
	return s;
}

int syc_json_parse(json_t **out, const char *text, size_t n, unsigned depth,
		   const char *path,
		   const char *what, struct syc_err *err)
{
	struct shape s = measure(text, text + n);
	json_error_t why;

	*out = NULL;
	if (s.deepest > depth)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %s is nested %u deep, %u is the most",
				path, what, s.deepest, depth);
	if (s.nested > n / PER_NESTED + FEW || s.values > n / PER_VALUE + FEW)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %s has too many values for its %zu bytes",
				path, what, n);
	*out = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(*out))
		return 0;
	if (!*out)
		return syc_fail(err, SYC_EFORMAT, "%s: %s is not JSON: %s",
				path, what, why.text);
	json_decref(*out);
	*out = NULL;
	return syc_fail(err, SYC_EFORMAT, "%s: %s is not a JSON object", path,
			what);
}
