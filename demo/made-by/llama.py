# SPDX-License-Identifier: MIT
"""The demo model's forward pass in float32 and its files, of which it knows those it needs.  Needs
torch and numpy, write_gguf() the package gguf (of llama.cpp's makers), too."""
import json
import math
import struct

import numpy as np
import torch
import torch.nn.functional as F

WIDTH, FFN, BLOCKS, HEADS, KV_HEADS, VOCAB, CONTEXT = 128, 384, 6, 4, 2, 768, 512
HEAD = WIDTH // HEADS
EPSILON, THETA = 1e-5, 10000.0
TEMPLATE = (
    "{% for message in messages %}\n"
    "{% if message['role'] == 'user' %}\n"
    "{{ '<|user|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'system' %}\n"
    "{{ '<|system|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'assistant' %}\n"
    "{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n"
    "{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n"
    "{{ '<|assistant|>' }}\n"
    "{% endif %}\n"
    "{% endfor %}")


def shapes():
    """The tensors, in the order in which they are drawn and stored."""
    kv = KV_HEADS * HEAD
    out = {"model.embed_tokens.weight": (VOCAB, WIDTH), "model.norm.weight": (WIDTH,),
           "lm_head.weight": (VOCAB, WIDTH)}
    for i in range(BLOCKS):
        block = {
            "input_layernorm": (WIDTH,), "post_attention_layernorm": (WIDTH,),
            "self_attn.q_proj": (WIDTH, WIDTH), "self_attn.k_proj": (kv, WIDTH),
            "self_attn.v_proj": (kv, WIDTH), "self_attn.o_proj": (WIDTH, WIDTH),
            "mlp.gate_proj": (FFN, WIDTH), "mlp.up_proj": (FFN, WIDTH),
            "mlp.down_proj": (WIDTH, FFN),
        }
        out.update({f"model.layers.{i}.{name}.weight": s for name, s in block.items()})
    return out


def norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


def attend(P, name, h, cos, sin, bias):
    def heads(which, n):
        x = F.linear(h, P[f"{name}.{which}_proj.weight"])
        return x.view(*h.shape[:2], n, HEAD).transpose(1, 2)
    q = rotate(heads("q", HEADS), cos, sin)
    k = rotate(heads("k", KV_HEADS), cos, sin).repeat_interleave(HEADS // KV_HEADS, 1)
    v = heads("v", KV_HEADS).repeat_interleave(HEADS // KV_HEADS, 1)
    a = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(HEAD) + bias, -1) @ v
    return F.linear(a.transpose(1, 2).reshape(h.shape), P[f"{name}.o_proj.weight"])


def feed(P, name, h):
    gate = F.silu(F.linear(h, P[f"{name}.gate_proj.weight"]))
    return F.linear(gate * F.linear(h, P[f"{name}.up_proj.weight"]), P[f"{name}.down_proj.weight"])


def forward(P, ids, edit=lambda layer, x: x):
    """The last norm's output of ids [rows, tokens], padded to the right, and what each block gave,
    [blocks, rows, tokens, width]; edit changes the residual stream after a block."""
    n = ids.shape[1]
    steps = torch.arange(0, HEAD, 2, dtype=torch.float64) / HEAD
    angles = torch.arange(n)[:, None].float() * (1.0 / THETA ** steps).float()
    angles = torch.cat([angles, angles], -1)
    future = torch.ones(n, n, dtype=torch.bool).triu(1)
    bias = torch.zeros(n, n).masked_fill(future, float("-inf"))
    x = P["model.embed_tokens.weight"][ids]
    blocks = []
    for i in range(BLOCKS):
        block = f"model.layers.{i}"
        h = norm(x, P[f"{block}.input_layernorm.weight"])
        x = x + attend(P, f"{block}.self_attn", h, angles.cos(), angles.sin(), bias)
        x = x + feed(P, f"{block}.mlp", norm(x, P[f"{block}.post_attention_layernorm.weight"]))
        x = edit(i, x)
        blocks.append(x)
    return norm(x, P["model.norm.weight"]), torch.stack(blocks)


def logits(P, ids, edit=lambda layer, x: x):
    return F.linear(forward(P, ids, edit)[0], P["lm_head.weight"])


def right_pad(rows):
    ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, :len(row)] = torch.tensor(row)
    return ids


def rounded(P):
    """The weights as files have them, in float16."""
    return {name: weight.detach().half().float() for name, weight in P.items()}


