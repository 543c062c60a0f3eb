/* SPDX-License-Identifier: MIT */
/*
 * The mean difference of activations over contrast pairs (Rimsky et al. 2023,
 * "contrastive activation addition").
 */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "syc/vector.h"
#include "tool/fail.h"
#include "tool/progress.h"
#include "tool/rec_row.h"
#include "tool/vec.h"

enum { KEY_READ = SYC_KEY_TOOL, KEY_BALANCE, KEY_NAME, KEY_KEEP_GOING, MAX_GROUPS = 8, MAX_TEXT = 32 };

static const struct syc_opt opts[] = {
	{ 0, NULL, NULL, "Vector" },
	{ KEY_READ, "read", "WHERE", "read at the last token (default) or the answer's letter" },
	{ KEY_BALANCE, "balance", NULL, "give every matching letter the same weight" },
	{ KEY_NAME, "name", "TEXT", "the vector's name (default: the file's)" },
	{ KEY_KEEP_GOING, "keep-going", NULL, "report and skip rows that cannot be used" },
	{ 0, NULL, NULL, "Model" },
	SYC_OPTS_LOAD,
	SYC_OPTS_MODEL
};

static const struct syc_tool tool = {
	"syc-vec mean", "-m MODEL -o FILE [OPTION]... [FILE]...",
	"Make the mean-difference vector of contrast pairs", opts,
};

/* Sums of one matching letter's pairs. */
struct group {
	char text[MAX_TEXT];
	uint64_t n;
	double *sum;		/* [n_layers][dim] match minus other */
};

struct mean {
	struct syc_common common;
	struct syc_load load;
	struct syc_rec_rules rules;
	struct syc_rows_in in;
	struct syc_model *model;
	struct syc_prompter prompter;
	struct syc_recorder *recorder;
	struct syc_progress progress;
	const char *name;
	bool letter, balance;
	size_t n_layers, dim;
	struct group group[MAX_GROUPS];
	size_t n_groups;
	double *both;			/* [n_layers][dim] match plus other */
	struct syc_rec_item *second;	/* of a pair, still to be handed out */
	struct syc_rec_item *first;	/* of a pair, waiting for the other */
	uint64_t n_pairs;
	uint32_t checksum;		/* of the rows used */
};

static void parse_options(struct mean *m, int argc, char **argv)
{
	static const char *const reads[] = { "last", "letter" };
	int key;

	while ((key = syc_opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_READ: m->letter = syc_opt_enum(&tool, "read", optarg, reads, 2) == 1; break;
		case KEY_BALANCE: m->balance = true; break;
		case KEY_NAME: m->name = optarg; break;
		case KEY_KEEP_GOING: m->in.keep_going = true; break;
		default:
			if (!syc_load_opt(&tool, &m->load, key, optarg))
				syc_opt_common(&tool, &m->common, key, optarg);
		}
	}
	if (!m->load.model)
		syc_usage(&tool, "no model: give --model=PATH");
	if (!m->common.output)
		syc_usage(&tool, "nowhere to write the vector: give --output=FILE");
	m->rules.answers = true;
	m->rules.sites = m->letter ? 1u << SYC_SITE_LETTER :
		1u << SYC_SITE_CONTINUATION | 1u << SYC_SITE_PROMPT;
}

static int make_items(struct mean *m, struct syc_row *row, struct syc_rec_item **two, struct syc_err *err)
{
	struct syc_rec_rules rules = m->rules;
	size_t n;

	/* Only what is read need be computed for each answer. */
	rules.sites = 1u << (m->letter ? SYC_SITE_LETTER : SYC_SITE_CONTINUATION);
	if (!row->has_pair)
		return syc_rec_items(two, &n, &rules, &m->prompter, "", 0, row, err);
	if (m->letter) {
		syc_row_free(row);
		return fail(err, SYC_EINVAL, "a pair of prompts has no answer letter (use --read last)");
	}
	return syc_rec_prompt_items(two, &m->rules, &m->prompter, row, err);
}

/* The two must differ; letters that the two answers never reach cannot be read. */
static int check_pair(const struct mean *m, struct syc_rec_item **two, struct syc_err *err)
{
	const struct syc_ids *a = &two[0]->ids, *b = &two[1]->ids;
	bool same = a->n == b->n && memcmp(a->id, b->id, a->n * sizeof(*a->id)) == 0;

	if (!same && (!m->letter || (two[0]->at.letter != SYC_NOWHERE && two[1]->at.letter != SYC_NOWHERE)))
		return 0;
	syc_rec_item_free(two[0]);
	syc_rec_item_free(two[1]);
	return fail(err, SYC_EINVAL, same ? "the two of the pair do not differ" :
		    "the two answers do not differ in a token");
}

