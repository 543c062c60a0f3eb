/* SPDX-License-Identifier: MIT */
/* One data set: every vector and position. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/fit/fit.h"

enum { FOLDS = 5 };	/* where there is no wish */

/* A field of o must be in the table. */
static int check_field(const struct syc_scores *s, const char *name,
		       struct syc_err *err)
{
	if (!name || !*name || syc_scores_field(s, name) < s->n_fields)
		return 0;
	return syc_fail(err, SYC_EINVAL,
			"the table was read without field \"%.100s\"", name);
}

/* A probability is no baseline of a label that was made of it. */
static int check_baselines(const struct syc_scores *s, const struct syc_fit_opts *o,
			   struct syc_err *err)
{
	const unsigned odds = 1u << SYC_BASELINE_ODDS, other = 1u << SYC_BASELINE_OTHER;

	if (!o->claim || !s->features)
		return syc_fail(err, SYC_EINVAL, "baselines need a claim, and rows' features");
	if (o->baselines & odds && s->n_by_prob)
		return syc_fail(err, SYC_EINVAL, "odds: the labels are made of them");
	if (o->baselines & other && s->n_by_both)
		return syc_fail(err, SYC_EINVAL, "other: the labels are of both orders");
	return 0;
}

/* A kind that is not drawn here needs a file that has so many, of some vector. */
static int check_nulls(const struct syc_scores *s, const struct syc_fit_opts *o,
		       struct syc_err *err)
{
	for (unsigned k = SYC_NULL_RANDOM + 1; k < SYC_N_NULLS; k++) {
		bool has = !o->n_null[k];

		for (size_t i = 0; i < o->n_nulls; i++) {
			const struct syc_fit_nulls *n = &o->nulls[i];
			const size_t there = syc_nulls_info(n->file)->n[k];

			if (there && there < o->n_null[k])
				return syc_fail(
					err, SYC_EINVAL,
					"the file of vector '%.100s' has %zu nulls of kind %s, not %zu",
					n->vector, there, syc_null_name(k), o->n_null[k]);
			for (size_t j = 0; j < s->n_sets && there; j++)
				has |= strcmp(s->set[j].vector, n->vector) == 0;
		}
		if (!has)
			return syc_fail(err, SYC_EINVAL,
				"no file has null vectors of kind %s for a vector of the rows",
				syc_null_name(k));
	}
	return 0;
}

static int check_table(const struct syc_scores *s, const struct syc_fit_opts *o,
		       struct syc_err *err)
{
	int ret = check_field(s, o->cluster, err);

	if (ret == 0)
		ret = check_field(s, o->group, err);
	if (ret == 0)
		ret = check_field(s, o->claim, err);
	if (ret == 0)
		ret = check_field(s, o->view, err);
	if (ret == 0)
		ret = check_field(s, o->outcome, err);
	if (ret == 0)
		ret = check_field(s, o->weight, err);
	if (ret == 0 && (o->outcome || o->weight) &&
	    (o->group || o->claim || o->n_confounds || o->n_boot || o->n_perm ||
	     syc_fit_has_nulls(o) || o->cross || o->folds || o->multi || o->compare ||
	     o->ridge != 0))
		ret = syc_fail(err, SYC_EINVAL,
			       "an outcome or weights go with clusters, not with other checks");
	for (size_t i = 0; i < o->n_confounds && ret == 0; i++)
		ret = check_field(s, o->confound[i], err);
	if (ret == 0 && o->baselines)
		ret = check_baselines(s, o, err);
	if (ret == 0 && syc_fit_has_nulls(o) && !s->acts)
		ret = syc_fail(err, SYC_EINVAL,
			       "the table was read without activation files");
	return ret < 0 ? ret : check_nulls(s, o, err);
}

/* Where any row has two answers and nothing else is said, these belong together. */
static int find_clusters(struct syc_fit *f, struct syc_err *err)
{
	bool twice = false;
	int ret = 0;

	for (size_t i = 0; i < f->scores->n_sets && ret == 0; i++) {
		struct syc_fit_set *s = &f->set[i];

		ret = syc_fit_parents(&s->cluster, &s->n_clusters, f->scores, s->t, err);
		twice |= ret == 0 && s->n_clusters < s->t->n;
	}
	if (twice)
		f->o.cluster = SYC_FIT_PARENT;
	for (size_t i = 0; i < f->scores->n_sets && !twice; i++) {
		free(f->set[i].cluster);
		f->set[i].cluster = NULL;
		f->set[i].n_clusters = 0;
	}
	return ret;
}

static int fit_set(const struct syc_fit *f, struct syc_fit_set *s,
		   struct syc_err *err)
{
	const struct syc_fit_opts *o = &f->o;
	int ret = 0;

