/* SPDX-License-Identifier: MIT */
/* The tensors of the family in the files of a model. */
#ifndef SRC_MODEL_TENSOR_CHECKS_H
#define SRC_MODEL_TENSOR_CHECKS_H
#include "format/store.h"
#include "model/tensor_names.h"

/*
 * The tensor that a model's files have for it, NULL when they have none; its
 * name in them goes to name either way.
 */
const struct syc_tensor *syc_part_tensor(const struct syc_store *s,
					 const struct syc_part_at *at,
					 char name[SYC_PART_NAME]);
/* The same for what has to be there, of a type that is decoded and in the right shape. */
int syc_part_need(const struct syc_tensor **out, const struct syc_store *s,
		  const struct syc_config *cfg, const struct syc_part_at *at,
		  struct syc_err *err);
/*
 * Fill in what only tensors tell: the vocabulary's size, in GGUF whether there
 * are heads; a head that is the embedding by the configuration and another in
 * the file, which is noted.
 */
int syc_config_complete(struct syc_config *cfg, const struct syc_store *s,
			struct syc_buf *notes, struct syc_err *err);
/*
 * Everything is there in the right shape, and nothing else: a tensor that
 * nothing would read means that the model is another.
 */
int syc_tensors_check(const struct syc_config *cfg, const struct syc_store *s,
		      struct syc_err *err);

#endif
