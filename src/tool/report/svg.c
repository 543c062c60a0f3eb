/* SPDX-License-Identifier: MIT */
/*
 * Pictures go into the page as they are, so that they print and scale as text
 * does.  What goes in is written anew from what is known to draw.
 */
#include "config.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>
#include "tool/common/fail.h"
#include "tool/report/report.h"

enum { MAX_DEPTH = 64, MAX_NAME = 32 };

static const char *const elements[] = {
	"svg",	    "title",	      "desc",		"defs",	   "g",
	"path",	    "rect",	      "circle",		"ellipse", "line",
	"polyline", "polygon",	      "text",		"tspan",   "use",
	"clipPath", "linearGradient", "radialGradient", "stop",	   "pattern",
	"filter",   "feFlood",	      "feComposite",	NULL};

/* Kept; every other attribute but those that could act is left out. */
static const char *const attributes[] = {"viewBox",
					 "id",
					 "class",
					 "d",
					 "x",
					 "y",
					 "x1",
					 "y1",
					 "x2",
					 "y2",
					 "r",
					 "rx",
					 "ry",
					 "cx",
					 "cy",
					 "dx",
					 "dy",
					 "width",
					 "height",
					 "points",
					 "transform",
					 "fill",
					 "fill-opacity",
					 "fill-rule",
					 "stroke",
					 "stroke-width",
					 "stroke-dasharray",
					 "stroke-linecap",
					 "stroke-linejoin",
					 "stroke-opacity",
					 "stroke-miterlimit",
					 "opacity",
					 "color",
					 "font-family",
					 "font-size",
					 "font-style",
					 "font-weight",
					 "text-anchor",
					 "dominant-baseline",
					 "shape-rendering",
					 "clip-path",
					 "clip-rule",
					 "filter",
					 "filterUnits",
					 "flood-color",
					 "flood-opacity",
					 "in",
					 "in2",
					 "operator",
					 "result",
					 "offset",
					 "stop-color",
					 "stop-opacity",
					 "gradientUnits",
					 "gradientTransform",
					 "patternUnits",
					 "xml:space",
					 "href",
					 "xlink:href",
					 NULL};

struct svg {
	const struct report_file *f;
	struct syc_buf *out;
	const char *p, *end;
	char open[MAX_DEPTH][MAX_NAME];
	unsigned depth;
	struct syc_err *err;
};

static int bad(struct svg *s, const char *what, const char *name)
{
	return fail(s->err, SYC_EFORMAT,
		    "%s: not a plain picture in SVG: %s%.40s", s->f->path, what,
		    name);
}

static bool is_one_of(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static void skip_space(struct svg *s)
{
	while (s->p < s->end && isspace((unsigned char)*s->p))
		s->p++;
}

static bool starts(const struct svg *s, const char *with)
{
	const size_t n = strlen(with);

	return (size_t)(s->end - s->p) >= n && memcmp(s->p, with, n) == 0;
}

/* Over something that ends with `end`. */
static bool skip_past(struct svg *s, const char *end)
{
	const char *at = memmem(s->p, (size_t)(s->end - s->p), end,
				strlen(end));

	if (at)
		s->p = at + strlen(end);
	return at != NULL;
}

static bool get_name(struct svg *s, char name[MAX_NAME])
{
	size_t n = 0;

	while (s->p < s->end && (isalnum((unsigned char)*s->p) ||
				 (*s->p && strchr(":-_", *s->p)))) {
		if (n == MAX_NAME - 1)
			return false;
		name[n++] = *s->p++;
	}
	name[n] = 0;
	return n > 0;
}

/* The character that "&lt;" or "&#60;" at s is, 0 when it is none; *n is its length. */
static utf8proc_int32_t entity(const char *s, const char *end, size_t *n)
{
	static const char *const known[] = { "&&amp;", "<&lt;", ">&gt;", "\"&quot;", "'&apos;" };
	utf8proc_int32_t c = 0;
	const char *at;
	bool hex;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		*n = strlen(known[i] + 1);
		if ((size_t)(end - s) >= *n && memcmp(s, known[i] + 1, *n) == 0)
			return known[i][0];
	}
	if (end - s < 4 || s[1] != '#')
		return 0;
	hex = (s[2] | 32) == 'x';
	for (at = s + 2 + hex; at < end && c <= 0x10ffff && isxdigit((unsigned char)*at) &&
	     (hex || isdigit((unsigned char)*at)); at++)
		c = c * (hex ? 16 : 10) +
			(isdigit((unsigned char)*at) ? *at - '0' : (*at | 32) - 'a' + 10);
	*n = (size_t)(at - s) + 1;
	return at < end && *at == ';' && c >= ' ' && utf8proc_codepoint_valid(c) ? c : 0;
}