	if (o->cluster && !s->cluster)
		ret = syc_fit_number(&s->cluster, &s->n_clusters, f->scores,
				     s->t, o->cluster, err);
	if (ret == 0 && o->group)
		ret = syc_fit_number(&s->group, &s->n_groups, f->scores, s->t,
				     o->group, err);
	if (ret == 0)
		ret = syc_fit_layers(f, s, err);
	if (ret == 0 && (o->n_boot || o->n_perm))
		ret = syc_fit_resample(f, s, err);
	if (ret == 0 && !o->outcome && !o->weight)
		ret = syc_fit_signs(f, s, err);
	if (ret == 0 && f->cross)
		ret = syc_fit_cross(f, s, err);
	if (ret == 0 && o->multi)
		ret = syc_fit_multi(f, s, err);
	if (ret == 0 && o->claim)
		ret = syc_fit_procedures(f, s, err);
	if (ret == 0 && o->baselines)
		ret = syc_fit_increment(f, s, err);
	if (ret == 0 && o->n_confounds)
		ret = syc_fit_confounds(f, s, err);
	if (ret == 0 && syc_fit_has_nulls(o))
		ret = syc_fit_null_vectors(f, s, err);
	return ret;
}

static int fit_sets(struct syc_fit *f, struct syc_err *err)
{
	int ret = 0;

	f->set = calloc(f->scores->n_sets + 1, sizeof(*f->set));
	if (!f->set)
		return syc_nomem(err);
	for (size_t i = 0; i < f->scores->n_sets; i++)
		f->set[i].t = &f->scores->set[i];
	if (!f->o.cluster)
		ret = find_clusters(f, err);
	else if (!*f->o.cluster)
		f->o.cluster = NULL;
	for (size_t i = 0; i < f->scores->n_sets && ret == 0; i++)
		ret = fit_set(f, &f->set[i], err);
	if (ret == 0 && f->o.compare)
		ret = syc_fit_diffs(f, err);
	return ret;
}

int syc_fit_scores(struct syc_fit **out, struct syc_scores *scores,
		   const struct syc_fit_opts *o, struct syc_err *err)
{
	struct syc_fit *f = calloc(1, sizeof(*f));
	int ret;

	*out = NULL;
	if (!f) {
		syc_scores_free(scores);
		return syc_nomem(err);
	}
	*f = (struct syc_fit){ .o = *o, .scores = scores, .n_folds = o->folds ? o->folds : FOLDS,
			       .cross = o->cross || o->folds || o->multi };
	ret = check_table(scores, o, err);
	if (ret == 0)
		ret = syc_scores_select(scores, o->vector, o->position,
					o->layer, o->n_layers, err);
	if (ret == 0)
		ret = syc_scores_sort(scores, err);
	if (ret == 0)
		ret = fit_sets(f, err);
	if (ret == 0)
		*out = f;
	else
		syc_fit_free(f);
	return ret;
}

/* The fields that o names, in an order of its own. */
static int read_table(struct syc_scores **out, struct syc_rows *in,
		      const struct syc_fit_opts *o, struct syc_err *err)
{
	const char **field = calloc(o->n_confounds + 6, sizeof(*field));
	struct syc_scores_opts s = { .field = field, .acts = syc_fit_has_nulls(o),
				     .features = o->baselines != 0,
				     .outcome = o->outcome, .undecided = o->undecided };
	int ret;

	*out = NULL;
	if (!field)
		return syc_nomem(err);
	if (o->cluster && *o->cluster)
		field[s.n_fields++] = o->cluster;
	if (o->group)
		field[s.n_fields++] = o->group;
	if (o->claim)
		field[s.n_fields++] = o->claim;
	if (o->claim && o->view)
		field[s.n_fields++] = o->view;
	if (o->outcome)
		field[s.n_fields++] = o->outcome;
	if (o->weight)
		field[s.n_fields++] = o->weight;
	for (size_t i = 0; i < o->n_confounds; i++)
		field[s.n_fields++] = o->confound[i];
	ret = syc_scores_read(out, in, &s, err);
	free(field);
	return ret;
}

int syc_fit_rows(struct syc_fit **out, struct syc_rows *in,
		 const struct syc_fit_opts *o, struct syc_err *err)
{
	struct syc_scores *scores;
	int ret = read_table(&scores, in, o, err);

	*out = NULL;
	return ret < 0 ? ret : syc_fit_scores(out, scores, o, err);
}

static void free_set(struct syc_fit_set *s)
{
	free(s->layer);
	free(s->cluster);
	free(s->group);
	free(s->fold);
	free(s->best.chosen);
	free(s->multi.w);
	free(s->multi.w_sd);
	free(s->confound);
	free(s->apart);
	free(s->claim);
	syc_procedure_free(s->between);
	syc_procedure_free(s->within);
	syc_increment_free(s->increment);
}

void syc_fit_free(struct syc_fit *f)
{
	if (!f)
		return;
	for (size_t i = 0; f->set && i < f->scores->n_sets; i++)
		free_set(&f->set[i]);
	for (size_t i = 0; i < f->n_diffs; i++) {
		free(f->diff[i].layer);
		free(f->diff[i].p_adj);
	}
	free(f->set);
	free(f->diff);
	syc_scores_free(f->scores);
	free(f);
}
