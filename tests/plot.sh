# SPDX-License-Identifier: MIT
# syc-plot from end to end: its kinds, its endings, hostile text, lost writes.
command -v gnuplot > /dev/null || { echo "no gnuplot"; exit 77; }
. "$top_srcdir/tests/lib.sh"

has_terminal() { echo 'set terminal' | gnuplot -d 2>&1 | grep -q "^ *$1 "; }
# The first bytes of a file.
starts() { [ "$(head -c "$2" "$1" | tail -c "$3")" = "$4" ] || fail "$1 is no $4"; }

awk 'BEGIN {
	for (i = 0; i < 40; i++) {
		y = i % 2
		printf "{\"id\":\"r%d\",\"label\":%d,\"layers\":[0,1,2,3,4,5,6,7],\"score\":{\"v_1\":{", i, y
		for (s = 0; s < 2; s++) {
			printf "%s\"%s\":[", s ? "," : "", s ? "mean" : "prompt"
			for (l = 0; l < 8; l++)
				printf "%s%.3f", l ? "," : "", (i * 37 + l * 11 + s) % 40 / 100 + y * l / 20
			printf "]"
		}
		print "}}}"
	}
}' > rows.jsonl
syc-fit --json rows.jsonl -o fit.json

# Text on a terminal or in a pipe; the same bytes in the same case.
run 0 syc-plot fit.json
grep -q 'fit (n = 40)' out || fail "panel title"
grep -q 'layer' out || fail "axis label"
mv out first.txt
run 0 syc-plot - < fit.json
grep -q 'standard input (n = 40)' out || fail "standard input"
run 0 syc-plot fit.json
cmp out first.txt || fail "two runs differ"
run 0 syc-plot --size=60x30 fit.json
[ "$(wc -l < out)" -le 31 ] || fail "--size"

# Cosines between layers: a matrix with a gap, and one that is no matrix.
echo '{"a": "x/one.gguf", "b": "two.gguf", "between": [[1, -0.62, null], [0.3, 0.01, -1]]}' > heat.json
run 0 syc-plot --kind heat heat.json
for text in 'one (down), two (across)' ' 1.00 ' ' -0.62 ' ' 0.30 ' ' -1.00 '; do
	grep -q -e "$text" out || fail "heat lacks '$text'"
done
cat heat.json heat.json > two.json
run 0 syc-plot --kind heat - < two.json
[ "$(grep -c 'one (down)' out)" -eq 2 ] || fail "two matrices are two panels"
for bad in '{}' '[]' '[1]'; do
	echo "$bad" > bad.json
	run 1 syc-plot --kind heat bad.json
	says 'syc-plot: bad.json: not what syc-vec compare --json writes'
done
for bad in '"between": [[1], [1, 2]]' '"between": [["1"]]' '"between": []' '"between": [[]]' '"cosine": [1, "x"]'; do
	echo "{\"a\": \"x\", \"b\": \"y\", $bad}" > bad.json
	run 1 syc-plot --kind heat bad.json
	says 'syc-plot: bad.json: not a'
done
run 1 syc-plot --kind heat /dev/null
says '/dev/null: there is nothing in it'
# Many layers: tenths, as text; no numbers, but signs, as a picture.
awk 'BEGIN {
	printf "{\"a\": \"p.gguf\", \"b\": \"p.gguf\", \"between\": ["
	for (i = 0; i < 20; i++) {
		printf "%s[", i ? "," : ""
		for (k = 0; k < 20; k++)
			printf "%s%g", k ? "," : "", i == k ? 1 : i == 0 ? -0.34 : 0
		printf "]"
	}
	print "]}"
}' > big.json
run 0 syc-plot --kind heat big.json
grep -q ' p ' out || fail "a vector with itself"
grep -q '0 +|  *X  *-3  *-3 ' out || fail "tenths"
# The same layer: a row for a pair.
printf '%s\n' '{"a": "x/one.gguf", "b": "two.gguf", "cosine": [0.25, null, -0.5]}' \
	'{"a": "x/one.gguf", "b": "three.npz", "cosine": [1, 0.001, -0.001]}' > pairs.json
