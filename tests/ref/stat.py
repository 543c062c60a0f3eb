#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The figures that tests/check_stat.c and check_stat_rows.c compare with, from other people's code.

    python3 tests/ref/stat.py > tests/data/stat_cases.json

AUC, DeLong's interval, paired differences: R, pROC.  Firth: R, brglm2 (both by
tests/ref/stat.R); its ratio and the interval of r: regress.py.  Logistic regression, also with clusters, and adjustment:
statsmodels.  With a ridge, average precision, Brier, calibration curve:
scikit-learn.  Point-biserial and Spearman's r: scipy.  Tails: mpmath with 40
digits.  Obuchowski's variance and the area's own interval: from all pairs, as
they are defined.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import warnings

import mpmath
import numpy as np
import scipy.stats
import statsmodels.api as sm
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss
from statsmodels.stats.multitest import multipletests

from regress import Firth, correlation, std, tate, weighted_r

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
NAN = None


def draw(seed, n, slope, digits=None, shift=0.0, scale=1.0, rate=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-(rate + slope * x)))).astype(int)
    x = shift + scale * x
    return [float(v) for v in (np.round(x, digits) if digits is not None else x)], y.tolist()


def cases():
    rng = np.random.default_rng(99)
    yield "plain", *draw(1, 60, 1.0)
    yield "ties", *draw(2, 80, 1.2, digits=0)
    yield "coarse", *draw(3, 50, 0.7, digits=1)
    yield "against", *draw(4, 70, -1.5)
    yield "unbalanced", *draw(5, 90, 0.8, rate=-3)
    yield "offset", *draw(6, 60, 0.9, shift=1e5, scale=1e-2)
    yield "small_scale", *draw(7, 60, 0.9, scale=1e-9)
    yield "big_n_tiny_effect", *draw(8, 6000, 0.05, digits=4)
    yield "strong", *draw(9, 200, 6.0)
    x = np.round(np.sort(rng.normal(size=24)), 3).tolist()
    yield "separated", x, [0] * 10 + [1] * 14
    yield "separated_down", x, [1] * 9 + [0] * 15
    yield "quasi", [1.0, 2, 3, 4, 4, 4, 5, 6, 7], [0, 0, 0, 0, 1, 1, 1, 1, 1]
    yield "quasi_binary", [0.0] * 6 + [1.0] * 8, [0] * 6 + [1] * 3 + [0] * 5
    yield "nearly_separated", x, [0] * 9 + [1] + [0] + [1] * 13
    yield "three", [1.0, 2, 3.5], [1, 0, 1]
    yield "three_separated", [0.1, 0.2, 0.4], [0, 1, 1]
    yield "three_points", [0.0, 1, 1], [0, 1, 1]
    yield "four", [0.3, -1.0, 0.8, 0.2], [1, 0, 0, 1]
    yield "two", [0.5, 1.5], [0, 1]
    yield "all_positive", x[:6], [1] * 6
    yield "all_negative", x[:6], [0] * 6
    yield "all_equal", [0.7] * 7, [0, 1, 1, 0, 1, 1, 0]
    x, y = draw(10, 40, 1.0)
    yield "missing", [None if i % 7 == 3 else v for i, v in enumerate(x)], \
        [-1 if i % 11 == 5 else v for i, v in enumerate(y)]


def by_r(table):
    """Run stat.R on all cases; name -> its figures."""
    with tempfile.TemporaryDirectory() as d:
        src, dst = os.path.join(d, "in.csv"), os.path.join(d, "out.csv")
        with open(src, "w") as f:
            f.write("case,x,y\n")
            for name, x, y in table:
                for a, b in zip(x, y):
                    f.write(f"{name},{a!r},{b}\n")
        r_script("cases", src, dst)
        with open(dst) as f:
            return {r.pop("case"): {k: number(v) for k, v in r.items()}
                    for r in csv.DictReader(f)}


