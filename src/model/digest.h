/* SPDX-License-Identifier: MIT */
/* Digests of files: CRC-32 and bytes, made while the files are read. */
#ifndef SRC_MODEL_DIGEST_H
#define SRC_MODEL_DIGEST_H
#include "model/lora.h"
#include "model/model.h"

/* Zero-initialize it. */
struct syc_sum {
	uint32_t crc;
	uint64_t bytes;
};

void syc_sum_bytes(struct syc_sum *s, const void *data, size_t n);
/* The same of n bytes whose CRC-32 is known. */
void syc_sum_known(struct syc_sum *s, uint32_t crc, size_t n);
/* A whole file; one that is not there changes nothing. */
void syc_sum_file(struct syc_sum *s, const char *folder, const char *name);
/* Append "crc32:89abcdef:2780000". */
int syc_sum_text(struct syc_buf *out, const struct syc_sum *s);

/* m->digest, of weights that are loaded. */
int syc_model_sum(struct syc_model *m, struct syc_err *err);

#endif
