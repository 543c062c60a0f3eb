/* SPDX-License-Identifier: MIT */
/* Tables of scores: what rows become, what is refused, choice and order. */
#include "config.h"
#include "made_rows.h"

START_TEST(read_rows)
{
	const struct syc_scores_set *t;
	struct syc_scores *s;

	ROW("{\"id\":\"a\",\"label\":1,\"layers\":[0,7],\"score\":"
	    "{\"w\":{\"prompt\":[1,2],\"mean\":[3,null]},\"v\":{\"mean\":[5,6]}}}\n");
	ROW("{\"id\":\"b\",\"sample\":1,\"label\":0.0,\"layers\":[0,7],\"score\":"
	    "{\"w\":{\"prompt\":[-1,2.5]}}}\n\n");
	ROW("{\"id\":\"c\",\"label\":null,\"layers\":[0,7],\"score\":{\"u\":{\"mean\":[0,0]}}}\n");
	s = made_table(NULL);
	ck_assert(s->n_rows == 3 && s->n_syc == 1 && s->n_not == 1 && s->n_undecided == 1);
	ck_assert(s->n_labeled == 2 && s->n_skipped == 0 && s->n_fields == 0);
	ck_assert(s->n_layers == 2 && s->layer[0] == 0 && s->layer[1] == 7);
	/* By name; an undecided row has made its set known. */
	ck_assert_uint_eq(s->n_sets, 4);
	ck_assert_str_eq(s->set[0].vector, "u");
	ck_assert_uint_eq(s->set[0].n, 0);
	ck_assert_str_eq(s->set[1].vector, "v");
	ck_assert_str_eq(s->set[2].position, "mean");
	t = syc_scores_find(s, "w", "prompt");
	ck_assert_ptr_eq(t, &s->set[3]);
	ck_assert_ptr_null(syc_scores_find(s, "v", "prompt"));
	ck_assert(t->n == 2 && t->label[0] == 1 && t->label[1] == 0);
	ck_assert(t->score[2] == -1 && t->score[3] == 2.5);
	ck_assert(s->set[2].n == 1 && s->set[2].score[0] == 3 && isnan(s->set[2].score[1]));
	ck_assert_str_eq(s->row[t->row[1]].id, "b");
	ck_assert_ptr_null(s->row[0].acts);
	syc_scores_free(s);
	syc_scores_free(NULL);
}
END_TEST

START_TEST(no_rows)
{
	struct syc_scores *s = made_table(NULL);

	ck_assert(s->n_rows == 0 && s->n_layers == 0 && s->n_sets == 0);
	ck_assert_int_eq(syc_scores_select(s, "v", NULL, NULL, 0, NULL), 0);
	ck_assert_int_eq(syc_scores_sort(s, NULL), 0);
	syc_scores_free(s);
}
END_TEST

/* A row is the same by its id and sample, wherever it stands. */
START_TEST(keys)
{
	static const char *const row[] = { "\"id\":\"a\"", "\"id\":\"b\"",
					   "\"id\":\"a\",\"sample\":1", "\"id\":\"a\"" };
	struct syc_scores *s;

	for (size_t i = 0; i < 4; i++)
		ROW("{%s,\"x\":%zu,\"label\":1,\"layers\":[0],\"score\":{\"v\":{\"mean\":[0]}}}\n",
		    row[i], i);
	s = made_table(NULL);
	ck_assert(s->row[0].key == s->row[3].key && s->set[0].key[3] == s->row[3].key);
	ck_assert(s->row[0].key != s->row[1].key && s->row[0].key != s->row[2].key);
	syc_scores_free(s);
}
END_TEST

START_TEST(fields)
{
	static const char *const want[] = { "topic", "id", "meta.size", "meta.by.who",
					    "a.b", "topic",
					    "yes" };
	const struct syc_scores_opts o = { .field = want, .n_fields = 7, .acts = true };
	struct syc_scores *s;
	struct syc_scores_value *v;

	ROW("{\"id\":\"q\",\"label\":0,\"layers\":[3],\"score\":{},\"topic\":\"t\\\"1\","
	    "\"meta\":{\"size\":2.5,\"by\":{\"who\":\"me\"}},\"a.b\":7,\"yes\":true,"
	    "\"acts\":{\"file\":\"f.npz\",\"row\":9}}\n");
	/* Nothing is asked of an undecided row. */
	ROW("{\"label\":null,\"layers\":[3],\"score\":{}}\n");
	s = made_table(&o);
	ck_assert_uint_eq(s->n_fields, 6);
	ck_assert(s->n_labeled == 1 && s->acts);
	ck_assert_uint_eq(syc_scores_field(s, "meta.size"), 2);
	ck_assert_uint_eq(syc_scores_field(s, "size"), 6);
	v = s->row[0].value;
	ck_assert_str_eq(v[0].text, "t\"1");
	ck_assert(isnan(v[0].number));
	ck_assert_str_eq(v[1].text, "q");
	ck_assert_str_eq(v[2].text, "2.5");
	near(v[2].number, 2.5);
	ck_assert_str_eq(v[3].text, "me");
	near(v[4].number, 7);
	ck_assert_str_eq(v[5].text, "true");
	ck_assert(isnan(v[5].number));
	ck_assert_str_eq(s->row[0].acts, "f.npz");
	ck_assert_uint_eq(s->row[0].place.row, 9);
	syc_scores_free(s);
}
END_TEST

