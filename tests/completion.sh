#!/bin/sh
# SPDX-License-Identifier: MIT
# What bash, zsh and fish offer in a number of places, each by its own completion and
# asked as it asks; and what programs offer is what they take.
. "$top_srcdir/tests/lib.sh"


# ---- what is typed, and what is offered: sorted, of each what is behind "=" and "," -------
mkdir here && cd here || exit 99
mkdir sub
touch a.gguf 'b c.jsonl'
files='a.gguf|b c.jsonl|sub'
cat > ../cases <<END
syc-gen |$files
syc-gen b|b c.jsonl
syc-gen -m |$files
syc-gen -qm a|a.gguf
syc-gen --model=a|a.gguf
syc-gen --model=|$files
syc-gen --mod a|a.gguf
syc-gen -n |
syc-gen -n 5 |$files
syc-gen --choices a|a.gguf
syc-gen -s a.gguf:2@3 a|a.gguf
syc-gen -- a|a.gguf
syc-gen --compute |auto|f32|int8|int8x2
syc-gen --compute=i|int8|int8x2
syc-gen --tem|--temperature=
syc-gen --pre|--pre
syc-rec --k|--keep-going|--kv-memory=
syc-rec --positions prompt,l|last|letter
syc-rec --positions=l|last|letter
syc-rec --chat llama|llama-2|llama-3|llama-3.1|llama-3.2|llama-3.3
syc-gen --chat=a|a.gguf|alpaca
syc-label --by=|answers|choice|hand|judge|probability|regex
syc-best --by=|
syc-label --ne|--negative=
syc-label --rubric t|truthful
syc-label --judge |$files
syc-report --add |$files
syc-prompt --format c|caa
syc-prompt pushb|pushback
syc-prompt sure a|a.gguf
syc-score --metric |cosine|dot|projection
syc-score -d |$files
syc-plot --kind a|agree|arms|auc|auto
syc-plot --over |auto|kl|layer|scale
syc-fit --nulls=x=a|a.gguf
syc-fit --position le|letter
syc-fit --null cov:9,f|flip
syc-sweep --op abl|ablate|ablate+add
syc-vec me|mean
syc-vec mean --position |last|letter|mean|prompt
syc-vec mean --ba|--balance|--batch=
syc-vec convert --l|--layer-base=
syc-vec stability --methods mean,lo|logistic
syc-stance |effect|label|repeats|truth|truthful|twins
syc-stance label --ma|--margin=
syc-pref --cho|--choice-by=
syc-pref fe|features
syc-pref features --fe|--features=
syc-vec --h|--help
syc-vec nonsense |
syc-eval al|all
syc-eval --models |a.gguf|b c.jsonl|sub
syc-eval --models=a.gguf,s|sub
syc-eval --models x=a.gguf,y=a|a.gguf
syc-info --ref|--reference=
syc-quant --type |f16|f32|q4_0|q4_k|q5_k|q6_k|q8_0
syc-tune --decay |cosine|linear|none
syc-tune --matrices q,g|gate
syc-tune rows --arm al|always-a
syc-study --small-sets |sub
syc-study --demo --grid ba|balance
syc-bench --against mkfif|mkfifo
syc gen --compute=i|int8|int8x2
syc vec mean --position |last|letter|mean|prompt
syc ge|gen
syc vec me|mean
syc help ro|rows
syc demo |
syc --v|--version
END
sed 's/|.*//' ../cases > ../typed
sed 's/|/ -> /' ../cases > ../wanted

# check SHELL: its answers, one word to a line behind what was typed, against the table.
check() {
	awk -F '\t' '
		FNR == NR { line[++n] = $0; next }
		{
			word = $2
			gsub(/\\/, "", word); sub(/\/$/, "", word)
			if (word !~ /=$/) sub(/.*=/, "", word)
			sub(/.*,/, "", word)
			print $1 "\t" word
		}' ../typed "../$1" | sort -u > ../sorted
	awk -F '\t' 'FNR == NR { got[$1] = got[$1] "|" $2; next }
		{ print $0 " -> " substr(got[$0], 2) }' ../sorted ../typed > "../$1.table"
	cmp -s ../wanted "../$1.table" || fail "$1 offers (>):
$(diff ../wanted "../$1.table" | grep '^[<>]' | head -n 8)"
}

