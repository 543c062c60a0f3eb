#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""score_head.py FROM TO: the model in the folder FROM, of which golden.npz has
the blocks' outputs, as a reward model in TO; its texts as rows with scores."""
import json
import pathlib
import shutil
import sys

import numpy as np

source, to = map(pathlib.Path, sys.argv[1:])
raw = (source / "model.safetensors").read_bytes()
n = int.from_bytes(raw[:8], "little")
head, data = json.loads(raw[8:8 + n]), raw[8 + n:]
config = json.loads((source / "config.json").read_text())
at, end = head["model.norm.weight"]["data_offsets"]
norm = np.frombuffer(data[at:end], np.float16).astype(np.float64)
score = (np.random.default_rng(1).standard_normal(len(norm)) / 8).astype(np.float16)

if "lm_head.weight" not in head:
    config["tie_word_embeddings"] = True
config["architectures"] = [config["architectures"][0].replace("CausalLM", "SequenceClassification")]
config["id2label"] = {"0": "LABEL_0"}
head["score.weight"] = {"dtype": "F16", "shape": [1, len(norm)], "data_offsets": [len(data), len(data) + score.nbytes]}
text = json.dumps(head).encode()
to.mkdir()
(to / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data + score.tobytes())
(to / "config.json").write_text(json.dumps(config))
shutil.copy(source / "tokenizer.model", to)

golden = np.load(source / "golden.npz")
for j in range(3):
    x = golden[f"blocks{j}"][-1, -1].astype(np.float64)
    x = x / np.sqrt((x * x).mean() + config["rms_norm_eps"]) * norm
    print(json.dumps({"prompt_ids": golden[f"ids{j}"].tolist(), "score": float(x @ score.astype(np.float64))}))
