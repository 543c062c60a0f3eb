/* SPDX-License-Identifier: MIT */
/*
 * Labels by hand: a key for each row.  Every label is on disk before the next
 * row is shown; a session that ends early goes on where it stopped.
 */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "syc/correct.h"
#include "syc/label_set.h"
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/label/tty.h"
#include "tool/label/label.h"

/* A row to be labeled. */
struct shown {
	char *line;		/* [len] */
	size_t len;
	enum syc_label label;
	off_t at;		/* where its labeled row begins in the file */
};

struct session {
	struct label_run *r;
	struct shown *row;	/* [n] */
	size_t n, cap;
	size_t n_done;		/* rows that have a label */
	struct syc_output out;
	const char *part;	/* its name while it is not complete */
	int fd;			/* its */
	off_t end;
};

static int add(struct session *s, struct syc_err *err)
{
	char *line = model_rows_line(&s->r->r.m);

	if (s->n == s->cap) {
		size_t cap = 2 * s->cap + 64;
		struct shown *row = realloc(s->row, cap * sizeof(*row));

		if (row) {
			s->row = row;
			s->cap = cap;
		}
	}
	if (!line || s->n == s->cap) {
		free(line);
		return fail_nomem(err);
	}
	s->row[s->n++] = (struct shown){ .line = line, .len = s->r->r.m.in.len };
	return 0;
}

/* A conversation becomes its last reply, and what was said before. */
static int make_spoken(struct syc_row **row, struct syc_err *err)
{
	struct syc_row *spoken;
	const int ret = syc_row_spoken(&spoken, *row, err);

	if (spoken) {
		syc_row_free(*row);
		*row = spoken;
	}
	return ret < 0 ? ret : 0;
}

static int read_rows(struct session *s, struct syc_err *err)
{
	struct syc_rows *in = &s->r->r.m.in;
	struct syc_row *row;
	size_t n_bare = 0;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		const bool bare = s->r->sample &&
				  !json_object_get(syc_row_json(row), "label");

		ret = make_spoken(&row, err);
		if (bare) {
			n_bare++;	/* a condition that makes no label */
			ret = 0;
		} else if (ret == 0 && row->completion) {
			ret = add(s, err);
		} else {
			if (ret == 0)
				fail(err, SYC_EINVAL, "'completion' is missing");
			ret = syc_rows_bad(in, err);
		}
		syc_row_free(row);
		if (ret < 0)
			return ret;
	}
	if (n_bare && s->r->r.m.common.verbose >= 0)
		tool_warn(s->r->r.m.tool, "%zu rows have no label of a judge and are not drawn",
			  n_bare);
	if (ret == 0 && !s->n)
		return fail(err, SYC_EINVAL, "there are no rows to label");
	return ret;
}

/* What is to be known of a row when a sample is drawn. */
static int describe(const struct shown *at, char **key, char **id,
		    int8_t *label, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct syc_row *row;
	int ret = syc_row_parse(&row, at->line, at->len, err);

	if (ret < 0)
		return ret;
	ret = syc_row_label(row, label, err);
	if (ret == 0)
		ret = syc_hand_stratum(&b, row, err);
	if (ret == 0 && (asprintf(id, "%d/%s", row->sample, row->id) < 0 ||
			 !(*key = strdup(b.data))))
		ret = fail_nomem(err);
	syc_buf_free(&b);
	syc_row_free(row);
	return ret;
}

/* The row with what is known of its being drawn; the old one's line is freed. */
static int note(struct shown *row, double p, const char *stratum, int8_t label,
		struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct edit e;
	int ret;

	edit_begin(&e, row->line, row->len, err);
	syc_buf_printf(&e.value, "{\"p\": %.12g, \"stratum\": ", p);
	syc_buf_json(&e.value, stratum, strlen(stratum));
	syc_buf_printf(&e.value,
		       label < 0 ? ", \"label\": null}" : ", \"label\": %d}",
		       label);
	edit_set(&e, "sampled");
	ret = edit_end(&e, &b);
	free(row->line);
	row->line = b.data;
	row->len = ret == 0 ? b.len - 1 : 0;	/* without its newline */
	return ret;
}

/* Put the rows drawn in the place of all. */
static int take_sample(struct session *s, const struct syc_hand_sample *drawn,
		       const int8_t *label, struct syc_err *err)
{
	struct shown *row = calloc(drawn->n + 1, sizeof(*row));
	int ret = row ? 0 : fail_nomem(err);

	for (size_t i = 0; i < drawn->n && ret == 0; i++) {
		row[i] = s->row[drawn->row[i]];
		s->row[drawn->row[i]].line = NULL;
		ret = note(&row[i], drawn->p[i], drawn->stratum[i],
			   label[drawn->row[i]], err);
	}
	for (size_t i = 0; row && i < s->n; i++)
		free(s->row[i].line);
	if (!row)
		return ret;
	free(s->row);
	s->row = row;
	s->n = drawn->n;
	return ret;
}

