/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "task/row.h"

/* Open addressing over the hashes that ids were made of. */
struct slot {
	uint64_t hash;
	uint64_t n;	/* rows so far; 0 marks a free slot */
};

struct syc_row_ids {
	struct slot *slot;	/* [cap], a power of two */
	size_t cap, used;
};

static struct slot *find(struct slot *slot, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (slot[i].n && slot[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

static int make_room(struct syc_row_ids *ids)
{
	size_t cap = ids->cap ? ids->cap * 2 : 64;
	struct slot *new;

	if (ids->used < ids->cap / 2)
		return 0;
	new = calloc(cap, sizeof(*new));
	if (!new)
		return SYC_ENOMEM;
	for (size_t i = 0; i < ids->cap; i++)
		if (ids->slot[i].n)
			*find(new, cap, ids->slot[i].hash) = ids->slot[i];
	free(ids->slot);
	ids->slot = new;
	ids->cap = cap;
	return 0;
}

struct syc_row_ids *syc_row_ids_new(void)
{
	return calloc(1, sizeof(struct syc_row_ids));
}

void syc_row_ids_free(struct syc_row_ids *ids)
{
	if (!ids)
		return;
	free(ids->slot);
	free(ids);
}

int syc_row_ids_number(struct syc_row_ids *ids, struct syc_row *row)
{
	struct syc_row_box *b = (struct syc_row_box *)row;
	struct slot *s;

	if (row->id != b->made_id)
		return 0;
	if (make_room(ids) < 0)
		return SYC_ENOMEM;
	s = find(ids->slot, ids->cap, b->hash);
	ids->used += s->n == 0;
	s->hash = b->hash;
	if (++s->n > 1)
		snprintf(b->made_id, sizeof(b->made_id),
			 "%016" PRIx64 "-%" PRIu32, b->hash, (uint32_t)s->n);
	return 0;
}
