#!/bin/sh
# SPDX-License-Identifier: MIT
# The notebooks among the examples, in an empty folder, and that any program's table
# is one: names that are identifiers, lines of equal width, NA for what is missing.
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
. "$top_srcdir/tests/lib.sh"
PYTHONDONTWRITEBYTECODE=1 SYC_DEMO=$demo
export PYTHONDONTWRITEBYTECODE SYC_DEMO

# ${SYC_NOTEBOOK_PYTHON} may have polars and duckdb.
find_python
python=${SYC_NOTEBOOK_PYTHON-$python}
if [ -n "$python" ]; then
	run 0 "$python" "$top_srcdir/examples/notebook.py"
	shows 'cosines: those of syc-score' 'areas: those of syc-fit'
	grep '^left out' out
	[ "$(wc -l <"$top_srcdir/examples/syc.py")" -le 100 ] || fail "syc.py has grown"
else
	echo "left out: the notebook in Python, for numpy and pandas are not there"
fi
if Rscript -e 1 >out 2>err; then
	run 0 Rscript "$top_srcdir/examples/notebook.R"
	shows 'areas: those of syc-fit'
	grep '^left out' out
else
	echo "left out: the notebook in R, which is not there"
fi
[ -e fit.tsv ] || {
	syc-vec mean -q -m "$model" --system= --first 20 -o agree.gguf "$demo/pairs.jsonl"
	head -n 30 "$demo/test-opinion.jsonl" |
		syc-gen -q -m "$model" --system= --temperature 1 -n 32 -r acts.npz |
		syc-label -q | syc-score -d agree.gguf -o scored.jsonl
}

# What goes through an archive with numpy finds arrays alone, and no data but at 64 bytes.
if [ -n "$python" ]; then
	syc-vec convert -o agree.npz agree.gguf || fail "convert"
	"$python" - acts.npz agree.npz <<'PY' || fail "archives"
import json, sys, zipfile
import numpy as np
sys.path.insert(0, __import__("os").environ["top_srcdir"] + "/examples")
import syc
for path in sys.argv[1:]:
    z = np.load(path, allow_pickle=False)
    for k in z:
        assert isinstance(z[k], np.ndarray), k
    assert json.loads(z["format.json"].item())["format"].startswith("syc-")
    for k, a in syc.arrays(path).items():
        assert a.dtype == z[k].dtype and a.shape == z[k].shape and a.tobytes() == z[k].tobytes(), k
        assert not isinstance(a, np.memmap) or a.offset % 64 == 0, k
    for e in zipfile.ZipFile(path).infolist():
        if e.compress_type == zipfile.ZIP_DEFLATED:
            assert e.compress_size <= e.file_size - e.file_size // 5, e
a = syc.arrays(sys.argv[1])
assert any(isinstance(x, np.memmap) for k, x in a.items() if k.startswith("prompt/"))
for l, v in syc.vector("agree.gguf").items():
    assert (v == syc.vector("agree.npz")[l]).all()
PY
fi

# is_table FILE: see "Tables" in syc-rows(5).
is_table() {
	awk -F '\t' '
		NR == 1 {
			n = NF
			for (i = 1; i <= NF; i++)
				if ($i !~ /^[A-Za-z][A-Za-z0-9_]*$/ || $i in seen) bad = "name " $i
				else seen[$i]
		}
		NF != n { bad = "line " NR " has " NF " cells, not " n }
		{
			for (i = 1; i <= NF; i++)
				if (tolower($i) ~ /^(|-|-?nan|-?inf|null|na|n\/a|<na>)$/ && $i != "NA")
					bad = "line " NR ": \"" $i "\""
		}
		END { if (NR < 2) bad = "no lines"; if (bad) { print bad; exit 1 } }' "$1" >err ||
		fail "$1: $(cat err)"
}

m="-q -m $model --system="
syc-score --tsv -d agree.gguf scored.jsonl >score.tsv || fail "syc-score --tsv"
sed 's/"score":.*"layers"/"layers"/; s/"label": [0-9a-z]*/"label": null/' scored.jsonl |
	syc-score --tsv -d a=agree.gguf -d b=agree.gguf >score2.tsv || fail "two vectors"
head -n 1 score2.tsv >out
is "$(printf 'id\tparent\tsample\torder\tanswer\tlabel\tvector\tposition\tlayer\tscore')"
awk -F '\t' 'NR > 1 && $6 != "NA"' score2.tsv >out
is ''
syc-score --tsv -d agree.gguf </dev/null >out || fail "no rows"
[ "$(wc -l <out)" -eq 1 ] || fail "no rows: $(cat out)"
syc-fit --tsv scored.jsonl >fit.tsv
syc-fit --tsv --transfer a=scored.jsonl b=scored.jsonl --allow-duplicates >transfer.tsv
syc-fit --tsv --outcome logprob scored.jsonl >line.tsv
syc-vec compare --tsv agree.gguf agree.gguf >compare.tsv
syc-vec compare --tsv --between agree.gguf >between.tsv
head -n 6 "$demo/test-opinion.jsonl" >few.jsonl
# shellcheck disable=SC2086
{
	syc-sweep --tsv $m -d agree.gguf --layers 2 --op add:2 -n 0 few.jsonl >sweep.tsv
	syc-sweep --tsv $m -d agree.gguf --layers 2 --op add:2 -n 0 --per-question few.jsonl >each.tsv
	syc-vec stability --tsv $m --first 12 --halves 2 --boot 0 "$demo/pairs.jsonl" >stability.tsv
	syc-shift --tsv $m --lora "$demo/lora" --layers 2 --draws 2 -n 4 few.jsonl >shift.tsv
}
syc-pref --tsv --chains 2 --kept-draws 40 --burn-in 40 "$demo/preferences.jsonl" >pref.tsv 2>err
for table in score score2 fit transfer line compare between sweep each stability shift pref; do
	is_table $table.tsv
done
exit $failed