static int sample_rows(struct session *s, struct syc_err *err)
{
	char **name = calloc(2 * s->n + 1, sizeof(*name)), **id = name + s->n;
	int8_t *label = calloc(s->n + 1, 1);
	struct syc_hand_sample drawn = { 0 };
	int ret = name && label ? 0 : fail_nomem(err);

	for (size_t i = 0; i < s->n && ret == 0; i++)
		ret = describe(&s->row[i], &name[i], &id[i], &label[i], err);
	if (ret == 0)
		ret = syc_hand_sample_draw(&drawn, (const char *const *)name,
					   (const char *const *)id, s->n,
					   s->r->sample, s->r->r.m.common.seed,
					   err);
	for (size_t i = 0; name && i < 2 * s->n; i++)
		free(name[i]);
	free(name);
	if (ret == 0)
		ret = take_sample(s, &drawn, label, err);
	free(label);
	syc_hand_sample_free(&drawn);
	return ret;
}

static int make_row(struct session *s, const struct shown *row,
		    struct syc_buf *out, struct syc_err *err)
{
	const struct verdict v = { .label = row->label, .why = "hand" };

	out->len = 0;
	return label_row(s->r, row->line, row->len, &v, out, err);
}

/* The label in a line of the file, if it is a row with one. */
static bool read_label(const char *line, size_t len, enum syc_label *label)
{
	struct syc_row *row = NULL;
	int8_t v = 0;
	const bool found = syc_row_parse(&row, line, len, NULL) == 0 &&
			   syc_row_label(row, &v, NULL) == 0;

	*label = (enum syc_label)v;
	syc_row_free(row);
	return found;
}

/* Is line what we would write for the next row?  Then it has its label. */
static int take_line(struct session *s, const char *line, size_t len,
		     struct syc_err *err)
{
	struct shown *row = &s->row[s->n_done];
	struct syc_buf b = { 0 };
	bool same = s->n_done < s->n && read_label(line, len - 1, &row->label);
	int ret = same ? make_row(s, row, &b, err) : 0;

	same = same && ret == 0 && b.len == len &&
	       memcmp(b.data, line, len) == 0;
	syc_buf_free(&b);
	if (ret < 0)
		return ret;
	if (!same)
		return fail(
			err, SYC_EINVAL,
			"%s: row %zu was not labeled from these rows by '%s'; move it away",
			s->part, s->n_done + 1, s->r->labeler);
	row->at = s->end;
	s->end += (off_t)len;
	s->n_done++;
	return 0;
}

/* Take over what an earlier session labeled; half a row at the end is cut. */
static int resume(struct session *s, struct syc_err *err)
{
	FILE *f = fdopen(dup(s->fd), "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int ret = 0;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", s->part, strerror(errno));
	while (ret == 0 && (n = getline(&line, &cap, f)) > 0 &&
	       line[n - 1] == '\n')
		ret = take_line(s, line, (size_t)n, err);
	if (ret == 0 && (ferror(f) || ftruncate(s->fd, s->end) < 0))
		ret = fail(err, SYC_EIO, "%s: %s", s->part, strerror(errno));
	free(line);
	fclose(f);
	return ret;
}

static int open_part(struct session *s, struct syc_err *err)
{
	const char *path = s->r->r.m.common.output;
	struct stat st;
	int ret;

	if (stat(path, &st) == 0)
		return fail(
			err, SYC_EINVAL,
			"%s: is there already, and labels by hand are not overwritten",
			path);
	syc_output_begin(&s->out, path,
			 s->r->r.force ? SYC_LEFTOVER_REPLACE
				     : SYC_LEFTOVER_TAKE);
	ret = syc_output_open(&s->out, err);
	if (ret < 0)
		return ret;
	s->part = s->out.part;
	s->fd = fileno(s->out.f);
	return resume(s, err);
}

/* Not through stdio: what it keeps after a failure it would write behind a hole. */
static bool write_all(int fd, const char *data, size_t n)
{
	ssize_t k = 0;

	while (n && (k >= 0 || errno == EINTR)) {
		k = write(fd, data, n);
		if (k > 0) {
			data += k;
			n -= (size_t)k;
		}
	}
	return !n;
}

static int save(struct session *s, enum syc_label label, struct syc_err *err)
{
	struct shown *row = &s->row[s->n_done];
	struct syc_buf b = { 0 };
	int ret;

	row->label = label;
	row->at = s->end;
	ret = make_row(s, row, &b, err);
	if (ret == 0 && lseek(s->fd, s->end, SEEK_SET) < 0)
		ret = fail(err, SYC_EIO, "%s: %s", s->part, strerror(errno));
	if (ret == 0 &&
	    (!write_all(s->fd, b.data, b.len) ||
	     (fsync(s->fd) < 0 && errno != EINVAL && errno != EROFS))) {
		ret = fail(err, SYC_EIO, "%s: %s", s->part, strerror(errno));
		if (ftruncate(s->fd, s->end) < 0)
			ret = SYC_EIO;	/* half a row is cut when resuming */
	}
	if (ret == 0) {
		s->end += (off_t)b.len;
		s->n_done++;
	}
	syc_buf_free(&b);
	return ret;
}

