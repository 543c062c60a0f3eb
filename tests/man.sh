#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual: every option that a program prints under --help is in its page,
# what pages refer to exists, they name this version, and groff is content.
. "$top_srcdir/tests/lib.sh"

programs=$(list bin_PROGRAMS)
pages=$(list man_MANS)
[ -n "$programs" ] && [ -n "$pages" ] || exit 99
for page in "$top_srcdir"/man/*.[1-9]; do
	echo "$pages" | grep -qx "man/${page##*/}" || fail "${page##*/} is not among man_MANS"
done

# One form and one version.
version=$(syc-fit --version | sed 's/.* //')
for page in $pages; do
	[ -s "$top_srcdir/$page" ] || { fail "$page is empty"; continue; }
	name=${page##*/}
	want=".TH $(echo "${name%.*}" | tr '[:lower:]' '[:upper:]') ${name##*.} DATE \"syc $version\" \"syc manual\""
	th=$(grep '^\.TH' "$top_srcdir/$page" | sed 's/ [0-9]\{4\}-[0-9][0-9]-[0-9][0-9] / DATE /')
	[ "$th" = "$want" ] || fail "$page: '$th' is not '$want'"
	for section in NAME DESCRIPTION 'SEE ALSO'; do
		grep -qx "\.SH $section" "$top_srcdir/$page" || fail "$page: no section $section"
	done
done

# options COMMAND...: the long options that --help prints, but for those that
# syc(7) describes for all.
common='output|threads|seed|cpu|quiet|verbose|help|version'
options() {
	"$@" --help | sed -nE 's/^ +(-[a-zA-Z], )?--([a-z0-9-]+).*/\2/p' |
		grep -vxE "$common"
}
# in_page PROGRAM COMMAND...
in_page() {
	page=$top_srcdir/man/$1.1
	shift
	sed 's/\\-/-/g; s/\\f.//g; s/\\&//g' "$page" > "$dir/text"
	for o in $(options "$@"); do
		grep -qE -- "(^|[^a-z0-9-])--$o([^a-z0-9-]|$)" "$dir/text" ||
			fail "${page##*/}: --$o of '$*' is not in it"
	done
}
for p in $programs; do
	[ -e "$top_srcdir/man/$p.1" ] || { fail "$p has no page"; continue; }
	in_page "$p" "$p"
	for c in $("$p" --help | sed -n '/^Commands/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p'); do
		grep -qE "${p%%-*}.?-${p#*-}.*$c" "$top_srcdir/man/$p.1" || fail "$p.1: no command $c"
		in_page "$p" "$p" "$c"
	done
done
[ -n "$(options syc-gen)" ] || fail "syc-gen --help shows no options"

# Everything common is in syc(7).
sed 's/\\-/-/g' "$top_srcdir/man/syc.7" > "$dir/text"
for o in $(echo "$common" | tr '|' ' '); do
	grep -q -- "--$o" "$dir/text" || fail "syc.7: --$o is not in it"
done

# ENVIRONMENT: what the code of a program reads is in its page, what all share in syc(7).
# in_section SECTION FILE: its text.
in_section() {
	awk -v head=".SH $1" '/^\.SH/ { on = $0 == head; next } on' "$2" | sed 's/\\-/-/g; s/\\f.//g'
}
environment() {
	in_section ENVIRONMENT "$1" | grep -oE '^\.BR? [A-Z][A-Z_, "]*' | tr -d '.,"' | sed 's/^BR* //' | tr ' ' '\n' | grep '[A-Z][A-Z]' | sort -u
}
for name in $(grep -rohE 'getenv\("[A-Z_]+' "$top_srcdir/src" | sed 's/.*"//' | sort -u); do
	for folder in $(grep -rlE "getenv\(\"$name\"" "$top_srcdir/src" | sed "s|^$top_srcdir/src/||; s|/[^/]*$||" | sort -u); do
		case $folder in
		tool/common | tool/options | tool/run) page=syc.7 ;;
		tool/*) page=syc-${folder#tool/}.1 ;;
		*) page=libsyc.3 ;;
		esac
		environment "$top_srcdir/man/$page" | grep -qx "$name" || fail "$page: ENVIRONMENT lacks $name"
	done
done
for page in $pages; do
	for name in $(environment "$top_srcdir/$page"); do
		grep -rqE "getenv\(\"$name\"" "$top_srcdir/src" || [ "$name" = PATH ] || fail "$page: nothing reads $name"
	done
done
# Programs with threads read it; their pages send to syc(7) for that.
for p in $programs; do
	if "$p" --help | grep -q -- '--threads'; then
		in_section ENVIRONMENT "$top_srcdir/man/$p.1" | grep -q '^\.BR syc (7)' || fail "$p.1: no ENVIRONMENT"
	fi
	# 0, 1 and 2 are what there is, and what they say.
	for status in 0 1 2; do
		in_section 'EXIT STATUS' "$top_srcdir/man/$p.1" | grep -qE "(^|[ ,])$status( |$)" ||
			fail "$p.1: EXIT STATUS lacks $status"
	done
done
for status in $(grep -rohE '\bexit\([0-9]+\)' "$top_srcdir/src/tool" | tr -dc '0-9\n' | sort -u); do
	in_section 'EXIT STATUS' "$top_srcdir/man/syc.7" | grep -qx "\.B $status" || fail "syc.7: EXIT STATUS lacks $status"
done

# References: .BR name (N).
for page in $pages; do
	[ -s "$top_srcdir/$page" ] || continue
	for ref in $(sed -nE 's/^\.BR (syc[a-z-]*|libsyc) \(([1-9])\).*/\1.\2/p' "$top_srcdir/$page"); do
		[ -e "$top_srcdir/man/$ref" ] || fail "$page: refers to $ref, which is not there"
	done
	name=${page##*/}
	[ "$name" = syc.7 ] && continue
	sed -n '/^\.SH SEE ALSO/,$p' "$top_srcdir/man/syc.7" | grep -q "^\.BR ${name%.*} (${name##*.})" ||
		fail "syc.7: SEE ALSO lacks $name"
done

# Programs that pages name exist.
for p in $(cd "$top_srcdir" && sed 's/\\-/-/g' $pages | grep -ohE '(^|[ |(])syc-[a-z]+( |$)' | tr -d ' |(' | sort -u); do
	echo "$programs $pages" | grep -qE "(^|/| )$p(\.[0-9])?( |$)" || fail "a page names '$p', which is not there"
done

if command -v groff > "$dir/which"; then
	for page in $pages; do
		said=$(groff -man -Tutf8 -ww "$top_srcdir/$page" 2>&1 >/dev/null)
		[ -z "$said" ] || fail "groff: $said"
	done
else
	echo "groff is not there: the pages were not formatted"
fi
exit $failed
