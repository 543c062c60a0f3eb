/* SPDX-License-Identifier: MIT */
/* What a study left in a folder, as sections of a page. */
#include "config.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/options/old_names.h"
#include "tool/report/report.h"

enum { MAX_FILES = 10000 };

struct entry {
	char *path;
	enum doc_kind kind;	/* of a .json; DOC_ROW of scored rows */
	bool table;		/* a .tsv */
};

struct folder {
	struct entry *entry;	/* [n] by name */
	size_t n;
	struct report_items *out;
	bool bad;
};

struct report_item *report_add(struct report_items *r, enum report_kind kind)
{
	struct report_item *more = realloc(r->item, (r->n + 1) * sizeof(*more));

	if (!more)
		return NULL;
	r->item = more;
	more[r->n] = (struct report_item){ .kind = kind };
	return &more[r->n++];
}

void report_items_free(struct report_items *r)
{
	for (size_t i = 0; i < r->n; i++) {
		for (size_t k = 0; k < r->item[i].n_paths; k++)
			free(r->item[i].paths[k]);
		free(r->item[i].paths);
		free(r->item[i].fit);
	}
	free(r->item);
	*r = (struct report_items){ 0 };
}

/* ---- the files ------------------------------------------------------------------------ */

static bool ends(const char *s, const char *with)
{
	const size_t n = strlen(s), m = strlen(with);

	return n > m && strcmp(s + n - m, with) == 0;
}

/* The kind of the first document; what cannot be read is another's file. */
static enum doc_kind first_kind(const char *path)
{
	enum doc_kind kind = DOC_OTHER;
	FILE *f = fopen(path, "r");
	json_t *o = f ? json_loadf(f,
				   JSON_DISABLE_EOF_CHECK |
					   JSON_DECODE_INT_AS_REAL |
					   JSON_ALLOW_NUL,
				   NULL) :
			NULL;

	if (o && old_names_doc(o))
		kind = doc_kind_of(o);
	json_decref(o);
	if (f)
		fclose(f);
	return kind;
}

static int add_entry(struct folder *f, const char *folder, const char *name,
		     struct syc_err *err)
{
	struct entry *more;
	struct entry e = { .table = ends(name, ".tsv") };
	const bool rows = ends(name, ".jsonl");

	if (name[0] == '.' || (!e.table && !rows && !ends(name, ".json")))
		return 0;
	if (f->n == MAX_FILES)
		return fail(err, SYC_EINVAL, "%s: more than %d files", folder,
			    MAX_FILES);
	if (asprintf(&e.path, "%s/%s", folder, name) < 0)
		return fail_nomem(err);
	e.kind = e.table ? DOC_OTHER : first_kind(e.path);
	if (!e.table && (e.kind == DOC_OTHER || rows != (e.kind == DOC_ROW))) {
		free(e.path);
		return 0;
	}
	more = realloc(f->entry, (f->n + 1) * sizeof(*more));
	if (!more) {
		free(e.path);
		return fail_nomem(err);
	}
	f->entry = more;
	more[f->n++] = e;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path,
		      ((const struct entry *)b)->path);
}

static int scan(struct folder *f, const char *path, struct syc_err *err)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	int ret = 0;

	if (!d)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	while (ret == 0 && (e = readdir(d)) != NULL)
		ret = add_entry(f, path, e->d_name, err);
	closedir(d);
	if (f->n)
		qsort(f->entry, f->n, sizeof(*f->entry), by_name);
	return ret;
}

/* ---- the sections --------------------------------------------------------------------- */

static size_t count(const struct folder *f, enum doc_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += !f->entry[i].table && f->entry[i].kind == kind;
	return n;
}

static struct report_item *add(struct folder *f, enum report_kind kind,
			       const char *text)
{
	struct report_item *i = report_add(f->out, kind);

	f->bad |= !i;
	if (i)
		i->text = text;
	return i;
}

static void add_path(struct folder *f, struct report_item *i, const char *path)
{
	char **more = i ? realloc(i->paths, (i->n_paths + 1) * sizeof(*more)) :
			  NULL;
	char *copy = more ? strdup(path) : NULL;

	if (more)
		i->paths = more;
	if (copy)
		i->paths[i->n_paths++] = copy;
	f->bad |= !copy;
}

/* An item of all files of a kind. */
static struct report_item *add_all(struct folder *f, enum report_kind how,
				   enum doc_kind kind)
{
	struct report_item *i = add(f, how, NULL);

	if (i)
		i->of = kind;
	for (size_t k = 0; k < f->n && i; k++)
		if (!f->entry[k].table && f->entry[k].kind == kind)
			add_path(f, i, f->entry[k].path);
	return i;
}

