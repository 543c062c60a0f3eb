#!/bin/sh
# SPDX-License-Identifier: MIT
# Files of an earlier version, which called positions and hooks sites, the answer's
# last token continuation, and spelled as the British do: they are read, and
# mean what the same files with today's names mean.
. "$top_srcdir/tests/lib.sh"
old=$top_srcdir/tests/data/old
tiny=$top_srcdir/tests/data/family/max-window
copy "$old"/* .
# today FILE: with the names of today.
today() {
	sed 's/"site": *"attn"/"hook": "attn"/; s/"site"/"position"/g; s/"continuation"/"last"/g
		s/"labelled"/"labeled"/; s/"normalis/"normaliz/g; s/"centre"/"center"/
		s/"what": "read"/"what": "position"/' "$1"
}

# Vectors: three formats, one content; made again they are the same.
for f in gguf npz safetensors; do
	run 0 syc-vec convert -q -o "from-$f.npz" vector.$f
	run 0 syc-info --json vector.$f
	sed "s/vector\.$f/FILE/" out >"$f.info"
	same gguf.info "$f.info" "what $f says"
done
same from-gguf.npz from-npz.npz
same from-gguf.npz from-safetensors.npz
sed 's/vector\.gguf/FILE/' vector.json | today - >want
sed 's/, "provenance".*//' want >want.info
sed 's/, "provenance".*//' gguf.info >got.info
same want.info got.info 'what a vector says'
expect '.[0] | .position == "last" and .normalized == true and .center[1] > 2' gguf.info
run 0 syc-vec mean -q -a acts.npz --normalize unit --name old -o new.gguf
run 0 syc-info --json new.gguf
sed 's/new\.gguf/FILE/; s/, "provenance".*//' out >new.info
same want.info new.info 'a vector made from old activations'

# Activations: at each position, scored, followed without their end, repaired.
run 0 syc-info --json acts.npz
expect '.[0].positions == ["prompt", "last", "letter"] and .[0].rows == 6' out
run 0 syc-score -q -d v=vector.gguf acts.jsonl
expect 'length == 6 and all(.[].score.v; keys_unsorted == ["prompt", "last", "letter"] and (flatten | all(. != null)))' out
mv out whole.jsonl
head -c -300 acts.npz >cut.npz
cp cut.npz repaired.npz
run 0 syc-info --repair repaired.npz
same acts.npz repaired.npz 'the repaired file'
cp acts.npz whole.npz
cp cut.npz acts.npz
run 0 syc-score -q -d v=vector.gguf acts.jsonl
same whole.jsonl out 'scores without the end'
cp acts.jsonl going.jsonl.part
sed -i 's/acts\.npz/cut.npz/' going.jsonl.part
cp cut.npz before.npz
run 1 syc-rec -q -m "$tiny" --chat none --layers 1 --positions prompt,last,letter --both-answers --resume -r cut.npz \
	-o going.jsonl acts.in
says 'cut.npz: was begun by an earlier version'
same before.npz cut.npz 'a file that was not resumed'
mv whole.npz acts.npz

# Scored rows: also beside such of today, in one file.
today rows.jsonl >new.jsonl
cmp -s rows.jsonl new.jsonl && fail 'no names were changed'
{ head -3 rows.jsonl; tail -n +4 new.jsonl; } >mixed.jsonl
run 0 syc-fit --json --boot 100 - <new.jsonl
mv out want
for f in rows mixed; do
	run 0 syc-fit --json --boot 100 - <$f.jsonl
	same want out "the fits of $f.jsonl"
done
run 0 syc-fit --position last rows.jsonl
run 0 syc-fit --site continuation rows.jsonl
grep -q last out || fail 'no fit of the old position'

# Documents: drawn and reported as today's.
mkdir today
for f in fit sweep stability vector; do
	today $f.json >today/$f.json
	cmp -s $f.json today/$f.json && fail "no names were changed in $f.json"
done
if command -v gnuplot >/dev/null; then
	for f in fit sweep stability vector; do
		against=kl
		[ $f != sweep ] || against=scale
		run 0 syc-plot --over $against today/$f.json
		mv out want
		run 0 syc-plot --over $against $f.json
		same want out "the plot of $f.json"
	done
	run 0 syc-plot --kind points --position last rows.jsonl
	mv out points
	run 0 syc-plot --kind points --position last new.jsonl
	sed 's/new/rows/' out | cmp - points || fail 'points differ'
fi
run 0 syc-report --no-plots fit.json sweep.json stability.json vector.json
mv out want
cd today
run 0 syc-report --no-plots fit.json sweep.json stability.json vector.json
same ../want out 'the report'
exit $failed
