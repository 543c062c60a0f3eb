#!/bin/sh
# SPDX-License-Identifier: MIT
# The project's address is that of configure.ac wherever it is written: in files that are
# no templates of configure's, and in CITATION.cff with the version, too.
. "$top_srcdir/tests/lib.sh"
cd "$top_srcdir" || exit 99
url=$(sed -n 's/^AC_INIT(.*\[\(https:[^]]*\)\])$/\1/p' configure.ac)
version=$(sed -n 's/^AC_INIT(\[syc\], *\[\([0-9.]*\)\].*/\1/p' configure.ac)
[ -n "$url" ] && [ -n "$version" ] || fail "no address or version in configure.ac"
for file in CITATION.cff SECURITY.md man/syc.7 \
		debian/control debian/copyright debian/watch debian/upstream/metadata; do
	[ -e "$file" ] || continue
	grep -qF "$url" "$file" || fail "$file lacks $url"
done
grep -qx "version: $version" CITATION.cff || fail "CITATION.cff is not of $version"
exit $failed
