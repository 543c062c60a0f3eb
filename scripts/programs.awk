# SPDX-License-Identifier: MIT
# From the pages the tables of the command syc: what it lists (in the order
# of syc(7), each with what its page's NAME says) and the pages that it opens.
FNR == 1 { page = FILENAME; sub(/.*\//, "", page) }
/^\.S[HS] / { part = $0 }
page == "syc.7" && part == ".SS The programs" && last == ".TP" && /^\.BR syc-[a-z]+ \(1\)/ { program[++n] = $2 }
{ last = $0 }
part == ".SH NAME" && / \\- / {
	name = what = $0
	sub(/ \\- .*/, "", name)
	sub(/.* \\- /, "", what)
	gsub(/\\-/, "-", what)
	means[name] = what
	if (page !~ /^syc(-[a-z]*)?\.1$/)
		other[++m] = page
}
END {
	print "static const struct program programs[] = {"
	for (i = 1; i <= n; i++)
		printf "\t{ \"%s\", \"%s\" },\n", substr(program[i], 5), means[program[i]]
	print "};\nstatic const char *const pages[] = {"
	for (i = 1; i <= m; i++)
		printf "\t\"%s\",\n", other[i]
	print "\tNULL\n};"
}
