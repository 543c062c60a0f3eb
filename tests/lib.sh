# SPDX-License-Identifier: MIT
# What the tests of the programs share; sourced.  They run in a folder of
# their own, which goes away with them.
set -u
unset CDPATH
demo=$top_srcdir/demo
model=$demo/demo-f16.gguf
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
cd "$dir" || exit 99
failed=0

# As it stands, whatever the shell makes of backslashes.
echo() {
	printf '%s\n' "$*"
}

fail() {
	echo "FAIL: $*" >&2
	failed=1
}

# copy FILE... TO: folders with all in them; the copies can be written to, whether the
# files can or not.
copy() {
	cp -R "$@" || exit 99
	for to; do :; done
	chmod -R u+w "$to"
}

# runless FILE...: rows without their runs, for those of two models or settings.
runless() {
	sed 's/"run": "[0-9a-f]*"/"run": ""/g' "$@"
}

# run STATUS COMMAND...: its standard output in out, standard error in err.
run() {
	want=$1
	shift
	"$@" >out 2>err
	got=$?
	[ $got -eq "$want" ] || fail "exit $got, not $want: $* ($(head -c 600 err))"
}

# says TEXT...: the last command's message is one line and has all of them.
says() {
	[ "$(wc -l <err)" -eq 1 ] || fail "not one line: $(head -c 600 err)"
	for said; do
		grep -qF -- "$said" err || fail "'$(head -c 600 err)' lacks '$said'"
	done
}

# misused TEXT...: usage errors end in the hint at --help.
misused() {
	[ "$(wc -l <err)" -eq 2 ] || fail "not two lines: $(head -c 600 err)"
	grep -q '^Try .* --help' err || fail "no hint: $(cat err)"
	for said; do
		grep -qF -- "$said" err || fail "'$(cat err)' lacks '$said'"
	done
}

# mentions TEXT...: the last command's messages have all of them, among others.
mentions() {
	for said; do
		grep -qF -- "$said" err || fail "'$(head -c 600 err)' lacks '$said'"
	done
}

# fails STATUS TEXT COMMAND...: with one message, which has the text, and where
# it was used wrongly (2) the hint.
fails() {
	status=$1 message=$2
	shift 2
	run "$status" "$@" </dev/null
	if [ "$status" -eq 2 ]; then
		misused "$message"
	else
		says "$message"
	fi
}

# shows TEXT...: the last command's output has all of them.
shows() {
	for said; do
		grep -qF -- "$said" out || fail "'$(head -c 600 out)' lacks '$said'"
	done
}

# same A B [WHAT]: two files with the same bytes.
same() {
	cmp "$1" "$2" >&2 || fail "${3-$1 and $2} differ"
}

# is TEXT: the last command's output.
is() {
	[ "$(cat out)" = "$1" ] || fail "'$(head -c 600 out)' is not '$1'"
}

# absent FILE...: nothing is there under these names.
absent() {
	for file; do
		[ ! -e "$file" ] || fail "$file is there"
	done
}

# npy FILE ROWS COLUMNS BYTES...: an array of floats, each given by its two high
# bytes in octal; the last one fills what is left.
npy() {
	file=$1 rows=$2 columns=$3 left=$(($2 * $3))
	shift 3
	{
		printf '\223NUMPY\001\000\166\000'
		printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($rows, $columns), }"
		while [ $left -gt 0 ]; do
			printf "\\000\\000$1"
			[ $# -eq 1 ] || shift
			left=$((left - 1))
		done
	} >"$file"
}

# list NAME: the words of a variable in Makefile.am.
list() {
	awk -v name="$1" '
		$1 == name && ($2 == "=" || $2 == "+=") { on = 1; $1 = $2 = "" }
		on { go = /\\$/; sub(/\\$/, ""); print; on = go }' "$top_srcdir/Makefile.am" | tr -s ' \t' '\n\n' | grep .
}

# python [ARGUMENT]...: one that has numpy and pandas; find_python first.
find_python() {
	for python in python3 /usr/bin/python3; do
		"$python" -c 'import numpy, pandas' 2>/dev/null && return 0
	done
	python=
	return 1
}

have_jq() {
	jq --version >/dev/null 2>&1
}

# expect JQ-EXPRESSION FILE: true for the rows as an array; skipped without jq.
expect() {
	have_jq || return 0
	[ "$(jq -s "$1" "$2" 2>&1)" = true ] || fail "$2: not so: $1 ($(jq -cs . "$2" | head -c 400))"
}
