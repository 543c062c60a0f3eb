#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The figures that tests/check_regress.c compares with, from other people's code.

    python3 tests/ref/regress.py > tests/data/regress_cases.json

Firth's penalized likelihood: maximized as it is written by scipy.optimize, its
ratio and profile by brentq.  Linear fits, plain, by cluster and weighted, and
weighted logistic ones: statsmodels.  Spearman's r: scipy.  Weighted areas: from
all pairs.  Intervals of correlations: by leaving rows out or by changing a row's
weight a little, as they are defined.
"""
import json

import numpy as np
import scipy.stats
import statsmodels.api as sm
from scipy.optimize import brentq, minimize

Q = 3.841458820694124


class Firth:
    """Columns x with an intercept in front; beta[1] is the slope."""

    def __init__(self, columns, y):
        self.x = np.column_stack([np.ones(len(y))] + list(columns))
        self.y = np.asarray(y, float)
        self.all = self.climb(None)
        self.slope, self.goal = self.all.x[1], -self.all.fun

    def loss(self, b):
        eta = self.x @ b
        w = np.exp(-np.logaddexp(0, eta) - np.logaddexp(0, -eta))
        sign, det = np.linalg.slogdet(self.x.T @ (self.x * w[:, None]))
        return (np.logaddexp(0, np.where(self.y > 0, -eta, eta)).sum() - det / 2
                if sign > 0 else np.inf)

    def climb(self, slope):
        k = self.x.shape[1]

        def full(free):
            return free if slope is None else np.insert(free, 1, slope)
        start = np.zeros(k if slope is None else k - 1)
        best = None
        for _ in range(3):
            for how, opts in (("BFGS", dict(gtol=1e-11)),
                              ("Nelder-Mead", dict(xatol=1e-12, fatol=1e-15, maxfev=20000))):
                r = minimize(lambda f: self.loss(full(f)), start, method=how, options=opts)
                if best is None or r.fun < best.fun:
                    best = r
                start = best.x
        return best

    def ratio(self, slope):
        return 2 * (self.goal + self.climb(slope).fun)

    def end(self, step):
        far = step
        while self.ratio(self.slope + far) < Q:
            far *= 1.5
        return brentq(lambda s: self.ratio(s) - Q, *sorted((self.slope, self.slope + far)),
                      xtol=1e-11, rtol=1e-12)

    def figures(self):
        r = max(self.ratio(0), 0)
        return dict(slope=self.slope, z=float(np.sign(self.slope) * np.sqrt(r)),
                    p=float(scipy.stats.chi2.sf(r, 1)), lo=self.end(-1), hi=self.end(1))


def std(v):
    return (v - v.mean()) / v.std(ddof=1)


def firth_cases():
    rng = np.random.default_rng(71)
    x = np.round(np.sort(rng.normal(size=60)), 4)
    yield "perfect60", x, (np.arange(60) >= 30).astype(int), []
    for name, m in (("even60", 30), ("ten_of_60", 10)):
        yield name, np.arange(60.0), (np.arange(60) >= 60 - m).astype(int), []
    x = np.round(np.sort(rng.normal(size=20)), 4)
    yield "down", x, (np.arange(20) < 8).astype(int), []
    yield "quasi", np.array([1.0, 2, 3, 4, 4, 4, 5, 6, 7]), np.array([0] * 4 + [1] * 5), []
    yield "one", np.array([0.1, 0.5, 0.2, 0.3, 2.0]), np.array([0, 0, 0, 0, 1]), []
    g = rng.integers(0, 2, 40)
    u = np.round(rng.normal(size=40), 4)
    x = np.round(0.8 * u + rng.normal(size=40), 4)
    y = (rng.random(40) < 1 / (1 + np.exp(-x))).astype(int)
    y[g == 1] = 1
    yield "beside", x, y, [g * 1.0, u]


def weighted_r(x, y, w):
    w = w / w.sum()
    a, b = x - w @ x, y - w @ y
    return w @ (a * b) / np.sqrt(w @ (a * a) * (w @ (b * b)))


def places(x, w):
    """The share of the weight below each, ties half."""
    w = w / w.sum()
    return ((x[None] < x[:, None]) + 0.5 * (x[None] == x[:, None])) @ w


def weighted_rho(x, y, w):
    return weighted_r(places(x, w), places(y, w), w)


def correlation(x, y, w, c, model, kind):
    """r and its interval; influences by changing each row's weight."""
    n, w = len(x), w / w.mean()
    r = kind(x, y, w)
    add = np.empty(n)
    for i in range(n):
        step = np.zeros(n)
        step[i] = 1e-4
        add[i] = w[i] * (kind(x, y, w + step) - kind(x, y, w - step)) / 2e-4
    u, v = (x, y) if kind is weighted_r else (places(x, w), places(y, w))
    z = np.sqrt(w)[:, None] * np.column_stack([np.ones(n), std(u), std(v)])
    add /= np.maximum(1 - np.einsum("ij,jk,ik->i", z, np.linalg.pinv(z.T @ z), z), 1e-9) ** (
        0.85 if kind is weighted_r else 0.5)
    if c is None:
        rows = w.sum() ** 2 / (w @ w)
        pull = 20 / (20 + rows)
        var = np.inf if rows <= 3 else (1 - pull) * np.sum(add ** 2) / (1 - r * r) ** 2 + \
            pull * model(r) / (rows - 3)
        q, df = 1.959963984540054, n - 1
    else:
        rows = len(np.unique(c))
        sums = np.array([add[c == g].sum() for g in np.unique(c)])
        var = rows / (rows - 1) * np.sum(sums ** 2) / (1 - r * r) ** 2
        df = rows - 1
        q = scipy.stats.t.ppf(0.975, df)
    mid = np.arctanh(r) - r / (2 * (rows - 1))
    p = 2 * scipy.stats.t.sf(abs(np.arctanh(r)) / np.sqrt(var), df)
    return r, np.tanh(mid - q * np.sqrt(var)), np.tanh(mid + q * np.sqrt(var)), p


