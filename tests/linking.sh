#!/bin/sh
# SPDX-License-Identifier: MIT
# The library as others link it: what it exports and what its headers declare are
# the same, programs are linked with an installed copy, shared and static, and the
# interface is the one of tests/data/interface.txt, or says that it is another.
build=$PWD
. "$top_srcdir/tests/lib.sh"
model=$demo/demo-q8_0.gguf

# made NAME: what the build has for it.
made() {
	sed -n "s/^$1 = //p" "$build/Makefile"
}
CC=$(made CC)
export CC
cflags="$(made CFLAGS) $SYC_SANITIZED"
soname=$(sed -n 's/^syc_soname=//p' "$top_srcdir/configure.ac")
shared=$build/.libs/$(sed -n "s/^dlname='\(.*\)'/\1/p" "$build/libsyc.la")
archive=$build/.libs/libsyc.a
interface=$top_srcdir/scripts/interface
for tool in nm readelf pkg-config; do
	command -v $tool > said || { echo "left out: $tool is not there"; exit 77; }
done
"$interface" --names > declared
[ "$(wc -l < declared)" -gt 500 ] || fail "the headers declare $(wc -l < declared) functions"

# defined NM-OPTION... FILE: global symbols, but for those of sanitizers.
defined() {
	nm -P "$@" | awk 'NF > 1 && $2 ~ /^[A-TV-Z]$/ && !/^_/ { sub(/@.*/, "", $1); print $1 }' | LC_ALL=C sort
}

# ---- what is exported ------------------------------------------------------
if [ -f "$shared" ]; then
	defined -D "$shared" | grep -vx "LIBSYC_$soname" > exported
	diff declared exported > said || fail "declared <, exported >: $(head -20 said)"
	readelf -d "$shared" | grep -q "SONAME.*\[libsyc.so.$soname\]" || fail "soname: $(readelf -d "$shared")"
	if [ -n "$(made VERSION_SCRIPT)" ]; then
		readelf -W --dyn-syms "$shared" | grep -o "syc_[a-z0-9_]*@@LIBSYC_$soname\$" |
			sed 's/@.*//' | LC_ALL=C sort > versioned
		same declared versioned
	else
		echo "left out: the linker knows no version scripts"
	fi
else
	echo "left out: there is no shared library"
fi
if [ -e "$archive" ]; then
	defined -g "$archive" > public
	diff declared public > said || fail "declared <, global in libsyc.a >: $(head -20 said)"
	defined -g "$build/.libs/libsyc_all.a" | LC_ALL=C comm -13 declared - > private
	[ "$(wc -l < private)" -gt 100 ] || fail "only $(wc -l < private) private names"
else
	echo "left out: there is no libsyc.a (configure --enable-static)"
fi

# ---- an installed copy ------------------------------------------------------
MAKEFLAGS='' ${MAKE-make} -s -C "$build" DESTDIR="$dir" install-libLTLIBRARIES install-includeHEADERS \
	install-sycincludeHEADERS install-pkgconfigDATA > said 2>&1 || fail "make install: $(cat said)"
libdir=$(find "$dir" -name libsyc.la | sed 's|/[^/]*$||')
sed "s|^\([a-z_]*=\)/|\1$dir/|" "$libdir/pkgconfig/libsyc.pc" > libsyc.pc
PKG_CONFIG_PATH=$dir:${PKG_CONFIG_PATH-}
export PKG_CONFIG_PATH
head -n 8 "$demo/test-fact.jsonl" > questions.jsonl
head -n 6 "$demo/pairs.jsonl" > pairs.jsonl
run 0 "$build/examples/predict" "$model" pairs.jsonl questions.jsonl
mv out predicted
[ "$(grep -c 'AUC [01]\.' predicted)" -gt 1 ] || fail "predict said $(cat predicted)"

# links PROGRAM FLAG...: examples/predict.c, with as little as libsyc(3) says.
links() {
	program=$1
	shift
	# shellcheck disable=SC2046,SC2086
	$CC $cflags "$top_srcdir/examples/predict.c" "$@" -o "$program" > said 2>&1 ||
		fail "$program is not linked: $(head -20 said)"
}
# predicts PROGRAM
predicts() {
	run 0 "./$1" "$model" pairs.jsonl questions.jsonl
	same predicted out "what examples/predict and $1 say"
}

if [ -f "$shared" ]; then
	# shellcheck disable=SC2046
	links dynamic $(pkg-config --cflags --libs libsyc) "-Wl,-rpath,$libdir"
	predicts dynamic
