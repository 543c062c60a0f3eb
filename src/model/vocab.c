/* SPDX-License-Identifier: MIT */
/* Opening a vocabulary, and what is asked of it alone. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/vocab.h"

/* The first byte that is no white space, or 0. */
static uint8_t first_byte(const struct syc_map *map)
{
	for (size_t i = 0; i < map->len; i++)
		if (!memchr(" \t\r\n", map->data[i], 4))
			return map->data[i];
	return 0;
}

static int read_json(struct syc_vocab_in *in, const struct syc_map *map)
{
	json_t *root;
	int ret = syc_vocab_parse(in, map->data, map->len, &root);

	if (ret < 0)
		return ret;
	ret = syc_vocab_read_json(in, root);
	json_decref(root);
	return ret;
}

/* The first field of a ModelProto is a piece: key 1 << 3 | 2. */
static bool is_sp(const struct syc_map *map)
{
	return map->len && map->data[0] == 0x0a;
}

static int open_tokenizer(struct syc_vocab **out, const char *path,
			  const struct syc_map *map, struct syc_err *err)
{
	struct syc_vocab_in in = { .path = path, .err = err, .v = syc_vocab_new() };
	int ret;

	if (!in.v)
		return syc_nomem(err);
	ret = is_sp(map) ? syc_vocab_read_sp(&in, map->data, map->len) :
			   read_json(&in, map);
	if (ret == 0)
		ret = syc_vocab_finish(&in);
	if (ret < 0)
		syc_vocab_close(in.v);
	else
		*out = in.v;
	return ret;
}

static int open_gguf(struct syc_vocab **out, const char *path,
		     struct syc_err *err)
{
	struct syc_gguf *g;
	int ret = syc_gguf_open(&g, path, err);

	if (ret < 0)
		return ret;
	ret = syc_vocab_from_gguf(out, g, err);
	syc_gguf_close(g);
	return ret;
}

int syc_vocab_open(struct syc_vocab **out, const char *path,
		   struct syc_err *err)
{
	struct syc_map map;
	struct stat st;
	int ret;

	*out = NULL;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return syc_vocab_from_folder(out, path, 0, err);
	ret = syc_map_open(&map, path, err);
	if (ret < 0)
		return ret;
	if (is_sp(&map) || first_byte(&map) == '{')
		ret = open_tokenizer(out, path, &map, err);
	else
		ret = open_gguf(out, path, err);
	syc_map_close(&map);
	return ret;
}

size_t syc_vocab_size(const struct syc_vocab *v)
{
	return v->meta.n;
}

int32_t syc_vocab_bos(const struct syc_vocab *v)
{
	return v->meta.bos;
}

int32_t syc_vocab_eos(const struct syc_vocab *v)
{
	return v->meta.eos;
}

bool syc_vocab_is_end(const struct syc_vocab *v, int32_t id)
{
	return id >= 0 && (size_t)id < v->meta.n && v->meta.piece[id].end;
}

const char *syc_vocab_chat_template(const struct syc_vocab *v, size_t *len)
{
	*len = v->meta.n_tmpl;
	return v->meta.tmpl;
}

const struct syc_vocab_meta *syc_vocab_meta(const struct syc_vocab *v)
{
	return &v->meta;
}
