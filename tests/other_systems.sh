#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source compiles for macOS and for musl, with the headers of those and no
# function that only glibc declares.  Needs zig's C compiler (Python's package
# ziglang, or zig on the PATH); the libraries' headers are this system's.
top=${top_srcdir-.}
build=$PWD
. "$top/tests/lib.sh"

if command -v zig > /dev/null; then
	zig=zig
elif python3 -m ziglang version > /dev/null 2>&1; then
	zig='python3 -m ziglang'
else
	echo "left out: zig is not there (python3 -m pip install ziglang)"
	exit 77
fi
ZIG_GLOBAL_CACHE_DIR=$dir/zig ZIG_LOCAL_CACHE_DIR=$dir/zig
export ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR

# The libraries' headers alone, and what configure would find there.
mkdir include
printf '#include <%s>\n' jansson.h zlib.h pcre2.h utf8proc.h cblas.h > all.c
${CC-cc} -E -DPCRE2_CODE_UNIT_WIDTH=8 -M $(pkg-config --cflags openblas jansson zlib libpcre2-8 libutf8proc) all.c |
	tr -s ' \\' '\n' | grep -E '/(jansson|zlib|zconf|pcre2|utf8proc|cblas|openblas)[^/]*\.h$' |
	while read -r f; do cp "$f" include; done
sed -i '/define OPENBLAS_OS_LINUX/d' include/openblas_config.h
sed '/HAVE_GETAUXVAL/d; /HAVE_KERN_AMX/d' "$build/config.h" > include/config.h
cp "$build/programs.h" include

# flags FILE: those of its instruction set, as configure finds them.
flags() {
	case $1 in
	*avx512*) echo -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mavx2 -mfma -mf16c ;;
	*amx*) echo -mamx-tile -mamx-int8 -mavx512f -mavx512bw -mavx512vl -mavx512vnni -mavx2 -mfma -mf16c ;;
	*avxvnni*) echo -mavxvnni -mavx2 -mfma -mf16c ;;
	*avx2*) echo -mavx2 -mfma -mf16c ;;
	*dotprod*) echo -Xclang -target-feature -Xclang +dotprod ;;
	*i8mm*) echo -Xclang -target-feature -Xclang +dotprod -Xclang -target-feature -Xclang +i8mm ;;
	esac
}

n=0
for target in aarch64-macos x86_64-macos x86_64-linux-musl; do
	for f in $(cd "$top" && find src examples -name '*.c' | sort); do
		case $target:$f in
		x86*:*neon*|x86*:*dotprod*|x86*:*i8mm*|aarch64*:*avx*|aarch64*:*amx*) continue ;;
		esac
		# shellcheck disable=SC2046
		$zig cc -target $target -c -o x.o -std=gnu11 -Werror=implicit-function-declaration \
			$(flags "$f") -DDEMO_DIR='""' -I include -I "$top/include" -I "$top/src" \
			"$top/$f" > said 2>&1 || fail "$target: $f: $(grep error said | head -3)"
		n=$((n + 1))
	done
done
[ $n -gt 400 ] || fail "only $n compilations"
echo "$n compilations"
exit $failed
