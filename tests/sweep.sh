#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-sweep: its figures are those of syc-gen, of the reference and of their
# definitions; the same bytes for threads, batch and sharing.
case ${top_srcdir-.} in /*) ;; *) top_srcdir=$(cd "${top_srcdir-.}" && pwd) ;; esac
. "$top_srcdir/tests/lib.sh"
have_jq || exit 77
n=12
[ -z "${SYC_SANITIZED-}" ] || n=4
head -n $n "$demo/test-opinion.jsonl" >q.jsonl
head -n 3 "$demo/true-fact.jsonl" >control.jsonl
for v in cue last; do
	run 0 syc-vec convert -q --layer-base 0 --key $v -o $v.gguf "$demo/vectors.npz"
done
sweep() {
	syc-sweep -q -m "$demo/demo-q8_0.gguf" --system '' -n 6 --answers 3 --text-tokens 40 --boot 200 "$@"
}

# A grid with everything; the order of the settings is the options'.
run 0 sweep --json -t 1 -d cue.gguf --layers 2-3 --op add:-2,2 --op ablate --op rotate:30,hook=attn \
	--random 2 --prompt 'Be honest.' --control control.jsonl q.jsonl
cp out grid.json
expect '.[0] | .n == '$n' and .n_control == 3 and .at_kl == null and .text_tokens == 40 and .answers == 3' out
expect '.[0].settings | map([.kind, .layer, .op, .scale, .draw]) | .[0:7] == [["none", null, null, null, null],
	["steer", 2, "add", -2, null], ["steer", 2, "add", 2, null], ["steer", 2, "ablate", 1, null],
	["steer", 2, "rotate", 30, null], ["random", 2, "add", -2, 1], ["random", 2, "add", 2, 1]]' out
expect '.[0].settings | length == 1 + 2 * 4 * 3 + 1 and .[-1].system == "Be honest."' out
expect '.[0].settings[4].steer[0] | .hook == "attn" and .layers == [2]' out
expect '.[0].settings | .[0] as $o | all(.[]; (.p_match - $o.p_match - .change | fabs) < 1e-5 and
	.change_lo <= .change and .change <= .change_hi and (.control.p_match - $o.control.p_match - .control.change | fabs) < 1e-5)' out
expect '.[0].settings | .[0].kl == 0 and .[0].text_kl == 0 and all(.[1:][]; .kl > 0 and .wrong_way >= 0)' out
expect '.[0].settings[-1] | .text_kl == null and .perplexity == null' out
expect '.[0].settings | map([.vector, .layer, .op, .scale, .draw, .p_match]) | unique | length == 26' out
expect '.[0].settings | map(select(.draw) | .steer[0].vector) | unique | length == 4' out

# The same bytes however it is computed; the seed counts.
for how in '-t 2' '-t 2 --batch 16' '--no-sharing' '--kv-memory 1M'; do
	# shellcheck disable=SC2086
	run 0 sweep --json $how -d cue.gguf --layers 2-3 --op add:-2,2 --op ablate --op rotate:30,hook=attn \
		--random 2 --prompt 'Be honest.' --control control.jsonl q.jsonl
	same out grid.json "syc-sweep $how"
done
head -n 2 q.jsonl >two.jsonl
run 0 sweep --json -d cue.gguf --layers 2 --op add:2 --op ablate --random 1 two.jsonl
cp out two.json
run 0 sweep --json -d cue.gguf --layers 2 --op add:2 --op ablate --random 1 --cpu scalar two.jsonl
same out two.json "syc-sweep --cpu scalar"
run 0 sweep --json --lora "$demo/lora" -d cue.gguf --layers 2-4 --op add:2 two.jsonl
cp out lora.json
run 0 sweep --json --lora "$demo/lora" --no-sharing -d cue.gguf --layers 2-4 --op add:2 two.jsonl
same out lora.json "syc-sweep --lora --no-sharing"
run 0 sweep --json --seed 2 -d cue.gguf --layers 2 --random 1 q.jsonl
[ "$(jq '[.settings[] | select(.draw == 1 and .layer == 2 and .op == "add" and .scale == 2)][0].p_match' out)" != \
	"$(jq '[.settings[] | select(.draw == 1 and .layer == 2 and .op == "add" and .scale == 2)][0].p_match' grid.json)" ] ||
	fail "the seed does not change random directions"

# P(match) is what syc-gen says, steered, with a system message, and of the control.
of_gen() {
	syc-gen -q -m "$demo/demo-q8_0.gguf" -n 1 --choices "$@" | jq -s 'map(.p_match) | add / length'
}
near() {
	jq -en --argjson a "${1:-null}" --argjson b "${2:-null}" '($a - $b) | fabs < 1e-5' >jq.out ||
		fail "$3: $1 is not $2"
}
near "$(jq '.settings[2].p_match' grid.json)" "$(of_gen --system '' -s cue.gguf:2@2 q.jsonl)" "add"
near "$(jq '.settings[3].p_match' grid.json)" "$(of_gen --system '' -s cue.gguf@2,op=ablate q.jsonl)" "ablate"
near "$(jq '.settings[4].p_match' grid.json)" \
	"$(of_gen --system '' -s cue.gguf:30@2,op=rotate,hook=attn q.jsonl)" "rotate"
near "$(jq '.settings[-1].p_match' grid.json)" "$(of_gen --system 'Be honest.' q.jsonl)" "prompt"
near "$(jq '.settings[3].control.p_match' grid.json)" \
	"$(of_gen --system '' -s cue.gguf@2,op=ablate control.jsonl)" "control"

# Columns are the document's figures.
run 0 sweep --tsv -t 1 -d cue.gguf --layers 2-3 --op add:-2,2 --op ablate --op rotate:30,hook=attn \
	--random 2 --prompt 'Be honest.' --control control.jsonl q.jsonl
cp out grid.tsv
jq -r '["kind", "vector", "draw", "layers", "op", "scale", "reached", "p_match", "change", "change_lo",
	"change_hi", "chosen", "chosen_change", "chosen_change_lo", "chosen_change_hi", "wrong_way"] as $a |
	["kl", "text_kl", "perplexity", "repetition"] as $b |
	["effect", "effect_change", "effect_lo", "effect_hi"] as $c | $a + $b + ($a[7:] | map("control_" + .)) + $c,
	(.settings[] | . as $s | [$a[], $b[] | $s[.]] + ($a[7:] | map($s.control[.])) + [$c[] | $s[.]] |
	if $s.kind == "prompt" then .[1] = $s.system else . end |
	map(if . == null then "NA" elif . == true then 1 else . end)) | @tsv' grid.json >want.tsv
awk -F '\t' 'NR == FNR { for (i = 1; i <= NF; i++) want[FNR, i] = $i; n = NF; next }
	NF != n { print FNR ": " NF " columns"; bad = 1 }
	{ for (i = 1; i <= NF; i++) {
		d = $i - want[FNR, i]
		if (i == 7 && FNR > 1 && want[FNR, i] == "NA") continue
		if ($i !~ /^-?[0-9]/ ? $i != want[FNR, i] : d * d > 1e-10 * (1 + $i * $i)) {
			print FNR ", " i ": " $i " is not " want[FNR, i]; bad = 1
		}
	} } END { exit bad || FNR != 27 }' want.tsv grid.tsv >&2 || fail "--tsv is not --json"

# Layers at once are one setting, as -s of syc-gen has them; random ones, too.
run 0 sweep --json -d cue.gguf --layers 1 --at-once 2-3,5 --at-once 3 --op add:-2 --op ablate --random 1 q.jsonl
cp out once.json
expect '.[0].settings | map([.kind, .layer, .layers, .op]) | .[1:7] == [["steer", 1, "1", "add"],
	["steer", 1, "1", "ablate"], ["random", 1, "1", "add"], ["random", 1, "1", "ablate"],
	["steer", null, "2,3,5", "add"], ["steer", null, "2,3,5", "ablate"]] and length == 13' out
expect '.[0].settings | .[5].steer[0].layers == [2, 3, 5] and .[7].steer[0].layers == [2, 3, 5] and
	.[9].steer[0].layers == [3]' out
near "$(jq '.settings[5].p_match' once.json)" \
	"$(of_gen --system '' -s cue.gguf:-2@2-3,5 q.jsonl)" "add at three layers"
near "$(jq '.settings[6].p_match' once.json)" \
	"$(of_gen --system '' -s cue.gguf@2,3,5,op=ablate q.jsonl)" "ablate at three layers"
expect '.[0].settings | .[7].p_match != .[5].p_match and .[7].p_match != .[11].p_match' out
run 0 sweep -d cue.gguf --at-once 1-5 --op ablate q.jsonl
[ "$(grep -c . out)" -eq 6 ] || fail "--at-once alone: $(cat out)"
grep -q '^cue  *1-5 ablate  *1 ' out || fail "no row of several layers: $(cat out)"
run 2 sweep -d cue.gguf --at-once 4-6 q.jsonl
misused '--at-once'
run 2 sweep --json --tsv -d cue.gguf q.jsonl
misused 'one or the other'

# At equal KL: what can be reached is, and ablation goes to its end.
run 0 sweep --json --at-kl 0.02 -d cue.gguf --layers 3 --op add --op ablate --op norm-keep --op rotate q.jsonl
expect '.[0].settings[1:] | length == 7 and all(.[]; if .reached then (.kl / 0.02 - 1 | fabs) < 0.11
	else .op == "ablate" and .scale == 1 and .kl < 0.02 end)' out
expect '.[0].settings[1:] | map(select(.op != "ablate")) | all(.[]; .reached) and
	(map(.scale < 0) == [true, false, true, false, true, false])' out
run 0 sweep --json --at-kl 0.5 --kl-on text -n 0 -d cue.gguf --layers 3 --op add q.jsonl
expect '.[0].settings[1:] | all(.[]; .reached and (.text_kl / 0.5 - 1 | fabs) < 0.11 and .kl == null)' out

# Steering of the answer alone leaves the first distribution, so P(match) of the
# shared bracket is read behind a steered token, and the text is steered.
run 0 sweep --json -d cue.gguf --layers 2 --op add:2,when=generated q.jsonl
near "$(jq '.settings[1].p_match' out)" \
	"$(of_gen --system '' -s cue.gguf:2@2,when=generated q.jsonl)" "when=generated"

run 0 syc-vec convert -q -o cue.npy cue.gguf
run 0 syc-sweep -m "$demo/demo-q8_0.gguf" --system '' -n 0 --text-tokens 8 --boot 100 -d cue.npy --layers 2 --op ablate q.jsonl
grep -qF 'warning: cue.npy does not say how its layers' err || fail "no warning: $(cat err)"

# A table, and a text of one's own.
printf 'Are you sure? I think that this is right.\n' >text
run 0 sweep -d v=cue.gguf --layers 2 --op ablate --text text q.jsonl
grep -q '^unsteered ' out || fail "no row of the unsteered model: $(cat out)"
grep -q '^v  *2 ablate  *1 ' out || fail "no row of the setting: $(cat out)"

# What is refused.
run 2 syc-sweep -m x q.jsonl
misused 'nothing to compare'
run 2 syc-sweep -d cue.gguf q.jsonl
misused 'no model'
run 2 sweep -d cue.gguf --op remove q.jsonl
misused 'op=remove' 'norm-keep'
run 2 sweep -d cue.gguf --op add:x q.jsonl
misused '--op'
run 2 sweep -d cue.gguf --op clamp q.jsonl
misused 'needs to='
run 2 syc-sweep -m x -d cue.gguf -n 0 --at-kl 1 q.jsonl
misused '--kl-on=text'
run 2 sweep -d cue.gguf --layers 9 q.jsonl
run 1 sweep -d gone.gguf q.jsonl
says 'gone.gguf'
run 1 sweep -d cue.gguf --op clamp,to=mean q.jsonl
says 'cue: ' 'not known'
run 1 sweep -d cue.gguf --text gone q.jsonl
says 'gone: No such'
echo '{"prompt": "So (", "answer_matching_behavior": "A", "answer_not_matching_behavior": "B"}' >raw.jsonl
run 1 sweep -d cue.gguf --prompt 'Be honest.' raw.jsonl
says "'Be honest.' changes no question"
cat raw.jsonl q.jsonl >some.jsonl
run 0 syc-sweep -m "$demo/demo-q8_0.gguf" --system '' -n 0 -d cue.gguf --layers 2 --op ablate --prompt 'Be honest.' some.jsonl
grep -qF 'does not change 1 of '$((n + 1))' questions' err || fail "no warning: $(cat err)"
echo '{"question": "Why?"}' >bad.jsonl
run 1 sweep -d cue.gguf bad.jsonl
says 'bad.jsonl:1' 'answer_matching_behavior'
run 1 sweep -d cue.gguf --control bad.jsonl q.jsonl
says 'bad.jsonl:1'
run 1 sweep -d cue.gguf /dev/null
says 'no questions'
run 1 sweep -o no/such/file -d cue.gguf --layers 2 --op ablate q.jsonl
absent no

# Broken rows, also of the control, are skipped when asked for, and nothing else changes.
{ cat q.jsonl; echo '{"question": "Why?"}'; } >broken.jsonl
{ echo '{}'; cat control.jsonl; } >broken-control.jsonl
run 0 sweep --json -d cue.gguf --layers 2 --op ablate --control control.jsonl q.jsonl
cp out whole.json
run 0 sweep --json -d cue.gguf --layers 2 --op ablate --control broken-control.jsonl --keep-going broken.jsonl
same out whole.json "skipped rows"
grep -q 'broken.jsonl:'$((n + 1))': .*(row skipped)' err && grep -q 'broken-control.jsonl:1: .*(row skipped)' err &&
	grep -q ': 2 rows were skipped' err || fail "$(cat err)"
echo '{"question": "Why?"}' | run 1 sweep -d cue.gguf --keep-going -
grep -q 'there are no questions' err || fail "$(cat err)"

# A system message makes a prompt so long that the answer behind it has no room left.
head -n 1 q.jsonl >one.jsonl
long=$(syc-gen -q -m "$demo/demo-q8_0.gguf" --system 'Be honest.' -n 1 one.jsonl | jq .n_prompt)
run 0 sweep --json --prompt 'Be honest.' --ctx $((long + 2)) one.jsonl
cp out short.json
expect '.[0].settings[1].kl > 0' short.json
run 0 sweep --json --prompt 'Be honest.' one.jsonl
expect '.[0].settings[1].p_match == '"$(jq '.settings[1].p_match' short.json)" out
run 1 sweep --prompt 'Be honest.' --ctx $((long - 1)) one.jsonl
says 'do not fit the context'

# The reference: PyTorch, 200 questions, of which int8 is about 0.001 off.
if [ -z "${SYC_SANITIZED-}" ]; then
	head -n 200 "$demo/test-opinion.jsonl" >q200.jsonl
	run 0 syc-sweep -q -m "$model" --system '' -n 0 --text-tokens 8 --boot 100 --json \
		-d cue.gguf -d last.gguf --layers 2,3,5 --op add:-2,1 --op ablate q200.jsonl
	jq -e --slurpfile ref "$demo/reference.json" '$ref[0]["steered P(matching letter)"] as $want |
		[.settings[] | ((if .kind == "none" then "none" else
			"\(.vector) layer \(.layer) " + if .op == "add" then "add \(.scale)" else .op end end) as $key |
			{$key, off: ((.p_match - $want[$key]) | fabs)})] | length == 19 and all(.[]; .off < 0.005)' out \
		>jq.out || fail "not the reference's: $(jq -c '.settings[] | [.vector, .layer, .op, .scale, .p_match]' out)"
fi
exit $failed
