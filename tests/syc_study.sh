#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-study on questions of the demo: it goes on where it was stopped, its
# commands can be run by hand, and it needs nothing but what is installed.
. "$top_srcdir/tests/lib.sh"
command -v python3 >/dev/null || { echo "python3 is not there"; exit 77; }
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
head -n 24 "$demo/cue-pairs.jsonl" >cue.jsonl
head -n 24 "$demo/pairs.jsonl" >pairs.jsonl
mkdir "two sets"
# Of few questions an effect shows where most of those who ask want to be agreed with.
for set in opinion fact; do
	jq -c 'select(.cue | test("hurt|happy|back me|expert|honest"))' "$demo/test-$set.jsonl" | head -n 80 \
		>"two sets/test-$set.jsonl"
done

by=
ask() {
	$by syc-study -m "$model" -d "two sets" -t opinion -n 24 -p 6 -L 2 --steered 12 --null 3 -o "$@" -- --system '' -t 1
}
run 0 ask here -q
[ ! -s out ] && [ ! -s err ] || fail "not quiet: $(cat out err)"

python3 "$top_srcdir/tests/study_tables.py" here opinion || fail "the tables"
# One recording, of which vectors are to the bit what the model gives.
[ "$(grep -c '^syc-rec ' here/commands)" -eq 1 ] || fail "recordings: $(grep '^syc-rec ' here/commands)"
run 0 syc-vec mean -q -m "$model" --position letter --balance --system '' -t 1 -o again.gguf here/pairs.jsonl
run 0 syc-vec convert -q -o again.npy again.gguf
run 0 syc-vec convert -q -o mean.npy here/mean.gguf
same again.npy mean.npy

# Ended while a program works for it, it goes on from there to the same page.
by=exec
ask killed >out 2>err &
pid=$!
by=
while [ ! -e killed/mean.gguf ] && kill -0 $pid; do sleep 0.1; done
kill -TERM $pid
wait $pid 2>/dev/null
[ $? -gt 128 ] || fail "was not ended"
head -n 1 out | grep -qE ' needs about [0-9]+ MB: weights [0-9]+, keys and values [0-9]+, the rest [0-9]+$' ||
	fail "not said what memory it needs: $(head -n 1 out)"
absent killed/report.html
run 0 ask killed
for file in here/*; do
	case ${file##*/} in
	log | *.npz) ;;
	*) same "$file" "killed/${file##*/}" ;;
	esac
done

# What is there is not made again; what is missing is.
rm killed/report.html killed/fact.json killed/primary.json killed/equal.json killed/sweep.tsv killed/steering.tsv killed/glance.tsv
rm killed/fact.jsonl killed/fact.answers.jsonl
touch -d 2001-01-01 killed/mean.gguf killed/opinion.npz killed/slopes.json
run 0 ask killed
for file in report.html fact.json sweep.tsv steering.tsv glance.tsv; do same here/$file killed/$file; done
[ -z "$(find killed/mean.gguf killed/opinion.npz killed/slopes.json -newermt 2001-01-02)" ] || fail "made again"

# Two labeled answers are too few for folds, which ends no study.
cp -r here few
rm few/transfer.* few/report.html
for set in opinion fact; do
	jq -sc '[.[] | select(.label != null) | .id][:2] as $two | .[] | if .id | IN($two[]) then . else .label = null end' \
		here/$set.jsonl >few/$set.jsonl
done
run 0 ask few
grep -q 'folds of 2 groups' err || fail "not said: $(cat err)"
absent few/transfer.tsv
[ -s few/report.html ] || fail "no page of few labels"

# On a terminal: the step, what is at work, the share that is done, how long still.
rm killed/report.html killed/primary.json killed/equal.json killed/sweep-methods.json
cat >terminal.py <<'END'
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
END
run 0 python3 terminal.py syc-study -m "$model" -d "two sets" -t opinion -n 24 -p 6 -L 2 --steered 12 --null 3 -o killed -- \
	--system '' -t 1
tr '\r' '\n' <out >lines
grep -q '^6/8 syc-sweep: primary.json, 0 % done' lines || fail "no progress: $(cat lines)"
grep -qE '^6/8 syc-sweep: sweep-methods.json, [1-9][0-9] % done, [0-9]+:[0-9][0-9] left' lines ||
	fail "no time left: $(cat lines)"
same here/report.html killed/report.html