/* A text or a value as its reader has it. */
static void decode(struct syc_buf *out, const char *s, const char *end)
{
	while (s < end) {
		const char *amp = memchr(s, '&', (size_t)(end - s));
		utf8proc_uint8_t c[4];
		size_t n = 0;
		const utf8proc_int32_t at = amp ? entity(amp, end, &n) : 0;

		syc_buf_add(out, s, (size_t)((amp ? amp : end) - s));
		if (!amp)
			return;
		if (at)
			syc_buf_add(out, c, (size_t)utf8proc_encode_char(at, c));
		else
			syc_buf_puts(out, "&");
		s = amp + (at ? n : 1);
	}
}

static void add_text(struct syc_buf *out, const char *s, const char *end)
{
	struct syc_buf b = { 0 };

	decode(&b, s, end);
	html_text(out, b.data ? b.data : "", b.len);
	syc_buf_free(&b);
}

/* Whether a value calls no function but those of colors and transformations. */
static bool draws(const char *v)
{
	static const char *const functions[] = {
		"rgb", "rgba", "hsl", "hsla", "translate", "scale",
		"rotate", "matrix", "skewx", "skewy", NULL };

	for (const char *at = v; (at = strpbrk(at, "\\(@")); at++) {
		size_t n = 0, i = 0;

		while (at - n > v && isalpha((unsigned char)at[-(ptrdiff_t)n - 1]))
			n++;
		while (functions[i] && (strlen(functions[i]) != n ||
					strncasecmp(functions[i], at - n, n) != 0))
			i++;
		if (*at != '(' || !functions[i])
			return false;
	}
	return true;
}

/* Whether it is "url(#name)" and no more; a name has nothing that CSS reads. */
static bool names_part(const char *v)
{
	const char *end = v + 5;

	if (strncasecmp(v, "url(#", 5) != 0)
		return false;
	end += strcspn(end, "()\\'\"/ \t\r\n");
	return end > v + 5 && strcmp(end, ")") == 0;
}

/* A value that names something of the picture gets the page's name for it. */
static int add_value(struct svg *s, const char *name, const char *v, size_t n)
{
	const bool link = strcmp(name, "href") == 0 ||
			  strcmp(name, "xlink:href") == 0;
	const bool url = !link && names_part(v);

	syc_buf_printf(s->out, " %s=\"", link ? "href" : name);
	if (link && (n < 2 || v[0] != '#'))
		return bad(s, "a link out of it", "");
	if (strlen(v) != n || (!link && !url && strcmp(name, "id") != 0 && !draws(v)))
		return bad(s, "a value that loads something: ", name);
	if (link || url) {
		v += link ? 1 : 5;
		syc_buf_printf(s->out, "%s#f%u-", url ? "url(" : "",
			       s->f->number);
	} else if (strcmp(name, "id") == 0) {
		syc_buf_printf(s->out, "f%u-", s->f->number);
	}
	html_puts(s->out, v);
	syc_buf_puts(s->out, "\"");
	return 0;
}

/* From "x y width height". */
static void add_width(struct svg *s, const char *v, const char *end)
{
	char text[64], *at = text;
	double box[4] = { 0 };

	snprintf(text, sizeof(text), "%.*s", (int)(end - v < 63 ? end - v : 63), v);
	for (int i = 0; i < 4; i++) {
		box[i] = strtod(at, &at);
		at += strspn(at, " ,");
	}
	if (box[2] >= 1 && box[2] <= 10000)
		syc_buf_printf(s->out, " width=\"%.0f\"", box[2]);
}

