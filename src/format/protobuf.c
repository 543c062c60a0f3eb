/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "format/protobuf.h"

/* Seven bits a byte, least significant first, at most 10 bytes. */
static uint64_t get_varint(struct syc_pb *m)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && m->p < m->end; shift += 7) {
		uint8_t b = *m->p++;

		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80)
			return v;
	}
	m->bad = true;
	return 0;
}

static uint64_t get_fixed(struct syc_pb *m, size_t n)
{
	uint64_t v = 0;

	if ((size_t)(m->end - m->p) < n) {
		m->bad = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)m->p[i] << 8 * i;
	m->p += n;
	return v;
}

static void get_bytes(struct syc_pb *m, struct syc_pb_field *f)
{
	uint64_t len = get_varint(m);

	if (m->bad || len > (size_t)(m->end - m->p)) {
		m->bad = true;
		return;
	}
	f->data = m->p;
	f->len = (size_t)len;
	m->p += len;
}

bool syc_pb_next(struct syc_pb *m, struct syc_pb_field *f)
{
	uint64_t key;

	if (m->bad || m->p == m->end)
		return false;
	key = get_varint(m);
	*f = (struct syc_pb_field){ .number = (uint32_t)(key >> 3), .wire = key & 7 };
	if (f->number == 0 || key >> 32)
		m->bad = true;
	switch (f->wire) {
	case SYC_PB_VARINT: f->value = get_varint(m); break;
	case SYC_PB_64: f->value = get_fixed(m, 8); break;
	case SYC_PB_BYTES: get_bytes(m, f); break;
	case SYC_PB_32: f->value = get_fixed(m, 4); break;
	default: m->bad = true;		/* groups are long deprecated */
	}
	return !m->bad;
}
