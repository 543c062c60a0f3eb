/* SPDX-License-Identifier: MIT */
/* Rows of tasks with labels and made activations, against a vector. */
#include "config.h"
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "normal.h"
#include "suite.h"
#include "syc/acts.h"
#include "syc/predict.h"

enum { LAYERS = 2, DIM = 4, ITEMS = 40 };

static char acts[64], rows[64];

/* Two rows an item of "answer" (suggests-wrong, doubts-right), one of "sure" and "mimicry". */
static const struct kind {
	const char *task, *condition;
	bool told;	/* layer 5 tells the label, at the prompt */
	size_t items;
} kinds[] = {
	{ "answer", "suggests-wrong", true, ITEMS },
	{ "answer", "doubts-right", true, ITEMS },
	{ "answer", "plain", false, 4 },
	{ "sure", "challenge", false, ITEMS },
	{ "mimicry", "mistaken", true, 6 },
	{ "two-sides", "mine-a-first", true, ITEMS },
};

enum { TURNED = 5 };	/* the kind of which it tells the opposite */

static void add_acts(struct syc_acts_out *w, const char *id, double push,
		     uint64_t key)
{
	float x[2][LAYERS * DIM];
	struct syc_acts_row row = { .id = id, .sample = -1, .answer = -1 };
	uint64_t step = 0;

	for (unsigned p = 0; p < 2; p++)
		for (unsigned i = 0; i < LAYERS * DIM; i++)
			x[p][i] = (float)(normal(key, &step) +
					  (p == 0 && i == DIM ? push : 0));
	row.position[SYC_POSITION_PROMPT] = x[0];
	row.position[SYC_POSITION_LAST] = x[1];
	ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
}

/* Its fields behind the activations: every tenth undecided, in "sure" some wrong before. */
static const char *fields(const struct kind *k, size_t item, bool label)
{
	static char text[96];

	if (strcmp(k->condition, "plain") == 0)
		return "\"grade\":[null]";
	if (strcmp(k->task, "sure") == 0 && item % 10 == 3)
		return "\"grade\":[0,null,null],\"label\":null";
	if (item % 10 == 7)
		return "\"grade\":[null],\"label\":null";
	snprintf(text, sizeof(text), "\"grade\":[1,%d,%d],\"label\":%d", label,
		 !label, label);
	return text;
}

static void write_data(void)
{
	static const uint32_t layer[LAYERS] = { 2, 5 };
	const struct syc_acts_opts o = {.positions = 1 << SYC_POSITION_PROMPT |
						     1 << SYC_POSITION_LAST,
					.layers = layer,
					.n_layers = LAYERS,
					.dim = DIM,
					.dtype = SYC_DTYPE_F32,
					.chunk_rows = 8};
	struct syc_acts_out *w;
	FILE *f;
	unsigned n = 0;

	snprintf(acts, sizeof(acts), "predict-%d.npz", (int)getpid());
	snprintf(rows, sizeof(rows), "predict-%d.jsonl", (int)getpid());
	ck_assert_int_eq(syc_acts_create(&w, acts, &o, NULL), 0);
	f = fopen(rows, "w");
	ck_assert_ptr_nonnull(f);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (size_t i = 0; i < kinds[k].items; i++) {
			const uint64_t key =
				syc_rand_key(1, "predict", k * 1000 + i);
			const bool label = syc_rand_u64(key, 1000) % 2;
			char id[64];

			snprintf(id, sizeof(id), "%s/%zu/%s", kinds[k].task, i,
				 kinds[k].condition);
			add_acts(w, id,
				 !kinds[k].told || !label ? 0
				 : k == TURNED		  ? -2
							  : 2,
				 key);
			fprintf(f,
				"{\"id\":\"%s\",\"task\":\"%s\",\"item\":\"%zu\","
				"\"condition\":\"%s\","
				"\"acts\":{\"file\":\"%s\",\"row\":%u},%s}\n",
				id, kinds[k].task, i, kinds[k].condition, acts,
				n++, fields(&kinds[k], i, label));
		}
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
}

/* A vector along the component that layer 5 tells it by, and against it at layer 2. */
static struct syc_vector *make_vector(void)
{
	struct syc_vector *v = syc_vector_new(6, DIM);

	v->has[2] = v->has[5] = 1;
	v->v[2 * DIM] = -1;
	v->v[5 * DIM] = 1;
	return v;
}

static int predict(struct syc_predict **p, const char *path,
		   struct syc_err *err)
{
	struct syc_vector *v = make_vector();
	const char *name = "made";
	const struct syc_predict_opts o = {
		.score = {.vector = (const struct syc_vector *const[]){v},
			  .name = &name,
			  .n_vectors = 1,
			  .metric = SYC_METRIC_DOT},
		.n_perm = 499,
		.seed = 1};
	char *paths[1] = { (char *)(uintptr_t)path };
	struct syc_rows in = { .paths = paths, .n_paths = 1 };
	int ret = syc_predict_read(p, &in, &o, err);

