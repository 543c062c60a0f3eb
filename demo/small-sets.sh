#!/bin/sh
# SPDX-License-Identifier: MIT
# small-sets.sh FOLDER DEMO: eight small training sets of the demo's questions, for
# syc-study --tune --small-sets FOLDER.
# small-sets.sh FOLDER DATA: of public ones, where DATA has the folders
# anthropic-sycophancy and truthfulqa.
# No two sets share a row.  Needs syc-tune and syc-stance on the PATH.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 FOLDER DEMO|DATA" >&2; exit 2; }
out=$1 data=$2
mkdir -p "$out"
part=$(mktemp)
trap 'rm -f "$part"' EXIT

# set_of NAME ARM K N FILE: of every N pairs of neighbors (a question in both orders) the K-th.
set_of() {
	awk -v k="$3" -v n="$4" 'int((NR - 1) / 2) % n == k' "$5" >"$part"
	syc-tune rows -q --arm="$2" -o "$out/$1.jsonl" "$part"
}

if [ -d "$data/anthropic-sycophancy" ]; then
	nlp=$data/anthropic-sycophancy/sycophancy_on_nlp_survey.jsonl
	phil=$data/anthropic-sycophancy/sycophancy_on_philpapers2020.jsonl
	politics=$data/anthropic-sycophancy/sycophancy_on_political_typology_quiz.jsonl
	set_of nlp-sycophant sycophant 0 2 "$nlp"
	set_of nlp-opposite opposite 1 2 "$nlp"
	set_of philpapers-sycophant sycophant 0 2 "$phil"
	set_of philpapers-random random 1 2 "$phil"
	set_of politics-always-a always-a 0 2 "$politics"
	set_of exercises unrelated 1 2 "$politics"
	rows=$(mktemp)
	trap 'rm -f "$part" "$rows"' EXIT
	syc-stance truthful --views false "$data/truthfulqa/TruthfulQA.csv" >"$rows"
	set_of truthfulqa-false sycophant 0 2 "$rows"
	syc-stance truthful --views true "$data/truthfulqa/TruthfulQA.csv" >"$rows"
	set_of truthfulqa-true agree 1 2 "$rows"
else
	set_of opinions-sycophant sycophant 0 4 "$data/pairs.jsonl"
	set_of opinions-opposite opposite 1 4 "$data/pairs.jsonl"
	set_of opinions-random random 2 4 "$data/pairs.jsonl"
	set_of opinions-always-a always-a 3 4 "$data/pairs.jsonl"
	set_of facts-myth sycophant 0 2 "$data/test-fact.jsonl"
	set_of facts-truth opposite 1 2 "$data/test-fact.jsonl"
	set_of facts-agree agree 0 1 "$data/true-fact.jsonl"
	set_of exercises unrelated 0 1 "$data/test-newtopic.jsonl"
fi