run 0 syc-plot pairs.json
grep -q 'one, two +| *0.25  *-0.50 ' out || fail "cosines of a pair"
grep -q 'one, three +| *1.00  *0.00  *0.00 ' out || fail "about zero"
echo '{"a": "5%n.gguf", "b": "%s%%.gguf", "cosine": [1]}' > percent.json
run 0 syc-plot percent.json
grep -qF '5%n, %s%% +|' out || fail "a name was taken for a format"
echo '{"a": "a", "b": "b", "cosine": [null, null]}' > none.json
run 1 syc-plot none.json
says 'there is no number in what was chosen'

# A sweep: panels by layer, curves by operator and sign, baselines; choices.
awk 'BEGIN {
	printf "{\"kl_on\": \"answers\", \"settings\": [{\"kind\": \"none\", \"p_match\": 0.5, \"kl\": 0}"
	for (l = 2; l < 4; l++) for (k = -2; k <= 2; k++) if (k) {
		f = ", {\"kind\": \"%s\", \"vector\": \"v\\u0027`s\", \"layer\": %d, \"layers\": \"%d\", \"op\": \"add\", \"scale\": %d, "
		f = f "\"p_match\": %g, \"change\": %g, \"change_lo\": %g, \"change_hi\": %g, \"kl\": %g}"
		printf f, "steer", l, l, k, 0.5 + k / 10, k / 10, k / 10 - 0.05, k / 10 + 0.05, k * k / 100
		printf f, "random", l, l, k, 0.5, 0, -0.01, 0.01, k * k / 90
	}
	print ", {\"kind\": \"prompt\", \"system\": \"x\", \"p_match\": 0.4, \"change\": -0.1, \"change_lo\": -0.2, \"change_hi\": 0, \"kl\": 0.02}]}"
}' > sweep.json
run 0 syc-plot --kind sweep sweep.json
for said in "v's, layer 2" "v's, layer 3" 'add −' 'add +' random '“x”' 'KL, nats per token'; do
	tr '\140' s < out | grep -qF -e "$(echo "$said" | sed "s/v's/v'ss/")" || fail "no '$said'"
done
run 0 syc-plot --kind sweep --layers 3 sweep.json
grep -q 'layer 2' out && fail "--layers of a sweep"
run 1 syc-plot --kind sweep --layers 7 sweep.json
says 'no setting'
sed 's/"layer": 3, "layers": "3"/"layer": null, "layers": "2-3,5"/g' sweep.json >several.json
run 0 syc-plot --kind sweep several.json
grep -q ', layers 2-3,5' out || fail "no panel of several layers: $(cat out)"
run 1 syc-plot --kind sweep --of control sweep.json
says 'does not say this of the model as it is'
run 1 syc-plot --kind sweep fit.json
says 'fit.json: not what syc-sweep --json writes'
run 1 syc-plot --kind sweep sweep.json sweep.json
says 'one report'

# By scale and by layer; the choice of answers; settings one below the other.
run 0 syc-plot --over scale sweep.json
for said in 'add ' 'layer 2' 'layer 3' ' -2 ' ' 2 ' scale; do
	grep -qF -e "$said" out || fail "no '$said' by scale"
done
run 0 syc-plot --over layer sweep.json
for said in 'add -2' 'add 1' 'random' layer; do
	grep -qF -e "$said" out || fail "no '$said' by layer"
done
sed 's/"kl_on": "answers"/"kl_on": "answers", "at_kl": 0.1/' sweep.json > at.json
run 0 syc-plot at.json
grep -q 'add −' out && grep -q ' layer' out || fail "at equal KL, the axis is not the layer"
run 0 syc-plot --kind best sweep.json
[ "$(grep -c 's, layer [23], add -\{0,1\}[12], KL 0.0[14]' out)" -eq 12 ] || fail "12 settings"
grep -q 'random for v.*KL 0.044' out || fail "random directions"
grep -q '“x” +|' out || fail "the system message"
# From the strongest one way to the strongest the other way.
grep -o "layer [23], add [-0-9]*, KL" out | head -n 8 | sed 's/.*add //; s/,.*//' | tr '\n' ' ' > order
[ "$(cat order)" = '-2 -2 -1 -1 1 1 2 2 ' ] || fail "order: $(cat order)"
# What the view does, in the same order, where nothing else changes.
sed 's/"change": /"change": 0, "effect_change": /g; s/"change_\([lh]\)/"effect_\1/g' sweep.json >effect.json
cp out match
run 0 syc-plot --kind best --of effect effect.json
grep -q 'change of the stance effect' out || fail "the axis: $(cat out)"
grep -v 'change of' match >a
grep -v 'change of' out >b
cmp a b || fail "--of effect differs from what was P(match)"
run 1 syc-plot --kind best --of control sweep.json
says 'there is nothing'

