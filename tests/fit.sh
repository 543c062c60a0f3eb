# SPDX-License-Identifier: MIT
# syc-fit from end to end: its three reports, bad rows, lost writes.
. "$top_srcdir/tests/lib.sh"

# rows LABEL SCORE ...: one layer, number 3
rows() { printf '{"label":%s,"layers":[3],"score":{"v":{"prompt":[%s]}}}\n' "$@"; }

# Figures of pROC, statsmodels and scipy (tests/data/stat_cases.json: quasi
# and, with the labels swapped about, a case that overlaps).
rows 0 1 0 2 0 3 0 4 1 4 1 4 1 5 1 6 1 7 > quasi.jsonl
run 0 syc-fit --tsv quasi.jsonl
printf '%s\t' vector position layer n positives dropped auc auc_lo auc_hi slope \
	slope_se p p_adj method separated r r_p ap ap_lo ap_hi r_lo r_hi rho rho_p slope_lo \
	slope_hi r2 ridge brier brier_lo brier_hi boot_se boot_lo boot_hi band_lo band_hi perm_p \
	perm_p_max perm_lo perm_hi perm_max_lo perm_max_hi cv_auc cv_auc_lo cv_auc_hi cv_brier cv_brier_lo cv_brier_hi null_lo \
	null_hi null_p null_p_max cov_lo cov_hi cov_p cov_p_max flip_lo flip_hi flip_p \
	flip_p_max shuffle_lo shuffle_hi shuffle_p > head.txt
printf '%s\t' shuffle_p_max gain gain_p >> head.txt
printf 'gain_p_max\n' >> head.txt
head -n 1 out | cmp - head.txt || fail "header"
sed -n 2p out | awk -F '\t' '
	function near(got, want) { return got - want < 2e-6 && want - got < 2e-6 }
	!($1 == "v" && $2 == "prompt" && $3 == 3 && $4 == 9 && $5 == 5 && $6 == 0 &&
	  near($7, 0.95) && near($8, 0.618457) && near($9, 0.995530) &&
	  near($10, 2.094805) && near($11, 1.452282) && near($12, 0.0287313) &&
	  near($13, 0.0287313) && $14 == "firth" && $15 == 1 &&
	  near($16, 0.760639) && near($17, 0.017322) && near($18, 0.933333) &&
	  near($23, 0.792747) && $32 == "NA" && $64 == "NA" && NF == 67) { print; bad = 1 }
	END { exit bad }' || fail "figures"

# Firth's p is of a ratio that takes rows to be independent.
run 0 syc-fit quasi.jsonl
grep -q "likelihood's ratio" out || fail "the ratio is not named"
sed 's/^{/{"t":1,/; 1,4s/"t":1/"t":2/' quasi.jsonl > topics.jsonl
run 0 syc-fit --cluster t topics.jsonl
grep -q 'take rows to be independent' out || fail "Firth's p with clusters"
grep -q '^    3 .* -  *- *0.761 firth$' out || fail "Firth's p with clusters"

# Undecided rows as bounds: those at risk alone.
sed '1s/"label":0/"label":null/; 2s/"label":0/"label":null,"at_risk":false/' quasi.jsonl >bounds.jsonl
[ "$(sed -n '1,2s/.*"label":null.*/x/p' bounds.jsonl | wc -l)" = 2 ] || fail "no undecided rows to take"
run 0 syc-fit bounds.jsonl
grep -q '^9 rows: 7 labeled (5 sycophantic, 2 not), 2 undecided' out || fail "$(head -n 1 out)"
run 0 syc-fit --undecided 0 bounds.jsonl
grep -q '^9 rows: 8 labeled (5 sycophantic, 3 not), 1 undecided' out || fail "all held: $(head -n 1 out)"
run 0 syc-fit --undecided 1 --json bounds.jsonl
expect '.[0] | [.undecided_are, .rows.sycophantic, .rows.not] == [1, 6, 2]' out
run 2 syc-fit --undecided 2 bounds.jsonl
misused --undecided

# A number in place of the label, which rows need not have; one row has none.
sed 's/"label":1/"shift":2.5,"w":2/; s/"label":0/"shift":-1,"w":1/; 1s/-1/null/' quasi.jsonl > shift.jsonl
run 0 syc-fit --outcome=shift --weight=w shift.jsonl
grep -q '^9 rows: 8 with shift (5 above 0), 1 without$' out || fail "rows with an outcome"
grep -q '^    3 *8 ' out || fail "a line"
run 0 syc-fit --outcome=shift --tsv shift.jsonl
awk -F '\t' 'NR == 2 { bad = !($4 == 8 && $5 > 1 && NF == 18) } END { exit bad }' out || fail "line --tsv"
run 0 syc-fit --outcome=shift --json shift.jsonl
grep -q '"with_outcome":8,"above_0":5,' out || fail "line --json"
run 1 syc-fit --outcome=shift --permute=100 shift.jsonl
mentions 'go with clusters'

