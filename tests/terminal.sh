#!/bin/sh
# SPDX-License-Identifier: MIT
# What others wrote gives no commands to a terminal: neither to the one it is
# written to, nor to the one that messages, --show-prompt and syc-info end on.
. "$top_srcdir/tests/lib.sh"

# A command, U+009B, DEL and a mark that reverses what follows.
evil=$(printf 'a\033[\302\233\177b\342\200\256')
printf '{"id": "%s", "prompt": "p %s", "note": "%s"}\n' "$(printf 'i\302\233\177\342\200\256j')" \
	'x\u001b[2J\u009by' "$(printf 'n\302\233\177')" >rows

# clean FILE [WHAT]: the file has none of it, but what replaced it.
clean() {
	LC_ALL=C grep -q "$(printf '\033')\|$(printf '\177')\|$(printf '\302\233')\|$(printf '\342\200\256')" "$1" &&
		fail "${2-$1}: $(od -c "$1" | head -5)"
	grep -qF '?' "$1" || fail "${2-$1}: nothing was replaced"
}

# A model by that name, as text and JSON, and a file.
LC_ALL=C sed "s/syc-demo/$(printf 'a\033[\302\233\177b\007')/" "$model" >named.gguf
run 0 syc-info named.gguf
clean out "the name"
shows 'a?[??b?'
run 0 syc-info -v named.gguf
clean out "all metadata"
run 0 syc-info --json named.gguf
LC_ALL=C grep -q "$(printf '[\033\177]')\|$(printf '\302\233')" out && fail "the name in JSON"
shows '"a\u001b[\u009b\u007fb\u0007"'
run 1 syc-info "$evil"
clean err "a message"
says 'a?[??b?: No such file'
run 1 syc-gen -m "$model" -n 1 "$evil"
clean err "a message of rows"

run 0 syc-gen -m "$model" --show-prompt rows
clean out --show-prompt
shows "== prompt of row 'i???j'" 'x?[2J?y'

# In a file and a pipe a row keeps its bytes.
run 0 syc-gen -q -m "$model" -n 1 rows
grep -qF "$(printf '"note": "n\302\233\177"')" out || fail "a row in a pipe: $(cat out)"
mv out piped
run 0 syc-gen -q -m "$model" -n 1 -o file rows
same piped file

# More threads than cores are said, unless -q.
cores=$(syc-info | sed -n 's/^cores *//p')
run 0 syc-gen -t $((cores + 1)) -m "$model" -n 1 -o file rows
mentions "warning: $((cores + 1)) threads on $cores core"
run 0 syc-gen -q -t $((cores + 1)) -m "$model" -n 1 -o file rows
[ ! -s err ] || fail "-q says $(cat err)"
run 0 syc-gen -t 1 -m "$model" -n 1 -o file rows
grep -q 'threads on' err && fail "one thread: $(cat err)"

# On a terminal it does not.
if [ "$(script -qec 'echo yes' /dev/null 2>/dev/null | tr -d '\r')" = yes ]; then
	script -qec "syc-gen -q -m '$model' -n 1 rows" /dev/null >out
	clean out "a row on a terminal"
	shows '"note": "n??"' '"id": "i???j"'
	script -qec "syc-gen -q -m '$model' -n 1 -o /dev/tty rows" /dev/null >out
	clean out "a row on a terminal by its name"
else
	echo "left out: rows on a terminal: there is no script(1)"
fi

# Progress is written over and over in one line, where the terminal can.
for terminal in xterm dumb; do
	TERM=$terminal python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' syc-gen -t 1 -n 60 \
		-m "$model" -o $terminal.out "$demo/test-opinion.jsonl" \
		</dev/null >$terminal
done
grep -q 'left' xterm || fail "no progress on a terminal"
[ ! -s dumb ] || fail "progress on a terminal that cannot go back"

exit $failed
