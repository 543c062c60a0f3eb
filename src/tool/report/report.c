/* SPDX-License-Identifier: MIT */
/* syc-report: one page of a study's tables and plots. */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "tool/common/fail.h"
#include "tool/report/report.h"
#include "tool/common/rows.h"

struct args {
	struct opt_values common;
	struct report report;
	struct report_items items;
	const char *title;
	const char *caption;	/* of the next file */
	struct syc_err err;	/* what went wrong first */
};

/* Readable on screen and paper, with and without colors. */
static const char style[] =
	"body{font:16px/1.5 Georgia,'DejaVu Serif',serif;"
	"color:#111;background:#fff;max-width:62rem;margin:0 auto;padding:2rem 1.5rem 4rem}\n"
	"h1,h2,h3,nav,table,.facts,.note,figcaption"
	"{font-family:'Helvetica Neue',Arial,'DejaVu Sans',sans-serif}\n"
	"h1{font-size:1.9rem;line-height:1.2;margin:0 0 1.2rem}\n"
	"h2{font-size:1.35rem;margin:2.6rem 0 .8rem;padding-top:.6rem;"
	"border-top:2px solid #111}\n"
	"h3{font-size:1.05rem;margin:1.8rem 0 .4rem}\n"
	"p{max-width:44rem;margin:.7rem 0}\n"
	"nav ol{margin:0;padding:0;list-style:none;font-size:.9rem}\n"
	"nav li{display:inline}nav li+li::before{content:' \\b7  '}nav a{color:#111}\n"
	".table{overflow-x:auto;margin:1rem 0 1.4rem}\n"
	"table{border-collapse:collapse;font-size:.84rem;line-height:1.35}\n"
	"caption,figcaption{text-align:left;font-size:.88rem;font-weight:600;"
	"padding:.2rem 0 .4rem}\n"
	"caption.s{white-space:nowrap}\n"
	"th,td{padding:.22rem .7rem .22rem 0;text-align:left;"
	"vertical-align:top;border-bottom:1px solid #ddd}\n"
	"thead th{border-bottom:1.5px solid #111;font-weight:600}\n"
	".n{text-align:right;font-variant-numeric:tabular-nums}\n"
	"th.n,td.n{padding:.22rem .7rem}\n"
	".text{white-space:pre-wrap;min-width:12rem;max-width:30rem;"
	"overflow-wrap:anywhere;padding-right:1.2rem}\n"
	".n .i{display:inline-block;white-space:nowrap}\n"
	".i{color:#555}\n"
	".facts,.note{font-size:.84rem;color:#333;max-width:none}\n"
	"figure{margin:1.2rem 0 1.6rem}\n"
	"figure svg{max-width:100%;height:auto;display:block}\n"
	"pre{font-size:.78rem;line-height:1.35;overflow-x:auto;"
	"border-left:3px solid #bbb;padding-left:1rem;margin:0}\n"
	"footer{margin-top:3rem;font-size:.78rem;color:#555}\n"
	"@page{margin:1.2cm}\n"
	"@media print{body{max-width:none;padding:0;font-size:11pt}"
	"h2,h2+p,h3,caption,thead,.facts{break-after:avoid}"
	"table{font-size:7.2pt;line-height:1.2}th,td{padding:.1rem .4rem .1rem 0}"
	"th.n,td.n{padding:.1rem .3rem}"
	"tr,figure,table,nav{break-inside:avoid}.table,pre{overflow:visible}"
	"h2{margin-top:1.6rem}.text{min-width:0}}\n";

static void add_item(struct args *a, enum report_kind kind, const char *text)
{
	struct report_item *i = report_add(&a->items, kind);

	if (!i) {
		fail_nomem(&a->err);
		return;
	}
	i->text = text;
	if (kind == REPORT_FILE) {
		i->caption = a->caption;
		a->caption = NULL;
	}
}

/* An operand is a file, or a folder of what a study left. */
static void add_operand(struct args *a, const char *path)
{
	struct stat st;

	if (a->err.code)
		return;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		report_folder(&a->items, path, &a->err);
	else
		add_item(a, REPORT_FILE, path);
}

static void set_section(const struct tool *t, const struct opt *o, void *at,
			char *arg)
{
	(void)t, (void)o;
	add_item(at, REPORT_SECTION, arg);
}

static void set_text(const struct tool *t, const struct opt *o, void *at,
		     char *arg)
{
	(void)t, (void)o;
	add_item(at, REPORT_TEXT, arg);
}

static void set_file(const struct tool *t, const struct opt *o, void *at,
		     char *arg)
{
	(void)t, (void)o;
	add_operand(at, arg);
}

static const struct opt opts[] = {
	OPT_HEAD("The page, in the order of the options"),
	OPT_TEXT(0, "title", "TEXT", struct args, title, "the title of the page (default: Report)"),
	OPT_CALL(0, "section", "TEXT", set_section, "begin a section"),
	OPT_CALL(0, "paragraph", "TEXT", set_text, "paragraphs, parted by empty lines"),
	OPT_TEXT(0, "caption", "TEXT", struct args, caption, "the caption of the next file"),
	OPT_CALL(0, "add", "FILE", set_file,
		 "show FILE here: .svg .json .jsonl .tsv, others as text; or a folder"),
	OPT_HEAD("Looks"),
	OPT_SIZE(0, "show-rows", "N", struct args, report.n_rows, 1, 10000,
		 "show N rows of a .jsonl (default: 5)"),
	OPT_FLAG(0, "no-plots", struct args, report.no_plots,
		 "do not draw with syc-plot what files hold"),
	OPT_HEAD("Rows"),
	OPT_OF_DUPLICATES(struct args, report.in),
	OPT_OF_MIXED(struct args, report.in),
	OPTS_COMMON(struct args, common)
};

