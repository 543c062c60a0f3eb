# SPDX-License-Identifier: MIT
# Draw interruptions: awk -v seed=S -v count=N -f plan.awk LIST..., where the
# name of a LIST of interrupt(1) is CASE.list.  A line for each: case, call,
# kind, where the run that goes on is interrupted, too (thousandths; 0: not), and
# whether older results are in the way.
# Half of the calls are drawn among those with a file in flight.  The numbers
# are our own, so that every awk draws the same.
function draw(n) {
	state = (state * 69069 + 12345) % 4294967296
	return int(state / 65536) % n
}

function kind_of(call, k) {
	k = draw(10)
	if (k < 4)
		return "kill"
	if (k < 6)
		return "full"
	if (k < 8)
		return "eio"
	return call !~ /write/ ? "kill" : k < 9 ? "torn" : "short"
}

FNR == 1 {
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.list$/, "", name)
	names[cases++] = name
}

$1 ~ /^[0-9]+$/ {
	call[name, ++calls[name]] = $2
	if ($3 > 0)
		flight[name, ++flights[name]] = $1
}

END {
	state = seed * 2654435 + 97
	for (i = 0; i < 8; i++)
		draw(2)
	for (i = 0; i < count; i++) {
		name = names[i % cases]
		if (flights[name] && draw(2))
			n = flight[name, 1 + draw(flights[name])]
		else
			n = 1 + draw(calls[name])
		print name, n, kind_of(call[name, n]), draw(3) ? 0 : 1 + draw(999), draw(2)
	}
}