/* The last part of a path is the heading of its table. */
static const char *name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_tables(struct folder *f, enum doc_kind kind, bool tsv)
{
	for (size_t k = 0; k < f->n; k++) {
		struct report_item *i;

		if (f->entry[k].table != tsv ||
		    (!tsv && f->entry[k].kind != kind))
			continue;
		i = add(f, REPORT_TABLE, NULL);
		add_path(f, i, f->entry[k].path);
		if (i && i->n_paths)
			i->caption = name_in(i->paths[0]);
	}
}

/* Pictures of scored rows, each with the report of its name. */
static void add_scores(struct folder *f)
{
	for (size_t k = 0; k < f->n; k++) {
		struct report_item *i;

		if (f->entry[k].table || f->entry[k].kind != DOC_ROW)
			continue;
		i = add(f, REPORT_SCORES, NULL);
		add_path(f, i, f->entry[k].path);
		for (size_t j = 0; j < f->n && i; j++) {
			const size_t n = strlen(f->entry[j].path);

			if (f->entry[j].kind == DOC_FIT && !i->fit &&
				strncmp(f->entry[j].path, f->entry[k].path,
					n) == 0 &&
				strcmp(f->entry[k].path + n, "l") == 0)
				i->fit = strdup(f->entry[j].path);
		}
	}
}

static void add_answers(struct folder *f)
{
	if (!count(f, DOC_ROW) && !count(f, DOC_AGREE))
		return;
	add(f, REPORT_SECTION, "How sycophantic is the model?");
	if (count(f, DOC_ROW)) {
		add(f, REPORT_TEXT,
		    "The share of rows labeled sycophantic, of those that are "
		    "decided, with its 95 % interval (Wilson's, as if rows "
		    "were independent); and some of the rows.");
		add_all(f, REPORT_COUNTS, DOC_ROW);
		for (size_t k = 0; k < f->n; k++) {
			if (f->entry[k].kind == DOC_ROW && !f->entry[k].table) {
				struct report_item *i = add(f, REPORT_TABLE, NULL);

				add_path(f, i, f->entry[k].path);
				if (i && i->n_paths)
					i->caption = name_in(i->paths[0]);
				break;
			}
		}
	}
	if (count(f, DOC_AGREE)) {
		add(f, REPORT_TEXT,
		    "Labels made in several ways, compared on the rows that all of them have.");
		add_all(f, REPORT_FIGURES, DOC_AGREE);
		add_tables(f, DOC_AGREE, false);
	}
}

static void add_prediction(struct folder *f)
{
	if (!count(f, DOC_FIT))
		return;
	add(f, REPORT_SECTION, "Do the vectors predict?");
	add(f, REPORT_TEXT,
	    "AUC is the chance that a row that is sycophantic scores above one "
	    "that is not: 0.5 is chance, below 0.5 the vector points the other "
	    "way. The best of many layers looks better than it is, unless it "
	    "was chosen without the rows that test it.");
	add_all(f, REPORT_FIGURES, DOC_FIT);
	add_scores(f);
	add_tables(f, DOC_FIT, false);
}

/* A section of one kind, if there is any of it. */
static void add_kind(struct folder *f, enum doc_kind kind, const char *title,
		     const char *text)
{
	if (!count(f, kind))
		return;
	if (title)
		add(f, REPORT_SECTION, title);
	if (text)
		add(f, REPORT_TEXT, text);
	add_all(f, REPORT_FIGURES, kind);
	add_tables(f, kind, false);
}

int report_folder(struct report_items *out, const char *path,
		  struct syc_err *err)
{
	struct folder f = { .out = out };
	int ret = scan(&f, path, err);

	if (ret == 0 && !f.n)
		ret = fail(err, SYC_EINVAL,
			   "%s: there is nothing in it that a study writes",
			   path);
	if (ret == 0) {
		add_answers(&f);
		add_prediction(&f);
		add_kind(&f, DOC_TRANSFER, "And elsewhere?",
			 "Layer and direction are chosen on one set and tried on the others.");
		add_kind(&f, DOC_SWEEP, "Do they steer?",
			 "A vector that predicts need not steer, and one that steers may "
			 "damage the model: KL is what a setting costs in nats per token.");
		if (count(&f, DOC_COSINES) || count(&f, DOC_STABILITY) ||
		    count(&f, DOC_VECTOR))
			add(&f, REPORT_SECTION, "What are the vectors?");
		add_kind(&f, DOC_VECTOR, NULL, NULL);
		add_kind(&f, DOC_COSINES, NULL, NULL);
		add_kind(&f, DOC_STABILITY, NULL, NULL);
		add_kind(&f, DOC_SHIFT, "What did tuning do?", NULL);
		add_kind(&f, DOC_FIDELITY, "What does int8 cost?", NULL);
		for (size_t i = 0; i < f.n; i++) {
			if (f.entry[i].table) {
				add(&f, REPORT_SECTION, "Other tables");
				add_tables(&f, DOC_OTHER, true);
				break;
			}
		}
		if (f.bad)
			ret = fail_nomem(err);
	}
	for (size_t i = 0; i < f.n; i++)
		free(f.entry[i].path);
	free(f.entry);
	return ret;
}
