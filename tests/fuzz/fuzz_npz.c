/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "format/zip.h"
#include "fuzz.h"

static void read_members(const char *path, bool scan)
{
	struct syc_zip *z;
	struct syc_npy h;
	uint8_t *data;
	char *text;

	if (syc_zip_open(&z, path, scan, NULL) < 0)
		return;
	for (size_t i = 0; i < syc_zip_list(z)->n && i < 64; i++) {
		syc_zip_verify(z, i, NULL);
		if (syc_npz_read(z, i, &h, &data, NULL) == 0) {
			float x[4];

			if (h.count >= 4)
				syc_npy_floats(x, &h, data + h.head, 4);
			free(data);
		}
		if (syc_zip_text(z, i, 1 << 16, &text, NULL) == 0)
			free(text);
	}
	syc_zip_rescan(z, NULL);
	syc_zip_close(z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *path = fuzz_file(data, n);
	struct syc_npy h;

	read_members(path, false);
	read_members(path, true);
	syc_npy_parse(&h, data, n, "input", NULL);
	return 0;
}
