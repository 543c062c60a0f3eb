#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-info --fidelity: its figures are computed again, by numpy, from what
# syc-rec records of the same tokens with int8 and f32, and from what syc-gen
# finds the most probable after each.  (Perplexities are in check_fidelity.)
. "$top_srcdir/tests/lib.sh"
find_python || { echo "numpy is not there"; exit 77; }
model=$demo/demo-f16.gguf
ctx=48

$python - "$demo/test-opinion.jsonl" >text <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
print(" ".join(r["question"].split("\n")[0] for r in rows[:4]), end="")
PY
run 0 syc-vec mean -q -m "$model" --system '' -o v.gguf "$demo/cue-pairs.jsonl"
run 0 syc-vec convert -q v.gguf -o v.npy

# Pieces as rows: BOS in front of each, and every beginning of them.
$python -c 'import json, sys; print(json.dumps({"text": open("text").read()}))' >row
run 0 syc-tok -m "$model" row
$python - $ctx <<'PY'
import json, sys
per = int(sys.argv[1]) - 1
ids = json.load(open("out"))["ids"]
pieces = [ids[:1] + ids[1:][i:i + per] for i in range(0, len(ids) - 1, per)]
assert len(pieces) > 2 and len(pieces[-1]) < per
with open("pieces", "w") as f, open("beginnings", "w") as g:
    for i, w in enumerate(pieces):
        f.write(json.dumps({"id": f"w{i}", "prompt_ids": w}) + "\n")
        for n in range(1, len(w) + 1):
            g.write(json.dumps({"id": f"w{i}.{n}", "prompt_ids": w[:n]}) + "\n")
PY
for c in int8 f32; do
	run 0 syc-rec -m "$model" --compute $c --positions all --dtype f32 -r $c.npz pieces
	run 0 syc-gen -m "$model" --compute $c -n 1 --logprobs 1 -o $c.jsonl beginnings
done
run 0 syc-info --fidelity --json --text text --ctx $ctx -d v.gguf "$model"
cp out fidelity.json
$python - >report 2>&1 <<'PY' || fail "$(cat report)"
import glob, json
import numpy as np

got = json.load(open("fidelity.json"))
pieces = [json.loads(line)["prompt_ids"] for line in open("pieces")]
v = np.load("v.npy").astype(float)


def acts(name):
    f = np.load(name)
    parts = sorted(k for k in f.files if k.startswith("all/"))
    return np.concatenate([f[k] for k in parts]).astype(float)      # [token, layer, dim]


# The definition of syc-info(1): x is the reference, [prompt, dim].
def centered(x, y):
    a, b = x - x.mean(0), y - y.mean(0)
    cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return cosine.mean(), np.sqrt(((b - a) ** 2).sum() / (a ** 2).sum())


x, y = acts("f32.npz"), acts("int8.npz")
last = np.cumsum([len(w) for w in pieces]) - 1
assert x.shape == y.shape == (sum(map(len, pieces)), 6, 128), x.shape


def close(what, a, b):
    assert abs(a - b) <= 1e-6 * abs(b), f"{what}: {a!r} is not {b!r}"


close("tokens", got["tokens"], len(x))
close("pieces", got["pieces"], len(pieces))
for l, layer in enumerate(got["layers"]):
    a, b = x[:, l], y[:, l]
    cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    close("cosine", layer["cosine"], cosine.mean())
    close("least cosine", layer["least_cosine"], cosine.min())
    close("error", layer["error"], np.linalg.norm(b - a) / np.linalg.norm(a))
    along = (b - a) @ v[l] / np.linalg.norm(v[l])
    close("noise", layer["noise"][0], np.sqrt((along ** 2).mean()) / np.linalg.norm(v[l]))
    cosine, error = centered(a[last], b[last])
    close("centered cosine", layer["centered_cosine"], cosine)
    close("centered error", layer["centered_error"], error)
    close("correlation", layer["correlation"][0], np.corrcoef(a[last] @ v[l], b[last] @ v[l])[0, 1])
    assert layer["auc"] == layer["reference_auc"] == [None]
    assert layer["error"] > 1e-4 and layer["cosine"] < 1     # there is something to measure

