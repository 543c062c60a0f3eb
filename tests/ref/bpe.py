#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Make tests/data/bpe: a small byte-level BPE vocabulary as a tokenizer.json
with its settings, and texts with their token ids.

The ids come from this script's own splitting and merging, which is slow and
knows nothing of the library's: expressions as llama.cpp and the hubs publish
them run in Python's `regex` (python3-regex), merging looks at all neighbors
each time.

    tests/ref/bpe.py FOLDER
"""
import json
import pathlib
import sys

import regex

CORPUS = """It was the best of times, it was the worst of times, it was the age of wisdom, it was
the age of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the
season of Light, it was the season of Darkness. I'm sure you'll say that we've 100 of 2000 ways,
don't you? They're not HERE; the Answer is (A), she'd said. The answer is (B)!
    for (i = 0; i < 10; i++) { return 12345; }  // a comment
Über den Wolken muß die Freiheit wohl grenzenlos sein. Ça va très bien, à bientôt! Привет, мир.
東京は日本の首都です。今日は天気がいいですね。 안녕하세요 세계 नमस्ते दुनिया مرحبا بالعالم 🙂🙂
"""
N_MERGES = 300
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
USER = ["<tool>"]

SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
SHORT = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"
TAIL = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = SHORT + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*" + TAIL
QWEN2 = LLAMA3.replace("{1,3}", "")
UP, LOW, START = r"((?=[\p{L}])([^a-z]))", r"((?=[\p{L}])([^A-Z]))", r"[^\r\n\p{L}\p{N}]?"
TEKKEN = (f"{START}{UP}*{LOW}+|{START}{UP}+{LOW}*" + r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + TAIL)
GPT4O = (f"{START}{UP}*{LOW}+{SHORT}?|{START}{UP}+{LOW}*{SHORT}?"
         + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + TAIL)
BLOOM = r" ?[^(\s|.,!?…。，、।۔،)]+"
THEIRS = QWEN2.replace(SHORT, "(?i:'s|'t|'re|'ve|'m|'ll|'d)")
SPLITS = {
    "": [THEIRS],	# of the tokenizer.json itself
    "llama-bpe": [LLAMA3],
    "smaug-bpe": [LLAMA3],
    "qwen2": [QWEN2],
    "gpt-2": [GPT2],
    "starcoder": [r"\p{N}", GPT2],
    "tekken": [TEKKEN],
    "gpt-4o": [GPT4O],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", r"\p{N}"],
    "deepseek-v3": [r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+",
                    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"""
                    r"|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*" + TAIL],
    "bloom": [BLOOM],
    "viking": [BLOOM, r"\p{N}"],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
}
WHOLE = {"llama-bpe", "tekken"}		# a word that is a token is not merged

TEXTS = [
    "", " ", "  ", "\n", "\r\n\r\n", "\t\t x", " Hello  world ", "It was the best of times.",
    "I'm sure; WE'LL see, they'Re here. don't", "1 22 333 4444 55555 666666 7777777",
    "  \n  \n x", "a \n", "{ return 12345; }  // a/b\n\n", "na\u00efve cafe\u0301 Übermut", "…—«»~^|`$",
    "Привет, мир! Ελλάδα", "東京は日本の首都です。中文", "안녕하세요 세계", "नमस्ते दुनिया", "مرحبا بالعالم، ١٢٣",
    "🙂🙃 👩\u200d👩\u200d👧\u200d👦 🇩🇪 ❤\ufe0f", "a\u0300\u0301\u0302b", "ǅ ǈ ʰa ªº Ⅷ ² ½ ៛",
    "\u00a0x\u2003y\u3000z\u180eq\u200b", "𐍈𝐀𝟘𞤀 𠀀𰀀 \U000e0041\U000f0000\U0010fffd", "\x00\x01\x7f",
    "<|im_start|>user\nHi<|im_end|>\n<tool>", "x" * 70, " " * 40 + "y", "(A) (B), (C)…", "ſ's 'ſ",
]
BROKEN = ["ff", "61c3", "c328", "e282", "f09f9982f09f99", "c080", "eda080", "f4908080", "61ff62fe63"]


