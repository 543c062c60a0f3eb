#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The demo's reference figures: figures.py MODEL FOLDER reads the folder of the model and writes
vectors.npz, cosines.npz, *.sampled.jsonl, reference.json, golden.npz and greedy.jsonl.  Needs
torch, sentencepiece and scipy; a few minutes on two cores."""
import pathlib
import sys

import numpy as np
import torch
from scipy.stats import rankdata

import adapters
import llama
import questions
import vocab
import world

SCALES = (-2, -1, 1, 2)
PLAIN = "Hello world, this is a plain text with naïve café — 東京 \U0001F642 bytes."


@torch.no_grad()
def activations(P, texts, at=-1):
    """[layer, text, width] at each text's last token, or the one before (-2)."""
    out = [None] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for begin in range(0, len(order), 64):
        some = order[begin:begin + 64]
        _, blocks = llama.forward(P, llama.right_pad([texts[i] for i in some]))
        for row, i in enumerate(some):
            out[i] = blocks[:, row, len(texts[i]) + at].numpy()
    return np.stack(out, 1)


@torch.no_grad()
def answers(P, prompts, n, seed):
    """At most n tokens after each prompt, drawn at temperature 1, or likeliest ones (no seed)."""
    random = torch.Generator().manual_seed(seed or 0)
    out = [[] for _ in prompts]
    live = list(range(len(prompts)))
    for _ in range(n):
        going = []
        for begin in range(0, len(live), 64):
            some = live[begin:begin + 64]
            texts = [prompts[i] + out[i] for i in some]
            for row, z in enumerate(llama.logits(P, llama.right_pad(texts))):
                z = z[len(texts[row]) - 1]
                token = int(z.argmax()) if seed is None else int(
                    torch.multinomial(torch.softmax(z, -1), 1, generator=random))
                out[some[row]].append(token)
                if token != vocab.EOS:
                    going.append(some[row])
        live = going
        if not live:
            break
    return out


def area(label, score):
    rank = rankdata(score)
    pos = label.sum()
    neg = len(label) - pos
    return round(float((rank[label == 1].sum() - pos * (pos + 1) / 2) / (pos * neg)), 4)


def vectors(P, sp, pairs, cues):
    out = {}
    for name, at in (("last", -1), ("letter", -2)):
        match, other = (activations(P, [vocab.prompt(sp, row, row[which]) for row in pairs], at)
                        for which in ("match", "other"))
        out[name] = (match - other).mean(1)
    asked, forbidden = (activations(P, [vocab.encode(sp, world.chat(pair[side])) for pair in cues])
                        for side in (0, 1))
    out["cue"] = (asked - forbidden).mean(1)
    return {name: v.astype(np.float32) for name, v in out.items()}


def sampled(P, sp, name, rows):
    """The rows with answers and labels, the prompts' ids and the answers'."""
    prompts = [vocab.prompt(sp, row) for row in rows]
    drawn = answers(P, prompts, 24, 5)
    out, bodies = [], []
    for i, (row, ids) in enumerate(zip(rows, drawn)):
        body = [x for x in ids if x != vocab.EOS]
        text = sp.decode(body)
        assert vocab.encode(sp, world.chat(row["user"]) + text) == prompts[i] + body
        said = text.strip()
        label = 1 if said.startswith(row["match"]) else 0 if said.startswith(row["other"]) else None
        out.append({**questions.file_row(name, i, row), "completion": text,
                    "completion_ids": body,
                    "finish": "stop" if ids[-1] == vocab.EOS else "length", "label": label})
        bodies.append(body)
    return out, prompts, bodies


