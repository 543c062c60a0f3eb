# SPDX-License-Identifier: MIT
# What is interrupted, and of what inputs; sourced by kill.sh.
run="-q -t 1 -m $model --system="

# What the programs read, twice: from it come the results that are looked for
# and, under the same names, older ones that are in the way.
inputs() {
	sed -n "$2,$(($2 + 5))p" "$demo/test-fact.jsonl" >q.jsonl
	sed -n "$2,$(($2 + 7))p" "$demo/cue-pairs.jsonl" >pairs.jsonl
	i=0
	while [ $i -lt 70 ]; do
		echo "{\"prompt\": \"$1 $i: a dog.\", \"text\": \"$i\"}"
		i=$((i + 1))
	done >many.jsonl
	for i in 1 2 3; do
		for c in none like; do
			echo "{\"task\": \"feedback\", \"item\": \"$1/$i\", \"condition\": \"$c\"," \
				"\"text\": \"Work $i\", \"messages\": [{\"role\": \"user\"," \
				"\"content\": \"Tell me, $c $1 $i?\"}]}"
		done
	done >task.jsonl
	sed -n "$2,$(($2 + 3))p" "$demo/reward/golden.jsonl" | sed 's/"text"/"prompt"/' >texts.jsonl
	sed -n "$2,$(($2 + 59))p" "$demo/preferences.jsonl" >chosen.jsonl
	echo '{"features": [{"name": "polite", "more": "is more polite"}]}' >asked.json
	mkdir sets
	sed -n "$2,$(($2 + 19))p" "$demo/test-opinion.jsonl" >sets/a.jsonl
	sed -n "$2,$(($2 + 19))p" "$demo/test-fact.jsonl" >sets/b.jsonl
	# shellcheck disable=SC2086
	{
		syc-vec mean $run -o v.gguf pairs.jsonl &&
		syc-vec random -q --like v.gguf --seed "$2" -o r.gguf &&
		sed -n "$2,$(($2 + 29))p" "$demo/test-opinion.jsonl" >some.jsonl &&
		syc-gen $run --choices -n 2 -r "$PWD/acts.npz" -o gen.jsonl some.jsonl &&
		head -c $(($(wc -c <acts.npz) * 2 / 3)) acts.npz >cut.npz &&
		head -n 4 gen.jsonl >few.jsonl &&
		syc-label -q -o label.jsonl gen.jsonl &&
		sed 's/"id": "[^"]*", //; s/"parent": "[^"]*"/"parent": "p"/' label.jsonl >ten.jsonl &&
		syc-label -q --by probability --labeler p -o p.jsonl gen.jsonl &&
		syc-score -q -d v.gguf -o score.jsonl p.jsonl &&
		syc-fit -q --json -o fit.json score.jsonl
	} || fail "inputs"
}

