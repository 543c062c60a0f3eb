/* SPDX-License-Identifier: MIT */
/* What tuning did: documents, tables, conclusions. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/study/tune.h"

struct found {
	struct docs all;	/* kept for what is borrowed of them */
	struct syc_tuned_documents d;
	struct syc_tuned_doc *run;
	struct syc_tuned_set *set;
	json_t *cosines;
	const json_t **predicted;
	char **file;		/* [n_files] names that are borrowed */
	size_t n_files;
};

/* ---- documents --------------------------------------------------------------------- */

static const char *keep(struct found *f, char *file)
{
	f->file = realloc(f->file, (f->n_files + 1) * sizeof(*f->file));
	if (!f->file)
		out_of_memory();
	return f->file[f->n_files++] = file;
}

/* Documents of a file, added to all; *one gets the first, borrowed, or an array of them. */
static int read_doc(struct found *f, char *path, const json_t **one, json_t **array,
		    struct syc_err *err)
{
	struct docs d = { 0 };
	int ret = docs_read(&d, &path, 1, err);

	if (ret < 0)
		return ret;
	f->all.doc = realloc(f->all.doc, (f->all.n + d.n) * sizeof(*d.doc));
	if (!f->all.doc)
		out_of_memory();
	if (one)
		*one = d.doc[0].json;
	for (size_t i = 0; i < d.n; i++) {
		if (array && json_array_append(*array, d.doc[i].json) < 0)
			out_of_memory();
		f->all.doc[f->all.n++] = d.doc[i];
	}
	free(d.doc);
	return 0;
}

static int read_runs(struct found *f, const struct tuning *t, struct syc_err *err)
{
	int ret = 0;

	f->run = calloc(t->n_runs + 1, sizeof(*f->run));
	f->predicted = calloc(t->n_arms + 1, sizeof(*f->predicted));
	if (!f->run || !f->predicted)
		out_of_memory();
	for (size_t i = 0; i < t->n_runs && ret == 0; i++) {
		const struct tuned *r = &t->run[i];

		f->run[i] = (struct syc_tuned_doc){ .arm = r->arm, .seed = r->seed };
		f->run[i].vector = keep(f, text_new("%s.gguf", r->stem));
		ret = read_doc(f, (char *)keep(f, text_new("%s.json", r->stem)), &f->run[i].shift,
			       NULL, err);
	}
	for (size_t a = 0; a < t->n_arms && ret == 0; a++)
		ret = read_doc(f, (char *)keep(f, text_new("%s.fit.json", t->arm[a])),
			       &f->predicted[a], NULL, err);
	return ret;
}

/* ---- what was foretold --------------------------------------------------------------- */

static int foretell(struct syc_tuned_set *set, const struct tuning *t, const struct tuned *r,
		    const struct syc_vector *v, struct syc_err *err)
{
	char *trained = text_new("%s.trained.jsonl", r->stem),
	     *own = text_new("%s.own.jsonl", r->stem);
	struct syc_rows a = { ROWS_OF(&study_tool), .paths = &trained, .n_paths = 1 },
			b = { ROWS_OF(&study_tool), .paths = &own, .n_paths = 1 };
	struct syc_projected *p;
	int ret = syc_projection_difference(&p, &a, &b, v, SYC_POSITION_LAST, err);

	for (size_t i = 0; ret == 0 && i < p->n_layers; i++)
		if ((int)p->layer[i] == t->s->found.layer)
			set->foretold = p->difference[i];
	set->n_rows = ret == 0 ? p->n_trained : 0;
	syc_projected_free(p);
	syc_rows_done(&a);
	syc_rows_done(&b);
	free(trained);
	free(own);
	return ret;
}

static int read_sets(struct found *f, const struct tuning *t, struct syc_err *err)
{
	static char cosines[] = "sets.cosines.json";
	struct syc_vector *v;
	int ret;

	if (!t->n_sets)
		return 0;
	f->d.answers = "answers.gguf";
	ret = syc_vector_read(&v, f->d.answers, NULL, err);
	if (ret == 0)
		ret = read_doc(f, cosines, NULL, &f->cosines, err);
	f->set = calloc(t->n_sets + 1, sizeof(*f->set));
	if (!f->set)
		out_of_memory();
	for (size_t i = 0; i < t->n_sets && ret == 0; i++) {
		f->set[i].name = t->set[i].arm;
		f->set[i].vector = keep(f, text_new("%s.gguf", t->set[i].stem));
		ret = read_doc(f, (char *)keep(f, text_new("%s.json", t->set[i].stem)),
			       &f->set[i].shift, NULL, err);
		if (ret == 0)
			ret = foretell(&f->set[i], t, &t->set[i], v, err);
	}
	syc_vector_free(v);
	return ret;
}

