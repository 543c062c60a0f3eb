/* SPDX-License-Identifier: MIT */
#ifndef SRC_STUDY_FORECAST_FORECAST_H
#define SRC_STUDY_FORECAST_FORECAST_H
#include "study/vector/direction.h"
#include "syc/forecast.h"

/*
 * What the lens tells of all vectors and layers.  rms [n_layers] is the mean of
 * 1 / root mean square of the activations.
 */
int forecast_lens(struct syc_forecast *f, const struct syc_forecast_opts *o,
		  const double *rms, struct syc_err *err);

#endif