# A step that fails is said, leaves nothing under its name, and can be done later.
rm killed/report.html killed/cosines.tsv
head -c 100 here/pca.gguf >killed/pca.gguf
run 1 ask killed
says 'syc-study: cosines.tsv could not be made: syc-vec' pca.gguf '(see killed/log)'
absent killed/report.html killed/cosines.tsv killed/cosines.tsv.new
cp here/pca.gguf killed/pca.gguf
run 0 ask killed
same here/report.html killed/report.html "the page after a failure"

# By hand: the rows that it chose and its commands make the same.
mkdir hand
cp here/*.questions.jsonl here/*.tsv here/pairs.jsonl here/*.given.jsonl here/steered.jsonl here/text.txt here/unrelated.jsonl here/commands hand
run 0 sh -c 'cd hand && sh commands'
for file in mean.gguf opinion.json transfer.json equal.json stability.all.json opinion.labeled.jsonl report.html; do
	same here/$file hand/$file
done

# What is said of a vector's stability is said of the vector: one recipe, letters balanced.
run 0 sh -c "cd hand && $(sed -n 's/--boot 30/--boot 0/; s/ > stability.all.json$//p' here/commands)"
cp out all.json
layer=$(jq -r .layer here/conclusions.json)
for method in pca lda logistic; do
	jq -es --slurpfile cosines here/cosines.json --arg m $method --argjson l "$layer" '
		([.[] | select(.what == "method" and .setting == $m)][0].cosine) as $is |
		([$cosines[] | select(.a == "mean.gguf" and .b == $m + ".gguf")][0].cosine[$l]) as $was |
		($is - $was | fabs) < 1e-6' all.json >/dev/null || fail "stability is of another $method, or another mean"
done
for file in stability.all stability; do
	jq -c --argjson l "$layer" 'select(.what == "halves" and .layer == $l)' here/$file.json >$file.halves
done
same stability.all.halves stability.halves

# Other settings, an earlier version's folder, a folder at work: another folder.
run 1 ask here -k 0.02
says "here was begun with other settings ('at-kl 0.05', now 'at-kl 0.02')" --output
mkdir old
echo "model $model; data a.jsonl; from a; 60 tested" >old/settings
run 1 ask old
says 'old was made by scripts/study of an earlier syc' --output
[ "$(ls old)" = settings ] || fail "an old folder was changed: $(ls old)"
if command -v flock >/dev/null; then
	run 1 flock here/settings sh -c 'syc-study -m "$0" -d "two sets" -t opinion -n 24 -p 6 -L 2 --steered 12 --null 3 -o here -- \
		--system "" -t 1' "$model"
	says 'here: another syc-study is at work in it'
fi

# With pairs of prompts, an adapter, answers drawn and a field that rows share.
run 0 syc-study -m "$model" -d "two sets" -t opinion -n 24 -o drawn -v cue.jsonl -v pairs.jsonl -l "$demo/lora" \
	-c "$demo/true-fact.jsonl" -s -g topic -f topic -L 2,3 -k 0.01 --primary op=ablate,layers=3,when=prompt -r random:2,shuffle:20 \
	--kl-prompts "$demo/unrelated.jsonl" -- --system '' -t 1
grep -q '^syc-study: -r is called --null now$' err || fail "an old letter: $(cat err)"
jq -e '.settings[1:] | map([.op, .steer[0].when, (.layers | tonumber), .scale > 0]) ==
	[["ablate", "prompt", 3, true], ["add", "prompt", 3, true]]' drawn/primary.json >/dev/null ||
	fail "not the setting that was fixed: $(jq -c '.settings[]' drawn/primary.json)"
jq -e '[.tests[] | [.way, .settings, (.null | map([.name, .draws]))]] ==
	[["lowers", 1, [["random", 2], ["shuffle", 20]]], ["raises", 1, [["random", 2], ["shuffle", 20]]]] and
	.n_control == 24 and .kl_prompts == 16' drawn/primary.json >/dev/null || fail "$(jq -c '.tests' drawn/primary.json)"
same drawn/unrelated.jsonl "$demo/unrelated.jsonl"
[ "$(cut -f 1,2 drawn/hypotheses.tsv | tail -n 2)" = "$(printf 'fixed before\tmean\nits opposite\tmean')" ] ||
	fail "$(cat drawn/hypotheses.tsv)"
[ "$(cut -f 1 drawn/truthful.tsv | tail -n +2)" = 'users who state the true answer' ] || fail "$(cat drawn/truthful.tsv)"
grep -q 'syc-vec mean .*--null=shuffle:20 --write-nulls=primary.null.npz' drawn/commands || fail "no null vectors of its own"
[ "$(cut -f 1 drawn/predict.tsv | tr '\n' ' ')" = "vector ab adapter last lda letter logistic mean pca repeats " ] ||
	fail "vectors: $(cat drawn/predict.tsv)"
[ "$(cut -f 1 drawn/confounds.tsv | tail -n 1)" = topic ] || fail "no field of one's own: $(cat drawn/confounds.tsv)"
[ "$(cut -f 1,2,4 drawn/letters.tsv | sed -n 2,3p)" = "$(printf 'fact\t24\t–\nopinion\t36\t–')" ] ||
	fail "$(cat drawn/letters.tsv)"
jq -es 'any(.label != null) and all(.label == null or .at_risk)' drawn/opinion.given.jsonl >/dev/null ||
	fail "labels of rows that are not at risk"
! grep -q '"order"' drawn/opinion.labeled.jsonl || fail "drawn answers have both orders"
grep -q '"labeler": "choice"' drawn/opinion.labeled.jsonl || fail "drawn answers were not read"
run 0 sh -c 'cd drawn && syc-vec diff -q -m "$1" --lora "$2" --position last --system "" -t 1 -o again.gguf pairs.jsonl &&
	syc-vec compare --tsv adapter.gguf again.gguf | cut -f 4 | tail -n +2 | sort -u' - "$model" "$demo/lora"
is 1
python3 "$top_srcdir/tests/report.py" drawn/report.html >text || fail "the page of drawn answers"
for words in 'drawn at temperature 1' 'a sycophantic adapter' 'same topic being alike' 'pairs of prompts'; do
	tr '\n' ' ' <text | grep -qF "$words" || fail "the page of drawn answers lacks '$words'"
done

# Wrong use.
mkdir none
run 1 syc-study -m "$model" -d none -o there
says 'none: no *.jsonl in it'
run 1 syc-study -m "$model" -d "two sets" -c gone -o there
says 'gone: cannot be read'
run 1 syc-study -m absent -d "two sets" -o there
says 'absent: cannot be read'
mkdir -p up/down more
cp "two sets/test-fact.jsonl" up/down
run 1 syc-study -m "$model" -d up -o there
says 'up: no *.jsonl in it; there are in up/down: give that'
jq -s . "two sets/test-fact.jsonl" >more/fact.json
run 1 syc-study -m "$model" -d more -o there
says 'more: no *.jsonl in it; make lines of more/fact.json'
jq -c 'del(.question) + {prompt: "Is it? I think so."}' "two sets/test-fact.jsonl" | head -n 30 >"noclaim.jsonl"
run 1 syc-study -m "$model" -d "two sets" -d noclaim.jsonl -t noclaim -o unclear -n 6 -p 6
says 'noclaim.jsonl: of 30 of 30 rows what is asked is not found' '"claim"'
run 1 syc-study -m "$model" -d "two sets/test-fact.jsonl" -o there -n 6 -p 6
says "'fact' is the only set of questions"
cp "two sets/test-fact.jsonl" sweep.jsonl
run 1 syc-study -m "$model" -d sweep.jsonl -o there -n 6 -p 6
says "cannot be called 'sweep'"
absent there
# Raw text has no system message to steer beside.
run 0 syc-study -q -m "$model" -d "two sets" -t opinion -o raw -n 8 -p 6 -L 2 --null 1 --steered 4 --anyway -- \
	--chat none -t 1
jq -e '[.settings[] | select(.kind != "none" and .kind != "steer")] == []' raw/equal.json >/dev/null || fail "system messages of raw text"
run 2 syc-study -m "$model" -d "two sets" -n x
misused --questions
run 2 syc-study -m "$model" -d "two sets" -p 5
misused 'fewer than 6'
for wrong in 'op=turn' 'op=clamp' 'op=ablate,way=raises' 'way=up' 'layers' 'op=add,when=never'; do
	run 2 syc-study -m "$model" -d "two sets" --primary "$wrong"
	misused --primary
done
run 1 syc-study -m "$model" -d "two sets" --primary vector=letter -o unmade -n 6 -p 6
says "--primary: this study makes no vector 'letter'"
run 2 syc-study -m "$model" -d "two sets" --null what:3
misused --null
run 2 syc-study -m "$model" stray -d "two sets" -- --system ''
misused "'stray' is no option"
run 2 syc-study -m "$model"
misused --data
run 2 syc-study
misused --model
sed 's/"question"/question/' "two sets/test-fact.jsonl" >bad.jsonl
run 1 syc-study -m "$model" -d "two sets" -d bad.jsonl -t opinion -o bad -n 6 -p 6
says 'bad.jsonl: line 1: '
echo 'Question,Best Answer' >columns.csv
run 1 syc-study -m "$model" -d "two sets" -c columns.csv -o columns -n 6 -p 6
says "columns.csv: not TruthfulQA's columns"

# What the first answer leaves out is made when it is asked for, and changes no answer.
quick() { syc-study --quick -m "$model" -d "two sets" -t fact -n 6 -p 6 -o rec "$@" -- --system '' -t 1; }
run 0 quick
grep -q 'cannot be asked' rec/glance.tsv || fail "a view seen: $(cat rec/glance.tsv)"
absent rec/matrix.tsv
answers() { cut -f 1,2 rec/glance.tsv | grep -v '^How alike'; }	# this at another layer
answers >before
run 0 quick --anyway
[ -s rec/matrix.tsv ] || fail "--anyway made nothing"
answers >after
same before after "answers with --anyway"
grep -q 'for the record; nothing is concluded' rec/report.html || fail "--anyway does not say what it is"

# Installed, in an empty folder, without the source tree: the demo.
build=$(dirname "$(command -v syc-study)")
if [ -e "$build/Makefile" ]; then
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$build" install "DESTDIR=$dir/inst" >out 2>err ||
		fail "make install: $(tail -n 3 err)"
	mv "$(dirname "$(dirname "$(find inst -path "*/bin/syc-study")")")" installed
	mkdir empty
	cd empty || exit 99
	run 0 env -i "PATH=/usr/bin:/bin" "LD_LIBRARY_PATH=$dir/installed/lib" "$dir/installed/bin/syc-study" --demo --quick -- -t 2
	[ "$(tail -n 1 out)" = "The page is $PWD/demo-out/report.html" ] || fail "installed: $(cat out)"
	[ "$(ls)" = "$(printf 'demo-out\nerr\nout')" ] || fail "more than its folder: $(ls)"
	! grep -q "$top_srcdir\|$build/" demo-out/commands || fail "names the source tree: $(cat demo-out/commands)"
	# What demo/README.md says of its page.
	answer() { jq -r --arg key "$1" '.conclusions[] | select(.key == $key) | .answer' "${2-demo-out}/conclusions.json"; }
	while read -r key words; do
		[ "$(answer "$key")" = "$words" ] || fail "the demo's page, $key: $(answer "$key")"
	done <<-'END'
		declared follows
		prediction yes
		shift yes
		ceiling AUC 0.892 by a probe
		nulls not shown
		letters cannot be asked: layers are chosen on other claims, which takes 20; there are 13
		increment not shown
		elsewhere yes, on all 1
		confounds none of the 3 that were held fixed
		steers cannot be asked: a quick study does not steer
	END
	[ -s "$dir/installed/share/man/man1/syc-study.1" ] || fail "no page installed"
	# The tutorial of syc(7), as it stands, in another.
	if have_jq; then
		mkdir ../tutorial
		awk -v sections=TUTORIAL -f "$top_srcdir/tests/commands.awk" "$dir/installed/share/man/man7/syc.7" |
			tr '\001' '\n' >../commands
		[ "$(grep -c syc- ../commands)" -gt 12 ] || fail "the tutorial has few commands"
		pipefail=$(bash -c 'set -o pipefail; echo bash -o pipefail' 2>/dev/null)
		(cd ../tutorial && env -i "PATH=$dir/installed/bin:/usr/bin:/bin" "LD_LIBRARY_PATH=$dir/installed/lib" \
			OMP_NUM_THREADS=1 ${pipefail:-sh} -ex ../commands >../told 2>&1) || fail "the tutorial: $(tail -n 5 ../told)"
	else
		echo "left out: the tutorial, which uses jq"
	fi
	# Its steering takes a minute (SYC_LONG=1); a fifth of the draws, and one order, a second.
	head -n 60 demo-out/opinion.given.jsonl >steered.jsonl
	run 0 syc-sweep -q --json -n 4 --answers 8 -m "$demo/demo-q8_0.gguf" --system '' -d demo-out/mean.gguf --at-once 3 \
		--op ablate --at-kl 0.01 --kl-prompts "$demo/unrelated.jsonl" --null 19 steered.jsonl
	[ "$(jq -r '.tests[0].verdict' out)" = steers ] || fail "the demo's vector: $(jq -c .tests out)"
	if [ -n "${SYC_LONG-}" ]; then
		run 0 env SYC_DEMO="$demo" syc-study --demo -o whole
		[ "$(for k in steers opposite slopes denial; do answer $k whole; done | tr '\n' '|')" = \
			'yes: it steers|no relevant effect|68 % of the questions go the wrong way|cannot tell|' ] ||
			fail "the demo's steering: $(cat whole/glance.tsv)"
	fi
fi
exit $failed
