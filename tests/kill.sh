#!/bin/sh
# SPDX-License-Identifier: MIT
# kill.sh [COUNT [SEED [CASE...]]]: every program that writes is interrupted at
# system calls behind its first write, by tests/kill/interrupt.  After each:
# files that were there are whole, nothing is half under its name, the exit
# status is right, and the run that goes on ends in the bytes of one that was
# not interrupted.  By hand, from the build folder: sh ../tests/kill.sh 1000
if [ -z "${top_srcdir-}" ]; then
	top_srcdir=$(cd "$(dirname "$0")/.." && pwd)
	LC_ALL=C
	export LC_ALL
fi
[ -n "${SYC_SANITIZED-}" ] && count=20 || count=60
count=${1-$count} seed=${2-1}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
only=" $* "
build=$PWD
interrupt=$build/tests/kill/interrupt
[ -x "$interrupt" ] || { echo "tests/kill/interrupt is not built: it knows Linux on x86-64"; exit 77; }
# The programs themselves: libtool's scripts around them take as long as they do.
PATH=$build/.libs:$build:$PATH
LD_LIBRARY_PATH=$build/.libs${LD_LIBRARY_PATH+:$LD_LIBRARY_PATH}
# Leaks are not looked for under ptrace, and memory may be refused.
ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0:allocator_may_return_null=1
export PATH LD_LIBRARY_PATH ASAN_OPTIONS
. "$top_srcdir/tests/lib.sh"
"$interrupt" -w . true || { echo "programs cannot be traced here"; exit 77; }

TMPDIR=$dir/w/tmp
export TMPDIR
mkdir -p w/work w/tmp case in/new in/old
losses=0 more=

lost() {
	losses=$((losses + 1))
	echo "LOST: $*" >&2
}


# given CASE FILE: an unfinished file, which lies there as x.part.
given() {
	[ ! -d "case/$1" ] || { mkdir "case/$1/given" && cp "in/new/$2" "case/$1/given/x.part"; }
}

. "${KILL_CASES-$top_srcdir/tests/kill/cases.sh}"
for set in new old; do
	cd in/$set || exit 99
	case $set in new) inputs 'I am' 1 ;; *) inputs 'You are' 40 ;; esac
	cd ../..
done
# shellcheck disable=SC2016
in='../../in/$set'
find in -type f -exec cksum {} + | sort >in.sums

# a CASE COMMAND [OPTION [fresh]]: a command that writes in an empty folder, and
# with what it goes on where it left something; @ is the folder of its inputs.
# Without -o standard output is looked at.  fresh: it overwrites nothing.
a() {
	case $only in "  " | *" $1 "*) ;; *) return ;; esac
	mkdir -p "case/$1/new" "case/$1/old"
	echo "$2" | sed "s,@,$in,g" >"case/$1/command"
	echo "${3-}" >"case/$1/again"
	[ -z "${4-}" ] || touch "case/$1/fresh"
}
cases
[ $failed -eq 0 ] || exit 1

# go CASE SET [INTERRUPT OPTION]...: the case's command, in w/work.
go() {
	command="$(cat "case/$1/command") $more"
	set=$2
	shift 2
	cd w/work || exit 99
	eval "set -- $* $command"
	if [ "$1" = -w ]; then set -- "$interrupt" "$@"; fi
	"$@" >../tmp/out 2>../../said </dev/null
	status=$?
	# Advice, and what is said of a report's figures, is no message of an error.
	grep -v '^$\|rows\{0,1\} \(is\|are\) .*goes on\|is not finished: it is\|is left out)\|^syc-plot: .*/syc-report-' ../../said >../../err
	cd ../..
	more=
}

