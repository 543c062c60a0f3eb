/* SPDX-License-Identifier: MIT */
#ifndef SYC_ENGINE_H
#define SYC_ENGINE_H
#include "syc/base.h"
#endif
