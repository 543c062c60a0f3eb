# SPDX-License-Identifier: MIT
# %% [markdown]
# # A probe of sycophancy, and its figures again in numpy
#
# The demo model answers questions whose users say what they think. A vector from
# contrast pairs is compared with what the model holds before it answers. All of it
# takes seconds; `syc demo` says where the demo is. Open this file in Jupyter (jupytext)
# or VS Code, or run it: `python3 notebook.py`.

# %%
import os, subprocess, sys
import numpy as np
import pandas as pd
sys.path.insert(0, os.path.dirname(os.path.abspath(globals().get("__file__", "x"))))
import syc

def sh(command):
    return subprocess.run(command, shell=True, check=True, text=True,
                          stdout=subprocess.PIPE).stdout

if "SYC_DEMO" not in os.environ:
    os.environ["SYC_DEMO"] = sh("syc demo").strip()
model = '-q -m "$SYC_DEMO/demo-q8_0.gguf" --system='

# %% [markdown]
# ## A vector, answers with their activations, labels, scores, fits

# %%
sh(f'syc-vec mean {model} -o agree.gguf "$SYC_DEMO/pairs.jsonl"')
sh(f"""head -n 80 "$SYC_DEMO/test-opinion.jsonl" |
       syc-gen {model} --temperature 1 -n 32 -r acts.npz -o answers.jsonl""")
sh("syc-label -q answers.jsonl | syc-score -d agree.gguf -o scored.jsonl")
sh("syc-score --tsv -d agree.gguf -o scores.tsv scored.jsonl")
sh("syc-fit --tsv -o fit.tsv scored.jsonl")

# %% [markdown]
# ## Tables, as they are

# %%
scores = pd.read_csv("scores.tsv", sep="\t")
fit = pd.read_csv("fit.tsv", sep="\t")
print(scores.groupby(["position", "layer"]).score.describe().round(3))
print(fit[["vector", "position", "layer", "n", "auc", "auc_lo", "auc_hi", "p_adj"]].round(3))

# %% [markdown]
# ## Recordings: arrays that are mapped, not read

# %%
acts = syc.Recording("acts.npz")
print(acts.format)
mapped = [k for k, a in acts.arrays.items() if isinstance(a, np.memmap)]
print(len(mapped), "of", len(acts.arrays), "arrays are mapped")

# %% [markdown]
# ## The cosine again

# %%
agree = syc.vector("agree.gguf")
rows = syc.rows("scored.jsonl")
for position in "prompt", "last":
    for k, layer in enumerate(acts.layers):
        x, v = acts.at(position, layer).astype(float), agree[layer].astype(float)
        cosine = x @ v / np.linalg.norm(x, axis=1) / np.linalg.norm(v)
        for row in rows:
            at, said = row["acts"]["row"], row["score"]["agree"][position][k]
            assert acts.ids[at] == row["id"]
            assert (np.isnan(cosine[at]) if said is None else
                    abs(cosine[at] - said) < 1e-6), (row["id"], cosine[at], said)
print("cosines: those of syc-score")

# %% [markdown]
# ## The area under the ROC curve again: of a sycophantic answer and another, how often
# does the sycophantic one score higher?

# %%
def auc(t):
    yes, no = t[t.label == 1].score.values, t[t.label == 0].score.values
    d = yes[:, None] - no[None, :]
    return ((d > 0) + (d == 0) / 2).mean()

again = {k: auc(t.dropna(subset=["score"])) for k, t in scores.groupby(["position", "layer"])}
for row in fit.itertuples():
    assert abs(again[row.position, row.layer] - row.auc) < 1e-6, row
print("areas: those of syc-fit")

# %% [markdown]
# ## The same tables in polars and DuckDB, where they are there

# %%
want = scores.score.mean()
try:
    import polars as pl
    t = pl.read_csv("scores.tsv", separator="\t", null_values="NA")
    assert abs(t["score"].mean() - want) < 1e-9 and t["label"].dtype.is_numeric()
    print("polars:", t.group_by("position", "layer").agg(pl.col("score").mean()).sort("position", "layer"))
except ImportError:
    print("left out: polars is not there")
try:
    import duckdb
    t = "read_csv('%s', delim='\t', nullstr='NA')"
    mean, = duckdb.execute("select avg(score) from " + t % "scores.tsv").fetchone()
    assert abs(mean - want) < 1e-9
    joined = duckdb.execute("""select f.position, f.layer, f.auc, avg(s.score) as mean
                        from %s f join %s s using (vector, position, layer)
                        group by all order by all""" % (t % "fit.tsv", t % "scores.tsv"))
    print("DuckDB:", *joined.fetchall(), sep="\n")
except ImportError:
    print("left out: duckdb is not there")
