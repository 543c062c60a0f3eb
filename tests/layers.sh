#!/bin/sh
# SPDX-License-Identifier: MIT
# The one-way flow between the layers of src/, from the #include lines; and
# that the check sees a violation.
. "$top_srcdir/tests/lib.sh"

check() {
	(cd "$1" && find src -name '*.[ch]' | sort | xargs awk -f "$top_srcdir/scripts/layers.awk")
}

check "$top_srcdir" || fail "the layers are not kept"

# seed LAYER INCLUDE: a tree with this one include must not pass.
seed() {
	rm -rf "$dir/src"
	mkdir -p "$dir/src/$1"
	printf '#include "config.h"\n#include "%s"\n' "$2" > "$dir/src/$1/x.c"
	if check "$dir" > "$dir/out"; then
		fail "src/$1 may include \"$2\""
	elif ! grep -qF "src/$1/x.c:2: " "$dir/out" || ! grep -qF "\"$2\"" "$dir/out"; then
		fail "the message names neither file nor include: $(cat "$dir/out")"
	fi
}
# allow LAYER INCLUDE
allow() {
	rm -rf "$dir/src"
	mkdir -p "$dir/src/$1"
	printf '#include "config.h"\n#include "%s"\n#include <stdio.h>\n' "$2" > "$dir/src/$1/x.c"
	check "$dir" || fail "src/$1 may not include \"$2\""
}

seed base format/gguf.h
seed base syc/model.h
seed format kern/kern.h
seed format model/model.h
seed kern model/model.h
seed kern tool/opts.h
seed model run/engine.h
seed model syc/engine.h
seed run format/gguf.h
seed run rec/acts_file.h
seed run syc/record.h
seed rec model/model.h
seed rec model/model.h
seed rec task/row.h
seed train run/engine.h
seed stat model/model.h
seed stat syc/task.h
seed task syc/acts.h
seed task kern/kern.h
seed rec study/pairs.h
seed stat syc/choice.h
seed rec syc/conclude.h
seed study tool/options/opts.h
seed tool base/err.h
seed tool study/conclude.h
seed tool rec/acts_file.h
seed tool format/gguf.h
seed tool study/pairs.h
seed kern ../model/model.h
seed kern helper.h

# A folder that is no layer.
mkdir -p "$dir/src/other"
echo '#include "base/err.h"' > "$dir/src/other/x.c"
check "$dir" > /dev/null && fail "src/other passes for a layer"

allow model kern/kern.h
allow run model/model.h
allow rec run/engine.h
allow rec format/zip.h
allow study rec/acts_file.h
allow study syc/engine.h
allow tool syc.h
allow tool tool/options/opts.h
allow study rec/steer.h
allow study syc/task.h
allow study study/conclude.h
allow tool syc/conclude.h
allow tool syc/record.h
exit $failed