/* A position by the name that it had before. */
START_TEST(old_name)
{
	struct syc_scores *s;

	ROW("{\"label\":1,\"layers\":[3],\"score\":{\"v\":{\"continuation\":[2]}}}\n");
	ROW("{\"label\":1,\"layers\":[3],\"score\":{\"v\":{\"last\":[3]}}}\n");
	s = made_table(NULL);
	ck_assert_uint_eq(s->n_sets, 1);
	ck_assert_str_eq(s->set[0].position, "last");
	ck_assert_uint_eq(s->set[0].n, 2);
	syc_scores_free(s);
}
END_TEST

static void refuse(const char *line, const struct syc_scores_opts *o, const char *part)
{
	static const char good[] = "{\"id\":\"a\",\"label\":1,\"layers\":[3],\"f\":1,"
		"\"acts\":{\"file\":\"f\",\"row\":0},\"score\":{\"v\":{\"prompt\":[0.5]}}}\n";
	struct syc_rows in;
	struct syc_scores *s;

	ROW("%s%s\n%s", good, line, good);
	in = made_begin(false);
	FAILS(syc_scores_read(&s, &in, o, &err), SYC_EFORMAT, part);
	ck_assert_ptr_null(s);
	made_end(&in);
	ROW("%s%s\n%s", good, line, good);
	in = made_begin(true);
	ck_assert_int_eq(syc_scores_read(&s, &in, o, NULL), 0);
	ck_assert(s->n_rows == 2 && s->n_skipped == 1 && s->set[0].n == 2);
	made_end(&in);
	syc_scores_free(s);
}

