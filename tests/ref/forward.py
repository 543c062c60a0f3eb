#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A second implementation of the family, in numpy with float64 and the hub's
order of rows, for what the models from PyTorch do not exercise.

  forward.py check FOLDER...   differences from the folder's golden.npz
  forward.py make TOKENIZER    write tests/data/family (TOKENIZER: a
                               tokenizer.model of 512 pieces) and
                               tests/data/rope_cases.json

RoPE scaling follows the YaRN paper (Peng et al. 2023) and Meta's description of
Llama 3.1, windows Mistral's: query i sees keys i - w + 1 to i."""
import json
import pathlib
import re
import shutil
import struct
import sys

import numpy as np


def read_safetensors(path):
    raw = path.read_bytes()
    n = int.from_bytes(raw[:8], "little")
    head = json.loads(raw[8:8 + n])
    out = {}
    for name, t in head.items():
        if name == "__metadata__":
            continue
        a, b = t["data_offsets"]
        kind = {"F16": np.float16, "F32": np.float32}[t["dtype"]]
        out[name] = np.frombuffer(raw[8 + n + a:8 + n + b], kind).reshape(t["shape"]).astype(np.float64)
    return out


def write_gguf(path, meta, tensors):
    """Values are texts or floats, tensors float32."""
    text = lambda s: struct.pack("<Q", len(s)) + s.encode()
    out, at = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(meta)), 0
    for key, v in meta.items():
        out += text(key) + (struct.pack("<I", 8) + text(v) if isinstance(v, str) else struct.pack("<If", 6, v))
    for name, x in tensors.items():
        out += text(name) + struct.pack("<I", x.ndim) + struct.pack(f"<{x.ndim}Q", *x.shape[::-1])
        out += struct.pack("<IQ", 0, at)
        at += x.nbytes + -x.nbytes % 32
    out += b"\0" * (-len(out) % 32)
    for x in tensors.values():
        out += x.tobytes() + b"\0" * (-x.nbytes % 32)
    path.write_bytes(out)


def write_safetensors(path, tensors):
    head, at = {}, 0
    for name, x in tensors.items():
        n = x.size * 2
        head[name] = {"dtype": "F16", "shape": list(x.shape), "data_offsets": [at, at + n]}
        at += n
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text +
                     b"".join(x.astype(np.float16).tobytes() for x in tensors.values()))


