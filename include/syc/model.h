/* SPDX-License-Identifier: MIT */
#ifndef SYC_MODEL_H
#define SYC_MODEL_H
#include "syc/base.h"
#endif
