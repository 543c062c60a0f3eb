/* SPDX-License-Identifier: MIT */
/* Made rows of scores in a file of the process, and plain ways to count what they say. */
#ifndef TESTS_MADE_ROWS_H
#define TESTS_MADE_ROWS_H
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "syc/random.h"
#include "syc/scores.h"

static struct syc_buf made;	/* lines to be read */

/* Add to the rows, as printf() does. */
#define ROW(...) ck_assert_int_eq(syc_buf_printf(&made, __VA_ARGS__), 0)

/* Put the rows into a file and begin to read it; end with made_end(). */
static inline struct syc_rows made_begin(bool keep_going)
{
	static char path[64], *paths[1] = { path };
	FILE *f;

	snprintf(path, sizeof(path), "made-rows-%d.jsonl", (int)getpid());
	f = fopen(path, "w");
	ck_assert(f &&
		  fwrite(made.data ? made.data : "", 1, made.len, f) ==
			  made.len &&
		  fclose(f) == 0);
	made.len = 0;
	return (struct syc_rows){
		.paths = paths, .n_paths = 1, .keep_going = keep_going,
		.allow_duplicates = true };
}

static inline void made_end(struct syc_rows *in)
{
	unlink(in->paths[0]);
	syc_rows_done(in);
}

/* The rows as a table. */
static inline struct syc_scores *made_table(const struct syc_scores_opts *o)
{
	struct syc_rows in = made_begin(false);
	struct syc_err err = { 0 };
	struct syc_scores *s;

	ck_assert_msg(syc_scores_read(&s, &in, o, &err) == 0, "%s", err.msg);
	made_end(&in);
	return s;
}

/* A number as JSON. */
static inline const char *json_of(double x)
{
	static char s[8][40];
	static unsigned at;

	at = (at + 1) % 8;
	snprintf(s[at], sizeof(s[at]), isfinite(x) ? "%.17g" : "null", x);
	return s[at];
}

/* About normal, and never the same twice. */
static inline double noise(uint64_t *state)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (double)(syc_splitmix64(state) >> 11) * 0x1p-53;
	return sum;
}

/* The area by counting pairs, within strata where there are any; NaN without pairs. */
static inline double count_auc(const double *x, const int8_t *label,
			       const uint32_t *stratum, size_t n)
{
	double won = 0, pairs = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			if (label[i] != 1 || label[j] != 0 || !isfinite(x[i]) ||
			    !isfinite(x[j]) ||
			    (stratum && stratum[i] != stratum[j]))
				continue;
			won += x[i] > x[j] ? 1 : x[i] == x[j] ? 0.5 : 0;
			pairs++;
		}
	return pairs > 0 ? won / pairs : NAN;
}

static inline void near(double got, double want)
{
	ck_assert_msg(isnan(want) ? isnan(got)
				  : fabs(got - want) < 1e-9 * (1 + fabs(want)),
		      "%.17g, not %.17g", got, want);
}

/* The call failed so, with this in its text. */
#define FAILS(call, want_code, part) \
	do { \
		struct syc_err err = {0}; \
		const int code = (call); \
		ck_assert_msg(code == (want_code) && strstr(err.msg, part), \
			      "%d: '%s' lacks '%s'", code, err.msg, part); \
	} while (0)

#endif
