#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether transformers puts tokens around a text, by class, flags and file.

    bos.py > tests/data/bos_cases.json      (transformers 5.24)

Made tokenizers of five tokens with each kind of post-processor; each class of
tokenizer that the family's models name; the flags of tokenizer_config.json.
With version 4.51 the same comes out, but for the Llama classes, for which that
version goes by the flags.
"""
import json
import os
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
from transformers import AutoTokenizer  # noqa: E402

CLASSES = ["PreTrainedTokenizerFast", "LlamaTokenizerFast", "LlamaTokenizer", "Qwen2Tokenizer",
           "GPT2Tokenizer", None]
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def special(i, s):
    return {"id": i, "content": s, "special": True, "lstrip": False, "rstrip": False,
            "single_word": False, "normalized": False}


def template(bos, eos):
    single, tokens = [{"Sequence": {"id": "A", "type_id": 0}}], {}
    if bos:
        single.insert(0, {"SpecialToken": {"id": "<s>", "type_id": 0}})
        tokens["<s>"] = {"id": "<s>", "ids": [3], "tokens": ["<s>"]}
    if eos:
        single.append({"SpecialToken": {"id": "</s>", "type_id": 0}})
        tokens["</s>"] = {"id": "</s>", "ids": [4], "tokens": ["</s>"]}
    return {"type": "TemplateProcessing", "single": single,
            "pair": single + [{"Sequence": {"id": "B", "type_id": 0}}], "special_tokens": tokens}


def tokenizer(post):
    return {"version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [special(3, "<s>"), special(4, "</s>")], "normalizer": None,
            "pre_tokenizer": BYTES, "post_processor": post, "decoder": BYTES,
            "model": {"type": "BPE", "dropout": None, "unk_token": None,
                      "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False,
                      "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}


TOKENIZERS = {"none": tokenizer(None), "bytes": tokenizer(BYTES), "bos": tokenizer(template(1, 0)),
              "list": tokenizer({"type": "Sequence", "processors": [BYTES, template(1, 0)]})}
cases = []
for name, tok in TOKENIZERS.items():
    for cls in CLASSES:
        for bos in (None, True, False):
            config = {"bos_token": "<s>", "eos_token": "</s>"}
            if cls:
                config["tokenizer_class"] = cls
            if bos is not None:
                config["add_bos_token"] = bos
            with tempfile.TemporaryDirectory() as d:
                for file, what in (("tokenizer.json", tok), ("tokenizer_config.json", config),
                                   ("config.json", {"model_type": "llama"})):
                    with open(f"{d}/{file}", "w", encoding="utf-8") as f:
                        json.dump(what, f)
                ids = AutoTokenizer.from_pretrained(d)("ab")["input_ids"]
            cases.append({"tokenizer": name, "config": config, "ids": " ".join(map(str, ids))})
json.dump({"tokenizers": TOKENIZERS, "cases": cases}, sys.stdout)
print()
