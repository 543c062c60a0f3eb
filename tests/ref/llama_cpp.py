#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare syc-tok with llama.cpp's tokenizer.

    tests/ref/llama_cpp.py FOLDER [LLAMA-TOKENIZE [TEXT...]]

FOLDER is the folder "models" of llama.cpp's repository, with its vocabularies
(ggml-vocab-*.gguf) and their tests (*.gguf.inp, *.gguf.out); those of other
kinds than "llama" and "gpt2" are passed over.  With llama.cpp's program, the
files TEXT and the texts made here are compared as well, with special tokens
parsed and not.  syc-tok is taken from the PATH.  Exit status 0: all equal, 1:
some differ, 77: nothing to compare.
"""
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unicodedata

GAP = "\n__ggml_vocab_test__\n"


def syc(vocab, texts, *options):
    rows = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    r = subprocess.run(["syc-tok", "-m", vocab, "--no-bos", *options], input=rows.encode(),
                       capture_output=True)
    if r.returncode:
        return r.stderr.decode().strip()
    return [json.loads(line)["ids"] for line in r.stdout.splitlines()]


def peer(program, vocab, path, *options):
    r = subprocess.run([program, "-m", vocab, "-f", path, "--ids", "--no-bos", "--no-escape",
                        "--log-disable", *options], capture_output=True, text=True)
    return json.loads(r.stdout) if r.returncode == 0 else r.stderr.strip()[-200:]


def step(c):
    """Where thousands of characters in a row are of one kind, some of them do."""
    if 0x3400 <= c < 0xa000 or 0xac00 <= c < 0xd7a4 or 0xe000 <= c < 0xf900:
        return 32
    return 1 if c < 0x20000 else 64 if c < 0x40000 or c >> 16 == 14 else 1024


def ranges():
    """
    Characters of every plane, beside letters, digits, spaces and themselves.
    Not those without a category: it is newer versions of Unicode that give them
    one, and PCRE2 and llama.cpp need not have the same.
    """
    for plane in range(17):
        chars = [chr(c) for c in range(plane << 16 | 1, plane << 16 | 0xfffe)
                 if c % step(c) == 0 and unicodedata.category(chr(c)) not in ("Cn", "Cs")]
        yield "".join(f"{c}a {c}1{c}\n" for c in chars)


def made(seed):
    """Texts of what the patterns look at, in random order."""
    rnd = random.Random(seed)
    bits = [" ", "  ", "\n", "\r\n", "\t", "'s", "'LL", "'", "a", "Z", "the", "Word", "é", "ß",
            "1", "23", "4567", "²", "Ⅷ", "٣", ".", ",", "!?", "$", "~", "_", "中文", "日本語",
            "가", "ह", "ि", "e\u0301", "\u00a0", "\u2028", "\u3000", "\u1680", "\u180e", "\x85",
            "\x1c", "\u200b", "🙂", "👩\u200d👧", "🇩🇪", "ſ", "ǅ", "ª", "ʰ", "\ufffd", "\x7f", "</s>",
            "<|endoftext|>", "<|im_end|>", "-", "/", "//\n", "…", "،", "(A)", "IMGIMGAZ", "x" * 40]
    return "".join(rnd.choice(bits) for _ in range(4000))


def first_difference(a, b):
    n = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"from id {n} of {len(a)} and {len(b)}: {a[n:n + 6]} and {b[n:n + 6]}"


def check_pairs(vocab, failed):
    inp, out = pathlib.Path(f"{vocab}.inp"), pathlib.Path(f"{vocab}.out")
    if not inp.exists() or not out.exists():
        return 0
    texts = inp.read_bytes().decode().split(GAP)
    want = [[int(i) for i in line.split()] for line in out.read_text().splitlines()]
    got = syc(vocab, texts, "--no-special")
    if isinstance(got, str):
        failed.append(got)
        return 0
    for text, g, w in zip(texts, got, want):
        if g != w:
            failed.append(f"{vocab}: {text!r}: {g}, not {w}")
    return min(len(texts), len(want))


def check_program(program, vocab, paths, failed):
    for path in paths:
        text = pathlib.Path(path).read_bytes().decode()
        for ours, theirs in ((), ()), (("--no-special",), ("--no-parse-special",)):
            got, want = syc(vocab, [text], *ours), peer(program, vocab, path, *theirs)
            if isinstance(got, str) or isinstance(want, str):
                failed.append(f"{vocab}: {path}: {got if isinstance(got, str) else want}")
            elif got[0] != want:
                failed.append(f"{vocab}: {path} {' '.join(ours)}: "
                              f"{first_difference(got[0], want)}")


def kind(vocab):
    m = re.search(rb"tokenizer\.ggml\.model.{12}(\w+)", vocab.read_bytes()[:1 << 16], re.S)
    return m.group(1).decode() if m else ""


def main():
    folder = pathlib.Path(sys.argv[1])
    program, files = (sys.argv[2:3] or [None])[0], sys.argv[3:]
    vocabs = [v for v in sorted(folder.glob("ggml-vocab-*.gguf")) if kind(v) in ("llama", "gpt2")]
    failed = []
    with tempfile.TemporaryDirectory() as tmp:
        for i, text in enumerate([*ranges(), *map(made, range(4))]):
            path = pathlib.Path(tmp, f"made{i}")
            path.write_bytes(text.encode())
            files.append(str(path))
        for v in vocabs:
            before = len(failed)
            n = check_pairs(str(v), failed)
            if program:
                check_program(program, str(v), files, failed)
            print(f"{v.name}: {n} pairs, {len(files) if program else 0} files, "
                  f"{len(failed) - before} differ")
    for f in failed:
        print(f)
    sys.exit(77 if not vocabs else 1 if failed else 0)


if __name__ == "__main__":
    main()
