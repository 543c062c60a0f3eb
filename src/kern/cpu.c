/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "kern/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#ifdef HAVE_KERN_AMX
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(HAVE_GETAUXVAL)
#include <sys/auxv.h>
#endif

const struct syc_cpu_name syc_cpu_names[] = {
	{ "avx2",       SYC_CPU_AVX2 },
	{ "avxvnni",    SYC_CPU_AVXVNNI },
	{ "avx512vnni", SYC_CPU_AVX512VNNI },
	{ "amx",        SYC_CPU_AMX },
	{ "neon",       SYC_CPU_NEON },
	{ "dotprod",    SYC_CPU_DOTPROD },
	{ "i8mm",       SYC_CPU_I8MM },
	{ NULL, 0 },
};

/* The kernels that configure found a compiler for. */
static const unsigned built = 0
#ifdef HAVE_KERN_AVX2
	| SYC_CPU_AVX2
#endif
#ifdef HAVE_KERN_AVXVNNI
	| SYC_CPU_AVXVNNI
#endif
#ifdef HAVE_KERN_AVX512VNNI
	| SYC_CPU_AVX512VNNI
#endif
#ifdef HAVE_KERN_AMX
	| SYC_CPU_AMX
#endif
#ifdef HAVE_KERN_NEON
	| SYC_CPU_NEON
#endif
#ifdef HAVE_KERN_DOTPROD
	| SYC_CPU_DOTPROD
#endif
#ifdef HAVE_KERN_I8MM
	| SYC_CPU_I8MM
#endif
	;

#if defined(__x86_64__)
/* Asked of the processor itself: not every compiler's __builtin_cpu_supports
 * knows the name. */
static bool has_avxvnni(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && a >= 1 &&
		__get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1 << 4);
}

#ifdef HAVE_KERN_AMX
/* From Linux's asm/prctl.h and the processor's manual. */
enum { ARCH_REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18 };

static bool has_amx(void)
{
	const unsigned tile_and_int8 = 1u << 24 | 1u << 25;
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
		(d & tile_and_int8) == tile_and_int8 &&
		syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA) == 0;
}
#endif

static unsigned processor(void)
{
	unsigned f;

	__builtin_cpu_init();
	/* F16C came before AVX2; clang does not know its name here. */
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
		return 0;
	f = SYC_CPU_AVX2;	/* so the system keeps the 256-bit registers */
	if (has_avxvnni())
		f |= SYC_CPU_AVXVNNI;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
		f |= SYC_CPU_AVX512VNNI;
#ifdef HAVE_KERN_AMX
	if (f & SYC_CPU_AVX512VNNI && has_amx())
		f |= SYC_CPU_AMX;
#endif
	return f;
}
#elif defined(__aarch64__) && defined(HAVE_GETAUXVAL)
enum { HWCAP_BIT_ASIMDDP = 20, HWCAP2_BIT_I8MM = 13 };

static unsigned processor(void)
{
	unsigned f = SYC_CPU_NEON;

	if (getauxval(AT_HWCAP) >> HWCAP_BIT_ASIMDDP & 1)
		f |= SYC_CPU_DOTPROD;
	if (getauxval(AT_HWCAP2) >> HWCAP2_BIT_I8MM & 1)
		f |= SYC_CPU_I8MM;
	return f;
}
#elif defined(__aarch64__)
/* What every processor of this target has (Apple's: dotprod). */
static unsigned processor(void)
{
	return SYC_CPU_NEON
#ifdef __ARM_FEATURE_DOTPROD
		| SYC_CPU_DOTPROD
#endif
#ifdef __ARM_FEATURE_MATMUL_INT8
		| SYC_CPU_I8MM
#endif
		;
}
#else
static unsigned processor(void)
{
	return 0;
}
#endif

unsigned syc_cpu_detect(void)
{
	return processor() & built;
}

int syc_cpu_choose(unsigned *flags, const char *name, struct syc_err *err)
{
	unsigned have = syc_cpu_detect(), upto = 0;
	char list[128] = "scalar";
	bool known = name && strcmp(name, "scalar") == 0;

	*flags = have;
	if (!name)
		return 0;
	for (const struct syc_cpu_name *c = syc_cpu_names; c->name; c++) {
		size_t n = strlen(list);

		snprintf(list + n, sizeof(list) - n, ", %s", c->name);
		if (!known)
			upto |= c->flag;
		if (strcmp(c->name, name) == 0) {
			known = true;
			if (!(have & c->flag))
				return syc_fail(err, SYC_EUNSUPP,
						"this processor or build has no %s kernels",
						name);
		}
	}
	if (!known)
		return syc_fail(err, SYC_EINVAL, "no kernels are named '%s' (there are %s)", name,
				list);
	*flags = have & upto;
	return 0;
}
