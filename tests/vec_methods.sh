#!/bin/sh
# SPDX-License-Identifier: MIT
# Every way to make a vector, against numpy (and scikit-learn where it is) on
# recorded activations; and what commonly goes wrong in making them.
. "$top_srcdir/tests/lib.sh"
[ -z "${SYC_SANITIZED-}" ] || { echo "figures are checked without sanitizers"; exit 77; }
find_python || exit 77
/usr/bin/python3 -c 'import numpy, sklearn' 2>/dev/null && python=/usr/bin/python3
rec="syc-rec -q -m $model --system= --dtype f32"

"$python" - "$demo/pairs.jsonl" <<'PY' || exit 99
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1])][:90]
def write(name, rows):
    with open(name, "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in rows)
def swap(r):
    m, o = "answer_matching_behavior", "answer_not_matching_behavior"
    return dict(r, **{m: r[o], o: r[m]})
write("pairs", rows)
write("swapped", [swap(r) for r in rows])
# Answers that differ in length, so that a batch would have to be padded.
for i, r in enumerate(rows[:12]):
    r["answer_matching_behavior"] += " because" * (i % 5)
    r["answer_not_matching_behavior"] += " of it" * (i % 3)
write("uneven", rows[:12])
PY
head -20 "$demo/cue-pairs.jsonl" >cue
"$python" -c '
import json
for l in list(open("pairs"))[:25]:
    r = json.loads(l)
    print(json.dumps({"id": r["id"], "question": r["question"]}))' >prompts

run 0 $rec --positions prompt,last,letter,mean -r pairs.npz -o pairs.out pairs
run 0 $rec --positions prompt -r prompts.npz -o prompts.out prompts
run 0 $rec -r uneven.npz --positions last,all -o uneven.out uneven
run 0 syc-rec -q -m "$demo/demo-q8_0.gguf" --system '' --dtype f32 -r other.npz -o other.out pairs
i=0
while IFS= read -r line; do
	printf '%s\n' "$line" >one
	run 0 $rec -r one.npz --positions last -o one.out one
	mv one.npz one-$i.npz
	i=$((i + 1))
done <uneven

# make NAME COMMAND...: the vector as NAME.npz, and straight from the model too.
make() {
	name=$1 command=$2
	shift 2
	run 0 syc-vec "$command" -q -a pairs.npz -o "$name.npz" "$@"
	run 0 syc-vec "$command" -q -m "$model" --system '' -o "$name-m.npz" "$@" pairs
}
make mean mean
make letter mean --position letter
make over mean --position mean
make pca pca
make pca-all pca --about all
make pca-none pca --about none
make lda lda
make lda-fixed lda --shrinkage 0.3
make logistic logistic --lambda 5
make logistic-cv logistic --folds 4
make unit lda --normalize unit
make layer pca --normalize per-layer-mean
make control mean --orthogonal-to other.npz
make some lda --layers 1,4-5
run 0 syc-vec mean -q -a pairs.npz -o prompts-out.npz --orthogonal-to prompts.npz --orthogonal-components 3
run 0 syc-vec mean -q -m "$model" --system '' -o prompts-out-m.npz --orthogonal-to prompts --orthogonal-components 3 pairs
run 0 syc-vec diff -q -a pairs.npz --other other.npz --position last -o diff.npz
run 0 syc-vec diff -q -m "$model" --other "$demo/demo-q8_0.gguf" --system '' -o diff-m.npz pairs
lora=$top_srcdir/demo/lora
[ -e "$lora" ] || lora=$SYC_SHARED/demo/lora
if [ -e "$lora" ]; then
	run 0 syc-rec -q -m "$model" --lora "$lora" --system '' --dtype f32 -r lora.npz -o lora.out pairs
	run 0 syc-vec diff -q -m "$model" --lora "$lora" --system '' -o lora-m.npz pairs
	run 0 syc-vec diff -q -a lora.npz --other pairs.npz -o lora-v.npz
fi
for k in mean pca lda logistic; do
	how=
	[ $k = logistic ] && how='--lambda 5'
	run 0 syc-vec $k -q $how -m "$model" --system '' -o $k-swapped.npz swapped
done
for t in 1 2 -1 -3; do
	run 0 syc-vec mean -q -m "$model" --system '' --token $t -o "token$t-m.npz" uneven
	rows=uneven.out
	[ $t -gt 0 ] || rows=
	run 0 syc-vec mean -q -a uneven.npz --token $t -o "token$t.npz" $rows
done
run 0 syc-vec lda -q -m "$model" --system '' --token 1 -o lda-token-m.npz uneven
run 0 syc-vec lda -q -a uneven.npz --token 1 -o lda-token.npz uneven.out
run 0 syc-vec mean -q -m "$model" --system '' -o uneven-v.npz uneven

# The store is never left behind, and what is random is drawn from the seed.
[ -z "$(ls -- *.npz.* 2>/dev/null)" ] || fail "something is left: $(ls -- *.npz.*)"
run 0 syc-vec random --like mean.npz -o r.npz --count 3
run 0 syc-vec random --like mean.npz -o s.npz --seed 2
run 0 syc-vec random --like mean.npz -o r-1b.npz
run 0 syc-vec combine -q mean.npz:2 lda.npz:-0.5 -o sum.npz
run 0 syc-vec combine -q --unit --average mean.npz pca.npz lda.npz -o average.npz
run 0 syc-vec combine -q mean.npz --orthogonal-to lda.npz --orthogonal-to pca.npz --scale 3 -o orth.npz
run 0 syc-vec combine -q mean.npz lda.npz --normalize per-layer-mean -o like.npz
stable="syc-vec stability -a pairs.npz --json --methods mean,lda --positions last,letter --halves 20"
run 0 $stable --boot 0 --sizes 45,90 -o stable.json
run 0 $stable --boot 30 -o boot.json
run 0 $stable --boot 30 -o boot2.json
same boot.json boot2.json
run 0 $stable --boot 30 --seed 2 -o boot2.json
cmp -s boot.json boot2.json && fail "--seed changes nothing"
run 0 syc-vec stability -m "$model" --system '' --json --per topic --boot 0 --halves 0 -o by.json pairs

# The same groups from the rows beside a dump as from a model.
run 0 syc-vec stability -a pairs.npz --json --per topic --boot 0 --halves 0 -o by-acts.json pairs.out
same by.json by-acts.json
# NUL in a value is a sign of its own.
sed '1,40s/^{/{"note": "a\\u0000b", /; 41,$s/^{/{"note": "c", /' pairs.out >noted.out
run 0 syc-vec stability -a pairs.npz --tsv --per note --layers 3 --boot 0 --halves 0 -o note.tsv noted.out
[ "$(grep -c subset note.tsv)" = 2 ] || fail "no subset lines: $(cat note.tsv)"
grep -q 'a␀b' note.tsv || fail "NUL is lost: $(cat note.tsv)"
head -60 pairs >unequal
grep -F '"answer_matching_behavior": "(A)"' pairs | tail -20 >>unequal
run 0 $rec --allow-duplicates -r unequal.npz -o unequal.out unequal
run 0 syc-vec mean -q --allow-duplicates -a unequal.npz --balance -o balanced.npy unequal.out
run 0 syc-vec mean -q --allow-duplicates -m "$model" --system '' --balance -o balanced-m.npy unequal
same balanced.npy balanced-m.npy
for k in pca 'pca --about all' 'lda --shrinkage 0.1' letters; do
	f=$(echo "$k" | tr -d ' .')
	# shellcheck disable=SC2086
	run 0 syc-vec $k -q --allow-duplicates -a unequal.npz $([ "$k" = letters ] || echo --balance) \
		-o "u-$f.npz" unequal.out
done

# Null vectors, and syc-fit against them: labels of its own for the same rows.
run 0 syc-vec mean -q -a pairs.npz --name m --write-nulls nulls.npz --null random:40,cov:1000,flip:40,shuffle:40 \
	-o m.npz pairs.out
run 0 syc-score -q -d m.npz --positions last -o scored pairs.out
"$python" - <<'PY' || exit 99
import json
rows = [json.loads(x) for x in open("scored")]
with open("labeled", "w") as f:
    for i, r in enumerate(rows):
        f.write(json.dumps(dict(r, label=int(i % 2 == 0 if i % 7 else i % 3 == 0), claim=str(i // 2))) + "\n")
PY
run 0 syc-fit --json --cluster none --null flip:40,shuffle:30,random:25 --nulls nulls.npz -o nulls.json labeled

# Two of three pairs point the other way beside the control.
"$python" - <<'PY' || exit 99
import json, zipfile
import numpy as np
def write(path, d):
    with zipfile.ZipFile(path, "w") as z:
        def put(name, x):
            with z.open(name, "w") as f:
                np.save(f, x)
        put("layer.npy", np.array([0], "<i4"))
        z.writestr("format.json", json.dumps({
            "format": "syc-acts", "version": 2, "positions": ["last"], "layers": 1, "dim": 2, "dtype": "f32",
            "chunk_rows": 32, "layer_base": "layer l is the residual stream after block l, counted from 0"}))
        z.writestr("provenance.json", "{}")
        x = np.zeros((2 * len(d), 1, 2), "<f4")
        x[0::2, 0] = d
        put("last/000000.npy", x)
        put("sample/000000.npy", np.zeros(len(x), "<i4"))
        put("answer/000000.npy", np.array([1, 0] * len(d), "i1"))
        put("id/000000.npy", np.repeat([f"r{i}" for i in range(len(d))], 2))
write("three.npz", [[10, 5], [2, -1], [2, -1]])
write("axis.npz", [[1, 0]])
write("same.npz", [[0, 0], [0, 0]])
PY
run 0 syc-vec pca -q -a three.npz -o three-v.npz
run 0 syc-vec pca -q -a three.npz --orthogonal-to axis.npz -o three-c.npz

"$python" "$top_srcdir/tests/vec_methods.py" || fail "not what numpy finds"

# Refusals.
fails() {
	run "$@"
	absent no.gguf no.gguf.part
}
fails 1 syc-vec lda -a prompts.npz -o no.gguf
says 'prompts.npz' 'row 0 is no matching answer'
fails 1 syc-vec mean -a uneven.npz --position letter -o no.gguf
says 'uneven.npz' "without the position 'letter'"
fails 2 syc-vec mean -a pairs.npz --token 1 -o no.gguf
misused '--token' 'rows of syc-rec'
fails 1 syc-vec mean -a pairs.npz --token -1 -o no.gguf
says 'pairs.npz' "without the position 'all'"
fails 1 syc-vec mean -a uneven.npz --token 30 -o no.gguf uneven.out
says 'uneven.npz: row 0 has no token'
fails 1 syc-vec mean -a uneven.npz --token 1 -o no.gguf uneven
says 'uneven:1' 'give the rows of syc-rec'
head -3 uneven.out >some.out
fails 1 syc-vec mean -a uneven.npz --token 1 -o no.gguf some.out
says 'row 3 is not among the rows'
sed 's/"id": "[^"]*"/"id": "x"/' uneven.out >some.out
fails 1 syc-vec mean -a uneven.npz --token 1 -o no.gguf some.out
says 'row 0 (x): the id is pairs-000 here'
fails 2 syc-vec mean -a uneven.npz --token 1 -o no.gguf -
misused 'as files'
# Sides that do not differ give no direction, whatever the method.
for k in mean pca 'pca --about all' 'pca --about none' lda logistic; do
	# shellcheck disable=SC2086
	fails 1 syc-vec $k -a same.npz -o no.gguf
	says 'layer 0'
done
run 0 $rec --positions prompt -r cue.npz -o cue.out cue
fails 1 syc-vec mean -a pairs.npz --position prompt -o no.gguf
says 'layer 0' 'do not differ'
fails 1 syc-vec lda -m "$model" --system '' --token 0 -o no.gguf uneven
says 'layer 0' 'do not differ'
fails 1 syc-vec mean -a cue.npz --position last -o no.gguf
says cue.npz "'last'" 'position prompt'
fails 1 syc-vec mean -a pairs.npz --layers 9 -o no.gguf
says 'layer 9 was not recorded'
fails 2 syc-vec mean -m "$model" --layers 9 -o no.gguf pairs
misused --layers
run 0 $rec --layers 1,3 -r few.npz -o few.out pairs
fails 1 syc-vec mean -a few.npz --layers 2 -o no.gguf
says 'layer 2 was not recorded'
fails 2 syc-vec mean -m "$model" -a pairs.npz -o no.gguf
misused --acts
fails 2 syc-vec mean -o no.gguf
misused --model --acts
fails 2 syc-vec mean -a pairs.npz --balance -o no.gguf
misused --balance rows
fails 2 syc-vec mean -a pairs.npz -o no.gguf pairs.out
misused pairs.out
fails 1 syc-vec mean -a pairs.npz --balance -o no.gguf pairs
says 'pairs:1' 'no acts'
head -10 pairs.out >some.out
fails 1 syc-vec mean -a pairs.npz --balance -o no.gguf some.out
says 'some.out' '5 of 90'
fails 2 syc-vec diff -a pairs.npz -o no.gguf
misused --other --lora
fails 2 syc-vec diff -m "$model" --other "$model" -o no.gguf
misused files
fails 1 syc-vec diff -a pairs.npz --other prompts.npz -o no.gguf
says 'prompts.npz' 'not see the same rows'
fails 1 syc-vec diff -a pairs.npz --other uneven.npz -o no.gguf
says 'uneven.npz: has 24 rows, pairs.npz 180'
tac pairs >back
run 0 $rec -r back.npz -o back.out back
fails 1 syc-vec diff -a pairs.npz --other back.npz -o no.gguf
says 'back.npz' 'not see the same rows' 'number 1'
fails 1 syc-vec mean -a pairs.npz --orthogonal-to pairs.npz -o no.gguf
says 'layer 0' 'nothing is left'
fails 1 syc-vec mean -a pairs.npz --orthogonal-to cue -o no.gguf
says 'cue' 'need a model'
fails 1 syc-vec mean -m "$model" --system '' --orthogonal-to cue --position prompt -o no.gguf pairs
says 'do not differ'
fails 1 syc-vec mean -m "$model" --system '' --position mean -o no.gguf cue
says 'cue:1' 'no answer'
fails 1 syc-vec mean -m "$model" --system '' --token 50 -o no.gguf pairs
says 'pairs:1' 'no token 50'
fails 1 syc-vec combine mean.npz --orthogonal-to mean.npz -o no.gguf
says 'layer 0' 'nothing is left'
fails 1 syc-vec combine mean.npz:nan -o no.gguf
says 'not finite'
fails 2 syc-vec combine -o no.gguf
misused 'no vectors'
fails 2 syc-vec random -o no.gguf
misused --like
fails 2 syc-vec stability -a pairs.npz --methods mean,mean
misused twice
fails 1 syc-vec stability -a pairs.npz --sizes 91
says '91 of 90'
exit $failed
