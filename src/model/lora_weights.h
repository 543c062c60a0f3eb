/* SPDX-License-Identifier: MIT */
/* What the parts of include/syc/lora.h share. */
#ifndef SRC_MODEL_LORA_WEIGHTS_H
#define SRC_MODEL_LORA_WEIGHTS_H
#include "model/tensor_names.h"
#include "syc/lora.h"

/* The matrix that a pair is for. */
struct syc_part_at syc_lora_part(const struct syc_lora_pair *p);

#endif