START_TEST(bad_rows)
{
	static const char *const want[] = { "f" };
	const struct syc_scores_opts o = { .field = want, .n_fields = 1, .acts = true };
	static const char *const bad[][2] = {
		{ "{\"layers\":[3],\"score\":{}}", "made-rows" },
		{ "{\"layers\":[3],\"score\":{}}", ":2: no \"label\"" },
		{ "{\"label\":2,\"layers\":[3],\"score\":{}}", "\"label\" is not 1, 0 or null" },
		{ "{\"label\":\"1\",\"layers\":[3],\"score\":{}}",
		  "\"label\" is not 1, 0 or null" },
		{ "{\"label\":1,\"layers\":[3]}", "no \"score\"" },
		{ "{\"label\":1,\"score\":{}}", "\"layers\" is not a list of layer" },
		{ "{\"label\":1,\"layers\":[],\"score\":{}}", "\"layers\" is not a list of layer" },
		{ "{\"label\":1,\"layers\":[-1],\"score\":{}}",
		  "\"layers\" is not a list of layer" },
		{ "{\"label\":1,\"layers\":[\"3\"],\"score\":{}}", "\"layers\" is not a list" },
		{ "{\"label\":1,\"layers\":[2.5],\"score\":{}}",
		  "\"layers\" is not a list of layer" },
		{ "{\"label\":1,\"layers\":[4],\"score\":{}}", "not that of the rows before" },
		{ "{\"label\":1,\"layers\":[3,4],\"score\":{}}", "not that of the rows before" },
		{ "{\"label\":1,\"layers\":[3],\"score\":{\"v\":[1]}}",
		  "not an object of positions" },
		{ "{\"label\":1,\"layers\":[3],\"score\":{\"v\":{\"prompt\":1}}}",
		  "not a list of numbers" },
		{ "{\"label\":1,\"layers\":[3],\"score\":{\"v\":{\"prompt\":[1,2]}}}",
		  "score of 'v', prompt: 2 numbers for 1 layers" },
		{ "{\"label\":1,\"layers\":[3],\"score\":{\"v\":{\"prompt\":[\"x\"]}}}",
		  "score of 'v', prompt, layer 3: not a number" },
		{ "{\"label\":1,\"layers\":[3],\"score\":{}}", "no field \"f\"" },
		{ "{\"label\":1,\"f\":null,\"layers\":[3],\"score\":{}}", "no field \"f\"" },
		{ "{\"label\":1,\"f\":[1],\"layers\":[3],\"score\":{}}",
		  "field \"f\" is not a string, number or boolean" },
		{ "{\"label\":1,\"f\":1,\"layers\":[3],\"score\":{}}", "no \"acts\"" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refuse(bad[i][0], &o, bad[i][1]);
}
END_TEST

/* A broken first row does not decide what the layers are; names of any length. */
START_TEST(odd_rows)
{
	char name[300];
	const char *const want[] = { name };
	const struct syc_scores_opts o = { .field = want, .n_fields = 1 };
	struct syc_scores *s;
	struct syc_rows in;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	ROW("{\"label\":5,\"layers\":[9],\"score\":{}}\n");
	ROW("{\"label\":1,\"layers\":[3],\"score\":{}}\n");
	in = made_begin(true);
	ck_assert_int_eq(syc_scores_read(&s, &in, NULL, NULL), 0);
	ck_assert(s->n_layers == 1 && s->layer[0] == 3);
	made_end(&in);
	syc_scores_free(s);
	ROW("{\"label\":1,\"layers\":[3],\"score\":{}}\n");
	in = made_begin(false);
	FAILS(syc_scores_read(&s, &in, &o, &err), SYC_EFORMAT, "no field \"xxx");
	made_end(&in);
}
END_TEST

static struct syc_scores *three(const char *layers)
{
	ROW("{\"id\":\"a\",\"label\":1,\"layers\":%s,\"score\":"
	    "{\"w\":{\"prompt\":[1,2,3],\"mean\":[4,5,6]},\"v\":{\"mean\":[7,8,9]}}}\n", layers);
	ROW("{\"id\":\"b\",\"label\":0,\"layers\":%s,\"score\":"
	    "{\"w\":{\"prompt\":[11,12,13],\"mean\":[14,15,16]},\"v\":{\"mean\":[17,18,19]}}}\n",
	    layers);
	return made_table(NULL);
}

START_TEST(selection)
{
	const uint32_t some[] = { 2, 8 }, falling[] = { 8, 2 }, gone[] = { 2, 3 };
	const uint32_t many[] = { 2, 5, 8, 9, 10 };
	struct syc_scores *s = three("[8,5,2]");
	double x[2];

	FAILS(syc_scores_select(s, NULL, NULL, falling, 2, &err), SYC_EINVAL,
	      "layers 8, 2 do not rise");
	FAILS(syc_scores_select(s, NULL, NULL, gone, 2, &err), SYC_EINVAL,
	      "layer 3 is not in the rows");
	FAILS(syc_scores_select(s, NULL, NULL, many, 5, &err), SYC_EINVAL,
	      "layer 9 is not in the rows");
	/* Layers of the rows may fall. */
	ck_assert_int_eq(syc_scores_select(s, NULL, "mean", some, 2, NULL), 0);
	ck_assert(s->n_sets == 2 && s->n_layers == 2 && s->layer[0] == 2 && s->layer[1] == 8);
	ck_assert_str_eq(s->set[1].vector, "w");
	syc_scores_column(s, &s->set[1], 0, x);
	ck_assert(x[0] == 6 && x[1] == 16);
	syc_scores_column(s, &s->set[1], syc_scores_layer(s, 8), x);
	ck_assert(x[0] == 4 && x[1] == 14);
	ck_assert_uint_eq(syc_scores_layer(s, 5), 2);
	ck_assert_int_eq(syc_scores_select(s, "w", NULL, NULL, 0, NULL), 0);
	ck_assert_uint_eq(s->n_sets, 1);
	FAILS(syc_scores_select(s, "v", NULL, NULL, 0, &err), SYC_EINVAL,
	      "no row has a score of the chosen vector and position");
	syc_scores_free(s);
}
END_TEST

/*
 * Rows in some order, with ties in labels and scores; of two with one id only
 * the field says which is which.
 */
static struct syc_scores *shuffled(uint64_t seed)
{
	static const char *const want[] = { "topic" };
	const struct syc_scores_opts o = { .field = want, .n_fields = 1 };
	enum { N = 120 };
	struct syc_scores *s;
	uint32_t order[N];

	syc_random_order(order, N, seed);
	for (size_t i = 0; i < N; i++) {
		const uint32_t r = order[i] % (N / 2);

		ROW("{\"id\":\"r%u\",\"topic\":\"t%u\",\"label\":%u,\"layers\":[0,1],", r,
		    order[i] % 8, r % 2);
		ROW("\"score\":{\"v\":{\"mean\":[%s,%u]}}}\n", r % 3 ? "0.5" : "null", r % 7 / 3);
	}
	s = made_table(&o);
	ck_assert_int_eq(syc_scores_sort(s, NULL), 0);
	return s;
}

START_TEST(order)
{
	struct syc_scores *a = shuffled(1), *b = shuffled(2);
	const struct syc_scores_set *t = &a->set[0], *u = &b->set[0];

	ck_assert_uint_eq(t->n, u->n);
	for (size_t i = 0; i < t->n; i++) {
		ck_assert(t->label[i] == u->label[i] && t->key[i] == u->key[i]);
		ck_assert_str_eq(a->row[t->row[i]].id, b->row[u->row[i]].id);
		ck_assert_str_eq(a->row[t->row[i]].value[0].text, b->row[u->row[i]].value[0].text);
		ck_assert_mem_eq(t->score + 2 * i, u->score + 2 * i, 2 * sizeof(double));
		ck_assert(i == 0 || t->label[i - 1] <= t->label[i]);
	}
	syc_scores_free(a);
	syc_scores_free(b);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(read_rows), TEST(no_rows), TEST(keys), TEST(fields), TEST(old_name),
		TEST(bad_rows), TEST(odd_rows), TEST(selection), TEST(order),
	};

	return RUN_TESTS("scores", tests);
}