# Everything of a report: what chance gives, what others leave, calibration.
cat > more.json <<'END'
{"program":"syc-fit","fits":[{"vector":"v","position":"prompt","layers":[
{"layer":4,"n":60,"auc":0.6,"auc_lo":0.5,"auc_hi":0.7,"null_lo":0.41,"null_hi":0.59,"perm_max_lo":0.4,"perm_max_hi":0.6,
 "band_lo":0.45,"band_hi":0.75,"brier":0.2,"calibration":{"bins":[{"n":30,"prob":0.3,"rate":0.25,"lo":0.1,"hi":0.4},
 {"n":30,"prob":0.7,"rate":0.75,"lo":0.6,"hi":0.9},{"n":0,"prob":null,"rate":null,"lo":null,"hi":null}]},
 "confounds":[{"field":"topic","within_auc":0.55,"within_lo":0.4,"within_hi":0.7}]},
{"layer":5,"n":60,"auc":0.8,"auc_lo":0.7,"auc_hi":0.9,"null_lo":0.42,"null_hi":0.58,"perm_max_lo":0.4,"perm_max_hi":0.6,
 "band_lo":0.65,"band_hi":0.95,"brier":0.15,"calibration":{"bins":[{"n":60,"prob":0.5,"rate":0.5,"lo":0.4,"hi":0.6}]},
 "confounds":[{"field":"topic","within_auc":0.75,"within_lo":0.6,"within_hi":0.9}]}],
"best":{"folds":5,"n":60,"auc":0.78,"auc_lo":0.66,"auc_hi":0.88,"brier":0.17,
 "calibration":{"bins":[{"n":60,"prob":0.5,"rate":0.55,"lo":0.4,"hi":0.7}]},"chosen":[{"layer":4,"folds":1},{"layer":5,"folds":4}]},
"multi":{"n":60,"auc":0.81,"auc_lo":0.7,"auc_hi":0.9,"brier":0.16,
 "calibration":{"bins":[{"n":60,"prob":0.5,"rate":0.45,"lo":0.3,"hi":0.6}]}}}],
"compare":[{"a":"v","b":"w","position":"prompt","layers":[{"layer":4,"diff":0.1,"lo":-0.1,"hi":0.3},{"layer":5,"diff":0.2,"lo":0.1,"hi":0.3}]}]}
END
run 0 syc-plot more.json
for said in 'more (n = 60)' 'v, prompt' 'random directions, 95 %' 'permuted labels, 95 % at all layers' '95 % band over all layers'; do
	grep -qF -e "$said" out || fail "auc lacks '$said'"
done
run 0 syc-plot --kind calibration more.json
grep -q 'v: best layer, n = 60, Brier 0.170' out || fail "calibration of the best layer"
grep -q 'v: all layers, n = 60, Brier 0.160' out || fail "calibration of all layers"
run 0 syc-plot --kind calibration --layers 4 more.json
grep -q 'v: layer 4, n = 60, Brier 0.200' out || fail "calibration of a layer"
grep -q 'rows fitted' out || fail "rows that are not left out"
run 1 syc-plot --kind calibration --layers 9 more.json
says 'nothing of layer 9'
run 0 syc-plot --kind best more.json
grep -q 'v, prompt, best layer (5 in 4 of 5) +|' out || fail "the best layer"
grep -q 'v, prompt, all layers +|' out || fail "all layers together"
run 0 syc-plot --kind best --layers 4 more.json
grep -q 'v, prompt, layer 4 +|' out && grep -q 'these very rows' out || fail "a layer that is not tested"
run 0 syc-plot --kind diff more.json
grep -q 'v − w' out || fail "difference"
run 0 syc-plot --kind confound more.json
grep -q 'within topic' out && grep -q 'all pairs of rows' out || fail "confound"
run 1 syc-plot --kind diff fit.json
says 'no report has differences (syc-fit --compare)'
run 1 syc-plot --kind confound fit.json
says 'no report has confounds (syc-fit --confound)'

