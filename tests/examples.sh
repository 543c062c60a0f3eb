#!/bin/sh
# SPDX-License-Identifier: MIT
# The EXAMPLES of every page work.  The commands of a page run in order, in a folder with
# model.gguf, pairs.jsonl, questions.jsonl, ... of the demo (of each some rows); each must exit
# with 0, and so must every part of its pipe where the shell can tell.  The TUTORIAL of syc(7)
# is run by syc_study.sh, on an installed copy.
set -u
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
top=$(cd "${top_srcdir-.}" && pwd) || exit 99
build=$(pwd)
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failed=0
n=0
rows=40

# A shell with pipefail, if there is one.
shell="sh"
for s in bash sh; do
	$s -c 'set -o pipefail' 2> "$dir/err" && { shell="$s -o pipefail"; break; }
done
has_jq=true
jq --version > "$dir/out" 2>&1 || has_jq=false
has_gnuplot=true
gnuplot --version > "$dir/out" 2>&1 || has_gnuplot=false

# skip COMMAND: true when it needs what this machine lacks.
skip() {
	case $1 in
	*syc-plot*) $has_gnuplot || return 0 ;;
	*'jq '*) $has_jq || return 0 ;;
	esac
	return 1
}

demo_folder() {
	mkdir "$1" && cd "$1" || exit 99
	for f in "$top"/demo/*; do
		ln -s "$f" .
	done
	ln -s demo-q8_0.gguf model.gguf
	ln -s "$top/tests/data/truthful.csv" TruthfulQA.csv
	rm pairs.jsonl cue-pairs.jsonl
	head -n $((rows / 2)) "$top/demo/pairs.jsonl" > pairs.jsonl
	head -n $((rows / 2)) "$top/demo/cue-pairs.jsonl" > cue-pairs.jsonl
	head -n $rows "$top/demo/test-opinion.jsonl" > questions.jsonl
}

for page in "$top"/man/*.[1-9]; do
	name=${page##*/}
	awk -v sections='EXAMPLES|MACHINES' -f "$top/tests/commands.awk" "$page" > "$dir/commands"
	[ -s "$dir/commands" ] || continue
	(
		demo_folder "$dir/$name"
		# shellcheck disable=SC3045
		while IFS= read -r line; do
			command=$(printf '%s' "$line" | tr '\001' '\n')
			if skip "$command"; then
				echo "$name: not run: $command"
			elif ! $shell -c "$command" > ../out 2> ../err < /dev/null; then
				echo "FAIL: $name: $command"
				cat ../out ../err
				exit 1
			fi
		done < ../commands
	) || failed=1
	n=$((n + $(wc -l < "$dir/commands")))
done
cd "$build" || exit 99
[ $n -gt 20 ] || { echo "FAIL: only $n examples were found"; failed=1; }

# The program in libsyc(3) is examples/predict.c, and it runs.
awk '/^\.SH EXAMPLES/ { here = 1 } here && /^\.EX/ { on = 1; next } /^\.EE/ { on = 0 } on' "$top/man/libsyc.3" |
	sed 's/\\-/-/g; s/\\(aq/'"'"'/g; s/\\&//; s/\\e/\\/g; s/^ *//' > "$dir/page.c"
sed '1d; s/^[	 ]*//' "$top/examples/predict.c" > "$dir/file.c"
cmp "$dir/page.c" "$dir/file.c" || { echo "FAIL: libsyc.3 does not show examples/predict.c"; failed=1; }
[ "$(wc -l < "$top/examples/predict.c")" -le 80 ] || { echo "FAIL: predict.c is longer than 80 lines"; failed=1; }
demo=$top/demo
head -n 40 "$demo/test-opinion.jsonl" > "$dir/questions"
head -n 40 "$demo/cue-pairs.jsonl" > "$dir/pairs"
examples/predict "$demo/demo-q8_0.gguf" "$dir/pairs" "$dir/questions" > "$dir/out" || failed=1
# The same by the programs.
syc-vec mean -q -m "$demo/demo-q8_0.gguf" --balance -o "$dir/v.gguf" "$dir/pairs" &&
	syc-gen -q -m "$demo/demo-q8_0.gguf" -n 1 --choices --positions prompt --dtype f32 -r "$dir/a.npz" "$dir/questions" |
	jq -c '.label = (if .p_match > 0.5 then 1 else 0 end)' |
	syc-score -d "$dir/v.gguf" - | syc-fit --tsv | awk 'NR > 1 { printf "layer %2d  AUC %.3f\n", $3, $7 }' > "$dir/want"
cmp "$dir/out" "$dir/want" || { echo "FAIL: predict said:"; cat "$dir/out"; failed=1; }
echo "$n examples"
exit $failed
