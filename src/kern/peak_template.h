/* SPDX-License-Identifier: MIT */
/*
 * A loop of CHAINS operations that do not wait for each other.  Included once
 * for each, behind
 *
 *	PEAK_LOOP	the function's name
 *	PEAK_VEC	a register of sums
 *	PEAK_FIRST(j)	what chain j begins with
 *	PEAK_STEP(s)	the operation on the register s
 *	PEAK_KEEP(s)	s as an operand of assembly, which keeps the compiler from
 *			doing several at once
 *	PEAK_ADD(a, b)	the sum of two
 *	PEAK_FOLD(s)	some number of it
 */
static uint64_t PEAK_LOOP(size_t n)
{
	PEAK_VEC s[CHAINS];

#pragma GCC unroll 16
	for (int j = 0; j < CHAINS; j++)
		s[j] = PEAK_FIRST(j);
	for (size_t i = 0; i < n; i++)
#pragma GCC unroll 16
		for (int j = 0; j < CHAINS; j++) {
			PEAK_STEP(s[j]);
			__asm__ volatile("" : PEAK_KEEP(s[j]));
		}
#pragma GCC unroll 16
	for (int j = 1; j < CHAINS; j++)
		s[0] = PEAK_ADD(s[0], s[j]);
	return (uint64_t)PEAK_FOLD(s[0]);
}

#undef PEAK_LOOP
#undef PEAK_VEC
#undef PEAK_FIRST
#undef PEAK_STEP
#undef PEAK_KEEP
#undef PEAK_ADD
#undef PEAK_FOLD