# Transfer between data sets.
cp rows.jsonl same.jsonl
run 0 syc-fit --transfer --multi --json --position mean -o transfer.json one=rows.jsonl two=same.jsonl
run 0 syc-plot transfer.json
grep -q 'v_1, mean, all layers' out || fail "transfer of all layers"
[ "$(grep -c '^ *one: layer 7 +|.*[01]\.[0-9]*\* *[01]\.[0-9]*  ' out)" -eq 1 ] || fail "the set itself has no star"
[ "$(grep -c '\[[01]\.[0-9]*, [01]\.[0-9]*\] *\[[01]' out)" -eq 4 ] || fail "intervals of transfer"
run 1 syc-plot --vector other transfer.json
says 'there is no number'

# How far parts of the pairs agree.
awk 'BEGIN {
	for (l = 0; l < 3; l++) for (k = 0; k < 8; k++) {
		split("halves bootstrap number number subset subset method position", what); split("mean mean 10 20 a b lda letter", set)
		printf "{\"layer\": %d, \"what\": \"%s\", \"setting\": \"%s\", \"pairs\": %d, \"draws\": 9, \"cosine\": %g, \"lo\": %g, \"hi\": %g}\n",
			l, what[k + 1], set[k + 1], k == 2 ? 10 : 20, 0.9 - l / 10, 0.8 - l / 10, 0.95
	}
}' > stability.json
run 0 syc-plot stability.json
for said in 'The same recipe, other pairs' 'Fewer pairs, with all' 'A group of pairs, with the others' 'Another method, with the first' \
	'Another position, with the first' 'mean, two halves' 'mean, bootstrap' 'layer 2' 'lda' 'letter' ' pairs '; do
	grep -qF -e "$said" out || fail "stability lacks '$said'"
done

# What is in a vector file, and what int8 costs.
cat > vector.json <<'END'
{"file": "x/a.gguf", "kind": "vector", "name": "a", "length": [1, 20], "dprime": [0.5, 3], "explained": [0.1, 0.9], "pair_cosine": [-0.2, 0.9], "wrong_side": [0.4, 0]}
{"file": "x/b.gguf", "kind": "vector", "name": "b", "length": [2, 2]}
END
run 0 syc-plot vector.json
for said in 'Length of the vector' "d'" 'Share of the variance' 'Cosine of pairs' 'Pairs on the wrong side' ' a ' ' b '; do
	tr '\140' s < out | grep -qF -e "$said" || fail "vector lacks '$said'"
done
run 1 syc-plot --vector none vector.json
says 'no vector of that name'
echo '{"file": "m/x.gguf", "kind": "fidelity", "compute": "int8", "vectors": ["p/cue.gguf"], "layers": [{"layer": 0, "cosine": 0.9999,
"least_cosine": 0.99, "error": 0.01, "centered_cosine": 0.98, "centered_error": 0.2, "noise": [0.5]}, {"layer": 1, "cosine": 1, "least_cosine": 1, "error": 0, "noise": [null]}]}' > fidelity.json
run 0 syc-plot fidelity.json
for said in 'Angle: 1 − cosine' 'Error of the activations' 'Error along a vector' 'int8, along cue.gguf' 'int8, worst token' 'int8, centered'; do
	grep -qF -e "$said" out || fail "fidelity lacks '$said'"
done

# What tuning did.
cat > shift.json <<'END'
{"tuned": {}, "shifts": [{"layer": 0, "position": "prompt", "constant": 0.8, "constant_lo": 0.7, "constant_hi": 0.9, "constant_null_95": 0.1, "kl_left": 0.9, "kl_left_lo": 0.8, "kl_left_hi": 1, "make": 0.2, "make_lo": 0.1, "make_hi": 0.3, "undo": null,
"vectors": [{"vector": "v_1", "cosine": 0.4, "cosine_nulls": [-0.1, 0, 0.1]}]}, {"layer": 1, "position": "prompt", "constant": 0.5, "constant_null_95": 0.1, "kl_left": null, "vectors": [{"vector": "v_1", "cosine": null, "cosine_nulls": []}]},
{"layer": 0, "position": "last", "constant": 0.3, "constant_null_95": 0.1}, {"layer": 0, "position": "mean", "constant": 0.2}]}
END
run 0 syc-plot shift.json
for said in 'One constant vector, prompt' 'One constant vector, last' 'Cosine of the mean shift with v_1' 'KL that is left' 'made of the change' '95 % of flipped signs'; do
	grep -qF -e "$said" out || fail "shift lacks '$said'"
done
grep -q 'undone of it' out && fail 'what is not known is drawn'
run 0 syc-plot --kind shift --position last shift.json
grep -q 'prompt' out && fail 'another position'

