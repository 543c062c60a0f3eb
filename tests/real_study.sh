#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/study on a handful of real questions, with the demo model: it ends
# in a page, goes on where it was stopped, and tests on questions that the
# vectors have not seen.
. "$top_srcdir/tests/lib.sh"
data=$SYC_SHARED/data/anthropic-sycophancy
[ -d "$data" ] || { echo "no $data"; exit 77; }
command -v python3 >/dev/null || { echo "python3 is not there"; exit 77; }
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
study="$top_srcdir/scripts/study"
ask() {
	sh "$study" -m "$model" -d "$data" -o here -n 6 -p 6 -t political_typology_quiz "$@" -- --system '' -t 1
}

run 0 ask
[ ! -s err ] || fail "not silent: $(cat err)"
grep -q '^8/8 ' out || fail "does not say how far it is: $(cat out)"
[ "$(tail -n 1 out)" = "The page is $PWD/here/report.html" ] || fail "does not end with the page: $(cat out)"
[ -z "$(find here -name '*.new')" ] || fail "left: $(ls here)"
for set in nlp_survey philpapers2020 political_typology_quiz; do
	[ "$(wc -l <here/$set.questions.jsonl)" -eq 6 ] || fail "$set: not 6 questions"
	[ "$(grep -c '"order": "reversed"' here/$set.labeled.jsonl)" -gt 0 ] || fail "$set: no reversed rows"
	! grep -q '"order": "reversed"' here/$set.jsonl || fail "$set: reversed rows are fitted"
done
python3 "$top_srcdir/tests/real_study.py" here political_typology_quiz || fail "the tables"
python3 "$top_srcdir/tests/report.py" here/report.html >text || fail "the page"
for words in political_typology_quiz philpapers2020 'Do they steer?' 'Answers by set' 'At a glance' 'TruthfulQA' \
	'Is it something else?' 'Please be honest.'; do
	grep -qF "$words" text || fail "the page lacks '$words'"
done
command -v gnuplot >/dev/null && [ "$(grep -c '<svg' here/report.html)" -lt 4 ] && fail "no plots"

# Stopped in the middle, it ends in the same page.
cp here/report.html first.html
cp here/philpapers2020.json first.json
rm here/report.html here/philpapers2020.json here/sweep.tsv here/steering.tsv here/philpapers2020.jsonl
rm here/philpapers2020.answers.jsonl here/glance.tsv
run 0 ask
same here/report.html first.html
same here/philpapers2020.json first.json
# What is there is not computed again.
touch -d 2001-01-01 here/mean.gguf here/nlp_survey.npz here/sweep.tsv
run 0 ask
[ -z "$(find here/mean.gguf here/nlp_survey.npz here/sweep.tsv -newermt 2001-01-02)" ] || fail "vectors were made again"

# A step that fails is said, leaves nothing under its name, and can be done later.
rm here/report.html here/cosines.tsv
cp here/pca.gguf pca.gguf
head -c 100 pca.gguf >here/pca.gguf
run 1 ask
grep -q 'cosines.tsv could not be made; see here/log' err || fail "$(cat err)"
absent here/report.html here/cosines.tsv
cp pca.gguf here/pca.gguf
run 0 ask
same here/report.html first.html "the page after a failure"

# With pairs of prompts, an adapter, answers drawn and a field that rows share.
head -n 24 "$demo/cue-pairs.jsonl" >cue.jsonl
head -n 24 "$demo/pairs.jsonl" >pairs.jsonl
mkdir "two sets"
for set in opinion fact; do head -n 60 "$demo/test-$set.jsonl" >"two sets/test-$set.jsonl"; done
run 0 sh "$study" -m "$model" -d "two sets" -t opinion -n 50 -o drawn -v cue.jsonl -v pairs.jsonl -l "$demo/lora" \
	-c "$demo/true-fact.jsonl" -s -g topic -f topic -L 2,3 -k 0.01 -r 1 -- --system '' -t 1
[ "$(cut -f 1 drawn/predict.tsv | tr '\n' ' ')" = "vector adapter last lda letter logistic mean pca " ] ||
	fail "vectors: $(cat drawn/predict.tsv)"
[ "$(cut -f 1 drawn/confounds.tsv | tail -n 1)" = topic ] || fail "no field of one's own: $(cat drawn/confounds.tsv)"
[ "$(cut -f 1,2,6 drawn/letters.tsv | sed -n 2,3p)" = "$(printf 'fact\t50\t–\nopinion\t50\t–')" ] || fail "$(cat drawn/letters.tsv)"
! grep -q '"order"' drawn/opinion.labeled.jsonl || fail "drawn answers have both orders"
grep -q '"labeler": "choice"' drawn/opinion.labeled.jsonl || fail "drawn answers were not read"
run 0 sh -c 'cd drawn && syc-vec diff -q -m "$1" --lora "$2" --position last --system "" -t 1 -o again.gguf ../pairs.jsonl &&
	syc-vec compare --tsv adapter.gguf again.gguf | cut -f 2 | tail -n +2 | sort -u' - "$model" "$demo/lora"
is 1
python3 "$top_srcdir/tests/report.py" drawn/report.html >text || fail "the page of drawn answers"
for words in 'drawn at temperature 1' 'a sycophantic adapter' 'same topic being alike' '24 pairs of prompts' 'true-fact.jsonl'; do
	tr '\n' ' ' <text | grep -qF "$words" || fail "the page of drawn answers lacks '$words'"
done

# Other settings, other folder; wrong use.
mkdir here/none
run 1 ask -p 7
grep -q 'other settings' err || fail "$(cat err)"
run 1 sh "$study" -m "$model" -d here/none -o there
grep -q 'no \*.jsonl' err || fail "$(cat err)"
run 1 sh "$study" -m "$model" -d "$data" -o there -t nothing
grep -q "no set 'nothing'" err || fail "$(cat err)"
run 1 sh "$study" -m "$model" -d "$data" -d "$data/sycophancy_on_nlp_survey.jsonl" -o there
grep -q "two sets are called 'nlp_survey'" err || fail "$(cat err)"
run 1 sh "$study" -m "$model" -d "$data" -c gone -o there
grep -q "gone: cannot be read" err || fail "$(cat err)"
absent there
run 1 sh "$study" -m absent -d "$data" -o there
run 2 sh "$study" -m "$model" -n x
run 2 sh "$study" -m "$model" -p 5
says 'fewer than 6'
run 2 sh "$study"
exit $failed
