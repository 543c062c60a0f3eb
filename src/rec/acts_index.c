/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "rec/acts_file.h"

/*
 * "prompt/000012.npy" as its kind and number; false for other names.  Numbers
 * have six digits or more, and no zero in front beyond six.
 */
static bool parse_name(const char *name, unsigned *kind, uint64_t *number)
{
	const char *slash = strchr(name, '/'), *s;
	size_t digits = 0;

	if (!slash)
		return false;
	*number = 0;
	for (s = slash + 1; *s >= '0' && *s <= '9' && digits < 15;
	     s++, digits++)
		*number = *number * 10 + (uint64_t)(*s - '0');
	if (strcmp(s, ".npy") != 0 || digits < 6 ||
	    (digits > 6 && slash[1] == '0'))
		return false;
	*kind = acts_kind_find(name, (size_t)(slash - name));
	return *kind < ACTS_KINDS;
}

static int sort_in(struct acts_index *x, struct syc_zip *z, size_t i,
		   struct syc_err *err)
{
	const char *name = syc_zip_list(z)->e[i].name;
	struct acts_chunk *c;
	uint64_t number;
	unsigned kind;

	if (!parse_name(name, &kind, &number))
		return 0;
	/* Chunks have four members or more: a high number is a lie. */
	if (number > syc_zip_list(z)->n / 4)
		return syc_fail(err, SYC_EFORMAT,
				"%s: has '%s' but not the chunks before it",
				syc_zip_path(z), name);
	if (!syc_grow(&x->chunk, &x->cap, (size_t)number + 1,
		      sizeof(*x->chunk)))
		return syc_nomem(err);
	while (x->n_begun <= number) {
		c = &x->chunk[x->n_begun++];
		memset(c, 0xff, sizeof(*c));
	}
	c = &x->chunk[number];
	if (c->member[kind] != SIZE_MAX)
		return syc_fail(err, SYC_EFORMAT,
				"%s: two members are named '%s'",
				syc_zip_path(z), name);
	c->member[kind] = i;
	return 0;
}

/*
 * A chunk is unpacked as a whole, and one row of it as floats: may that cost as
 * much of such a file?
 */
static int check_cost(const struct acts_chunk *c, struct syc_zip *z,
		      const struct acts_desc *d, struct syc_err *err)
{
	const uint64_t most = syc_zip_cost(z);
	uint64_t sum;

	if (__builtin_mul_overflow((uint64_t)d->o.n_layers * sizeof(float),
				   (uint64_t)d->o.dim, &sum))
		sum = most;
	sum += strlen(d->provenance);
	for (unsigned k = 0; k < ACTS_KINDS && sum <= most; k++)
		if (c->member[k] != SIZE_MAX)
			sum += syc_zip_list(z)->e[c->member[k]].bytes;
	return sum <= most ? 0 : syc_fail(err, SYC_EFORMAT,
		"%s: activations of %zu layers of width %zu are too much of such a file",
		syc_zip_path(z), d->o.n_layers, d->o.dim);
}

/* The next chunk has its id: check that the rest is there, count its rows. */
static int take_chunk(struct acts_index *x, struct syc_zip *z,
		      const struct acts_desc *d, struct syc_err *err)
{
	struct acts_chunk *c = &x->chunk[x->n];
	struct syc_npy h;
	int ret;

	for (unsigned k = 0; k < ACTS_KINDS; k++)
		if (acts_kind_present(k, d->o.positions) &&
		    c->member[k] == SIZE_MAX)
			return syc_fail(err, SYC_EFORMAT,
					"%s: chunk %zu has no member '%s'",
					syc_zip_path(z), x->n,
					acts_kind_name(k));
	ret = check_cost(c, z, d, err);
	if (ret == 0)
		ret = syc_npz_head(z, c->member[ACTS_ID], &h, err);
	if (ret < 0)
		return ret;
	if (h.kind != 'U' || h.n_dims != 1 || h.count < 1 ||
	    h.count > d->o.chunk_rows)
		return syc_fail(err, SYC_EFORMAT,
				"%s: chunk %zu has no list of 1 to %zu row ids",
				syc_zip_path(z), x->n, d->o.chunk_rows);
	c->row = x->n_rows;
	c->n_rows = (size_t)h.count;
	x->n_rows += h.count;
	x->n++;
	return 0;
}

int acts_index_update(struct acts_index *x, struct syc_zip *z,
		      const struct acts_desc *d, struct syc_err *err)
{
	int ret = 0;

	if (!syc_grow(&x->chunk, &x->cap, syc_zip_list(z)->n / 4 + 1, sizeof(*x->chunk)))
		return syc_nomem(err);
	while (x->n_members < syc_zip_list(z)->n && ret == 0)
		ret = sort_in(x, z, x->n_members++, err);
	while (ret == 0 && x->n < x->n_begun &&
	       x->chunk[x->n].member[ACTS_ID] != SIZE_MAX)
		ret = take_chunk(x, z, d, err);
	/* The last chunk of a file without its end may be damaged. */
	if (ret == SYC_EFORMAT && !syc_zip_complete(z) &&
	    x->n + 1 == x->n_begun)
		ret = 0;
	if (ret == 0 && syc_zip_complete(z) && x->n < x->n_begun)
		ret = syc_fail(err, SYC_EFORMAT, "%s: chunk %zu is not whole",
			       syc_zip_path(z), x->n);
	return ret;
}

void acts_index_free(struct acts_index *x)
{
	free(x->chunk);
	*x = (struct acts_index){ 0 };
}

size_t acts_index_find(const struct acts_index *x, uint64_t row)
{
	size_t lo = 0, hi = x->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (x->chunk[mid].row <= row)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}
