#!/bin/sh
# SPDX-License-Identifier: MIT
# One option, one meaning: a long option takes the same argument and says the same of
# itself in all programs, but for what tests/options.txt allows.
. "$top_srcdir/tests/lib.sh"
programs=$(awk '
	$1 == "bin_PROGRAMS" && ($2 == "=" || $2 == "+=") { on = 1; $1 = $2 = "" }
	on { go = /\\$/; sub(/\\$/, ""); print; on = go }' "$top_srcdir/Makefile.am" |
	tr -s ' \t' '\n\n' | grep '^syc-')

# options COMMAND...: command, option, argument ("-": none) and help of each, by tabs.
options() {
	"$@" --help | sed -nE 's/^ +(-[a-zA-Z], )?--([a-z0-9-]+)(=(.*[^ ]))? {2,}([^ ].*)/\2\t\4\t\5/p' |
		awk -F '\t' -v c="$*" -v OFS='\t' '{ print c, $1, $2 == "" ? "-" : $2, $3 }'
}
for p in $programs; do
	options "$p"
	for c in $("$p" --help | sed -n '/^Commands/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p'); do
		options "$p" "$c"
	done
done >all
options syc-tune rows >>all
options syc-pref features >>all
[ "$(cut -f 1 all | sort -u | wc -l)" -ge 30 ] || fail "few programs: $(cut -f 1 all | sort -u)"

# check ALL ALLOWED: what is wrong, a line each.
check() {
	awk -F '\t+' '
		/^#/ || !NF { next }
		FILENAME == ARGV[1] { may[$1] = $2; says[$1] = $3; next }
		{
			if (!($2 in first))
				first[$2] = $3 FS $4
			else if (first[$2] != $3 FS $4)
				differ[$2] = 1
			n[$2]++
			line[$2, n[$2]] = $0
		}
		END {
			for (o in may)
				if (!(o in differ))
					print "--" o ": is the same in all programs: no line is needed"
			for (o in differ) {
				if (!(o in may)) {
					print "--" o ": differs: " line[o, 1] " | " line[o, n[o]]
					continue
				}
				for (i = 1; i <= n[o]; i++) {
					split(line[o, i], f, FS)
					if (!index(" " may[o] " ", " " f[3] " "))
						print f[1] " --" o ": takes " f[3] ", not " may[o]
					if (f[4] !~ says[o])
						print f[1] " --" o ": does not say \"" says[o] "\": " f[4]
				}
			}
		}' "$2" "$1"
}
check all "$top_srcdir/tests/options.txt" | sort >wrong
[ ! -s wrong ] || fail "$(cat wrong)"

# It finds what is to be found.
{
	cat all
	printf 'syc-x\ttsv\tFILE\tcolumns separated by tabs\nsyc-x\tboot\tN\tof another kind\n'
	printf 'syc-x\tdecode\tNAME\tanother\n'
} >seeded
check seeded "$top_srcdir/tests/options.txt" >wrong
for o in 'syc-x --tsv: takes' 'syc-x --boot: does not say' '--decode: differs'; do
	grep -qF -- "$o" wrong || fail "not found: $o"
done
exit $failed
