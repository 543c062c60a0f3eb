/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/mem.h"
#include "format/json.h"
#include "format/store.h"
#include "suite.h"

#define DIR_NAME "check_store.tmp"
#define INDEX "model.safetensors.index.json"

static struct syc_err err;

static const char *path_of(const char *name)
{
	static char path[4][256];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), DIR_NAME "/%s", name);
	return path[at];
}

static void clean(void)
{
	ck_assert_int_eq(system("rm -rf " DIR_NAME), 0);
	ck_assert_int_eq(mkdir(DIR_NAME, 0777), 0);
}

static void text(const char *name, const char *s)
{
	spill(path_of(name), s, strlen(s));
}

/* A safetensors file of header s and n bytes of data, each of its place. */
static void made_st(const char *name, const char *s, size_t n)
{
	struct syc_buf b = { 0 };
	const uint64_t len = strlen(s);

	syc_buf_add(&b, &len, sizeof(len));
	syc_buf_puts(&b, s);
	for (size_t i = 0; i < n; i++)
		syc_buf_add(&b, &(char){ (char)i }, 1);
	spill(path_of(name), b.data, b.len);
	syc_buf_free(&b);
}

/* The files a.safetensors with x, y, and b.safetensors with z. */
static void two_files(void)
{
	clean();
	made_st("a.safetensors",
		"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
		"\"y\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[8,12]}}", 12);
	made_st("b.safetensors",
		"{\"z\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[0,4]}}", 4);
	text(INDEX,
	     "{\"metadata\":{\"total_size\":16},\"weight_map\":{\"z\":\"b.safetensors\","
	     "\"y\":\"a.safetensors\",\"x\":\"a.safetensors\"}}");
}

/* One file of a split model: its tensors are named by the letters. */
static void made_gguf(const char *name, int no, int count, int total,
		      const char *letters)
{
	struct syc_gguf_out *o = syc_gguf_out_new();
	FILE *f = fopen(path_of(name), "wb");
	const float v[2] = { 1, 2 };

	ck_assert(o && f);
	if (no == 0)
		syc_gguf_put_str(o, "general.architecture", "llama", 5);
	if (no >= 0)
		syc_gguf_put_u32(o, "split.no", (uint32_t)no);
	if (count >= 0)
		syc_gguf_put_u32(o, "split.count", (uint32_t)count);
	if (total >= 0)
		syc_gguf_put_i32(o, "split.tensors.count", total);
	for (; *letters; letters++)
		syc_gguf_put_f32_tensor(o, (char[]){ *letters, 0 }, v, 2);
	ck_assert_int_eq(syc_gguf_write(o, f, name, &err), 0);
	ck_assert_int_eq(fclose(f), 0);
	syc_gguf_out_free(o);
}

static void three_files(void)
{
	clean();
	made_gguf("m-00001-of-00003.gguf", 0, 3, 4, "ba");
	made_gguf("m-00002-of-00003.gguf", 1, 3, 4, "d");
	made_gguf("m-00003-of-00003.gguf", 2, 3, 4, "c");
}

static struct syc_store *opened(const char *path)
{
	struct syc_store *s;

	ck_assert_msg(syc_store_open(&s, path, &err) == 0, "%s: %s", path, err.msg);
	ck_assert_str_eq(syc_store_path(s), path);
	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		const struct syc_tensor *t = syc_store_tensor_at(s, i);

		ck_assert_ptr_eq(syc_store_tensor(s, t->name), t);
	}
	ck_assert_ptr_null(syc_store_tensor(s, "nothing"));
	return s;
}

/* It does not open, and the one line has all the words (NULL at the end). */
static void refused(const char *path, ...)
{
	struct syc_store *s;
	const char *word;
	va_list ap;

	err.msg[0] = 0;
	ck_assert_msg(syc_store_open(&s, path, &err) < 0, "%s was opened", path);
	ck_assert_ptr_null(s);
	ck_assert_ptr_null(strchr(err.msg, '\n'));
	va_start(ap, path);
	while ((word = va_arg(ap, const char *)))
		ck_assert_msg(strstr(err.msg, word), "'%s' is not in: %s", word,
			      err.msg);
	va_end(ap);
}

static void names_are(const struct syc_store *s, const char *letters)
{
	ck_assert_uint_eq(syc_store_n_tensors(s), strlen(letters));
	for (size_t i = 0; letters[i]; i++) {
		const char *name = syc_store_tensor_at(s, i)->name;

		ck_assert(name[0] == letters[i] && name[1] == 0);
	}
}