static int undo(struct session *s, struct syc_err *err)
{
	if (!s->n_done)
		return 0;
	s->end = s->row[s->n_done - 1].at;
	if (ftruncate(s->fd, s->end) < 0)
		return fail(err, SYC_EIO, "%s: %s", s->part, strerror(errno));
	s->n_done--;
	return 0;
}

static void add_prompt(struct syc_buf *b, const struct syc_row *row,
		       unsigned width)
{
	const struct syc_prompt *p = &row->prompt;

	if (p->text)
		hand_wrap(b, p->text, width, "  ");
	for (size_t i = 0; i < p->n_msg; i++) {
		hand_wrap(b, p->msg[i].role, width, "");
		hand_wrap(b, p->msg[i].content, width, "  ");
	}
}

/* The prompt and the completion, or that all are done; neither scores nor earlier labels. */
static int show(struct session *s, struct syc_err *err)
{
	const struct shown *at = &s->row[s->n_done];
	const unsigned width = hand_width();
	struct syc_buf b = { 0 };
	struct syc_row *row;
	int ret;

	if (s->n_done == s->n) {
		syc_buf_printf(
			&b,
			"\n\nAll %zu rows are labeled.   finish: Enter   undo: u ",
			s->n);
		ret = hand_write(&b, err);
		syc_buf_free(&b);
		return ret;
	}
	ret = syc_row_parse(&row, at->line, at->len, err);
	if (ret == 0 && (ret = make_spoken(&row, err)) < 0)
		syc_row_free(row);
	if (ret < 0)
		return ret;
	syc_buf_puts(&b, "\n");
	for (unsigned i = 0; i < width; i++)
		syc_buf_puts(&b, "-");
	syc_buf_puts(&b, "\n");
	add_prompt(&b, row, width);
	syc_buf_puts(&b, "\ncompletion\n");
	hand_wrap(&b, row->completion, width, "  ");
	syc_buf_printf(
		&b,
		"\n[%zu of %zu] sycophantic: y   not: n   undecided: ?   undo: u   quit: q ",
		s->n_done + 1, s->n);
	ret = hand_write(&b, err);
	syc_buf_free(&b);
	syc_row_free(row);
	return ret;
}

/* One key: 1 go on, 0 the person stops, or an error. */
static int one_key(struct session *s, bool *redraw, struct syc_err *err)
{
	const int key = hand_key();
	int ret = 0;

	*redraw = true;
	if (s->n_done == s->n && key > 0 && strchr("yn10? ", key)) {
		*redraw = false;
		return 1;
	}
	switch (key) {
	case 'y': case '1': ret = save(s, SYC_LABEL_SYC, err); break;
	case 'n': case '0': ret = save(s, SYC_LABEL_NOT, err); break;
	case '?': case ' ': ret = save(s, SYC_LABEL_UNDECIDED, err); break;
	case 'u': case 127: case '\b': ret = undo(s, err); break;
	case 12: case HAND_REDRAW: break;
	case '\n': case '\r':
		*redraw = false;
		return s->n_done < s->n;
	case 'q': case 4: return 0;
	case HAND_STOP: return fail(err, SYC_ECANCEL, "stopped");
	default: *redraw = false;
	}
	return ret < 0 ? ret : 1;
}

static int ask(struct session *s, struct syc_err *err)
{
	bool redraw = true;
	int ret = hand_open(err);

	if (ret < 0)
		return ret;
	for (ret = 1; ret > 0;) {
		ret = redraw ? show(s, err) : 0;
		if (ret == 0)
			ret = one_key(s, &redraw, err);
	}
	hand_close();
	fputc('\n', stderr);
	if (s->n_done < s->n)
		tool_warn(
			s->r->r.m.tool,
			"%zu of %zu rows are labeled in %s; the same command goes on",
			s->n_done, s->n, s->part);
	return ret < 0 ? ret : 0;
}

static int finish(struct session *s, struct syc_err *err)
{
	uint64_t *count = s->r->count;

	if (syc_output_finish(&s->out, err) < 0)
		return err->code;
	count[0] = count[1] = count[2] = 0;
	for (size_t i = 0; i < s->n; i++)
		count[s->row[i].label + 1]++;
	return 0;
}

int label_by_hand(struct label_run *r, struct syc_err *err)
{
	struct session s = { .r = r, .fd = -1 };
	int ret = read_rows(&s, err);

	if (ret == 0 && r->sample)
		ret = sample_rows(&s, err);
	if (ret == 0)
		ret = open_part(&s, err);
	if (ret == 0 && s.n_done < s.n)
		ret = ask(&s, err);
	if (ret == 0 && s.n_done == s.n)
		ret = finish(&s, err);
	syc_output_keep(&s.out);
	for (size_t i = 0; i < s.n; i++)
		free(s.row[i].line);
	free(s.row);
	return ret;
}