empty() {
	rm -rf w
	mkdir -p w/work w/tmp
	[ $# -eq 0 ] || cp -R "$1/." w/work
	[ ! -d "case/$c/given" ] || cp "case/$c/given/x.part" w/work
}

# Uninterrupted: the older result, the result, and the calls on the way there.
for c in case/*; do
	c=${c##*/}
	empty
	go "$c" old
	[ $status -eq 0 ] || fail "$c, older: exit $status ($(cat err))"
	cp -R w/work/. "case/$c/old"
	empty
	go "$c" new -w .. -l "../../case/$c.list"
	[ $status -eq 0 ] || fail "$c: exit $status ($(cat err))"
	[ ! -s err ] || fail "$c is not quiet: $(cat err)"
	cp -R w/work/. "case/$c/new"
	cp w/tmp/out "case/$c/out"
	sed -n "s/^unsynced /$c: &/p" "case/$c.list" >unsynced
	while read -r line; do lost "$line"; done <unsynced
done
[ $failed -eq 0 ] || exit 1

# known FILE: one that may be there and be anything: written, not yet under its
# name, or the journals of a study, which grow.
known() {
	case $1 in *.part | *.part/* | *.checkpoint | *.part.run | *.new | */log | */commands) return 0 ;; esac
	return 1
}

# Each file is the older one or the new one, whole, and none is missing.
whole() {
	for f in $(cd w/work && find . -type f) $(cd "$before" && find . -type f); do
		known "$f" && continue
		# A report that could not be drawn says so and goes without.
		case $f in
		*.html) grep -qs 'is left out' said w/work/study/log && continue ;;
		esac
		cmp -s "w/work/$f" "case/$c/new/$f" || cmp -s "w/work/$f" "$before/$f" ||
			lost "$what: $f is neither the old nor the new one"
	done
}

# finished: what is there is what an uninterrupted run leaves.
finished() {
	for f in $(cd w/work && find . -type f) $(cd "case/$c/new" && find . -type f); do
		[ "${f##*/}" = log ] || cmp -s "w/work/$f" "case/$c/new/$f" || lost "$what: $1: $f differs"
	done
}

# The status and the message of a run that was interrupted.
told() {
	case $status:$kind in
	0:*) cmp -s w/tmp/out "case/$c/out" || [ ! -s "case/$c/out" ] || lost "$what: other rows on standard output" ;;
	137:kill | 137:torn | 137:alone) ;;
	1:short) lost "$what: a short write is no error ($(cat err))" ;;
	1:*) [ "$(wc -l <err)" -eq 1 ] || lost "$what: not one line: $(cat err)" ;;
	*) lost "$what: exit $status ($(cat err))" ;;
	esac
}

# Go on from what is there, as the program or its page says.
again() {
	more=
	parts=$(find w/work -name '*.part' -o -name '*.checkpoint')
	[ -z "$parts" ] || more=$(cat "case/$c/again")
	go "$c" new "$@"
	if [ "$status" -eq 1 ] && [ -n "$parts" ] && grep -q -e --force err; then
		forced=$((forced + 1))
		more=--force
		go "$c" new "$@"
	fi
}

awk -v seed="$seed" -v count="$count" -f "$top_srcdir/tests/kill/plan.awk" case/*.list >plan
done=0 twice=0 forced=0 before=none
mkdir none
while read -r c n kind second old; do
	done=$((done + 1))
	before=none
	[ "$old" -eq 0 ] || [ -e "case/$c/fresh" ] || before=case/$c/old
	what="$done: $c, $kind at call $n, $before"
	empty "$before"
	go "$c" new -w .. -n "$n" -k "$kind"
	told
	whole
	if [ "$second" -gt 0 ] && [ "$status" -ne 0 ]; then
		calls=$(grep -c '^[0-9]' "case/$c.list")
		kind=kill what="$what, killed again at $((1 + calls * second / 1000))"
		twice=$((twice + 1))
		again -w .. -n $((1 + calls * second / 1000)) -k kill
		told
		whole
	fi
	again
	[ "$status" -eq 0 ] || grep -q 'is there already' err ||
		lost "$what: going on: exit $status ($(cat err))"
	finished "gone on"
done <plan
find in -type f -exec cksum {} + | sort | cmp -s - in.sums || lost "an input has changed"

echo "$((done + twice)) interruptions of $(wc -l <plan) runs, $(cut -d' ' -f1 plan | sort -u | wc -l) commands:" \
	"$losses losses; $forced went on with --force"
[ $losses -eq 0 ] || exit 1
exit $failed