START_TEST(single_files)
{
	struct syc_store *s;

	clean();
	made_gguf("m.gguf", -1, -1, -1, "ba");
	s = opened(path_of("m.gguf"));
	names_are(s, "ba");
	ck_assert_ptr_nonnull(syc_store_gguf(s));
	ck_assert_ptr_null(syc_store_folder(s));
	ck_assert_uint_eq(syc_store_n_files(s), 1);
	ck_assert_str_eq(syc_store_file(s, 0), path_of("m.gguf"));
	syc_store_close(s);

	/* A folder with one GGUF file is that file. */
	s = opened(DIR_NAME);
	names_are(s, "ba");
	ck_assert_str_eq(syc_store_file(s, 0), path_of("m.gguf"));
	syc_store_close(s);
	made_gguf("n.gguf", -1, -1, -1, "c");
	refused(DIR_NAME, "2 GGUF files", NULL);
	made_gguf("one.gguf", 0, 1, 2, "xy");
	syc_store_close(opened(path_of("one.gguf")));

	/* model.safetensors comes first. */
	two_files();
	made_gguf("m.gguf", -1, -1, -1, "ba");
	made_st("model.safetensors",
		"{\"q\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4);
	s = opened(DIR_NAME);
	names_are(s, "q");
	ck_assert_ptr_null(syc_store_gguf(s));
	ck_assert_str_eq(syc_store_folder(s), DIR_NAME);
	syc_store_close(s);
	s = opened(path_of("a.safetensors"));
	names_are(s, "xy");
	ck_assert_str_eq(syc_store_folder(s), DIR_NAME);
	syc_store_close(s);
}
END_TEST

START_TEST(folder_of_the_path)
{
	struct syc_store *s;
	char *here = getcwd(NULL, 0);

	two_files();
	ck_assert_int_eq(chdir(DIR_NAME), 0);
	s = opened("a.safetensors");
	ck_assert_str_eq(syc_store_folder(s), ".");
	syc_store_close(s);
	s = opened("./" INDEX);
	ck_assert_str_eq(syc_store_folder(s), ".");
	syc_store_close(s);
	s = opened(".");
	names_are(s, "xyz");
	syc_store_close(s);
	ck_assert_int_eq(chdir(here), 0);
	free(here);
}
END_TEST

START_TEST(index_of_files)
{
	const struct syc_tensor *t;
	struct syc_store *s;
	float x[2];

	two_files();
	for (int i = 0; i < 2; i++) {
		s = opened(i ? DIR_NAME : path_of(INDEX));
		names_are(s, "xyz");
		ck_assert_uint_eq(syc_store_n_files(s), 2);
		ck_assert_str_eq(syc_store_file(s, 1), path_of("b.safetensors"));
		t = syc_store_tensor(s, "y");
		ck_assert(t->type == SYC_TYPE_BF16 && t->ne[0] == 2 &&
			  t->ne[1] == 1);
		ck_assert_int_eq(t->data[0], 8);
		t = syc_store_tensor(s, "z");
		ck_assert(t->type == SYC_TYPE_F16 && t->ne[0] == 1 &&
			  t->ne[1] == 2);
		syc_type_decode(x, t->type, t->data, 2);
		ck_assert(x[0] == syc_f16_to_f32(0x0100) &&
			  x[1] == syc_f16_to_f32(0x0302));
		syc_store_close(s);
	}
}
END_TEST

START_TEST(bad_index)
{
	static const struct {
		const char *json, *says;
	} bad[] = {
		{ "", "is empty" },
		{ "{", "not JSON" },
		{ "[]", "not a JSON object" },
		{ "{}", "no weight_map" },
		{ "{\"weight_map\":{}}", "no weight_map" },
		{ "{\"weight_map\":[\"a.safetensors\"]}", "no weight_map" },
		{ "{\"weight_map\":{\"x\":1}}", "'x'" },
		{ "{\"weight_map\":{\"x\":\"\"}}", "no file of this folder" },
		{ "{\"weight_map\":{\"x\":\"..\"}}", "no file of this folder" },
		{ "{\"weight_map\":{\"x\":\"../a.safetensors\"}}", "no file of this folder" },
		{ "{\"weight_map\":{\"x\":\"/etc/passwd\"}}", "no file of this folder" },
		{ "{\"weight_map\":{\"x\":\"a.safetensors\",\"x\":\"b.safetensors\"}}",
		  "duplicate" },
		{ "{\"weight_map\":{\"x\":\"c.safetensors\"}}", "c.safetensors: No such file" },
		{ "{\"weight_map\":{\"x\":\"a.safetensors\",\"z\":\"b.safetensors\"}}", "'y'" },
		{ "{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\","
		  "\"z\":\"b.safetensors\"}}", "'y'" },
		{ "{\"weight_map\":{\"w\":\"a.safetensors\",\"x\":\"a.safetensors\","
		  "\"y\":\"a.safetensors\"}}",
		  "'w' is not in a.safetensors" },
		{ "{\"weight_map\":{\"x\":\"" INDEX "\"}}", INDEX },
		{ "{\"weight_map\":{\"x\":[[[[]]]]}}", "nested 6 deep" },
	};

	two_files();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		text(INDEX, bad[i].json);
		refused(DIR_NAME, DIR_NAME, bad[i].says, NULL);
	}
	/* A tensor that both files have. */
	two_files();
	made_st("b.safetensors",
		"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
	refused(path_of(INDEX), "'x'", NULL);
	/* A file that is shorter than its header says. */
	two_files();
	made_st("b.safetensors",
		"{\"z\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[0,4]}}", 3);
	refused(path_of(INDEX), "b.safetensors", "'z'", NULL);
	two_files();
	ck_assert_int_eq(unlink(path_of("a.safetensors")), 0);
	refused(path_of(INDEX), "a.safetensors", "No such file", NULL);
}
END_TEST

START_TEST(split_gguf)
{
	struct syc_store *s;

	three_files();
	for (int i = 0; i < 2; i++) {
		s = opened(i ? DIR_NAME : path_of("m-00001-of-00003.gguf"));
		names_are(s, "badc");
		ck_assert_uint_eq(syc_store_n_files(s), 3);
		ck_assert_str_eq(syc_store_file(s, 2),
				 path_of("m-00003-of-00003.gguf"));
		ck_assert_uint_eq(syc_gguf_n_kv(syc_store_gguf(s)), 4);
		syc_store_close(s);
	}
}
END_TEST

START_TEST(bad_split)
{
	const char *first = path_of("m-00001-of-00003.gguf");
	char *name = strdup(first);

	three_files();
	refused(path_of("m-00002-of-00003.gguf"), "file 2 of a model in 3", NULL);
	ck_assert_int_eq(rename(name, path_of("m.gguf")), 0);
	refused(path_of("m.gguf"), "-00001-of-00003.gguf", NULL);
	refused(DIR_NAME, "-00001-of-00003.gguf", NULL);

	three_files();
	ck_assert_int_eq(unlink(path_of("m-00002-of-00003.gguf")), 0);
	refused(name, "m-00002-of-00003.gguf: No such file", NULL);
	text("m-00002-of-00003.gguf", "nothing");
	refused(name, "m-00002-of-00003.gguf", NULL);
	made_gguf("m-00002-of-00003.gguf", 2, 3, 4, "d");
	refused(name, "m-00002-of-00003.gguf: split.no is 2, should be 1", NULL);
	made_gguf("m-00002-of-00003.gguf", 1, 4, 4, "d");
	refused(name, "m-00002-of-00003.gguf: split.count is 4, should be 3", NULL);
	made_gguf("m-00002-of-00003.gguf", 1, 3, 5, "d");
	refused(name,
		"m-00002-of-00003.gguf: split.tensors.count is 5, should be 4",
		NULL);
	made_gguf("m-00002-of-00003.gguf", 1, -1, 4, "d");
	refused(name, "no metadata 'split.count'", NULL);
	made_gguf("m-00002-of-00003.gguf", 1, 3, 4, "de");
	refused(name, "5 tensors", "split.tensors.count is 4", NULL);
	made_gguf("m-00002-of-00003.gguf", 1, 3, 4, "a");
	refused(name, "tensor 'a' is also in", NULL);

	three_files();
	made_gguf("m-00001-of-00003.gguf", 0, 3, -1, "ba");
	refused(name,
		"m-00001-of-00003.gguf: no metadata 'split.tensors.count'",
		NULL);
	made_gguf("m-00001-of-00003.gguf", 0, 2, 4, "ba");
	refused(name, "-00001-of-00002.gguf", NULL);
	made_gguf("m-00001-of-00003.gguf", 0, 100000, 4, "ba");
	refused(name, "100000", NULL);
	free(name);
}
END_TEST

START_TEST(not_a_model)
{
	clean();
	refused(DIR_NAME, "no model.safetensors", NULL);
	refused(path_of("none"), "No such file", NULL);
	text("empty", "");
	refused(path_of("empty"), "is empty", NULL);
	text("text", "Hello, this is no model.");
	refused(path_of("text"), "neither", NULL);
	text("short", "GGU");
	refused(path_of("short"), "neither", NULL);
	made_st("model-00002-of-00007.safetensors", "{}", 0);
	refused(path_of("model-00002-of-00007.safetensors"), "one of 7 files",
		NULL);
	refused("/dev/null", "/dev/null", NULL);
}
END_TEST

/* Headers that would take hundreds of times their size to parse. */
START_TEST(floods)
{
	static const char *const unit[] =
		{ "{},", "[],", "[[", "0,", "\"\":[[", "[{}],[{}]," };
	struct syc_store *s;

	clean();
	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		struct syc_buf b = { 0 };

		syc_buf_puts(&b, "{\"a\":[");
		while (b.len < 1 << 20)
			syc_buf_puts(&b, unit[i]);
		syc_buf_puts(&b, "0]}");
		made_st("model.safetensors", b.data, 0);
		ck_assert_int_eq(syc_store_open(&s, DIR_NAME, &err), SYC_EFORMAT);
		ck_assert_msg(strstr(err.msg, "too many values") ||
			      strstr(err.msg, "deep"), "%s", err.msg);
		syc_buf_free(&b);
	}
}
END_TEST

