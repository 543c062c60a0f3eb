# SPDX-License-Identifier: MIT
"""Read what syc writes: recordings, vectors and rows.  Needs numpy alone.

    r = syc.Recording("acts.npz")
    r.at("prompt", 3)            # [rows, width], of layer 3
    syc.vector("agree.gguf")[3]  # [width]
    syc.rows("scored.jsonl")     # a list of dictionaries
"""
import json, re, struct, zipfile
import numpy as np


def arrays(path):
    """The arrays of an .npz by name: mapped where they are stored, else read."""
    found = {}
    with zipfile.ZipFile(path) as z, open(path, "rb") as f:
        for e in z.infolist():
            if not e.filename.endswith(".npy"):
                continue
            if e.compress_type == zipfile.ZIP_STORED:
                # Where the member's data begin, only the header in front of it says.
                f.seek(e.header_offset + 26)
                f.seek(sum(struct.unpack("<2H", f.read(4))), 1)
                version = np.lib.format.read_magic(f)
                head = getattr(np.lib.format, "read_array_header_%d_%d" % version)
                shape, fortran, dtype = head(f)
                a = (np.memmap(path, dtype, "r", f.tell(), shape, "CF"[fortran])
                     if 0 not in shape else np.empty(shape, dtype))
            else:
                with z.open(e) as member:
                    a = np.lib.format.read_array(member)
            found[e.filename[:-4]] = a
    return found


class Recording:
    """An activation file, syc-acts(5): nothing is read before it is used."""

    def __init__(self, path):
        self.arrays = arrays(path)
        self.format = json.loads(self.arrays["format.json"].item())
        self.provenance = json.loads(self.arrays["provenance.json"].item())
        self.layers = self.arrays["layer"].tolist()
        self.ids = [str(s) for chunk in self.chunks("id") for s in chunk]
        self.samples = [int(s) for chunk in self.chunks("sample") for s in chunk]

    def chunks(self, name):
        """Pieces of "prompt", "last", "id", ... in the order of the rows."""
        keys = [k for k in self.arrays if re.fullmatch(re.escape(name) + r"/\d+", k)]
        return [self.arrays[k] for k in sorted(keys, key=lambda k: int(k.split("/")[1]))]

    def at(self, position, layer):
        """[rows, width] at a position and a layer, as float32."""
        l = self.layers.index(layer)
        chunks = [np.asarray(c[:, l], np.float32) for c in self.chunks(position)]
        return np.concatenate(chunks or [np.empty((0, self.format["dim"]), "<f4")])


def gguf(path):
    """The arrays of floats in a GGUF file by name."""
    a = np.memmap(path, np.uint8, "r")
    at, align = 8, 32

    def take(code):
        nonlocal at
        (x,) = struct.unpack_from("<" + code, a, at)
        at += struct.calcsize("<" + code)
        return x

    def value(kind):
        if kind == 8:
            return bytes(take("B") for _ in range(take("Q"))).decode()
        if kind == 9:
            kind, n = take("I"), take("Q")
            return [value(kind) for _ in range(n)]
        return take("BbHhIif?  Qqd"[kind])

    found, n_tensors, n_keys = {}, take("Q"), take("Q")
    for _ in range(n_keys):
        key, x = value(8), value(take("I"))
        align = x if key == "general.alignment" else align
        found.update({"direction.0": np.array(x, "<f4")} if key == "syc.direction.0" else {})
    infos = [(value(8), [take("Q") for _ in range(take("I"))], take("I"), take("Q"))
             for _ in range(n_tensors)]
    data = -(-at // align) * align
    return found | {name: np.ndarray(shape[::-1], "<f2" if half else "<f4", a, data + offset)
                    for name, shape, half, offset in infos if half < 2}


def vector(path):
    """A vector of syc-vec by layer, of .npz or .gguf (direction.l: after block l)."""
    if str(path).endswith(".npz"):
        x = arrays(path)
        return {int(l): v for l, v in zip(x["layer"], x["direction"])}
    return {int(k.split(".")[1]): v for k, v in gguf(path).items() if k.startswith("direction.")}


def rows(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]
