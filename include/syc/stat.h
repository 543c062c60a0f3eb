/* SPDX-License-Identifier: MIT */
#ifndef SYC_STAT_H
#define SYC_STAT_H
#include "syc/base.h"
#endif
