#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gradients of adapters by PyTorch's autograd in float64, for tests/check_train.

  tune.py RANK FOLDER...    write tests/data/tune/NAME.npy of models as hubs have them

The file is float32: the answers' log probabilities with the adapter and without it,
then the gradient of sum coef logprob, in the order of struct syc_lora_weights. Adapters
and tokens come from value() and token(), which the test has, too."""
import json
import pathlib
import sys

import numpy as np
import torch

argv, sys.argv = sys.argv, ["forward.py", "check"]
import forward as family
sys.argv = argv

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
ALPHA = 3.0
# tokens, of them the prompt's, coefficient
SEQUENCES = [(40, 30, -0.7), (75, 61, 0.4), (5, 1, 1.3)]


def hashed(i):
    h = (np.asarray(i, np.uint64) + np.uint64(1)) * np.uint64(2654435761) & np.uint64(0xffffffff)
    h ^= h >> np.uint64(15)
    h = h * np.uint64(2246822519) & np.uint64(0xffffffff)
    return h ^ h >> np.uint64(13)


def value(n):
    """The adapter's n numbers."""
    return ((hashed(np.arange(n)) / 2.0 ** 32 - 0.5) * 0.25).astype(np.float32)


def token(s, n, vocab):
    return (3 + hashed(1000 * s + np.arange(n)) % np.uint64(vocab - 3)).astype(np.int64)


def read(path):
    raw = path.read_bytes()
    n = int.from_bytes(raw[:8], "little")
    out = {}
    for name, t in json.loads(raw[8:8 + n]).items():
        if name != "__metadata__":
            a, b = t["data_offsets"]
            kind = {"F16": np.float16, "F32": np.float32}[t["dtype"]]
            x = np.frombuffer(raw[8 + n + a:8 + n + b], kind).reshape(t["shape"])
            out[name] = torch.tensor(x.astype(np.float64))
    return out


def norm(x, w, eps):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * w


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def forward(cfg, t, linear, ids):
    n, heads, kv = len(ids), cfg["num_attention_heads"], cfg["num_key_value_heads"]
    hd = cfg.get("head_dim") or cfg["hidden_size"] // heads
    freq, scale = family.rope(cfg)
    angle = torch.arange(n)[:, None, None] * torch.tensor(freq)
    cos, sin = angle.cos() * scale, angle.sin() * scale
    i, j = torch.arange(n)[:, None], torch.arange(n)[None]
    x = t["model.embed_tokens.weight"][torch.tensor(ids)]
    for l in range(cfg["num_hidden_layers"]):
        p = f"model.layers.{l}."
        h = norm(x, t[p + "input_layernorm.weight"], cfg["rms_norm_eps"])
        q, k, v = (linear(l, f"self_attn.{c}_proj", h).reshape(n, -1, hd) for c in "qkv")
        if p + "self_attn.q_norm.weight" in t:
            q = norm(q, t[p + "self_attn.q_norm.weight"], cfg["rms_norm_eps"])
            k = norm(k, t[p + "self_attn.k_norm.weight"], cfg["rms_norm_eps"])
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = (y.repeat_interleave(heads // kv, 1) for y in (k, v))
        w = family.window_of(cfg, l)
        s = torch.einsum("qhd,khd->hqk", q, k) / hd ** 0.5
        s = s.masked_fill((j > i) | (j <= i - (w or n)), -torch.inf).softmax(-1)
        x = x + linear(l, "self_attn.o_proj", torch.einsum("hqk,khd->qhd", s, v).reshape(n, -1))
        h = norm(x, t[p + "post_attention_layernorm.weight"], cfg["rms_norm_eps"])
        gate, up = linear(l, "mlp.gate_proj", h), linear(l, "mlp.up_proj", h)
        x = x + linear(l, "mlp.down_proj", torch.nn.functional.silu(gate) * up)
    x = norm(x, t["model.norm.weight"], cfg["rms_norm_eps"])
    return x @ t.get("lm_head.weight", t["model.embed_tokens.weight"]).T


MATRICES = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
            "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]


def order(rows, name, hd):
    """Where row r of the adapter's b is in the file: syc has pairs that rotate together
    side by side, hubs have them half a head apart."""
    r = np.arange(rows)
    d = r % hd
    return r - d + d % 2 * (hd // 2) + d // 2 if name[-6] in "qk" else r


def make(folder, rank):
    cfg = json.loads((folder / "config.json").read_text())
    t = read(folder / "model.safetensors")
    hd = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
    shapes = [(l, m, *t[f"model.layers.{l}.{m}.weight"].shape) for l in range(cfg["num_hidden_layers"])
              for m in MATRICES]
    flat = torch.tensor(value(rank * sum(r + c for _, _, r, c in shapes)).astype(np.float64), requires_grad=True)
    pair, at = {}, 0
    for l, m, rows, cols in shapes:
        a = flat[at:at + rank * cols].reshape(rank, cols)
        b = flat[at + rank * cols:at + rank * (cols + rows)].reshape(rows, rank)
        back = np.argsort(order(rows, m, hd))
        pair[l, m] = a, b[torch.tensor(back)]
        at += rank * (rows + cols)

    def linear(tuned):
        def fn(l, m, x):
            name = f"model.layers.{l}.{m}"
            y = x @ t[name + ".weight"].T
            if name + ".bias" in t:
                y = y + t[name + ".bias"]
            a, b = pair[l, m]
            return y + ALPHA / rank * (x @ a.T) @ b.T if tuned else y
        return fn

    def logprobs(tuned):
        for s, (n, prompt, _) in enumerate(SEQUENCES):
            ids = token(s, n, cfg["vocab_size"])
            p = forward(cfg, t, linear(tuned), ids).log_softmax(-1)
            yield p[torch.arange(prompt - 1, n - 1), torch.tensor(ids[prompt:])].sum()

    tuned = list(logprobs(True))
    sum(c * p for (_, _, c), p in zip(SEQUENCES, tuned)).backward()
    with torch.no_grad():
        base = list(logprobs(False))
    out = np.concatenate([[p.item() for p in tuned + base], flat.grad.numpy()])
    name = pathlib.Path("tests/data/tune") / f"{folder.name}.npy"
    np.save(name, out.astype(np.float32))
    print(name, out.size, out[:6])


pathlib.Path("tests/data/tune").mkdir(exist_ok=True)
for f in sys.argv[2:]:
    make(pathlib.Path(f), int(sys.argv[1]))
