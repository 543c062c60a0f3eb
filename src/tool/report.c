/* SPDX-License-Identifier: MIT */
/* syc-report: one page of a study's tables and plots. */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "tool/fail.h"
#include "tool/report.h"
#include "tool/rows.h"

enum {
	KEY_TITLE = SYC_KEY_TOOL, KEY_SECTION, KEY_TEXT, KEY_CAPTION, KEY_ROWS, KEY_NO_PLOTS,
};

static const struct syc_opt opts[] = {
	{ 0, NULL, NULL, "The page, in the order of the options" },
	{ KEY_TITLE, "title", "TEXT", "the title of the page (default: Report)" },
	{ KEY_SECTION, "section", "TEXT", "begin a section" },
	{ KEY_TEXT, "text", "TEXT", "paragraphs, parted by empty lines" },
	{ KEY_CAPTION, "caption", "TEXT", "the caption of the next file" },
	{ 'a', "add", "FILE", "show FILE here: .svg .json .jsonl .tsv, others as text" },
	{ 0, NULL, NULL, "Looks" },
	{ KEY_ROWS, "rows", "N", "show N rows of a .jsonl (default: 5)" },
	{ KEY_NO_PLOTS, "no-plots", NULL, "do not draw reports of syc-fit with syc-plot" },
	SYC_OPTS_PLAIN
};

static const struct syc_tool tool = {
	.name = "syc-report",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Put tables, plots and text into one HTML page that needs no other file",
	.opts = opts,
};

enum kind { SECTION, TEXT, FILE_ITEM };

struct item {
	enum kind kind;
	const char *text;	/* or the file's path */
	const char *caption;
};

struct args {
	struct syc_common common;
	struct item *item;	/* [n] */
	size_t n;
	const char *title;
	size_t n_rows;
	bool no_plots;
	unsigned n_figures;
};

/* Readable on screen and paper, with and without colours. */
static const char style[] =
	"body{font:16px/1.5 Georgia,'DejaVu Serif',serif;color:#111;background:#fff;"
	"max-width:62rem;margin:0 auto;padding:2rem 1.5rem 4rem}\n"
	"h1,h2,h3,nav,table,.facts,.note,figcaption{font-family:'Helvetica Neue',Arial,'DejaVu Sans',sans-serif}\n"
	"h1{font-size:1.9rem;line-height:1.2;margin:0 0 1.2rem}\n"
	"h2{font-size:1.35rem;margin:2.6rem 0 .8rem;padding-top:.6rem;border-top:2px solid #111}\n"
	"h3{font-size:1.05rem;margin:1.8rem 0 .4rem}\n"
	"p{max-width:44rem;margin:.7rem 0}\n"
	"nav ol{margin:0;padding-left:1.3rem}\nnav a{color:#111}\n"
	".table{overflow-x:auto;margin:1rem 0 1.4rem}\n"
	"table{border-collapse:collapse;font-size:.84rem;line-height:1.35}\n"
	"caption,figcaption{text-align:left;font-size:.88rem;font-weight:600;padding:.2rem 0 .4rem}\n"
	"th,td{padding:.22rem .7rem .22rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}\n"
	"thead th{border-bottom:1.5px solid #111;font-weight:600}\n"
	".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	"th.n,td.n{padding:.22rem .7rem}\n"
	".text{white-space:pre-wrap;min-width:12rem;max-width:30rem;overflow-wrap:anywhere;padding-right:1.2rem}\n"
	".i{color:#555}\n.facts,.note{font-size:.84rem;color:#333;max-width:none}\n"
	"figure{margin:1.2rem 0 1.6rem}\nfigure svg{max-width:100%;height:auto;display:block}\n"
	"pre{font-size:.78rem;line-height:1.35;overflow-x:auto;border-left:3px solid #bbb;padding-left:1rem;margin:0}\n"
	"footer{margin-top:3rem;font-size:.78rem;color:#555}\n"
	"@media print{body{max-width:none;padding:0;font-size:11pt}h2{break-after:avoid}"
	"tr,figure{break-inside:avoid}.table,pre{overflow:visible}}\n";

static void add_item(struct args *a, enum kind kind, const char *text, const char **caption)
{
	a->item[a->n++] = (struct item){ kind, text, kind == FILE_ITEM ? *caption : NULL };
	if (kind == FILE_ITEM)
		*caption = NULL;
}

static void parse(struct args *a, int argc, char **argv)
{
	const char *caption = NULL;
	int key;

	while ((key = syc_opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_TITLE: a->title = optarg; break;
		case KEY_SECTION: add_item(a, SECTION, optarg, NULL); break;
		case KEY_TEXT: add_item(a, TEXT, optarg, NULL); break;
		case KEY_CAPTION: caption = optarg; break;
		case 'a': add_item(a, FILE_ITEM, optarg, &caption); break;
		case KEY_ROWS: a->n_rows = syc_opt_u64(&tool, "rows", optarg, 1, 10000); break;
		case KEY_NO_PLOTS: a->no_plots = true; break;
		default: syc_opt_common(&tool, &a->common, key, optarg);
		}
	}
	for (int i = optind; i < argc; i++)
		add_item(a, FILE_ITEM, argv[i], &caption);
	if (caption)
		syc_usage(&tool, "--caption: no file follows '%s'", caption);
	if (!a->n)
		syc_usage(&tool, "nothing to report: give files, --section or --text");
}