# Who labels alike.
sed 's/"label":0/"label":1/' rows.jsonl | head -n 30 > ones.jsonl
tail -n 10 rows.jsonl >> ones.jsonl
run 0 syc-label --agree --json -o agree.json x=rows.jsonl y=ones.jsonl
run 0 syc-plot agree.json
[ "$(grep -c 'x +|\|y +|' out)" -eq 4 ] || fail "sets in agreement"
[ "$(grep -c ' 0\.62 ' out)" -eq 2 ] || fail "25 of 40 rows are labeled alike"

# ROC: one curve has its area above it, several have names.
run 0 syc-plot --kind roc --position mean --layers 0,7 rows.jsonl
[ "$(grep -c 'layer [07]: AUC [01]\.[0-9]* \[' out)" -eq 2 ] || fail "areas of ROC"
run 0 syc-plot --kind roc --layers 7 rows.jsonl
grep -q 'v_1, mean' out && grep -q 'v_1, prompt' out || fail "curves of ROC"
# Corners by hand: scores 3 (1), 2 (0 and 1), 1 (0).
printf '{"label":%d,"layers":[0],"score":{"v":{"prompt":[%s]}}}\n' 1 3 0 2 1 2 0 1 > four.jsonl
mkdir seen
printf '#!/bin/sh\nexec tee "$PWD/script" | %s "$@"\n' "$(command -v gnuplot)" > seen/gnuplot
chmod +x seen/gnuplot
run 0 env PATH="$PWD/seen:$PATH" syc-plot --kind roc four.jsonl
sed -n '/^\$d0_0/,/^EOD/p' script | sed '1d; $d' | awk '{ print $1, $2 }' | tr '\n' ';' > corners
[ "$(cat corners)" = '0 0;0 0.5;0.5 1;1 1;' ] || fail "corners: $(cat corners)"
printf '{"label":1,"layers":[0],"score":{"v":{"prompt":[%s]}}}\n' 3 4 > ones.jsonl
run 1 syc-plot --kind roc ones.jsonl
says 'need rows of both labels'

# One value, all alike, nothing finite, far too much.
for f in '[{"layer":0,"n":2,"auc":1,"auc_lo":null,"auc_hi":null}]' '[{"layer":0,"n":2,"auc":0.5,"auc_lo":0.5,"auc_hi":0.5},
	{"layer":1,"n":2,"auc":0.5,"auc_lo":0.5,"auc_hi":0.5}]' \
	'[{"layer":1e11,"n":1e300,"auc":0.5,"auc_lo":-1e300,"auc_hi":1e300}]'; do
	echo "{\"fits\": [{\"vector\": \"v\", \"position\": \"s\", \"layers\": $f}]}" > few.json
	run 0 syc-plot few.json
	run 0 syc-plot -o few.svg few.json
	run 0 syc-plot --kind best few.json
done
for f in '[]' '[{"layer":1e18,"auc":1e300}]' '[{"layer":0,"auc":null}]' '[{}]' '[1]' '[{"layer":[],"auc":"x"}]'; do
	echo "{\"fits\": [{\"vector\": \"v\", \"position\": \"s\", \"layers\": $f}]}" > few.json
	run 1 syc-plot few.json
	says 'syc-plot: no '
	run 1 syc-plot --kind best few.json
	says 'syc-plot: there is nothing'
	run 1 syc-plot --kind calibration few.json
done
awk 'BEGIN { printf "{\"fits\": ["; for (i = 0; i < 120; i++)
	printf "%s{\"vector\": \"v%d\", \"position\": \"s\", \"layers\": [{\"layer\": 0, \"auc\": 0.5}]}", i ? "," : "", i; print "]}" }' > lots.json
run 1 syc-plot lots.json
says '120 panels are more than 100: choose some'
run 0 syc-plot --vector v7 lots.json

# Slopes in order; a sweep without any says what makes them.
echo '{"settings": [], "curves": [{"vector": "v_1", "layers": "2-3", "op": "add", "wrong_way": 0.25, "questions": [
	{"slope": 0.5, "margin": 0.1}, {"slope": -0.25, "margin": 0}, {"slope": null, "margin": 0}, {"slope": 0.75, "margin": 0}]}]}' >slopes.json
