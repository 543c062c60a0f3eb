/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "kern/cpu.h"

const struct syc_cpu_name syc_cpu_names[] = {
	{ "avx2",       SYC_CPU_AVX2 },
	{ "avx512vnni", SYC_CPU_AVX512VNNI },
	{ NULL, 0 },
};

unsigned syc_cpu_detect(void)
{
	unsigned f = 0;

#if defined(__x86_64__) && defined(HAVE_KERN_AVX2)
	__builtin_cpu_init();
	/* F16C came before AVX2; clang does not know its name here. */
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		f |= SYC_CPU_AVX2;
#endif
#if defined(__x86_64__) && defined(HAVE_KERN_AVX512VNNI)
	if ((f & SYC_CPU_AVX2) && __builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512vnni"))
		f |= SYC_CPU_AVX512VNNI;
#endif
	return f;
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
				return syc_fail(err, SYC_EUNSUPP, "this processor or build has no %s kernels", name);
		}
	}
	if (!known)
		return syc_fail(err, SYC_EINVAL, "no kernels are named '%s' (there are %s)", name, list);
	*flags = have & upto;
	return 0;
}