static int read_file(struct report_file *f, struct syc_err *err)
{
	FILE *in = fopen(f->path, "r");
	char part[65536];
	size_t n;
	int ret = 0;

	if (!in)
		return fail(err, SYC_EIO, "%s: %s", f->path, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), in)) > 0)
		syc_buf_add(&f->data, part, n);
	if (ferror(in))
		ret = fail(err, SYC_EIO, "%s: %s", f->path, strerror(errno));
	else if (f->data.failed)
		ret = fail_nomem(err);
	fclose(in);
	return ret;
}

static bool ends(const char *path, const char *with)
{
	const size_t n = strlen(path), m = strlen(with);

	return n >= m && strcmp(path + n - m, with) == 0;
}

/* The picture of a report of syc-fit; one that cannot be drawn is left out. */
static int draw(struct args *a, struct syc_buf *b, const struct report_file *f, struct syc_err *err)
{
	struct report_file svg = { .path = f->path, .caption = f->caption ? f->caption : "AUC by layer", .number = ++a->n_figures };
	json_t *doc = json_loadb(f->data.data, f->data.len, JSON_DECODE_INT_AS_REAL, NULL);
	const bool is_fit = report_is_fit(doc);
	int ret = 0;

	json_decref(doc);
	if (!is_fit)
		return 0;
	if (report_draw(&svg.data, f->path, err) < 0)
		syc_warn(&tool, "%s (the figure is left out)", err->msg);
	else
		ret = report_svg(b, &svg, err);
	syc_buf_free(&svg.data);
	return ret;
}

static int show(struct args *a, struct syc_buf *b, const struct item *it, struct syc_err *err)
{
	struct report_file f = { .path = it->text, .caption = it->caption,
				 .number = ++a->n_figures, .n_rows = a->n_rows };
	int ret = read_file(&f, err);

	if (ret < 0) {
		syc_buf_free(&f.data);
		return ret;
	}
	if (ends(f.path, ".svg"))
		ret = report_svg(b, &f, err);
	else if (ends(f.path, ".jsonl"))
		ret = report_rows(b, &f, err);
	else if (ends(f.path, ".tsv"))
		ret = report_tsv(b, &f, err);
	else if (!ends(f.path, ".json"))
		ret = report_plain(b, &f, err);
	else if (a->no_plots || (ret = draw(a, b, &f, err)) == 0)
		ret = report_json(b, &f, err);
	syc_buf_free(&f.data);
	return ret;
}

static void add_text(struct syc_buf *b, const char *s)
{
	for (const char *end; *s; s = end) {
		s += strspn(s, "\n");
		end = strstr(s, "\n\n");
		end = end ? end : s + strlen(s);
		if (end == s)
			break;
		syc_buf_puts(b, "<p>");
		html_text(b, s, (size_t)(end - s));
		syc_buf_puts(b, "</p>\n");
	}
}

static void add_contents(struct syc_buf *b, const struct args *a)
{
	unsigned n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->item[i].kind == SECTION;
	if (n < 2)
		return;
	syc_buf_puts(b, "<nav aria-label=\"Contents\"><ol>\n");
	n = 0;
	for (size_t i = 0; i < a->n; i++) {
		if (a->item[i].kind != SECTION)
			continue;
		syc_buf_printf(b, "<li><a href=\"#s%u\">", ++n);
		html_puts(b, a->item[i].text);
		syc_buf_puts(b, "</a></li>\n");
	}
	syc_buf_puts(b, "</ol></nav>\n");
}

static void add_head(struct syc_buf *b, const struct args *a)
{
	syc_buf_puts(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		     "<title>");
	html_puts(b, a->title);
	syc_buf_printf(b, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header><h1>", style);
	html_puts(b, a->title);
	syc_buf_puts(b, "</h1></header>\n");
	add_contents(b, a);
	syc_buf_puts(b, "<main>\n");
}

static int build(struct args *a, struct syc_buf *b, struct syc_err *err)
{
	unsigned n = 0;
	int ret = 0;

	add_head(b, a);
	for (size_t i = 0; i < a->n && ret == 0; i++) {
		const struct item *it = &a->item[i];

		switch (it->kind) {
		case SECTION:
			syc_buf_printf(b, "%s<section id=\"s%u\">\n<h2>", n ? "</section>\n" : "", n + 1);
			html_puts(b, it->text);
			syc_buf_puts(b, "</h2>\n");
			n++;
			break;
		case TEXT: add_text(b, it->text); break;
		case FILE_ITEM: ret = show(a, b, it, err); break;
		}
	}
	syc_buf_printf(b, "%s</main>\n<footer><p>syc %s</p></footer>\n</body>\n</html>\n",
		       n ? "</section>\n" : "", syc_version());
	return ret == 0 && b->failed ? fail_nomem(err) : ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = SYC_COMMON_INIT, .title = "Report", .n_rows = 5 };
	struct syc_buf page = { 0 };
	struct syc_err err = { 0 };
	struct syc_out out;
	int ret;

	a.item = calloc((size_t)argc + 1, sizeof(*a.item));
	if (!a.item)
		return 1;
	parse(&a, argc, argv);
	ret = build(&a, &page, &err);
	if (ret == 0)
		ret = syc_out_open(&out, a.common.output, &err);
	if (ret == 0) {
		ret = syc_out_write(&out, page.data, page.len, &err);
		if (ret == 0)
			ret = syc_out_finish(&out, &err);
		else
			syc_out_abandon(&out);
	}
	syc_buf_free(&page);
	free(a.item);
	return syc_tool_finish(&tool, ret < 0 ? syc_tool_err(&tool, &err) : 0);
}