top = {}
for c in ("int8", "f32"):
    top[c] = [json.loads(line)["logprobs"][0]["top"][0]["id"] for line in open(c + ".jsonl")]
    assert len(top[c]) == len(x)
close("same top", got["same_top"], sum(a == b for a, b in zip(top["int8"], top["f32"])))
close("predicted", got["predicted"], sum(len(w) - 1 for w in pieces))
PY

# Prompts with answers and labels: areas, and answers that change.
$python - "$demo/test-opinion.jsonl" >rows <<'PY'
import json, sys
for i, line in enumerate(open(sys.argv[1])):
    row = json.loads(line)
    if i < 24:
        row["label"] = [1, 0, None, 1, 0][i * 7 % 5]
        print(json.dumps(row))
PY
for c in int8 f32; do
	run 0 syc-gen -m "$model" --compute $c --system '' -n 1 --choices -o $c.rows.jsonl \
		--positions prompt --dtype f32 -r $c.rows.npz rows
done
run 0 syc-info --fidelity --json --prompts rows --system '' -d v.gguf -d v.npy "$model"
$python - >report 2>&1 <<'PY' || fail "$(cat report)"
import json
import numpy as np

got = json.load(open("out"))
rows = [json.loads(line) for line in open("rows")]
v = np.load("v.npy").astype(float)


def acts(name):
    f = np.load(name)
    return np.concatenate([f[k] for k in sorted(f.files) if k.startswith("prompt/")]).astype(float)


def area(s, label):
    pos, neg = s[label == 1], s[label == 0]
    return ((pos[:, None] > neg).mean() + (pos[:, None] == neg).mean() / 2)


def odds(name):
    p = np.array([json.loads(line)["p_match"] for line in open(name)])
    return np.log(p / (1 - p))


x, y = acts("f32.rows.npz"), acts("int8.rows.npz")
label = np.array([-1 if r["label"] is None else r["label"] for r in rows])
assert got["pieces"] == len(x) == 24, len(x)
for l, layer in enumerate(got["layers"]):
    s = [x[:, l] @ v[l], y[:, l] @ v[l]]
    for k in 0, 1:
        assert abs(layer["correlation"][k] - np.corrcoef(*s)[0, 1]) < 1e-9
        assert abs(layer["reference_auc"][k] - area(s[0], label)) < 1e-9
        assert abs(layer["auc"][k] - area(s[1], label)) < 1e-9
a, b = odds("f32.rows.jsonl"), odds("int8.rows.jsonl")
assert got["answers"] == 24 and got["changed"] == (a * b < 0).sum()
margin = np.sort(abs(a - b))[int(np.ceil(0.95 * 24)) - 1]
assert abs(got["margin"] - margin) < 1e-4 * margin, (got["margin"], margin)
PY
# It is the margin that answers are labeled with.
expect ".[0].margin > 0" out
run 0 syc-info --fidelity --prompts rows --system '' -d v.gguf "$model"
shows 'answers: ' ' of 24 change; 95 % are within ' 'KL of the next token: mean '
run 0 syc-info --fidelity --tsv --prompts rows --system '' -d v.gguf "$model"
[ "$(awk -F '\t' '{ print NF }' out | sort -u)" = 11 ] && [ "$(wc -l <out)" -eq 7 ] || fail "no table: $(cat out)"

# The same bytes from any number of threads; the table has the same figures.
run 0 syc-info -t 3 --fidelity --json --text - --ctx $ctx -d v.gguf "$model" <text
sed 's/"text":"-"/"text":"text"/' out >again
same fidelity.json again "another number of threads"
run 0 syc-info --fidelity --text text --ctx $ctx -d v.gguf "$model"
[ "$(grep -c '^ *[0-5] ' out)" -eq 6 ] || fail "not six layers: $(cat out)"
expect ".[0].same_top == $(sed -n 's/.*the same \([0-9]*\) of.*/\1/p' out)" fidelity.json

