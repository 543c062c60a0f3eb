#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Blocks of every tensor type and what they decode to, for check_tensor.

    tests/ref/blocks.py tests/data/blocks

Writes TYPE.bin (blocks, one after the other) and TYPE.f32 (their values,
little-endian), and the other way encode.f32 and what it is as encode.f16 and
encode.q8_0.  Each value is taken out of its block alone, bit by bit, by the
definition of the type: slow, and sharing nothing with src/format.  Products and
sums are float32 in the order of the definition.

The layout of a block, in bytes and in this order (d, m: float16):
  q4_0    d, 16 q         q4_1  d, m, 16 q
  q5_0    d, 4 h, 16 q    q5_1  d, m, 4 h, 16 q    q8_0  d, 32 int8
  q2_k    16 (scale | min << 4), 64 q, d, m
  q3_k    32 h, 64 q, 12 scales, d
  q4_k    d, m, 12 scales and minima, 128 q
  q5_k    d, m, 12 scales and minima, 32 h, 128 q
  q6_k    128 q, 64 h, 16 int8 scales, d
  iq4_nl  d, 16 q         iq4_xs  d, 2 high scales, 4 low scales, 128 q
"""
import os
import sys

import numpy as np

F = np.float32
LEVELS = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]


class Block:
    """Bytes of one block; the float16 at `half`, in this order, are d and m."""

    def __init__(self, raw, half):
        self.raw = [int(x) for x in raw]
        self.scale = [F(np.frombuffer(raw[at:at + 2].tobytes(), "<f2")[0]) for at in half]

    def bits(self, byte, low, n):
        """n bits of a byte, from bit `low` up."""
        return self.raw[byte] // 2**low % 2**n

    def signed(self, byte):
        return self.raw[byte] - 256 * (self.raw[byte] > 127)


def nibble32(b, at, i):
    """Value i of 32, in 16 bytes from `at`."""
    return b.bits(at + i, 0, 4) if i < 16 else b.bits(at + i - 16, 4, 4)


def q4_0(b, i):
    return F(nibble32(b, 2, i) - 8) * b.scale[0]


def q4_1(b, i):
    return F(nibble32(b, 4, i)) * b.scale[0] + b.scale[1]


def q5_0(b, i):
    return F(nibble32(b, 6, i) + 16 * b.bits(2 + i // 8, i % 8, 1) - 16) * b.scale[0]


def q5_1(b, i):
    return F(nibble32(b, 8, i) + 16 * b.bits(4 + i // 8, i % 8, 1)) * b.scale[0] + b.scale[1]


def q8_0(b, i):
    return F(b.signed(2 + i)) * b.scale[0]


def iq4_nl(b, i):
    return F(LEVELS[nibble32(b, 2, i)]) * b.scale[0]


def two_bits(b, at, i):
    """Of 128 values in 32 bytes: 32 in the lowest bits, 32 in the next, ..."""
    return b.bits(at + i // 128 * 32 + i % 32, 2 * (i % 128 // 32), 2)


def q2_k(b, i):
    scale, least = b.bits(i // 16, 0, 4), b.bits(i // 16, 4, 4)
    return b.scale[0] * F(scale) * F(two_bits(b, 16, i)) - b.scale[1] * F(least)


def q3_k(b, i):
    group = i // 16
    low = b.bits(96 + group % 8, 0 if group < 8 else 4, 4)
    high = b.bits(104 + group % 4, 2 * (group // 4), 2)
    third = b.bits(i % 32, i // 32, 1)
    q = two_bits(b, 32, i) - (0 if third else 4)
    return b.scale[0] * F(low + 16 * high - 32) * F(q)


def scale_min(b, at, group):
    """12 bytes as 24 groups of bits: six-bit scales and minima of 8 groups."""
    if group < 4:
        return b.bits(at + group, 0, 6), b.bits(at + 4 + group, 0, 6)
    return (b.bits(at + 4 + group, 0, 4) + 16 * b.bits(at + group - 4, 6, 2),
            b.bits(at + 4 + group, 4, 4) + 16 * b.bits(at + group, 6, 2))


def nibble64(b, at, i):
    """Of 64 values in 32 bytes: 32 in the low nibbles, 32 in the high."""
    return b.bits(at + i // 64 * 32 + i % 32, 4 * (i % 64 // 32), 4)


def q4_k(b, i):
    scale, least = scale_min(b, 4, i // 32)
    return b.scale[0] * F(scale) * F(nibble64(b, 16, i)) - b.scale[1] * F(least)


def q5_k(b, i):
    scale, least = scale_min(b, 4, i // 32)
    q = nibble64(b, 48, i) + 16 * b.bits(16 + i % 32, i // 32, 1)
    return b.scale[0] * F(scale) * F(q) - b.scale[1] * F(least)


def q6_k(b, i):
    half, k = i // 128, i % 128
    low = b.bits(half * 64 + k % 64, 4 * (k // 64), 4)
    high = b.bits(128 + half * 32 + k % 32, 2 * (k // 32), 2)
    return b.scale[0] * F(b.signed(192 + i // 16)) * F(low + 16 * high - 32)


def iq4_xs(b, i):
    group = i // 32
    low = b.bits(4 + group // 2, 4 * (group % 2), 4)
    high = b.bits(2 + group // 4, 2 * (group % 4), 2)
    return b.scale[0] * F(low + 16 * high - 32) * F(LEVELS[nibble32(b, 8 + 16 * group, i % 32)])


# Values, bytes, where d and m are.
TYPES = {
    q4_0: (32, 18, [0]), q4_1: (32, 20, [0, 2]), q5_0: (32, 22, [0]), q5_1: (32, 24, [0, 2]),
    q8_0: (32, 34, [0]), q2_k: (256, 84, [80, 82]), q3_k: (256, 110, [108]),
    q4_k: (256, 144, [0, 2]), q5_k: (256, 176, [0, 2]), q6_k: (256, 210, [208]),
    iq4_nl: (32, 18, [0]), iq4_xs: (256, 136, [0]),
}

# Scales that a model should not have: zeros, subnormals, the largest, infinity, NaN.
SPECIAL = [0x0000, 0x8000, 0x0001, 0x83ff, 0x7bff, 0xfbff, 0x7c00, 0xfe00]


def halves(rng, n):
    """Finite float16 numbers of any sign and size."""
    return (rng.integers(0, 2, n) << 15 | rng.integers(0, 0x7c00, n)).astype("<u2")


def make(rng, values, size, half):
    """Random bits, blocks of one byte repeated, and special scales."""
    n = 16 if values == 256 else 64
    raw = rng.integers(0, 256, (n, size), dtype=np.uint8)
    for k, byte in enumerate([0x00, 0xff, 0x0f, 0xf0, 0x55, 0xaa]):
        raw[k] = byte
    for at in half:
        raw[:, at:at + 2] = halves(rng, n).view(np.uint8).reshape(n, 2)
    extra = rng.integers(0, 256, (len(SPECIAL), size), dtype=np.uint8)
    for k, bits in enumerate(SPECIAL):
        for j, at in enumerate(half):
            extra[k, at:at + 2] = np.array([SPECIAL[k - 3 * j]], "<u2").view(np.uint8)
    return np.concatenate([raw, extra])


def encode_q8_0(x):
    """d = max|x| / 127; x * (1 / d) to nearest, halves away from zero; d as float16."""
    d = np.abs(x).max() / F(127)
    with np.errstate(over="ignore", divide="ignore"):
        inverse = F(1) / d
    y = [float(v * inverse) if np.isfinite(inverse) else 0.0 for v in x]
    q = [int(abs(v) + 0.5) * (1 if v > 0 else -1) for v in y]
    return d.astype("<f2").tobytes() + np.array(q, "i1").tobytes()


def floats(rng):
    """Blocks of all sizes, among them many halves between two integers."""
    x = rng.uniform(-1, 1, (120, 32)).astype(F)
    x[60:] = rng.integers(-254, 255, (60, 32)).astype(F) / F(254)
    x[60:, 0] = 1
    size = F(2) ** rng.integers(-30, 15, (120, 1)).astype(F)
    x = (x * size).astype(F)
    x[0] = 0
    x[1] = F(1e-45)
    x[2] *= F(1e-38)
    return x


def main():
    rng = np.random.default_rng(1)
    np.seterr(all="ignore")
    for fn, (values, size, half) in TYPES.items():
        raw = make(rng, values, size, half)
        out = np.array([fn(Block(r, half), i) for r in raw for i in range(values)])
        assert out.dtype == F
        raw.tofile(os.path.join(sys.argv[1], fn.__name__ + ".bin"))
        out.astype("<f4").tofile(os.path.join(sys.argv[1], fn.__name__ + ".f32"))
    x = floats(rng)
    x.astype("<f4").tofile(os.path.join(sys.argv[1], "encode.f32"))
    x.astype("<f2").tofile(os.path.join(sys.argv[1], "encode.f16"))
    with open(os.path.join(sys.argv[1], "encode.q8_0"), "wb") as f:
        f.write(b"".join(encode_q8_0(b) for b in x))


main()
