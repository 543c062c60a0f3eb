/* SPDX-License-Identifier: MIT */
/*
 * Products with packed weights: of every form, by every set of instructions that
 * this processor has, against the scalar one, bit for bit; and that one
 * against products of decoded weights in double.
 */
#include "config.h"
#include "format/split.h"
#include "model/matrix.h"
#include "mul_data.h"

/* ---- against the scalar one -------------------------------------------------- */

/* Equal throughout: the gaps between rows of out stay untouched, too. */
static void check_mul(const struct syc_kern *ref, const struct syc_kern *k, size_t form,
		      size_t nb, size_t n_tok, size_t panels, int mode)
{
	const struct syc_form *f = &forms[form].form;
	const size_t ldo = panels * SYC_Q_ROWS + 3, bytes = syc_form_bytes(f, nb),
		n_out = (n_tok - 1) * ldo + panels * SYC_Q_ROWS;
	struct drawn *rows = malloc(sizeof(*rows));
	uint8_t *w = room(panels * bytes);
	struct tokens tok = tokens_new(k, nb, n_tok, mode);
	struct guarded got = guarded_new(n_out * 4), v = guarded_new(panels * bytes),
		scratch = guarded_new(SYC_MUL_SCRATCH(nb));
	float *want = calloc(n_out, sizeof(*want));

	for (size_t p = 0; p < panels; p++) {
		draw_rows(rows, f, nb, mode);
		pack(w + p * bytes, ref, f, rows, nb);
		pack((uint8_t *)v.p + p * bytes, k, f, rows, nb);
	}
	ref->mul(want, ldo, f, w, panels, &tok.ref, nb, n_tok, scratch.p);
	memset(got.p, 0, n_out * 4);
	k->mul(got.p, ldo, f, v.p, panels, &tok.x, nb, n_tok, scratch.p);
	verdict(k, forms[form].name, nb * 10000 + panels * 100 + n_tok, mode,
		same_floats(want, got.p, n_out));
	tokens_free(&tok);
	guarded_free(&got);
	free(rows);
	free(w);
	guarded_free(&v);
	free(want);
	guarded_free(&scratch);
}

/* Blocks of a row: whole 256 columns where scales are scaled. */
static size_t blocks_of(size_t form, size_t n)
{
	return forms[form].form.scales == SYC_SCALES_HALF ? n : SYC_SUPER_BLOCKS * (1 + n % 2);
}

static void check_variant(const struct syc_kern *ref, const struct syc_kern *k)
{
	static const size_t many[] = { 16, 26, 31, 45, 64 };

	for (size_t form = 0; form < N_FORMS; form++)
		for (int mode = 0; mode < N_FILLS; mode++)
			for (size_t n = 1; n <= 5; n++)
				for (size_t n_tok = 1; n_tok <= 13; n_tok++)
					check_mul(ref, k, form, blocks_of(form, n), n_tok,
						  1 + (n + n_tok) % 8, mode);
	for (size_t form = 0; form < N_FORMS; form++)
		for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
			check_mul(ref, k, form, blocks_of(form, 1 + i), many[i], 4 + i, ANY);
}

/* ---- against decoded weights -------------------------------------------------- */

/* Packed in the order of each set, a row is the same numbers; times a token in double. */
static void check_decoded(const struct syc_kern *ref, const struct syc_kern *k, size_t form)
{
	const struct syc_form *f = &forms[form].form;
	const size_t nb = SYC_SUPER_BLOCKS;
	struct drawn *rows = malloc(sizeof(*rows));
	uint8_t *w = room(syc_form_bytes(f, nb)), *v = room(syc_form_bytes(f, nb));
	struct tokens tok = tokens_new(k, nb, 1, ANY);
	float row[SYC_SUPER_BLOCKS * SYC_Q_BLOCK], same[SYC_SUPER_BLOCKS * SYC_Q_BLOCK];
	void *scratch = room(SYC_MUL_SCRATCH(nb));
	float out[SYC_Q_ROWS];
	bool ok = true;

	draw_rows(rows, f, nb, ANY);
	pack(w, ref, f, rows, nb);
	pack(v, k, f, rows, nb);
	k->mul(out, SYC_Q_ROWS, f, v, 1, &tok.x, nb, 1, scratch);
	for (size_t r = 0; r < SYC_Q_ROWS; r++) {
		double sum = 0, size = 0;

		syc_form_row(row, ref, f, w, r, nb);
		syc_form_row(same, k, f, v, r, nb);
		ok = ok && same_floats(row, same, nb * SYC_Q_BLOCK);
		for (size_t i = 0; i < tok.x.list[0] * SYC_Q_BLOCK; i++) {
			const size_t pass = i / SYC_Q_BLOCK, j = i % SYC_Q_BLOCK;
			const double x = (double)row[tok.x.list[1 + pass] * SYC_Q_BLOCK + j] *
				tok.x.s[pass * SYC_Q_FLOATS] * tok.x.q[pass * SYC_Q_BYTES + j];

			sum += x;
			size += fabs(x);
		}
		ok = ok && fabs((double)out[r] - sum) < 1e-6 * size;
	}
	verdict(k, forms[form].name, 0, 0, ok);
	tokens_free(&tok);
	free(rows);
	free(w);
	free(v);
	free(scratch);
}

