# SPDX-License-Identifier: MIT
"""The tables and conclusions of syc-study in a folder, from what they are made of."""
import csv
import json
import os
import re
import sys

folder, train = sys.argv[1:]
asks = None  # whether the declared answer allows the others: check_glance()
MINUS = "\u2212"


def rows(name):
    with open("%s/%s" % (folder, name), encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def lines(name):
    with open("%s/%s" % (folder, name), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def numbers(cell):
    return [float(x) for x in re.findall(r"[-+]?\d+\.\d+", cell.replace(MINUS, "-"))]


def near(cell, want, digits=3):
    got = numbers(cell)
    want = [w for w in want if w not in (None, "NA")]
    assert len(got) == len(want), (cell, want)
    for x, y in zip(got, want):
        assert abs(x - float(y)) <= 0.5001 * 10 ** -digits, (cell, want)


def mean(xs):
    return sum(xs) / len(xs)


def check_letters():
    table = rows("letters.tsv")
    assert len(table) > 1
    for t in table:
        r = [x for x in lines(t["set"] + ".labeled.jsonl") if "twin" not in x]
        given, back = ([x for x in r if x["order"] == o] for o in ("given", "reversed"))
        assert int(t["questions"]) == len(given) == len(back) > 0
        near(t["P(matching) as given"], [mean([x["p_match"] for x in given])])
        near(t["with choices reversed"], [mean([x["p_match"] for x in back])])
        near(t["P(A)"], [mean([x["p_match"] if "A" in x["answer_matching_behavior"] else 1 - x["p_match"] for x in r])])


def check_prediction():
    transfer = {(r["vector"], r["train"], r["test"]): r for r in rows("transfer.tsv")}
    fit = {(r["vector"], r["layer"]): r for r in rows(train + ".tsv")}
    sets = [t["set"] for t in rows("letters.tsv")]
    table = rows("predict.tsv")
    both = {x["label"] for x in lines(train + ".given.jsonl")} >= {0, 1}
    made = {"mean", "pca", "lda", "logistic", "last", "ab", "repeats"}
    assert {t["vector"] for t in table} == (made if both else set())
    for t in table:
        own = transfer[t["vector"], train, train]
        assert own["cross_validated"] == "1"
        assert t["layer and sign"] == own["layer"] + (" " + MINUS if own["sign"] == "-1" else " +")
        for s in sets:
            r = transfer[t["vector"], train, s]
            near(t[s + (" (cross-validated)" if s == train else "")], [r["auc"], r["auc_lo"], r["auc_hi"]])
        r = fit[t["vector"], own["layer"]]
        near(t["random directions (95 %)"], [r["null_lo"], r["null_hi"]])
        near(t["p"], [r["null_p_max"]])
    for t in rows("matrix.tsv"):
        a = t["layer chosen on"].split(",")[0]
        for s in sets:
            r = transfer.get(("mean", a, s))
            if r is None:
                assert t["tested on " + s] == "\u2013", t
                continue
            near(t["tested on " + s], [r["auc"], r["auc_lo"], r["auc_hi"]])
            assert t["tested on " + s].endswith(" *") == (a == s)
    for t in rows("calibration.tsv"):
        r = transfer["mean", t["fitted on"], t["tested on"].replace(" *", "")]
        near(t["Brier score"], [r["brier"]])
        if r["calibration_slope"] != "NA":
            near(t["slope"], [r["calibration_slope"]])


def check_confounds():
    """At the layer that other claims chose, with its sign."""
    fit = json.load(open(folder + "/confounds.json"))["fits"][0]
    if "confounds_apart" in fit:
        apart, test = fit["confounds_apart"], fit["between"]["test"]
        layer, sign, on, alone, fields = test["layer"], 1, "its other claims", test, apart["fields"]
    else:
        others = [r for r in rows("transfer.tsv") if r["vector"] == "mean" and r["train"] == r["test"] != train]
        r = max(others, key=lambda r: int(r["n"]))
        layer, sign, on = int(r["layer"]), int(r["sign"]), r["train"]
        alone, = [x for x in fit["layers"] if x["layer"] == layer]
        fields = alone["confounds"]

    def turned(o, names, at):
        got = [o[k] for k in names]
        if sign > 0 or got[0] is None:
            return got
        return [None if x is None else 2 * at - x for x in (got[0], got[2], got[1])]

    table = {t["held fixed"]: t for t in rows("confounds.tsv")}
    assert set(table) == {"answer_matching_behavior", "n_prompt"}
    for c in fields:
        t = table[c["field"]]
        assert t["layer and sign"] == "%d %s" % (layer, "+" if sign > 0 else MINUS) and t["chosen on"] == on, t
        near(t["AUC alone"], turned(alone, ("auc", "auc_lo", "auc_hi"), 0.5))
        near(t["AUC within equal values"], turned(c, ("within_auc", "within_lo", "within_hi"), 0.5))
        near(t["beside it"], turned(c, ("slope", "slope_lo", "slope_hi"), 0))
    return alone, sign


def check_beside():
    """What stands beside the vector mean is what the programs found."""
    own = {f["vector"]: f for f in json.load(open("%s/%s.json" % (folder, train)))["fits"]}
    assert set(own) >= {"mean", "ab", "repeats"}, set(own)
    nulls, at = own["mean"]["nulls"], int(json.load(open(folder + "/conclusions.json"))["layer"])
    here, = [x for x in own["mean"]["layers"] if x["layer"] == at]
    made = lines("pairs.jsonl")
    kinds = {"random", "cov", "shuffle"} | ({"flip"} if len({claim_of(r) for r in made}) >= 10 else set())
    assert {k for k in nulls if isinstance(nulls[k], dict)} == kinds, nulls
    assert nulls["left_out"] == 0, nulls
    table = {t["beside the vector mean"]: t for t in rows("nulls.tsv")}
    for k, t in table.items():
        near(t["p, best layer"], [nulls[k]["p"]])
        near(t["p there"], [here[("null" if k == "random" else k) + "_p"]])
    told = {t["told by"]: t for t in rows("told.tsv")} if os.path.exists(folder + "/told.tsv") else {}
    for name, key in (("the vector mean", "mean"), ("the letters (ab)", "ab"), ("repeated words (repeats)", "repeats")):
        auc = own[key]["between"]["auc"]
        assert (name in told) == (auc is not None)
        if auc is not None:
            near(told[name]["AUC"], [auc])
    if os.path.exists(folder + "/probe.json"):
        probe = json.load(open(folder + "/probe.json"))["best"]["auc"]
        assert ("a probe, the ceiling" in told) == (probe is not None)


def setting_of(doc, primary):
    """The test of the setting that was fixed before, or of its opposite, and its setting."""
    (t,) = [t for t in doc["tests"] if t["primary"] == primary]
    return t, doc["settings"][t["setting"]]


def check_hypotheses():
    doc = json.load(open(folder + "/primary.json"))
    assert doc["outcome"] == "stance effect" and doc["kl_prompts"] == 16, doc["outcome"]
    assert [(s["kind"], s.get("op"), s.get("scale", 0) < 0) for s in doc["settings"]] == [
        ("none", None, False), ("steer", "add", True), ("steer", "add", False)]
    for t, primary, way in zip(rows("hypotheses.tsv"), (True, False), ("lowers", "raises")):
        o, s = setting_of(doc, primary)
        assert o["settings"] == 1 and o["way"] == t["way"] == way and s["layers"] == t["layers"], (t, o)
        assert (s["scale"] < 0) == primary, s
        near(t["its change"], [o["change"], o["change_lo"], o["change_hi"]])
        near(t["stance effect"], [s["effect"]])
        near(t["p"], [o["p"]])
        near(t["the farthest of them"], [max(n["most"] for n in o["null"]) * (-1 if way == "lowers" else 1)])
        draws = open(folder + "/settings").read().split("\nnull ")[1].split("\n")[0]
        assert t["null vectors"] == draws + " random" and o["null"][0]["draws"] == int(draws), t
    """Each question is asked by users of both views, in both orders."""
    steered = lines("steered.jsonl")
    assert doc["n"] == 2 * len(steered) and len({claim_of(r) for r in steered}) * 2 == len(steered), len(steered)
    made = {claim_of(r) for r in lines("pairs.jsonl")}
    assert not made & {claim_of(r) for r in steered}
    texts = {r["id"]: r["answers"] for r in doc["texts"]}
    for t, r in zip(rows("texts.tsv"), steered):
        assert t["question"] == " ".join(r["question"].split()), t
        want = [" ".join(texts[r["id"]][k].split()) for k in (0, setting_of(doc, True)[0]["setting"], setting_of(doc, False)[0]["setting"])]
        assert [t["unsteered"], t["the setting fixed before"], t["its opposite"]] == want, (t, want)
    slopes = json.load(open(folder + "/slopes.json"))
    (t,), (o,) = rows("slopes.tsv"), slopes["curves"]
    near(t["slope of the log odds"], [o["slope"], o["slope_lo"], o["slope_hi"]])
    assert len(o["questions"]) == len(steered) == int(t["questions"]), t
    most = max(abs(s["scale"]) for s in doc["settings"][1:])
    assert all(abs(a / b - 1) < 1e-6 for a, b in zip(
        [s["scale"] for s in slopes["settings"][1:]], [-most, -most / 2, most / 2, most])), slopes["settings"]


def check_steering():
    for name, source in (("steering.tsv", "sweep.tsv"), ("steering-methods.tsv", "sweep-methods.tsv")):
        all_rows, table = rows(source), rows(name)
        assert len(table) == len(all_rows) >= 6
        for t, r in zip(table, all_rows):
            near(t["stance effect"], [r["effect"]])
            if r["kind"] == "none":
                continue
            near(t["its change"], [r["effect_change"], r["effect_lo"], r["effect_hi"]])
            near(t["change of the control"], [r["control_change"], r["control_change_lo"], r["control_change_hi"]])
            assert t["operator"].endswith("*") == (r["reached"] == "0"), (t, r)
    ops = [(r["kind"], r["op"], r["layers"]) for r in rows("sweep.tsv")]
    assert ops.count(("steer", "ablate", "2")) == 1 and ops.count(("prompt", "NA", "NA")) == 2, ops
    assert {r["vector"] for r in rows("sweep-methods.tsv") if r["kind"] == "steer"} == {
        "mean", "pca", "lda", "logistic", "last"}
    for t, r in zip(rows("cost.tsv"), rows("sweep.tsv")):
        near(t["KL"], [r["kl"]], 4)


def check_claims():
    """What is asked is what it was before, and the same for the same question."""
    seen = {}
    for t in rows("letters.tsv"):
        asked_here = lines(t["set"] + ".asked.jsonl")
        twins = [r for r in asked_here if "twin" in r]
        assert sorted(r["claim"] for r in twins) == sorted({r["claim"] for r in asked_here})
        assert all(r["view"] is None for r in twins)
        for r in asked_here:
            stem, choices = r["question"].split("\n (A) ", 1)
            choices = re.sub(r"\n\nAnswer:.*", "", choices, flags=re.S).split("\n (B) ")
            assert r["claim"].endswith(" / ".join(sorted(choices))), r["claim"]
            asked = r["claim"][:-len(" / ".join(choices)) - 1]
            stem = re.sub(r"\n*Choices:$", "", stem)
            assert stem.endswith(asked) and not re.search(r"[.?!] ", asked), (asked, stem)
            seen.setdefault(r["claim"], []).append(r)
    assert len(seen) >= 10


def claim_of(row):
    stem, choices = row["question"].split("\n (A) ", 1)
    choices = re.sub(r"\n\nAnswer:.*", "", choices, flags=re.S).split("\n (B) ")
    return re.split(r"[.?!] +", re.sub(r"\n*Choices:$", "", stem))[-1], tuple(sorted(choices))


def check_held_out():
    """No claim makes vectors and is scored, or is in two sets; what was left out is counted."""
    sets = [t["set"] for t in rows("letters.tsv")]
    made = {claim_of(r) for r in lines("pairs.jsonl")}
    asked = {s: {claim_of(r) for r in lines(s + ".questions.jsonl")} for s in sets}
    for s in sets:
        scored = {claim_of(r) for r in lines(s + ".jsonl")}
        assert scored and not scored & made, (s, scored & made)
        assert s == train or not asked[s] & (asked[train] | made), s
    assert made & asked[train]
    table = {(t["questions of"], t["used to"]): t for t in rows("splits.tsv")}
    scored = table[train, "choose layer and sign, and test"]
    assert int(scored["rows"]) == len(lines(train + ".jsonl")), scored
    assert int(scored["these claims"]) == len(made & asked[train]), scored
    vectors, = [t for (_, use), t in table.items() if use == "make vectors"]
    assert int(vectors["rows"]) == 6 and int(vectors["claims"]) == len(made), vectors
    assert int(vectors["left out for their claim"]) > 0, vectors
    assert len(table) == len(sets) + 2


def check_control():
    if not os.path.exists(folder + "/control.jsonl"):
        return
    for r in lines("control.jsonl"):
        right = r["question"].split("I think the answer is: ")[1].split("\n")[0]
        assert "%s %s\n" % (r["answer_matching_behavior"].strip(), right) in r["question"], r
    assert {r["answer_matching_behavior"] for r in lines("control.jsonl")} <= {" (A)", " (B)"}


def effect_of(name):
    doc = json.load(open("%s/%s.stance.json" % (folder, name)))
    return doc["opposite_view"] if doc["opposite_view"]["claims"] else doc["no_view"]


def check_glance():
    """Nothing is empty, and what rests on an effect of the view is asked only where there is one."""
    global asks
    table = rows("glance.tsv")
    assert all(cell for t in table for cell in t.values()), table
    first = table[0]
    assert first["Question"].startswith("Declared before: ") and train in first["Question"], first
    near(first["Figures"].split("[")[0], [effect_of(train)["mean"]])
    for s in rows("stance.tsv"):
        doc = json.load(open("%s/%s.stance.json" % (folder, s["set"])))
        of = doc[{"no view": "no_view", "the other view": "opposite_view"}[s["against"]]]
        assert s["claims"] == str(of["claims"]) and s["moved"] in ("", str(doc["labels"]["moved"])), s
    unasked = [t for t in table if t["Answer"].startswith("cannot be asked: ")]
    asks = first["Answer"] in ("follows", "goes against")
    if asks:
        assert not any("a view" in t["Answer"] for t in unasked), unasked
    else:
        (t,) = unasked
        assert re.search(" on %s; nor can [0-9]+ more that rest on it$" % train, t["Answer"]), t
        assert t["Figures"] == "\u2013" and len(table) == 5, table


def holm(p, family):
    """Adjusted p values by name; None where there is none."""
    order = sorted((x, k) for k, x in p.items() if x is not None)
    out, most = {k: None for k in p}, 0
    for i, (x, k) in enumerate(order):
        most = max(most, min(1, x * (family - i)))
        out[k] = most
    return out


def check_conclusions():
    """The same words as the table; every number is one of the programs', in full."""
    doc = json.load(open(folder + "/conclusions.json"))
    found = doc["conclusions"]
    shown = {t["Question"]: t for t in rows("glance.tsv")}
    for c in found:
        t = shown.get(c["question"])
        assert t or c["verdict"] == "unasked", c
        for column, key in (("Figures", "figures"), ("Rests on", "rests_on"), ("Seen with 80 % power", "seen"), ("Next", "next")):
            assert not t or t[column] == c[key], (t, c)
        assert not t or t["Answer"].split("; nor can ")[0] == c["answer"], (t, c)
    keys = [c["key"] for c in found]
    assert keys == ["declared", "stance", "moved", "prediction", "shift", "ceiling", "nulls", "letters", "rival",
                    "increment", "elsewhere", "confounds", "likeness", "steers",
                    "opposite", "slopes", "denial", "asking"]
    found = {c["key"]: c for c in found}
    for e in found["declared"]["numbers"]["sets"] + found["stance"]["numbers"]["sets"]:
        want = effect_of(e["set"])
        assert (e["effect"], e["claims"]) == (want["mean"], want["claims"]), (e, want)
        assert e.get("p") == want["p"], (e, want)
    moved = {t["set"]: int(t["moved"]) for t in rows("stance.tsv")}
    assert {r["set"]: r["moved"] for r in found["moved"]["numbers"]["sets"]} == moved
    if not asks:
        return
    fit, = [f for f in json.load(open("%s/%s.json" % (folder, train)))["fits"] if f["vector"] == "mean"]
    got = found["prediction"]["numbers"]
    assert got["auc"] == fit["between"]["auc"] and got["claims"] == fit["between"]["claims"], got
    alone, sign = check_confounds()
    same(found["confounds"]["numbers"], alone, ["auc", "auc_lo", "auc_hi"] if sign > 0 else [])
    shifts = json.load(open(folder + "/shift.json"))["fits"][0]["layers"]
    best = min((x for x in shifts if x["p"] is not None), key=lambda x: x["p"])
    same(found["shift"]["numbers"], best, ["layer", "rho", "r"])
    assert found["shift"]["numbers"].get("p", min(x["p_adj"] for x in shifts)) == min(x["p_adj"] for x in shifts)
    doc = json.load(open(folder + "/primary.json"))
    for key, primary in (("steers", True), ("opposite", False)):
        o, s = setting_of(doc, primary)
        same(found[key]["numbers"], s, ["vector", "op", "layers", "scale"])
        same(found[key]["numbers"], o, ["change", "change_lo", "change_hi", "p", "p_least", "claims", "rows"])
    if "control" in doc["settings"][0]:
        assert found["denial"]["numbers"]["control_change"] == setting_of(doc, True)[1]["control"]["change"]


def same(got, want, keys):
    for k in keys:
        assert got[k] == want[k] or abs(got[k] - want[k]) <= 1e-11 * abs(want[k]), (k, got, want)


check_glance()
check_letters()
check_claims()
check_held_out()
check_control()
check_conclusions()
if asks:
    check_prediction()
    check_beside()
    check_hypotheses()
    check_steering()
else:
    made = [f for f in os.listdir(folder) if re.match("equal|primary|slopes|hypotheses|sweep|transfer|confounds|predict|shift|probe|steering", f)]
    assert not made, made
