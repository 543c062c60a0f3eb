/* SPDX-License-Identifier: MIT */
/* Numbers among words. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "syc/conclude.h"

#define MINUS "\342\210\222"
#define DASH "\342\200\223"
#define NBSP "\302\240"

void syc_say_number(struct syc_buf *b, double x, int digits)
{
	char s[340];

	if (isnan(x)) {
		syc_buf_puts(b, DASH);
		return;
	}
	snprintf(s, sizeof(s), "%.*f", digits, fabs(x));
	/* What is rounded to zero has no sign. */
	if (x < 0 && strpbrk(s, "123456789i"))
		syc_buf_puts(b, MINUS);
	syc_buf_puts(b, s);
}

void syc_say_signed(struct syc_buf *b, double x, int digits)
{
	char s[340];

	snprintf(s, sizeof(s), "%.*f", digits, fabs(x));
	if (x > 0 && strpbrk(s, "123456789i"))
		syc_buf_puts(b, "+");
	syc_say_number(b, x, digits);
}

void syc_say_percent(struct syc_buf *b, double x)
{
	if (isnan(x))
		syc_say_number(b, x, 0);
	else
		syc_buf_printf(b, "%.0f %%", rint(100 * x) + 0.0);
}

void syc_say_p(struct syc_buf *b, double p)
{
	if (p < 0.001)
		syc_buf_puts(b, "below 0.001");
	else
		syc_say_number(b, p, 3);
}

void syc_say_estimate(struct syc_buf *b, const struct syc_estimate *e,
		      int digits)
{
	syc_say_number(b, e->x, digits);
	if (isnan(e->x) || isnan(e->lo))
		return;
	syc_buf_puts(b, NBSP "[");
	syc_say_number(b, e->lo, digits);
	syc_buf_puts(b, "," NBSP);
	syc_say_number(b, e->hi, digits);
	syc_buf_puts(b, "]");
}

void syc_say_change(struct syc_buf *b, const struct syc_estimate *e)
{
	syc_say_signed(b, e->x, 3);
	if (isnan(e->lo))
		return;
	syc_buf_puts(b, NBSP "[");
	syc_say_signed(b, e->lo, 3);
	syc_buf_puts(b, "," NBSP);
	syc_say_signed(b, e->hi, 3);
	syc_buf_puts(b, "]");
}

void syc_say_operator(struct syc_buf *b, const char *op, double scale)
{
	const size_t n = strlen(op);

	syc_buf_puts(b, op);
	if (strstr(op, "clamp") ||
	    (n >= 6 && strcmp(op + n - 6, "ablate") == 0))
		return;
	syc_buf_puts(b, scale < 0 ? " " MINUS : " +");
}
