/* SPDX-License-Identifier: MIT */
/*
 * A record of the temporary file is
 *
 *     match [n_layers][dim] float, other [n_layers][dim] float, mark
 *
 * so that a source writes a side at once, and a layer of a side is one read.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/null.h"
#include "syc/questions.h"
#include "syc/random.h"
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
	free(p->letter);
	free(p->said);
	free(p->arch);
	syc_buf_free(&p->source);
	free(p->first);
	free(p->first_of);
	free(p->foreign);
	syc_seen_free(p->seen);
	free(p->store);
	free(p->room);
	free(p);
}

int pairs_finish(struct syc_pairs *p, struct syc_err *err)
{
	p->info.layers = p->layers;
	p->info.group = p->group;
	p->info.letter = p->letter;
	p->info.arch = p->arch;
	p->info.source = p->source.data;
	p->info.foreign = p->foreign;
	if (p->info.n)
		return 0;
	return syc_fail(err, SYC_EINVAL, p->o.kind == SYC_PAIRS_CONTRAST ?
			"there are no pairs" : "there are no rows");
}

/* What the pairs say of their activations, as JSON; NULL without memory. */
static const char *source_of(struct syc_buf *b, const struct syc_pairs *p)
{
	return syc_buf_printf(b, "{%s}", p->info.source ? p->info.source : "") < 0 ? NULL
									      : b->data;
}

bool syc_pairs_foreign(const struct syc_pairs *p, const char *provenance)
{
	struct syc_buf own = { 0 };
	const bool foreign = syc_provenance_foreign(source_of(&own, p), provenance);

	syc_buf_free(&own);
	return foreign;
}

bool syc_pairs_foreign_pairs(const struct syc_pairs *a, const struct syc_pairs *b)
{
	struct syc_buf own = { 0 };
	const bool foreign = syc_pairs_foreign(a, source_of(&own, b));

	syc_buf_free(&own);
	return foreign;
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

/* A file of a name that is taken back at once; a kill between the two leaves it. */
static int named_store(const char *store)
{
	struct syc_buf name = { 0 };
	int fd;

	if (syc_buf_printf(&name, "%s.XXXXXX", store) < 0) {
		errno = ENOMEM;
		return -1;
	}
	fd = mkstemp(name.data);
	if (fd >= 0)
		unlink(name.data);
	syc_buf_free(&name);
	return fd;
}

/* One that never had a name; -1 where the system or the folder knows none. */
static int unnamed_store(const char *store)
{
#ifdef O_TMPFILE
	const char *slash = strrchr(store, '/');
	char *folder = slash ? strndup(store, (size_t)(slash - store) + 1)
			     : strdup(".");
	const int fd =
		folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
		       : -1;

	free(folder);
	return fd;
#else
	(void)store;
	return -1;
#endif
}

static int open_store(struct syc_pairs *p, struct syc_err *err)
{
	p->fd = unnamed_store(p->store);
	if (p->fd < 0)
		p->fd = named_store(p->store);
	if (p->fd < 0)
		return syc_fail(err, SYC_EIO, "%s: %s", p->store,
				strerror(errno));
	return 0;
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
		    sizeof(uint32_t);
	p->room = calloc(p->record, 1);
	p->group = calloc(SYC_PAIRS_GROUPS, sizeof(*p->group));
	p->letter = calloc(SYC_PAIRS_GROUPS, sizeof(*p->letter));
	return p->room && p->group && p->letter ? open_store(p, err)
						: syc_nomem(err);
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

/* The number of the one of that name, which has one more. */
static uint32_t count_in(struct syc_pairs_group *group, size_t *n,
			 const char *name)
{
	uint32_t g = 0;

	while (g < *n && strncmp(group[g].name, name, SYC_PAIRS_TEXT - 1) != 0)
		g++;
	if (g == SYC_PAIRS_GROUPS)
		g--;
	if (g == *n) {
		snprintf(group[g].name, SYC_PAIRS_TEXT, "%s", name);
		++*n;
	}
	group[g].n++;
	return g;
}

static int say(struct syc_pairs *p, uint64_t i, const char *group,
	       const char *letter, uint64_t claim, struct syc_err *err)
{
	if (!syc_grow(&p->said, &p->cap_said, (size_t)i + 1, sizeof(*p->said)))
		return syc_nomem(err);
	p->said[i].group = count_in(p->group, &p->info.n_groups, group);
	p->said[i].letter = count_in(p->letter, &p->info.n_letters, letter);
	p->said[i].claim = claim;
	return 0;
}

int pairs_put_none(struct syc_pairs *p, uint64_t i, struct syc_err *err)
{
	return say(p, i, "", "", syc_mix64(i), err);
}

/* "A", " (B)", "C." */
static bool is_letter(const char *s)
{
	s += strspn(s, " \t\n(");
	return ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z')) &&
	       !s[1 + strspn(s + 1, ").: \n")];
}

bool syc_pairs_choices(const struct syc_pairs *p)
{
	uint64_t n = 0;
	size_t answers = 0;
	bool letters = true;

	for (size_t i = 0; i < p->info.n_letters; i++) {
		if (!p->letter[i].name[0])
			continue;	/* pairs of prompts */
		answers++;
		n += p->letter[i].n;
		letters = letters && is_letter(p->letter[i].name);
	}
	return answers && (letters || (answers <= 4 && n >= 5 * answers));
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

/* A field of a row as the name of a group. */
static void group_of(char out[SYC_PAIRS_TEXT], const struct syc_row *row,
		     const char *field)
{
	const json_t *x = json_object_get(syc_row_json(row), field);

	if (json_is_string(x))
		text_of(out, x);
	else if (json_is_number(x))
		snprintf(out, SYC_PAIRS_TEXT, "%g", json_number_value(x));
	else
		snprintf(out, SYC_PAIRS_TEXT, "%s",
			 json_is_true(x) ? "true" :
			 json_is_false(x) ? "false" : "-");
}

/* The hash of a row's claim: its field, what is asked, or else its id. */
static int claim_of(uint64_t *claim, const struct syc_row *row,
		    struct syc_err *err)
{
	char *text;
	const int ret = syc_row_claim(&text, row, err);

	*claim = syc_claim_hash(text ? text : row->id ? row->id : "");
	free(text);
	return ret;
}

int pairs_put_row(struct syc_pairs *p, uint64_t i, const struct syc_row *row,
		  struct syc_err *err)
{
	const char *letter =
		!row->has_pair && row->n_match ? row->match[0] : "";
	char group[SYC_PAIRS_TEXT];
	uint64_t claim;
	int ret = claim_of(&claim, row, err);

	if (p->o.by)
		group_of(group, row, p->o.by);
	return ret < 0 ? ret
		       : say(p, i, p->o.by ? group : letter, letter, claim, err);
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
		ret = syc_fail(
			err, SYC_EINVAL,
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
		*group = p->said[i].group;
	return ret;
}

uint32_t syc_pairs_letter(const struct syc_pairs *p, uint64_t i)
{
	return p->said[i].letter;
}

uint64_t syc_pairs_claim(const struct syc_pairs *p, uint64_t i)
{
	return p->said[i].claim;
}