static int next_item(struct mean *m, struct syc_rec_item **it, struct syc_err *err)
{
	struct syc_rec_item *two[2];
	struct syc_row *row;
	int ret;

	*it = m->second;
	m->second = NULL;
	if (*it)
		return 0;
	while ((ret = syc_rows_next(&m->in, &row, err)) == 1) {
		ret = make_items(m, row, two, err);
		if (ret == 0)
			ret = check_pair(m, two, err);
		if (ret == 0) {
			m->checksum = (uint32_t)crc32_z(m->checksum, (const unsigned char *)m->in.line, m->in.len);
			*it = two[0];
			m->second = two[1];
			return 0;
		}
		ret = syc_rows_bad(&m->in, err);
		if (ret < 0)
			return ret;
	}
	return ret;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct mean *m = arg;
	struct syc_rec_item *it;
	int ret = next_item(m, &it, err);

	*job = NULL;
	if (ret < 0 || !it)
		return ret;
	it->job.rec = syc_take_new(m->recorder);
	if (!it->job.rec || syc_take_begin(it->job.rec, &it->at) < 0) {
		syc_rec_item_free(it);
		return fail_nomem(err);
	}
	*job = &it->job;
	return 0;
}

/* The group of a pair's matching letter; the last one takes what is left. */
static struct group *find_group(struct mean *m, const struct syc_row *row)
{
	const char *text = !row->has_pair && row->n_match ? row->match[0] : "";
	size_t i = 0;

	while (i < m->n_groups && strncmp(m->group[i].text, text, MAX_TEXT - 1) != 0)
		i++;
	if (i == MAX_GROUPS)
		return &m->group[MAX_GROUPS - 1];
	if (i == m->n_groups) {
		m->group[i].sum = calloc(m->n_layers * m->dim, sizeof(double));
		if (!m->group[i].sum)
			return NULL;
		snprintf(m->group[i].text, MAX_TEXT, "%s", text);
		m->n_groups++;
	}
	return &m->group[i];
}

static const float *read_site(const struct mean *m, const struct syc_rec_item *it)
{
	enum syc_site site = m->letter ? SYC_SITE_LETTER :
		it->at.end != SYC_NOWHERE ? SYC_SITE_CONTINUATION : SYC_SITE_PROMPT;

	return syc_take_site(it->job.rec, site);
}

static int add_pair(struct mean *m, const struct syc_rec_item *match, const struct syc_rec_item *other,
		    struct syc_err *err)
{
	const float *a = read_site(m, match), *b = read_site(m, other);
	struct group *g = find_group(m, match->row);

	if (!g)
		return fail_nomem(err);
	if (!a || !b)
		return fail(err, SYC_EINVAL, "row '%s': an answer has no tokens", match->row->id);
	for (size_t i = 0; i < m->n_layers * m->dim; i++)
		g->sum[i] += (double)a[i] - (double)b[i];
	for (size_t i = 0; i < m->n_layers * m->dim; i++)
		m->both[i] += (double)a[i] + (double)b[i];
	g->n++;
	m->n_pairs++;
	return 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct mean *m = arg;
	int ret;

	if (!m->first) {
		m->first = job->user;
		return 0;
	}
	ret = add_pair(m, m->first, job->user, err);
	syc_rec_item_free(m->first);
	syc_rec_item_free(job->user);
	m->first = NULL;
	syc_progress_show(&m->progress, m->n_pairs, syc_rows_share(&m->in));
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	syc_rec_item_free(job->user);
}

static int run(struct mean *m, struct syc_err *err)
{
	struct syc_engine_opts eo = syc_load_engine(&m->common, &m->load);
	struct syc_recorder_opts ro = { .n_layers = m->n_layers, .sites = m->rules.sites };
	uint32_t *layers = calloc(m->n_layers, sizeof(*layers));
	struct syc_engine *e = NULL;
	struct syc_hook hook;
	int ret;

	m->both = calloc(m->n_layers * m->dim, sizeof(*m->both));
	if (!layers || !m->both)
		return fail_nomem(err);
	for (uint32_t l = 0; l < m->n_layers; l++)
		layers[l] = l;
	ro.layers = layers;
	ret = syc_recorder_new(&m->recorder, m->model, &ro, err);
	free(layers);
	if (ret < 0)
		return ret;
	hook = syc_recorder_hook(m->recorder);
	eo.hooks = &hook;
	eo.n_hooks = 1;
	ret = syc_engine_new(&e, m->model, &eo, err);
	syc_progress_begin(&m->progress, &tool, &m->common, "pairs");
	if (ret == 0)
		ret = syc_engine_run(e, next_job, job_done, job_dropped, m, err);
	syc_progress_end(&m->progress);
	syc_engine_free(e);
	if (ret == 0 && !m->n_pairs)
		return fail(err, SYC_EINVAL, "there are no pairs");
	return ret;
}

