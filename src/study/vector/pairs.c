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
#include "base/err.h"
#include "study/vector/pairs.h"

static const char *const read_names[SYC_N_READS] = {
	"end", "last", "letter", "mean", "prompt", "token",
};

const char *syc_read_name(unsigned read)
{
	return read < SYC_N_READS ? read_names[read] : NULL;
}

int pairs_new(struct syc_pairs **out, const struct syc_pairs_opts *o,
	      const char *arch, struct syc_err *err)
{
	struct syc_pairs *p = calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return syc_nomem(err);
	p->fd = -1;
	p->o = *o;
	p->info.kind = o->kind;
	p->arch = strdup(arch);
	p->store = strdup(o->store ? o->store : "/var/tmp/syc");
	return p->arch && p->store ? 0 : syc_nomem(err);
}

void syc_pairs_free(struct syc_pairs *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		close(p->fd);
	free(p->layers);
	free(p->group);
	free(p->arch);
	syc_buf_free(&p->source);
	free(p->first);
	syc_seen_free(p->seen);
	free(p->store);
	free(p->room);
	free(p);
}

int pairs_finish(struct syc_pairs *p, struct syc_err *err)
{
	p->info.layers = p->layers;
	p->info.group = p->group;
	p->info.arch = p->arch;
	p->info.source = p->source.data;
	if (p->info.n)
		return 0;
	return syc_fail(err, SYC_EINVAL, p->o.kind == SYC_PAIRS_CONTRAST ?
			"there are no pairs" : "there are no rows");
}

const struct syc_pairs_info *syc_pairs_info(const struct syc_pairs *p)
{
	return &p->info;
}

const char *syc_pairs_position(const struct syc_pairs *p)
{
	const unsigned both =
		1u << SYC_POSITION_LAST | 1u << SYC_POSITION_PROMPT;

	if (p->o.read != SYC_READ_END)
		return read_names[p->o.read];
	if (p->positions == both)
		return "last,prompt";
	return syc_position_name(p->positions & 1u << SYC_POSITION_PROMPT ?
				 SYC_POSITION_PROMPT : SYC_POSITION_LAST);
}

static int open_store(struct syc_pairs *p, struct syc_err *err)
{
	struct syc_buf name = { 0 };

	if (syc_buf_printf(&name, "%s.XXXXXX", p->store) < 0)
		return syc_nomem(err);
	p->fd = mkstemp(name.data);
	if (p->fd < 0)
		syc_fail(err, SYC_EIO, "%s: %s", p->store, strerror(errno));
	else
		unlink(name.data);
	syc_buf_free(&name);
	return p->fd < 0 ? SYC_EIO : 0;
}

/* The layers that are asked for, all of which must be there. */
static int choose_layers(struct syc_pairs *p, const uint32_t *all, size_t n,
			 struct syc_err *err)
{
	const uint32_t *want = p->o.n_layers ? p->o.layers : all;
	size_t k = 0;

	p->info.n_layers = p->o.n_layers ? p->o.n_layers : n;
	for (size_t i = 0; i < p->info.n_layers; i++) {
		while (k < n && all[k] < want[i])
			k++;
		if (k == n || all[k] != want[i])
			return syc_fail(err, SYC_EINVAL,
					"layer %" PRIu32 " was not recorded",
					want[i]);
	}
	p->layers = calloc(p->info.n_layers, sizeof(*p->layers));
	if (!p->layers)
		return syc_nomem(err);
	memcpy(p->layers, want, p->info.n_layers * sizeof(*p->layers));
	return 0;
}

int pairs_begin(struct syc_pairs *p, const uint32_t *all, size_t n, size_t dim,
		struct syc_err *err)
{
	int ret = choose_layers(p, all, n, err);

	if (ret < 0)
		return ret;
	p->info.dim = dim;
	if (dim > SIZE_MAX / 16 / (p->info.n_layers + 1))
		return syc_nomem(err);
	p->record = 2 * p->info.n_layers * dim * sizeof(float) +
		    2 * sizeof(uint32_t);
	p->room = calloc(p->record, 1);
	p->group = calloc(SYC_PAIRS_GROUPS, sizeof(*p->group));
	return p->room && p->group ? open_store(p, err) : syc_nomem(err);
}

size_t *pairs_places(const struct syc_pairs *p, const uint32_t *all, size_t n)
{
	size_t *at = calloc(p->info.n_layers, sizeof(*at)), k = 0;

	for (size_t i = 0; at && i < p->info.n_layers; i++) {
		while (k + 1 < n && all[k] < p->layers[i])
			k++;
		at[i] = k;
	}
	return at;
}

static int store_failed(const struct syc_pairs *p, const char *why,
			struct syc_err *err)
{
	return syc_fail(err, SYC_EIO, "the temporary file beside %s: %s",
			p->store, why);
}

