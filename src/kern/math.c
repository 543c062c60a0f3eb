/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdint.h>
#include <string.h>
#include "kern/math.h"

/* ln 2 and pi/2 in parts: the first ones have trailing zeros, so that n times
 * them is exact. */
#define LN2_HI   0x1.62e42fefap-1
#define LN2_LO   0x1.cf79abc9e3b398p-40
#define PIO2_HI  0x1.921fb544p+0
#define PIO2_MID 0x1.0b4611a6p-34
#define PIO2_LO  0x1.3198a2e03707p-69

static double nearest(double x)
{
	return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

static double power_of_two(int n)
{
	uint64_t bits = (uint64_t)(n + 1023) << 52;
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

double syc_exp(double x)
{
	double n = nearest(x * 0x1.71547652b82fep+0);
	double r = (x - n * LN2_HI) - n * LN2_LO, sum = 1, term = 1;

	for (int i = 1; i <= 16; i++) {	/* |r| < 0.35: Taylor */
		term = term * r / i;
		sum += term;
	}
	return sum * power_of_two((int)n);
}

double syc_log(double x)
{
	uint64_t bits;
	int e;
	double s, s2, term, sum = 0;

	memcpy(&bits, &x, sizeof(bits));
	e = (int)(bits >> 52) - 1023;
	if (e == -1023)		/* subnormal */
		return syc_log(x * 0x1p54) - 54 * (LN2_HI + LN2_LO);
	bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
	memcpy(&x, &bits, sizeof(x));
	if (x > 1.4142135623730951) {
		x /= 2;
		e++;
	}
	s = (x - 1) / (x + 1);	/* log x = 2 atanh s, |s| < 0.172 */
	s2 = s * s;
	term = s;
	for (int i = 1; i <= 25; i += 2) {
		sum += term / i;
		term *= s2;
	}
	return e * LN2_HI + (2 * sum + e * LN2_LO);
}

void syc_sincos(double x, double *s, double *c)
{
	double n = nearest(x * 0x1.45f306dc9c883p-1);
	double r = ((x - n * PIO2_HI) - n * PIO2_MID) - n * PIO2_LO;
	double r2 = r * r, term, sn = 0, cn = 0;
	int64_t q = (int64_t)n & 3;

	term = r;
	for (int i = 2; i <= 22; i += 2) {	/* |r| < 0.79: Taylor */
		sn += term;
		term = -term * r2 / (double)(i * (i + 1));
	}
	term = 1;
	for (int i = 1; i <= 21; i += 2) {
		cn += term;
		term = -term * r2 / (double)(i * (i + 1));
	}
	*s = q == 0 ? sn : q == 1 ? cn : q == 2 ? -sn : -cn;
	*c = q == 0 ? cn : q == 1 ? -sn : q == 2 ? -cn : sn;
}
