#!/bin/sh
# SPDX-License-Identifier: MIT
# Adapters that syc writes open in PEFT and give the logits that syc computes, for every
# architecture of the shared data.  SYC_PYTHON is a Python with torch, transformers and
# peft where python3 has them not.
python=${SYC_PYTHON-python3}
"$python" -c 'import peft, torch, transformers' 2>/dev/null ||
	{ echo "peft, torch or transformers is not there (SYC_PYTHON)"; exit 77; }
[ -d "$SYC_SHARED/models" ] || { echo "the models of the shared data are not there"; exit 77; }
check=$PWD/tests/check_lora_write
test -x "$check" || { echo "tests/check_lora_write is not built"; exit 77; }
. "$top_srcdir/tests/lib.sh"
for m in "$SYC_SHARED"/models/*/; do
	name=$(basename "$m")
	[ -e "$m/config.json" ] || continue
	# The names of what Check makes are short.
	mkdir "$name" && ln -sfn "$PWD/$name" out
	CHECK_LORA_OUT=out CHECK_LORA_MODEL=$m CK_RUN_CASE=for_others "$check" >log ||
		fail "$name: $(cat log)"
done
rm -f out
HF_HUB_OFFLINE=1 "$python" "$top_srcdir/tests/peft_logits.py" "$SYC_SHARED/models" . >out 2>err ||
	fail "$(cat out; tail -5 err)"
cat out
exit $failed
