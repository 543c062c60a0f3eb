# SPDX-License-Identifier: MIT
# Reads the logs of test programs and closes with "N passed, N failed, N
# skipped".  A program that says how many checks it ran counts as that many,
# any other as one; what the harness wrote at the end of the log decides.
# What a program says it left out is skipped, not passed.
FNR == 1 { finish() }
/^[0-9]+%: Checks: / {
	gsub(/,/, "")
	checks = $3
	wrong = $5 + $7
}
/^left out: / { left_out++ }
/^(PASS|FAIL|SKIP|ERROR|XPASS) .*\(exit status: [0-9]+\)$/ { verdict = $1 }
END {
	finish()
	if (failed && !n_failed)
		n_failed = 1
	if (!n_passed && !n_failed)
		n_failed = 1
	printf "%d passed, %d failed, %d skipped\n", n_passed, n_failed, n_skipped
	exit n_failed > 0
}
function finish()
{
	if (verdict == "SKIP") {
		n_skipped++
	} else if (verdict == "PASS") {
		n_passed += checks ? checks - left_out : 1
		n_skipped += left_out
	} else if (verdict != "") {
		if (!wrong)
			wrong = 1
		n_failed += wrong
		n_passed += checks > wrong ? checks - wrong : 0
	}
	verdict = ""
	checks = wrong = left_out = 0
}
