/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/file.h"

int syc_file_begin(struct syc_file *o, const char *path, struct syc_err *err)
{
	struct syc_buf part = { 0 };
	struct stat st;

	*o = (struct syc_file){ .path = path };
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode)) {
		if (syc_buf_printf(&part, "%s.part", path) < 0)
			return syc_nomem(err);
		o->part = part.data;
	}
	o->f = fopen(o->part ? o->part : path, "wb");
	if (o->f)
		return 0;
	syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	free(o->part);
	o->part = NULL;
	return SYC_EIO;
}

int syc_file_commit(struct syc_file *o, struct syc_err *err)
{
	bool bad = fflush(o->f) != 0 || ferror(o->f);

	/* Some file systems cannot sync; that alone is no failure. */
	if (!bad && o->part && fsync(fileno(o->f)) < 0)
		bad = errno != EINVAL && errno != EROFS && errno != ENOTSUP;
	if (bad)
		syc_fail(err, SYC_EIO, "%s: %s", o->path, strerror(errno));
	if (fclose(o->f) != 0 && !bad) {
		bad = true;
		syc_fail(err, SYC_EIO, "%s: %s", o->path, strerror(errno));
	}
	o->f = NULL;
	if (!bad && o->part && rename(o->part, o->path) < 0) {
		bad = true;
		syc_fail(err, SYC_EIO, "%s: %s", o->path, strerror(errno));
	}
	if (bad && o->part)
		unlink(o->part);
	free(o->part);
	o->part = NULL;
	return bad ? SYC_EIO : 0;
}

void syc_file_drop(struct syc_file *o)
{
	if (o->f)
		fclose(o->f);
	if (o->part)
		unlink(o->part);
	free(o->part);
	*o = (struct syc_file){ 0 };
}