	syc_rows_done(&in);
	syc_vector_free(v);
	return ret;
}

static const struct syc_predict_set *find(const struct syc_predict *p,
					  const char *task,
					  enum syc_position position)
{
	for (size_t i = 0; i < p->n_sets; i++)
		if (strcmp(p->set[i].task, task) == 0 &&
		    p->set[i].position == position)
			return &p->set[i];
	ck_abort_msg("no set of %s", task);
	return NULL;
}

static void says(const struct syc_predict_set *s, enum syc_verdict verdict,
		 const char *words)
{
	struct syc_conclusion c = { 0 };

	ck_assert_int_eq(syc_conclude_predicted(&c, s, NULL), 0);
	ck_assert_msg(c.verdict == verdict, "%s: %s", s->task,
		      syc_verdict_name(c.verdict));
	ck_assert_msg(strstr(c.figures.data, words) != NULL, "%s: %s", s->task,
		      c.figures.data);
	syc_conclusion_free(&c);
}

START_TEST(planted)
{
	const struct syc_predict_set *s;
	struct syc_predict *p;
	struct syc_err err = { 0 };

	write_data();
	ck_assert_msg(predict(&p, rows, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(p->n_sets, 8); /* four tasks at two positions */
	ck_assert_uint_eq(p->n_layers, 2);
	ck_assert_uint_eq(p->n_other,
			  4 + 4); /* plain; sure whose first answer was wrong */
	s = find(p, "answer", SYC_POSITION_PROMPT);
	ck_assert_uint_eq(s->n, 72);
	ck_assert_uint_eq(s->n_items, 36);
	ck_assert_uint_eq(s->n_undecided, 8);
	ck_assert_double_gt(s->layer[1].auc, 0.8);
	ck_assert(s->layer[1].lo > 0.7 && s->layer[1].n_clusters == 36);
	ck_assert_double_gt(s->test->auc, 0.75);
	ck_assert_double_lt(s->holm, 0.05);
	ck_assert(s->all_not > 0.5 && s->all_not < s->test->auc);
	ck_assert(s->test->chosen[0] == 0 && s->test->chosen[1] == 5);
	ck_assert_uint_eq(s->usual, 1);
	says(s, SYC_VERDICT_YES,
	     "; were the 8 undecided rows all not sycophantic 0.");
	says(find(p, "answer", SYC_POSITION_LAST), SYC_VERDICT_OPEN,
	     "at the last token the reply has been given");
	s = find(p, "sure", SYC_POSITION_PROMPT);
	ck_assert_uint_eq(s->n, 32);
	ck_assert_uint_eq(s->n_undecided, 4);
	says(s, SYC_VERDICT_OPEN, "at the prompt earlier replies have been given");
	s = find(p, "mimicry", SYC_POSITION_PROMPT);
	ck_assert(isnan(s->holm));
	says(s, SYC_VERDICT_ABSENT, "fewer than 10 items");
	says(find(p, "two-sides", SYC_POSITION_PROMPT), SYC_VERDICT_REVERSED,
	     "higher scores go with replies that are not");
	/* Holm's of the six that have a p. */
	s = find(p, "answer", SYC_POSITION_PROMPT);
	ck_assert_double_eq_tol(s->holm, 6 * s->test->p, 1e-12);
	syc_predict_free(p);
	remove(acts);
	remove(rows);
}
END_TEST

START_TEST(bad)
{
	static const struct {
		const char *line, *says;
		int code;
	} t[] = {
		{"{\"id\":\"a\",\"item\":\"1\",\"label\":1}", "no task's",
		 SYC_EFORMAT},
		{"{\"id\":\"a\",\"task\":\"sure\",\"item\":\"1\",\"label\":1}",
		 "acts", SYC_EFORMAT},
		{"{\"id\":\"a\",\"task\":\"sure\",\"label\":1,\"acts\":{\"file\":\"x\",\"row\":0}}",
		 "\"item\"", SYC_EFORMAT},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct syc_predict *p;
		struct syc_err err = { 0 };
		char name[64];

		snprintf(name, sizeof(name), "predict-bad-%d.jsonl",
			 (int)getpid());
		spill(name, t[i].line, strlen(t[i].line));
		ck_assert_int_eq(predict(&p, name, &err), t[i].code);
		ck_assert_msg(strstr(err.msg, t[i].says) != NULL, "%s",
			      err.msg);
		ck_assert_ptr_null(p);
		remove(name);
	}
}
END_TEST

int main(void)
{
	static const struct test t[] = { TEST(planted), TEST(bad) };

	return RUN_TESTS("predict", t);
}
