/* SPDX-License-Identifier: MIT */
/* Arrays of reference values, as numpy.savez() writes them. */
#ifndef TESTS_NPZ_H
#define TESTS_NPZ_H
#include <string.h>
#include "format/zip.h"
#include "suite.h"

struct array {
	struct syc_npy head;
	uint8_t *member;	/* the elements begin at head.head */
};

/* Member name; false when the archive does not have it. */
static inline bool array_read(struct array *a, struct syc_zip *z,
			      const char *name)
{
	char full[64];
	size_t i;

	snprintf(full, sizeof(full), "%s.npy", name);
	i = syc_zip_find(z, full);
	if (i == SIZE_MAX)
		return false;
	ck_assert_int_eq(syc_npz_read(z, i, &a->head, &a->member, NULL), 0);
	return true;
}

static inline const float *array_floats(const struct array *a)
{
	ck_assert(a->head.kind == 'f' && a->head.item == sizeof(float));
	return (const float *)(const void *)(a->member + a->head.head);
}

static inline const int32_t *array_ints(const struct array *a)
{
	ck_assert(a->head.kind == 'i' && a->head.item == sizeof(int32_t));
	return (const int32_t *)(const void *)(a->member + a->head.head);
}

static inline void array_free(struct array *a)
{
	free(a->member);
	a->member = NULL;
}

#endif
