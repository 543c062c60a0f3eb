#!/bin/sh
# SPDX-License-Identifier: MIT
# The project's address is that of configure.ac and its authors are those of AUTHORS
# wherever they are written: in files that are no templates of configure's, and in
# CITATION.cff with the version, too.  tests/packaging.sh has debian/.
. "$top_srcdir/tests/lib.sh"
cd "$top_srcdir" || exit 99
url=$(sed -n 's/^AC_INIT(.*\[\(https:[^]]*\)\])$/\1/p' configure.ac)
version=$(sed -n 's/^AC_INIT(\[syc\], *\[\([0-9.]*\)\].*/\1/p' configure.ac)
[ -n "$url" ] && [ -n "$version" ] || fail "no address or version in configure.ac"
for file in CITATION.cff SECURITY.md man/syc.7; do
	grep -qF "$url" "$file" || fail "$file lacks $url"
done
authors=$(sed -n '1s/\..*//p' AUTHORS)
[ -n "$authors" ] || fail "AUTHORS does not begin with who they are"
for file in CITATION.cff LICENSE; do
	grep -qiF "$authors" "$file" || fail "$file lacks $authors"
done
grep -qx "version: $version" CITATION.cff || fail "CITATION.cff is not of $version"
exit $failed
