#!/bin/sh
# SPDX-License-Identifier: MIT
# What packages say is what configure.ac says, and what 'make install' puts anywhere is
# in one package each: of debian/, of the rpm spec.
build=$PWD
. "$top_srcdir/tests/lib.sh"
debian=$top_srcdir/debian
spec=$build/packaging/syc.spec

# Version, address and the line that says what it is.
said() {
	sed -n "s/^$1: *//p" "$spec"
}
version=$(said Version) url=$(said URL) summary=$(said Summary | head -n 1)
[ "$version" ] && [ "$url" ] && [ "$summary" ] || fail "the spec lacks version, address or summary"
[ "$(syc-fit --version | sed 's/.* //')" = "$version" ] || fail "the spec is of version $version"
changed=$(sed -n '1s/^syc (\(.*\)-[^-]*) .*/\1/p' "$debian/changelog")
[ "$changed" = "$version" ] || fail "debian/changelog: version $changed is not $version"
grep -qx "Homepage: $url" "$debian/control" || fail "debian/control: Homepage is not $url"
grep -qx "Source: $url" "$debian/copyright" || fail "debian/copyright: Source is not $url"
grep -q "^$url/ " "$debian/watch" || fail "debian/watch: not of $url"
grep -qx "Repository: $url" "$debian/upstream/metadata" || fail "debian/upstream/metadata: not of $url"
grep -qx "Bug-Database: $url" "$debian/upstream/metadata" || fail "debian/upstream/metadata: bugs are not of $url"
authors=$(sed -n '1s/\..*//p' "$top_srcdir/AUTHORS")
maintainer=$(sed -n 's/^Maintainer: //p' "$debian/control")
[ "$authors" ] && [ "${maintainer% <*@*>}" = "$authors" ] || fail "debian/control: $maintainer is not $authors"
grep -q "^ -- $maintainer  " "$debian/changelog" || fail "debian/changelog: not of $maintainer"
grep -qix "Copyright: [0-9-]* $authors" "$debian/copyright" || fail "debian/copyright: not of $authors"
grep -qix "Description: $summary" "$debian/control" || fail "debian/control: no description is '$summary'"
grep -n '@' "$spec" && fail "left in the spec"
grep -n '@' "$build/packaging/syc.rb" | grep -v '@sha256@' && fail "left in the formula"

# What scripts/packages.sh installs to build is what the packages are built with.
# known TO MANAGER: what it installs for that, a line each.
known() {
	(. "$top_srcdir/scripts/packages.sh" && packages "$2" "$1") | tr ' ' '\n'
}
known build apt | grep -q -- '-dev$' || fail "scripts/packages.sh knows no libraries"
for p in $(known build apt | grep -- '-dev$'); do
	grep -q "^ ${p}[ ,]" "$debian/control" || fail "debian/control: does not build with $p"
done
for p in $(known build brew | grep -vxE 'auto.*|libtool|pkg-config|check'); do
	grep -qE "(depends_on|uses_from_macos) \"$p\"" "$build/packaging/syc.rb" || fail "the formula lacks $p"
	grep -q "Inputs = .*[ ]$p[ ]" "$top_srcdir/packaging/syc.nix" || fail "syc.nix lacks $p"
done
for file in $(sed 's/[{}]//g' "$debian"/*.docs "$debian"/*.examples) $(sed -n 's/^Tests: /debian\/tests\//p' "$debian/tests/control"); do
	set -- "$top_srcdir/$file"*
	[ -e "$1" ] || fail "$file is named by a package, but is not there"
done

# The files: data are installed; of programs and libraries names are enough.
root=$dir/root
"${MAKE:-make}" -s -C "$build" install-data DESTDIR="$root" prefix=/usr libdir=/usr/lib/any \
	zshcompdir=/usr/share/zsh/site-functions > out 2>&1 ||
	fail "make install-data: $(tail -n 5 out)"
mkdir -p "$root/usr/bin" "$root/usr/lib/any"
for p in $(list bin_PROGRAMS) $(list bin_SCRIPTS); do
	: > "$root/usr/bin/${p##*/}"
done
set -- "$build"/.libs/libsyc.so.*
if [ ! -e "$1" ]; then
	echo "left out: which package has which file: libraries are named otherwise here"
	exit $failed
fi
for file in "$build"/.libs/libsyc.so*; do
	case $file in
	*[0-9] | *.so) : > "$root/usr/lib/any/${file##*/}" ;;
	esac
done
: > "$root/usr/lib/any/libsyc.la"
: > "$root/usr/lib/any/libsyc.a"

soname=$(sed -n "s/^dlname='\(.*\)'/\1/p" "$build/libsyc.la")
grep -q "^$soname libsyc${soname##*.} " "$debian/libsyc${soname##*.}.symbols" || fail "debian: no libsyc${soname##*.} of $soname"
grep -q "/${soname}\*\$" "$spec" || fail "the spec lacks $soname"

# owned BY PATTERN...: the files in the root that a list names.
owned() {
	by=$1
	shift
	for pattern; do
		# shellcheck disable=SC2086
		set -- $pattern
		[ -e "$1" ] || fail "$by: no file is $pattern"
		find "$@" ! -type d
	done
}
cd "$root" || exit 99
find . ! -type d | sed 's|^\./||' | sort > "$dir/installed"
for file in "$debian"/*.install "$debian/not-installed"; do
	set -f
	# shellcheck disable=SC2046
	set -- $(grep -v '^#' "$file")
	set +f
	owned "${file##*/}" "$@"
done > "$dir/out"
sort "$dir/out" > "$dir/deb"
set -f
# shellcheck disable=SC2046
set -- $(sed -n '/^%files/,/^%changelog/s/^%{/%{/p' "$spec" | sed 's|%{_bindir}|usr/bin|; s|%{_mandir}|usr/share/man|
	s|%{_datadir}|usr/share|; s|%{_libdir}|usr/lib/any|; s|%{_includedir}|usr/include|')
set +f
# The spec builds no static library, and removes libtool's file and, taken as documents, the examples.
owned syc.spec "$@" usr/lib/any/libsyc.a usr/lib/any/libsyc.la usr/share/doc/syc/examples > "$dir/out"
sort "$dir/out" > "$dir/rpm"
cd "$dir" || exit 99
for kind in deb rpm; do
	diff installed $kind > out || fail "installed (<) and in packages (>), $kind: $(cat out)"
done

# Its language, where a program that reads it is there.
# reads PROGRAM FILE COMMAND...
reads() {
	if command -v "$1" > which; then
		file=$2
		shift 2
		"$@" "$file" > out 2> err || fail "${file##*/}: $(cat err)"
	else
		echo "left out: the language of ${2##*/}: $1 is not there"
	fi
}
reads ruby "$build/packaging/syc.rb" ruby -c
reads rpmspec "$spec" rpmspec -P
reads nix-instantiate "$top_srcdir/packaging/syc.nix" nix-instantiate --parse
exit $failed