fi
if [ -e "$archive" ]; then
	mkdir aside
	mv "$libdir"/libsyc.so* aside 2> said
	# A program may call its own functions as it likes.
	sed 's/.*/int &;/' private > own.c
	# shellcheck disable=SC2046
	links static-libsyc own.c $(pkg-config --static --cflags --libs libsyc)
	predicts static-libsyc
	readelf -d static-libsyc | grep -q libsyc && fail "static-libsyc needs a shared libsyc"
	needs=$(sed -n 's/^Requires.private: *//p' libsyc.pc)
	echo 'int main(void) { return 0; }' > nothing.c
	# shellcheck disable=SC2046,SC2086
	if [ -n "$SYC_SANITIZED" ] ||
		! $CC -static nothing.c $(pkg-config --static --libs $needs) -o nothing 2> said; then
		echo "left out: a program without any shared library"
	else
		links static -static $(pkg-config --static --cflags --libs libsyc)
		predicts static
		readelf -d static | grep -q NEEDED && fail "static needs shared libraries"
	fi
	mv aside/libsyc.so* "$libdir" 2> said
fi

# ---- a program and a library of another interface ----------------------------
# One that has the same file name refuses it at the start.
if [ -f "$shared" ] && [ -n "$(made VERSION_SCRIPT)" ] && ldd --version 2>&1 | grep -qi 'glibc\|gnu libc'; then
	mkdir other
	sed 's/.*/void &(void); void &(void) { }/' declared > other.c
	echo "LIBSYC_$((soname + 1)) { global: syc_*; local: *; };" > other.map
	# shellcheck disable=SC2086
	$CC $cflags -fPIC -shared other.c -Wl,--version-script=other.map -o "other/libsyc.so.$soname" ||
		fail "the other library is not linked"
	# shellcheck disable=SC2046
	links older $(pkg-config --cflags --libs libsyc)
	run 1 env LD_LIBRARY_PATH="$dir/other" ./older "$model" pairs.jsonl questions.jsonl
	says "\`LIBSYC_$soname' not found"
else
	echo "left out: a library of another interface"
fi

# ---- the headers --------------------------------------------------------------
if c++ --version > said 2>&1; then
	for h in "$top_srcdir"/include/syc.h "$top_srcdir"/include/syc/*.h; do
		c++ -fsyntax-only -Wall -Wextra -Werror -x c++ -I "$top_srcdir/include" "$h" > said 2>&1 ||
			fail "${h##*/} alone, in C++: $(head -5 said)"
	done
else
	echo "left out: C++"
fi

# ---- the interface: what is changed must be owned up to -------------------------
stored=$top_srcdir/tests/data/interface.txt
"$interface" --since "$stored" || fail "the interface is not tests/data/interface.txt"

# changed WANT WHAT SED [NUMBERS]: headers that sed changed, against those that are here.
"$interface" > here
changed() {
	want=$1 what=$2
	rm -rf include
	copy "$top_srcdir/include" include
	sed "$3" "$top_srcdir/include/syc/direction.h" > include/syc/direction.h
	cmp -s include/syc/direction.h "$top_srcdir/include/syc/direction.h" && fail "$what: sed changed nothing"
	sed "${4-}" "$top_srcdir/configure.ac" > numbers
	INCLUDE=include NUMBERS=numbers run "$want" "$interface" --since here
	[ "$want" -eq 0 ] || mentions "$what"
}
added='s/^struct syc_recipe {/SYC_API int syc_new(void);\n&/'
raised='s/^syc_\(soname\)=.*/syc_\1=99/'
longer='s/^struct syc_recipe {/&\n\tint more;/'
changed 0 '' '1,5s/SPDX/spdx/'
changed 1 'Raise syc_additions' "$added"
changed 1 'int syc_new(void);' "$added"
changed 0 '' "$added" 's/^syc_additions=.*/syc_additions=99/'
changed 0 '' "$added" "$raised"
changed 1 'Raise syc_soname' "$longer"
changed 1 'Raise syc_soname' "$longer" 's/^syc_additions=.*/syc_additions=99/'
changed 1 'struct syc_recipe {' "$longer"
changed 0 '' "$longer" "$raised"
changed 1 'Raise syc_soname' 's/^\tSYC_METHOD_MEAN,/\tSYC_METHOD_NEW,\n&/'
exit $failed
