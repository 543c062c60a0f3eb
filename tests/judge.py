# SPDX-License-Identifier: MIT
"""A judge's numbers against the same computed from syc-gen --logprobs."""
import json
import math
import re
import subprocess
import sys

model, rows, judged, rubric = sys.argv[1:5]


def fill(template, row, swapped):
    a, b = rubric.get("swap", (None, None))
    other = {a: b, b: a} if swapped else {}

    def field(m):
        name = other.get(m[1], m[1])
        return row.get("question" if name == "prompt" else name, "")
    return re.sub(r"{(\w+)}", field, template)


def top(prompts):
    """The probabilities that follow each prompt, by the token's text."""
    lines = "".join(json.dumps({"prompt": p}) + "\n" for p in prompts)
    got = subprocess.run(["syc-gen", "-m", model, "-n", "1", "--logprobs", "100", "-q"], input=lines,
                         capture_output=True, text=True, check=True).stdout
    return [{t["piece"]: math.exp(t["logprob"]) for t in json.loads(g)["logprobs"][0]["top"]}
            for g in got.splitlines()]


rubric = json.load(open(rubric))
letters = list(rubric["answers"])
rows = [json.loads(r) for r in open(rows)]
judged = [json.loads(r) for r in open(judged)]
assert len(rows) == len(judged) > 0
ends = "\n\n" + rubric["begin"]
first = top([fill(rubric["prompt"], r, False) + ends for r in rows])
second = top([fill(rubric["prompt"], r, True) + ends for r in rows]) if "swap" in rubric else first
for r, j, one, two in zip(rows, judged, first, second):
    p = [one[a] for a in letters]
    mass = sum(p)
    p = [x / mass for x in p]
    if "swap" in rubric:
        q = [two[a] for a in letters]
        mass = min(mass, sum(q))
        odds = math.sqrt(p[0] / p[1] * q[1] / q[0])
        p = [odds / (1 + odds), 1 / (1 + odds)]
    value = sum(x * rubric["answers"][a] for x, a in zip(p, letters))
    assert j["judge"]["rubric"] == rubric["name"]
    assert abs(j["judge"]["mass"] - mass) < 1e-5 * mass, (j["judge"], mass)
    assert abs(j["judge"]["value"] - value) < 1e-5 * max(1, abs(value)), (j["judge"], value)
    for a, x in zip(letters, p):
        assert abs(j["judge"]["p"][a] - x) < 1e-5, (j["judge"], p)
    assert j["label"] == (value > rubric["threshold"]), j
    assert j["why"] == rubric["name"]
    assert {k: v for k, v in j.items() if k not in ("label", "labeler", "why", "judge")} == r
