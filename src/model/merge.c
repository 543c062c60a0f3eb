/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "model/merge.h"

/*
 * A heap of eight children a node: they lie in one or two cache lines, and
 * there are a third of the levels of a binary one.
 */
enum { WAYS = 8 };

static bool heap_push(struct syc_merger *m, uint64_t key)
{
	size_t i = m->n_heap;

	if (!syc_grow(&m->heap, &m->heap_cap, i + 1, sizeof(*m->heap)))
		return false;
	m->n_heap++;
	while (i > 0 && key < m->heap[(i - 1) / WAYS]) {
		m->heap[i] = m->heap[(i - 1) / WAYS];
		i = (i - 1) / WAYS;
	}
	m->heap[i] = key;
	return true;
}

static void heap_pop(struct syc_merger *m)
{
	uint64_t last = m->heap[--m->n_heap];
	size_t i = 0, first;

	while ((first = WAYS * i + 1) < m->n_heap) {
		size_t end = first + WAYS < m->n_heap ? first + WAYS :
							m->n_heap;
		size_t least = first;

		for (size_t c = first + 1; c < end; c++)
			if (m->heap[c] < m->heap[least])
				least = c;
		if (last <= m->heap[least])
			break;
		m->heap[i] = m->heap[least];
		i = least;
	}
	m->heap[i] = last;
}

static bool append(struct syc_line *l, uint64_t key)
{
	size_t n = l->end - l->at;

	/* Room at the front is used again once it is the larger part. */
	if (l->end == l->cap && l->at > n) {
		memcpy(l->key, l->key + l->at, n * sizeof(*l->key));
		l->at = 0;
		l->end = n;
	}
	if (!syc_grow(&l->key, &l->cap, l->end + 1, sizeof(*l->key)))
		return false;
	l->key[l->end++] = key;
	return true;
}

/*
 * Long runs of one character, such as spaces, queue their pairs from left to
 * right, then all pairs of those, and so on.  So a key goes behind the first
 * line that ends with a smaller one, where it costs nothing to keep sorted.
 */
static bool push(struct syc_merger *m, uint64_t key)
{
	for (int i = 0; i < SYC_LINES; i++) {
		struct syc_line *l = &m->line[i];

		if (l->at == l->end || l->key[l->end - 1] <= key)
			return append(l, key);
	}
	return heap_push(m, key);
}

/* The smallest; false when nothing waits. */
static bool pop(struct syc_merger *m, uint64_t *key)
{
	struct syc_line *from = NULL;
	uint64_t least = m->n_heap ? m->heap[0] : UINT64_MAX;

	for (int i = 0; i < SYC_LINES; i++) {
		struct syc_line *l = &m->line[i];

		if (l->at < l->end && l->key[l->at] < least) {
			least = l->key[l->at];
			from = l;
		}
	}
	*key = least;
	if (from)
		from->at++;
	else if (least != UINT64_MAX)
		heap_pop(m);
	return least != UINT64_MAX;
}

/* Look up what symbol i and the next one become, and queue them. */
static bool try_pair(struct syc_merger *m, int32_t i)
{
	struct syc_symbol *a = &m->sym[i];

	a->order = SYC_MERGE_NEVER;
	if (a->next < 0)
		return true;
	a->order = m->pair(m, a, &m->sym[a->next], &a->whole);
	return a->order == SYC_MERGE_NEVER ||
		push(m, (uint64_t)a->order << 32 | (uint32_t)i);
}

bool syc_merge_add(struct syc_merger *m, size_t at, size_t n, int32_t id)
{
	int32_t i = (int32_t)m->n;

	if (!syc_grow(&m->sym, &m->cap, m->n + 1, sizeof(*m->sym)))
		return false;
	if (i > 0)
		m->sym[i - 1].next = i;
	m->sym[m->n++] = (struct syc_symbol){
		.at = (uint32_t)at, .n = (uint32_t)n, .id = id, .prev = i - 1,
		.next = -1, .order = SYC_MERGE_NEVER,
	};
	return true;
}

/*
 * What is popped is stale unless symbol left still has a pair of that order.
 * Should it have another one of the same order by now, that is the smallest as
 * well, and its own entry is the one that turns out stale.
 */
bool syc_merge_run(struct syc_merger *m)
{
	uint64_t key;

	m->n_heap = 0;
	for (int i = 0; i < SYC_LINES; i++)
		m->line[i].at = m->line[i].end = 0;
	for (size_t i = 0; i + 1 < m->n; i++)
		if (!try_pair(m, (int32_t)i))
			return false;
	while (pop(m, &key)) {
		int32_t left = (int32_t)(key & UINT32_MAX);
		struct syc_symbol *a = &m->sym[left], *b;

		if (a->n == 0 || a->order != key >> 32)
			continue;
		b = &m->sym[a->next];
		a->n += b->n;
		a->id = a->whole;
		a->next = b->next;
		b->n = 0;
		if (a->next >= 0)
			m->sym[a->next].prev = left;
		if ((a->prev >= 0 && !try_pair(m, a->prev)) ||
		    !try_pair(m, left))
			return false;
	}
	return true;
}

void syc_merge_free(struct syc_merger *m)
{
	free(m->sym);
	for (int i = 0; i < SYC_LINES; i++)
		free(m->line[i].key);
	free(m->heap);
}
