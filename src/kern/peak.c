/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "kern/cpu.h"
#include "kern/peak.h"
#include "syc/bench.h"

/* Parts are a few milliseconds: a late or interrupted thread does less. */
enum {
	ROUNDS = 5,
	READ_BYTES = 1 << 30, READ_PART = 1 << 24,
	PARTS_PER_THREAD = 16,
};

#define PART_SECONDS 0.004

void syc_peak_select(struct syc_peak *p, unsigned cpu)
{
	(void)cpu;
	syc_peak_init_scalar(p);
#ifdef HAVE_KERN_AVX2
	if (cpu & SYC_CPU_AVX2)
		syc_peak_init_avx2(p);
#endif
#ifdef HAVE_KERN_AVXVNNI
	if (cpu & SYC_CPU_AVXVNNI)
		syc_peak_init_avxvnni(p);
#endif
#ifdef HAVE_KERN_AVX512VNNI
	if (cpu & SYC_CPU_AVX512VNNI)
		syc_peak_init_avx512vnni(p);
#endif
#ifdef HAVE_KERN_NEON
	if (cpu & SYC_CPU_NEON)
		syc_peak_init_neon(p);
#endif
#ifdef HAVE_KERN_DOTPROD
	if (cpu & SYC_CPU_DOTPROD)
		syc_peak_init_dotprod(p);
#endif
#ifdef HAVE_KERN_I8MM
	if (cpu & SYC_CPU_I8MM)
		syc_peak_init_i8mm(p);
#endif
}

struct measure {
	struct syc_par *par;
	const char *memory;
	uint64_t (*read)(const void *p, size_t n);
	uint64_t (*loop)(size_t n);
	size_t n;			/* rounds of the loop per part */
	atomic_uint_fast64_t sum;	/* what the loops return */
};

static void read_part(void *arg, size_t part, unsigned thread)
{
	struct measure *m = arg;

	(void)thread;
	atomic_fetch_add(&m->sum, m->read(m->memory + part * READ_PART, READ_PART));
}

static void loop_part(void *arg, size_t part, unsigned thread)
{
	struct measure *m = arg;

	(void)part;
	(void)thread;
	atomic_fetch_add(&m->sum, m->loop(m->n));
}

static double measure_read(struct measure *m)
{
	double best = 0;

	for (int i = 0; i < ROUNDS; i++) {
		double t = syc_seconds();

		syc_par_run(m->par, READ_BYTES / READ_PART, read_part, m);
		t = syc_seconds() - t;
		if (READ_BYTES / t > best)
			best = READ_BYTES / t;
	}
	return best;
}

static double measure_loop(struct measure *m, uint64_t (*loop)(size_t n), unsigned ops)
{
	size_t parts = PARTS_PER_THREAD * syc_par_threads(m->par);
	double best = 0, t;

	m->loop = loop;
	for (m->n = 1024;; m->n *= 2) {	/* also lets the clock rise */
		t = syc_seconds();
		loop_part(m, 0, 0);
		if (syc_seconds() - t > PART_SECONDS)
			break;
	}
	for (int i = 0; i < ROUNDS; i++) {
		double done = (double)m->n * (double)parts * ops;

		t = syc_seconds();
		syc_par_run(m->par, parts, loop_part, m);
		t = syc_seconds() - t;
		if (done / t > best)
			best = done / t;
	}
	return best;
}

int syc_ceilings_measure(struct syc_ceilings *out, unsigned threads, struct syc_err *err)
{
	struct measure m = { .sum = 0 };
	struct syc_peak peak;
	char *memory;
	int ret;

	memset(out, 0, sizeof(*out));
	syc_peak_select(&peak, syc_cpu_detect());
	memory = syc_aligned(READ_BYTES, 1);
	if (!memory)
		return syc_nomem(err);
	memset(memory, 1, READ_BYTES);
	ret = syc_par_new(&m.par, threads, err);
	if (ret == 0) {
		m.memory = memory;
		m.read = peak.read;
		out->kernels = peak.name;
		out->read = measure_read(&m);
		out->int8 = measure_loop(&m, peak.int8, peak.int8_ops);
		out->fma = measure_loop(&m, peak.fma, peak.fma_ops);
		syc_par_free(m.par);
	}
	free(memory);
	return ret;
}