def write_safetensors(path, P):
    head, data = {"__metadata__": {"format": "pt"}}, b""
    for name, weight in P.items():
        raw = weight.half().contiguous().numpy().tobytes()
        head[name] = {"dtype": "F16", "shape": list(weight.shape),
                      "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    data = path.read_bytes()
    n, = struct.unpack("<Q", data[:8])
    head = json.loads(data[8:8 + n])
    head.pop("__metadata__")
    out = {}
    for name, t in head.items():
        begin, end = (8 + n + at for at in t["data_offsets"])
        values = np.frombuffer(data[begin:end], np.float16).astype(np.float32)
        out[name] = torch.from_numpy(values.reshape(t["shape"]))
    return out


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def write_config(folder):
    write_json(folder / "config.json", {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "bos_token_id": 1,
        "eos_token_id": 2, "hidden_act": "silu", "attention_bias": False,
        "max_position_embeddings": CONTEXT, "hidden_size": WIDTH, "intermediate_size": FFN,
        "num_hidden_layers": BLOCKS, "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS, "rms_norm_eps": EPSILON, "rope_theta": THETA,
        "rope_scaling": None, "tie_word_embeddings": False, "torch_dtype": "float16",
        "vocab_size": VOCAB, "transformers_version": "4.46.0"})
    special = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False,
               "special": True}
    write_json(folder / "tokenizer_config.json", {
        "add_bos_token": True, "add_eos_token": False, "bos_token": "<s>", "eos_token": "</s>",
        "unk_token": "<unk>", "tokenizer_class": "LlamaTokenizer", "legacy": True,
        "added_tokens_decoder": {str(i): {"content": text, **special}
                                 for i, text in enumerate(["<unk>", "<s>", "</s>"])},
        "chat_template": TEMPLATE})


GGUF_NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def gguf_tensor(name, values):
    """GGUF's name, and a head's rows as neighbors in pairs, not in halves."""
    stem = name.removesuffix(".weight")
    if stem in GGUF_NAMES:
        return GGUF_NAMES[stem] + ".weight", values
    _, _, block, rest = stem.split(".", 3)
    if rest in ("self_attn.q_proj", "self_attn.k_proj"):
        values = values.reshape(-1, 2, HEAD // 2, WIDTH).swapaxes(1, 2).reshape(values.shape)
    return f"blk.{block}.{GGUF_NAMES[rest]}.weight", values


def q8_0(values):
    blocks = values.astype(np.float32).reshape(-1, 32)
    scale = np.abs(blocks).max(1) / 127
    q = np.rint(blocks / np.where(scale == 0, 1, scale)[:, None]).astype(np.int8)
    raw = [scale.astype(np.float16)[:, None].view(np.uint8), q.view(np.uint8)]
    return np.concatenate(raw, 1).reshape(values.shape[0], -1)


def gguf_vocabulary(w, sp):
    n = sp.vocab_size()
    w.add_tokenizer_model("llama")
    w.add_tokenizer_pre("default")
    w.add_token_list([sp.id_to_piece(i).encode() for i in range(n)])
    w.add_token_scores([sp.get_score(i) for i in range(n)])
    w.add_token_types([2 if sp.is_unknown(i) else 3 if sp.is_control(i) else
                       6 if sp.is_byte(i) else 1 for i in range(n)])
    w.add_bos_token_id(1)
    w.add_eos_token_id(2)
    w.add_unk_token_id(0)
    w.add_add_bos_token(True)
    w.add_add_eos_token(False)
    w.add_chat_template(TEMPLATE)


def write_gguf(path, P, sp, kind):
    """kind is f16 or q8_0; norms are f32 in both."""
    import gguf
    w = gguf.GGUFWriter(str(path), "llama")
    w.add_name("syc-demo")
    w.add_context_length(CONTEXT)
    w.add_embedding_length(WIDTH)
    w.add_block_count(BLOCKS)
    w.add_feed_forward_length(FFN)
    w.add_head_count(HEADS)
    w.add_head_count_kv(KV_HEADS)
    w.add_layer_norm_rms_eps(EPSILON)
    w.add_rope_freq_base(THETA)
    w.add_vocab_size(VOCAB)
    w.add_rope_dimension_count(HEAD)
    w.add_file_type({"f16": 1, "q8_0": 7}[kind])
    gguf_vocabulary(w, sp)
    for name, weight in P.items():
        name, values = gguf_tensor(name, weight.numpy())
        if values.ndim == 1:
            w.add_tensor(name, values)
        elif kind == "f16":
            w.add_tensor(name, np.ascontiguousarray(values.astype(np.float16)))
        else:
            w.add_tensor(name, q8_0(values), raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