def rope(cfg):
    """Frequencies [head_dim / 2] and the factor of cosines and sines."""
    par = cfg.get("rope_parameters") or cfg.get("rope_scaling") or {}
    base = par.get("rope_theta", cfg.get("rope_theta", 10000.0))
    dim = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
    i = np.arange(dim // 2)
    freq = base ** (-2.0 * i / dim)
    kind = par.get("rope_type", par.get("type", "default"))
    if kind == "linear":
        return freq / par["factor"], 1.0
    if kind == "llama3":
        old, s = par["original_max_position_embeddings"], par["factor"]
        low, high = par["low_freq_factor"], par["high_freq_factor"]
        turns = old * freq / (2 * np.pi)
        keep = np.clip((turns - low) / (high - low), 0, 1)
        return keep * freq + (1 - keep) * freq / s, 1.0
    if kind == "yarn":
        old = par.get("original_max_position_embeddings") or cfg["max_position_embeddings"]
        s = par.get("factor") or cfg["max_position_embeddings"] / old
        alpha, beta = par.get("beta_slow") or 1, par.get("beta_fast") or 32
        # The pair that turns r times in the old context: old * freq = 2 pi r.
        where = lambda r: dim * np.log(old / (2 * np.pi * r)) / (2 * np.log(base))
        low, high = where(beta), where(alpha)
        if par.get("truncate", True):
            low, high = np.floor(low), np.ceil(high)
        low, high = max(low, 0), min(high, dim - 1)
        keep = 1 - np.clip((i - low) / (high - low if high != low else 0.001), 0, 1)
        m = lambda k: 0.1 * k * np.log(s) + 1 if s > 1 else 1.0
        att = par.get("attention_factor")
        if att is None and par.get("mscale") and par.get("mscale_all_dim"):
            att = m(par["mscale"]) / m(par["mscale_all_dim"])
        return keep * freq + (1 - keep) * freq / s, m(1) if att is None else att
    assert kind == "default"
    return freq, 1.0


def window_of(cfg, layer):
    kind, w = cfg["model_type"], cfg.get("sliding_window")
    if not w or kind == "llama" or (kind != "mistral" and not cfg.get("use_sliding_window")):
        return None
    if "layer_types" in cfg:
        return w if cfg["layer_types"][layer] == "sliding_attention" else None
    return w if kind == "mistral" or layer >= cfg.get("max_window_layers", 28) else None


def norm(x, w, eps):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w


def linear(t, name, x):
    y = x @ t[name + ".weight"].T
    return y + t[name + ".bias"] if name + ".bias" in t else y


def rotate(x, cos, sin):
    """x [token, head, dim]: value i goes with value i + dim / 2."""
    a, b = np.split(x, 2, -1)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def forward(cfg, t, ids, head="lm_head.weight"):
    n, heads, kv = len(ids), cfg["num_attention_heads"], cfg["num_key_value_heads"]
    hd = cfg.get("head_dim") or cfg["hidden_size"] // heads
    eps = cfg["rms_norm_eps"]
    freq, scale = rope(cfg)
    angle = np.arange(n)[:, None, None] * freq
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    x, blocks = t["model.embed_tokens.weight"][ids], []
    for l in range(cfg["num_hidden_layers"]):
        p = f"model.layers.{l}."
        h = norm(x, t[p + "input_layernorm.weight"], eps)
        q = linear(t, p + "self_attn.q_proj", h).reshape(n, heads, hd)
        k = linear(t, p + "self_attn.k_proj", h).reshape(n, kv, hd)
        v = linear(t, p + "self_attn.v_proj", h).reshape(n, kv, hd)
        if p + "self_attn.q_norm.weight" in t:
            q = norm(q, t[p + "self_attn.q_norm.weight"], eps)
            k = norm(k, t[p + "self_attn.k_norm.weight"], eps)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = np.repeat(k, heads // kv, 1), np.repeat(v, heads // kv, 1)
        s = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(hd)
        i, j = np.arange(n)[:, None], np.arange(n)[None]
        w = window_of(cfg, l)
        s[:, (j > i) | (j <= i - w if w else False)] = -np.inf
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
        x = x + linear(t, p + "self_attn.o_proj", np.einsum("hqk,khd->qhd", s, v).reshape(n, heads * hd))
        h = norm(x, t[p + "post_attention_layernorm.weight"], eps)
        g = linear(t, p + "mlp.gate_proj", h)
        x = x + linear(t, p + "mlp.down_proj", g / (1 + np.exp(-g)) * linear(t, p + "mlp.up_proj", h))
        blocks.append(x)
    out = t[head if head in t else "model.embed_tokens.weight"]
    return np.array(blocks), norm(x[-4:], t["model.norm.weight"], eps) @ out.T


def check(folder):
    cfg = json.loads((folder / "config.json").read_text())
    t = read_safetensors(folder / "model.safetensors")
    z = np.load(folder / "golden.npz")
    for j in range(99):
        if f"ids{j}" not in z:
            break
        blocks, logits = forward(cfg, t, z[f"ids{j}"])
        pairs = (blocks, z[f"blocks{j}"]), (logits, z[f"logits{j}"][-4:])
        error = [np.abs(a - b).max() / b.std() for a, b in pairs]
        print(f"{folder.name} text {j}: blocks {error[0]:.2g}, logits {error[1]:.2g}")


PLAIN = {"hidden_act": "silu", "max_position_embeddings": 256, "hidden_size": 32, "intermediate_size": 48,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
         "tie_word_embeddings": True, "vocab_size": 512, "bos_token_id": 1, "eos_token_id": 2}
MODELS = {
    # As transformers 5 writes it; biases wherever the family can have one.
    "biases": {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": True, "mlp_bias": True,
               "rope_parameters": {"rope_type": "llama3", "rope_theta": 5000.0, "factor": 4.0, "low_freq_factor": 1.0,
                                   "high_freq_factor": 4.0, "original_max_position_embeddings": 32}},
    # Two blocks with the window, the first without; yarn.
    "layers": {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "num_hidden_layers": 3, "head_dim": 16,
               "use_sliding_window": True, "sliding_window": 11,
               "layer_types": ["full_attention", "sliding_attention", "sliding_attention"],
               "rope_theta": 10000.0, "rope_scaling": {"rope_type": "yarn", "factor": 4.0,
                                                       "original_max_position_embeddings": 64}},
    "max-window": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "use_sliding_window": True,
                   "sliding_window": 40, "max_window_layers": 1, "rope_theta": 1000.0,
                   "rope_scaling": {"type": "yarn", "factor": 8.0, "original_max_position_embeddings": 32,
                                    "beta_fast": 8, "beta_slow": 0.5, "mscale": 0.707, "mscale_all_dim": 0.5,
                                    "truncate": False}},
}


ADAPTERS = {
    "biases": {"lora": {"r": 4, "lora_alpha": 6, "use_rslora": True, "rank_pattern": {r"layers\.1\..*\.up_proj": 2, "v_proj": 1},
                        "alpha_pattern": {"mlp.*": 3.5}, "target_modules": ["_proj", "embed_tokens", "lm_head"]}},
    "layers": {"lora": {"r": 2, "lora_alpha": 3, "target_modules": ["q_proj", "k_proj", "down_proj"]}},
    "max-window": {},
}


def make_model(name, own, tokenizer, seed):
    rng = np.random.default_rng(seed)
    cfg = {**PLAIN, **own}
    dim, ffn, heads, kv = (cfg[k] for k in ("hidden_size", "intermediate_size", "num_attention_heads",
                                            "num_key_value_heads"))
    hd = cfg.get("head_dim") or dim // heads
    half = lambda *shape, size=1.0: (rng.standard_normal(shape) * size).astype(np.float16)
    weight = lambda rows, cols: half(rows, cols, size=1.5 / np.sqrt(cols))
    gain = lambda n: (1 + 0.3 * rng.standard_normal(n)).astype(np.float16)
    t = {"model.embed_tokens.weight": half(cfg["vocab_size"], dim), "model.norm.weight": gain(dim)}
    for l in range(cfg["num_hidden_layers"]):
        p = f"model.layers.{l}."
        t[p + "input_layernorm.weight"], t[p + "post_attention_layernorm.weight"] = gain(dim), gain(dim)
        shape = {"self_attn.q_proj": (heads * hd, dim), "self_attn.k_proj": (kv * hd, dim),
                 "self_attn.v_proj": (kv * hd, dim), "self_attn.o_proj": (dim, heads * hd),
                 "mlp.gate_proj": (ffn, dim), "mlp.up_proj": (ffn, dim), "mlp.down_proj": (dim, ffn)}
        for part, (rows, cols) in shape.items():
            t[p + part + ".weight"] = weight(rows, cols)
            if name == "biases" or (cfg["model_type"] == "qwen2" and part[10:] in ("q_proj", "k_proj", "v_proj")):
                t[p + part + ".bias"] = half(rows, size=0.5)
        if cfg["model_type"] == "qwen3":
            t[p + "self_attn.q_norm.weight"], t[p + "self_attn.k_norm.weight"] = gain(hd) * 2, gain(hd)
    folder = pathlib.Path("tests/data/family") / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(cfg, indent=1) + "\n")
    write_safetensors(folder / "model.safetensors", t)
    shutil.copyfile(tokenizer, folder / "tokenizer.model")
    t = {k: v.astype(np.float64) for k, v in t.items()}
    texts = [rng.integers(3, cfg["vocab_size"], n) for n in (70, 33, 1)]
    write_golden(folder / "golden.npz", cfg, t, texts)
    if "lora" in ADAPTERS[name]:
        make_adapter(folder, cfg, t, texts[1:2], ADAPTERS[name]["lora"], rng)


