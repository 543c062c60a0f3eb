# SPDX-License-Identifier: MIT
# The posterior of tests/data/pref/*.json by numpyro, an implementation of its own:
#     pip install numpyro arviz
#     python3 tests/ref/pref.py checks weights small numbers big
# writes tests/data/pref/NAME.json: how the pairs were drawn (tests/made_pref.h draws the
# same again), medians and ends of the intervals of beta with their Monte-Carlo standard
# errors (arviz's mcse of quantiles); and of some made draws and weights what arviz says.
import json, os, sys
import numpy as np

CHAINS = 4
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=1")
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpyro, numpyro.distributions as dist
from numpyro.infer import MCMC, NUTS
import arviz as az

M = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15

def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
    return z ^ (z >> 31)

class Stream:
    """SplitMix64, as syc_splitmix64() has it."""
    def __init__(self, seed):
        self.state = seed
    def unit(self):
        self.state = (self.state + GOLDEN) & M
        return (mix(self.state) >> 11) * 2.0 ** -53

def pairs(case):
    """Differences [n][k] and choices; what is drawn first is the features of a pair."""
    s = Stream(case["seed"])
    n, k = case["n"], case["k"]
    d, y = np.zeros((n, k)), np.zeros(n, int)
    beta = [case["effect"] * ((j % 5) - 2) / 2 for j in range(k)]
    for i in range(n):
        common = s.unit()
        for j in range(k):
            u = 0.7 * s.unit() + 0.3 * common
            if case["numbers"]:
                d[i, j] = np.floor(9 * u) - 4
            else:
                d[i, j] = (u > 0.6) - (u < 0.4)
        x = sum(beta[j] * d[i, j] for j in range(k))
        y[i] = s.unit() < 1 / (1 + np.exp(-x))
    return d, y

CASES = {
    "small": dict(seed=11, n=150, k=4, b=0.2, numbers=False, effect=0.5),
    "numbers": dict(seed=12, n=400, k=6, b=1.0, numbers=True, effect=0.2),
    "big": dict(seed=13, n=15000, k=23, b=0.01, numbers=False, effect=0.1),
}

def model(d, b, y):
    beta = numpyro.sample("beta", dist.Laplace(0, b).expand([d.shape[1]]).to_event(1))
    numpyro.sample("y", dist.Bernoulli(logits=d @ beta), obs=y)

def reference(name, draws):
    case = CASES[name]
    d, y = pairs(case)
    scale = d.std(axis=0) if case["numbers"] else np.ones(case["k"])
    # the default, sequential chains; a long run with small steps: the kink is walked over
    m = MCMC(NUTS(model, target_accept_prob=0.95), num_warmup=1000, num_samples=draws,
             num_chains=CHAINS, chain_method="sequential", progress_bar=False)
    m.run(jax.random.PRNGKey(5), jnp.asarray(d / scale), case["b"], jnp.asarray(y))
    x = np.asarray(m.get_samples(group_by_chain=True)["beta"])
    q = [0.025, 0.25, 0.5, 0.75, 0.975]
    out = dict(case, name=name, draws=CHAINS * draws, method="numpyro %s" % numpyro.__version__,
               rhat=float(max(az.rhat(x[:, :, j]) for j in range(case["k"]))), probs=q,
               quantile=[[float(v) for v in np.quantile(x[:, :, j], q)] for j in range(case["k"])],
               mcse=[[float(az.mcse(x[:, :, j], method="quantile", prob=p)) for p in q]
                     for j in range(case["k"])])
    out["chosen_a"] = int(y.sum())
    out["first"] = d[0].tolist()
    return out

def checks():
    """Draws of known chains, and arviz's figures of them."""
    s, out = Stream(21), []
    for n, rho, shift in ((100, 0.0, 0.0), (101, 0.9, 0.0), (200, 0.3, 1.0), (60, -0.5, 0.2)):
        x = np.zeros((4, n))
        for c in range(4):
            v = 0.0
            for i in range(n):
                # a heavy tail now and then
                e = s.unit() + s.unit() + s.unit() - 1.5
                v = rho * v + (e if s.unit() > 0.05 else 8 * e)
                x[c, i] = round(v + shift * c / 4, 3)
        out.append(dict(chains=4, draws=n, rho=rho, shift=shift,
                        rhat=float(az.rhat(x)), bulk=float(az.ess(x, method="bulk")),
                        tail=float(az.ess(x, method="tail")),
                        x=[float(v) for v in x.ravel()]))
    return out

def weights():
    """Importance weights of tails from light to heavy, and what arviz makes of them."""
    s, out = Stream(22), []
    for power in (0.1, 0.5, 0.9, 1.5):
        w = [round(-power * float(np.log(1 - s.unit())), 6) for _ in range(300)]
        smooth, k = az.psislw(np.array(w))
        out.append(dict(power=power, k=float(k), log_w=w, smooth=[round(float(v), 9) for v in smooth]))
    return out

def main():
    to = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "pref")
    os.makedirs(to, exist_ok=True)
    for name in sys.argv[1:]:
        if name in ("checks", "weights"):
            out = globals()[name]()
        else:
            out = reference(name, 2500 if name == "big" else 10000)
        with open(os.path.join(to, name + ".json"), "w") as f:
            json.dump(out, f)
            f.write("\n")

main()
