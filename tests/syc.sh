#!/bin/sh
# SPDX-License-Identifier: MIT
# syc: the list of programs, running them, their pages, the demo's folder, and names that
# are not right.
. "$top_srcdir/tests/lib.sh"
build=$(dirname "$(command -v syc)")

# Every program is listed once, with what its page says.
run 0 syc
cp out list
run 0 syc --help
same out list '--help and nothing'
# shellcheck disable=SC1003
for p in $(sed -n '/^bin_PROGRAMS/,/[^\\]$/p' "$top_srcdir/Makefile.am" | tr -s ' \t\\' '\n' | grep '^syc-'); do
	what=$(sed -n 's/^syc-[a-z]* \\- //p' "$top_srcdir/man/$p.1")
	[ -n "$what" ] || fail "$p.1 does not say what it does"
	[ "$(grep -c "^  ${p#syc-} " list)" -eq 1 ] || fail "$p is not listed once"
	grep -qF -- " $what" list || fail "$p is not listed as '$what'"
done

# As by its full name: arguments with blanks, input, output, exit status.
run 0 syc --version
is "$(syc-gen --version | sed 's/^syc-gen/syc/')"
printf 'Hi there' >text
run 0 syc-tok --raw -m "$model" text
cp out long
for name in tok syc-tok; do
	run 0 syc $name --raw -m "$model" <text
	same long out "syc $name"
done
run 0 syc vec mean --help
shows 'Usage: syc-vec mean'
run 1 syc info 'a b.gguf'
says 'syc-info: a b.gguf: '
run 2 syc label --by nonsense
misused 'syc-label: --by'
run 2 syc --nonsense
misused 'syc: unrecognized option'

# The nearest names; no more than a line.
near() {
	run 2 syc "$1"
	says "syc: '$1' is no program ($2)"
}
near gne 'nearest: gen'
near generate 'nearest: gen'
near lable 'nearest: label'
near sn 'syc --help lists them'
near tnue 'nearest: tune'
near '' 'syc --help lists them'
near averylongnamethatcannotbeaprogram 'syc --help lists them'

# Beside it first, else on the PATH.
mkdir bin other
here=$build/.libs
[ -x "$here/syc" ] || here=$build
cp "$here/syc" bin
printf '#!/bin/sh\necho "other: $*"\n' >other/syc-gen
chmod +x other/syc-gen
lib=$here${LD_LIBRARY_PATH+:$LD_LIBRARY_PATH}
if [ -d /proc/self ]; then
	run 0 env "LD_LIBRARY_PATH=$lib" "PATH=$PWD/other:$PATH" bin/syc gen 1 '2  3'
	is 'other: 1 2  3'
	run 1 env "LD_LIBRARY_PATH=$lib" "PATH=$PWD/other" bin/syc fit
	says 'syc: syc-fit, beside syc and on the PATH: No such file'
	printf '#!/bin/sh\necho beside\n' >bin/syc-gen
	chmod +x bin/syc-gen
	run 0 env "LD_LIBRARY_PATH=$lib" "PATH=$PWD/other:$PATH" bin/syc gen
	is beside
fi

# The demo: of the build tree, beside the programs, or where the environment says.
run 0 syc demo
[ -s "$(cat out)/demo-q8_0.gguf" ] || fail "no model in $(cat out)"
run 0 env SYC_DEMO=/else syc demo
is /else
if [ -d /proc/self ]; then
	mkdir -p share/syc/demo
	run 0 env "LD_LIBRARY_PATH=$lib" bin/syc demo
	[ "$(cd "$(cat out)" && pwd -P)" = "$(cd share/syc/demo && pwd -P)" ] || fail "the demo beside the programs: $(cat out)"
fi
run 2 syc demo more
says "'demo' is no program"

# Pages: a man that says what it is asked for.
# shellcheck disable=SC2016
printf '#!/bin/sh\nfor last; do :; done\necho "$last"\nfor a; do case $a in */man) ls "$a/man$3" | grep -c "^$last\\."; esac; done\n' >other/man
chmod +x other/man
for page in gen:syc-gen rows:syc-rows syc:syc libsyc:libsyc syc-vector:syc-vector; do
	run 0 env "PATH=$PWD/other:$PATH" syc help "${page%:*}"
	[ "$(head -n 1 out)" = "${page#*:}" ] || fail "syc help ${page%:*}: $(cat out)"
	[ "$(sed -n 2p out)" -ge 1 ] || fail "syc help ${page%:*} is not this tree's: $(cat out)"
done
run 2 syc help gne
says "(nearest: gen)"
run 0 syc help
same out list 'syc help'

# A full disk.
if [ -c /dev/full ]; then
	syc >/dev/full 2>err
	[ $? -eq 1 ] || fail "a list that was not written"
	says 'standard output'
fi
exit $failed
