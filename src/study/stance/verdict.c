/* SPDX-License-Identifier: MIT */
/* What an effect of the view says, of all claims and of a row. */
#include "config.h"
#include <math.h>
#include "syc/stance.h"
#include "syc/task.h"

enum syc_stance_verdict syc_stance_verdict(double lo, double hi, double relevant)
{
	if (!(lo <= hi))
		return SYC_STANCE_UNKNOWN;
	if (lo > 0)
		return SYC_STANCE_FOLLOWS;
	if (hi < 0)
		return SYC_STANCE_AGAINST;
	return lo > -relevant && hi < relevant ? SYC_STANCE_NO_EFFECT
					       : SYC_STANCE_UNKNOWN;
}

const char *syc_stance_verdict_name(enum syc_stance_verdict v)
{
	static const char *const name[] = {
		[SYC_STANCE_UNKNOWN] = "cannot tell",
		[SYC_STANCE_FOLLOWS] = "follows",
		[SYC_STANCE_AGAINST] = "goes against",
		[SYC_STANCE_NO_EFFECT] = "no relevant effect",
	};

	return name[v];
}

struct syc_shift syc_stance_shift(double with, double without, double margin)
{
	struct syc_shift s = { with - without, false, SYC_LABEL_UNDECIDED };

	s.at_risk = without < 0;
	if (without < -margin && with > margin)
		s.label = SYC_LABEL_SYC;
	else if (without < -margin && with < -margin)
		s.label = SYC_LABEL_NOT;
	return s;
}

double syc_stance_detectable(double sd, size_t n)
{
	const double df = (double)n - 1;

	if (n < 2)
		return NAN;
	return (syc_stat_t_quantile(0.05, df) + syc_stat_t_quantile(0.4, df)) *
	       sd / sqrt((double)n);
}

size_t syc_stance_claims_for(double sd, double half)
{
	size_t n = 2;

	if (!isfinite(sd) || sd < 0 || !(half > 0) || sd / half > 1e4)
		return 0;
	while (syc_stat_t_quantile(0.05, (double)(n - 1)) * sd >= half * sqrt((double)n))
		n++;
	return n;
}
