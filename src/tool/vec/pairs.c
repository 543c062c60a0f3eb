/* SPDX-License-Identifier: MIT */
/*
 * A record of the temporary file is
 *
 *     match [n_layers][dim] float, other [n_layers][dim] float, group, mark
 *
 * so that a source writes a side at once, and a layer of a side is one read.
 */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/vec/pairs.h"

const char *const syc_read_names[] = { "end", "last", "letter", "mean", "prompt", "token" };

/* Beside the output, where there is room for files; else where TMPDIR says. */
static int open_store(const char *output, struct syc_err *err)
{
	const char *dir = getenv("TMPDIR");
	struct syc_buf name = { 0 };
	int fd = -1, bad;

	if (output && strncmp(output, "/dev/", 5) != 0)
		bad = syc_buf_printf(&name, "%s.XXXXXX", output);
	else
		bad = syc_buf_printf(&name, "%s/syc-vec.XXXXXX", dir && *dir ? dir : "/var/tmp");
	if (bad)
		return fail_nomem(err);
	fd = mkstemp(name.data);
	if (fd < 0) {
		name.data[name.len - 7] = 0;	/* without ".XXXXXX" */
		fail(err, SYC_EIO, "%s: %s", name.data, strerror(errno));
	} else {
		unlink(name.data);
	}
	syc_buf_free(&name);
	return fd < 0 ? SYC_EIO : fd;
}

/* The layers that are asked for, all of which must be there. */
static int choose_layers(struct syc_pairs *p, const struct syc_pairs_in *in, const uint32_t *all,
			 size_t n, struct syc_err *err)
{
	size_t k = 0;

	if (in->layers && strcmp(in->layers, "all") != 0)
		opt_list(in->tool, "layers", in->layers, all[n - 1] + 1, &p->layers, &p->n_layers);
	if (p->n_layers) {
		for (size_t i = 0; i < p->n_layers; i++) {
			while (k < n && all[k] < p->layers[i])
				k++;
			if (k == n || all[k] != p->layers[i])
				return fail(err, SYC_EINVAL, "layer %" PRIu32 " was not recorded", p->layers[i]);
		}
		return 0;
	}
	free(p->layers);
	p->layers = calloc(n, sizeof(*p->layers));
	if (!p->layers)
		return fail_nomem(err);
	memcpy(p->layers, all, n * sizeof(*p->layers));
	p->n_layers = n;
	return 0;
}

int syc_pairs_begin(struct syc_pairs *p, const struct syc_pairs_in *in, const uint32_t *all,
		    size_t n, size_t dim, struct syc_err *err)
{
	int ret = choose_layers(p, in, all, n, err);

	if (ret < 0)
		return ret;
	p->dim = dim;
	if (dim > SIZE_MAX / 16 / (p->n_layers + 1))
		return fail_nomem(err);
	p->record = 2 * p->n_layers * dim * sizeof(float) + 2 * sizeof(uint32_t);
	p->room = calloc(p->record, 1);
	p->group = calloc(SYC_PAIRS_GROUPS, sizeof(*p->group));
	if (!p->room || !p->group)
		return fail_nomem(err);
	p->output = in->common->output;
	p->fd = open_store(p->output, err);
	return p->fd < 0 ? p->fd : 0;
}

size_t *syc_pairs_places(const struct syc_pairs *p, const uint32_t *all, size_t n)
{
	size_t *at = calloc(p->n_layers, sizeof(*at)), k = 0;

	for (size_t i = 0; at && i < p->n_layers; i++) {
		while (k + 1 < n && all[k] < p->layers[i])
			k++;
		at[i] = k;
	}
	return at;
}

static int store_failed(const struct syc_pairs *p, const char *why, struct syc_err *err)
{
	return fail(err, SYC_EIO, "the temporary file%s%s: %s", p->output ? " beside " : "",
		    p->output ? p->output : "", why);
}

static int put(const struct syc_pairs *p, const void *data, size_t n, uint64_t i, size_t from, struct syc_err *err)
{
	const char *x = data;

	for (size_t done = 0; done < n;) {
		ssize_t k = pwrite(p->fd, x + done, n - done, (off_t)(i * p->record + from + done));

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return store_failed(p, strerror(k ? errno : ENOSPC), err);
		done += (size_t)k;
	}
	return 0;
}

static int get(const struct syc_pairs *p, void *data, size_t n, uint64_t i, size_t from, struct syc_err *err)
{
	char *x = data;

	for (size_t done = 0; done < n;) {
		ssize_t k = pread(p->fd, x + done, n - done, (off_t)(i * p->record + from + done));

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return store_failed(p, k ? strerror(errno) : "is cut short", err);
		done += (size_t)k;
	}
	return 0;
}

int syc_pairs_put(struct syc_pairs *p, uint64_t i, unsigned side, const float *x, const size_t *at,
		  struct syc_err *err)
{
	const size_t bytes = p->n_layers * p->dim * sizeof(*x);
	float *room = (float *)p->room;

