/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "load.h"

static void keep_logits(struct syc_job *job, const float *logits)
{
	memcpy(job->user, logits, N_VOCAB * sizeof(*logits));
}

enum { WORDS = 50, DRAWS = 40000 };

static void made_logits(float *logits)
{
	for (size_t i = 0; i < WORDS; i++)
		logits[i] = (float)(syc_rand_unit(3, i) * 8 - 4);
	logits[7] = logits[31];	/* a tie */
}

static bool ahead(const float *x, size_t a, size_t b)
{
	return x[a] > x[b] || (x[a] == x[b] && a < b);
}

/* P of each token, straight from the definition. */
static void direct(const float *logits, const struct syc_sampling *s, double *p)
{
	size_t rank[WORDS];
	double sum = 0, run = 0;
	size_t kept = WORDS;

	for (size_t i = 0; i < WORDS; i++) {
		p[i] = exp(((double)logits[i] - 4) / (double)s->temperature);
		rank[i] = 0;
		for (size_t j = 0; j < WORDS; j++)
			rank[i] += ahead(logits, j, i);
	}
	if (s->top_k)
		kept = s->top_k < WORDS ? s->top_k : WORDS;
	for (size_t i = 0; i < WORDS; i++)
		sum += rank[i] < kept ? p[i] : 0;
	for (size_t r = 0; r < kept && s->top_p > 0; r++) {
		for (size_t i = 0; i < WORDS; i++)
			run += rank[i] == r ? p[i] : 0;
		if (run >= (double)s->top_p * sum)
			kept = r + 1;
	}
	sum = 0;
	for (size_t i = 0; i < WORDS; i++)
		sum += rank[i] < kept ? p[i] : 0;
	for (size_t i = 0; i < WORDS; i++)
		p[i] = rank[i] < kept ? p[i] / sum : 0;
}

/* A comb of u finds each token's share to within a tooth. */
START_TEST(shares_of_sampling)
{
	static const struct syc_sampling how[] = {
		{ .temperature = 1 }, { .temperature = 0.3f }, { .temperature = 2.5f },
		{ .temperature = 1, .top_k = 1 }, { .temperature = 1, .top_k = 5 },
		{ .temperature = 1, .top_k = 50 }, { .temperature = 1, .top_k = 9999 },
		{ .temperature = 1, .top_p = 0.5f }, { .temperature = 1, .top_p = 1 },
		{ .temperature = 1, .top_p = 1e-6f },
		{ .temperature = 1.5f, .top_k = 12, .top_p = 0.7f },
		{ .temperature = 100, .top_p = 0.999f }, { .temperature = 1e-3f },
	};
	float logits[WORDS], probs[WORDS];
	uint32_t heap[WORDS];
	struct syc_kern k;

	syc_kern_select(&k, 0);
	made_logits(logits);
	for (size_t h = 0; h < sizeof(how) / sizeof(how[0]); h++) {
		double p[WORDS];
		size_t n[WORDS] = { 0 };

		direct(logits, &how[h], p);
		for (size_t i = 0; i < DRAWS; i++)
			n[syc_choose(&k, logits, WORDS, &how[h],
				     ((double)i + 0.5) / DRAWS, probs, heap)]++;
		for (size_t i = 0; i < WORDS; i++) {
			ck_assert_msg(fabs((double)n[i] / DRAWS - p[i]) < 1e-4,
				      "case %zu, token %zu: %g, not %g",
				      h, i, (double)n[i] / DRAWS, p[i]);
			ck_assert(p[i] > 0 || n[i] == 0);
		}
	}
}
END_TEST

START_TEST(ties_go_to_the_lowest)
{
	float logits[WORDS] = { 0 }, probs[WORDS], lp[3];
	const struct syc_sampling one = { .temperature = 1, .top_k = 1 };
	uint32_t heap[WORDS];
	int32_t id[3];
	struct syc_kern k;

	syc_kern_select(&k, 0);
	ck_assert_int_eq(syc_choose(&k, logits, WORDS, NULL, 0.9, probs, heap), 0);
	logits[40] = logits[9] = logits[22] = 2;
	ck_assert_int_eq(syc_choose(&k, logits, WORDS, NULL, 0.9, probs, heap), 9);
	ck_assert_int_eq(syc_choose(&k, logits, WORDS, &one, 0.999999, probs,
				    heap), 9);
	ck_assert_uint_eq(syc_top_logprobs(logits, WORDS, 3, id, lp), 3);
	ck_assert(id[0] == 9 && id[1] == 22 && id[2] == 40);
}
END_TEST