static int put(const struct syc_pairs *p, const void *data, size_t n,
	       uint64_t i, size_t from, struct syc_err *err)
{
	const char *x = data;

	for (size_t done = 0; done < n;) {
		const off_t at = (off_t)(i * p->record + from + done);
		ssize_t k = pwrite(p->fd, x + done, n - done, at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return store_failed(p, strerror(k ? errno : ENOSPC),
					    err);
		done += (size_t)k;
	}
	return 0;
}

static int get(const struct syc_pairs *p, void *data, size_t n, uint64_t i,
	       size_t from, struct syc_err *err)
{
	char *x = data;

	for (size_t done = 0; done < n;) {
		const off_t at = (off_t)(i * p->record + from + done);
		ssize_t k = pread(p->fd, x + done, n - done, at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return store_failed(p,
				k ? strerror(errno) : "is cut short", err);
		done += (size_t)k;
	}
	return 0;
}

int pairs_put(struct syc_pairs *p, uint64_t i, unsigned side, const float *x,
	      const size_t *at, struct syc_err *err)
{
	const size_t dim = p->info.dim,
		     bytes = p->info.n_layers * dim * sizeof(*x);
	float *room = (float *)p->room;

	for (size_t l = 0; l < p->info.n_layers; l++)
		for (size_t c = 0; c < dim; c++) {
			float value = x ? x[at[l] * dim + c] : 0;

			if (!isfinite(value))
				return syc_fail(err, SYC_EINVAL,
					"layer %" PRIu32
					" has no finite activation there",
					p->layers[l]);
			room[l * dim + c] = value;
		}
	return put(p, room, bytes, i, side * bytes, err);
}

int pairs_put_group(struct syc_pairs *p, uint64_t i, const char *name,
		    struct syc_err *err)
{
	struct syc_pairs_group *group = p->group;
	uint32_t g = 0;

	while (g < p->info.n_groups &&
	       strncmp(group[g].name, name, SYC_PAIRS_TEXT - 1) != 0)
		g++;
	if (g == SYC_PAIRS_GROUPS)
		g--;
	if (g == p->info.n_groups) {
		snprintf(group[g].name, SYC_PAIRS_TEXT, "%s", name);
		p->info.n_groups++;
	}
	group[g].n++;
	return put(p, &g, sizeof(g), i, p->record - 8, err);
}

/* A string of JSON as a text, with a sign for NUL, cut between characters. */
static void text_of(char out[SYC_PAIRS_TEXT], const json_t *x)
{
	const char *s = json_string_value(x);
	const size_t n = json_string_length(x);
	size_t len = 0, whole = 0;

	for (size_t i = 0; i < n; i++) {
		const char *piece = s[i] ? s + i : "\342\220\200";
		const size_t k = s[i] ? 1 : 3;

		if ((s[i] & 0xc0) != 0x80)
			whole = len;	/* a character begins */
		if (len + k >= SYC_PAIRS_TEXT) {
			len = whole;
			break;
		}
		memcpy(out + len, piece, k);
		len += k;
	}
	out[len] = 0;
}

int pairs_put_row(struct syc_pairs *p, uint64_t i, const struct syc_row *row,
		  struct syc_err *err)
{
	char text[SYC_PAIRS_TEXT];
	const json_t *x;

	if (!p->o.by)
		return pairs_put_group(p, i,
			!row->has_pair && row->n_match ? row->match[0] : "",
			err);
	x = json_object_get(syc_row_json(row), p->o.by);
	if (json_is_string(x))
		text_of(text, x);
	else if (json_is_number(x))
		snprintf(text, sizeof(text), "%g", json_number_value(x));
	else
		snprintf(text, sizeof(text), "%s",
			 json_is_true(x) ? "true" :
			 json_is_false(x) ? "false" : "-");
	return pairs_put_group(p, i, text, err);
}

int pairs_put_mark(struct syc_pairs *p, uint64_t i, unsigned side,
		   uint32_t mark, struct syc_err *err)
{
	uint32_t first;
	int ret;

	if (side == 0)
		return put(p, &mark, sizeof(mark), i, p->record - 4, err);
	ret = get(p, &first, sizeof(first), i, p->record - 4, err);
	if (ret == 0 && first != mark)
		ret = syc_fail(err, SYC_EINVAL,
			"the two models did not see the same rows (number %" PRIu64
			")",
			i + 1);
	return ret;
}

int pairs_find_mark(const struct syc_pairs *p, uint64_t *i, uint32_t mark,
		    struct syc_err *err)
{
	const uint64_t n = p->info.n;

	for (uint64_t k = 0; k < n; k++) {
		const uint64_t at = (*i + k) % n;
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

int syc_pairs_get(const struct syc_pairs *p, uint64_t i, size_t layer,
		  float *match, float *other, uint32_t *group,
		  struct syc_err *err)
{
	const size_t bytes = p->info.dim * sizeof(*match);
	int ret = get(p, match, bytes, i, layer * bytes, err);

	if (ret == 0)
		ret = get(p, other, bytes, i,
			  (p->info.n_layers + layer) * bytes, err);
	if (ret == 0 && group)
		ret = get(p, group, sizeof(*group), i, p->record - 8, err);
	return ret;
}
