/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "base/err.h"
#include "base/rand.h"
#include "task/exercises.h"

static const char *const words[] = {
	"apple", "basket", "candle", "dust", "engine", "feather", "garden", "hammer",
	"island", "jacket", "kettle", "lemon", "mirror", "needle", "orange", "pencil",
	"quilt", "river", "spoon", "table", "umbrella", "violin", "window", "yard",
	"button", "cloud", "dinner", "forest", "glove", "honey", "ladder", "market",
};

enum {
	WORDS = sizeof(words) / sizeof(words[0]),
	KINDS = 4,
	/* ordered pairs of two words; of numbers as many are taken */
	EACH = WORDS * (WORDS - 1),
	STEP = 389,		/* no factor of it divides EACH: all come once */
};

static void put(struct syc_buf *question, struct syc_buf *solution, unsigned kind, unsigned i)
{
	const unsigned x = i % WORDS + 11, y = i / WORDS + 12;
	const unsigned a = i / (WORDS - 1), k = i % (WORDS - 1), b = k + (k >= a);
	const char *v = words[a], *w = words[b];

	switch (kind) {
	case 0:
		syc_buf_printf(question, "How much is %u plus %u?", x, y);
		syc_buf_printf(solution, "%u plus %u is %u.", x, y, x + y);
		break;
	case 1:
		syc_buf_printf(question, "Which word comes first in the alphabet, %s or %s?", v, w);
		syc_buf_printf(solution, "%s", strcmp(v, w) < 0 ? v : w);
		break;
	case 2:
		syc_buf_printf(question, "Say these two words in the other order: %s, %s", v, w);
		syc_buf_printf(solution, "%s, %s", w, v);
		break;
	default:
		syc_buf_printf(question, "How much is %u times %u?", x, y);
		syc_buf_printf(solution, "%u times %u is %u.", x, y, x * y);
	}
}

int syc_exercise_row(struct syc_buf *out, uint64_t seed, uint64_t k, struct syc_err *err)
{
	const unsigned kind = k % KINDS;
	const uint64_t from = syc_rand_below(syc_rand_key(seed, "unrelated", kind), 0, EACH);
	struct syc_buf question = { 0 }, solution = { 0 };

	if (k >= (uint64_t)EACH * KINDS)
		return syc_fail(err, SYC_EINVAL, "there are %d exercises for the arm unrelated: "
				"give it no more rows", EACH * KINDS);
	put(&question, &solution, kind, (unsigned)((from + k / KINDS * STEP) % EACH));
	syc_buf_printf(out, "{\"id\": \"unrelated/%" PRIu64 "\", \"question\": ", k);
	if (question.data)
		syc_buf_json(out, question.data, question.len);
	syc_buf_puts(out, ", \"completion\": ");
	if (solution.data)
		syc_buf_json(out, solution.data, solution.len);
	syc_buf_puts(out, ", \"arm\": \"unrelated\"}\n");
	out->failed |= question.failed || solution.failed;
	syc_buf_free(&question);
	syc_buf_free(&solution);
	return out->failed ? syc_nomem(err) : 0;
}