# Against itself nothing is lost; against another file of it something is.
run 0 syc-info --fidelity --json --compute f32 -d v.gguf "$model"
expect '.[0] | .same_top == .tokens and .compared == .tokens and .perplexity == .reference_perplexity and .text == null and
	.pieces == 16 and .prompts == null and .answers == 0 and .margin == null and .kl == 0 and .largest_end_kl == 0 and
	(.layers | all(.cosine == 1 and .least_cosine == 1 and .error == 0 and .noise == [0] and .centered_error == 0 and
		(.centered_cosine - 1 | fabs) < 1e-12 and (.correlation[0] - 1 | fabs) < 1e-12))' out
run 0 syc-info --fidelity --json --compute f32 --reference "$model" "$demo/demo-q8_0.gguf"
expect '.[0] | (.reference.file | endswith("demo-f16.gguf")) and (.layers | all(.error > 0.001 and .error < 0.05))' out

# A layer without a vector has no noise; several vectors.
$python -c 'import numpy as np; v = np.load("v.npy"); v[2] = 0; np.save("z.npy", v)'
run 0 syc-info --fidelity --json --text text -d z.npy -d v.gguf "$model"
expect '.[0].layers | .[2].noise[0] == null and .[2].noise[1] > 0 and .[3].noise[0] == .[3].noise[1]' out
run 0 syc-info --fidelity --text text -d z.npy "$model"
grep -q '^    2 .* -$' out || fail "no noise is not shown: $(cat out)"

# One token is a text.
printf a >one
run 0 syc-info --fidelity --json --text one --ctx 2 "$model"
expect '.[0].tokens >= 2' out

# A folder; a model that predicts nothing; an adapter on both sides.
run 0 syc-info --fidelity --json --text text "$demo/reward"
expect '.[0] | .compared == 0 and .perplexity == null and (.layers | length > 0 and all(.error > 0))' out
run 0 syc-info --fidelity --text text "$demo/reward"
grep -q perplexity out && fail "a reward model has a perplexity: $(cat out)"
run 0 syc-info --fidelity --json --compute f32 --text text --lora "$demo/lora" "$demo/demo-f16.gguf"
expect '.[0] | .same_top == .tokens and (.layers | all(.error == 0))' out
run 0 syc-info --fidelity --json --compute f32 --text text --reference "$demo" "$demo/demo-f16.gguf"
expect '.[0] | .same_top == .tokens and (.layers | all(.error == 0))' out

# What cannot be.
: >empty
run 1 syc-info --fidelity --prompts empty "$model"
says 'syc-info: empty: 0 prompts: what prompts differ in takes two'
head -n 1 rows >one
run 1 syc-info --fidelity --prompts one --system '' "$model"
says 'syc-info: one: 1 prompt: '
echo '{"id": "x"}' >one
run 1 syc-info --fidelity --prompts one "$model"
says 'syc-info: one:1: no prompt: '
$python -c 'import numpy as np; v = np.load("v.npy"); v[1, 1] = np.nan; np.save("nan.npy", v)'
run 1 syc-info --fidelity -d nan.npy "$model"
says 'syc-info: nan.npy: '
run 2 syc-info --fidelity --prompts rows --text text "$model"
misused '--text has no prompts'
run 2 syc-info --tsv "$model"
misused 'go with --fidelity'
run 1 syc-info --fidelity --text empty "$model"
says 'syc-info: empty: there is no text'
run 1 syc-info --fidelity --text nowhere "$model"
says 'syc-info: nowhere: '
run 1 syc-info --fidelity --text . "$model"
says 'syc-info: .: '
run 1 syc-info --fidelity v.gguf
says 'syc-info: v.gguf: '
run 1 syc-info --fidelity --reference "$top_srcdir/tests/data/llama-mha/llama-mha-f16.gguf" "$model"
says 'cannot be compared'
$python -c 'import numpy as np; np.save("w.npy", np.ones((6, 64), np.float32))'
run 1 syc-info --fidelity -d w.npy "$model"
says 'w.npy: vectors of width 64 do not fit'
run 2 syc-info --fidelity --ctx 100000000 "$model"
run 2 syc-info --fidelity --ctx 5000 "$model"
misused --ctx
run 2 syc-info --fidelity --ctx 1 "$model"
misused --ctx
run 2 syc-info --fidelity
misused 'needs a model'
run 2 syc-info --text text "$model"
misused 'go with --fidelity'
run 2 syc-info --fidelity --repair "$model"
misused
exit $failed
