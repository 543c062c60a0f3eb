#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The figures that tests/check_agree.c compares with, from other people's code.

    python3 tests/ref/agree.py > tests/data/agree_cases.json

Cohen's kappa and its standard error, Fleiss' kappa: statsmodels.  The standard
error of Fleiss' kappa: the numerical derivative by every row's weight.
"""
import json

import numpy as np
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa, to_table
from statsmodels.stats.proportion import proportion_confint


def draw(seed, n, raters, truth=0.8, share=0.5, undecided=0.0):
    rng = np.random.default_rng(seed)
    true = rng.random(n) < share
    labels = np.array([np.where(rng.random(n) < truth, true, ~true) for _ in range(raters)])
    labels = labels.astype(int)
    labels[rng.random(labels.shape) < undecided] = 2
    return labels


def cases():
    yield "two", draw(1, 60, 2)
    yield "skewed", draw(2, 80, 2, share=0.9)
    yield "three", draw(3, 50, 3)
    yield "five", draw(4, 40, 5, truth=0.7)
    yield "undecided", draw(5, 70, 2, undecided=0.2)
    yield "undecided_three", draw(6, 70, 3, undecided=0.1)
    yield "against", np.array([[0, 1, 0, 1, 1, 0], [1, 0, 1, 0, 0, 1]])
    yield "same", np.array([[0, 1, 0, 1, 1], [0, 1, 0, 1, 1]])
    yield "n_three", np.array([[0, 1, 1], [0, 1, 0], [1, 1, 0]])
    yield "constant", np.array([[1, 1, 1, 1], [1, 1, 1, 1]])
    yield "one_constant", np.array([[1, 1, 1, 1], [1, 0, 1, 0]])


def fleiss_of(table, weight):
    n = table.sum(axis=1)[0]
    share = weight / weight.sum()
    agree = share @ ((table * (table - 1)).sum(axis=1) / (n * (n - 1)))
    p = share @ (table / n)
    return (agree - p @ p) / (1 - p @ p)


def number(x):
    return float(x) if np.isfinite(x) else None


def fleiss(labels):
    table = aggregate_raters(labels.T, n_cat=3)[0]
    n, raters = len(table), table.sum(axis=1)[0]
    with np.errstate(all="ignore"):
        k = fleiss_kappa(table[:, table.sum(axis=0) > 0])
    out = {"n": n, "kappa": number(k), "se": None,
           "agree": ((table * (table - 1)).sum(axis=1) / (raters * (raters - 1))).mean()}
    if np.isfinite(k):
        h, one = 1e-5, np.ones(n)
        d = [(fleiss_of(table, one + h * np.eye(n)[i]) - fleiss_of(table, one - h * np.eye(n)[i]))
             / (2 * h) for i in range(n)]
        assert abs(fleiss_of(table, one) - k) < 1e-12
        out["se"] = number(np.sqrt(np.sum(np.square(d))))
    return out


def cohen(a, b):
    table = to_table(np.column_stack([a, b]), bins=np.arange(4) - 0.5)[0]
    agree = (a == b).mean()
    out = {"n": len(a), "agree": agree, "kappa": None, "se": None}
    out["agree_lo"], out["agree_hi"] = proportion_confint((a == b).sum(), len(a), method="wilson")
    chance = sum((a == l).mean() * (b == l).mean() for l in range(3))
    if chance < 1:
        r = cohens_kappa(table)
        out["kappa"], out["se"] = r.kappa, r.std_kappa
        rows = len(a) if agree in (0, 1) or not r.std_kappa > 0 else \
            agree * (1 - agree) / (r.std_kappa * (1 - chance)) ** 2
        for end, v in zip(("lo", "hi"),
                          proportion_confint(agree * rows, rows, method="wilson")):
            out[end] = (v - chance) / (1 - chance)
    return out


def case(name, labels):
    decided = labels[:, (labels < 2).all(axis=0)]
    return {"name": name, "labels": labels.tolist(),
            "cohen": cohen(*decided[:2]), "cohen_all": cohen(*labels[:2]),
            "fleiss": fleiss(decided), "fleiss_all": fleiss(labels)}


def main():
    print("[" + ",\n".join(json.dumps(case(*c), allow_nan=False) for c in cases()) + "]")


main()