run 0 syc-plot --kind slopes slopes.json
grep -q 'v_1, add, layers 2-3: 25 % the wrong way' out || fail "slopes: $(cat out)"
run 1 syc-plot --kind slopes sweep.json
says 'syc-sweep --per-question'

# Every ending, in every kind; nothing but the file is left.
cp more.json diff.json
for kind in agree auc best calibration confound diff fidelity heat points roc shift slopes stability sweep transfer vector; do
	v=v_1
	case $kind in
	auc) in=fit.json ;;
	points|roc) in=rows.jsonl ;;
	best|calibration|confound|diff) in=more.json; v=v ;;
	sweep) in=sweep.json; v="v'\`s" ;;
	vector) in=vector.json; v=a ;;
	*) in=$kind.json ;;
	esac
	position=mean
	[ $in != more.json ] || position=prompt
	for end in png svg pdf; do
		t=${end}cairo; [ $end != svg ] || t=svg
		has_terminal $t || { echo "this gnuplot has no $t"; continue; }
		for run in 1 2; do
			run 0 syc-plot --kind=$kind --vector="$v" --position=$position --title="A title" \
				-o $kind$run.$end $in
			[ ! -s out ] && [ ! -s err ] || fail "$kind.$end is not silent"
			[ ! -e $kind$run.$end.part ] || fail "a part of $kind.$end is left"
		done
		cmp $kind"1".$end $kind"2".$end || fail "two runs of $kind.$end differ"
	done
done
[ ! -e auc1.png ] || starts auc1.png 4 3 PNG
[ ! -e auc1.pdf ] || starts auc1.pdf 5 5 %PDF-
grep -q '>layer<' auc1.svg || fail "auc.svg"
grep -q '>A title<' auc1.svg || fail "--title"
grep -q '>v_1, mean<' auc1.svg || fail "legend"
# Six panels by default, those asked for otherwise.
[ "$(grep -c '>layer [0-9]: AUC 0\.[0-9]* \[0\.' points1.svg)" -eq 6 ] || fail "panels"
syc-plot --kind=points --position=mean --layers=2,4-5 --xlabel='the cosine' -o some.svg rows.jsonl
[ "$(grep -c '>layer [245]: AUC' some.svg)" -eq 3 ] || fail "--layers"
[ "$(grep -c '>the cosine<' some.svg)" -eq 3 ] || fail "--xlabel"
# The order of rows does not show.
sort -r rows.jsonl > back.jsonl
syc-plot --kind=points --position=mean --layers=2,4-5 --xlabel='the cosine' -o back.svg back.jsonl
cmp some.svg back.svg || fail "order of rows"
# A panel a vector and position, a curve a report.
cp fit.json other.json
syc-plot -o both.svg fit.json other.json
[ "$(grep -c '>fit (n = 40)<\|>other (n = 40)<' both.svg)" -eq 2 ] || fail "curves of reports"
[ "$(grep -c '>mean<\|>prompt<' both.svg)" -eq 2 ] || fail "panels are named by what differs"

