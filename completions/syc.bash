# SPDX-License-Identifier: MIT
# Bash completion for syc and its programs.  What can be typed next they say themselves:
# PROGRAM --complete WORD... prints what else may be there and what of the word stays,
# then a line for each word that fits (src/tool/options/opts.h).

_syc()
{
	local cur=${COMP_WORDS[COMP_CWORD]} kind="" stays="" word=""

	COMPREPLY=()
	# Bash parts words at "=": then that is what is completed behind it.
	[[ $cur == = ]] && cur=""
	{
		IFS=$'\t' read -r kind stays
		[[ $COMP_WORDBREAKS == *=* ]] && stays=${stays##*=}
		while IFS=$'\t' read -r word _; do
			[[ $stays$word == "$cur"* ]] && COMPREPLY+=("$stays$word")
		done
	} < <("$1" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null)
	# An option with an argument ends in "=", and no space follows.
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2> /dev/null
	case $kind in
	files) set -- -f ;;
	folders) set -- -d ;;
	programs) set -- -c ;;
	*) return ;;
	esac
	compopt -o filenames 2> /dev/null
	while IFS= read -r word; do
		COMPREPLY+=("$stays$word")
	done < <(compgen "$1" -- "${cur#"$stays"}")
}

complete -F _syc syc syc-bench syc-best syc-eval syc-fit syc-gen syc-info syc-label syc-plot syc-pref syc-prompt syc-quant syc-rank syc-rec syc-report syc-score syc-shift syc-stance syc-study syc-sweep syc-tok syc-tune syc-vec
