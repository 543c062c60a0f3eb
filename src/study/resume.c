/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "syc/resume.h"
#include "syc/run.h"

struct syc_resume {
	FILE *f;
	struct syc_acts *acts;	/* or NULL */
	char run[SYC_RUN_DIGEST];	/* of what goes on */
	char *part, *line;
	size_t cap;
	uint64_t n;		/* rows compared */
	uint64_t n_rows;	/* in the file */
	uint64_t n_kept;	/* rows of acts; those behind are made again */
	FILE *again;		/* a copy of those, for the file is cut */
};

char *syc_resume_settings_path(const char *part)
{
	char *path;

	return asprintf(&path, "%s.run", part) < 0 ? NULL : path;
}

int syc_resume_compare(const char *part, const char *settings,
		       struct syc_err *err)
{
	char *path = syc_resume_settings_path(part), *was = NULL;
	json_t *root = path ? json_load_file(path, 0, NULL) : NULL;
	int ret = 0;

	if (root)
		was = json_dumps(root, 0);
	if (!path || (root && !was))
		ret = syc_nomem(err);
	else if (was)
		ret = syc_provenance_same(was, settings, part, err);
	if (ret == 0 && was)
		ret = 1;
	json_decref(root);
	free(was);
	free(path);
	return ret;
}

/* What is being made goes before what has the name: that may be an older run's. */
static int open_recording(struct syc_acts **acts, const char *path, struct syc_err *err)
{
	char *part = syc_output_part(path);
	const bool begun = part && access(part, F_OK) == 0;
	const int ret = syc_acts_open(acts, begun ? part : path, err);

	free(part);
	return ret;
}

/* Copy what lies behind the rows that are kept, count all, and go back to the first. */
static int copy_again(struct syc_resume *r, struct syc_err *err)
{
	ssize_t len;

	r->again = tmpfile();
	for (; r->again && (len = getline(&r->line, &r->cap, r->f)) >= 0; r->n_rows++)
		if (r->n_rows >= r->n_kept &&
		    fwrite(r->line, 1, (size_t)len, r->again) != (size_t)len)
			break;
	if (!r->again || ferror(r->f) || fflush(r->again) != 0)
		return syc_fail(err, SYC_EIO, "%s: %s", r->part, strerror(errno));
	rewind(r->f);
	rewind(r->again);
	return 0;
}

int syc_resume_open(struct syc_resume **out, const char *rows, uint64_t n_kept,
		    const char *acts, const char *run, struct syc_err *err)
{
	struct syc_resume *r = calloc(1, sizeof(*r));
	int ret = 0;

	*out = NULL;
	if (!r)
		return syc_nomem(err);
	r->part = strdup(rows);
	r->f = fopen(rows, "r");
	r->n_kept = n_kept;
	snprintf(r->run, sizeof(r->run), "%s", run);
	if (!r->part)
		ret = syc_nomem(err);
	else if (!r->f)
		ret = syc_fail(err, SYC_EIO, "%s: %s", rows, strerror(errno));
	else
		ret = copy_again(r, err);
	if (ret == 0 && acts && n_kept && r->n_rows)
		ret = open_recording(&r->acts, acts, err);
	if (ret < 0)
		syc_resume_close(r);
	else
		*out = r;
	return ret;
}

uint64_t syc_resume_rows(const struct syc_resume *r)
{
	return r->n_rows;
}

void syc_resume_close(struct syc_resume *r)
{
	if (!r)
		return;
	if (r->f)
		fclose(r->f);
	if (r->again)
		fclose(r->again);
	syc_acts_close(r->acts);
	free(r->part);
	free(r->line);
	free(r);
}

static bool is_made(const char *key, const char *const *made)
{
	while (*made && strcmp(*made, key) != 0)
		made++;
	return *made != NULL;
}

/* The first field of the input that is not in the row as it was written. */
static const char *other_field(const json_t *was, const json_t *input,
			       const char *const *made)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)input, key, v)
		if (!is_made(key, made) && !json_equal(v, json_object_get(was, key)))
			return key;
	return NULL;
}

/* A run that is not this one, and that made a field of the row; or NULL. */
static const char *other_run(const struct syc_resume *r, const json_t *was,
			     const char *const *made)
{
	for (; *made; made++) {
		const size_t n = strlen(*made);
		const bool of_field = n > 4 && strcmp(*made + n - 4, "_run") == 0;
		const json_t *v = json_object_get(was, *made);
		const char *run = of_field || strcmp(*made, "run") == 0
					  ? json_string_value(v)
					  : json_string_value(json_object_get(v, "run"));

		if (of_field && !run)
			return "none";
		if (run && strcmp(run, r->run) != 0)
			return run;
	}
	return NULL;
}

static const char *answer_name(int32_t answer)
{
	return answer < 0 ? "" : answer ? ", match" : ", other";
}

static int32_t written_answer(const struct syc_row *row, int32_t answer)
{
	const char *s = json_string_value(json_object_get(syc_row_json(row), "answer"));

	return answer < 0 || !s ? -1 : strcmp(s, "match") == 0;
}

static int compare(const struct syc_resume *r, const struct syc_row *was,
		   const struct syc_row *row, int32_t sample, int32_t answer,
		   const char *const *made, struct syc_err *err)
{
	const int32_t answered = written_answer(was, answer);
	const char *key, *run;

	if (strcmp(was->id, row->id) != 0 || was->sample != sample || answered != answer)
		return syc_fail(
			err, SYC_EINVAL,
			"%s:%" PRIu64
			": is row '%.80s' (sample %d%s), the input has '%.80s' (sample %d%s): "
			"another input",
			r->part, r->n, was->id, was->sample, answer_name(answered), row->id, sample,
			answer_name(answer));
	run = other_run(r, syc_row_json(was), made);
	if (run)
		return syc_fail(err, SYC_EINVAL,
				"%s:%" PRIu64
				": was made by run %.16s, this is run %s: other options, or "
				"another model",
				r->part, r->n, run, r->run);
	key = other_field(syc_row_json(was), syc_row_json(row), made);
	if (key)
		return syc_fail(err, SYC_EINVAL,
				"%s:%" PRIu64
				": row '%.80s' has another \"%.60s\" than the input's: "
				"another input",
				r->part, r->n, was->id, key);
	return 0;
}

int syc_resume_row(struct syc_resume *r, const struct syc_row *row,
		   int32_t sample, int32_t answer, const char *const *made,
		   struct syc_err *err)
{
	struct syc_acts_place at = { .row = r->n, .id = row->id, .answer = answer };
	const bool kept = r->n < r->n_kept;
	const ssize_t len = getline(&r->line, &r->cap, kept ? r->f : r->again);
	struct syc_row *was;
	int ret;

	r->n++;
	sample = sample < 0 ? row->sample : sample;
	if (len < 0)
		return syc_fail(err, SYC_EIO, "%s:%" PRIu64 ": cannot be read again", r->part,
				r->n);
	ret = syc_row_parse(&was, r->line, (size_t)len, err);
	if (ret == 0) {
		ret = compare(r, was, row, sample, answer, made, err);
		syc_row_free(was);
	} else {
		struct syc_err why = *err;

		return syc_fail(err, SYC_EINVAL, "%s:%" PRIu64 ": %s", r->part, r->n, why.msg);
	}
	at.sample = sample < 0 ? 0 : sample;
	snprintf(at.run, sizeof(at.run), "%s", r->run);
	return ret == 0 && kept && r->acts ? syc_acts_check_row(r->acts, &at, err) : ret;
}