/* A vector from (A)-answers alone also holds what is special about "(A)". */
static void warn_unbalanced(const struct mean *m)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (size_t g = 0; g < m->n_groups; g++) {
		least = m->group[g].n < least ? m->group[g].n : least;
		most = m->group[g].n > most ? m->group[g].n : most;
	}
	if (!m->group[0].text[0])
		return;
	if (m->n_groups == 1)
		syc_warn(&tool, "warning: the matching answer is always '%s': the vector holds that answer's own direction, too",
			 m->group[0].text);
	else if (!m->balance && most * 10 > least * 11)
		syc_warn(&tool, "warning: the matching letter is unbalanced (%" PRIu64 " to %" PRIu64 " pairs); --balance weights it out",
			 most, least);
}

/* The mean over all pairs, or over the means of the letters. */
static void fill_vector(const struct mean *m, struct syc_vector *v)
{
	for (size_t l = 0; l < m->n_layers; l++) {
		double norm = 0, along = 0;

		for (size_t i = l * m->dim; i < (l + 1) * m->dim; i++) {
			double sum = 0;

			for (size_t g = 0; g < m->n_groups; g++)
				sum += m->balance ? m->group[g].sum[i] / (double)m->group[g].n : m->group[g].sum[i];
			sum /= m->balance ? (double)m->n_groups : (double)m->n_pairs;
			v->v[i] = (float)sum;
			norm += sum * sum;
		}
		v->has[l] = 1;
		v->norm[l] = (float)sqrt(norm);
		for (size_t i = l * m->dim; i < (l + 1) * m->dim; i++)
			along += m->both[i] / 2 / (double)m->n_pairs * (double)v->v[i];
		v->centre[l] = norm > 0 ? (float)(along / sqrt(norm)) : NAN;
	}
}

static int describe(struct mean *m, struct syc_vector *v)
{
	const char *base = strrchr(m->common.output, '/');
	char *name = strdup(m->name ? m->name : base ? base + 1 : m->common.output);
	struct syc_buf b = { 0 };
	int bad = syc_buf_puts(&b, "{");

	if (!m->name && name && strrchr(name, '.') > name)
		*strrchr(name, '.') = 0;
	bad |= syc_load_describe(&tool, &m->load, m->prompter.chat, m->model, &b);
	bad |= syc_buf_printf(&b, ", \"data\": \"crc32:%08" PRIx32 "\", \"read\": \"%s\", \"balance\": %s}",
			      m->checksum, m->letter ? "letter" : "last", m->balance ? "true" : "false");
	bad |= !name || syc_vector_str(&v->name, name) < 0;
	bad |= syc_vector_str(&v->model_hint, syc_model_config(m->model)->arch) < 0;
	bad |= syc_vector_str(&v->method, "mean") < 0;
	bad |= syc_vector_str(&v->site, m->letter ? "letter" : "last") < 0;
	bad |= !b.data || syc_vector_str(&v->provenance, b.data) < 0;
	v->n_pairs = m->n_pairs;
	syc_buf_free(&b);
	free(name);
	return bad;
}

static int write_vector(struct mean *m, struct syc_err *err)
{
	struct syc_vector *v = syc_vector_new(m->n_layers, m->dim);
	int ret;

	if (!v || !(v->norm = calloc(m->n_layers, sizeof(*v->norm))) ||
	    !(v->centre = calloc(m->n_layers, sizeof(*v->centre))) || describe(m, v)) {
		syc_vector_free(v);
		return fail_nomem(err);
	}
	warn_unbalanced(m);
	fill_vector(m, v);
	ret = syc_vector_write(v, m->common.output, SYC_VECTOR_AUTO, err);
	if (ret == 0 && m->common.verbose >= 0)
		syc_warn(&tool, "%s: %" PRIu64 " pairs, %zu layers", m->common.output, m->n_pairs, m->n_layers);
	syc_vector_free(v);
	return ret;
}

int syc_vec_mean(int argc, char **argv)
{
	struct mean m = { .common = SYC_COMMON_INIT, .in = { .tool = &tool } };
	struct syc_err err = { 0 };
	int ret;

	parse_options(&m, argc, argv);
	m.in.paths = argv + optind;
	m.in.n_paths = argc - optind;
	ret = syc_load_open(&tool, &m.common, &m.load, &m.model, &err);
	if (ret == 0) {
		m.n_layers = syc_model_config(m.model)->n_layers;
		m.dim = syc_model_config(m.model)->dim;
		m.rules.n_ctx = m.load.ctx ? m.load.ctx : syc_model_config(m.model)->n_ctx;
		ret = syc_prompter_init(&m.prompter, &m.load, m.model, &err);
	}
	if (ret == 0)
		ret = run(&m, &err);
	if (ret == 0)
		ret = write_vector(&m, &err);
	syc_rec_item_free(m.first);
	syc_rec_item_free(m.second);
	for (size_t g = 0; g < m.n_groups; g++)
		free(m.group[g].sum);
	free(m.both);
	syc_rows_done(&m.in);
	syc_recorder_free(m.recorder);
	syc_prompter_done(&m.prompter);
	syc_model_close(m.model);
	return syc_tool_finish(&tool, ret < 0 ? syc_tool_err(&tool, &err) : 0);
}