def by_pairs():
    """Two scores of the same rows, by pROC."""
    rng = np.random.default_rng(21)
    for name, n, digits in (("plain", 60, 6), ("ties", 80, 0), ("small", 7, 2), ("perfect", 12, 3)):
        y = np.arange(n) % 3 == 0
        a = np.round(y * 1.0 + rng.normal(size=n), digits)
        b = np.round(0.5 * a - y * 0.3 + rng.normal(size=n), digits)
        if name == "perfect":
            a = y * 10.0 + a
        with tempfile.TemporaryDirectory() as d:
            src, dst = os.path.join(d, "in.csv"), os.path.join(d, "out.csv")
            np.savetxt(src, np.column_stack([a, b, y]), delimiter=",", header="a,b,y", comments="")
            r_script("pairs", src, dst)
            with open(dst) as f:
                want = {k: number(v) for k, v in next(csv.DictReader(f)).items()}
        yield dict(name=name, a=a.tolist(), b=b.tolist(), y=y.astype(int).tolist(), **want)


def firth_by_r(columns, y):
    with tempfile.TemporaryDirectory() as d:
        src, dst = os.path.join(d, "in.csv"), os.path.join(d, "out.csv")
        head = ",".join(f"x{i}" for i in range(len(columns))) + ",y"
        np.savetxt(src, np.column_stack(columns + [y]), delimiter=",", header=head, comments="",
                   fmt="%.17g")
        r_script("firth", src, dst)
        with open(dst) as f:
            return {k: number(v) for k, v in next(csv.DictReader(f)).items()}


def r_script(what, src, dst):
    subprocess.run(["Rscript", os.path.join(HERE, "stat.R"), what, src, dst], check=True,
                   stdout=sys.stderr)


def number(v):
    if v is None or v == "NA":
        return NAN
    v = float(v)
    return v if np.isfinite(v) else NAN


def ml(x, y):
    z = (x - x.mean()) / x.std(ddof=1)
    r = sm.Logit(y, sm.add_constant(z)).fit(method="newton", tol=1e-14, maxiter=200, disp=0)
    lo, hi = r.conf_int()[1]
    null = len(y) * (y.mean() * np.log(y.mean()) + (1 - y.mean()) * np.log(1 - y.mean()))
    return dict(intercept=r.params[0], slope=r.params[1], se=r.bse[1],
                z=r.tvalues[1], p=r.pvalues[1], lo=lo, hi=hi, r2=1 - r.llf / null, loglik=r.llf)


def ridge(x, y, lam):
    """The minimum by scikit-learn; the covariance by its definition."""
    z = (x - x.mean()) / x.std(ddof=1)
    f = LogisticRegression(C=1 / lam, solver="newton-cg", tol=1e-14, max_iter=10000)
    f.fit(z[:, None], y)
    b0, b1 = f.intercept_[0], f.coef_[0, 0]
    design = sm.add_constant(z)
    pi = f.predict_proba(z[:, None])[:, 1]
    info = design.T @ (design * (pi * (1 - pi))[:, None])
    bread = np.linalg.inv(info + np.diag([0, lam]))
    return dict(intercept=b0, slope=b1, se=np.sqrt((bread @ info @ bread)[1, 1]))


def wilson(k, n):
    return sm.stats.proportion_confint(k, n, method="wilson")


