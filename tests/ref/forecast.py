#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Figures that tests/check_forecast.c compares with, from numpy, scipy and scikit-learn.

    PYTHONPATH=tests python3 tests/ref/forecast.py demo/demo-q8_0.gguf > tests/data/forecast.json

Pairs and vectors are the test's own, from the same generator.  The lens reads the
model's head from its file.
"""
import json
import sys

import numpy as np
from quant import File, floats
from scipy.stats import spearmanr
from sklearn.covariance import LedoitWolf

PAIRS, LAYERS, DIM, VECTORS, TOKENS = 12, 2, 128, 4, 5


class Noise:
    def __init__(self, state):
        self.state = state

    def take(self, n):
        out = []
        for _ in range(n):
            self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
            out.append(np.float32((self.state >> 33) / 1073741824.0 - 1))
        return np.array(out)


def data():
    """The test's fill(): pairs [PAIRS][LAYERS][DIM] of both sides, vectors likewise."""
    s = Noise(7)
    vectors = s.take((VECTORS + 1) * LAYERS * DIM).reshape(-1, LAYERS, DIM)
    other = s.take(PAIRS * LAYERS * DIM).reshape(PAIRS, LAYERS, DIM)
    other += np.float32(3) * (np.arange(PAIRS) % 2).astype(np.float32)[:, None, None]
    match = other + np.float32(0.25) * vectors[0] + s.take(other.size).reshape(other.shape)
    return match.astype(float), other.astype(float), vectors.astype(float)


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def head(path):
    f = File(path)
    name = "output.weight" if "output.weight" in f.tensors else "token_embd.weight"
    kind, shape, raw = f.tensors[name]
    w = floats(kind, raw).reshape(shape[1], shape[0]).astype(float)
    kind, _, raw = f.tensors["output_norm.weight"]
    eps = np.frombuffer(f.keys["llama.attention.layer_norm_rms_epsilon"][4:], "<f4")[0]
    raw_tokens, at, tokens = f.keys["tokenizer.ggml.tokens"], 16, []
    while at < len(raw_tokens):
        n = int.from_bytes(raw_tokens[at:at + 8], "little")
        tokens.append(raw_tokens[at + 8:at + 8 + n].decode())
        at += 8 + n
    return w, floats(kind, raw).astype(float), float(eps), tokens


match, other, vectors = data()
w, gain, eps, tokens = head(sys.argv[1])
reference = vectors[VECTORS]
out = {"vectors": [[] for _ in range(VECTORS)], "shrinkage": []}
for l in range(LAYERS):
    a, b = match[:, l], other[:, l]
    rows = np.concatenate([a, b])
    sets = np.tile(np.arange(PAIRS) % 2, 2)
    centered = np.concatenate([rows[sets == k] - rows[sets == k].mean(axis=0) for k in (0, 1)])
    fit = LedoitWolf(assume_centered=True).fit(centered)
    c, r = fit.covariance_, reference[l]
    out["shrinkage"].append(fit.shrinkage_)
    rms = np.mean(1 / np.sqrt((rows ** 2).mean(axis=1) + eps))
    for i in range(VECTORS):
        v = vectors[i][l]
        pa, pb = a @ v, b @ v
        logits = w @ (gain * v)
        order = np.argsort(-logits, kind="stable")
        out["vectors"][i].append({
            "cosine": np.mean([cosine(x - y, v) for x, y in zip(a, b)]),
            "separation": (pa.mean() - pb.mean()) / np.sqrt((pa.var(ddof=1) + pb.var(ddof=1)) / 2),
            "mahalanobis": v @ c @ r / np.sqrt(v @ c @ v * (r @ c @ r)),
            "reference": cosine(v, r),
            "lens": (logits[tokens.index("A")] - logits[tokens.index("B")]) * rms,
            "writes": order[:TOKENS].tolist(),
            "takes": np.argsort(logits, kind="stable")[:TOKENS].tolist(),
        })
outcome = [0.7, 0.55, 0.9, 0.55]
means = [np.mean([layer["separation"] for layer in v]) for v in out["vectors"]]
out["outcome"] = outcome
out["rho"] = spearmanr(means, outcome).statistic
out["lens_rho"] = spearmanr([abs(np.mean([layer["lens"] for layer in v]))
                             for v in out["vectors"]], outcome).statistic
json.dump(out, sys.stdout, indent=1)
print()
