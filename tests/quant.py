#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What syc-quant writes, read and computed by other means.

    quant.py check OLD NEW q8_0|f16|f32 [OTHER]   NEW is OLD in that type;
                   OTHER (q8_0) is within one step of it
    quant.py split OLD PREFIX                     OLD in two files
    quant.py same NEW OLD [KEY]...                the tensors and keys of OLD, but
                   for these keys, are in NEW
    quant.py variant IN OUT CHANGE...             config.json with members set
    quant.py pad IN OUT                           a folder whose embedding has 3 rows
                   more than there are tokens, with several ends of answers
    quant.py padded FILE                          what becomes of it
    quant.py bpe IN OUT [REGEX]                   IN with a small byte-level vocabulary
"""
import json
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


def same(new, old, *but):
    a, b = File(new), File(old)
    for k, v in b.keys.items():
        assert k in but or a.keys[k] == v, k
    assert a.tensors.keys() == b.tensors.keys(), a.tensors.keys() ^ b.tensors.keys()
    for name, (kind, shape, data) in b.tensors.items():
        assert a.tensors[name][:2] == (kind, shape), name
        assert a.tensors[name][2] == data, name
    print(len(b.tensors), "tensors")


def pad(old, new):
    raw = open(f"{old}/model.safetensors", "rb").read()
    n = int.from_bytes(raw[:8], "little")
    head, blob, data = json.loads(raw[8:8 + n]), b"", raw[8 + n:]
    for name, t in head.items():
        if name == "__metadata__":
            continue
        a, b = t["data_offsets"]
        values = data[a:b]
        if name in ("model.embed_tokens.weight", "lm_head.weight"):
            values += bytes(3 * 2 * t["shape"][1])
            t["shape"][0] += 3
        t["data_offsets"] = [len(blob), len(blob) + len(values)]
        blob += values
    text = json.dumps(head).encode()
    open(f"{new}/model.safetensors", "wb").write(len(text).to_bytes(8, "little") + text + blob)
    size = json.load(open(f"{old}/config.json"))["vocab_size"]
    variant(f"{old}/config.json", f"{new}/config.json", f'"vocab_size": {size + 3}')
    json.dump({"eos_token_id": [2, 300, 301]}, open(f"{new}/generation_config.json", "w"))


def padded(path):
    f = File(path)
    n = f.tensors["token_embd.weight"][1][1]
    for key, kind in ("tokens", 8), ("scores", 6), ("token_type", 5):
        assert f.keys["tokenizer.ggml." + key][:16] == struct.pack("<IIQ", 9, kind, n), key
    for i in range(n - 3, n):
        assert text(f"[PAD{i}]") in f.keys["tokenizer.ggml.tokens"], i
    assert f.keys["tokenizer.ggml.token_type"].endswith(struct.pack("<3i", 5, 5, 5))
    for key, v in ("eos", 2), ("eot", 300), ("eom", 301):
        assert f.keys[f"tokenizer.ggml.{key}_token_id"] == struct.pack("<II", 4, v), key


def bpe(old, new, split=None):
    """Bytes, some words made of them, two special tokens; split as in Llama 3."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in visible]
    letter = {b: chr(b) for b in visible} | {b: chr(256 + i) for i, b in enumerate(hidden)}
    vocab, merges = {letter[b]: b for b in range(256)}, []
    for word in (" the", " valley", "ing", " \u00e9t\u00e9"):
        parts = [letter[b] for b in word.encode()]
        while len(parts) > 1:
            if parts[0] + parts[1] not in vocab:
                merges.append(f"{parts[0]} {parts[1]}")
                vocab[parts[0] + parts[1]] = len(vocab)
            parts[:2] = [parts[0] + parts[1]]
    n = len(vocab)
    special = [{"id": n + i, "content": s, "special": True} for i, s in enumerate(("<|begin_of_text|>", "<|eot_id|>"))]
    pattern = split or ("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
                        " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")
    json.dump({
        "added_tokens": special, "model": {"type": "BPE", "vocab": vocab, "merges": merges},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}]},
        "decoder": {"type": "ByteLevel"},
    }, open(f"{new}/tokenizer.json", "w"))
    json.dump({"bos_token": special[0]["content"], "eos_token": special[1]["content"],
               "chat_template": "{{ messages }}"}, open(f"{new}/tokenizer_config.json", "w"))
    variant(f"{old}/config.json", f"{new}/config.json")


def variant(old, new, *change):
    config = json.load(open(old))
    for c in change:
        config.update(json.loads("{" + c + "}"))
    json.dump(config, open(new, "w"))


if __name__ == "__main__":
    {"check": check, "split": split, "same": same, "variant": variant, "pad": pad, "padded": padded, "bpe": bpe}[sys.argv[1]](*sys.argv[2:])