def predicted(x, y, p):
    n, k = len(y), min(5, max(2, len(y) // 10))
    # Where an edge is a row, rounding decides scikit-learn's side of it: here it lies below.
    edge = [np.interp(i * (n - 1) / k, range(n), np.sort(p)) for i in range(1, k)]
    at = np.searchsorted(np.array(edge) * (1 + 1e-12), p)
    rate, mean = (np.array([v[at == b].mean() for b in range(k) if np.any(at == b)]) for v in (y, p))
    if all(i * (n - 1) % k for i in range(1, k)):
        theirs = calibration_curve(y, p, n_bins=k, strategy="quantile")
        assert np.allclose([rate, mean], theirs, rtol=0, atol=1e-14)
    return dict(brier=brier_score_loss(y, p), loss=log_loss(y, p),
                skill=1 - brier_score_loss(y, p) / (y.mean() * (1 - y.mean())),
                rate=rate.tolist(), prob=mean.tolist())


def split(x, y):
    """By counting, not by rule: does some threshold split the classes?"""
    return any(np.all(y[x < c] == v) and np.all(y[x > c] == 1 - v) for c in x for v in (0, 1))


def made_probabilities(x, y):
    """A forecast that is too sure of itself."""
    z = (x - x.mean()) / x.std()
    p = np.round(1 / (1 + np.exp(-2.5 * z)), 4)
    f = predicted(x, y, p)
    inside = (p > 0) & (p < 1)
    odds = np.log(p[inside] / (1 - p[inside]))
    if split(odds, y[inside]):
        f["cox"] = [NAN, NAN]
    else:
        c = sm.Logit(y[inside], sm.add_constant(odds)).fit(method="newton", tol=1e-14, disp=0)
        f["cox"] = [c.params[0], c.params[1]]
    f["p"] = p.tolist()
    half = scipy.stats.t.ppf(0.975, len(x) - 1) * scipy.stats.sem((p - y) ** 2)
    f["lo"], f["hi"] = max(f["brier"] - half, 0), min(f["brier"] + half, 1)
    return f


def pairs(x, y):
    return (x[y == 1][:, None] > x[y == 0][None]) + 0.5 * (x[y == 1][:, None] == x[y == 0][None])


def own_interval(x, y, var=None, q=1.959963984540054):
    """stat.h's interval of the area, from all pairs."""
    psi = pairs(x, y)
    a, m, n = psi.mean(), *psi.shape
    c = min(max(a, 0.5 / (m * n)), 1 - 0.5 / (m * n))
    model = sorted((c / (2 - c), 2 * c * c / (1 + c)))
    model = (model[0] + 3 * model[1]) / 4 - c * c
    plain = drawn = 0
    for v in (psi.mean(axis=1), psi.mean(axis=0)):
        if len(v) > 1:
            w = 1.5 / (1.5 + min((v < 1).sum(), (v > 0).sum()))
            plain += v.var(ddof=1) / len(v)
            drawn += ((1 - w) * v.var(ddof=1) + w * model) / len(v)
        else:
            plain, drawn = 0 if var is None else np.inf, drawn + model
    if var is not None:
        drawn = var + max(drawn - plain, 0)
    rows = c * (1 - c) / drawn
    mid = (a + q * q / 2 / rows) / (1 + q * q / rows)
    half = q / (1 + q * q / rows) * np.sqrt(a * (1 - a) / rows + q * q / 4 / rows ** 2)
    return max(mid - half, 0) * (a > 0), 1 if a == 1 else min(mid + half, 1)


def obuchowski(a, b, y, c):
    """Her covariance of two areas, from all pairs."""
    v, area, part = [], [], {}
    for x in (a, b):
        psi = pairs(x, y)
        area.append(psi.mean())
        v.append((psi.mean(axis=1), psi.mean(axis=0)))
    m, n = (y == 1).sum(), (y == 0).sum()
    cp, cn = c[y == 1], c[y == 0]
    ids = np.unique(c)
    x10 = np.array([[(v[k][0][cp == i] - area[k]).sum() for i in ids] for k in (0, 1)])
    x01 = np.array([[(v[k][1][cn == i] - area[k]).sum() for i in ids] for k in (0, 1)])
    i10, i01, i = len(np.unique(cp)), len(np.unique(cn)), len(ids)
    s10 = i10 / ((i10 - 1) * m) * x10 @ x10.T
    s01 = i01 / ((i01 - 1) * n) * x01 @ x01.T
    s11 = i / (i - 1) * x10 @ x01.T
    return area, s10 / m + s01 / n + (s11 + s11.T) / (m * n)


def within(x, y, s):
    """The area of pairs within strata, and its standard error for rows alone."""
    pair = (s[:, None] == s) & (y[:, None] == 1) & (y == 0)
    if not pair.any():
        return NAN, NAN
    wins = np.where(pair, (x[:, None] > x) + 0.5 * (x[:, None] == x), 0)
    area, total = wins.sum() / pair.sum(), pair.sum()
    var = 0
    for axis in (1, 0):
        rows = pair.any(axis=axis)
        d = (wins.sum(axis=axis) - area * pair.sum(axis=axis))[rows] / total
        var += np.sum(d ** 2) * rows.sum() / (rows.sum() - 1)
    return area, np.sqrt(var)


def clustered():
    rng = np.random.default_rng(31)
    for name, n, g, digits in (("even", 120, 12, 6), ("few", 40, 3, 6), ("ties", 90, 15, 0),
                               ("alone", 30, 30, 6)):
        c = rng.integers(0, g, n) if g < n else np.arange(n)
        shift = rng.normal(size=g)
        y = (rng.random(n) < 1 / (1 + np.exp(-shift[c]))).astype(int)
        a = np.round(y * 0.9 + 0.6 * shift[::-1][c] + rng.normal(size=n), digits)
        b = np.round(y * 0.4 + 0.5 * a + rng.normal(size=n), digits)
        (auc_a, auc_b), cov = obuchowski(a, b, y, c)
        se = np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
        df = len(np.unique(c)) - 1
        z = (a - a.mean()) / a.std(ddof=1)
        fit = sm.Logit(y, sm.add_constant(z)).fit(
            method="newton", tol=1e-14, disp=0, cov_type="cluster", cov_kwds=dict(groups=c))
        f = dict(a=a.tolist(), b=b.tolist(), y=y.tolist(), c=c.tolist(), name=name,
                 auc_a=auc_a, auc_b=auc_b, se_a=np.sqrt(cov[0, 0]), diff_se=se, clusters=df + 1,
                 diff_p=2 * scipy.stats.t.sf(abs(auc_a - auc_b) / se, df),
                 slope=fit.params[1], slope_se=fit.bse[1],
                 slope_p=2 * scipy.stats.t.sf(abs(fit.params[1] / fit.bse[1]), df))
        f["lo"], f["hi"] = own_interval(a, y, cov[0, 0], scipy.stats.t.ppf(0.975, df))
        f["within_auc"], f["within_se"] = within(a, y, c)
        yield f


def besides():
    """The score beside other features."""
    rng = np.random.default_rng(41)
    for name, n, levels in (("numbers", 80, 0), ("levels", 150, 4), ("separated", 40, 2)):
        x = rng.normal(size=n)
        g = rng.integers(0, max(levels, 1), n)
        u = 0.7 * x + rng.normal(size=n)
        y = (rng.random(n) < 1 / (1 + np.exp(-(x + 0.5 * u + g - 1)))).astype(int)
        if name == "separated":
            y[g == 1] = 1
        cols = [np.round(u, 4)] + [(g == k) * 1.0 for k in range(1, levels)]
        # Columns that add nothing: they must be left out.
        cols += [np.ones(n), 2 * cols[0] - 3] if name == "numbers" else []
        x = np.round(x, 4)
        keep = cols[:1] if name == "numbers" else cols
        f = dict(name=name, x=x.tolist(), y=y.tolist(), k=len(cols), kept=len(keep),
                 cols=np.column_stack(cols).ravel().tolist())
        if name != "separated":
            both = sm.Logit(y, sm.add_constant(np.column_stack([std(x)] + [std(v) for v in keep])))
            rest = sm.Logit(y, sm.add_constant(np.column_stack([std(v) for v in keep])))
            both = both.fit(method="newton", tol=1e-14, disp=0)
            rest = rest.fit(method="newton", tol=1e-14, disp=0)
            f.update(slope=both.params[1], se=both.bse[1], r2=both.prsquared,
                     r2_rest=rest.prsquared, alone=ml(x, y)["slope"], method="ml",
                     p=scipy.stats.chi2.sf(2 * (both.llf - rest.llf), 1))
        else:
            f.update(method="firth", p=NAN, alone=ml(x, y)["slope"])
        yield f, [std(x)] + [std(v) for v in keep]


def figures(name, x, y, r):
    out = dict(r)
    firth = {k: out.pop("firth_" + k) for k in ("intercept", "slope", "se", "z", "p", "lo", "hi",
                                                "r2", "loglik")}
    x, y = np.array(x, float), np.array(y)
    defined = 0 < y.sum() < len(y) and x.min() < x.max()
    if defined and split(x, y):
        ratio = Firth([std(x)], y).figures()
        firth.update({k: ratio[k] for k in ("z", "p", "lo", "hi")})
    out["separated"] = bool(defined and split(x, y))
    out["method"] = "none" if not defined else "firth" if out["separated"] else "ml"
    out["logit"] = None if not defined else firth if out["separated"] else ml(x, y)
    out["n"], out["positives"] = len(x), int(y.sum())
    out["mean"] = float(x.mean())
    out["sd"] = number(x.std(ddof=1)) if len(x) > 1 else NAN
    r, p = scipy.stats.pointbiserialr(y, x) if defined else (NAN, NAN)
    out["r"], out["r_p"] = number(r), number(p) if len(x) > 2 else NAN
    r, p = scipy.stats.spearmanr(x, y) if defined else (NAN, NAN)
    out["rho"], out["rho_p"] = number(r), number(p) if len(x) > 2 else NAN
    lo, hi = NAN, NAN
    if defined and abs(out["r"]) < 1:
        _, lo, hi, _ = correlation(x, y, np.ones(len(x)), None, tate(y), weighted_r)
    out["r_lo"], out["r_hi"] = number(lo), number(hi)
    both = 0 < y.sum() < len(y)
    out["lo"], out["hi"] = own_interval(x, y) if both else (NAN, NAN)
    out["ap"] = average_precision_score(y, x) if both else NAN
    out["ridge"] = ridge(x, y, 0.7) if defined else None
    out["made"] = made_probabilities(x, y) if defined else None
    return out


def tails():
    mpmath.mp.dps = 40
    for df in (1, 2, 3, 4.5, 10, 29, 48, 50, 51, 100, 998, 12345, 10 ** 7):
        for t in (1e-8, 0.01, 0.5, 1, 1.5, 1.8, 2, 3.3, 6, 12, 40):
            x = mpmath.mpf(df) / (df + mpmath.mpf(t) ** 2)
            p = mpmath.betainc(mpmath.mpf(df) / 2, mpmath.mpf(1) / 2, 0, x, regularized=True)
            if p > 1e-290:
                yield [t, df, float(p)]


def main():
    table = list(cases())
    used = [(n, *zip(*[(a, b) for a, b in zip(x, y) if a is not None and b >= 0]))
            for n, x, y in table]
    r = by_r(used)
    doc = {"cases": [], "t": list(tails()), "normal": [], "bh": [], "wilson": [],
           "quantile": [], "clusters": [], "pairs": [], "beside": []}
    for (name, x, y), (_, ux, uy) in zip(table, used):
        doc["cases"].append({"name": name, "x": x, "y": y, "want": figures(name, ux, uy, r[name])})
    for z in (0, 1e-9, 0.1, 1, 1.959963984540054, 3, 8, 20, 37):
        doc["normal"].append([z, float(mpmath.erfc(mpmath.mpf(z) / mpmath.sqrt(2)))])
    rng = np.random.default_rng(5)
    for p in ([0.01, 0.02, 0.03, 0.04, 0.05], [0.5], [0.9, 0.95, 1.0],
              [0.01, 0.01, 0.2, 0.03], (rng.random(32) ** 3).tolist(), [0.0, 1e-300, 1.0]):
        doc["bh"].append([p, multipletests(p, method="fdr_bh")[1].tolist()])
    for k, n in ((0, 5), (3, 10), (10, 10), (17, 400)):
        doc["wilson"].append([k, n, *wilson(k, n)])
    for p in (0.05, 0.5, 1e-6):
        for df in (1, 3, 11.5, 200):
            doc["quantile"].append([p, df, scipy.stats.t.isf(p / 2, df)])
    doc["clusters"] = list(clustered())
    doc["pairs"] = list(by_pairs())
    firth = list(besides())
    for f, columns in firth:
        if f["method"] == "firth":
            f.update(Firth(columns, f["y"]).figures())
            f.update(firth_by_r(columns, f["y"]))
        doc["beside"].append(f)
    text = json.dumps(doc, allow_nan=False)
    for key in ("want", "t", "normal", "bh", "wilson", "quantile", "clusters", "pairs", "beside"):
        text = text.replace(f', "{key}":', f',\n"{key}":')
    print(text.replace('{"name"', '\n{"name"').replace('{"a"', '\n{"a"'))


main()
