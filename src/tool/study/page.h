/* SPDX-License-Identifier: MIT */
/* A page as a table of its sections and what they show. */
#ifndef SRC_TOOL_STUDY_H
#define SRC_TOOL_STUDY_H
#include "tool/study/study.h"

/* A section with its text, or a file with its caption, if it is there. */
struct page_part {
	const char *section, *text, *file;
	/* of a section: where the view has an effect, or none; where steering was tested, ... */
	enum { ALWAYS, WITH_EFFECT, WITHOUT, STEERED, WITH_GRID,
	       WITH_SETS } when;
};

/* report.html, made anew; texts are filled with the study's words. */
int page_make(struct study *s, const char *title, const struct page_part *parts, size_t n,
	      struct syc_err *err);
/* Behind the last slash. */
const char *page_base_name(const char *path);

#endif