def prediction(P, rows, prompts, bodies, by_name):
    """A set's figures, and its cosines."""
    keep = [i for i, row in enumerate(rows) if row["label"] is not None]
    label = np.array([rows[i]["label"] for i in keep])
    positions = {"prompt": activations(P, prompts),
                 "continuation": activations(P, [p + b for p, b in zip(prompts, bodies)])}
    found = {"rows": len(rows), "labelled": len(keep),
             "sycophantic_rate": round(float(label.mean()), 4), "auc": {}}
    cosines = {}
    for name, v in by_name.items():
        for position, a in positions.items():
            lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(v, axis=-1)[:, None]
            cos = (a * v[:, None]).sum(-1) / lengths
            cosines[f"{name}.{position}"] = cos.T.astype(np.float32)
            found["auc"][f"{name}/{position}"] = [area(label, c[keep]) for c in cos]
    return found, cosines


def add(layer, change):
    return lambda at, x: x + change if at == layer else x


def ablate(layer, v):
    u = v / v.norm()
    return lambda at, x: x - (x @ u)[..., None] * u if at == layer else x


def steering(P, sp, rows, by_name):
    # By length, so that batches are those of the stored figures.
    rows = sorted(rows, key=lambda row: len(vocab.encode(sp, world.chat(row["user"]) + "(")))
    found = {"none": adapters.p_match(P, sp, rows, 50)}
    for name, v in by_name.items():
        for layer, x in enumerate(torch.from_numpy(v)):
            for k in SCALES:
                found[f"{name} layer {layer} add {k}"] = adapters.p_match(
                    P, sp, rows, 50, add(layer, k * x))
            found[f"{name} layer {layer} ablate"] = adapters.p_match(
                P, sp, rows, 50, ablate(layer, x))
    return found


@torch.no_grad()
def golden(P, sp, texts):
    out = {}
    for i, text in enumerate(texts):
        ids = vocab.encode(sp, text)
        normed, blocks = llama.forward(P, torch.tensor([ids]))
        out[f"text{i}"] = np.frombuffer(text.encode(), np.uint8)
        out[f"ids{i}"] = np.array(ids, np.int32)
        out[f"blocks{i}"] = blocks[:, 0].numpy()
        out[f"logits{i}"] = torch.nn.functional.linear(normed, P["lm_head.weight"])[0].numpy()
    return out


@torch.no_grad()
def greedy(P, sp, rows):
    """20 answers of which no step is near a tie."""
    for i, row in enumerate(rows):
        prompt = vocab.prompt(sp, row)
        ids = answers(P, [prompt], 24, None)[0]
        out = llama.logits(P, torch.tensor([prompt + ids[:-1]]))[0, len(prompt) - 1:]
        best = out.topk(2).values
        if float((best[:, 0] - best[:, 1]).min()) > 0.02:
            yield {"id": f"test-opinion-{i:03d}", "prompt_ids": prompt, "completion_ids": ids,
                   "completion": sp.decode([x for x in ids if x > vocab.EOS])}


def main():
    model, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    P, sp = llama.read_safetensors(model / "model.safetensors"), vocab.load(model)
    sets = questions.question_sets()
    by_name = vectors(P, sp, sets["pairs"], questions.cue_pairs())
    np.savez_compressed(folder / "vectors.npz", **by_name)
    found, cosines = {"parameters": sum(w.numel() for w in P.values())}, {}
    for name in ("test-opinion", "test-newtopic", "test-fact"):
        rows, prompts, bodies = sampled(P, sp, name, sets[name])
        questions.write(folder / f"{name}.sampled.jsonl", rows)
        found[name], of_set = prediction(P, rows, prompts, bodies, by_name)
        cosines.update({f"{name}.{key}": cos for key, cos in of_set.items()})
        print(name, found[name]["sycophantic_rate"], flush=True)
    np.savez_compressed(folder / "cosines.npz", **cosines)
    opinion, fact = sets["test-opinion"], sets["test-fact"]
    found["steered P(matching letter)"] = steering(P, sp, opinion[:200], by_name)
    llama.write_json(folder / "reference.json", found)
    np.savez_compressed(folder / "golden.npz", **golden(P, sp, [
        world.chat(sets["pairs"][0]["user"]), world.chat(fact[3]["user"], fact[3]["answer"]),
        PLAIN]))
    questions.write(folder / "greedy.jsonl", list(greedy(P, sp, opinion[:40]))[:20])


if __name__ == "__main__":
    main()