# Text from files, names and options is text, whatever it holds.
evil="it's \`touch PWNED\` \$(touch PWNED) @m {/Bold x} \\\\n'; system('touch PWNED') #"
sed "s/v_1/$(printf %s "$evil" | sed 's/[\\&/]/\\&/g')/" rows.jsonl > evil.jsonl
run 0 syc-fit --json -o "a'\`touch PWNED\`.json" evil.jsonl
run 0 syc-plot --title="''; system('touch PWNED'); \`touch PWNED\`
exit" --xlabel="'" -o "|touch PWNED.svg" "a'\`touch PWNED\`.json"
[ -s "|touch PWNED.svg" ] || fail "a file's name was taken for something else"
run 0 syc-plot --kind=points --position=mean --title="$evil" -o evil.svg evil.jsonl
grep -q '@m {/Bold x} \\\\n.; system(.touch PWNED.) #<' evil.svg || fail "text was changed"
[ -z "$(find . -name 'PWNED*')" ] || fail "text was run as a command"

# Nothing to draw, nothing to choose from, broken input.
run 1 syc-plot --vector=none fit.json
says 'no report has a fit'
run 1 syc-plot rows.jsonl
says 'syc-plot: rows.jsonl has rows: choose --kind=points or --kind=roc'
run 1 syc-plot --kind auc rows.jsonl
says 'syc-plot: rows.jsonl: not what syc-fit --json writes'
printf '{\n{' > row.json
run 1 syc-plot row.json
says 'syc-plot: row.json:2: '
run 1 syc-plot none-such.json
says 'syc-plot: none-such.json: No such file'
run 1 syc-plot --kind=points rows.jsonl
says "choose one with --vector and --position: 'v_1' at mean, 'v_1' at prompt"
run 1 syc-plot --kind=points --position=letter rows.jsonl
says 'no such vector and position'
run 1 syc-plot --kind=points --position=mean --layers=9 rows.jsonl
says 'nothing of layer 9'
{ echo '{}'; cat rows.jsonl; } > bad.jsonl
run 1 syc-plot --kind=points --position=mean bad.jsonl
says 'syc-plot: bad.jsonl:1: no "label"'
run 0 syc-plot --kind=points --position=mean --keep-going bad.jsonl
echo '{"label":1,"layers":[0],"score":{"v":{"mean":[1]}}}' > one.jsonl
syc-fit -q --json -o one.json one.jsonl
run 1 syc-plot one.json
says 'no AUC is defined'
run 0 syc-plot --kind=points one.jsonl
run 1 syc-plot --kind=points /dev/null
says 'syc-plot: no rows'

# Figures of tasks: two models side by side, a row for each figure that has a value.
figure() {
	printf '{"task":"%s","words":"%s","unit":"%s","headline":%s,"domain":%s,"estimate":%s,"lo":%s,"hi":%s}' "$@"
}
{
	printf '{"models":[{"model":"x/one.gguf","grader":"","figures":[%s,%s,%s,%s,%s]},' \
		"$(figure answer 'the sway' change true null 0.2 0.1 0.3)" \
		"$(figure answer 'of a domain' change true '"d"' 0.2 0.1 0.3)" \
		"$(figure answer 'no headline' rate false null 0.2 0.1 0.3)" \
		"$(figure moral 'no value' rate true null null null null)" \
		"$(figure mirror 'toward the user' points true null 5 4 6)"
	printf '{"model":"two.gguf","grader":"","figures":[%s]}]}\n' \
		"$(figure answer 'the sway' change true null -0.1 -0.2 0)"
} > eval.json
run 0 syc-plot eval.json
for text in 'answer: the sway' 'mirror: toward the user (of 10 points)' 'one.gguf' 'two.gguf'; do
	grep -qF "$text" out || fail "no '$text': $(cat out)"
done
if grep -q 'domain\|headline\|no value\|x/' out; then fail "too much: $(cat out)"; fi
[ "$(grep -c 'answer: the sway' out)" -eq 1 ] || fail "a row for each model"
mv out alone
echo '{"program":"syc-eval","fits":[]}' >> eval.json
run 0 syc-plot eval.json
cmp -s alone out || fail "with what vectors tell behind it"
run 1 syc-plot --kind=eval fit.json
says 'fit.json: not what syc-eval --json writes'
echo '{"models":[{"model":"","grader":"","figures":[]}]}' > none.json
run 1 syc-plot none.json
says 'no figure has a value'

# Wrong use.
run 2 syc-plot -o plot.jpg fit.json
misused 'must end in .png, .svg or .pdf'
run 2 syc-plot --kind=pie fit.json
run 2 syc-plot --size=big fit.json
run 2 syc-plot --layers=x fit.json

# No gnuplot, a gnuplot that fails, a lost write: one line, and no file.
plot=$(command -v syc-plot)
mkdir bin
for p in sh sed cat ls grep expr dirname basename pwd uname; do
	f=$(command -v $p) && ln -s "$f" bin/$p 2> /dev/null || :
done
run 1 env PATH="$PWD/bin" "$plot" -o none.svg fit.json
says 'syc-plot: gnuplot is not installed'
printf '#!/bin/sh\necho >&2\necho "line 0: something is wrong" >&2\nexit 1\n' > bin/gnuplot
chmod +x bin/gnuplot
run 1 env PATH="$PWD/bin" "$plot" -o none.svg fit.json
says 'syc-plot: gnuplot: something is wrong'
[ "$(wc -l < err)" -eq 1 ] || fail "more than a line"
[ ! -e none.svg ] && [ ! -e none.svg.part ] || fail "a picture of a failure"
if [ -w /dev/full ]; then
	if syc-plot fit.json > /dev/full 2> err; then fail "a lost write went unnoticed"; fi
	says 'syc-plot: standard output: '
fi
run 1 syc-plot -o no/such/folder.svg fit.json

exit $failed