/* Draws under many seeds and samples follow the model's own shares. */
START_TEST(draws_follow_the_model)
{
	enum { N = 2000, TOP = 8 };
	const int32_t start[] = { 1, 266, 309 };
	static struct syc_job job[N];
	static struct syc_sampling sampling[N];
	static float logits[N_VOCAB];
	struct syc_job look = { .id = "", .tokens = start, .n_tokens = 3 };
	struct jobs jobs = { .job = job, .n = N };
	struct syc_engine *e = new_engine(int8, NULL, &two_threads);
	int32_t id[TOP];
	float lp[TOP];
	double chi = 0;

	for (size_t i = 0; i < N; i++) {
		sampling[i] = (struct syc_sampling){ .temperature = 1,
						     .seed = i / 4 };
		job[i] = (struct syc_job){ .id = "same",
				.sample = (uint32_t)(i % 4), .tokens = start,
					.n_tokens = 3,
					   .max_new = 1, .sampling = &sampling[i] };
	}
	look.on_probe = keep_logits;
	look.user = logits;
	ck_assert_int_eq(jobs_run(&(struct jobs){ .job = &look, .n = 1 }, e,
				  NULL), 0);
	ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
	syc_top_logprobs(logits, N_VOCAB, TOP, id, lp);
	for (size_t k = 0; k < TOP; k++) {
		double want = N * exp((double)lp[k]), n = 0;

		for (size_t i = 0; i < N; i++)
			n += job[i].out.n ? job[i].out.id[0] == id[k] : 2 == id[k];
		chi += (n - want) * (n - want) / want;
	}
	ck_assert_msg(chi < 30, "chi square of %d is %g", TOP, chi);
	for (size_t i = 0; i < N; i++)
		syc_job_clear(&job[i]);
	syc_engine_free(e);
}
END_TEST

START_TEST(logprobs_and_choices)
{
	float logits[WORDS], lp[WORDS];
	double sum = 0, rest = 0;
	int32_t id[WORDS];
	const int32_t other[] = { 4, 9, 4, 2, 9, 11 };

	made_logits(logits);
	for (size_t i = 0; i < WORDS; i++)
		sum += exp((double)logits[i]);
	ck_assert(fabs(syc_log_sum_exp(logits, WORDS) - log(sum)) < 1e-6);
	for (size_t k = 0; k <= WORDS + 1; k++) {
		size_t n = syc_top_logprobs(logits, WORDS, k, id, lp);

		ck_assert_uint_eq(n, k < WORDS ? k : WORDS);
		for (size_t i = 0; i < n; i++) {
			size_t rank = 0;

			for (size_t j = 0; j < WORDS; j++)
				rank += ahead(logits, j, (size_t)id[i]);
			ck_assert_uint_eq(rank, i);
			ck_assert(fabs((double)lp[i] -
				       ((double)logits[id[i]] -
					log(sum))) < 1e-5);
		}
	}
	rest = exp((double)logits[4]) + exp((double)logits[9]) +
		exp((double)logits[11]);
	ck_assert(fabs(syc_choice_prob(logits, 2, other, 6) -
		       exp((double)logits[2]) / (exp((double)logits[2]) +
						 rest)) < 1e-12);
	logits[2] = 1e30f;
	ck_assert(syc_choice_prob(logits, 2, other, 6) == 1);
	ck_assert(syc_log_sum_exp(logits, WORDS) == (double)1e30f);
	logits[2] = -1e30f;
	ck_assert(syc_choice_prob(logits, 2, other, 6) >= 0 &&
		  syc_choice_prob(logits, 2, other, 6) < 1e-100);
	logits[2] = NAN;
	ck_assert(isnan(syc_log_sum_exp(logits, WORDS)) &&
		  isnan(syc_token_prob(logits, WORDS, 1)));
}
END_TEST

static const struct test tests[] = {
	TEST(shares_of_sampling),
	TEST(ties_go_to_the_lowest),
	TEST(draws_follow_the_model),
	TEST(logprobs_and_choices),
};

int main(void)
{
	return RUN_ON_DEMO("sampling", tests);
}