def write_golden(path, cfg, t, texts):
    golden = {}
    for j, ids in enumerate(texts):
        blocks, logits = forward(cfg, t, ids)
        golden |= {f"ids{j}": ids.astype(np.int32), f"blocks{j}": blocks.astype(np.float32),
                   f"logits{j}": logits.astype(np.float32)}
    np.savez_compressed(path, **golden)


def setting(patterns, module, default):
    for key, v in patterns.items():
        if re.match(rf"(.*\.)?({key})$", module):
            return v
    return default


GGUF = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down", "lm_head": "output", "model.embed_tokens": "token_embd"}


def gguf_name(module):
    m = re.match(r"model\.layers\.(\d+)\.(.*)", module)
    return f"blk.{m[1]}.{GGUF[m[2]]}" if m else GGUF[module]


def make_adapter(folder, cfg, t, texts, own, rng):
    """The same adapter for PEFT, in folder/lora, and for llama.cpp, with their results."""
    settings = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "bias": "none", "use_rslora": False,
                "rank_pattern": {}, "alpha_pattern": {}, "modules_to_save": None, **own}
    peft, gguf, merged, alpha = {}, {}, dict(t), 5.0
    hd = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
    names = [k[:-len(".weight")] for k in t if k.endswith(("_proj.weight", "embed_tokens.weight"))]
    for module in names + ["lm_head"]:
        if not any(module.endswith(m) for m in settings["target_modules"]):
            continue
        w = t[(module if module != "lm_head" else "model.embed_tokens") + ".weight"]
        r = setting(settings["rank_pattern"], module, settings["r"])
        scale = setting(settings["alpha_pattern"], module, settings["lora_alpha"]) / (
            np.sqrt(r) if settings["use_rslora"] else r)
        half = lambda *shape: (rng.standard_normal(shape) * 0.2).astype(np.float16)
        embed = module == "model.embed_tokens"
        a, b = half(r, w.shape[embed ^ 1]), half(w.shape[embed], r)
        delta = scale * (b.astype(np.float64) @ a.astype(np.float64))
        merged[module + ".weight"] = w + (delta.T if embed else delta)
        end = ("lora_embedding_A", "lora_embedding_B") if embed else ("lora_A.weight", "lora_B.weight")
        peft["base_model.model." + module + "." + end[0]], peft["base_model.model." + module + "." + end[1]] = a, b
        b = b.astype(np.float64) * scale * r / alpha
        if cfg["model_type"] == "llama" and module.endswith(("q_proj", "k_proj")):	# neighboring pairs
            b = b.reshape(-1, 2, hd // 2, r).swapaxes(1, 2).reshape(-1, r)
        name = gguf_name(module) + ".weight.lora_"
        gguf[name + "a"] = np.ascontiguousarray(a.T if embed else a).astype(np.float32)
        gguf[name + "b"] = b.astype(np.float32)
    (folder / "lora").mkdir(exist_ok=True)
    (folder / "lora/adapter_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    write_safetensors(folder / "lora/adapter_model.safetensors", peft)
    arch = {"llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}[cfg["model_type"]]
    write_gguf(folder / "lora.gguf", {"general.architecture": arch, "general.type": "adapter",
                                      "adapter.type": "lora", "adapter.lora.alpha": alpha}, gguf)
    write_golden(folder / "golden-lora.npz", cfg, merged, texts)


def rope_cases():
    base = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 256, "num_attention_heads": 4,
            "intermediate_size": 64, "num_hidden_layers": 1, "vocab_size": 512, "max_position_embeddings": 32768,
            "rms_norm_eps": 1e-5}
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8192}
    for own in (
            {}, {"rope_theta": 500000}, {"head_dim": 80, "rope_theta": 1e6},
            {"rope_scaling": {"type": "linear", "factor": 2.5}},
            {"rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                              "original_max_position_embeddings": 8192}, "rope_theta": 500000.0},
            {"rope_parameters": {"rope_type": "default", "rope_theta": 2e6}},
            {"rope_scaling": yarn, "rope_theta": 1000000.0},
            {"rope_scaling": {**yarn, "truncate": False}},
            {"rope_scaling": {**yarn, "beta_fast": 64, "beta_slow": 2}},
            {"rope_scaling": {**yarn, "attention_factor": 1.25}},
            {"rope_scaling": {**yarn, "mscale": 1.0, "mscale_all_dim": 0.8}},
            {"rope_scaling": {**yarn, "factor": None}},
            {"rope_scaling": {**yarn, "original_max_position_embeddings": None}},
            {"rope_scaling": {**yarn, "factor": 0.5}},
            {"rope_parameters": {**yarn, "rope_theta": 150000.0}}):
        cfg = {**base, **own}
        freq, scale = rope(cfg)
        yield {"config": cfg, "freq": freq.tolist(), "attention": scale}


if sys.argv[1] == "check":
    for name in sys.argv[2:]:
        check(pathlib.Path(name))
else:
    for k, (name, own) in enumerate(MODELS.items()):
        make_model(name, own, sys.argv[2], k + 1)
    with open("tests/data/rope_cases.json", "w") as f:
        f.write("[\n" + ",\n".join(map(json.dumps, rope_cases())) + "\n]\n")