/* ---- against the file's own decoders ------------------------------------------ */

/* A row of random blocks; a float16 that is no number gets another exponent. */
static void draw_blocks(uint8_t *in, uint32_t type, size_t n)
{
	static const struct { uint32_t type; int at; } last[] = {
		{ SYC_TYPE_Q2_K, 80 }, { SYC_TYPE_Q3_K, 108 }, { SYC_TYPE_Q6_K, 208 },
	};
	const size_t bytes = syc_type_bytes(type), n_blocks = n / syc_type_block(type);
	size_t at = 0;

	for (size_t i = 0; i < 3; i++)
		at = last[i].type == type ? (size_t)last[i].at : at;
	for (size_t i = 0; i < n_blocks * bytes; i++)
		in[i] = (uint8_t)rnd();
	for (size_t i = 0; i < n_blocks; i++, in += bytes)
		for (size_t k = at + 1; k < at + 4 && k < bytes; k += 2)
			in[k] &= 0xbf;
}

/* 16 rows as stored, split, packed and read out again: nothing is lost. */
static void check_type(const struct syc_kern *k, uint32_t type)
{
	enum { N = 512 };
	uint8_t in[SYC_Q_ROWS][N * 2];
	const size_t nb = N / SYC_Q_BLOCK;
	struct drawn *rows = malloc(sizeof(*rows));
	float want[N], got[N], all[SYC_Q_ROWS][N + 32];
	struct syc_form f;
	const bool exact = syc_matrix_form(&f, type);
	uint8_t *panel = room(syc_form_bytes(&f, nb));
	const size_t groups = nb * (size_t)syc_quants_groups(f.quants),
		n = f.scales == SYC_SCALES_HALF ? nb : nb / SYC_SUPER_BLOCKS;
	bool ok = exact == syc_type_splits(type);

	for (size_t r = 0; r < SYC_Q_ROWS && exact; r++) {
		const struct syc_split to = {
			rows->q + r * N, rows->d + r * n, rows->m + r * n,
			rows->s + r * groups, rows->min + r * groups,
		};

		draw_blocks(in[r], type, N);
		syc_type_split(&to, type, in[r], N);
	}
	if (exact)
		pack(panel, k, &f, rows, nb);
	if (exact)
		syc_form_floats(all[0], N + 32, k, &f, panel, nb);
	for (size_t r = 0; r < SYC_Q_ROWS && exact; r++) {
		syc_type_decode(want, type, in[r], N);
		syc_form_row(got, k, &f, panel, r, nb);
		ok = ok && memcmp(want, got, sizeof(want)) == 0 &&
			memcmp(want, all[r], sizeof(want)) == 0;
	}
	verdict(k, syc_type_name(type), 0, 1, ok);
	free(rows);
	free(panel);
}

static void check_types(const struct syc_kern *k)
{
	for (uint32_t type = 0; type < 64; type++)
		for (int i = 0; i < 20 && syc_type_known(type); i++)
			check_type(k, type);
}

int main(void)
{
	unsigned have = syc_cpu_detect(), mask = 0;
	struct syc_kern ref, k;

	syc_kern_select(&ref, 0);
	for (size_t form = 0; form < N_FORMS; form++)
		check_decoded(&ref, &ref, form);
	check_types(&ref);
	for (const struct syc_cpu_name *c = syc_cpu_names; c->name; c++) {
		int before = failures;

		if (!(have & c->flag)) {
			printf("%s: not on this processor\n", c->name);
			continue;
		}
		mask |= c->flag;
		syc_kern_select(&k, mask);
		check_variant(&ref, &k);
		for (size_t form = 0; form < N_FORMS; form++)
			check_decoded(&ref, &k, form);
		check_types(&k);
		printf("%s %s\n", c->name, failures == before ? "ok" : "FAIL");
	}
	printf("Checks: %d, Failures: %d\n", checks, failures);
	return failures != 0;
}
