/* SPDX-License-Identifier: MIT */
/* Settings that hubs keep in JSON: config.json, adapter_config.json. */
#ifndef SRC_MODEL_SETTINGS_H
#define SRC_MODEL_SETTINGS_H
#include <jansson.h>
#include <stdbool.h>
#include "syc/base.h"

/*
 * An object and where it is from.  Every function that fails leaves its
 * message, which names path and member, in err (may be NULL).
 */
struct syc_settings {
	const json_t *o;
	const char *path;
	struct syc_err *err;
	json_t *root;		/* owned; NULL in views of a member */
	char *own_path;
};

/* From n bytes of text, or from a file of that folder. */
int syc_settings_parse(struct syc_settings *in, const char *text, size_t n,
		       const char *path, struct syc_err *err);
int syc_settings_open(struct syc_settings *in, const char *folder,
		      const char *name, struct syc_err *err);
void syc_settings_free(struct syc_settings *in);

/* A member, NULL also for null. */
const json_t *syc_settings_get(const struct syc_settings *in, const char *key);
/* A whole number in [1, max]; absent is an error unless there is a fallback. */
int syc_settings_count(const struct syc_settings *in, const char *key,
		       uint32_t fallback, uint32_t max, uint32_t *out);
/* A number above 0; absent is an error unless there is a fallback. */
int syc_settings_float(const struct syc_settings *in, const char *key,
		       float fallback, float *out);
int syc_settings_bool(const struct syc_settings *in, const char *key,
		      bool fallback, bool *out);
/* A string, or NULL when there is none. */
int syc_settings_text(const struct syc_settings *in, const char *key,
		      const char **out);

#endif
