/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "kern/cpu.h"
#include "kern/kern_impl.h"

void syc_kern_select(struct syc_kern *k, unsigned cpu)
{
	(void)cpu;
	syc_kern_init_scalar(k);
#ifdef HAVE_KERN_AVX2
	if (cpu & SYC_CPU_AVX2)
		syc_kern_init_avx2(k);
#endif
#ifdef HAVE_KERN_AVXVNNI
	if (cpu & SYC_CPU_AVXVNNI)
		syc_kern_init_avxvnni(k);
#endif
#ifdef HAVE_KERN_AVX512VNNI
	if (cpu & SYC_CPU_AVX512VNNI)
		syc_kern_init_avx512vnni(k);
#endif
#ifdef HAVE_KERN_AMX
	if (cpu & SYC_CPU_AMX)
		syc_kern_init_amx(k);
#endif
#ifdef HAVE_KERN_NEON
	if (cpu & SYC_CPU_NEON)
		syc_kern_init_neon(k);
#endif
#ifdef HAVE_KERN_DOTPROD
	if (cpu & SYC_CPU_DOTPROD)
		syc_kern_init_dotprod(k);
#endif
#ifdef HAVE_KERN_I8MM
	if (cpu & SYC_CPU_I8MM)
		syc_kern_init_i8mm(k);
#endif
}
