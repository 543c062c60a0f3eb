# SPDX-License-Identifier: MIT
# syc-plot from end to end: its kinds, its endings, hostile text, lost writes.
set -eu
command -v gnuplot > /dev/null || { echo "no gnuplot"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
top=$(cd "${top_srcdir-.}" && pwd)
cd "$tmp"

fail() { echo "FAIL: $*"; exit 1; }
want() {
	s=$1; shift
	r=0; "$@" > out.txt 2> err.txt || r=$?
	[ $r -eq $s ] || { cat err.txt; fail "exit $r, not $s: $*"; }
}
says() { grep -q -e "$1" err.txt || { cat err.txt; fail "does not say '$1'"; }; }
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
want 0 syc-plot fit.json
grep -q 'fit (n = 40)' out.txt || fail "panel title"
grep -q 'layer' out.txt || fail "axis label"
mv out.txt first.txt
want 0 syc-plot - < fit.json
grep -q 'standard input (n = 40)' out.txt || fail "standard input"
want 0 syc-plot fit.json
cmp out.txt first.txt || fail "two runs differ"
want 0 syc-plot --size=60x30 fit.json
[ "$(wc -l < out.txt)" -le 31 ] || fail "--size"

# Cosines between layers: a matrix with a gap, and one that is no matrix.
echo '{"a": "x/one.gguf", "b": "two.gguf", "between": [[1, -0.62, null], [0.3, 0.01, -1]]}' > heat.json
want 0 syc-plot --kind heat heat.json
for text in 'one.gguf (down), two.gguf (across)' ' -6 ' ' -X ' ' X ' ' \. '; do
	grep -q -e "$text" out.txt || fail "heat lacks '$text'"
done
cat heat.json heat.json > two.json
want 0 syc-plot --kind heat - < two.json
[ "$(grep -c 'one.gguf (down)' out.txt)" -eq 2 ] || fail "two matrices are two panels"
for bad in '{}' '[]' '{"a": "x", "b": "y", "between": [[1], [1, 2]]}' '{"a": "x", "b": "y", "between": [["1"]]}' \
	'{"a": "x", "b": "y", "between": []}'; do
	echo "$bad" > bad.json
	want 1 syc-plot --kind heat bad.json
	says 'bad.json: not from syc-vec compare --between'
done
want 1 syc-plot --kind heat /dev/null
says 'no matrix'

# A sweep: panels by layer, curves by operator and sign, baselines; choices.
awk 'BEGIN {
	printf "{\"kl_on\": \"answers\", \"settings\": [{\"kind\": \"none\", \"p_match\": 0.5, \"kl\": 0}"
	for (l = 2; l < 4; l++) for (k = -2; k <= 2; k++) if (k) {
		f = ", {\"kind\": \"%s\", \"vector\": \"v\\u0027`s\", \"layer\": %d, \"layers\": \"%d\", \"op\": \"add\", \"scale\": %d, "
		f = f "\"p_match\": %g, \"change_lo\": %g, \"change_hi\": %g, \"kl\": %g}"
		printf f, "steer", l, l, k, 0.5 + k / 10, k / 10 - 0.05, k / 10 + 0.05, k * k / 100
		printf f, "random", l, l, k, 0.5, -0.01, 0.01, k * k / 90
	}
	print ", {\"kind\": \"prompt\", \"system\": \"x\", \"p_match\": 0.4, \"change_lo\": -0.2, \"change_hi\": 0, \"kl\": 0.02}]}"
}' > sweep.json
want 0 syc-plot --kind sweep sweep.json
for said in "v's, layer 2" "v's, layer 3" 'add -' 'add +' random 'system message' 'KL, nats per token'; do
	tr '\140' s < out.txt | grep -qF -e "$(echo "$said" | sed "s/v's/v'ss/")" || { cat out.txt; fail "no '$said'"; }
done
want 0 syc-plot --kind sweep --layers 3 sweep.json
grep -q 'layer 2' out.txt && fail "--layers of a sweep"
want 1 syc-plot --kind sweep --layers 7 sweep.json
says 'no setting'
sed 's/"layer": 3, "layers": "3"/"layer": null, "layers": "2-3,5"/g' sweep.json >several.json
want 0 syc-plot --kind sweep several.json
grep -q ', layers 2-3,5' out.txt || fail "no panel of several layers: $(cat out.txt)"
want 1 syc-plot --kind sweep fit.json
says 'not what syc-sweep'
want 1 syc-plot --kind sweep sweep.json sweep.json
says 'one report'

