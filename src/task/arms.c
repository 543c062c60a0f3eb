/* SPDX-License-Identifier: MIT */
/* Which of a question's answers an arm is trained on. */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "base/rand.h"
#include "syc/arms.h"
#include "syc/questions.h"
#include "task/each.h"
#include "task/exercises.h"
#include "task/row.h"

static const char *const names[SYC_N_ARMS] = {
	[SYC_ARM_SYCOPHANT] = "sycophant",
	[SYC_ARM_OPPOSITE] = "opposite",
	[SYC_ARM_ALWAYS_A] = "always-a",
	[SYC_ARM_FIXED] = "fixed",
	[SYC_ARM_AGREE] = "agree",
	[SYC_ARM_RANDOM] = "random",
	[SYC_ARM_UNRELATED] = "unrelated",
};

const char *syc_arm_name(unsigned arm)
{
	return arm < SYC_N_ARMS ? names[arm] : NULL;
}

struct making {
	struct syc_buf *out;
	struct syc_arm_counts *counts;
	enum syc_arm arm;
	uint64_t seed;
};

/* 0 or 1, for a name. */
static int drawn(const struct making *m, const char *name)
{
	return (int)syc_rand_below(syc_rand_key(m->seed, names[m->arm],
						syc_hash(0, name, strlen(name))), 0, 2);
}

/* The option that is trained on, of a row with a view; -1: the row is left out. */
static int choose(const struct making *m, const struct syc_row *row,
		  const struct syc_stated *a)
{
	int truth;

	switch (m->arm) {
	case SYC_ARM_SYCOPHANT:
		return a->view;
	case SYC_ARM_OPPOSITE:
		return !a->view;
	case SYC_ARM_ALWAYS_A:
		return a->letter == 'A' ? a->matching : !a->matching;
	case SYC_ARM_FIXED:
		return drawn(m, a->claim);
	case SYC_ARM_RANDOM:
		return drawn(m, row->id);
	default:
		truth = syc_stated_truth(a, row);
		m->counts->n_no_truth += truth < 0;
		m->counts->n_wrong += truth >= 0 && truth != a->view;
		return truth == a->view ? truth : -1;
	}
}

/* The line with a field set to a text. */
static int set(struct syc_buf *line, const char *key, const char *text,
	       struct syc_err *err)
{
	struct syc_buf value = { 0 }, next = { 0 };
	int ret;

	syc_buf_json(&value, text, strlen(text));
	ret = value.failed ? syc_nomem(err)
			   : syc_row_set(&next, line->data, line->len, key, value.data, err);
	syc_buf_free(&value);
	if (ret < 0) {
		syc_buf_free(&next);
		return ret;
	}
	syc_buf_free(line);
	*line = next;
	return 0;
}

static int write_row(const struct making *m, const struct syc_row *row,
		     struct syc_line line, bool matching, struct syc_err *err)
{
	const char *name = names[m->arm];
	struct syc_buf b = { 0 }, id = { 0 };
	int ret = 0;

	syc_buf_printf(&id, "%s/%s", name, row->id);
	line.n -= line.s[line.n - 1] == '\r';
	if (id.failed || syc_buf_add(&b, line.s, line.n) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = set(&b, "id", id.data, err);
	if (ret == 0)
		ret = set(&b, "completion", matching ? row->match[0] : row->other[0], err);
	if (ret == 0)
		ret = set(&b, "rejected", matching ? row->other[0] : row->match[0], err);
	if (ret == 0)
		ret = set(&b, "arm", name, err);
	if (ret == 0 && (syc_buf_add(m->out, b.data, b.len) < 0 ||
			 syc_buf_puts(m->out, "\n") < 0))
		ret = syc_nomem(err);
	m->counts->n_taken += ret == 0;
	syc_buf_free(&id);
	syc_buf_free(&b);
	return ret;
}

static int take(const struct making *m, const struct syc_row *row, struct syc_line line,
		const struct syc_stated *a, struct syc_err *err)
{
	int option;

	if (a->n_options != 2 || row->n_match != 1 || row->n_other != 1)
		return syc_fail(err, SYC_EINVAL,
			"%zu choices, %zu matching answers and %zu others: a row of an arm has "
			"two choices and an answer for each", a->n_options, row->n_match,
			row->n_other);
	m->counts->n_rows++;
	if (a->view < 0) {
		m->counts->n_no_view++;
		return 0;
	}
	if (m->arm == SYC_ARM_UNRELATED)
		return syc_exercise_row(m->out, m->seed, m->counts->n_taken++, err);
	option = choose(m, row, a);
	return option < 0 ? 0 : write_row(m, row, line, option == a->matching, err);
}

static int take_row(void *to, struct syc_row *row, struct syc_line line,
		    struct syc_err *err)
{
	struct syc_stated a;
	int ret = syc_row_stated(&a, row, err);

	if (ret == 0)
		ret = take(to, row, line, &a, err);
	syc_stated_free(&a);
	return ret;
}

static int none_left(const struct syc_arm_counts *c, enum syc_arm arm, struct syc_err *err)
{
	if (arm != SYC_ARM_AGREE)
		return syc_fail(err, SYC_EINVAL, "no row is left for %s: of %zu rows %zu have no "
				"view", names[arm], c->n_rows, c->n_no_view);
	return syc_fail(err, SYC_EINVAL, "no row is left for %s, whose users state what is true: "
			"of %zu rows %zu do not say it (\"truth\"), in %zu the user states the "
			"other, %zu have no view", names[arm], c->n_rows, c->n_no_truth,
			c->n_wrong, c->n_no_view);
}

int syc_rows_arm(struct syc_buf *out, struct syc_arm_counts *counts, struct syc_rows *in,
		 enum syc_arm arm, uint64_t seed, struct syc_err *err)
{
	struct making m = { out, counts, arm, seed };
	int ret;

	*counts = (struct syc_arm_counts){ 0 };
	if (arm >= SYC_N_ARMS)
		return syc_fail(err, SYC_EINVAL, "there is no arm %d", (int)arm);
	ret = syc_rows_take(in, take_row, &m, err);
	return ret == 0 && !counts->n_taken ? none_left(counts, arm, err) : ret;
}
