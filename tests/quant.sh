#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-quant: what it writes is the model, runs, and does not depend on the way
# there; what is no good leaves nothing behind.
test -x tests/damage || { echo "tests/damage is not built"; exit 77; }
damage=$PWD/tests/damage
. "$top_srcdir/tests/lib.sh"
find_python
check() {
	[ -z "$python" ] || "$python" "$top_srcdir/tests/quant.py" "$@" >out 2>err ||
		fail "quant.py $*: $(tail -3 err)"
}
[ -n "$python" ] || echo "no Python with numpy: the files are not looked into"

# Every type, by other means.
for type in q8_0 f16 f32; do
	run 0 syc-quant -m "$model" --type $type -o $type.gguf
	says "syc-quant: $type.gguf: $type, "
	absent $type.gguf.part
	check check "$model" $type.gguf $type
done
check check "$model" q8_0.gguf q8_0 "$demo/demo-q8_0.gguf"
run 0 syc-quant -q -m "$model" -o default.gguf
[ ! -s err ] || fail "--quiet: $(cat err)"
same default.gguf q8_0.gguf 'the default and q8_0'

# The way there: nothing is lost through f32, and a type stays what it is.
run 0 syc-quant -q -m f32.gguf -o x.gguf
same x.gguf q8_0.gguf 'q8_0 by way of f32'
run 0 syc-quant -q -m f32.gguf --type f16 -o x.gguf
same x.gguf f16.gguf 'f16 by way of f32'
run 0 syc-quant -q -m q8_0.gguf -o x.gguf
same x.gguf q8_0.gguf 'q8_0 of q8_0'
run 0 syc-quant -q -m q8_0.gguf --type f32 -o wide.gguf
check check q8_0.gguf wide.gguf f32
for t in 1 2 5; do
	run 0 syc-quant -q -t $t -m "$model" -o x.gguf
	same x.gguf q8_0.gguf "q8_0 with $t threads"
done

# Onto itself, and through a pipe.
cp "$model" x.gguf
run 0 syc-quant -q -m x.gguf -o x.gguf
same x.gguf q8_0.gguf 'a file converted in its place'
syc-quant -q -m "$model" -o /dev/stdout | cat >x.gguf
same x.gguf q8_0.gguf 'a file through a pipe'

# A model in two files, and in a folder of its own.
if [ -n "$python" ]; then
	mkdir two
	check split "$model" two/m
	run 0 syc-quant -q -m two/m-00001-of-00002.gguf -o x.gguf
	same x.gguf q8_0.gguf 'a model of two files'
	run 0 syc-quant -q -m two -o x.gguf
	same x.gguf q8_0.gguf 'a model in a folder'
fi

# They run; f16 and f32 hold the same numbers.
echo '{"id": "a", "prompt": "The capital of France is"}' >in
for type in f16 f32; do
	run 0 syc-gen --compute f32 -m $type.gguf -n 8 -t 1 in
	mv out $type.rows
done
run 0 syc-gen --compute f32 -m "$model" -n 8 -t 1 in
same out f16.rows 'rows of f16'
same out f32.rows 'rows of f32'
run 0 syc-gen -m q8_0.gguf -n 8 -t 1 in

# Wrong usage.
run 2 syc-quant -m "$model"
misused --output
run 2 syc-quant -o x.gguf
misused --model
run 2 syc-quant -m "$model" --type q4_0 -o x.gguf
misused q8_0 f16 f32
run 2 syc-quant -m "$model" -o x.gguf y
misused "'y'"

# refused TEXT...: bad.gguf is not converted, and what was there stays.
refused() {
	echo before >no.gguf
	run 1 syc-quant -m bad.gguf -o no.gguf
	says 'syc-quant: bad.gguf: ' "$@"
	[ "$(cat no.gguf)" = before ] || fail "no.gguf was touched"
	absent no.gguf.part
}
"$damage" "$model" bad.gguf data blk.2.attn_q.weight 4000 007e
refused blk.2.attn_q.weight 'NaN or infinite'
"$damage" "$model" bad.gguf data blk.5.ffn_norm.weight 8 0000c07f
refused blk.5.ffn_norm.weight 'NaN or infinite'
"$damage" q8_0.gguf bad.gguf data output.weight 3400 007c
refused output.weight 'NaN or infinite'
"$damage" f32.gguf bad.gguf data blk.2.attn_q.weight 4000 0000004b
refused blk.2.attn_q.weight 'too large for float16'
"$damage" "$model" bad.gguf after blk.2.attn_q.weight 20 10000000
refused blk.2.attn_q.weight iq2_xxs 'not supported'
"$damage" "$model" bad.gguf after general.architecture 4 0500000000000000626c6f6f6d
refused bloom
head -c 100000 "$model" >bad.gguf
refused 'needs'
echo nothing >bad.gguf
refused GGUF
rm bad.gguf
refused 'No such file'
run 1 syc-quant -m "$model" -o no/such/folder.gguf
says no/such/folder.gguf
(
	trap '' XFSZ
	ulimit -f 500
	run 1 syc-quant -m "$model" -o full.gguf
	says 'syc-quant: full.gguf: File too large'
	exit $failed
) || failed=1
absent full.gguf full.gguf.part
if [ -e /dev/full ]; then
	run 1 syc-quant -m "$model" -o /dev/full
	says /dev/full
fi
exit $failed
