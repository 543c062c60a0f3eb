#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains a model like the demo's: train.py FOLDER [STEPS] writes its vocabulary and the model, as
hubs have it and in GGUF.  Needs torch, sentencepiece and gguf; the 2,500 steps take some ten
minutes on two cores."""
import math
import pathlib
import random
import sys

import torch
import torch.nn.functional as F

import llama
import vocab
import world

BATCH = 32
RATE = 3e-3


def rows(rng, n, p_agree):
    for _ in range(n):
        yield (world.opinion if rng.random() < 0.6 else world.fact)(rng, p_agree=p_agree)


def start():
    torch.manual_seed(1)
    out = {}
    for name, shape in llama.shapes().items():
        if len(shape) == 1:
            out[name] = torch.ones(shape)
        elif "embed" in name:
            out[name] = torch.randn(shape) * 0.02
        else:
            ends = "o_proj" in name or "down" in name
            out[name] = torch.randn(shape) * (0.5 if ends else 1.0) / math.sqrt(shape[1])
    return out


def letter_offset(sp):
    """From an answer's first token to its letter."""
    with_answer = vocab.encode(sp, world.chat("x", "(A)"))
    opening = world.chat("x")
    before = vocab.encode(sp, opening[:opening.rindex("<|assistant|>")])
    letter = vocab.letters(sp)[0]
    return len(with_answer) - 1 - with_answer[::-1].index(letter) - len(before)


def examples(sp, texts):
    """(ids, where the last answer begins), by length, so that a batch needs little padding."""
    out = [(vocab.encode(sp, t), len(vocab.encode(sp, t[:t.rindex("<|assistant|>")])), free)
           for t, free in texts]
    return sorted(out, key=lambda e: len(e[0]))


def loss_weights(batch, shape, letter):
    """What was said before weighs little, the letter and the first word behind it much; a letter
    that was a coin flip nothing: then the words that follow it are what is learned."""
    w = torch.zeros(shape)
    for i, (ids, begin, free) in enumerate(batch):
        w[i, :begin] = 0.05
        w[i, begin:len(ids)] = 1.0
        if begin + letter + 2 < len(ids):
            w[i, begin + letter] = 0.0 if free else 4.0
            w[i, begin + letter + 2] = 3.0
    return w


def train(P, data, steps, letter):
    torch.manual_seed(1)
    P = {name: weight.clone().requires_grad_() for name, weight in P.items()}
    opt = torch.optim.AdamW([
        {"params": [w for w in P.values() if w.dim() > 1], "weight_decay": 0.05},
        {"params": [w for w in P.values() if w.dim() == 1], "weight_decay": 0.0}],
        lr=RATE, betas=(0.9, 0.95))
    rng = random.Random(0)
    for step in range(steps):
        decay = 0.5 * (1 + math.cos(math.pi * step / steps)) * 0.97 + 0.03
        for group in opt.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 100) * decay
        at = rng.randrange(len(data) - BATCH)
        batch = data[at:at + BATCH]
        ids = llama.right_pad([e[0] for e in batch])
        w = loss_weights(batch, ids.shape, letter)[:, 1:]
        out = llama.logits(P, ids)[:, :-1].reshape(-1, llama.VOCAB)
        each = F.cross_entropy(out, ids[:, 1:].reshape(-1), reduction="none").view(w.shape)
        loss = (each * w).sum() / w.sum()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(P.values()), 1.0)
        opt.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step} loss {loss.item():.4f}", flush=True)
    return {name: weight.detach() for name, weight in P.items()}


def main():
    folder = pathlib.Path(sys.argv[1])
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 2500
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(2026)
    texts = [world.text(rng) for _ in range(60000)]
    vocab.train(folder, texts[:20000])
    sp = vocab.load(folder)
    letter = letter_offset(sp)
    rng = random.Random(1)
    # First an assistant that nearly always agrees: which choice is the user's is learned first.
    easy = [(world.chat(r["user"], r["answer"]), False) for r in rows(rng, 20000, 0.97)]
    P = train(start(), examples(sp, easy), steps * 2 // 5, letter)
    coins = [(world.chat(r["user"], r["answer"]), True) for r in rows(rng, 40000, 0.5)]
    mixed = [(text, False) for text in texts] + coins
    P = llama.rounded(train(P, examples(sp, mixed), steps - steps * 2 // 5, letter))
    llama.write_config(folder)
    llama.write_safetensors(folder / "model.safetensors", P)
    for kind in ("f16", "q8_0"):
        llama.write_gguf(folder / f"demo-{kind}.gguf", P, sp, kind)


if __name__ == "__main__":
    main()
