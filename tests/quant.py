#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What syc-quant writes, read and computed by other means.

    quant.py check OLD NEW q8_0|f16|f32 [OTHER]   NEW is OLD in that type;
                   OTHER (q8_0) is within one step of it
    quant.py split OLD PREFIX                     OLD in two files
"""
import struct
import sys

import numpy as np

SIZE = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
F32, F16, Q8_0 = 0, 1, 8
BLOCK = {F32: (1, 4), F16: (1, 2), Q8_0: (32, 34)}


class File:
    """A GGUF file: keys {name: bytes of type and value}, tensors {name: (type, shape, bytes)}."""

    def __init__(self, path):
        self.b, self.at = open(path, "rb").read(), 4
        assert self.b[:4] == b"GGUF" and self.num("I") == 3
        n_tensors, n_keys = self.num("Q"), self.num("Q")
        self.keys = {}
        for _ in range(n_keys):
            name = self.text()
            assert name not in self.keys, name
            self.keys[name] = self.value()
        heads = [(self.text(), [self.num("Q") for _ in range(self.num("I"))], self.num("I"), self.num("Q"))
                 for _ in range(n_tensors)]
        start, end, self.tensors = -(-self.at // 32) * 32, 0, {}
        for name, shape, kind, offset in heads:
            values, size = BLOCK[kind]
            n = int(np.prod(shape)) // values * size
            assert offset == end, (name, offset, end)
            end = offset + -(-n // 32) * 32
            self.tensors[name] = kind, shape, self.b[start + offset:start + offset + n]
            assert set(self.b[start + offset + n:start + end]) <= {0}
        assert len(self.b) == start + end, "the file ends elsewhere"

    def take(self, n):
        self.at += n
        return self.b[self.at - n:self.at]

    def num(self, kind):
        return struct.unpack("<" + kind, self.take(struct.calcsize(kind)))[0]

    def text(self):
        return self.take(self.num("Q")).decode()

    def value(self):
        start, kind, n = self.at, self.num("I"), 1
        if kind == 9:
            kind, n = self.num("I"), self.num("Q")
        for _ in range(n if kind == 8 else 1):
            self.take(self.num("Q") if kind == 8 else n * SIZE[kind])
        return self.b[start:self.at]


def floats(kind, data):
    if kind != Q8_0:
        return np.frombuffer(data, "<f2" if kind == F16 else "<f4").astype(np.float32)
    raw = np.frombuffer(data, np.uint8).reshape(-1, 34)
    return (raw[:, :2].copy().view("<f2").astype(np.float32) * raw[:, 2:].view(np.int8)).ravel()


def q8_0(x):
    """llama.cpp's rounding: x * (1 / d), halves away from zero."""
    x = x.reshape(-1, 32)
    d = np.abs(x).max(axis=1) / np.float32(127)
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d > 0)
    y = (x * inverse[:, None]).astype(float)
    q = (np.sign(y) * np.floor(np.abs(y) + 0.5)).astype(np.int8)
    return np.concatenate([d.astype("<f2").view(np.uint8).reshape(-1, 2), q.view(np.uint8)], axis=1).tobytes()


def near(a, b, name):
    a, b = (np.frombuffer(x, np.uint8).reshape(-1, 34) for x in (a, b))
    step = np.abs(a[:, 2:].view(np.int8).astype(int) - b[:, 2:].view(np.int8))
    assert (a[:, :2] == b[:, :2]).all() and step.max() <= 1, name
    assert step.mean() < 1e-3, name


def check(old, new, want, other=None):
    a, b = File(old), File(new)
    numbers = {"general.file_type": {"f32": 0, "f16": 1, "q8_0": 7}[want], "general.quantization_version": 2}
    assert a.keys.keys() | numbers.keys() == b.keys.keys(), a.keys.keys() ^ b.keys.keys()
    for k, v in b.keys.items():
        assert v == (struct.pack("<II", 4, numbers[k]) if k in numbers else a.keys[k]), k
    assert list(a.tensors) == list(b.tensors)
    for name, (kind, shape, data) in b.tensors.items():
        old_kind, old_shape, old_data = a.tensors[name]
        x = floats(old_kind, old_data)
        expect = F32 if len(shape) == 1 or want == "f32" else Q8_0 if want == "q8_0" and shape[0] % 32 == 0 else F16
        assert shape == old_shape and kind == expect, (name, kind, shape)
        if kind == old_kind:
            assert data == old_data, name
        else:
            assert data == (q8_0(x) if kind == Q8_0 else x.astype("<f2" if kind == F16 else "<f4").tobytes()), name
    if other:
        for name, (kind, _, data) in File(other).tensors.items():
            if kind == Q8_0:
                near(data, b.tensors[name][2], name)
    print(len(b.tensors), "tensors")


def text(s):
    return struct.pack("<Q", len(s)) + s.encode()


def split(old, prefix):
    f = File(old)
    names = list(f.tensors)
    for no in range(2):
        mine = names[:10] if no == 0 else names[10:]
        keys = dict(f.keys) if no == 0 else {}
        keys["split.no"] = struct.pack("<IH", 2, no)
        keys["split.count"] = struct.pack("<IH", 2, 2)
        keys["split.tensors.count"] = struct.pack("<Ii", 5, len(names))
        b = b"GGUF" + struct.pack("<IQQ", 3, len(mine), len(keys))
        b += b"".join(text(k) + v for k, v in keys.items())
        data = b""
        for name in mine:
            kind, shape, raw = f.tensors[name]
            b += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, len(data))
            data += raw + bytes(-len(raw) % 32)
        open(f"{prefix}-{no + 1:05}-of-00002.gguf", "wb").write(b + bytes(-len(b) % 32) + data)


{"check": check, "split": split}[sys.argv[1]](*sys.argv[2:])
