/* SPDX-License-Identifier: MIT */
/*
 * The input is a file of settings beside a small tokenizer.json; its first byte
 * says which.
 */
#include "config.h"
#include "use_vocab.h"

static const char tokenizer[] =
	"{\"added_tokens\":[{\"id\":3,\"content\":\"<e>\",\"special\":true}],"
	"\"pre_tokenizer\":{\"type\":\"ByteLevel\"},"
	"\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}";

struct folder {
	char dir[64], path[128];
};

static const char *in(struct folder *f, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name);
	return f->path;
}

static void put(struct folder *f, const char *name, const void *data, size_t n)
{
	FILE *file = fopen(in(f, name), "wb");

	need(file && fwrite(data, 1, n, file) == n && fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"tokenizer_config.json", "special_tokens_map.json",
		"added_tokens.json",
		"generation_config.json", "chat_template.jinja",
	};
	const char *name = names[size ?
				 data[0] % (sizeof(names) / sizeof(names[0])) :
				 0];
	struct syc_vocab *v;
	struct folder f;

	snprintf(f.dir, sizeof(f.dir), "%s/syc-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	need(mkdtemp(f.dir) != NULL);
	put(&f, "tokenizer.json", tokenizer, strlen(tokenizer));
	put(&f, name, data + (size > 0), size - (size > 0));
	if (syc_vocab_open(&v, f.dir, NULL) == 0) {
		use_vocab(v, (const char *)data, size < 512 ? size : 512);
		syc_vocab_close(v);
	}
	unlink(in(&f, name));
	unlink(in(&f, "tokenizer.json"));
	need(rmdir(f.dir) == 0);
	return 0;
}
