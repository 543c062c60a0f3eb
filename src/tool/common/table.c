/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "tool/common/table.h"

void opt_tsv(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	*(enum sheet_form *)at = SHEET_TSV;
}

void opt_json(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	*(enum sheet_form *)at = SHEET_JSON;
}

void put(struct sheet *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (syc_buf_vprintf(o->b, fmt, ap) < 0)
		o->bad = true;
	va_end(ap);
}

void put_name(struct sheet *o, const char *s)
{
	for (; *s; s++)
		put(o, "%c", (unsigned char)*s < ' ' || *s == 127 ? '?' : *s);
}

const char *fixed(char cell[CELL], double x, int digits)
{
	if (isnan(x))
		snprintf(cell, CELL, "-");
	else if (fabs(x) < 1e5)
		snprintf(cell, CELL, "%.*f", digits, x);
	else
		snprintf(cell, CELL, "%.*g", digits, x);
	return cell;
}

const char *chance(char cell[CELL], double p)
{
	if (isnan(p))
		snprintf(cell, CELL, "-");
	else if (p < 1e-300)
		snprintf(cell, CELL, "<1e-300");
	else if (p < 0.00095)
		snprintf(cell, CELL, "%.1e", p);
	else
		snprintf(cell, CELL, "%.4f", p);
	return cell;
}

const char *range(char cell[CELL], double lo, double hi)
{
	if (isnan(lo))
		snprintf(cell, CELL, "-");
	else
		snprintf(cell, CELL, "[%.3f, %.3f]", lo, hi);
	return cell;
}

static void number(struct sheet *o, double x, const char *missing)
{
	if (isfinite(x))
		put(o, "%.12g", x);
	else
		put(o, "%s", missing);
}

void put_num(struct sheet *o, double x)
{
	static const char *const missing[] = { "-", "NA", "null" };

	number(o, x, missing[o->form]);
}

void tsv_num(struct sheet *o, double x)
{
	put(o, "\t");
	number(o, x, "NA");
}

void json_text(struct sheet *o, const char *s)
{
	if (syc_buf_json(o->b, s, strlen(s)) < 0)
		o->bad = true;
}

void json_num(struct sheet *o, double x)
{
	number(o, x, "null");
}

void json_field(struct sheet *o, const char *key, double x)
{
	put(o, "\"%s\":", key);
	json_num(o, x);
}

void json_fields(struct sheet *o, const struct table_field *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put(o, ",");
		json_field(o, f[i].key, f[i].x);
	}
}
