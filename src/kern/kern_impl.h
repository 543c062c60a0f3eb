/* SPDX-License-Identifier: MIT */
#ifndef SRC_KERN_KERN_IMPL_H
#define SRC_KERN_KERN_IMPL_H
#include "kern/kern.h"

void syc_kern_init_scalar(struct syc_kern *k);
void syc_kern_init_avx2(struct syc_kern *k);
void syc_kern_init_avxvnni(struct syc_kern *k);
void syc_kern_init_avx512vnni(struct syc_kern *k);
void syc_kern_init_amx(struct syc_kern *k);
void syc_kern_init_neon(struct syc_kern *k);
void syc_kern_init_dotprod(struct syc_kern *k);
void syc_kern_init_i8mm(struct syc_kern *k);

/* Kernels of the same tables in files of their own. */
void syc_quantize_init_scalar(struct syc_kern *k);
void syc_quantize_init_avx512(struct syc_kern *k);
void syc_mul_init_avx2(struct syc_kern *k);
void syc_mul_init_neon(struct syc_kern *k);
void syc_attn_init_scalar(struct syc_kern *k);
void syc_attn_init_avx2(struct syc_kern *k);
void syc_attn_init_avx512(struct syc_kern *k);
void syc_attn_init_neon(struct syc_kern *k);

struct syc_form;

/* mul of a table, where a later one leaves it some. */
void syc_mul_avx512vnni(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
			size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok,
			void *scratch);

/* syc_form_scales() in vectors: the same bits, for nothing is rounded. */
void syc_scales_avx2(float *s, float *m, const struct syc_form *f, const uint8_t *scales,
		     size_t nb);
void syc_scales_avx512(float *s, float *m, const struct syc_form *f, const uint8_t *scales,
		       size_t nb);
void syc_scales_neon(float *s, float *m, const struct syc_form *f, const uint8_t *scales,
		     size_t nb);

/*
 * Before a loop over registers: it must vanish, or -O2 leaves the registers in
 * memory, which costs a factor of two.  Under sanitizers GCC cannot always do it,
 * and calls that an error.
 */
#ifdef __SANITIZE_ADDRESS__
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define INLINE static inline __attribute__((always_inline))

/* A call of an inlined function with R, how many rows are left of 4, as a constant. */
#define LAST_ROWS(left, call) do { \
	if ((left) == 3) { enum { R = 3 }; call; } \
	else if ((left) == 2) { enum { R = 2 }; call; } \
	else if ((left) == 1) { enum { R = 1 }; call; } \
} while (0)

enum { TILE = SYC_Q_TOKENS };	/* tokens */
_Static_assert(SYC_Q_BLOCK == 32 && SYC_Q_ROWS == 16 && SYC_Q_TOKENS == 4,
	       "what vector code is written for");

/*
 * Integers below 2^22 added to these bits are those of a float that is SYC_BIAS larger:
 * 1.5 * 2^23, whose neighbors are 1 apart.  Times a scale (form.h) it is exact.
 */
#define SYC_BIAS 12582912.0f
enum { SYC_BIAS_BITS = 0x4b400000 };

/* Blocks with nothing above this are stored as zeros. */
#define SYC_Q_TINY 1e-30f

/*
 * exp(x) in float: x = n ln 2 + r, a polynomial for r (the minimax one of the
 * Cephes library's expf), scaled by 2^n.  Below SYC_EXP_LO and above
 * SYC_EXP_HI the end's value is returned; NaN stays.
 */
#define SYC_EXP_LO  (-87.33654f)
#define SYC_EXP_HI  88.37f
#define SYC_LOG2E   1.44269504088896341f
#define SYC_LN2_HI  0.693359375f
#define SYC_LN2_LO  (-2.12194440e-4f)
#define SYC_EXP_P0  1.9875691500e-4f
#define SYC_EXP_P1  1.3981999507e-3f
#define SYC_EXP_P2  8.3334519073e-3f
#define SYC_EXP_P3  4.1665795894e-2f
#define SYC_EXP_P4  1.6666665459e-1f
#define SYC_EXP_P5  5.0000001201e-1f

#endif
