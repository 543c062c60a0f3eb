/* SPDX-License-Identifier: MIT */
/* Numbers of a layer or a cell by name: columns among tabs, keys in JSON. */
#ifndef SRC_TOOL_FIT_COLUMNS_H
#define SRC_TOOL_FIT_COLUMNS_H
#include "tool/fit/fit.h"

/* What a number needs to have been asked for; without it, it is not defined. */
enum need { ALWAYS, BOOT, PERMUTE, CROSS, MULTI, BESIDE, NULLS };	/* and a kind of null vectors */

struct column {
	const char *key;
	size_t at;		/* offset of a double */
	enum need need;
	bool json_only;
};

/*
 * Of a struct syc_fit_layer, in two parts between which --tsv has the method,
 * and of a struct syc_transfer_cell.  Each ends with a NULL key.
 */
extern const struct column layer_columns[], more_columns[], cell_columns[];
/* Of a struct syc_fit_layer with an outcome. */
extern const struct column line_columns[];

/* A tab and the key, or the number, of each that goes among tabs. */
void columns_head(struct sheet *o, const struct column *c);
void columns_tsv(struct sheet *o, const struct column *c, const void *base,
		 const struct syc_fit *f);
/* ,"key":number of each; those of all layers together only where asked for. */
void columns_json(struct sheet *o, const struct column *c, const void *base,
		  const struct syc_fit *f);

#endif
