#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write the seeds of the row, vocab, config and adapter fuzz targets into the
folder given (tests/fuzz/corpus)."""
import json
import pathlib
import struct
import sys

ROWS = [
    '{"id": "a", "question": "Why?"}',
    '{"id": 12345678901234567890123, "prompt": "p", "x": -1e5}',
    '{"messages": [{"role": "system", "content": ""}, {"role": "user", "content": "\\u00e9\\n"}]}',
    '{"positive": "a", "negative": [{"role": "user", "content": "b"}]}',
    '{"prompt_ids": [1, 2, 3], "completion_ids": [], "sample": 0, "label": 1}',
    '{"completion": "The answer is (A) or (B)", "answer_matching_behavior": " (A)",'
    ' "answer_not_matching_behavior": [" (B)", "no"]}',
    ' { } ',
    '{"label":null,"la\\u0062el":[{"]}":"\\"\\\\"}],"label":{"label":0}}',
    '{"":"","a":[[],{}],"b":true,"c":false,"d":"\\ud83d\\ude42"}',
]


def text(s):
    b = s if isinstance(s, bytes) else s.encode()
    return struct.pack("<Q", len(b)) + b


def kv(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def array(key, elem, values):
    return kv(key, 9, struct.pack("<IQ", elem, len(values)) + b"".join(values))


def gguf(pieces, *more):
    g = "tokenizer.ggml."
    pairs = [
        kv(g + "model", 8, text("llama")),
        array(g + "tokens", 8, [text(p[0]) for p in pieces]),
        array(g + "scores", 6, [struct.pack("<f", p[1]) for p in pieces]),
        array(g + "token_type", 5, [struct.pack("<i", p[2]) for p in pieces]),
        *more,
    ]
    b = b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs)
    return b + bytes(-len(b) % 32)


BYTES = [(f"<0x{i:02X}>", 0, 6) for i in range(256)]
PLAIN = [("\u2581", -9, 1), ("o", -8, 1), ("ok", -2, 1), ("to", -1, 1), ("en", -1, 1),
         ("k", -7, 1), ("e", -7, 1), ("n", -7, 1), ("ken", -3, 1), ("token", -4, 1), ("t", -5, 1)]
SPECIAL = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("ggml", 0, 4), (".tok", 0, 4), ("", 0, 3)]
VOCABS = [
    gguf(BYTES + PLAIN),
    gguf(SPECIAL + PLAIN, kv("tokenizer.ggml.bos_token_id", 4, struct.pack("<I", 1)),
         kv("tokenizer.ggml.eos_token_id", 4, struct.pack("<I", 2)),
         kv("tokenizer.chat_template", 8, text("{% if x -%} {{ 'a\\n' + b | trim }}{# c #}\n{% endif %}"))),
    gguf(PLAIN, kv("tokenizer.ggml.add_space_prefix", 7, b"\0"),
         kv("tokenizer.ggml.add_bos_token", 7, b"\0")),
]

CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "num_attention_heads": 4,
          "num_key_value_heads": 2, "intermediate_size": 160, "num_hidden_layers": 3, "vocab_size": 512,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-5}
QWEN = {**CONFIG, "architectures": None, "model_type": "qwen3", "use_sliding_window": True, "sliding_window": 7}
CONFIGS = [json.dumps(c).encode() for c in (
    CONFIG,
    {**CONFIG, "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                "original_max_position_embeddings": 64}},
    {**CONFIG, "rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "truncate": False,
                                   "original_max_position_embeddings": 64, "mscale": 0.7, "mscale_all_dim": 1.0}},
    {**QWEN, "max_window_layers": 1},
    {**QWEN, "layer_types": ["full_attention", "sliding_attention", "sliding_attention"]},
    {**CONFIG, "architectures": ["LlamaForSequenceClassification"], "num_labels": 1},
)]
LORA = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "bias": "none", "target_modules": ["q_proj"]}
ADAPTERS = [json.dumps(c).encode() for c in (
    LORA,
    {**LORA, "use_rslora": True, "rank_pattern": {r"layers\\.0\\..*": 2, "lm_head": 4}, "alpha_pattern": {"(mlp|attn)": 3}},
    {**LORA, "modules_to_save": None, "use_dora": False, "init_lora_weights": "gaussian"},
)]

top = pathlib.Path(sys.argv[1])
for folder, seeds in ("row", [r.encode() for r in ROWS]), ("vocab", VOCABS), ("config", CONFIGS), ("adapter", ADAPTERS):
    (top / folder).mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(seeds):
        (top / folder / f"seed{i}").write_bytes(seed)
