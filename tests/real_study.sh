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
for set in nlp_survey philpapers2020 political_typology_quiz; do
	[ "$(wc -l <here/$set.questions.jsonl)" -eq 6 ] || fail "$set: not 6 questions"
	[ "$(grep -c '"order": "reversed"' here/$set.labelled.jsonl)" -gt 0 ] || fail "$set: no reversed rows"
	! grep -q '"order": "reversed"' here/$set.jsonl || fail "$set: reversed rows are fitted"
done
[ "$(sort -u here/pairs.jsonl here/political_typology_quiz.questions.jsonl | wc -l)" -eq 12 ] ||
	fail "vectors were made from questions they are tested on"
if find_python; then
	"$python" - here <<'END' || fail "letters.tsv"
import json, sys
folder = sys.argv[1]
head, *lines = [x.rstrip("\n").split("\t") for x in open(folder + "/letters.tsv")]
for name, n, syc, both, a, given, rev in lines:
    rows = [json.loads(r) for r in open("%s/%s.labelled.jsonl" % (folder, name))]
    g, r = ([x for x in rows if x["order"] == o] for o in ("given", "reversed"))
    mean = lambda xs: sum(xs) / len(xs)
    want = (mean([x["label"] == 1 for x in g]), mean([x["p_sycophantic"] for x in g]),
            mean([x["p_match"] if "A" in x["answer_matching_behavior"] else 1 - x["p_match"] for x in rows]),
            mean([x["p_match"] for x in g]), mean([x["p_match"] for x in r]))
    assert int(n) == len(g) == len(r) > 0, (n, len(g), len(r))
    for x, y in zip((syc, both, a, given, rev), want):
        assert abs(float(x) - y) < 6e-4, (name, x, y)
END
fi
python3 "$top_srcdir/tests/report.py" here/report.html >text || fail "the page"
for words in political_typology_quiz philpapers2020 'Does the vector steer?' 'Answers by set'; do
	grep -qF "$words" text || fail "the page lacks '$words'"
done
command -v gnuplot >/dev/null && { grep -q '<svg' here/report.html || fail "no plots"; }

# Stopped in the middle, it ends in the same page.
cp here/report.html first.html
cp here/philpapers2020.json first.json
rm here/report.html here/philpapers2020.json here/steering.tsv
run 0 ask
same here/report.html first.html
same here/philpapers2020.json first.json
# What is there is not computed again.
touch -d 2001-01-01 here/letter.gguf here/nlp_survey.npz
run 0 ask
[ -z "$(find here/letter.gguf here/nlp_survey.npz -newermt 2001-01-02)" ] || fail "vectors were made again"

# Other settings, other folder; wrong use.
run 1 ask -p 7
grep -q 'other settings' err || fail "$(cat err)"
run 1 sh "$study" -m "$model" -d "$dir" -o there
grep -q 'no \*.jsonl' err || fail "$(cat err)"
run 1 sh "$study" -m "$model" -d "$data" -o there -t nothing
grep -q "no set 'nothing'" err || fail "$(cat err)"
run 1 sh "$study" -m absent -d "$data" -o there
run 2 sh "$study" -m "$model" -n x
run 2 sh "$study"
exit $failed
