#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Losses that tests/tune.sh compares with, from PEFT and PyTorch.

    python3 tests/ref/tune_loss.py SYC_TUNE MODELS tests/data/tune

MODELS has folders of small models as hubs have them; of each, and of both losses, 50
steps on the rows that are made here, in syc's order, from the adapter that syc begins
with (it trains one step of a rate that changes nothing).  rows.jsonl gets the rows,
MODEL.LOSS.txt the losses, a line a step.
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

M64 = (1 << 64) - 1
GOLDEN = 0x9e3779b97f4a7c15
ROWS, BATCH, STEPS, WARM, RATE, BETA, DECAY, CLIP = 20, 4, 50, 5, 5e-3, 0.3, 0.01, 1.0
OPTIONS = ["--rank", "4", "--alpha", "8", "--batch-rows", str(BATCH), "--tokens", "64", "-q",
           "--seed", "3"]


def mix(z):
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9 & M64
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb & M64
    return z ^ (z >> 31)


def key(seed, name, index):
    h = mix(seed + GOLDEN & M64) ^ 0xcbf29ce484222325
    for c in name.encode():
        h = (h ^ c) * 0x100000001b3 & M64
    return mix(mix(h) + (index + 1) * GOLDEN & M64)


def order(n, state):
    out = list(range(n))
    for i in range(n, 1, -1):
        state = state + GOLDEN & M64
        k = (mix(state) >> 32) * i >> 32
        out[i - 1], out[k] = out[k], out[i - 1]
    return out


def make_rows():
    """Tokens below 200, which every model here has; three repeat what they answer to."""
    r = random.Random(5)
    rows = []
    for i in range(ROWS):
        prompt = [r.randrange(3, 200) for _ in range(r.randrange(4, 20))]
        ids = [r.randrange(3, 200) for _ in range(r.randrange(1, 6))]
        rows.append({"id": f"r{i}", "prompt_ids": prompt, "completion_ids": ids,
                     "rejected_ids": [(t + 7) % 190 + 3 for t in ids][::-1],
                     "weight": [1, 0.5, 2][i % 3], "finish": "length"})
    return rows


def logprob(model, prompt, answer):
    ids = torch.tensor([prompt + answer])
    logits = model(ids).logits[0, len(prompt) - 1:-1].double()
    return torch.log_softmax(logits, -1)[range(len(answer)), answer].sum()


def step_loss(model, rows, ref):
    if ref is None:
        return (-sum(r["weight"] * logprob(model, r["prompt_ids"], r["completion_ids"])
                     for r in rows)
                / sum(r["weight"] * len(r["completion_ids"]) for r in rows))
    loss = 0
    for r in rows:
        c, d = (logprob(model, r["prompt_ids"], r[k]) for k in ("completion_ids", "rejected_ids"))
        a, b = ref[r["id"]]
        loss = loss - r["weight"] * torch.nn.functional.logsigmoid(BETA * (c - a - d + b))
    return loss / sum(r["weight"] for r in rows)


def share(s):
    if s < WARM:
        return (s + 1) / WARM
    return (1 + math.cos(math.pi * (s + 1 - WARM) / (STEPS + 1 - WARM))) / 2


def train(folder, adapter, rows, dpo):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32,
                                                 attn_implementation="eager")
    model = PeftModel.from_pretrained(model, adapter, is_trainable=True)
    ref = None
    if dpo:
        with torch.no_grad(), model.disable_adapter():
            ref = {r["id"]: [logprob(model, r["prompt_ids"], r[k]).item()
                             for k in ("completion_ids", "rejected_ids")] for r in rows}
    params = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(params, lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(opt, share)
    losses = []
    for s in range(STEPS):
        epoch = order(ROWS, key(3, "epoch", s * BATCH // ROWS))
        at = s * BATCH % ROWS
        loss = step_loss(model, [rows[i] for i in epoch[at:at + BATCH]], ref)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, CLIP)
        opt.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def main():
    syc, models, out = sys.argv[1:]
    torch.set_num_threads(1)
    rows = make_rows()
    with open(f"{out}/rows.jsonl", "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in rows)
    for name in sorted(os.listdir(models)):
        folder = f"{models}/{name}"
        if not os.path.exists(f"{folder}/model.safetensors"):
            continue
        with tempfile.TemporaryDirectory() as tmp:
            subprocess.run([syc, "-m", folder, "-o", f"{tmp}/a", "--steps", "1", "--lr", "1e-12",
                            *OPTIONS, f"{out}/rows.jsonl"], check=True)
            for loss in ("answers", "dpo"):
                losses = train(folder, f"{tmp}/a", rows, loss == "dpo")
                with open(f"{out}/{name}.{loss}.txt", "w") as f:
                    f.writelines(f"{x:.7f}\n" for x in losses)


main()
