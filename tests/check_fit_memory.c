/* SPDX-License-Identifier: MIT */
/* Scores, fits and transfer where memory runs out: at the first allocation, the second, ... */
#include "config.h"
#include "made_rows.h"
#include "syc/transfer.h"

static long left = -1;	/* allocations until none succeeds; negative: all do */
static long held;	/* blocks that were not freed yet */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define COUNTED 0
#else
#define COUNTED 1
/* Seen by the C library, too: what strdup() takes is given back here. */
#pragma GCC visibility push(default)
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

static bool runs_out(void)
{
	if (left > 0)
		left--;
	return left == 0;
}

static void *hold(void *p)
{
	held += p != NULL;
	return p;
}

void *malloc(size_t n)
{
	return runs_out() ? NULL : hold(__libc_malloc(n));
}

void *calloc(size_t n, size_t size)
{
	return runs_out() ? NULL : hold(__libc_calloc(n, size));
}

void *realloc(void *p, size_t n)
{
	if (runs_out())
		return NULL;
	return p ? __libc_realloc(p, n) : hold(__libc_malloc(n));
}

void *aligned_alloc(size_t align, size_t n)
{
	return runs_out() ? NULL : hold(__libc_memalign(align, n));
}

void free(void *p)
{
	held -= p != NULL;
	__libc_free(p);
}
#pragma GCC visibility pop
#endif

enum { ROWS = 14, DIM = 3 };
static char acts[64];

static void write_acts(void)
{
	const uint32_t layers[] = { 1, 2 };
	const struct syc_acts_opts o = { .positions = 1 << SYC_POSITION_MEAN, .layers = layers,
					 .n_layers = 2, .dim = DIM, .dtype = SYC_DTYPE_F32 };
	struct syc_acts_out *w;
	uint64_t state = 3;

	snprintf(acts, sizeof(acts), "memory-%d.npz", (int)getpid());
	ck_assert_int_eq(syc_acts_create(&w, acts, &o, NULL), 0);
	for (int r = 0; r < ROWS; r++) {
		float x[2 * DIM];
		char id[8];
		struct syc_acts_row row = { .id = id };

		snprintf(id, sizeof(id), "r%d", r);
		for (int i = 0; i < 2 * DIM; i++)
			x[i] = (float)noise(&state);
		row.position[SYC_POSITION_MEAN] = x;
		ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
	}
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
}

static void make_rows(void)
{
	uint64_t state = 8;

	for (int r = 0; r < ROWS; r++) {
		const double a = noise(&state), b = noise(&state), c = noise(&state);

		ROW("{\"id\":\"r%d\",\"label\":%d,\"t\":\"%d\",\"n\":%d,"
		    "\"layers\":[1,2],\"acts\":", r, r % 2, r / 2, r % 3);
		ROW("{\"file\":\"%s\",\"row\":%d},\"score\":{\"v\":{\"mean\":[%s,%s]},", acts, r,
		    json_of(a), json_of(b));
		ROW("\"w\":{\"mean\":[%s,%s]}}}\n", json_of(c), json_of(a));
	}
}

static bool wrong;	/* seen where Check itself would have no memory to say so */

/*
 * Run until it goes through, with ever larger steps; every failure before says
 * so and leaves nothing.
 */
static void run_out(int (*run)(void *arg, struct syc_err *err), void *arg)
{
	long n = 1, before;
	int ret;

	/* What is made once, by BLAS say, stays. */
	ck_assert_int_eq(run(arg, NULL), 0);
	do {
		struct syc_err err = { 0 };

		before = held;
		left = n;
		n += 1 + n / 60;
		ret = run(arg, &err);
		left = -1;
		ck_assert_int_eq(held, before);
		ck_assert(!wrong);
		ck_assert_msg(ret == 0 || (err.code == ret && err.msg[0]), "%d: %s", ret, err.msg);
	} while (ret < 0 && n < 100000);
	ck_assert_int_eq(ret, 0);
	ck_assert_int_gt(n, 20);
}

static const char *const confounds[] = { "t", "n" };
static const uint32_t layer[] = { 1, 2 };

static int fit(void *arg, struct syc_err *err)
{
	const struct syc_fit_opts o = {
		.cluster = "t", .group = "t", .confound = confounds, .n_confounds = 2,
		.layer = layer, .n_layers = 2, .n_boot = 100, .n_perm = 100, .n_null = { 20 },
		.center = true, .multi = true, .compare = true, .ridge = -1, .threads = 1,
	};
	struct syc_rows *in = arg, again = { .paths = in->paths, .n_paths = 1 };
	struct syc_fit *f;
	int ret = syc_fit_rows(&f, &again, &o, err);

	wrong |= (ret == 0) != (f != NULL);
	syc_fit_free(f);
	syc_rows_done(&again);
	return ret;
}

START_TEST(fits)
{
	struct syc_rows in;

	if (!COUNTED)
		return;
	write_acts();
	make_rows();
	in = made_begin(false);
	run_out(fit, &in);
	made_end(&in);
	unlink(acts);
}
END_TEST

static int transfer(void *arg, struct syc_err *err)
{
	struct syc_transfer *t;
	int ret = syc_transfer_new(&t, arg, 2, err);

	wrong |= (ret == 0) != (t != NULL);
	syc_transfer_free(t);
	return ret;
}

START_TEST(transfers)
{
	const struct syc_fit_opts o = { .multi = true };
	struct syc_rows in;
	struct syc_fit *f[2];

	if (!COUNTED)
		return;
	for (int i = 0; i < 2; i++) {
		make_rows();
		in = made_begin(false);
		ck_assert_int_eq(syc_fit_rows(&f[i], &in, &o, NULL), 0);
		made_end(&in);
	}
	run_out(transfer, f);
	syc_fit_free(f[0]);
	syc_fit_free(f[1]);
}
END_TEST

static int score(void *arg, struct syc_err *err)
{
	const struct syc_vector *const list[] = { arg };
	const struct syc_scorer_opts o = { .vector = list, .n_vectors = 1, .center = true };
	const struct syc_acts_place at = { .path = acts, .row = 2, .id = "r2", .answer = -1 };
	struct syc_row_scores got;
	struct syc_scorer *s;
	int ret = syc_scorer_new(&s, &o, err);

	if (ret == 0)
		ret = syc_scorer_row(s, &at, &got, err);
	syc_scorer_free(s);
	return ret;
}

START_TEST(scores)
{
	struct syc_vector *v = syc_vector_new(3, DIM);

	if (COUNTED) {
		write_acts();
		run_out(score, v);
		unlink(acts);
	}
	syc_vector_free(v);
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(scores), TEST(fits), TEST(transfers) };

	return RUN_TESTS("fit_memory", tests);
}
