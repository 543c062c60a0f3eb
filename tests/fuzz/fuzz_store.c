/* SPDX-License-Identifier: MIT */
/*
 * The files of one model in a folder.  The first byte says which; then each
 * file is a length in 4 bytes, little-endian, and that many bytes.
 */
#include "config.h"
#include <string.h>
#include <sys/stat.h>
#include "format/store.h"
#include "fuzz.h"

enum { FILES = 3 };

static const char *const names[3][FILES] = {
	{ "model.safetensors.index.json", "a.safetensors", "b.safetensors" },
	{ "m-00001-of-00002.gguf", "m-00002-of-00002.gguf", NULL },
	{ "model.safetensors", NULL, NULL },
};

static char scratch[64];

static void remove_folder(void)
{
	rmdir(scratch);
}

static const char *folder(void)
{
	if (scratch[0])
		return scratch;
	snprintf(scratch, sizeof(scratch), "%s/syc-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(scratch))
		abort();
	atexit(remove_folder);
	return scratch;
}

static const char *path_of(const char *name)
{
	static char full[128];

	snprintf(full, sizeof(full), "%s/%s", folder(), name);
	return full;
}

static void spill(const char *name, const uint8_t *data, size_t n)
{
	FILE *f = fopen(path_of(name), "wb");

	if (!f || fwrite(data, 1, n, f) != n || fclose(f) != 0)
		abort();
}

/* Whatever was opened can be read to its end. */
static void look(const struct syc_store *s)
{
	unsigned sum = 0;

	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		const struct syc_tensor *t = syc_store_tensor_at(s, i);
		size_t block = syc_type_block(t->type);
		float x[SYC_TYPE_BLOCK_MAX];

		if (syc_store_tensor(s, t->name) != t)
			abort();
		for (size_t k = 0; k < t->bytes; k++)
			sum += t->data[k];
		if (!syc_type_known(t->type) || !t->bytes)
			continue;
		syc_type_decode(x, t->type, t->data, block);
		syc_type_decode(x, t->type,
				t->data + t->bytes - syc_type_bytes(t->type),
				block);
	}
	for (size_t i = 0; i < syc_store_n_files(s); i++)
		sum += strlen(syc_store_file(s, i));
	(void)*(volatile unsigned *)&sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *const *name = names[n ? data[0] % 3 : 0];
	struct syc_store *s;
	uint32_t len;

	data += n > 0;
	n -= n > 0;
	for (int i = 0; i < FILES && name[i] && n >= sizeof(len); i++) {
		memcpy(&len, data, sizeof(len));
		data += sizeof(len);
		n -= sizeof(len);
		if (len > n)
			len = (uint32_t)n;
		spill(name[i], data, len);
		data += len;
		n -= len;
	}
	if (syc_store_open(&s, name[1] &&
			   !name[2] ? path_of(name[0]) : folder(), NULL) == 0) {
		look(s);
		syc_store_close(s);
	}
	for (int i = 0; i < FILES && name[i]; i++)
		unlink(path_of(name[i]));
	return 0;
}