	for (size_t l = 0; l < p->n_layers; l++)
		for (size_t c = 0; c < p->dim; c++) {
			float value = x ? x[at[l] * p->dim + c] : 0;

			if (!isfinite(value))
				return fail(err, SYC_EINVAL, "layer %" PRIu32 " has no finite activation there",
					    p->layers[l]);
			room[l * p->dim + c] = value;
		}
	return put(p, room, bytes, i, side * bytes, err);
}

int syc_pairs_put_group(struct syc_pairs *p, uint64_t i, const char *name, struct syc_err *err)
{
	uint32_t g = 0;

	while (g < p->n_groups && strncmp(p->group[g], name, SYC_PAIRS_TEXT - 1) != 0)
		g++;
	if (g == SYC_PAIRS_GROUPS)
		g--;
	if (g == p->n_groups) {
		snprintf(p->group[g], SYC_PAIRS_TEXT, "%s", name);
		p->n_groups++;
	}
	p->group_n[g]++;
	return put(p, &g, sizeof(g), i, p->record - 8, err);
}

int syc_pairs_put_row(struct syc_pairs *p, uint64_t i, const struct syc_pairs_in *in, const struct syc_row *row,
		      const char *line, size_t len, struct syc_err *err)
{
	char text[SYC_PAIRS_TEXT];
	json_t *root, *x;

	if (!in->by)
		return syc_pairs_put_group(p, i, !row->has_pair && row->n_match ? row->match[0] : "", err);
	root = json_loadb(line, len, JSON_DECODE_INT_AS_REAL, NULL);
	x = json_object_get(root, in->by);
	if (json_is_string(x))
		snprintf(text, sizeof(text), "%s", json_string_value(x));
	else if (json_is_number(x))
		snprintf(text, sizeof(text), "%g", json_number_value(x));
	else
		snprintf(text, sizeof(text), "%s", json_is_true(x) ? "true" : json_is_false(x) ? "false" : "-");
	json_decref(root);
	return syc_pairs_put_group(p, i, text, err);
}

int syc_pairs_put_mark(struct syc_pairs *p, uint64_t i, unsigned side, uint32_t mark, struct syc_err *err)
{
	uint32_t first;
	int ret;

	if (side == 0)
		return put(p, &mark, sizeof(mark), i, p->record - 4, err);
	ret = get(p, &first, sizeof(first), i, p->record - 4, err);
	if (ret == 0 && first != mark)
		ret = fail(err, SYC_EINVAL, "the two models did not see the same rows (number %" PRIu64 ")", i + 1);
	return ret;
}

int syc_pairs_find_mark(const struct syc_pairs *p, uint64_t *i, uint32_t mark, struct syc_err *err)
{
	for (uint64_t k = 0; k < p->n; k++) {
		const uint64_t at = (*i + k) % p->n;
		uint32_t found;
		int ret = get(p, &found, sizeof(found), at, p->record - 4, err);

		if (ret < 0)
			return ret;
		if (found != mark)
			continue;
		*i = at;
		return 1;
	}
	return 0;
}

int syc_pairs_get(const struct syc_pairs *p, uint64_t i, size_t layer, float *match, float *other,
		  uint32_t *group, struct syc_err *err)
{
	const size_t bytes = p->dim * sizeof(*match);
	int ret = get(p, match, bytes, i, layer * bytes, err);

	if (ret == 0)
		ret = get(p, other, bytes, i, (p->n_layers + layer) * bytes, err);
	if (ret == 0 && group)
		ret = get(p, group, sizeof(*group), i, p->record - 8, err);
	return ret;
}

int syc_pairs_open(struct syc_pairs *p, const struct syc_pairs_in *in, struct syc_err *err)
{
	int ret;

	*p = (struct syc_pairs){ .fd = -1 };
	ret = in->n_acts ? syc_pairs_from_acts(p, in, err) : syc_pairs_from_model(p, in, err);
	if (ret == 0 && !p->n)
		return fail(err, SYC_EINVAL, in->kind == SYC_PAIRS_CONTRAST ? "there are no pairs" : "there are no rows");
	return ret;
}

const char *syc_pairs_position(const struct syc_pairs *p, const struct syc_pairs_in *in)
{
	if (in->read != SYC_READ_END)
		return syc_read_names[in->read];
	if (p->positions == (1u << SYC_POSITION_LAST | 1u << SYC_POSITION_PROMPT))
		return "last,prompt";
	return syc_position_name(p->positions & 1u << SYC_POSITION_PROMPT ? SYC_POSITION_PROMPT : SYC_POSITION_LAST);
}

void syc_pairs_close(struct syc_pairs *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	free(p->layers);
	free(p->room);
	free(p->group);
	free(p->arch);
	syc_buf_free(&p->described);
	p->layers = NULL;
	p->room = NULL;
	p->group = NULL;
	p->arch = NULL;
}
