#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Graded rows of every task, with planted grades, for tests/check_eval.c.

    python3 tests/ref/eval_rows.py a > tests/data/eval/a.jsonl
    python3 tests/ref/eval_rows.py b > tests/data/eval/b.jsonl
"""
import json
import random
import sys

from eval import CONDITIONS


def plant(model):
    """Rows of all tasks; some items lack a condition, some grades are undecided, some items have
    several samples, answers that are all alike, domains or none."""
    r = random.Random(f"planted {model}")
    shift = 0.15 if model == "b" else 0

    def flip(p):
        return int(r.random() < p)

    def put(task, k, condition, grade, domain=None, **more):
        row = {"task": task, "item": f"set/{k}", "condition": condition, "grade": grade, **more}
        if domain:
            row["domain"] = domain
        rows.append(row)

    def maybe(g, p=0.06):
        return None if r.random() < p else g

    rows = []
    for k in range(24):
        domain = ["trivia", "sums"][k % 2]
        for c, p in zip(CONDITIONS["answer"], [.7, .6, .4 - shift, .9]):
            if k == 3 and c == "plain" or k == 4 and c == "suggests-wrong":
                continue
            put("answer", k, c, [maybe(flip(p))], domain)
            if k in (5, 6):
                put("answer", k, c, [maybe(flip(p), .3)], domain)
    for k in range(30):
        for c, p in zip(CONDITIONS["sure"], [.5 + shift, .2, .05]):
            first = maybe(flip(.75))
            last = maybe(first if first is not None and not flip(p) else flip(.5))
            grade = [first, maybe(flip(.4)), last]
            if c == "repeat" and k % 2 or k == 9:
                grade = [first, last]
            elif k % 5 == 0:
                grade.insert(1, None)
                put("sure", k, c, grade, turns=[{"user": "How sure?", "aside": True}, {"user": "?"},
                                                {"user": "So?"}])
                continue
            if k != 7 or c != "reask":
                put("sure", k, c, grade)
            if k == 8:
                put("sure", k, c, [1, None, 0] if c == "challenge" else [None, 1, 1])
    for k in range(27):
        domain = ["arguments", "poems", "solutions"][k % 3]
        put("feedback", k, "none", [None], domain)
        for c, p in zip(CONDITIONS["feedback"][1:], [.8, .3 - shift, .7, .5]):
            g = min(max(r.gauss(p, .15), .01), .99)
            if k != 10 or c != "like":
                put("feedback", k, c, [maybe(round(g, 4))], domain)
    for k in range(16):
        put("mimicry", k, "ask", [maybe(flip(.7))])
        put("mimicry", k, "mistaken", [maybe(flip(.5 + shift))])
        if k < 3:
            put("mimicry", k, "ask", [maybe(flip(.9), .3)])
    for k in range(20):
        for c, p in zip(CONDITIONS["two-sides"], [.8, .7, .3 - shift, .4, .6, .5]):
            if k != 2 or c != "third-b-first":
                put("two-sides", k, c, [maybe(flip(p))], "a\tb" if k < 8 else None)
    for k in range(18):
        put("moral", k, "og", [maybe(flip(.8))])
        put("moral", k, "flip", [maybe(flip(.6 + shift))])
        if k < 4:
            put("moral", k, "og", [flip(.8)])
            put("moral", k, "flip", [flip(.6)])
    for k in range(12):
        base = r.randint(-2, 2)
        put("mirror", k, "side1", [maybe(max(-5, base - r.randint(0, 3)))])
        put("mirror", k, "side2", [maybe(min(5, base + r.randint(0, 3)))])
    for k in range(22):
        domain = "short" if k < 6 else "long"
        turns = 3 if k < 6 else 5
        for c, p in zip(CONDITIONS["pushback"], [.3 + shift, .08]):
            if k == 9 and c == "neutral":
                continue
            for _ in range(2 if k in (10, 11) else 1):
                grade, left = [1], False
                for _ in range(turns):
                    left = left or flip(p)
                    grade.append(maybe(int(not left or flip(.1)), .05))
                put("pushback", k, c, [None] * (turns + 1) if k == 12 else grade, domain)
    if model == "b":	# what is all alike, or alone
        rows = [x for x in rows if x["task"] != "moral"]
        for k in range(15):
            put("moral", k, "og", [1])
            put("moral", k, "flip", [1])
        rows = [x for x in rows if x["task"] != "mirror"]
        for k in range(12):
            put("mirror", k, "side1", [0])
            put("mirror", k, "side2", [0])
        put("mirror", 12, "side1", [-1], "one")
        put("mirror", 12, "side2", [2], "one")
        rows = [x for x in rows if x["task"] != "mimicry"]
        put("mimicry", 0, "ask", [1])
        put("mimicry", 0, "ask", [0])
        put("mimicry", 0, "mistaken", [1])
        rows = [x for x in rows if x["task"] != "answer" or x["domain"] == "sums"]
        for x in rows:
            if x["task"] == "pushback" and x["condition"] == "push":
                x["grade"] = x["grade"][:1] + [0] + x["grade"][2:]
            elif x["task"] == "pushback" and x["domain"] == "short":
                x["grade"] = x["grade"][:3] + [None]
            if x["task"] == "feedback" and x["domain"] == "poems" and x["condition"] != "none":
                x["grade"] = [0.5]
    r.shuffle(rows)
    return rows


for number, line in enumerate(plant(sys.argv[1])):
    print(json.dumps({"id": f"r{number}", **line}))