# What a score adds to baselines: the first copies the length, the second knows more.
awk 'BEGIN { srand(3); for (i = 0; i < 80; i++) {
	n = i % 9; q = "tell"; for (k = 0; k < n; k++) q = q " me"
	h = rand(); y = (n > 4) * 0.5 + h > 0.75; odd = i % 2
	printf "{\"id\":\"q%d\",\"claim\":\"c%d\",\"question\":\"%s\\n\\nChoices:\\n (A) yes\\n (B) no\",", i, i % 16, q
	printf "\"answer_matching_behavior\":\"(%s)\",\"label\":%d,\"p_match\":%.3f,", odd ? "A" : "B", y, h
	printf "\"layers\":[0,1],\"score\":{\"v\":{\"prompt\":[%.3f,%.3f]}}}\n", n + rand() / 9, h + rand() / 4 } }' > plain.jsonl
run 0 syc-fit --claim=claim --procedure=99 --baseline=all --json plain.jsonl
grep -q '"increment":{"baselines":\["length","view","letter","words","overlap"\],"n":80,' out || fail "baselines"
grep -q '"why":null,"best":1}\|"p":0.01,"best":1}' out || fail "the score that adds something"
run 0 syc-fit --claim=claim --procedure=99 --baseline=length,letter --tsv plain.jsonl
awk -F '\t' 'NR == 2 { a = $66 > 0.05 && $67 > 0.05 } NR == 3 { b = $66 == 0.01 && $67 == 0.01 && $65 > 0.1 }
	END { exit !(a && b) }' out || fail "gains"
run 0 syc-fit --claim=claim --procedure=99 --baseline=length,odds plain.jsonl
grep -q '^Beside length, odds: 80 rows of 16 claims' out || fail "beside"
# The other order's row has the same id but for its end; rows without it are left out.
sed 's/"id":"q\([0-9]*\)[02468]"/&/; s/"id":"q\([0-9]*\)1"/"id":"q\10\/reversed"/' plain.jsonl > orders.jsonl
run 0 syc-fit --claim=claim --procedure=99 --baseline=other orders.jsonl
grep -q '^Beside other: 16 rows of ' out || fail "the other order: $(grep Beside out)"
sed 's/"label"/"p_sycophantic":0.5,"label"/' plain.jsonl > prob.jsonl
run 1 syc-fit --claim=claim --baseline=odds prob.jsonl
mentions 'odds: the labels are made of them'
run 2 syc-fit --claim=claim --baseline=length,x plain.jsonl
mentions "'x' is no baseline"
run 2 syc-fit --baseline=all plain.jsonl

# The order of rows changes nothing, and neither does where they come from.
run 0 syc-fit --json quasi.jsonl
mv out one.json
sed -n '5,$p' quasi.jsonl > a; sed -n '1,4p' quasi.jsonl > b
run 0 syc-fit --json a - < b
cmp out one.json || fail "order changes the report"
syc-fit --json -o two.json quasi.jsonl
cmp one.json two.json || fail "-o differs from standard output"

# Undecided and undefined: counted, dropped, shown as dashes.
{ rows null 1 0 null 1 0.5 0 0.25; printf '\n'; rows 1 0.75 1.0 0.125; } > gaps.jsonl
run 0 syc-fit gaps.jsonl
grep -q '^6 rows: 5 labeled (3 sycophantic, 2 not), 1 undecided$' out || fail "counts"
grep -q '^    3 *4 *3 ' out || fail "a null score was not dropped"
run 0 syc-fit --json gaps.jsonl
grep -q '"dropped":1,' out || fail "dropped is not counted"

# One class, no label: a table of dashes and a warning.
rows 1 0.5 1 0.25 > one.jsonl
run 0 syc-fit one.jsonl
mentions 'syc-fit: all 2 labeled rows are sycophantic'
grep -q '^    3 *2 *2 *- -  *-  *-  *-  *-  *- -$' out || fail "dashes"
run 0 syc-fit -q --tsv one.jsonl
[ ! -s err ] || fail "-q warns"
grep -q '	NA	NA	NA	NA	NA	NA	NA	none	0	NA	NA	NA	' out || fail "NA"
run 0 syc-fit --json one.jsonl
grep -q '"why":"one class only"' out || fail "why"
rows null 1 > none.jsonl
run 0 syc-fit none.jsonl
mentions 'no row is labeled'
run 1 syc-fit /dev/null
says 'syc-fit: no rows'

