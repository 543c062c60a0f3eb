/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "kern/math.h"
#include "run/engine.h"

static int32_t argmax(const float *x, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (x[i] > x[best])
			best = i;
	return (int32_t)best;
}

double syc_step_log_sum(const struct syc_kern *k, const float *logits, size_t n,
			float *probs)
{
	float m = k->max(logits, n);
	float sum = k->exp_sum(probs, logits, m, n);

	if (!(sum > 0) || !isfinite(sum) || !isfinite(m))
		return NAN;
	return (double)m + syc_log((double)sum);
}

/* More probable first; the lower id at ties. */
static bool before(const float *p, uint32_t a, uint32_t b)
{
	return p[a] > p[b] || (p[a] == p[b] && a < b);
}

static void sift(uint32_t *heap, size_t n, size_t i, const float *p)
{
	for (;;) {
		size_t top = i, l = 2 * i + 1;
		uint32_t tmp = heap[i];

		if (l < n && before(p, heap[l], heap[top]))
			top = l;
		if (l + 1 < n && before(p, heap[l + 1], heap[top]))
			top = l + 1;
		if (top == i)
			return;
		heap[i] = heap[top];
		heap[top] = tmp;
		i = top;
	}
}

static void heapify(uint32_t *heap, size_t n, const float *p)
{
	for (size_t i = 0; i < n; i++)
		heap[i] = (uint32_t)i;
	for (size_t i = n / 2; i-- > 0;)
		sift(heap, n, i, p);
}

/* Take the top off; what is taken gathers behind the heap, last first. */
static uint32_t pop(uint32_t *heap, size_t *n, const float *p)
{
	uint32_t top = heap[0];

	heap[0] = heap[--*n];
	heap[*n] = top;
	sift(heap, *n, 0, p);
	return top;
}

/* The first of the kept ids, most probable first, at which the sum passes u. */
static int32_t choose_kept(const float *p, size_t n,
			   const struct syc_sampling *s, double u, double total,
			   uint32_t *heap)
{
	size_t left = n, max = s->top_k && s->top_k < n ? s->top_k : n,
	       kept = 0;
	double sum = 0, run = 0, share = s->top_p > 0 ? (double)s->top_p : 2.0;

	heapify(heap, n, p);
	if (max < n) {		/* the share is of what top_k leaves */
		double top = 0;
		size_t l = n;

		for (size_t i = 0; i < max; i++)
			top += (double)p[pop(heap, &l, p)];
		heapify(heap, n, p);
		total = top;
	}
	while (kept < max && sum < share * total) {
		sum += (double)p[pop(heap, &left, p)];
		kept++;
	}
	for (size_t i = 0; i < kept; i++) {
		uint32_t id = heap[n - 1 - i];

		run += (double)p[id];
		if (run > u * sum)
			return (int32_t)id;
	}
	return (int32_t)heap[n - kept];
}

int32_t syc_choose(const struct syc_kern *k, const float *logits, size_t n,
		   const struct syc_sampling *s, double u, float *probs,
		   uint32_t *heap)
{
	float m;
	double total = 0, run = 0;

	if (!s || !(s->temperature > 0))
		return argmax(logits, n);
	m = k->max(logits, n);
	for (size_t i = 0; i < n; i++)
		probs[i] = (logits[i] - m) / s->temperature;
	k->exp_sum(probs, probs, 0.0f, n);
	for (size_t i = 0; i < n; i++)
		total += (double)probs[i];
	if (s->top_k || (s->top_p > 0 && s->top_p < 1))
		return choose_kept(probs, n, s, u, total, heap);
	for (size_t i = 0; i < n; i++) {
		run += (double)probs[i];
		if (run > u * total)
			return (int32_t)i;
	}
	return argmax(logits, n);
}

/* exp(d), held to what a sum in double can hold. */
static double exp_held(float d)
{
	const double x = (double)d;

	return isnan(x) ? x : syc_exp(x > 690 ? 690 : x < -690 ? -690 : x);
}

static double sum_exp(const float *x, size_t n, float from)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += exp_held(x[i] - from);
	return sum;
}

double syc_log_sum_exp(const float *logits, size_t n)
{
	const float max = logits[argmax(logits, n)];
	const double sum = sum_exp(logits, n, max);

	return isnan(sum) ? sum : (double)max + syc_log(sum);
}

size_t syc_top_logprobs(const float *logits, size_t n, size_t k, int32_t *id,
			float *logprob)
{
	size_t kept = 0;
	double norm;

	if (k > n)
		k = n;
	for (size_t i = 0; i < n; i++) {	/* insertion: k is small */
		size_t j;

		if (kept == k && (k == 0 || logits[i] <= logits[id[kept - 1]]))
			continue;
		j = kept < k ? kept++ : kept - 1;
		for (; j > 0 && logits[i] > logits[id[j - 1]]; j--)
			id[j] = id[j - 1];
		id[j] = (int32_t)i;
	}
	if (!kept)
		return 0;
	norm = syc_log(sum_exp(logits, n, logits[id[0]]));
	for (size_t i = 0; i < kept; i++)
		logprob[i] = (float)((double)(logits[id[i]] - logits[id[0]]) -
				     norm);
	return kept;
}

double syc_token_prob(const float *logits, size_t n, int32_t id)
{
	return 1 / sum_exp(logits, n, logits[id]);
}

double syc_choice_prob(const float *logits, int32_t id, const int32_t *other,
		       size_t n)
{
	double rest = 0;

	for (size_t i = 0; i < n; i++) {
		bool seen = other[i] == id;

		for (size_t j = 0; j < i; j++)
			seen = seen || other[j] == other[i];
		if (!seen)
			rest += exp_held(logits[other[i]] - logits[id]);
	}
	return 1 / (1 + rest);
}
