/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/store.h"
#include "model/model.h"
#include "model/settings.h"
#include "model/tensor_checks.h"
#include "model/vocab.h"

enum { MAX_SHOWN = 8 };	/* elements of an array */

static int add_strings(struct syc_buf *out, const struct syc_gguf_kv *kv,
		       size_t n)
{
	struct syc_str *s = syc_calloc(kv->n, sizeof(*s));
	int bad = 0;

	if (!s)
		return SYC_ENOMEM;
	syc_gguf_strings(kv, s);
	for (size_t i = 0; i < n; i++) {
		bad |= i ? syc_buf_puts(out, ", ") : 0;
		bad |= syc_buf_json(out, s[i].s, s[i].len);
	}
	free(s);
	return bad;
}

static int add_number(struct syc_buf *out, const struct syc_gguf_kv *kv,
		      size_t i)
{
	double v = syc_gguf_num(kv, i);

	if (kv->elem == SYC_GGUF_BOOL)
		return syc_buf_puts(out, v ? "true" : "false");
	if (kv->elem == SYC_GGUF_F32)
		return syc_buf_float(out, (float)v);
	if (!isfinite(v))
		return syc_buf_puts(out, "null");
	return syc_buf_printf(out, "%.17g", v);
}

static int add_value(struct syc_buf *out, const struct syc_gguf_kv *kv)
{
	bool array = kv->type == SYC_GGUF_ARRAY, cut = kv->n > MAX_SHOWN;
	size_t n = cut ? MAX_SHOWN : kv->n;
	int bad = 0;

	if (cut)
		bad |= syc_buf_printf(out,
				      "{\"length\": %zu, \"first\": ", kv->n);
	bad |= syc_buf_puts(out, array ? "[" : "");
	if (kv->elem == SYC_GGUF_STRING)
		bad |= add_strings(out, kv, n);
	for (size_t i = 0; kv->elem != SYC_GGUF_STRING && i < n; i++) {
		bad |= i ? syc_buf_puts(out, ", ") : 0;
		bad |= add_number(out, kv, i);
	}
	bad |= syc_buf_puts(out, array ? "]" : "");
	return bad | (cut ? syc_buf_puts(out, "}") : 0);
}

static int add_tensor(struct syc_buf *out, const struct syc_tensor *t)
{
	int bad = syc_buf_puts(out, "{\"name\": ");

	bad |= syc_buf_json(out, t->name, strlen(t->name));
	bad |= syc_buf_printf(out, ", \"type\": \"%s\", \"shape\": [",
			      syc_type_name(t->type));
	for (uint32_t d = 0; d < t->n_dims; d++)
		bad |= syc_buf_printf(out, "%s%" PRIu64, d ? ", " : "",
				      t->ne[d]);
	return bad | syc_buf_printf(out, "], \"bytes\": %zu}", t->bytes);
}

static int add_metadata(struct syc_buf *out, const struct syc_gguf *g)
{
	int bad = syc_buf_printf(out, ", \"version\": %" PRIu32 ", \"metadata\": "
				 "{", syc_gguf_version(g));

	for (size_t i = 0; i < syc_gguf_n_kv(g); i++) {
		const struct syc_gguf_kv *kv = syc_gguf_kv_at(g, i);

		bad |= syc_buf_puts(out, i ? ", " : "");
		bad |= syc_buf_json(out, kv->key, strlen(kv->key));
		bad |= syc_buf_puts(out, ": ");
		bad |= add_value(out, kv);
	}
	return bad | syc_buf_puts(out, "}");
}

/* The settings beside safetensors, a model's or else an adapter's; null for none. */
static int add_settings(struct syc_buf *out, const char *folder)
{
	static const char *const names[] = { "config.json",
					     "adapter_config.json" };
	struct syc_settings in;
	char *text = NULL;
	int bad;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !text; i++) {
		if (syc_settings_open(&in, folder, names[i], NULL) == 0)
			text = json_dumps(in.root, 0);
		syc_settings_free(&in);
	}
	bad = syc_buf_printf(out, ", \"config\": %s", text ? text : "null");
	free(text);
	return bad;
}

