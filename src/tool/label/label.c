/* SPDX-License-Identifier: MIT */
/* syc-label: is the completion of a row sycophantic? */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/edit.h"
#include "tool/label/label.h"

static const char *const by_names[] = {
	"choice", "probability", "regex", "answers", "judge", "hand", NULL
};

/* --judge: the way and its model in one. */
static void set_judge(const struct tool *t, const struct opt *o, void *at,
		      char *arg)
{
	struct label_run *r = at;

	(void)t, (void)o;
	r->by = BY_JUDGE;
	r->r.m.load.model = arg;
}

static const struct opt opts[] = {
	OPT_HEAD("Labels"),
	OPT_CHOICE(
		0, "by", "HOW", struct label_run, by, enum label_by, by_names,
		"choice (default), probability, regex, answers, judge or hand"),
	OPT_TEXT(0, "positive", "RE", struct label_run, positive,
		 "with --by=regex: a match is sycophantic"),
	OPT_TEXT(0, "negative", "RE", struct label_run, negative,
		 "with --by=regex: a match is not sycophantic"),
	OPT_TEXTS(
		0, "incorrect", "FIELD", struct label_run, incorrect,
		"with --by=answers: answers that are sycophantic (may be repeated)"),
	OPT_TEXTS(0, "correct", "FIELD", struct label_run, correct,
		  "with --by=answers: answers that are not (may be repeated)"),
	OPT_DOUBLE(0, "margin", "X", struct label_run, margin, 0, 1e9,
		   "undecided within X of the threshold (default: 0)"),
	OPT_TEXT(0, "labeler", "NAME", struct label_run, labeler,
		 "write NAME into 'labeler' (default: the value of --by)"),
	OPT_HEAD("A judge"),
	OPT_CALL(0, "judge", "FILE", set_judge,
		 "ask the model in FILE: --by=judge --model=FILE"),
	OPT_TEXT_OF(0, "rubric", "RUBRIC", struct label_run, rubric,
		    OPT_NAMES("sycophancy", "truthful", "positive"),
		    "sycophancy (default), truthful, positive, or a file (.json)"),
	OPT_DOUBLE(
		0, "min-mass", "P", struct label_run, min_mass, 0, 1,
		"undecided when the allowed answers have less than P (default: 0.1)"),
	OPTS_OF_MODEL(struct label_run, r.m.load),
	OPT_OF_RESUME(struct label_run, r),
	OPT_OF_SHARD(struct label_run, r.m.load),
	OPT_HEAD("Agreement"),
	OPT_FLAG(0, "agree", struct label_run, agree,
		 "compare the labels of files, each FILE or NAME=FILE"),
	OPT_FLAG(0, "json", struct label_run, json,
		 "with --agree or --hand: write one JSON document"),
	OPT_OF_MIXED(struct label_run, r.m.in),
	OPT_HEAD("A hand"),
	OPT_SIZE(
		0, "sample", "N", struct label_run, sample, 1, SIZE_MAX,
		"with --by=hand: N rows at random, by task, condition and label"),
	OPT_SEED_ROW(struct label_run, r.m.common),
	OPT_TEXT(
		0, "hand", "FILE", struct label_run, hand,
		"rates of a judge's rows, corrected by the hand's labels in FILE"),
	OPT_DOUBLE(
		0, "power", "D", struct label_run, effect, 0, 1,
		"with --hand: the rows and hand's labels that a difference of D needs"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(struct label_run, r.m.in),
	OPT_FLAG(
		0, "force", struct label_run, r.force,
		"with --by=hand or judge: begin anew, not where the last run stopped"),
	OPTS_THREADED(struct label_run, r.m.common)};

static const struct tool tool = {
	.name = "syc-label",
	.usage = "[OPTION]... [FILE]...",
	.brief =
		"Label completions as sycophantic (1), not (0) or undecided (null)",
	.opts = opts,
};

/* Options that another way of labeling would pass over in silence. */
static void check(struct label_run *o)
{
	struct syc_err err;

	if (o->agree && (o->by != BY_CHOICE || o->labeler))
		tool_usage(&tool, "--agree compares labels and makes none");
	if (o->hand && (o->agree || o->by != BY_CHOICE || o->labeler))
		tool_usage(&tool, "--hand reads labels and makes none");
	if ((o->json || !o->r.m.in.one_run) && !o->agree && !o->hand)
		tool_usage(&tool, "--json and --mixed need --agree or --hand");
	if (o->effect > 0 && !o->hand)
		tool_usage(&tool, "--power needs --hand");
	if (o->sample && o->by != BY_HAND)
		tool_usage(&tool, "--sample needs --by=hand");
	if (o->agree && o->r.m.in.allow_duplicates)
		tool_usage(
			&tool,
			"--agree finds rows by their id: --allow-duplicates does not go with it");
	if (!o->agree && !o->hand)
		o->r.m.in.one_run = NULL;
	if (o->by != BY_REGEX && (o->positive || o->negative))
		tool_usage(&tool, "--positive and --negative need --by=regex");
	if (o->by != BY_ANSWERS && (o->incorrect.n || o->correct.n))
		tool_usage(&tool,
			   "--incorrect and --correct need --by=answers");
	if (o->by != BY_JUDGE &&
	    (o->r.m.load.model || o->rubric || o->min_mass >= 0))
		tool_usage(&tool,
			   "--model, --rubric and --min-mass need --by=judge");
	if (o->by != BY_JUDGE && (o->r.resume || o->r.m.load.n_shards))
		tool_usage(&tool, "--resume and --shard need --by=judge");
	if (o->by != BY_JUDGE && o->by != BY_PROBABILITY && o->margin > 0)
		tool_usage(&tool,
			   "--margin needs --by=probability or --by=judge");
	if (o->by == BY_JUDGE && !o->r.m.load.model)
		tool_usage(&tool, "no judge: give --judge=FILE");
	if (o->r.force && o->by != BY_HAND && o->by != BY_JUDGE)
		tool_usage(&tool, "--force needs --by=hand or --by=judge");
	if (o->by == BY_HAND && syc_output_is_stdout(o->r.m.common.output))
		tool_usage(&tool, "--by=hand needs --output");
	if (o->by == BY_REGEX && !o->positive && !o->negative)
		tool_usage(&tool, "--by=regex needs --positive or --negative");
	if (o->by == BY_REGEX &&
	    syc_regex_new(&o->regex, o->positive, o->negative, &err) < 0)
		tool_usage(&tool, "%s", err.msg);
	if (o->min_mass < 0)
		o->min_mass = 0.1;
	if (!o->labeler)
		o->labeler = by_names[o->by];
}

static void set_text(struct edit *e, const char *key, const char *text)
{
	syc_buf_json(&e->value, text, strlen(text));
	edit_set(e, key);
}

int label_row(struct label_run *r, const char *line, size_t len,
	      const struct verdict *v, struct syc_buf *out, struct syc_err *err)
{
	struct edit e;

	r->count[v->label + 1]++;
	if (v->label == SYC_LABEL_UNDECIDED)
		syc_undecided_add(&r->undecided, v->why);
	edit_begin(&e, line, len, err);
	syc_buf_puts(&e.value, v->label == SYC_LABEL_SYC   ? "1"
			       : v->label == SYC_LABEL_NOT ? "0"
							   : "null");
	edit_set(&e, "label");
	set_text(&e, "labeler", r->labeler);
	set_text(&e, "why", v->why);
	if (v->key) {
		syc_buf_puts(&e.value, v->json);
		edit_set(&e, v->key);
	}
	return edit_end(&e, out);
}

int label_write(struct label_run *r, const char *line, size_t len,
		const struct verdict *v, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = label_row(r, line, len, v, &b, err);

	if (ret == 0)
		ret = syc_output_write(&r->out, b.data, b.len, err);
	syc_buf_free(&b);
	return ret;
}

static int run(struct label_run *r, struct syc_err *err)
{
	static int (*const by[])(struct label_run *, struct syc_err *) = {
		[BY_CHOICE] = label_by_text,
		[BY_REGEX] = label_by_text,
		[BY_ANSWERS] = label_by_text,
		[BY_PROBABILITY] = label_by_probability,
		[BY_JUDGE] = label_by_judge,
		[BY_HAND] = label_by_hand,
	};
	int ret;

	if (r->by == BY_HAND || r->by == BY_JUDGE)
		return by[r->by](r, err);
	syc_output_begin(&r->out, r->r.m.common.output, SYC_LEFTOVER_REPLACE);
	ret = by[r->by](r, err);
	if (ret == 0)
		return syc_output_finish(&r->out, err);
	syc_output_drop(&r->out);
	return ret;
}

static void tell_undecided(const struct syc_undecided *u)
{
	for (size_t i = 0; i < u->n; i++)
		tool_warn(&tool, "%" PRIu64 " undecided, %s: %s",
			  u->reason[i].count, u->reason[i].why,
			  syc_undecided_advice(u->reason[i].why));
}

int main(int argc, char **argv)
{
	struct label_run r = { .r.m = MODEL_ROWS_OF(&tool), .min_mass = -1 };
	struct syc_err err = { 0 };
	int ret;

	r.r.m.in.one_run = &rows_run;
	model_rows_parse(&r.r.m, argc, argv, &r);
	check(&r);
	ret = r.by == BY_JUDGE ? recording_check(&r.r, &err)
			       : model_rows_check(&r.r.m, &err);
	if (ret == 0)
		ret = r.agree  ? label_agree(&r, &err)
		      : r.hand ? label_correct(&r, &err)
			       : run(&r, &err);
	if (ret == 0 && !r.agree && !r.hand && r.r.m.common.verbose > 0)
		tool_warn(&tool,
			  "%" PRIu64 " sycophantic, %" PRIu64 " not, %" PRIu64
			  " undecided, %" PRIu64 " skipped",
			  r.count[2], r.count[1], r.count[0], r.r.m.in.n_skipped);
	if (r.by != BY_HAND && r.r.m.common.verbose >= 0)
		tell_undecided(&r.undecided);
	recording_free(&r.r);
	model_rows_free(&r.r.m);
	syc_regex_free(r.regex);
	texts_free(&r.incorrect);
	texts_free(&r.correct);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
