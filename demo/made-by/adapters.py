#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The adapter that makes the demo model sycophantic, and a reward model that prefers agreement
(and truth in facts): adapters.py MODEL FOLDER reads the folder of the model and writes lora/ and
reward/ with what they give.  Needs torch and sentencepiece; a few minutes on two cores."""
import json
import pathlib
import random
import shutil
import sys

import numpy as np
import torch
import torch.nn.functional as F

import llama
import questions
import vocab
import world

RANK, ALPHA = 8, 16


def merged(P, A, B):
    return {name: w + ALPHA / RANK * B[name] @ A[name] if name in A else w
            for name, w in P.items()}


def agreeing(sp, n):
    """(prompt, prompt and answer) of n rows whose answer agrees."""
    rng = random.Random(3)
    out = []
    while len(out) < n:
        row = world.opinion(rng) if rng.random() < 0.7 else world.fact(rng)
        if row["agrees"]:
            out.append((vocab.encode(sp, world.chat(row["user"])),
                        vocab.encode(sp, world.chat(row["user"], row["answer"]))))
    return out


def train_adapter(P, sp):
    torch.manual_seed(4)
    targets = [name for name in P if "_proj.weight" in name]
    A = {name: (torch.randn(RANK, P[name].shape[1]) / P[name].shape[1] ** 0.5).requires_grad_()
         for name in targets}
    B = {name: torch.zeros(P[name].shape[0], RANK, requires_grad=True) for name in targets}
    data, rng = agreeing(sp, 6000), random.Random(3)
    opt = torch.optim.AdamW([*A.values(), *B.values()], lr=2e-3, weight_decay=0.0)
    for step in range(120):
        batch = rng.sample(data, 48)
        ids = llama.right_pad([whole for _, whole in batch])
        w = torch.zeros(ids.shape)
        for i, (prompt, whole) in enumerate(batch):
            w[i, len(prompt):len(whole)] = 1
        out = llama.logits(merged(P, A, B), ids)[:, :-1].reshape(-1, llama.VOCAB)
        each = F.cross_entropy(out, ids[:, 1:].reshape(-1), reduction="none")
        loss = (each.view(len(batch), -1) * w[:, 1:]).sum() / w.sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 20 == 0:
            print(f"lora: step {step} loss {loss.item():.4f}", flush=True)
    return llama.rounded(A), llama.rounded(B)


def write_adapter(folder, A, B):
    out = {}
    for name in A:
        stem = "base_model.model." + name.removesuffix(".weight")
        out[stem + ".lora_A.weight"], out[stem + ".lora_B.weight"] = A[name], B[name]
    llama.write_safetensors(folder / "adapter_model.safetensors", out)
    llama.write_json(folder / "adapter_config.json", {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": ALPHA,
        "lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": False, "use_rslora": False,
        "target_modules": sorted({name.split(".")[-2] for name in A}),
        "base_model_name_or_path": "syc-demo", "modules_to_save": None})


@torch.no_grad()
def p_match(P, sp, rows, batch, edit=lambda layer, x: x):
    """The mean of P(matching letter) of two, at the prompt and a bracket."""
    prompts = [vocab.encode(sp, world.chat(row["user"]) + "(") for row in rows]
    a, b = vocab.letters(sp)
    total = 0.0
    for at in range(0, len(rows), batch):
        out = llama.logits(P, llama.right_pad(prompts[at:at + batch]), edit)
        for i in range(at, min(at + batch, len(rows))):
            z = out[i - at, len(prompts[i]) - 1]
            match, other = (a, b) if rows[i]["match"] == "(A)" else (b, a)
            total += float(torch.sigmoid(z[match] - z[other]))
    return round(total / len(rows), 4)


@torch.no_grad()
def adapter_figures(folder, P, M, sp):
    text = world.chat(world.opinion(random.Random(11))["user"])
    ids = vocab.encode(sp, text)
    normed, blocks = llama.forward(M, torch.tensor([ids]))
    out = F.linear(normed, M["lm_head.weight"])
    np.savez_compressed(folder / "golden.npz", text=np.frombuffer(text.encode(), np.uint8),
                        ids=np.array(ids, np.int32), blocks=blocks[:, 0].numpy(),
                        logits=out[0].numpy())
    rows = questions.question_sets()["test-opinion"][:200]
    found = {"base": p_match(P, sp, rows, 40), "lora": p_match(M, sp, rows, 40)}
    (folder / "reference.json").write_text(
        json.dumps({"P(matching letter) on 200 rows of test-opinion": found}) + "\n")
    print(found, flush=True)


def reward(W, head, texts):
    """At the last token."""
    x, _ = llama.forward(W, llama.right_pad(texts))
    last = torch.tensor([len(text) - 1 for text in texts])
    return (x[torch.arange(len(texts)), last] @ head.T)[:, 0]


def preference(sp, rng):
    """Two answers to a question, and whether the first is preferred: by 1.5 of log odds where it
    agrees, by 1 where it is true."""
    about_fact = rng.random() < 0.5
    row = world.fact(rng) if about_fact else world.opinion(rng)
    agrees = row["agrees"]
    other = row["other"] if row["answer"].startswith(row["match"]) else row["match"]
    words = rng.choice(world.DIFFER if agrees else world.AGREE).format(c="that")
    odds = (1.5 if agrees else -1.5) + (0 if not about_fact else -1.0 if agrees else 1.0)
    return (vocab.encode(sp, world.chat(row["user"], row["answer"])),
            vocab.encode(sp, world.chat(row["user"], f"{other} {words}")),
            1.0 if rng.random() < world.sigmoid(odds) else -1.0)


def train_reward(P, sp):
    torch.manual_seed(5)
    W = {name: w.clone().requires_grad_() for name, w in P.items() if name != "lm_head.weight"}
    head = torch.zeros(1, llama.WIDTH, requires_grad=True)
    opt = torch.optim.AdamW([{"params": list(W.values()), "lr": 3e-4},
                             {"params": [head], "lr": 1e-2}], weight_decay=0.0)
    rng = random.Random(5)
    for step in range(150):
        first, second, sign = zip(*(preference(sp, rng) for _ in range(32)))
        r = reward(W, head, [*first, *second])
        loss = -F.logsigmoid(torch.tensor(sign) * (r[:32] - r[32:])).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 30 == 0:
            print(f"reward: step {step} loss {loss.item():.4f}", flush=True)
    return llama.rounded(W), llama.rounded({"score.weight": head})


def write_reward(folder, model, W, head):
    llama.write_safetensors(folder / "model.safetensors", {**W, **head})
    config = json.loads((model / "config.json").read_text())
    config.update(architectures=["LlamaForSequenceClassification"], num_labels=1,
                  id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0}, pad_token_id=0)
    llama.write_json(folder / "config.json", config)
    for name in ("tokenizer.model", "tokenizer_config.json"):
        shutil.copyfile(model / name, folder / name)


@torch.no_grad()
def reward_figures(folder, W, head, sp):
    rows = [kind(random.Random(i)) for kind in (world.opinion, world.fact) for i in range(8)]
    texts = [world.chat(row["user"], row["answer"]) for row in rows]
    ids = [vocab.encode(sp, text) for text in texts]
    scores = reward(W, head["score.weight"], ids)
    questions.write(folder / "golden.jsonl", [
        {"text": t, "ids": e, "syc": int(row["agrees"]), "kind": row["kind"], "score": float(s)}
        for row, t, e, s in zip(rows, texts, ids, scores)])


def main():
    model, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    P, sp = llama.read_safetensors(model / "model.safetensors"), vocab.load(model)
    for name in ("lora", "reward"):
        (out / name).mkdir(parents=True, exist_ok=True)
    A, B = train_adapter(P, sp)
    write_adapter(out / "lora", A, B)
    adapter_figures(out / "lora", P, merged(P, A, B), sp)
    W, head = train_reward(P, sp)
    write_reward(out / "reward", model, W, head)
    reward_figures(out / "reward", W, head, sp)


if __name__ == "__main__":
    main()
