/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/options/old_names.h"
#include "tool/plot/doc.h"

const char *doc_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

double doc_number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static bool is(const json_t *o, const char *key, const char *value)
{
	return strcmp(doc_text(o, key), value) == 0;
}

static bool has(const json_t *o, const char *key)
{
	return json_object_get(o, key) != NULL;
}

/* Whether every element of list has the texts a and b and a list called c. */
static bool all_have(const json_t *list, const char *a, const char *b,
		     const char *c)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		if (!json_is_string(json_object_get(o, a)) ||
		    !json_is_string(json_object_get(o, b)) ||
		    (c && !json_is_array(json_object_get(o, c))))
			return false;
	}
	return json_is_array(list);
}

enum doc_kind doc_kind_of(const json_t *o)
{
	if (all_have(json_object_get(o, "fits"), "vector", "position",
		     "layers"))
		return DOC_FIT;
	if (all_have(json_object_get(o, "models"), "model", "grader", "figures"))
		return DOC_EVAL;
	if (all_have(json_object_get(o, "transfer"), "train", "test", NULL))
		return DOC_TRANSFER;
	if (json_is_array(json_object_get(o, "settings")))
		return DOC_SWEEP;
	if (json_is_string(json_object_get(o, "a")) &&
	    json_is_string(json_object_get(o, "b")) &&
	    (json_is_array(json_object_get(o, "cosine")) ||
	     json_is_array(json_object_get(o, "between"))))
		return DOC_COSINES;
	if (has(o, "what") && has(o, "setting") && has(o, "layer") &&
	    has(o, "cosine"))
		return DOC_STABILITY;
	if (is(o, "kind", "vector") &&
	    json_is_array(json_object_get(o, "length")))
		return DOC_VECTOR;
	if (is(o, "kind", "fidelity") &&
	    json_is_array(json_object_get(o, "layers")))
		return DOC_FIDELITY;
	if (all_have(json_object_get(o, "pairs"), "a", "b", "table") &&
	    has(o, "sets"))
		return DOC_AGREE;
	if (all_have(json_object_get(o, "grid"), "outcome", "outcome", "contrasts"))
		return DOC_GRID;
	if (all_have(json_object_get(o, "tuned"), "arm", "arm", NULL))
		return DOC_TUNED;
	if (all_have(json_object_get(o, "curves"), "model", "arm", "at"))
		return DOC_BEST;
	if (all_have(json_object_get(o, "preferred"), "model", "kind", "levels"))
		return DOC_PREFERRED;
	if (json_is_array(json_object_get(o, "by_claim")))
		return DOC_STANCE;
	if (all_have(json_object_get(o, "effects"), "feature", "feature", NULL))
		return DOC_PREFER;
	if (json_is_array(json_object_get(o, "shifts")) && has(o, "tuned"))
		return DOC_SHIFT;
	if (json_is_object(json_object_get(o, "score")) && has(o, "layers"))
		return DOC_ROW;
	return DOC_OTHER;
}

const char *doc_made_by(enum doc_kind kind)
{
	static const char *const by[] = {
		[DOC_OTHER] = "a program of syc with --json",
		[DOC_FIT] = "syc-fit --json", [DOC_TRANSFER] = "syc-fit --transfer --json",
		[DOC_SWEEP] = "syc-sweep --json", [DOC_COSINES] = "syc-vec compare --json",
		[DOC_STABILITY] = "syc-vec stability --json",
		[DOC_VECTOR] = "syc-info --json of a vector",
		[DOC_FIDELITY] = "syc-info --fidelity --json",
		[DOC_EVAL] = "syc-eval --json",
		[DOC_STANCE] = "syc-stance effect --json", [DOC_GRID] = "syc-study --grid",
		[DOC_TUNED] = "syc-study --tune",
		[DOC_BEST] = "syc-best --json", [DOC_PREFERRED] = "syc-best --replies --json",
		[DOC_AGREE] = "syc-label --agree --json", [DOC_ROW] = "syc-score",
		[DOC_PREFER] = "syc-pref --json", [DOC_SHIFT] = "syc-shift --json",
	};

	return by[kind];
}

char *doc_stem(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return !dot || dot == name ? strdup(name) :
				     strndup(name, (size_t)(dot - name));
}

static int add(struct docs *d, json_t *json, const char *path,
	       struct syc_err *err)
{
	struct doc *more = realloc(d->doc, (d->n + 1) * sizeof(*more));
	char *name = path ? doc_stem(path) : strdup("standard input");

	if (more)
		d->doc = more;
	if (!more || !name || !old_names_doc(json)) {
		free(name);
		json_decref(json);
		return fail_nomem(err);
	}
	d->doc[d->n++] = (struct doc){ json, path, name, doc_kind_of(json) };
	return 0;
}

static int skip_space(FILE *f)
{
	int c;

	do
		c = getc(f);
	while (c == ' ' || c == '\n' || c == '\r' || c == '\t');
	if (c != EOF)
		ungetc(c, f);
	return c;
}

/* Where a message says the text is broken: lines are counted in one document. */
static int broken(const char *said, const json_error_t *e, size_t before,
		  struct syc_err *err)
{
	if (before)
		return fail(err, SYC_EFORMAT, "%s: document %zu: %s", said,
			    before + 1, e->text);
	return fail(err, SYC_EFORMAT, "%s:%d: %s", said, e->line, e->text);
}

static int read_file(struct docs *d, const char *path, struct syc_err *err)
{
	const bool is_stdin = strcmp(path, "-") == 0;
	const char *said = is_stdin ? "standard input" : path;
	FILE *f = is_stdin ? stdin : fopen(path, "r");
	const size_t before = d->n;
	json_error_t e;
	int ret = 0;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	while (ret == 0 && skip_space(f) != EOF) {
		json_t *o = json_loadf(f, JSON_DISABLE_EOF_CHECK |
				       JSON_DECODE_INT_AS_REAL |
				       JSON_ALLOW_NUL, &e);

		ret = o ? add(d, o, is_stdin ? NULL : path, err) :
			  broken(said, &e, d->n - before, err);
	}
	if (ret == 0 && ferror(f))
		ret = fail(err, SYC_EIO, "%s: %s", said, strerror(errno));
	if (!is_stdin)
		fclose(f);
	return ret;
}

int docs_read(struct docs *d, char *const *paths, int n_paths,
	      struct syc_err *err)
{
	int ret = n_paths ? 0 : read_file(d, "-", err);

	for (int i = 0; i < n_paths && ret == 0; i++) {
		const size_t before = d->n;

		ret = read_file(d, paths[i], err);
		if (ret == 0 && d->n == before)
			ret = fail(err, SYC_EFORMAT,
				   "%s: there is nothing in it", paths[i]);
	}
	if (ret == 0 && !d->n)
		ret = fail(err, SYC_EFORMAT,
			   "standard input: there is nothing in it");
	return ret;
}

int docs_are(const struct docs *d, enum doc_kind kind, struct syc_err *err)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->doc[i].kind != kind)
			return fail(err, SYC_EFORMAT, "%s: not what %s writes",
				    d->doc[i].path ? d->doc[i].path :
						     "standard input",
				    doc_made_by(kind));
	return 0;
}

void docs_free(struct docs *d)
{
	for (size_t i = 0; i < d->n; i++) {
		json_decref(d->doc[i].json);
		free(d->doc[i].name);
	}
	free(d->doc);
	*d = (struct docs){ 0 };
}