static const struct tool tool = {
	.name = "syc-report",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Put tables, plots and text into one HTML page that needs no other file",
	.opts = opts,
};

static int parse(struct args *a, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, a);

	for (int i = at; i < argc; i++)
		add_operand(a, argv[i]);
	if (a->caption)
		tool_usage(&tool, "--caption: no file follows '%s'",
			   a->caption);
	if (!a->err.code && !a->items.n)
		tool_usage(&tool, "nothing to report: give files, a folder, --section or --paragraph");
	if (!a->err.code)
		work_check(&tool, a->common.output, argv + at, argc - at, &a->err);
	return a->err.code;
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

/* The pictures of a document, by what is in it. */
static int draw(struct report *r, struct syc_buf *b,
		const struct report_file *f, struct syc_err *err)
{
	char *path = (char *)f->path;
	struct docs d = { 0 };
	enum doc_kind of = DOC_OTHER;

	/* What is wrong with it, the tables say. */
	if (docs_read(&d, &path, 1, err) == 0)
		of = d.doc[0].kind;
	docs_free(&d);
	return report_figures(r, b, of, &path, 1, f->caption, err);
}

static int show_file(struct report *r, struct syc_buf *b, const char *path,
		     const char *caption, bool plots, struct syc_err *err)
{
	struct report_file f = {
		.path = path, .caption = caption, .number = ++r->n_figures, .n_rows = r->n_rows};
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
	else if (!plots || r->no_plots || (ret = draw(r, b, &f, err)) == 0)
		ret = report_json(b, &f, err);
	syc_buf_free(&f.data);
	return ret;
}

static int show(struct report *r, struct syc_buf *b,
		const struct report_item *i, struct syc_err *err)
{
	switch (i->kind) {
	case REPORT_FILE:
		return show_file(r, b, i->text, i->caption, true, err);
	case REPORT_TABLE:
		return show_file(r, b, i->paths[0], i->caption, false, err);
	case REPORT_FIGURES:
		return r->no_plots ? 0 :
				     report_figures(r, b, i->of, i->paths,
					     i->n_paths, i->caption, err);
	case REPORT_SCORES:
		return r->no_plots ? 0 : report_scores(r, b, i->paths[0], i->fit, err);
	case REPORT_COUNTS:
		return report_counts(r, b, i->paths, i->n_paths, err);
	case REPORT_SECTION: case REPORT_TEXT:
		break;
	}
	return 0;
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

	for (size_t i = 0; i < a->items.n; i++)
		n += a->items.item[i].kind == REPORT_SECTION;
	if (n < 2)
		return;
	syc_buf_puts(b, "<nav aria-label=\"Contents\"><ol>\n");
	n = 0;
	for (size_t i = 0; i < a->items.n; i++) {
		if (a->items.item[i].kind != REPORT_SECTION)
			continue;
		syc_buf_printf(b, "<li><a href=\"#s%u\">", ++n);
		html_puts(b, a->items.item[i].text);
		syc_buf_puts(b, "</a></li>\n");
	}
	syc_buf_puts(b, "</ol></nav>\n");
}

static void add_head(struct syc_buf *b, const struct args *a)
{
	syc_buf_puts(
		b,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		/* Nothing of the page is elsewhere. */
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>");
	html_puts(b, a->title);
	syc_buf_printf(b,
		"</title>\n<style>\n%s</style>\n</head>\n<body>\n<header><h1>",
		style);
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
	for (size_t i = 0; i < a->items.n && ret == 0; i++) {
		const struct report_item *it = &a->items.item[i];

		switch (it->kind) {
		case REPORT_SECTION:
			syc_buf_printf(b, "%s<section id=\"s%u\">\n<h2>",
				       n ? "</section>\n" : "", n + 1);
			html_puts(b, it->text);
			syc_buf_puts(b, "</h2>\n");
			n++;
			break;
		case REPORT_TEXT: add_text(b, it->text); break;
		default: ret = show(&a->report, b, it, err);
		}
	}
	syc_buf_printf(b,
		"%s</main>\n<footer><p>syc %s</p></footer>\n</body>\n</html>\n",
		n ? "</section>\n" : "", syc_version());
	return ret == 0 && b->failed ? fail_nomem(err) : ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT, .title = "Report",
			  .report = { .tool = &tool, .n_rows = 5,
				      .in = { ROWS_OF_ONE_RUN(&tool) } } };
	struct syc_buf html = { 0 };
	int ret = parse(&a, argc, argv);

	if (ret == 0)
		ret = build(&a, &html, &a.err);
	if (ret == 0)
		ret = syc_output_all(a.common.output, html.data, html.len, &a.err);
	syc_buf_free(&html);
	report_items_free(&a.items);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &a.err) : 0);
}