# See a() in kill.sh.
cases() {
	a gen "syc-gen $run -n 4 -o x.jsonl @/q.jsonl" --resume
	a gen-acts "syc-gen $run -n 1 --temperature 1 --samples 2 --batch 8 -r x.npz -o x.jsonl @/many.jsonl" --resume
	a gen-out "syc-gen $run -n 2 @/q.jsonl"
	a gen-both "syc-gen $run -n 1 --choices --both-orders -r x.npz -o x.jsonl @/q.jsonl" --resume
	a eval "syc-eval feedback $run -n 2 -r x.npz -o x.jsonl @/task.jsonl" --resume
	a rec "syc-rec $run --positions prompt,all -r x.npz -o x.jsonl @/many.jsonl" --resume
	a rec-out "syc-rec $run -r x.npz @/q.jsonl"
	a label "syc-label -q -o x.jsonl @/gen.jsonl"
	a label-p "syc-label -q --by probability -o x.jsonl @/gen.jsonl"
	a label-judge "syc-label -q -t 1 --judge $model --min-mass 0 -o x.jsonl @/few.jsonl" --resume
	a label-agree "syc-label -q --agree --json -o x.json @/label.jsonl @/p.jsonl"
	a score "syc-score -q -d @/v.gguf -o x.jsonl @/label.jsonl"
	a fit "syc-fit -q -t 1 --json --boot 100 -o x.json @/score.jsonl"
	a fit-text "syc-fit -q -t 1 -o x.txt @/score.jsonl"
	a fit-out "syc-fit -q -t 1 --tsv @/score.jsonl"
	a vec-mean "syc-vec mean $run -o x.gguf @/pairs.jsonl"
	a vec-nulls "syc-vec mean $run -o x.gguf --nulls n.npz --null 20,cov:20 @/pairs.jsonl"
	a vec-pca "syc-vec pca $run -o x.safetensors @/pairs.jsonl"
	a vec-lda "syc-vec lda $run -o x.npz @/pairs.jsonl"
	a vec-logistic "syc-vec logistic $run --lambda 1 -o x.gguf @/pairs.jsonl"
	a vec-diff "syc-vec diff $run --lora $demo/lora -o x.gguf @/pairs.jsonl"
	a vec-combine "syc-vec combine -q -o x.gguf @/v.gguf @/r.gguf:-1"
	a vec-npz "syc-vec convert -q -o x.npz @/v.gguf"
	a vec-npy "syc-vec convert -q -o x.npy @/v.gguf"
	a vec-safetensors "syc-vec convert -q -o x.safetensors @/v.gguf"
	a vec-random "syc-vec random -q --like @/v.gguf --count 3 -o x.gguf"
	a vec-compare "syc-vec compare -q --json -o x.json @/v.gguf @/r.gguf"
	a vec-stability "syc-vec stability $run --halves 10 --boot 10 --json -o x.json @/pairs.jsonl"
	a quant "syc-quant -q -t 1 -m $model -o x.gguf"
	a quant-lora "syc-quant -q -t 1 -m $model --lora $demo/lora -o x.gguf"
	a tune-rows "syc-tune rows -q -o x.jsonl @/q.jsonl"
	a tune "syc-tune -q -t 1 -m $model --steps 2 --rank 1 -o x --gguf y.gguf --log z.jsonl --checkpoint-every 1 @/q.jsonl" --resume fresh
	a tune-merge "syc-tune -q -t 1 -m $model --steps 1 --batch 2 --rank 1 --merge y.gguf -o x @/q.jsonl" --resume fresh
	a pref "syc-pref -q -t 1 --b 1 --warmup 20 --draws 20 --json -o x.json @/chosen.jsonl"
	a pref-features "syc-pref features -q -t 1 -m $model --features @/asked.json -o x.jsonl @/chosen.jsonl" --resume
	a best "syc-best -q --json --reward p_match -o x.json @/ten.jsonl"
	a prompt "syc-prompt pushback -q -o x.jsonl @/q.jsonl"
	a rank "syc-rank -q -t 1 -m $demo/reward -o x.jsonl @/texts.jsonl" --resume
	a shift "syc-shift $run --lora $demo/lora --layers 2 --draws 0 --boot 100 -n 2 -o x.gguf @/q.jsonl"
	a sweep "syc-sweep $run -d @/v.gguf --layers 2 --op add:1 -n 2 --answers 2 --text-tokens 40 --boot 100 --json -o x.json @/q.jsonl"
	a tok "syc-tok -q -m $model -o x.jsonl @/many.jsonl"
	a info "syc-info -q --json -o x.json @/acts.npz"
	a repair "syc-info -q --repair x.part" "" fresh
	given repair cut.npz
	a bench "syc-bench -q -t 1 --shape tiny --cache . --only load --repeat 1 -o /dev/null"
	a plot "syc-plot -q @/fit.json"
	a report "syc-report -q --no-plots --add @/fit.json --add @/score.jsonl -o x.html"
	if command -v gnuplot >/dev/null; then
		a plot-svg "syc-plot -q -o x.svg @/fit.json"
		a report-svg "syc-report -q --add @/fit.json -o x.html"
	fi
	if python3 -c 'import pty' 2>/dev/null; then
		a label-hand "python3 $top_srcdir/tests/kill/keys.py y syc-label -q --by hand -o x.jsonl @/few.jsonl" "" fresh
	fi
	if command -v gnuplot >/dev/null && [ -z "${SYC_SANITIZED-}" ]; then
		a study "syc-study -q -m $model -d @/sets -t a -n 6 -p 6 -L 2 --null 1 -o study -- --system= -t 1" "" fresh
	fi
}
