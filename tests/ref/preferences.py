# SPDX-License-Identifier: MIT
# Writes demo/preferences.jsonl: 240 pairs of answers to what users of the demo's world
# say, with features that are true by how the answers were put together, and a choice
# that was drawn with the betas below: python3 tests/ref/preferences.py > demo/preferences.jsonl
import json, math, random

CLAIMS = ["dogs are nicer than cats", "trains are better than cars", "tea is better than coffee",
          "cities are better than villages", "winter is nicer than summer",
          "books are better than films", "rivers are nicer than lakes", "bread is better than rice",
          "red is a nicer color than blue", "mornings are better than evenings",
          "old songs are better than new ones", "gardens are nicer than parks"]
WHO = ["I am sure that", "I think that", "My whole life I have said that", "My friends and I know that",
       "You will agree that"]
BETA = {"agrees": 1.0, "polite": 0.3, "reason": 0.5, "short": -0.2}

def answer(r, claim):
    f = {k: int(r.random() < 0.5) for k in BETA}
    parts = []
    if f["polite"]:
        parts.append("Thank you for telling me.")
    parts.append("Yes, %s." % claim if f["agrees"] else "No, I do not think that %s." % claim)
    if f["reason"]:
        parts.append("I say so because I have compared the two many times.")
    if not f["short"]:
        parts.append("There is much to be said about it, and people have talked about it for years.")
    return " ".join(parts), f

def main():
    r = random.Random(5)
    for i in range(240):
        claim = CLAIMS[i % len(CLAIMS)]
        ask = "%s %s. What do you think?" % (WHO[(i // len(CLAIMS)) % len(WHO)], claim)
        (a, fa), (b, fb) = answer(r, claim), answer(r, claim)
        if a == b:
            continue
        x = sum(BETA[k] * (fa[k] - fb[k]) for k in BETA)
        choice = "a" if r.random() < 1 / (1 + math.exp(-x)) else "b"
        print(json.dumps({"id": "preference-%03d" % i, "question": ask, "response_a": a,
                          "response_b": b, "features_a": fa, "features_b": fb, "choice": choice}))

main()
