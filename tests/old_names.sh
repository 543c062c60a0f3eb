#!/bin/sh
# SPDX-License-Identifier: MIT
# Options, positions and steering keys by the names they had before: the same
# results, and a line that says the new name.
. "$top_srcdir/tests/lib.sh"
head -6 "$demo/pairs.jsonl" >pairs
head -6 "$demo/cue-pairs.jsonl" >cue

# renamed TEXT COMMAND...: it does its work, and TEXT is its one line.
renamed() {
	text=$1
	shift
	run 0 "$@"
	says "$text"
}
# tells TEXT...: among the lines of the last command.
tells() {
	for text; do
		grep -qF -- "$text" err || fail "'$(cat err)' lacks '$text'"
	done
}
silent() {
	run 0 "$@"
	[ ! -s err ] || fail "$*: $(cat err)"
}
rec="syc-rec -q -m $model --system"
silent $rec '' --positions prompt,last,letter -r new.npz -o new.out pairs
renamed 'syc-rec: --sites is called --positions now' $rec '' --sites prompt,letter -r old.npz -o old.out pairs
run 0 $rec '' --sites=prompt,continuation,letter -r old.npz -o old.out pairs
tells '--sites is called' 'the position continuation is called last now'
same new.npz old.npz 'activations by old names'
renamed 'continuation is called last now' $rec '' --positions continuation -r old.npz -o old.out pairs

# One option has one meaning: what gave way.  A name can be old in one command alone.
old=$(awk '/old_names\[\] = /,/^};/' "$top_srcdir/src/tool/options/old_names.c" | tr -d '\t{},"' |
	awk '$1 ~ /^syc-/')
[ "$(echo "$old" | wc -l)" -ge 30 ] || fail "few old names: $old"
echo "$old" | while read -r program name now; do
	commands=$("$program" --help | sed -n '/^Commands/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
	n=0
	for c in ${commands:-''}; do
		# shellcheck disable=SC2086
		[ -e "help $program $c" ] || "$program" $c --help >"help $program $c"
		row=$(sed -nE "s/^ +(-[a-zA-Z], )?--$now(=?).*/x\\2/p" "help $program $c" | head -n 1)
		[ -n "$row" ] || continue
		n=$((n + 1))
		value=
		[ "$row" = x ] || value==1
		# shellcheck disable=SC2086
		"$program" $c "--$name$value" --help >out 2>err
		grep -qF -- "--$name is called --$now now" err || echo "$program $c --$name: $(cat err)"
	done
	[ $n -gt 0 ] || echo "$program has no --$now"
done >missing
[ ! -s missing ] || fail "$(cat missing)"
syc-vec forecast --nulls x --help >out 2>err || fail "--nulls of forecast"
[ ! -s err ] || fail "--nulls of forecast is none of old: $(cat err)"

run 0 syc-study --random 3 --help
tells 'syc-study: --random is called --null now'
vec="syc-vec mean -q -m $model --system"
silent $vec '' --position letter --normalize unit --name v -o new.gguf pairs
run 0 $vec '' --read=letter --normalise unit --name v -o old.gguf pairs
tells 'syc-vec mean: --read is called --position now' '--normalise is called --normalize now'
same new.gguf old.gguf 'a vector by old names'
# What --read last was is to have no option.
for from in pairs cue; do
	silent $vec '' --name v -o new.gguf $from
	renamed '--read is called' $vec '' --read last --name v -o old.gguf $from
	same new.gguf old.gguf "--read last of $from"
done
stability="syc-vec stability -q -a new.npz --boot 3 --halves 3 --layers 2"
silent $stability --positions letter,last
mv out new
renamed '--reads is called --positions now' $stability --reads letter,last
same new out 'stability by old names'
renamed '--normalise is called' syc-vec combine -q --normalise unit -o old.gguf new.gguf

silent syc-score -q -d new.gguf --positions prompt new.out
mv out new
renamed '--sites is called' syc-score -q -d new.gguf --sites prompt new.out
same new out 'scores by old names'
run 0 syc-score -q -d new.gguf --sites continuation new.out
expect 'all(.[]; .score | .[] | keys == ["last"])' out

gen="syc-gen -q -m $model --system"
head -2 pairs >two
silent $gen '' -n 3 -s new.gguf:2@3,hook=attn --record new.npz --positions last -o new two
for spec in '-s' '--steer'; do
	renamed 'site= is called hook= now' $gen '' -n 3 $spec new.gguf:2@3,site=attn --record old.npz \
		--positions last -o old two
	same new.npz old.npz 'steering by old names'
done
silent syc-sweep -q -m "$model" --system '' -d new.gguf --layers 3 --op add:2,hook=mlp -n 0 --boot 100 two
mv out new
renamed 'site= is called' syc-sweep -q -m "$model" --system '' -d new.gguf --layers 3 --op add:2,site=mlp -n 0 \
	--boot 100 two
same new out 'a sweep by old names'

# Nowhere else.
for wrong in 'syc-label --sites prompt' 'syc-fit --read last' 'syc-gen --normalise unit' 'syc-vec mean --site last'; do
	# shellcheck disable=SC2086
	run 2 $wrong
	misused unrecognized
done
run 0 syc-vec mean --help
grep -qE -- '--(read|normalise)' out && fail "--help has old names"
exit $failed
