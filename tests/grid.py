#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""grid.py FOLDER TRAIN SET...: the predictions of syc-study --grid once more, from its scored rows."""
import json
import math
import sys

MASK = (1 << 64) - 1


def claim_hash(text):
    """syc_hash(0, text) of src/base/rand.c."""
    h = 0xcbf29ce484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001b3) & MASK
    return mix(h)


def mix(x):
    x ^= x >> 30
    x = x * 0xbf58476d1ce4e5b9 & MASK
    x ^= x >> 27
    x = x * 0x94d049bb133111eb & MASK
    return x ^ x >> 31


def read(folder, names):
    rows = []
    for number, name in enumerate(names):
        for line in open(f"{folder}/grid/{name}.scored.jsonl"):
            row = json.loads(line)
            if row["shift"] is not None:
                rows.append((number, row["claim"], row["shift"], row["score"]))
    return rows


def pairs(rows, vector, layer):
    """(claim, claim, 1 or 0.5 or 0) of every pair of rows with different shifts."""
    x = [r[3][vector]["prompt"][layer] for r in rows]
    for i in range(len(rows)):
        for k in range(i):
            d = (x[i] - x[k]) * (rows[i][2] - rows[k][2])
            if rows[i][2] != rows[k][2]:
                yield rows[i][1], rows[k][1], 1.0 if d > 0 else 0.5 if d == 0 else 0.0


def concordance(sets, vector, layer, claims):
    """With all pairs and without those of each claim."""
    sums = []
    for rows in sets:
        agree = n = 0.0
        of = {c: [0.0, 0] for c in claims}
        for a, b, s in pairs(rows, vector, layer):
            agree += s
            n += 1
            for c in {a, b}:
                of[c][0] += s
                of[c][1] += 1
        sums.append((agree, n, of))
    whole = [a / n for a, n, _ in sums]
    without = {c: [(a - of[c][0]) / (n - of[c][1]) for a, n, of in sums] for c in claims}
    return sum(whole) / len(whole), {c: sum(w) / len(w) for c, w in without.items()}


def close(a, b, what):
    if not math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-8):
        sys.exit(f"{what}: {a}, again {b}")


def main(folder, train, *others):
    names = sorted([train, *others])
    rows = read(folder, names)
    own = sorted({r[1] for r in rows if r[0] == names.index(train)}, key=claim_hash)
    chooses = set(own[: (len(own) + 1) // 2])
    choose = [r for r in rows if r[1] in chooses]
    sets = [[r for r in rows if r[0] == s and r[1] not in chooses] for s in range(len(names))]
    sets = [s for s in sets if len({r[1] for r in s}) >= 5]
    claims = sorted({r[1] for s in sets for r in s})
    doc = json.load(open(f"{folder}/grid.json"))
    found = {}
    for cell in doc["cells"]:
        if cell["layer"] not in ("all", "low"):
            continue
        n = len(rows[0][3][cell["vector"]]["prompt"])
        best = max(range(n if cell["layer"] == "all" else n // 3), key=lambda l: abs(
            sum(s - 0.5 for _, _, s in pairs(choose, cell["vector"], l))))
        if best != cell["chosen"]:
            sys.exit(f"{cell['vector']}: layer {cell['chosen']}, again {best}")
        x, without = concordance(sets, cell["vector"], best, claims)
        if cell["sign"] < 0:
            x, without = 1 - x, {c: 1 - w for c, w in without.items()}
        close(cell["concordance"], x, cell["vector"])
        found[tuple(cell[k] for k in ("method", "position", "pairs", "number", "balance", "layer"))] = x, without
    compared = 0
    for c in doc["grid"][0]["contrasts"]:
        at = ("method", "position", "pairs", "number", "balance", "layer").index(c["factor"])
        both = [(k, k[:at] + (c["reference"],) + k[at + 1:]) for k in found
                if k[at] == c["level"] and (at == 5 or k[5] == "all")]
        if not both:
            continue
        m, g = len(both), len(claims)
        d = sum(found[a][0] - found[b][0] for a, b in both) / m
        out = [sum(found[a][1][q] - found[b][1][q] for a, b in both) / m for q in claims]
        pseudo = [g * d - (g - 1) * o for o in out]
        mean = sum(pseudo) / g
        close(c["cells"], m, "cells")
        close(c["difference"], d, "difference")
        close(c["difference_se"], math.sqrt(sum((p - mean) ** 2 for p in pseudo) / (g - 1) / g), "standard error")
        compared += 1
    if compared < 6 or doc["grid"][0]["claims"] != len(claims):
        sys.exit(f"{compared} contrasts, {len(claims)} claims")


main(*sys.argv[1:])