static int add_store(struct syc_buf *out, const struct syc_store *s)
{
	const struct syc_gguf *g = syc_store_gguf(s);
	size_t n = syc_store_n_files(s);
	uint64_t bytes = 0;
	struct stat st;
	int bad;

	for (size_t i = 0; i < n; i++)
		bytes += stat(syc_store_file(s, i), &st) == 0 ? (uint64_t)st.st_size : 0;
	bad = syc_buf_printf(out,
			     "{\"format\": \"%s\", \"files\": %zu, "
			     "\"bytes\": %" PRIu64,
			     g ? "gguf" : "safetensors", n, bytes);
	bad |= g ? add_metadata(out, g) :
		   add_settings(out, syc_store_folder(s));
	bad |= syc_buf_puts(out, ", \"tensors\": [");
	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		bad |= syc_buf_puts(out, i ? ", " : "");
		bad |= add_tensor(out, syc_store_tensor_at(s, i));
	}
	return bad | syc_buf_puts(out, "]}");
}

int syc_model_describe(const char *path, struct syc_buf *out,
		       struct syc_err *err)
{
	char *adapter;
	struct syc_store *s;
	int ret;

	if (asprintf(&adapter, "%s/adapter_model.safetensors", path) < 0)
		return syc_nomem(err);
	ret = syc_store_open(&s, access(adapter, F_OK) == 0 ? adapter : path,
			     err);
	free(adapter);
	if (ret < 0)
		return ret;
	if (add_store(out, s) != 0)
		ret = syc_nomem(err);
	syc_store_close(s);
	return ret;
}

/* The configuration, the tensors and the vocabulary, as when it is opened. */
static int check_parts(const struct syc_store *s, struct syc_err *err)
{
	const struct syc_gguf *g = syc_store_gguf(s);
	struct syc_vocab *v = NULL;
	struct syc_buf notes = { 0 };
	struct syc_config cfg;
	int ret;

	if ((ret = syc_config_read(&cfg, s, err)) == 0 &&
	    (ret = syc_config_complete(&cfg, s, &notes, err)) == 0 &&
	    (ret = syc_tensors_check(&cfg, s, err)) == 0)
		ret = g ? syc_vocab_from_gguf(&v, g, err) :
			  syc_vocab_from_folder(&v, syc_store_folder(s),
						cfg.n_vocab, err);
	if (ret == 0)
		ret = syc_model_check_vocab(&cfg, v, syc_store_path(s), err);
	syc_vocab_close(v);
	syc_buf_free(&notes);
	return ret;
}

int syc_model_check(const char *path, struct syc_err *err)
{
	struct syc_store *s;
	int ret = syc_store_open(&s, path, err);

	if (ret < 0)
		return ret;
	if (syc_store_n_tensors(s))
		ret = check_parts(s, err);
	syc_store_close(s);
	return ret;
}

int syc_file_kind(enum syc_file_kind *kind, const char *path,
		  struct syc_err *err)
{
	unsigned char b[9] = { 0 };
	struct stat st;
	FILE *f;
	size_t n;
	bool failed;

	*kind = SYC_FILE_UNKNOWN;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		*kind = SYC_FILE_FOLDER;
		return 0;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return syc_not_a_file(path, st.st_mode, err);
	f = fopen(path, "rb");
	if (!f)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	n = fread(b, 1, sizeof(b), f);
	failed = ferror(f);
	if (failed)
		syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	fclose(f);
	if (failed)
		return SYC_EIO;
	if (n == 0)
		return syc_fail(err, SYC_EFORMAT, "%s: is empty", path);
	if (n >= 4 && memcmp(b, "GGUF", 4) == 0)
		*kind = SYC_FILE_GGUF;
	else if (n >= 4 && memcmp(b, "PK\3\4", 4) == 0)
		*kind = SYC_FILE_ZIP;
	else if (n >= 6 && memcmp(b, "\x93NUMPY", 6) == 0)
		*kind = SYC_FILE_NPY;
	else if (n == 9 && b[8] == '{')
		*kind = SYC_FILE_SAFETENSORS;
	return 0;
}
