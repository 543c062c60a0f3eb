/* SPDX-License-Identifier: MIT */
/* The input is a checkpoint of tuning without its CRC-32, which it gets here. */
#include "config.h"
#include <string.h>
#include <zlib.h>
#include "base/mem.h"
#include "fuzz.h"
#include "small_tune.h"

static void resume(const char *path, bool best)
{
	struct small_tune s;
	struct syc_buf log = { 0 };

	small_tune_make(&s, best);
	if (syc_tune_resume(s.run, path, SMALL_SETTINGS, &log, NULL) == 0) {
		struct syc_buf again = { 0 };

		/* What was taken can be written and taken again. */
		if (syc_tune_save(s.run, path, SMALL_SETTINGS, &log, NULL) < 0 ||
		    syc_tune_resume(s.run, path, SMALL_SETTINGS, &again, NULL) < 0 ||
		    again.len != log.len)
			abort();
		syc_buf_free(&again);
	}
	syc_buf_free(&log);
	small_tune_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint32_t crc = (uint32_t)crc32_z(crc32_z(0, NULL, 0), data, n);
	uint8_t *whole = malloc(n + sizeof(crc));

	if (!whole)
		abort();
	memcpy(whole, data, n);
	memcpy(whole + n, &crc, sizeof(crc));
	for (int best = 0; best < 2; best++) {
		char path[64];

		strcpy(path, fuzz_file(whole, n + sizeof(crc)));
		resume(path, best);
	}
	free(whole);
	return 0;
}