# Every ending, in every kind; nothing but the file is left.
for kind in auc points heat sweep; do
	in=fit.json; v=v_1
	[ $kind != points ] || in=rows.jsonl
	[ $kind != heat ] || in=heat.json
	[ $kind != sweep ] || { in=sweep.json; v="v'\`s"; }
	for end in png svg pdf; do
		t=${end}cairo; [ $end != svg ] || t=svg
		has_terminal $t || { echo "this gnuplot has no $t"; continue; }
		for run in 1 2; do
			want 0 syc-plot --kind=$kind --vector="$v" --site=mean --title="A title" \
				-o $kind$run.$end $in
			[ ! -s out.txt ] && [ ! -s err.txt ] || fail "$kind.$end is not silent"
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
syc-plot --kind=points --site=mean --layers=2,4-5 --xlabel='the cosine' -o some.svg rows.jsonl
[ "$(grep -c '>layer [245]: AUC' some.svg)" -eq 3 ] || fail "--layers"
[ "$(grep -c '>the cosine<' some.svg)" -eq 3 ] || fail "--xlabel"
# The order of rows does not show.
sort -r rows.jsonl > back.jsonl
syc-plot --kind=points --site=mean --layers=2,4-5 --xlabel='the cosine' -o back.svg back.jsonl
cmp some.svg back.svg || fail "order of rows"
# Several reports are panels side by side.
cp fit.json other.json
syc-plot -o both.svg fit.json other.json
[ "$(grep -c '>fit (n = 40)<\|>other (n = 40)<' both.svg)" -eq 2 ] || fail "panels of reports"
[ "$(grep -c '>mean<\|>prompt<' both.svg)" -eq 2 ] || fail "legend names what differs"

# Text from files, names and options is text, whatever it holds.
evil="it's \`touch PWNED\` \$(touch PWNED) @m {/Bold x} \\\\n'; system('touch PWNED') #"
sed "s/v_1/$(printf %s "$evil" | sed 's/[\\&/]/\\&/g')/" rows.jsonl > evil.jsonl
want 0 syc-fit --json -o "a'\`touch PWNED\`.json" evil.jsonl
want 0 syc-plot --title="''; system('touch PWNED'); \`touch PWNED\`
exit" --xlabel="'" -o "|touch PWNED.svg" "a'\`touch PWNED\`.json"
[ -s "|touch PWNED.svg" ] || fail "a file's name was taken for something else"
want 0 syc-plot --kind=points --site=mean --title="$evil" -o evil.svg evil.jsonl
grep -q '@m {/Bold x} \\\\n.; system(.touch PWNED.) #<' evil.svg || fail "text was changed"
[ -z "$(find . -name 'PWNED*')" ] || fail "text was run as a command"

# Nothing to draw, nothing to choose from, broken input.
want 1 syc-plot --vector=none fit.json
says 'no report has a fit'
want 1 syc-plot rows.jsonl
says '^syc-plot: rows.jsonl:2: '
head -n 1 rows.jsonl > row.json
want 1 syc-plot row.json
says 'not a report of syc-fit --json'
want 1 syc-plot none-such.json
says '^syc-plot: none-such.json: No such file'
want 1 syc-plot --kind=points rows.jsonl
says "choose one with --vector and --site: 'v_1' at mean, 'v_1' at prompt"
want 1 syc-plot --kind=points --site=letter rows.jsonl
says 'no such vector and site'
want 1 syc-plot --kind=points --site=mean --layers=9 rows.jsonl
says 'no scores of layer 9'
{ echo '{}'; cat rows.jsonl; } > bad.jsonl
want 1 syc-plot --kind=points --site=mean bad.jsonl
says '^syc-plot: bad.jsonl:1: no "label"'
want 0 syc-plot --kind=points --site=mean --keep-going bad.jsonl
echo '{"label":1,"layers":[0],"score":{"v":{"mean":[1]}}}' > one.jsonl
syc-fit -q --json -o one.json one.jsonl
want 1 syc-plot one.json
says 'no AUC is defined'
want 0 syc-plot --kind=points one.jsonl
want 1 syc-plot --kind=points /dev/null
says '^syc-plot: no rows$'

# Wrong use.
want 2 syc-plot -o plot.jpg fit.json
says 'must end in .png, .svg or .pdf'
want 2 syc-plot --kind=pie fit.json
want 2 syc-plot --size=big fit.json
want 2 syc-plot --layers=x fit.json

# No gnuplot, a gnuplot that fails, a lost write: one line, and no file.
plot=$(command -v syc-plot)
mkdir bin
for p in sh sed cat ls grep expr dirname basename pwd uname; do
	f=$(command -v $p) && ln -s "$f" bin/$p 2> /dev/null || :
done
want 1 env PATH="$PWD/bin" "$plot" -o none.svg fit.json
says '^syc-plot: gnuplot is not installed'
printf '#!/bin/sh\necho >&2\necho "line 0: something is wrong" >&2\nexit 1\n' > bin/gnuplot
chmod +x bin/gnuplot
want 1 env PATH="$PWD/bin" "$plot" -o none.svg fit.json
says '^syc-plot: gnuplot: something is wrong$'
[ "$(wc -l < err.txt)" -eq 1 ] || fail "more than a line"
[ ! -e none.svg ] && [ ! -e none.svg.part ] || fail "a picture of a failure"
if [ -w /dev/full ]; then
	if syc-plot fit.json > /dev/full 2> err.txt; then fail "a lost write went unnoticed"; fi
	says '^syc-plot: standard output: '
fi
want 1 syc-plot -o no/such/folder.svg fit.json

# The examples of the manual.
mkdir examples && cd examples
sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/p' "$top/man/syc-plot.1" | grep '^[$>]' |
	sed 's/^[$>] //; s/\\-/-/g; s/\\(aq/'"'"'/g; s/\\(rs/\\/g' > run.sh
has_terminal pngcairo && has_terminal pdfcairo || sed -i 's/\.p[nd][gf]/.svg/' run.sh
sh -eu run.sh > out.txt || fail "an example failed"
[ -s fit.pdf ] || [ -s fit.svg ] || fail "an example's picture"