def tate(y):
    rate = y.mean()
    return lambda r: 1 + r * r * (1 / (rate * (1 - rate)) - 6) / 4


def line(name, x, y, c, w):
    n, ones = len(x), np.ones(len(x)) if w is None else w / w.mean()
    mean = ones @ x / n
    sd = np.sqrt(ones @ (x - mean) ** 2 / (n - 1))
    model = sm.WLS(y, sm.add_constant((x - mean) / sd), weights=ones)
    if c is not None:
        fit, df = model.fit(cov_type="cluster", cov_kwds=dict(groups=c)), len(set(c)) - 1
    elif w is not None:
        fit, df = model.fit(cov_type="HC1"), n - 1
    else:
        fit, df = model.fit(), n - 2
    b, se = fit.params[1], fit.bse[1]
    q = scipy.stats.t.ppf(0.975, df)
    out = dict(mean=mean, sd=sd, intercept=fit.params[0], slope=b, se=se, t=b / se,
               p=2 * scipy.stats.t.sf(abs(b / se), df), lo=b - q * se, hi=b + q * se,
               clusters=0 if c is None else len(set(c)))
    out["r"], out["r_lo"], out["r_hi"], _ = correlation(x, y, ones, c, lambda r: 1, weighted_r)
    out["rho"], out["rho_lo"], out["rho_hi"], out["rho_p"] = correlation(
        x, y, ones, c, lambda r: 1 + r * r / 2, weighted_rho)
    if c is None and w is None:
        assert abs(fit.rsquared - out["r"] ** 2) < 1e-12
        rho = scipy.stats.spearmanr(x, y)
        out["rho"], out["rho_p"] = rho.statistic, rho.pvalue
    return dict(name=name, x=x.tolist(), y=y.tolist(), c=None if c is None else c.tolist(),
                w=None if w is None else w.tolist(), **{k: float(v) for k, v in out.items()})


def lines():
    rng = np.random.default_rng(72)
    x = np.round(rng.normal(size=20), 4)
    y = np.round(0.5 * x + rng.normal(size=20), 4)
    yield line("plain", x, y, None, None)
    yield line("weak_far", np.round(1e6 + np.exp(x), 2), np.round(0.1 * x + y[::-1] ** 2, 4), None, None)
    x = np.round(rng.normal(size=60))
    c = rng.integers(0, 9, 60)
    y = np.round(0.7 * x + rng.normal(size=9)[c] + rng.standard_t(4, size=60), 1)
    w = np.round(rng.gamma(2, size=60) + 0.05, 3)
    yield line("ties", x, y, None, None)
    yield line("clusters", x, y, c, None)
    yield line("weights", x, y, None, w)
    yield line("claims_alike", x, y, c, 1 / np.bincount(c)[c])


