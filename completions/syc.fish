# SPDX-License-Identifier: MIT
# Fish completion for syc and its programs.  What can be typed next they say themselves:
# PROGRAM --complete WORD... prints what else may be there and what of the word stays,
# then a line for each word that fits (src/tool/options/opts.h).

function __syc_complete
    set -l typed (commandline -opc)
    set -l word (commandline -ct)
    set -l program (string replace -r '^~/' $HOME/ -- $typed[1])
    set -l lines ($program --complete $typed[2..] $word 2>/dev/null)
    set -l first (string split \t -- $lines[1])
    set -l stays $first[2]
    set -l part (string sub -s (math 1 + (string length -- "$stays")) -- $word)

    for line in $lines[2..]
        echo $stays$line
    end
    switch $first[1]
        case files
            string replace -r '^' -- "$stays" (__fish_complete_path $part)
        case folders
            string replace -r '^' -- "$stays" (__fish_complete_directories $part)
        case programs
            string replace -r '^' -- "$stays" (__fish_complete_command)
    end
end

# This file has the name of each program (links), and is read when that is completed.
complete -c (status basename | string replace .fish '') -f -a '(__syc_complete)'
