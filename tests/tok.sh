#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-tok: what it writes, and what it says of bad input.
. "$top_srcdir/tests/lib.sh"
cp "$model" . || exit 99

m="-m demo-f16.gguf"

echo '{"a":0.10,"text":"Hello </s>"}' >in
run 0 syc-tok $m in
is '{"a":0.10,"text":"Hello </s>", "ids": [1, 322, 705, 2], "pieces": ["<s>", " Hello", " ", "</s>"]}'
run 0 syc-tok $m --no-special --no-bos in
grep -q '"ids": \[322, 705, .*"<"' out || fail "--no-special: $(cat out)"
printf 'na\303\257ve\r\n\n' >raw
run 0 syc-tok $m --raw raw
grep -q '"<0xC3>", "<0xAF>"' out || fail "bytes are not shown: $(cat out)"
[ "$(wc -l <out)" -eq 2 ] || fail "two lines in, $(wc -l <out) out"

# There and back.
printf '{"text":"%s"}\n' 'Hello world' '  two  spaces ' 'naïve café 東京 🙂' '' '\n\t\\' 'a</s> b' >in
syc-tok $m in | syc-tok $m --decode >back || fail "round trip"
syc-tok $m in | sed 's/"text":"[^"]*"/"text":""/' | syc-tok $m --decode |
	sed 's/, "ids.*/}/' >back2
sed 's/, "ids.*/}/' back >back1
cmp -s back1 back2 || fail "the text is not made of the ids alone"
[ "$(sed -n 3p back1)" = '{"text":"naïve café 東京 🙂"}' ] || fail "decode: $(sed -n 3p back1)"
[ "$(sed -n 2p back1)" = '{"text":"  two  spaces "}' ] || fail "decode: $(sed -n 2p back1)"
echo '{"ids":[1,322,2]}' >in
run 0 syc-tok $m --decode in
is '{"ids":[1,322,2], "text": "Hello</s>"}'
run 0 syc-tok $m --decode --no-special in
is '{"ids":[1,322,2], "text": "Hello"}'
run 0 syc-tok $m --decode --no-bos in
is '{"ids":[1,322,2], "text": "<s> Hello</s>"}'

# Other vocabularies: a folder, what is in it, and the demo's tokenizer.model.
bpe=$top_srcdir/tests/data/bpe
printf 'the best 12<|im_end|>\360\237\246\204\n' >raw
run 0 syc-tok -m "$bpe" --raw raw
grep -qF '"pieces": ["t", "he", " best", " ", "1", "2", "<|im_end|>", "<0xF0>", "<0x9F>", "<0xA6>", "<0x84>"]' out ||
	fail "pieces of bytes: $(cat out)"
cp out first
run 0 syc-tok -m "$bpe/tokenizer.json" --raw raw
cmp -s out first || fail "tokenizer.json alone: $(cat out)"
sed 's/"text": "[^"]*"/"text": ""/' first >in
run 0 syc-tok -m "$bpe" --decode in
grep -qF '{"text": "the best 12<|im_end|>🦄", ' out || fail "bytes do not come back: $(cat out)"
run 0 syc-tok -m "$bpe" --decode --no-special in
grep -qF '{"text": "the best 12🦄", ' out || fail "--no-special: $(cat out)"
run 0 syc-tok -m "$bpe" --no-special --raw raw
grep -qF '"<|im_end|>"]' out && fail "a special token in plain text"
echo '{"ids":[220,261]}' >in
run 0 syc-tok -m "$bpe" --decode in
grep -q '"text": " ' out || fail "a space that was not put there is gone: $(cat out)"
if [ -e "$SYC_SHARED/demo/tokenizer.model" ]; then
	run 0 syc-tok $m --raw "$top_srcdir/README.md"
	cp out first
	run 0 syc-tok -m "$SYC_SHARED/demo/tokenizer.model" --raw "$top_srcdir/README.md"
	cmp -s out first || fail "tokenizer.model is not as the GGUF file"
fi
mkdir empty
run 1 syc-tok -m empty --raw raw
says 'empty: neither tokenizer.json nor tokenizer.model'
printf '{"model":' >empty/tokenizer.json
run 1 syc-tok -m empty --raw raw
says 'empty/tokenizer.json: the file is not JSON: line 1'
printf 'na\303\257ve\r\n\n' >raw

# -o appears whole or not at all.
run 0 syc-tok $m --raw -o whole raw
[ "$(wc -l <whole)" -eq 2 ] || fail "-o: $(cat whole)"
echo '{"text":1}' >bad
run 1 syc-tok $m -o none bad
says "bad:1: 'text' is not a string"
[ ! -e none ] || fail "an unfinished file appeared"
[ ! -e none.part ] || fail "a part was left behind"

# Bad input.
echo 'not json' >bad
run 1 syc-tok $m bad
says 'bad:1: not JSON'
printf '{"text":"a"}\n{"no":1}\n{"text":"b"}\n' >bad
run 1 syc-tok $m bad
says "bad:2: 'text' is missing"
run 0 syc-tok $m --keep-going bad
mentions 'row skipped'
[ "$(wc -l <out)" -eq 2 ] || fail "--keep-going kept $(wc -l <out)"
for ids in '' '"x"' '[768]' '[-1]' '[1.5]' '["a"]' '[1e300]'; do
	echo "{\"ids\":${ids:-null}}" >bad
	run 1 syc-tok $m --decode bad
	says "'ids"
done
head -c 100000000 /dev/zero | tr '\0' x >bad
run 1 syc-tok $m bad
says 'longer than 16 MiB'
run 1 syc-tok -m raw in
run 1 syc-tok -m absent in
says 'absent: No such file'
run 1 syc-tok $m absent
says 'absent: No such file'
run 1 syc-tok $m --raw absent
says 'absent: No such file'
run 1 syc-tok $m .
run 1 syc-tok $m --raw .
run 2 syc-tok in
misused '--model is needed'
run 2 syc-tok $m --raw --decode
run 2 syc-tok --absent
misused
run 0 syc-tok --help
run 0 syc-tok --version
if [ -w /dev/full ]; then
	syc-tok $m --raw raw >/dev/full 2>err && fail "/dev/full took it all"
	says 'No space left'
fi

exit $failed
