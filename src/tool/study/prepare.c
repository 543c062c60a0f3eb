/* SPDX-License-Identifier: MIT */
/* What is studied, looked at before anything is made; the folder's settings. */
#include "config.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/study/grid.h"
#include "tool/study/tune.h"

static bool ends_in(const char *s, const char *end)
{
	const size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *study_absolute(const char *path, struct syc_err *err)
{
	char *there = text_new("%s", path), *slash, *folder, *full;
	const char *name;

	for (size_t n = strlen(there); n > 1 && there[n - 1] == '/'; n--)
		there[n - 1] = '\0';
	slash = strrchr(there, '/');
	if (slash)
		*slash = '\0';
	name = slash ? slash + 1 : there;
	folder = realpath(!slash ? "." : *there ? there : "/", NULL);
	full = folder ? text_new("%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name)
		      : NULL;
	if (!full || access(full, R_OK) < 0) {
		fail(err, SYC_EIO, "%s: cannot be read: %s", path, strerror(errno));
		free(full);
		full = NULL;
	}
	free(folder);
	free(there);
	return full;
}

/* ---- sets -------------------------------------------------------------- */

/* "nlp_survey" of "sycophancy_on_nlp_survey.jsonl". */
static char *set_name(const char *path)
{
	static const char *const before[] = { "test-", "sycophancy_on_" };
	const char *s = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t n;

	for (size_t i = 0; i < 2; i++)
		if (strncmp(s, before[i], strlen(before[i])) == 0)
			s += strlen(before[i]);
	n = strlen(s);
	return text_new("%.*s", (int)(n - (ends_in(s, ".jsonl") ? 6 : 0)), s);
}

/* Names whose files are something else in the folder. */
static int check_name(const struct study *s, const char *name, struct syc_err *err)
{
	static const char *const taken[] = {
		"pairs",   "control",	    "steered",	 "transfer",	  "confounds",
		"cosines", "vectors",	    "stability", "stability.all", "equal",
		"sweep",   "sweep-methods", "letters",	 "conclusions",	  "stance",
		"prompts", "splits",		"shift",     "all-held",     "all-moved",
		"probe",   "increment",		"told",	     "nulls",	     "paired",
		"predict", "matrix",		"methods",   "glance",	     "settings",
		"primary", "unrelated",		"slopes",    "truth",	     "truth-false",
		"words",   "texts",		"truthful",  "hypotheses",   "grid",
		"contrasts", NULL,
	};

	for (size_t i = 0; taken[i]; i++)
		if (strcmp(name, taken[i]) == 0)
			return fail(
				err, SYC_EINVAL,
				"a set cannot be called '%s': that is the name of another file "
				"of the study",
				name);
	if (!*name || *name == '-')
		return fail(err, SYC_EINVAL, "a set cannot be called '%s'", name);
	for (size_t i = 0; i < s->n_sets; i++)
		if (strcmp(name, s->set[i].name) == 0)
			return fail(err, SYC_EINVAL, "two sets are called '%s'", name);
	return 0;
}

static int add_set(struct study *s, const char *file, struct syc_err *err)
{
	char *path = study_absolute(file, err), *name = path ? set_name(path) : NULL;
	struct set *more;
	int ret = path ? check_name(s, name, err) : SYC_EIO;

	if (ret == 0) {
		more = realloc(s->set, (s->n_sets + 1) * sizeof(*more));
		if (!more)
			out_of_memory();
		s->set = more;
		more[s->n_sets++] = (struct set){ name, path, 0 };
		return 0;
	}
	free(name);
	free(path);
	return ret;
}

static int is_rows(const struct dirent *d)
{
	return d->d_name[0] != '.' && ends_in(d->d_name, ".jsonl");
}

static int is_one_down(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* What a folder without sets has instead: folders of sets, or JSON in one piece. */
static int no_sets(const char *folder, struct syc_err *err)
{
	struct dirent **file, **below;
	const int n = scandir(folder, &file, is_one_down, alphasort);
	char *hint = text_new("%s", "");

	for (int i = 0; i < n; i++) {
		char *path = text_new("%s/%s", folder, file[i]->d_name);
		const int k = is_folder(path) ? scandir(path, &below, is_rows, NULL) : 0;

		if (!*hint && (k > 0 || ends_in(path, ".json"))) {
			free(hint);
			hint = k > 0 ? text_new("; there are in %.200s: give that", path)
				     : text_new("; make lines of %.200s: jq -c '.[]'", path);
		}
		for (int j = 0; j < k; j++)
			free(below[j]);
		if (k >= 0 && is_folder(path))
			free(below);
		free(path);
		free(file[i]);
	}
	if (n >= 0)
		free(file);
	fail(err, SYC_EINVAL, "%.200s: no *.jsonl in it%s", folder, hint);
	free(hint);
	return SYC_EINVAL;
}

static int add_folder(struct study *s, const char *folder, struct syc_err *err)
{
	struct dirent **file;
	const int n = scandir(folder, &file, is_rows, alphasort);
	char *control = text_new("%s/../truthfulqa/TruthfulQA.csv", folder);
	int ret = 0;

	if (n < 0)
		ret = fail(err, SYC_EIO, "%s: %s", folder, strerror(errno));
	else if (n == 0)
		ret = no_sets(folder, err);
	for (int i = 0; i < n; i++) {
		char *path = text_new("%s/%s", folder, file[i]->d_name);

		if (ret == 0)
			ret = add_set(s, path, err);
		free(path);
		free(file[i]);
	}
	if (n >= 0)
		free(file);
	if (ret == 0 && !s->o.control && access(control, R_OK) == 0)
		ret = (s->control = study_absolute(control, err)) ? 0 : SYC_EIO;
	free(control);
	return ret;
}

/* ---- what vectors are made from ---------------------------------------- */

static int add_rows(struct study *s, const char *path, struct syc_err *err)
{
	char *full = study_absolute(path, err), *line = NULL, **where;
	FILE *f = full ? fopen(full, "r") : NULL;
	size_t cap = 0;

	if (!f) {
		free(full);
		return full ? fail(err, SYC_EIO, "%s: %s", path, strerror(errno))
			    : SYC_EIO;
	}
	where = getline(&line, &cap, f) > 0 && strstr(line, "\"positive\":") ? &s->prompts
									     : &s->rows;
	free(*where);
	*where = full;
	free(line);
	fclose(f);
	return 0;
}

static int named_train(struct study *s, struct syc_err *err)
{
	struct syc_buf names = { 0 };

	for (size_t i = 0; i < s->n_sets; i++) {
		if (strcmp(s->o.train, s->set[i].name) == 0) {
			s->train = i;
			syc_buf_free(&names);
			return 0;
		}
		syc_buf_printf(&names, " %s", s->set[i].name);
	}
	fail(err, SYC_EINVAL, "no set '%s' among:%.300s", s->o.train, names.data);
	syc_buf_free(&names);
	return SYC_EINVAL;
}

/* The first set with enough rows, or else the largest. */
static int choose_train(struct study *s, struct syc_err *err)
{
	const size_t need = s->o.questions + (s->rows ? 0 : s->o.pairs);
	size_t most = 0;

	if (s->o.train)
		return named_train(s, err);
	for (size_t i = 0; i < s->n_sets && most < need; i++) {
		size_t n;
		int ret = syc_rows_file_count(&n, s->set[i].path, err);

		if (ret < 0)
			return ret;
		if (n > most) {
			most = n;
			s->train = i;
		}
	}
	return 0;
}

int study_prepare(struct study *s, struct syc_err *err)
{
	int ret = 0;

	if (!(s->model = study_absolute(s->o.model, err)) ||
	    (s->o.lora && !(s->lora = study_absolute(s->o.lora, err))) ||
	    (s->o.control && !(s->control = study_absolute(s->o.control, err))) ||
	    (s->o.unrelated && !(s->unrelated = study_absolute(s->o.unrelated, err))))
		return SYC_EIO;
	for (size_t i = 0; i < s->o.data.n && ret == 0; i++)
		ret = is_folder(s->o.data.text[i]) ? add_folder(s, s->o.data.text[i], err)
						   : add_set(s, s->o.data.text[i], err);
	for (size_t i = 0; i < s->o.rows.n && ret == 0; i++)
		ret = add_rows(s, s->o.rows.text[i], err);
	if (ret == 0)
		ret = grid_prepare(s, err);
	if (ret == 0)
		ret = tuning_prepare(s, err);
	if (ret == 0 && s->n_sets < 2 && !s->o.tune)
		ret = fail(err, SYC_EINVAL,
			   "'%s' is the only set of questions: what predicts on "
			   "one is tried on another, too",
			   s->set[0].name);
	s->has_truth = s->control && ends_in(s->control, ".csv");
	return ret < 0 ? ret : choose_train(s, err);
}

/* ---- the folder -------------------------------------------------------- */

static void put_texts(struct syc_buf *b, const char *what, const struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		syc_buf_printf(b, "%s %s\n", what, t->text[i]);
}

static void put_text(struct syc_buf *b, const char *what, const char *text)
{
	if (text)
		syc_buf_printf(b, "%s %s\n", what, text);
}

/* All that decides what the study makes, a line each. */
static void put_settings(struct syc_buf *b, const struct study *s)
{
	syc_buf_printf(b, "syc-study %s\n", syc_version());
	put_text(b, "model", s->model);
	for (size_t i = 0; i < s->n_sets; i++)
		put_text(b, "data", s->set[i].path);
	put_text(b, "train", s->set[s->train].name);
	syc_buf_printf(b, "questions %u\npairs %u\n", s->o.questions, s->o.pairs);
	if (s->o.quick)
		put_text(b, "quick", "yes");
	put_text(b, "pairs of prompts", s->prompts);
	put_text(b, "rows", s->rows);
	put_text(b, "grid", s->o.grid);
	for (size_t i = 0; i < s->n_grid_pairs; i++)
		put_text(b, "grid pairs", s->grid_pairs[i]);
	put_text(b, "lora", s->lora);
	put_text(b, "control", s->control);
	put_text(b, "answers", s->o.sampled ? "drawn" : "by probability");
	put_text(b, "cluster", s->o.cluster);
	put_texts(b, "confound", &s->o.confounds);
	syc_buf_puts(b, "layers");
	for (size_t i = 0; i < s->o.layers.n; i++)
		syc_buf_printf(b, " %u", s->o.layers.v[i]);
	syc_buf_printf(b, "\nat-kl %.9g\nsteered %u\n", s->o.at_kl, s->o.steered);
	put_text(b, "primary", s->o.primary);
	put_text(b, "null", s->o.null);
	put_text(b, "kl-prompts", s->unrelated);
	if (s->o.tune)
		syc_buf_printf(b, "tune %s\nseeds %u\nexamples %u\ndraws %u\n",
			       s->o.arms ? s->o.arms : "all", s->o.seeds, s->o.examples,
			       s->o.draws);
	put_text(b, "small sets", s->small_folder);
	put_text(b, "tuning", s->o.tuning);
	for (int i = 0; i < s->o.n_model_options; i++)
		put_text(b, "option", s->o.model_options[i]);
}

/* Whether the folder has the same settings; names the first that differs. */
static int same_settings(const struct study *s, char *was, const char *now,
			 struct syc_err *err)
{
	const char *folder = s->o.folder;
	size_t at = 0, from = 0;

	if (strncmp(was, "syc-study ", 10) != 0)
		return fail(err, SYC_EINVAL,
			    "%s was made by scripts/study of an earlier syc: "
			    "its page and tables can be "
			    "read, but to go on give another folder with --output",
			    folder);
	while (was[at] && was[at] == now[at])
		if (was[at++] == '\n')
			from = at;
	if (!was[at] && !now[at])
		return 0;
	return fail(
		err, SYC_EINVAL,
		"%s was begun with other settings ('%.*s', now '%.*s'): give another folder with "
		"--output",
		folder, (int)strcspn(was + from, "\n"), was + from,
		(int)strcspn(now + from, "\n"), now + from);
}

static int read_settings(const struct study *s, const char *now, struct syc_err *err)
{
	FILE *f = fopen("settings", "r");
	char *was = NULL;
	size_t cap = 0;
	int ret;

	if (!f)
		return fail(err, SYC_EIO, "%s/settings: %s", s->o.folder,
			    strerror(errno));
	if (getdelim(&was, &cap, '\0', f) < 0)
		ret = fail(err, SYC_EFORMAT, "%s/settings is empty", s->o.folder);
	else
		ret = same_settings(s, was, now, err);
	free(was);
	fclose(f);
	return ret;
}

/* With the folders above it. */
static int make_folder(const char *path, struct syc_err *err)
{
	char *part = text_new("%s/", path);
	int ret = 0;

	for (char *p = strchr(part + 1, '/'); p && ret == 0; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			ret = fail(err, SYC_EIO, "%s: %s", part, strerror(errno));
		*p = '/';
	}
	free(part);
	return ret;
}

int study_enter(struct study *s, struct syc_err *err)
{
	struct syc_buf now = { 0 };
	int ret = make_folder(s->o.folder, err);

	if (ret == 0 && (chdir(s->o.folder) < 0 || !(s->folder = getcwd(NULL, 0))))
		ret = fail(err, SYC_EIO, "%s: %s", s->o.folder, strerror(errno));
	put_settings(&now, s);
	if (ret == 0 && !is_there("settings"))
		ret = write_file("settings", &now, err);
	else if (ret == 0)
		ret = read_settings(s, now.data, err);
	syc_buf_free(&now);
	if (ret < 0)
		return ret;
	s->lock = open("settings", O_RDONLY | O_CLOEXEC);
	if (s->lock < 0 || flock(s->lock, LOCK_EX | LOCK_NB) < 0)
		return fail(err, SYC_EIO, "%s: another syc-study is at work in it",
			    s->o.folder);
	return 0;
}