/* ---- all ------------------------------------------------------------------------------ */

static int find(struct found *f, struct tuning *t, struct syc_err *err)
{
	static char cosines[] = "cosines.json", steered[] = "steered.json";
	int ret = read_runs(f, t, err);

	f->cosines = json_array();
	if (ret == 0)
		ret = read_doc(f, cosines, NULL, &f->cosines, err);
	if (ret == 0)
		ret = read_doc(f, steered, &f->d.steered, NULL, err);
	if (ret == 0)
		ret = read_sets(f, t, err);
	f->d.arm = t->arm;
	f->d.n_arms = t->n_arms;
	f->d.reference = "random";
	f->d.run = f->run;
	f->d.n_runs = t->n_runs;
	f->d.cosines = f->cosines;
	f->d.predicted = f->predicted;
	f->d.contrast = "contrast";
	f->d.set = f->set;
	f->d.n_sets = t->n_sets;
	f->d.layer = t->s->found.layer;
	f->d.at_kl = t->s->o.at_kl;
	return ret;
}

static void forget(struct found *f)
{
	docs_free(&f->all);
	json_decref(f->cosines);
	for (size_t i = 0; i < f->n_files; i++)
		free(f->file[i]);
	free(f->file);
	free(f->run);
	free(f->set);
	free(f->predicted);
}

static int conclude(struct found *f, struct syc_err *err)
{
	struct syc_conclusion c[SYC_TUNED_QUESTIONS] = { 0 };
	struct syc_buf table = { 0 }, doc = { 0 };
	int ret = syc_tuned_conclude(c, &f->d, err);

	if (ret == 0)
		ret = syc_tuned_glance(&table, c, err);
	if (ret == 0)
		ret = syc_tuned_conclusions(&doc, &f->d, c, err);
	if (ret == 0)
		ret = write_file("glance.tsv", &table, err);
	if (ret == 0)
		ret = write_file("conclusions.json", &doc, err);
	for (size_t i = 0; i < SYC_TUNED_QUESTIONS; i++)
		syc_conclusion_free(&c[i]);
	syc_buf_free(&table);
	syc_buf_free(&doc);
	return ret;
}

static int document(const struct found *f, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = syc_tuned_json(&b, &f->d, err);

	if (ret == 0)
		ret = write_file("tuned.json", &b, err);
	syc_buf_free(&b);
	return ret;
}

static int splits(const struct study *s, struct syc_err *err)
{
	const struct syc_study_documents d = { .part = s->part, .n_parts = s->n_parts };
	struct syc_buf b = { 0 };
	int ret = syc_study_table(&b, &d, "splits", err);

	if (ret == 0)
		ret = write_file("splits.tsv", &b, err);
	syc_buf_free(&b);
	return ret;
}

int tuning_tables(struct tuning *t, struct syc_err *err)
{
	static const char *const names[] = { "arms", "directions", "beside", "layers", "tuned",
					     "foretold" };
	struct found f = { 0 };
	int ret;

	children_step(&t->s->children, text_new("What tuning did"));
	ret = find(&f, t, err);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && ret == 0; i++) {
		char *file = text_new("%s.tsv", names[i]);
		struct syc_buf b = { 0 };

		if (t->n_sets || strcmp(names[i], "foretold") != 0) {
			ret = syc_tuned_table(&b, &f.d, names[i], err);
			if (ret == 0)
				ret = write_file(file, &b, err);
		}
		syc_buf_free(&b);
		free(file);
	}
	if (ret == 0)
		ret = document(&f, err);
	if (ret == 0)
		ret = splits(t->s, err);
	if (ret == 0)
		ret = conclude(&f, err);
	forget(&f);
	return ret;
}
