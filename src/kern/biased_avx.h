/* SPDX-License-Identifier: MIT */
/* MUL_BIASED_START of mul_template.h, for any length of registers. */
INLINE void biased_start(const int T, int32_t from[TILE], const int32_t *sum, const int n)
{
	const __m128i bits = _mm_set1_epi32(SYC_BIAS_BITS);
	__m128i v = _mm_setzero_si128();

	if (T == TILE && n >= 0)
		v = _mm_slli_epi32(_mm_loadu_si128((const __m128i *)(const void *)sum), n);
	_mm_store_si128((__m128i *)(void *)from, _mm_add_epi32(v, bits));
	for (int t = 0; t < T && T < TILE && n >= 0; t++)
		from[t] += (int32_t)((uint32_t)sum[t] << n);
	/* From memory each is spread without a shuffle. */
	__asm__("" : "+m"(*(int32_t (*)[TILE])from));
}