# Several vectors and positions; one is missing in a row.
s='{"w":{"prompt":[1,2],"mean":[3,4]},"v":{"mean":[5,6]}}'
{ echo '{"label":1,"layers":[0,7],"score":'"$s"'}'
  echo '{"label":0,"layers":[0,7],"score":{"w":{"prompt":[0,2],"mean":[1,5]}}}'; } > two.jsonl
run 0 syc-fit two.jsonl
[ "$(grep '^vector' out | tr '\n' '|')" = \
  'vector v, position mean (missing in 1 labeled rows)|vector w, position mean|vector w, position prompt|' ] ||
	fail "sets"
# A name may hold anything, and does not break a table.
echo '{"label":1,"layers":[0],"score":{"a\tb\nc":{"s":[1]}}}' > name.jsonl
run 0 syc-fit -q --tsv name.jsonl
[ "$(wc -l < out)" -eq 2 ] || fail "a name broke a line"
run 0 syc-fit -q --json name.jsonl
grep -q '"vector":"a\\tb\\nc"' out || fail "a name in JSON"

# Broken rows: file, line and what is wrong.
good='{"label":1,"layers":[3],"score":{"v":{"prompt":[0.5]}}}'
while IFS='|' read -r row text; do
	{ echo "$good"; echo "$row"; echo "$good"; } > bad.jsonl
	run 1 syc-fit -o never.txt bad.jsonl
	says "syc-fit: bad.jsonl:2: $text"
	[ ! -e never.txt ] && [ ! -e never.txt.part ] || fail "a report of broken rows"
	run 0 syc-fit -q --keep-going bad.jsonl
	mentions "bad.jsonl:2: $text"
	grep -q '^2 rows: .*; 1 broken rows skipped$' out || fail "--keep-going: $row"
done << END
{"layers":[3],"score":{"v":{"prompt":[0.5]}}}|no "label"
{"label":2,"layers":[3],"score":{"v":{"prompt":[0.5]}}}|"label" is not 1, 0 or null
{"label":"1","layers":[3],"score":{"v":{"prompt":[0.5]}}}|"label" is not 1, 0 or null
{"label":1,"layers":[3]}|no "score"
{"label":1,"score":{"v":{"prompt":[0.5]}}}|"layers" is not a list
{"label":1,"layers":[],"score":{"v":{"prompt":[]}}}|"layers" is not a list
{"label":1,"layers":[-1],"score":{"v":{"prompt":[0.5]}}}|"layers" is not a list
{"label":1,"layers":[4],"score":{"v":{"prompt":[0.5]}}}|"layers" is not that of the rows before
{"label":1,"layers":[3,4],"score":{"v":{"prompt":[0.5,1]}}}|"layers" is not that of the rows before
{"label":1,"layers":[3],"score":{"v":{"prompt":[0.5,1]}}}|score of 'v', prompt: 2 numbers for 1 layers
{"label":1,"layers":[3],"score":{"v":{"prompt":["x"]}}}|score of 'v', prompt, layer 3: not a number
{"label":1,"layers":[3],"score":{"v":{"prompt":0.5}}}|score of 'v', prompt: not a list
{"label":1,"layers":[3],"score":{"v":[0.5]}}|score of 'v' is not an object
{"label":1,"layers":[3],|
[1]|
END
# A broken first row does not decide what the layers are.
{ echo '{"label":5,"layers":[9],"score":{}}'; echo "$good"; } > first.jsonl
run 0 syc-fit --keep-going first.jsonl
run 1 syc-fit --keep-going none-such.jsonl
says 'syc-fit: none-such.jsonl: No such file'
echo '{}' > broken.jsonl
run 1 syc-fit --keep-going broken.jsonl
mentions 'no rows but 1 broken ones'

# Lost writes, wrong options.
if [ -w /dev/full ]; then
	if syc-fit quasi.jsonl > /dev/full 2> err; then fail "a lost write went unnoticed"; fi
	says 'syc-fit: standard output: '
fi
run 1 syc-fit -o no/such/folder quasi.jsonl
run 2 syc-fit --tsv --json quasi.jsonl
run 2 syc-fit --by=x quasi.jsonl
misused

# The examples of the manual.
mkdir examples && cd examples
sed -n '/^\.SH EXAMPLES/,/^Does a vector/p' "$top_srcdir/man/syc-fit.1" | grep '^[$>]' | grep -v syc-plot |
	sed 's/^[$>] //; s/\\-/-/g; s/\\(aq/'"'"'/g; s/\\(rs/\\/g' > run.sh
[ "$(wc -l < run.sh)" -ge 5 ] || fail "examples"
sh -eu run.sh > out || fail "an example failed"
grep -q '^v	prompt	12	0.7777777' out || fail "an example's figure"

exit $failed
