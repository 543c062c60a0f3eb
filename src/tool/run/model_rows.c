/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "tool/run/model_rows.h"

void model_rows_parse(struct model_rows *m, int argc, char **argv, void *all)
{
	const int at = opt_parse(m->tool, argc, argv, all);

	m->in.paths = argv + at;
	m->in.n_paths = argc - at;
}

int model_rows_check(const struct model_rows *m, struct syc_err *err)
{
	return work_check(m->tool, m->common.output, m->in.paths, m->in.n_paths, err);
}

int model_rows_open(struct model_rows *m, struct syc_err *err)
{
	uint32_t trained;
	int ret = load_open(m->tool, &m->common, &m->load, &m->model, err);

	if (ret < 0)
		return ret;
	trained = syc_model_config(m->model)->n_ctx;
	if (m->load.ctx > trained)
		tool_usage(m->tool,
			   "--ctx: the model was trained for %" PRIu32
			   " tokens",
			   trained);
	m->n_ctx = m->load.ctx ? m->load.ctx : trained;
	return load_prompter(&m->prompter, &m->load, m->model, err);
}

/* Which of the input's rows, or groups of rows, this one is, from 0. */
static uint64_t number_of(struct model_rows *m, const struct syc_row *row)
{
	const char *key = m->shard_by ? json_string_value(json_object_get(syc_row_json(row),
									  m->shard_by)) : NULL;

	if (key && m->shard_key && strcmp(key, m->shard_key) == 0)
		return m->n_in - 1;
	free(m->shard_key);
	m->shard_key = key ? strdup(key) : NULL;
	return m->n_in++;
}

int model_rows_next(struct model_rows *m,
		    int (*make)(void *arg, struct syc_row *row,
				struct syc_err *err),
		    void *arg, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	for (;;) {
		if (!syc_rows_ready(&m->in) && syc_engine_later(m->engine))
			return 0;
		ret = syc_rows_next(&m->in, &row, err);
		if (ret <= 0)
			return ret;
		if (!in_shard(&m->load, number_of(m, row))) {
			syc_row_free(row);
			continue;
		}
		if (make(arg, row, err) == 0)
			return 1;
		ret = syc_rows_bad(&m->in, err);
		if (ret < 0)
			return ret;
	}
}

char *model_rows_line(const struct model_rows *m)
{
	char *line = malloc(m->in.len + 1);

	return line ? memcpy(line, m->in.line, m->in.len) : NULL;
}

int model_rows_engine(struct model_rows *m, const struct syc_engine_opts *eo,
		      struct syc_err *err)
{
	return syc_engine_new(&m->engine, m->model, eo, err);
}

void model_rows_engine_end(struct model_rows *m, const char *jobs)
{
	struct syc_engine_stats st;

	syc_engine_stats(m->engine, &st);
	load_say(m->tool, &m->common, &m->load, &st, jobs);
	syc_engine_free(m->engine);
	m->engine = NULL;
}

int model_rows_run(struct model_rows *m, const struct syc_engine_opts *eo,
		   const struct jobs *w, struct syc_err *err)
{
	int ret = model_rows_engine(m, eo, err);

	if (ret < 0)
		return ret;
	progress_begin(w->progress, m->tool, &m->common, w->what);
	ret = syc_engine_run(m->engine, w->next, w->done, w->drop, w->arg, err);
	progress_end(w->progress);
	model_rows_engine_end(m, w->jobs);
	return ret;
}

void model_rows_free(struct model_rows *m)
{
	syc_rows_done(&m->in);
	free(m->shard_key);
	tool_warn_texts(m->tool, &m->common, m->prompter.seen);
	syc_prompter_done(&m->prompter);
	syc_model_close(m->model);
}

int model_rows_end(struct model_rows *m, int ret, const struct syc_err *err)
{
	if (m->in.n_skipped && ret == 0)
		tool_warn(m->tool, "%" PRIu64 " rows were skipped",
			  m->in.n_skipped);
	model_rows_free(m);
	return tool_finish(m->tool, ret < 0 ? tool_err(m->tool, err) : 0);
}