/* Brackets in strings do not count, and real headers pass. */
START_TEST(json_limits)
{
	static const char *const good[] = {
		"{}", "  {}\n", "{\"[[[[[[{{{{{{\\\"[[[[\":\"\\\\\"}",
		"{\"a\":{\"b\":[]}}",
	};
	static const char *const bad[] = {
		"", "x", "[]", "1", "{\"a\":[[[]]]}", "{\"a\":\"",
		"{\"a\":\"\\", "{\"a\":1,\"a\":1}",
		"{\"a\\u0000b\":1", "{} {}",
		"{\"\xff\":1}",
	};
	struct syc_buf b = { 0 };
	json_t *v;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(syc_json_parse(&v, good[i], strlen(good[i]), 3,
						"p", "text", &err), 0);
		json_decref(v);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		/* A copy of the exact size: reading past it is found out. */
		size_t n = strlen(bad[i]);
		char *copy = malloc(n ? n : 1);

		memcpy(copy, bad[i], n);
		ck_assert_msg(syc_json_parse(&v, copy, n, 3, "p", "text",
					     &err) < 0, "%s", bad[i]);
		ck_assert_ptr_null(v);
		ck_assert_ptr_nonnull(strstr(err.msg, "p: text"));
		free(copy);
	}
	/* The tersest header there can be, of 20000 tensors. */
	syc_buf_puts(&b, "{");
	for (int i = 0; i < 20000; i++)
		syc_buf_printf(&b,
			       "%s\"%x\":{\"dtype\":\"F32\",\"shape\":[0,1,1,1],"
			       "\"data_offsets\":[0,0]}",
			       i ? "," : "", i);
	syc_buf_puts(&b, "}");
	made_st("model.safetensors", b.data, 0);
	syc_store_close(opened(path_of("model.safetensors")));
	syc_buf_free(&b);
}
END_TEST

