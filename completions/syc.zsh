#compdef syc -P syc-*
# SPDX-License-Identifier: MIT
# Zsh completion for syc and its programs.  What can be typed next they say themselves:
# PROGRAM --complete WORD... prints what else may be there and what of the word stays,
# then a line for each word that fits (src/tool/options/opts.h).

local line kind stays word ret=1 program=${(Q)words[1]}
local -a typed lines words_there options_there

typed=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
lines=("${(@f)$(${~program} --complete "${(@)typed}" 2> /dev/null)}")
kind=${lines[1]%%$'\t'*} stays=${lines[1]#*$'\t'}
for line in "${(@)lines[2,-1]}"; do
	word=${line%%$'\t'*}
	line=${${word//:/\\:}}${${line#*$'\t'}:+:${line#*$'\t'}}
	# An option with an argument ends in "=", and no space follows.
	if [[ $word == *= ]]; then
		options_there+=($line)
	else
		words_there+=($line)
	fi
done
[[ -z $stays ]] || compset -P "${(b)stays}"
_describe -t options option options_there -S '' && ret=0
_describe -t values value words_there && ret=0
case $kind in
	files) _files && ret=0 ;;
	folders) _files -/ && ret=0 ;;
	programs) _command_names -e && ret=0 ;;
esac
return ret
