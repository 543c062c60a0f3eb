# SPDX-License-Identifier: MIT
# Called by scripts/test: the builds and their tests under one count of jobs.
.PHONY: test sanitize arm64
test sanitize:
	+. scripts/packages.sh && (make_in build-$@ && make_in build-$@ -k check) > build-$@/check.out 2>&1
arm64:
	+out=`scripts/test-arm64 2>&1`; status=$$?; \
	printf '%s\n' "$$out" | grep -v '^[0-9]* passed, '; exit $$status