/* A type that is not decoded is no error until it is needed, and has a name. */
START_TEST(other_types)
{
	struct syc_store *s;
	const struct syc_tensor *t;

	clean();
	made_st("model.safetensors",
		"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
		"\"b\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[8,11]},"
		"\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[11,19]}}", 19);
	s = opened(DIR_NAME);
	names_are(s, "abc");
	for (size_t i = 0; i < 3; i++) {
		t = syc_store_tensor_at(s, i);
		ck_assert(!syc_type_known(t->type));
		ck_assert_str_eq(syc_type_name(t->type),
				 i == 0 ? "f64" : i == 1 ? "f8_e4m3" : "i64");
	}
	syc_store_close(s);
	/* One whose size is not known is. */
	made_st("model.safetensors",
		"{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1);
	refused(DIR_NAME, "tensor 'a' has type 'F4', which is not supported", NULL);
}
END_TEST

/* The models of the shared data, both ways. */
START_TEST(whole_models)
{
	const char *st = shared_path("models/qwen2-bias/model.safetensors");
	struct syc_store *s;
	char folder[1024];

	if (!st) {
		left_out("whole_models");
		return;
	}
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(st, '/') - st), st);
	s = opened(folder);
	ck_assert_ptr_nonnull(syc_store_tensor(s,
					       "model.layers.1.self_attn.q_proj.bias"));
	ck_assert_str_eq(syc_store_folder(s), folder);
	syc_store_close(s);
	s = opened(shared_path("models/qwen2-bias/qwen2-bias-q8_0.gguf"));
	ck_assert_ptr_nonnull(syc_store_tensor(s, "blk.1.attn_q.bias"));
	syc_store_close(s);
}
END_TEST

int main(void)
{
	const struct test all[] = {
		TEST(single_files), TEST(folder_of_the_path),
		TEST(index_of_files), TEST(bad_index),
		TEST(split_gguf), TEST(bad_split), TEST(not_a_model),
		TEST(floods), TEST(json_limits),
		TEST(other_types), TEST(whole_models),
	};
	int failed = RUN_TESTS("store", all);

	if (system("rm -rf " DIR_NAME) != 0)
		failed = 1;
	return failed;
}
