/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/random.h"
#include "syc/seen.h"
#include "task/row.h"

/* ---- keys ------------------------------------------------------------------ */

/* A second hash, whose steps have nothing of the first's. */
static uint64_t hash_again(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = syc_mix64(h + 0x9e3779b97f4a7c15u + (unsigned char)*s);
	return syc_mix64(~h);
}

struct syc_row_key syc_row_key_of(const char *id, int sample, const char *order,
				  const char *answer)
{
	const char *const part[] = { id, order ? order : "given", answer ? answer : "" };
	const uint64_t n = sample < 0 ? 0 : (uint64_t)sample;
	struct syc_row_key k = { n, syc_mix64(n + 1) };

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		/* with its NUL: no two lists of parts give the same bytes */
		k.a = syc_hash(k.a, part[i], strlen(part[i]) + 1);
		k.b = hash_again(k.b, part[i]);
	}
	return k;
}

/* A field as text, NULL when it is absent; one of another type by its JSON, in *own. */
static const char *field_text(const struct syc_row_box *b, const char *name, char **own)
{
	const json_t *v = syc_row_field(b, name);

	*own = v && !json_is_string(v)
		       ? json_dumps(v, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT)
		       : NULL;
	return *own ? *own : json_string_value(v);
}

struct syc_row_key syc_row_key(const struct syc_row *row)
{
	const struct syc_row_box *b = (const struct syc_row_box *)row;
	char *own[2];
	const char *order = field_text(b, "order", &own[0]);
	const char *answer = field_text(b, "answer", &own[1]);
	/* a made id may have got a number behind it */
	const size_t n = row->has_id ? strlen(row->id) : strcspn(row->id, "-");
	char made[sizeof(b->made_id)];
	struct syc_row_key k;

	if (!row->has_id)
		snprintf(made, sizeof(made), "%.*s", (int)n, row->id);
	k = syc_row_key_of(row->has_id ? row->id : made, row->sample, order, answer);
	free(own[0]);
	free(own[1]);
	return k;
}

/* ---- what was seen --------------------------------------------------------- */

/* Open addressing; where 0 marks a free slot, else it is file << 40 | number, plus 1. */
struct slot {
	struct syc_row_key key;
	uint64_t where;
};

struct syc_seen {
	struct slot *slot;	/* [cap], a power of two */
	size_t cap, used;
	const char **file;	/* [n_files] */
	size_t n_files, cap_files;
};

static struct slot *find(struct slot *slot, size_t cap, const struct syc_row_key *key)
{
	size_t i = (size_t)key->a & (cap - 1);

	while (slot[i].where && (slot[i].key.a != key->a || slot[i].key.b != key->b))
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

static int make_room(struct syc_seen *s)
{
	const size_t cap = s->cap ? s->cap * 2 : 64;
	struct slot *new;

	if (s->used < s->cap / 8 * 7)
		return 0;
	new = syc_calloc(cap, sizeof(*new));
	if (!new)
		return SYC_ENOMEM;
	for (size_t i = 0; i < s->cap; i++)
		if (s->slot[i].where)
			*find(new, cap, &s->slot[i].key) = s->slot[i];
	free(s->slot);
	s->slot = new;
	s->cap = cap;
	return 0;
}

struct syc_seen *syc_seen_new(void)
{
	return calloc(1, sizeof(struct syc_seen));
}

void syc_seen_free(struct syc_seen *s)
{
	if (!s)
		return;
	free(s->slot);
	free(s->file);
	free(s);
}

int syc_seen_add(struct syc_seen *s, const struct syc_row_key *key, struct syc_seen_place at,
		 struct syc_seen_place *first)
{
	struct slot *to;

	if (make_room(s) < 0)
		return SYC_ENOMEM;
	to = find(s->slot, s->cap, key);
	if (to->where && first)
		*first = (struct syc_seen_place){
			s->file[to->where >> 40], (to->where & (UINT64_MAX >> 24)) - 1 };
	if (to->where)
		return 1;
	if (!s->n_files || s->file[s->n_files - 1] != at.file) {
		if (!syc_grow(&s->file, &s->cap_files, s->n_files + 1, sizeof(*s->file)))
			return SYC_ENOMEM;
		s->file[s->n_files++] = at.file;
	}
	assert(at.number < UINT64_MAX >> 24 && s->n_files <= 1 << 24);
	*to = (struct slot){ *key, (uint64_t)(s->n_files - 1) << 40 | (at.number + 1) };
	s->used++;
	return 0;
}

/* ---- runs ------------------------------------------------------------------ */

/* The name of a run, "" when v is none. */
static const char *run_name(const json_t *v)
{
	const char *s = json_string_value(v);

	return s && strlen(s) == 16 && strspn(s, "0123456789abcdef") == 16 ? s : "";
}

int syc_one_run_add(struct syc_one_run *r, const char *answers, const char *acts,
		    const char *place, struct syc_err *err)
{
	const bool other = strcmp(r->answers, answers) != 0;
	const char *first = other ? r->answers : r->acts, *now = other ? answers : acts;

	if (!r->any) {
		r->any = true;
		snprintf(r->answers, sizeof(r->answers), "%s", answers);
		snprintf(r->acts, sizeof(r->acts), "%s", acts);
		snprintf(r->place, sizeof(r->place), "%s", place);
		return 0;
	}
	if (strcmp(now, first) == 0)
		return 0;
	return syc_fail(err, SYC_EMIXED, "%.160s: %s %s%s, that in %.160s %s%s", place,
			other ? "this row is of" : "this row was recorded by",
			*now ? "run " : "an unknown run", now, r->place,
			*first ? other ? "of run " : "by run "
			       : other ? "of an unknown one" : "by an unknown one",
			first);
}

/* The run that made a field by what its row says of it, "" for none. */
static const char *maker(const char *key, size_t n, const json_t *v)
{
	if (json_is_object(v) && strcmp(key, "acts") != 0)
		return run_name(json_object_get(v, "run"));
	return n > 4 && strcmp(key + n - 4, "_run") == 0 ? run_name(v) : "";
}

int syc_run_makers_row(struct syc_run_makers *m, const struct syc_row *row,
		       struct syc_seen_place at, struct syc_err *err)
{
	const char *key, *run;
	char field[sizeof(m->by->field)];
	json_t *v;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)syc_row_json(row), key, v) {
		const size_t n = strlen(key);

		if (!*(run = maker(key, n, v)))
			continue;
		snprintf(field, sizeof(field), "%.*s", (int)(json_is_object(v) ? n : n - 4), key);
		for (i = 0; i < m->n && strcmp(m->by[i].field, field) != 0; i++)
			;
		if (i < m->n && strcmp(m->by[i].run, run) != 0)
			return syc_fail(err, SYC_EMIXED,
					"%.160s:%" PRIu64 ": %s is of run %s, that in %.160s:%" PRIu64
					" of run %s", at.file, at.number, field, run,
					m->by[i].first.file, m->by[i].first.number, m->by[i].run);
		if (i < m->n || i == SYC_RUN_MAKERS)
			continue;
		memcpy(m->by[i].field, field, sizeof(field));
		snprintf(m->by[i].run, sizeof(m->by[i].run), "%s", run);
		m->by[i].first = at;
		m->n++;
	}
	return 0;
}

int syc_one_run_row(struct syc_one_run *r, const struct syc_row *row, const char *place,
		    struct syc_err *err)
{
	const struct syc_row_box *b = (const struct syc_row_box *)row;

	return syc_one_run_add(r, run_name(syc_row_field(b, "run")),
			       run_name(json_object_get(syc_row_field(b, "acts"), "run")),
			       place, err);
}