def alphabet():
    """Bytes as GPT-2 writes them."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in seen]
    return {b: chr(b) for b in seen} | {b: chr(256 + i) for i, b in enumerate(rest)}


MAP = alphabet()


def written(data):
    return "".join(MAP[b] for b in data)


def split(text, patterns):
    parts = [text]
    for p in patterns:
        p = p.replace(r"[^\s", f"[^{SPACE}").replace(r"(\s|", f"({SPACE}|")
        p = p.replace(r"\s", f"[{SPACE}]").replace(r"\S", f"[^{SPACE}]")
        cut = []
        for part in parts:
            at = 0
            for m in regex.finditer(p, part):
                cut += [part[at:m.start()], m.group()]
                at = m.end()
            cut.append(part[at:])
        parts = [c for c in cut if c]
    return parts


def merge(symbols, rank):
    while True:
        best = min(((rank.get(pair, 1 << 30), i) for i, pair in
                    enumerate(zip(symbols, symbols[1:]))), default=(1 << 30, 0))
        if best[0] == 1 << 30:
            return symbols
        i = best[1]
        symbols[i:i + 2] = [symbols[i] + symbols[i + 1]]


def train():
    words = [list(written(w.encode())) for w in split(CORPUS * 2, [GPT2])]
    merges = []
    while len(merges) < N_MERGES:
        count = {}
        for w in words:
            for pair in zip(w, w[1:]):
                count[pair] = count.get(pair, 0) + 1
        best = max(count, key=lambda p: (count[p], p))
        merges.append(best)
        for w in words:
            merge(w, {best: 0})
    return merges


def decoded(raw):
    """Every byte that is not part of a character becomes U+FFFD."""
    out, i = "", 0
    while i < len(raw):
        for n in range(1, 5):
            try:
                out += raw[i:i + n].decode()
                break
            except UnicodeDecodeError:
                n = 0
        out += "" if n else "\ufffd"
        i += n or 1
    return out


def encode(text, pre, ids, rank):
    out = []
    for part in regex.split("(" + "|".join(map(regex.escape, SPECIAL + USER)) + ")", text):
        if part in SPECIAL + USER:
            out.append(ids[part])
            continue
        for word in split(part, SPLITS[pre]):
            w = written(word.encode())
            whole = pre in WHOLE and w in ids
            out += [ids[w]] if whole else [ids[s] for s in merge(list(w), rank)]
    return out


def main():
    top = pathlib.Path(sys.argv[1])
    top.mkdir(parents=True, exist_ok=True)
    merges = train()
    rank = {m: i for i, m in enumerate(merges)}
    # A token that no merge makes, as those of Llama 3: only a whole word is it.
    tokens = list(dict.fromkeys([*MAP.values(), *(a + b for a, b in merges), "Ġdarknesses"]))
    ids = {t: i for i, t in enumerate(tokens)}
    added = []
    for t in SPECIAL + USER:
        added.append({"id": len(ids), "content": t, "single_word": False, "lstrip": False,
                      "rstrip": False, "normalized": False, "special": t in SPECIAL})
        ids[t] = len(ids)
    file = {
        "version": "1.0", "added_tokens": added, "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": THEIRS}, "behavior": "Isolated",
             "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
             "use_regex": False}]},
        "post_processor": {"type": "ByteLevel"}, "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "ignore_merges": False,
                  "vocab": {t: i for t, i in ids.items() if t not in SPECIAL + USER},
                  "merges": [" ".join(m) for m in merges]},
    }
    text = json.dumps(file, ensure_ascii=False, separators=(",", ":"))
    (top / "tokenizer.json").write_text(text + "\n")
    (top / "tokenizer_config.json").write_text(json.dumps({
        "add_bos_token": False, "bos_token": None, "eos_token": "<|im_end|>",
        "pad_token": {"content": "<|endoftext|>", "special": True},
        "chat_template": [{"name": "tool_use", "template": "no"},
                          {"name": "default", "template": "{{ messages }}"}],
    }, indent=1) + "\n")
    (top / "generation_config.json").write_text(
        json.dumps({"eos_token_id": [ids["<|im_end|>"], ids["<|endoftext|>"]]}) + "\n")
    with open(top / "cases.jsonl", "w", encoding="utf-8") as f:
        for pre in SPLITS:
            for t in TEXTS + [" darknesses darknesse"]:
                row = {"pre": pre, "text": t, "ids": encode(t, pre, ids, rank)}
                f.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        for h in BROKEN:
            row = {"pre": "qwen2", "hex": h,
                   "ids": encode(decoded(bytes.fromhex(h)), "qwen2", ids, rank)}
            f.write(json.dumps(row, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
