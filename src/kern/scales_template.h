/* SPDX-License-Identifier: MIT */
/*
 * syc_form_scales() in vectors, included behind
 *
 *	S_VEC, S_WIDTH	a register of so many rows
 *	S_NAME		what it is called
 *	S_STORE(p, v), S_MUL(v, w), S_NEGATE(v)
 *	halves(p)	float16 at p
 *	bytes(p, sign)	bytes at p, signed or not
 *	nibbles(p, high) of bytes at p
 */
enum { PARTS = SYC_Q_ROWS / S_WIDTH };

static void half(float *s, float *m, const uint8_t *w, size_t nb, const bool min)
{
	for (; nb; nb--, w += 2 * SYC_Q_ROWS) {
		for (int i = 0; i < PARTS; i++, s += S_WIDTH)
			S_STORE(s, halves(w + 2 * S_WIDTH * i));
		if (!min)
			continue;
		w += 2 * SYC_Q_ROWS;
		for (int i = 0; i < PARTS; i++, m += S_WIDTH)
			S_STORE(m, S_NEGATE(halves(w + 2 * S_WIDTH * i)));
	}
}

/* One of 256 columns with n groups; returns where the next one's scales are. */
INLINE const uint8_t *super(float *s, float *m, const uint8_t *w, const int n, const bool min,
			    const bool small)
{
	const uint8_t *byte = w + 2 * SYC_Q_ROWS * (min ? 2 : 1), *end = byte + n * SYC_Q_ROWS;

	for (int i = 0; i < PARTS; i++) {
		const S_VEC d = halves(w + 2 * S_WIDTH * i),
			dm = min ? halves(w + 2 * SYC_Q_ROWS + 2 * S_WIDTH * i) : d;

		UNROLL
		for (int g = 0; g < n; g++) {
			const uint8_t *p = byte + g * SYC_Q_ROWS + i * S_WIDTH;
			const size_t at = (size_t)(g * SYC_Q_ROWS + i * S_WIDTH);

			S_STORE(s + at, S_MUL(d, small ? nibbles(p, false) : bytes(p, true)));
			if (min)
				S_STORE(m + at, S_MUL(dm, small ? nibbles(p, true) :
						      bytes(p + n * SYC_Q_ROWS, false)));
		}
	}
	return min && !small ? end + n * SYC_Q_ROWS : end;
}

void S_NAME(float *s, float *m, const struct syc_form *f, const uint8_t *w, size_t nb)
{
	const bool min = syc_quants_min(f->quants), small = f->scales == SYC_SCALES_NIBBLES;
	const int groups = syc_quants_groups(f->quants) * SYC_SUPER_BLOCKS;

	if (f->scales == SYC_SCALES_HALF) {
		half(s, m, w, nb, min);
		return;
	}
	for (size_t b = 0; b < nb; b += SYC_SUPER_BLOCKS) {
		if (small)
			w = super(s, m, w, groups, true, true);
		else if (min)
			w = super(s, m, w, groups, true, false);
		else
			w = super(s, m, w, groups, false, false);
		s += groups * SYC_Q_ROWS;
		m += min ? groups * SYC_Q_ROWS : 0;
	}
}
