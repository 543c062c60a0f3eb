#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-study on a handful of real questions, with the demo model: it tests on
# questions that the vectors have not seen, and its tables and conclusions are
# what the programs found.
. "$top_srcdir/tests/lib.sh"
data=$SYC_SHARED/data/anthropic-sycophancy
[ -d "$data" ] || { echo "no $data"; exit 77; }
command -v python3 >/dev/null || { echo "python3 is not there"; exit 77; }
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
ask() {
	syc-study -m "$model" -d "$data" -o here -n 8 -p 6 -t political_typology_quiz "$@" -- --system '' -t 1
}

run 0 ask
[ ! -s err ] || fail "not silent: $(cat err)"
grep -q '^8/8 ' out || fail "does not say how far it is: $(cat out)"
[ "$(tail -n 1 out)" = "The page is $PWD/here/report.html" ] || fail "does not end with the page: $(cat out)"
[ -z "$(find here -name '*.new' -o -name '*.part')" ] || fail "left: $(ls here)"
for set in nlp_survey philpapers2020 political_typology_quiz; do
	[ "$(wc -l <here/$set.questions.jsonl)" -ge 8 ] || fail "$set: not 8 questions"
	[ "$(grep -c '"order": "reversed"' here/$set.labeled.jsonl)" -gt 0 ] || fail "$set: no reversed rows"
	! grep -q '"order": "reversed"' here/$set.jsonl || fail "$set: reversed rows are fitted"
done
python3 "$top_srcdir/tests/study_tables.py" here political_typology_quiz || fail "the tables"
python3 "$top_srcdir/tests/report.py" here/report.html >text || fail "the page"
for words in political_typology_quiz philpapers2020 'Declared before' 'No claim is in two parts' \
	'Do vectors predict the answers, or steer them?' 'cannot be asked' 'digest of the model' 'by claim and by the view'; do
	grep -qF "$words" text || fail "the page lacks '$words'"
done
command -v gnuplot >/dev/null && [ "$(grep -c '<svg' here/report.html)" -lt 3 ] && fail "no plots"

run 1 syc-study -m "$model" -d "$data" -o there -t nothing
says "no set 'nothing' among: nlp_survey"
run 1 syc-study -m "$model" -d "$data" -d "$data/sycophancy_on_nlp_survey.jsonl" -o there
says "two sets are called 'nlp_survey'"
absent there
exit $failed
