/* SPDX-License-Identifier: MIT */
/*
 * What a run goes on with, as a file: a head, settings and log as text, the
 * adapter's values, AdamW's two moments and the best values so far, and a
 * CRC-32 of all that.
 */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/tune/tune.h"
#include "syc/acts.h"
#include "syc/output.h"

#define MAGIC "syctune1"

struct head {
	char magic[8];
	uint64_t n_settings, n_log;	/* bytes */
	uint64_t n_values, n_arrays;
	uint64_t step, worse;
	double least;
};

struct writer {
	struct syc_output o;
	uLong crc;
	int ret;
	struct syc_err *err;
};

static void write_part(struct writer *w, const void *data, size_t n)
{
	if (w->ret < 0 || !n)
		return;
	w->crc = crc32_z(w->crc, data, n);
	w->ret = syc_output_write(&w->o, data, n, w->err);
}

int syc_tune_save(const struct syc_tune *u, const char *path,
		  const char *settings, const struct syc_buf *log,
		  struct syc_err *err)
{
	const size_t bytes = u->w->n_values * sizeof(float);
	const struct head head = {
		MAGIC,		 strlen(settings), log->len, u->w->n_values,
		u->best ? 4 : 3, u->step,	   u->worse, u->least,
	};
	struct writer w = { .crc = crc32_z(0, NULL, 0), .err = err };
	uint32_t crc;

	syc_output_begin(&w.o, path, SYC_LEFTOVER_REPLACE);
	w.ret = syc_output_open(&w.o, err);
	write_part(&w, &head, sizeof(head));
	write_part(&w, settings, strlen(settings));
	write_part(&w, log->data, log->len);
	write_part(&w, u->w->values, bytes);
	write_part(&w, u->m, bytes);
	write_part(&w, u->v, bytes);
	if (u->best)
		write_part(&w, u->best, bytes);
	crc = (uint32_t)w.crc;
	write_part(&w, &crc, sizeof(crc));
	if (w.ret == 0)
		return syc_output_finish(&w.o, err);
	syc_output_drop(&w.o);
	return w.ret;
}

/* All lengths of the head, with nothing left over. */
static bool adds_up(const struct head *h, size_t bytes)
{
	const uint64_t most = UINT64_MAX / 64;

	return memcmp(h->magic, MAGIC, sizeof(h->magic)) == 0 &&
	       h->n_settings < most && h->n_log < most && h->n_values < most &&
	       (h->n_arrays == 3 || h->n_arrays == 4) &&
	       bytes == sizeof(*h) + h->n_settings + h->n_log +
				h->n_arrays * h->n_values * sizeof(float) +
				sizeof(uint32_t);
}

static int check(const struct syc_map *map, struct head *h, const char *path,
		 struct syc_err *err)
{
	uint32_t crc;

	if (map->len >= sizeof(*h))
		memcpy(h, map->data, sizeof(*h));
	if (map->len < sizeof(*h) || !adds_up(h, map->len))
		return syc_fail(err, SYC_EFORMAT, "%s: no whole checkpoint",
				path);
	memcpy(&crc, map->data + map->len - sizeof(crc), sizeof(crc));
	if (crc !=
	    crc32_z(crc32_z(0, NULL, 0), map->data, map->len - sizeof(crc)))
		return syc_fail(err, SYC_EFORMAT,
				"%s: the checkpoint is damaged", path);
	return 0;
}

static int compare(const struct syc_map *map, const struct head *h,
		   const char *path, const char *settings, struct syc_err *err)
{
	char *was =
		strndup((const char *)map->data + sizeof(*h), h->n_settings);
	int ret = was ? syc_provenance_same(was, settings, path, err)
		      : syc_nomem(err);

	free(was);
	return ret;
}

static const uint8_t *take(float *to, const uint8_t *from, size_t n)
{
	memcpy(to, from, n * sizeof(*to));
	return from + n * sizeof(*to);
}

static int restore(struct syc_tune *u, const struct syc_map *map,
		   const struct head *h, const char *path, struct syc_buf *log,
		   struct syc_err *err)
{
	const uint8_t *at = map->data + sizeof(*h) + h->n_settings;

	if (h->n_values != u->w->n_values ||
	    (h->n_arrays == 4) != (u->best != NULL) || h->step > u->n_steps)
		return syc_fail(err, SYC_EINVAL,
				"%s: a checkpoint of another run", path);
	if (syc_buf_add(log, at, h->n_log) < 0)
		return syc_nomem(err);
	at = take(u->w->values, at + h->n_log, h->n_values);
	at = take(u->m, at, h->n_values);
	at = take(u->v, at, h->n_values);
	if (u->best)
		take(u->best, at, h->n_values);
	u->step = h->step;
	u->worse = h->worse;
	u->least = h->least;
	return 0;
}

int syc_tune_resume(struct syc_tune *u, const char *path, const char *settings,
		    struct syc_buf *log, struct syc_err *err)
{
	struct syc_map map;
	struct head h;
	int ret = syc_map_open(&map, path, err);

	if (ret < 0)
		return ret;
	ret = check(&map, &h, path, err);
	if (ret == 0)
		ret = compare(&map, &h, path, settings, err);
	if (ret == 0)
		ret = restore(u, &map, &h, path, log, err);
	syc_map_close(&map);
	return ret;
}