static int copy_attribute(struct svg *s)
{
	char name[MAX_NAME], quote;
	struct syc_buf b = { 0 };
	const char *v;
	int ret;

	if (!get_name(s, name))
		return bad(s, "an attribute without a name", "");
	skip_space(s);
	if (s->p == s->end || *s->p++ != '=')
		return bad(s, "no value of ", name);
	skip_space(s);
	quote = s->p < s->end ? *s->p++ : 0;
	v = s->p;
	if ((quote != '"' && quote != '\'') ||
	    !skip_past(s, (char[]){ quote, 0 }))
		return bad(s, "no value of ", name);
	if (memchr(v, '<', (size_t)(s->p - 1 - v)))
		return bad(s, "'<' in ", name);
	if (strncasecmp(name, "on", 2) == 0 || strcmp(name, "style") == 0)
		return bad(s, "attribute ", name);
	if (!is_one_of(attributes, name))
		return 0;
	/* A picture is as wide as it was drawn, where the page has room. */
	if (s->depth == 0 &&
	    (strcmp(name, "width") == 0 || strcmp(name, "height") == 0))
		return 0;
	if (s->depth == 0 && strcmp(name, "viewBox") == 0)
		add_width(s, v, s->p - 1);
	/* gnuplot's names of its plots are for scripts, and come twice. */
	if (strcmp(name, "id") == 0 && strncmp(v, "gnuplot_plot_", 13) == 0)
		return 0;
	decode(&b, v, s->p - 1);
	ret = add_value(s, name, b.data ? b.data : "", b.len);
	syc_buf_free(&b);
	return ret;
}

/* <svg> itself says what the picture is to those who do not see it. */
static void add_root(struct svg *s)
{
	syc_buf_puts(s->out, " xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"");
	html_puts(s->out, s->f->caption ? s->f->caption : "plot");
	syc_buf_puts(s->out, "\"");
}

static int open_tag(struct svg *s)
{
	char name[MAX_NAME];
	int ret = 0;

	if (!get_name(s, name) || !is_one_of(elements, name))
		return bad(s, "element ", name);
	if ((s->depth == 0) != (strcmp(name, "svg") == 0))
		return bad(s, "misplaced element ", name);
	syc_buf_printf(s->out, "<%s", name);
	if (s->depth == 0)
		add_root(s);
	for (skip_space(s);
	     s->p < s->end && *s->p != '>' && *s->p != '/' && ret == 0;
	     skip_space(s))
		ret = copy_attribute(s);
	if (ret < 0)
		return ret;
	if (starts(s, "/>")) {
		s->p += 2;
		syc_buf_puts(s->out, "/>");
		return s->depth ? 0 : bad(s, "it is empty", "");
	}
	if (!starts(s, ">") || s->depth == MAX_DEPTH)
		return bad(s, "element ", name);
	s->p++;
	syc_buf_puts(s->out, ">");
	memcpy(s->open[s->depth++], name, sizeof(name));
	return 0;
}

static int close_tag(struct svg *s)
{
	char name[MAX_NAME];

	if (!get_name(s, name) || !s->depth ||
	    strcmp(name, s->open[s->depth - 1]) != 0)
		return bad(s, "misplaced end of ", name);
	skip_space(s);
	if (!starts(s, ">"))
		return bad(s, "misplaced end of ", name);
	s->p++;
	s->depth--;
	syc_buf_printf(s->out, "</%s>", name);
	return 0;
}

static int copy_markup(struct svg *s)
{
	if (starts(s, "<!--"))
		return skip_past(s, "-->") ? 0 : bad(s, "a comment without end", "");
	if (!s->depth && (starts(s, "<?xml") || starts(s, "<!DOCTYPE"))) {
		const char *from = s->p;

		return skip_past(s, ">") && !memchr(from, '[', (size_t)(s->p - from)) ? 0 :
			bad(s, "a declaration", "");
	}
	if (starts(s, "</")) {
		s->p += 2;
		return close_tag(s);
	}
	s->p++;
	return open_tag(s);
}

int report_svg(struct syc_buf *b, const struct report_file *f,
	       struct syc_err *err)
{
	struct svg s = { .f = f, .out = b, .p = f->data.data, .err = err };
	bool seen = false;
	int ret = 0;

	s.end = s.p ? s.p + f->data.len : NULL;
	syc_buf_puts(b, "<figure>");
	while (ret == 0 && s.p < s.end) {
		if (*s.p == '<') {
			ret = seen && !s.depth ? bad(&s, "something behind it", "")
					       : copy_markup(&s);
			seen |= s.depth > 0;
		} else {
			const char *lt = memchr(s.p, '<',
						(size_t)(s.end - s.p)),
				   *from = s.p;

			s.p = lt ? lt : s.end;
			if (s.depth)
				add_text(b, from, s.p);
		}
	}
	if (ret == 0 && (s.depth || !seen))
		ret = bad(&s, "it is cut short", "");
	if (f->caption) {
		syc_buf_puts(b, "<figcaption>");
		html_puts(b, f->caption);
		syc_buf_puts(b, "</figcaption>");
	}
	syc_buf_puts(b, "</figure>\n");
	return ret;
}
