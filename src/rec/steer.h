/* SPDX-License-Identifier: MIT */
/* A steering's rules and their arithmetic. */
#ifndef SRC_REC_STEER_H
#define SRC_REC_STEER_H
#include "syc/steer.h"

struct steer_rule {
	struct syc_steer_rule r;	/* layers and n_layers are not used */
	float **row;		/* [n_blocks] the vector there, or NULL */
	double *sq;		/* [n_blocks] its squared length */
	float *to;		/* [n_blocks] c */
	float *v;		/* what the rows point to */
	uint32_t checksum;	/* of the vectors as they were read */
	struct steer_rule *next;
};

struct syc_steer {
	uint32_t n_blocks;
	size_t dim;
	uint64_t key;	/* of all that the rules say; 0: there are none */
	struct steer_rule *first, **last;
	bool assumed;	/* the layers of the file read last */
	bool foreign;	/* made with another model */
	char model[128];	/* as a provenance that names it */
};

/* a.b of n floats, in doubles and a fixed order. */
double steer_dot(const float *a, const float *b, size_t n);
/* Apply the rule of a layer, by the share f, to x [dim]. */
void steer_one(const struct steer_rule *a, uint32_t layer, double f, float *x,
	       size_t dim);

/* "attn", "generated", "positive": what the text form says. */
const char *steer_hook_name(enum syc_hook_point point);
const char *steer_when_name(enum syc_steer_when when);
const char *steer_side_name(enum syc_steer_side side);

#endif
