#!/bin/sh
# SPDX-License-Identifier: MIT
# Labels by hand, through a pseudoterminal.
. "$top_srcdir/tests/lib.sh"
python3 -c 'import os, pty; os.waitstatus_to_exitcode' 2>/dev/null || { echo "no python3 with pty"; exit 77; }
ASAN_OPTIONS=${ASAN_OPTIONS-}:handle_abort=0
export ASAN_OPTIONS
TERM=dumb python3 "$top_srcdir/tests/hand.py" || fail "at the terminal"

# Without a terminal, and with nothing to label.
echo '{"completion":"x"}' >row
if command -v setsid >/dev/null; then
	run 1 setsid syc-label --by hand -o none row
	says '/dev/tty: '
	absent none
fi
: >empty
run 1 syc-label --by hand -o none empty
says 'there are no rows to label'
echo '{}' >bad
run 1 syc-label --by hand -o none bad
says "bad:1: 'completion' is missing"
run 2 syc-label --by hand row
misused '--by=hand needs --output'
exit $failed
