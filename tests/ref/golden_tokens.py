#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write tests/data/golden_tokens.jsonl: the texts and token ids of the golden
files (one folder per argument), so that tests need no npz reader."""
import json
import pathlib
import sys

import numpy as np

for folder in map(pathlib.Path, sys.argv[1:]):
    z = np.load(folder / "golden.npz")
    j = 0
    while f"text{j}" in z:
        print(json.dumps({
            "model": folder.name,
            "text": bytes(z[f"text{j}"]).decode(),
            "ids": z[f"ids{j}"].tolist(),
        }))
        j += 1
