/* SPDX-License-Identifier: MIT */
/* All of libsyc; see libsyc(3). */
#ifndef SYC_H
#define SYC_H
#include "syc/acts.h"
#include "syc/agree.h"
#include "syc/base.h"
#include "syc/bench.h"
#include "syc/chat.h"
#include "syc/engine.h"
#include "syc/fidelity.h"
#include "syc/linear.h"
#include "syc/logit.h"
#include "syc/model.h"
#include "syc/probe.h"
#include "syc/random.h"
#include "syc/record.h"
#include "syc/resample.h"
#include "syc/stat.h"
#include "syc/steer.h"
#include "syc/task.h"
#include "syc/vector.h"
#include "syc/vocab.h"
#endif
