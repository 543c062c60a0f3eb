#!/bin/sh
# SPDX-License-Identifier: MIT
# The bash completion of the programs: what it offers in a number of places.
if [ -z "${BASH_VERSION-}" ]; then
	bash -c 'mapfile -t x < <(echo)' 2> /dev/null || { echo "bash (4 or later) is not there"; exit 77; }
	exec bash "$0"
fi
. "$top_srcdir/tests/lib.sh"
. "$top_srcdir/completions/syc" || exit 99
mkdir sub
touch a.gguf 'b c.jsonl'

# want EXPECTED WORD...: the last word is completed; answers are sorted.
want() {
	local expected=$1 got
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_syc "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd '|' -)
	[ "$got" = "$expected" ] || fail "$* <Tab>: '$got', not '$expected'"
}

files='a.gguf|b c.jsonl|sub'
want "$files" syc-gen ''
want 'b c.jsonl' syc-gen b
want "$files" syc-gen -m ''
want 'a.gguf' syc-gen --model = a
want "$files" syc-gen --model =
want '' syc-gen -n ''
want "$files" syc-gen -n 5 ''
want 'auto|f32|int8|int8x2' syc-gen --compute ''
want 'int8|int8x2' syc-gen --compute = i
want '--temperature=' syc-gen --tem
want '--pre' syc-gen --pre
want '--keep-going|--kv-memory=' syc-rec --k
want 'prompt,last|prompt,letter' syc-rec --positions prompt,l
want 'last|letter' syc-rec --positions = l
want 'llama-2|llama-3|llama-3.1|llama-3.2|llama-3.3' syc-rec --chat ll
want 'a.gguf|alpaca' syc-gen --chat = a
want 'answers|choice|hand|judge|probability|regex' syc-label --by = ''
want '--negative=' syc-label --ne
want 'truthful' syc-label --rubric t
want "$files" syc-label --judge ''
want "$files" syc-report --add ''
want 'caa' syc-prompt --format c
want 'cosine|dot|projection' syc-score --metric ''
want "$files" syc-score -d ''
want 'agree|arms|auc|auto' syc-plot --kind a
want 'auto|kl|layer|scale' syc-plot --against ''
want '--json' syc-fit --j
want 'combine|compare|convert|diff|forecast|lda|letters|logistic|mean|pca|probe|random|stability' syc-vec ''
want 'mean' syc-vec m
want 'effect|label|repeats|truth|truthful|twins' syc-stance ''
want '--margin=' syc-stance label --ma
want '--choice-by=' syc-pref --cho
want '--features=' syc-pref features --fe
want '--help' syc-vec --h
want 'last|letter|mean|prompt' syc-vec mean --position ''
want 'last,letter' syc-vec stability --positions last,le
want '--balance|--batch=' syc-vec mean --ba
want '--layer-base=' syc-vec convert --l
want '--tsv' syc-vec compare --t
want 'heat' syc-plot --kind h
want '' syc-vec nonsense ''
want '--reference=|--repair' syc-info --r
want '--fidelity' syc-info --f
want 'f16|f32|q4_0|q4_k|q5_k|q6_k|q8_0' syc-quant --type ''
want "$files" syc-quant -m ''
want 'cosine|linear|none' syc-tune --decay ''
want 'q,gate' syc-tune --matrices q,g

# Every program has it.
for p in $(sed -n '/^bin_PROGRAMS/,/[^\\]$/p' "$top_srcdir/Makefile.am" | tr -s ' \t\\' '\n' | grep '^syc-'); do
	complete -p "$p" 2> /dev/null | grep -q -- '-F _syc ' || fail "no completion of $p"
done

# What options choose among is what programs say they do.
for o in compute dtype weights; do
	said=$(syc-gen -m x "--$o=nonsense" 2>&1 | sed -n 's/.*is none of: //p' | tr -d ,)
	[ "$said" = "$(_syc_words "--$o")" ] || [ "$said" = "$(_syc_words "--$o" | awk '{ print $2, $1 }')" ] ||
		fail "--$o: '$said'"
done
for o in score:metric label:by plot:against plot:kind plot:of quant:type; do
	said=$("syc-${o%:*}" "--${o#*:}=nonsense" 2>&1 | sed -n 's/.*is none of: //p' | tr -d ,)
	[ "$said" = "$(_syc_words "--${o#*:}")" ] || fail "--${o#*:}: '$said'"
done
said=$(syc-info --chat=nonsense 2>&1 | sed -n 's/.*is none of: //p' | tr -d ,)
[ "$said none" = "$(_syc_words --chat)" ] || fail "--chat: '$said'"
exit $failed
