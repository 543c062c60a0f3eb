# SPDX-License-Identifier: MIT
"""peft_logits.py MODELS FOLDER: adapters FOLDER/NAME/peft, opened by PEFT over the models
MODELS/NAME, must give the logits in FOLDER/NAME/logits to 1e-4 standard deviations."""
import pathlib
import sys

import peft
import torch
import transformers

models, folder = map(pathlib.Path, sys.argv[1:])
torch.set_num_threads(1)
tokens = torch.tensor([[3 + 17 * i for i in range(12)]])
bad = 0
for own in sorted(p for p in folder.iterdir() if (p / "peft").is_dir()):
    base = transformers.AutoModelForCausalLM.from_pretrained(
        models / own.name, dtype=torch.float32, attn_implementation="eager")
    model = peft.PeftModel.from_pretrained(base, own / "peft").eval()
    with torch.no_grad():
        want = model(tokens).logits[0].double()
        with model.disable_adapter():
            plain = model(tokens).logits[0].double()
    data = bytearray((own / "logits").read_bytes())
    got = torch.frombuffer(data, dtype=torch.float32).reshape(want.shape).double()
    far = ((got - want).abs().max() / want.std()).item()
    moved = ((plain - want).abs().max() / want.std()).item()
    print(f"{own.name}: {far:.2g} standard deviations; the adapter moves {moved:.2g}")
    bad += not far <= 1e-4 or moved < 0.1
sys.exit(bool(bad) or not folder.exists())
