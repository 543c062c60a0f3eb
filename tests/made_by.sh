#!/bin/sh
# SPDX-License-Identifier: MIT
# The demo's questions are those that demo/made-by makes, byte for byte.
. "$top_srcdir/tests/lib.sh"
python3 -c '' 2>/dev/null || { echo "python3 is not there"; exit 77; }
run 0 env PYTHONDONTWRITEBYTECODE=1 python3 "$demo/made-by/questions.py" made
set -- made/*.jsonl
[ $# -eq 7 ] || fail "$# files, not 7: $*"
for file; do
	same "$file" "$demo/${file#made/}"
done
exit $failed
