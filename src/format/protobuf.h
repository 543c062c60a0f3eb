/* SPDX-License-Identifier: MIT */
/*
 * Reading the protobuf wire format: a message is a sequence of fields, each a
 * key (number << 3 | wire type) and a value.  No schema: the caller knows what
 * the numbers mean, and opens a nested message by reading its bytes again.
 */
#ifndef SRC_FORMAT_PROTOBUF_H
#define SRC_FORMAT_PROTOBUF_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syc_pb_wire { SYC_PB_VARINT, SYC_PB_64, SYC_PB_BYTES, SYC_PB_32 = 5 };

struct syc_pb {
	const uint8_t *p, *end;	/* what is left */
	bool bad;		/* cut short, or no such wire type */
};

struct syc_pb_field {
	uint32_t number;
	enum syc_pb_wire wire;
	uint64_t value;		/* of VARINT, 64 and 32 */
	const uint8_t *data;	/* [len] of BYTES, inside the message */
	size_t len;
};

/* The next field; false at the end, or once m->bad is set. */
bool syc_pb_next(struct syc_pb *m, struct syc_pb_field *f);

#endif
