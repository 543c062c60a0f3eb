#!/bin/sh
# SPDX-License-Identifier: MIT
# The seeded faults of kill.sh: programs that write as one should not, each of
# which it has to find, and one that it has to let pass.
. "$top_srcdir/tests/lib.sh"
[ -z "${SYC_SANITIZED-}" ] || { echo "none of the programs is in it"; exit 77; }
build=$OLDPWD
[ -x "$build/tests/kill/interrupt" ] || { echo "tests/kill/interrupt is not built"; exit 77; }
"$build/tests/kill/interrupt" -w . true || { echo "programs cannot be traced here"; exit 77; }
cat >cases.sh <<'END'
inputs() {
	seq "$2" 400 >many.jsonl
}
cases() {
a in-place 'sh -c "dd bs=256 status=none if=@/many.jsonl >x"'
a torn 'sh -c "dd bs=256 status=none if=@/many.jsonl >x.part; sync x.part; mv x.part x; sync ."'
a unsynced 'sh -c "dd bs=256 status=none if=@/many.jsonl >x.part && mv x.part x && sync . || exit 1"'
a folder 'sh -c "dd bs=256 status=none if=@/many.jsonl >x.part && sync x.part && mv x.part x || exit 1"'
a status 'sh -c "dd bs=256 status=none if=@/many.jsonl >x.part && sync x.part && mv x.part x && sync . || exit 3"'
a appends 'sh -c "dd bs=256 status=none if=@/many.jsonl >>x.part && sync x.part && mv x.part x && sync . || exit 1"'
a removes 'sh -c "rm -f x; dd bs=256 status=none if=@/many.jsonl >x.part && sync x.part && mv x.part x && sync . || exit 1"'
a right 'sh -c "dd bs=256 status=none if=@/many.jsonl >x.part && sync x.part && mv x.part x && sync . || exit 1"'
}
END
KILL_CASES=$PWD/cases.sh
export KILL_CASES
# finds CASE TEXT: that it is lost, and how that is said.
finds() {
	(cd "$build" && sh "$top_srcdir/tests/kill.sh" 30 1 "$1") >out 2>err
	got=$?
	[ $got -eq 1 ] || fail "$1 is not found: exit $got ($(cat out err))"
	mentions "$2"
}
finds in-place 'is neither the old nor the new one'
finds torn 'is neither the old nor the new one'
finds unsynced 'before its bytes are safe'
finds folder 'names in this folder'
finds status 'exit 3'
finds appends 'gone on: ./x differs'
finds removes './x is neither'
cd "$build" && run 0 sh "$top_srcdir/tests/kill.sh" 30 1 right
exit $failed