def logits():
    """Weighted, also by cluster; and weighted areas."""
    rng = np.random.default_rng(73)
    for name, n, g in (("rows", 70, 0), ("claims", 90, 12)):
        c = rng.integers(0, g, n) if g else None
        x = np.round(rng.normal(size=n), 2 if g else 0)
        y = (rng.random(n) < 1 / (1 + np.exp(-0.8 * x))).astype(int)
        w = 1 / np.bincount(c)[c] if g else np.round(rng.gamma(2, size=n) + 0.1, 3)
        v = w / w.mean()
        mean = v @ x / n
        sd = np.sqrt(v @ (x - mean) ** 2 / (n - 1))
        fit = sm.GLM(y, sm.add_constant((x - mean) / sd), family=sm.families.Binomial(),
                     var_weights=v)
        kind = dict(cov_type="cluster", cov_kwds=dict(groups=c)) if g else dict(cov_type="HC0")
        fit = fit.fit(tol=1e-14, maxiter=100, **kind)
        df = len(set(c)) - 1 if g else n - 1
        wins = np.where(x[y == 1][:, None] > x[y == 0], 1, 0.5 * (x[y == 1][:, None] == x[y == 0]))
        a, b = w[y == 1] / w[y == 1].sum(), w[y == 0] / w[y == 0].sum()
        area = a @ wins @ b
        m, k = len(a), len(b)
        da, db = a * (wins @ b - area), b * (a @ wins - area)
        if g:
            ca, cb = c[y == 1], c[y == 0]
            ids = np.unique(c)
            pa = np.array([da[ca == i].sum() for i in ids])
            pb = np.array([db[cb == i].sum() for i in ids])
            m, k, j = len(set(ca)), len(set(cb)), len(ids)
            var = m / (m - 1) * pa @ pa + k / (k - 1) * pb @ pb + 2 * j / (j - 1) * pa @ pb
        else:
            var = m / (m - 1) * da @ da + k / (k - 1) * db @ db
        # n / (n - 2) is left out by GLM whatever it is asked.
        slope, se = fit.params[1], fit.bse[1] * (1 if g else np.sqrt(n / (n - 2)))
        yield dict(name=name, x=x.tolist(), y=y.tolist(), c=c.tolist() if g else None, w=w.tolist(),
                   slope=slope, se=se, intercept=fit.params[0], loglik=float(fit.llf),
                   p=float(2 * scipy.stats.t.sf(abs(slope / se), df)), auc=area,
                   auc_se=float(np.sqrt(var)))


def corrs():
    """r of a label: the interval of struct syc_corr."""
    rng = np.random.default_rng(74)
    for name, n, g in (("twenty", 20, 0), ("fifty", 50, 0), ("claims", 80, 10)):
        y = (rng.random(n) < 0.4).astype(int)
        x = np.round(0.9 * y + rng.gamma(2, size=n), 3)
        c = rng.integers(0, g, n) if g else None
        r, lo, hi, p = correlation(x, y, np.ones(n), c, tate(y), weighted_r)
        yield dict(name=name, x=x.tolist(), y=y.tolist(), c=c.tolist() if g else None, r=r, lo=lo, hi=hi,
                   p=scipy.stats.pointbiserialr(y, x).pvalue if c is None else p)


def main():
    doc = {"firth": []}
    for name, x, y, cols in firth_cases():
        f = Firth([std(x)] + [std(c) for c in cols], y).figures()
        doc["firth"].append(dict(name=name, x=x.tolist(), y=y.tolist(), k=len(cols),
                                 cols=np.column_stack(cols).ravel().tolist() if cols else [], **f))
    doc["lines"] = list(lines())
    doc["logits"] = list(logits())
    doc["corrs"] = list(corrs())
    text = json.dumps(doc, allow_nan=False)
    print(text.replace('{"name"', '\n{"name"'))


if __name__ == "__main__":
    main()