if bash -c 'mapfile -t x < <(echo)' 2> /dev/null; then
	# shellcheck disable=SC2016,SC2046,SC1003
	bash -c '
		. "$top_srcdir/completions/syc.bash"
		while IFS= read -r line; do
			read -ra COMP_WORDS <<< "${line//=/ = }"
			[[ $line == *" " ]] && COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_syc "${COMP_WORDS[0]}"
			((${#COMPREPLY[@]})) && printf "$line\t%s\n" "${COMPREPLY[@]}"
		done < ../typed
		for p; do
			complete -p "$p" 2> /dev/null | grep -q -- "-F _syc " || echo "no completion of $p"
		done' bash $(sed -n '/^bin_PROGRAMS/,/[^\\]$/p' "$top_srcdir/Makefile.am" | tr -s ' \t\\' '\n' | grep '^syc') > ../bash
	check bash
	grep 'no completion' ../bash && failed=1
else
	echo "left out: bash (4 or later) is not there"
fi

if fish --version > ../said 2>&1; then
	mkdir ../fish.d
	for p in $(sed 's/ .*//' ../typed | sort -u); do
		ln -s "$top_srcdir/completions/syc.fish" "../fish.d/$p.fish"
	done
	cat > ../ask.fish <<-'END'
		set fish_complete_path ../fish.d
		while read -l line
		    complete -C "$line" | string replace -r '\t.*' '' | string replace -r '^' "$line"\t
		end < ../typed
	END
	HOME=$dir fish --no-config ../ask.fish > ../fish
	check fish
else
	echo "left out: fish is not there"
fi

if zsh -fc 'zmodload zsh/zpty' > ../said 2>&1; then
	mkdir ../zsh.d
	cp "$top_srcdir/completions/syc.zsh" ../zsh.d/_syc
	# Completion needs the line editor, and that a terminal; all matches pass compadd.
	cat > ../zsh.d/.zshrc <<-'END'
		PROMPT=
		fpath=(../zsh.d $fpath)
		autoload -Uz compinit
		compinit -u -D
		compadd() {
			local -a got
			builtin compadd -O got "$@"
			offered+=($got)
			builtin compadd "$@"
		}
		ask() {
			typeset -ga offered
			local line
			while IFS= read -r line; do
				offered=() BUFFER=$line CURSOR=$#line
				zle complete-word
				for word in $offered; print -r -- "$line"$'\t'"$word" >> ../zsh
			done < ../typed
			BUFFER=exit
			zle accept-line
		}
		zle -N zle-line-init ask
	END
	: > ../zsh
	ZDOTDIR=../zsh.d zsh -fc 'zmodload zsh/zpty; zpty z "zsh -i"; while zpty -r z line; do :; done'
	check zsh
else
	echo "left out: zsh is not there"
fi

# ---- what options choose among is what programs say they do ---------------------------------
while read -r program option; do
	# shellcheck disable=SC2086
	syc $program --complete "$option" '' | sed 1d | cut -f 1 | grep -vx none | sort > ../offered
	syc $program "$option=nonsense" < /dev/null 2>&1 | sed -n 's/.*is none of: //p' |
		tr -s ', ' '\n\n' | grep -vx none | sort > ../taken
	cmp -s ../offered ../taken || fail "$program $option: offers $(paste -sd ' ' ../offered)"
done <<END
gen --compute
gen --weights
rec --positions
info --chat
label --by
plot --kind
plot --of
quant --type
score --metric
tune --matrices
bench --only
END
syc-gen --complete --cpu '' | sed 1d | cut -f 1 | paste -sd ' ' - > ../offered
syc-gen -m "$model" --cpu nonsense < /dev/null 2>&1 | sed 's/.*there are //; s/,//g; s/)$//' > ../taken
same ../offered ../taken '--cpu and what there is'
exit $failed
