# SPDX-License-Identifier: MIT
# The layers of src/ and what each may include: one way only.  Give it the
# files as src/LAYER/NAME or src/LAYER/FOLDER/NAME; it prints every include that breaks the rule and
# exits 1 if there was one.
BEGIN {
	may["base"]   = "base"
	may["format"] = "base format"
	may["kern"]   = "base kern"
	may["model"]  = "base format kern model"
	may["run"]    = "base kern model run"
	may["rec"]    = "base format kern run rec"
	may["train"]  = "base format kern model train"
	may["stat"]   = "base stat"
	may["task"]   = "base task"
	may["study"]  = "base format kern model run train rec stat task study"
	may["tool"]   = "tool"

	# Public headers belong to the layer that implements them; tools, which
	# use the library as anyone does, may include all of them.
	owner["syc/base.h"]   = "base"
	owner["syc/output.h"] = "base"
	owner["syc/random.h"] = "base"
	owner["syc/bench.h"]  = "kern"
	owner["syc/chat.h"]   = "model"
	owner["syc/lora.h"]   = "model"
	owner["syc/model.h"]  = "model"
	owner["syc/vocab.h"]  = "model"
	owner["syc/engine.h"] = "run"
	owner["syc/train.h"]  = "train"
	owner["syc/acts.h"]   = "rec"
	owner["syc/record.h"] = "rec"
	owner["syc/steer.h"]  = "rec"
	owner["syc/vector.h"] = "rec"
	owner["syc/agree.h"]    = "stat"
	owner["syc/increment.h"] = "stat"
	owner["syc/linear.h"]   = "stat"
	owner["syc/logit.h"]    = "stat"
	owner["syc/nuts.h"]     = "stat"
	owner["syc/probe.h"]    = "stat"
	owner["syc/draws.h"]    = "stat"
	owner["syc/ppi.h"]    = "stat"
	owner["syc/procedure.h"] = "stat"
	owner["syc/regress.h"] = "stat"
	owner["syc/resample.h"] = "stat"
	owner["syc/stat.h"]   = "stat"
	owner["syc/arms.h"]   = "task"
	owner["syc/rows.h"]   = "task"
	owner["syc/ask.h"] = "study"
	owner["syc/choice.h"]   = "study"
	owner["syc/converse.h"] = "study"
	owner["syc/grade.h"] = "study"
	owner["syc/judging.h"] = "study"
	owner["syc/fidelity.h"] = "study"
	owner["syc/label_prob.h"] = "study"
	owner["syc/label_set.h"]  = "study"
	owner["syc/prefer.h"]   = "study"
	owner["syc/prefer_ask.h"] = "study"
	owner["syc/prompter.h"] = "study"
	owner["syc/rubric.h"]   = "study"
	owner["syc/resume.h"]   = "study"
	owner["syc/foretell.h"] = "study"
	owner["syc/tuned.h"]    = "study"
	owner["syc/run.h"]      = "study"
	owner["syc/behavior.h"] = "study"
	owner["syc/best.h"]     = "study"
	owner["syc/eval.h"]     = "study"
	owner["syc/predict.h"]  = "study"
	owner["syc/fit.h"]      = "study"
	owner["syc/grid.h"]     = "study"
	owner["syc/forecast.h"] = "study"
	owner["syc/score.h"]    = "study"
	owner["syc/scores.h"]   = "study"
	owner["syc/transfer.h"] = "study"
	owner["syc/tune.h"] = "study"
	owner["syc/sequence.h"] = "study"
	owner["syc/shift.h"] = "study"
	owner["syc/stance.h"] = "study"
	owner["syc/sweep.h"]  = "study"
	owner["syc/sweep_test.h"] = "study"
	owner["syc/conclude.h"] = "study"
	owner["syc/correct.h"]  = "study"
	owner["syc/direction.h"] = "study"
	owner["syc/null.h"] = "study"
	owner["syc/pairs.h"]    = "study"
	owner["syc/stability.h"] = "study"
	owner["syc/study_tables.h"] = "study"
	owner["syc/questions.h"] = "task"
	owner["syc/features.h"] = "task"
	owner["syc/prompts.h"] = "task"
	owner["syc/seen.h"]   = "task"
	owner["syc/task.h"]   = "task"
}

function bad(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	n_bad++
}

FNR == 1 {
	n_files++
	n = split(FILENAME, part, "/")
	layer = n >= 3 ? part[2] : ""
	if (!(layer in may))
		bad("'" layer "' is not a layer")
}

/^[ \t]*#[ \t]*include[ \t]*"/ && layer in may {
	split($0, quoted, "\"")
	file = quoted[2]
	if (file == "config.h" || file == "programs.h")	# made by configure and make
		next
	if (layer == "tool" && (file in owner || file == "syc.h"))
		next
	from = file in owner ? owner[file] : file ~ /^[a-z]+\/[a-z_0-9\/]+\.h$/ ? substr(file, 1, index(file, "/") - 1) : ""
	if (from == "")
		bad("\"" file "\" does not name its layer")
	else if (index(" " may[layer] " ", " " from " ") == 0)
		bad(layer " must not include \"" file "\" (only: " may[layer] ")")
}

END {
	if (!n_files) {
		print "no files"
		exit 1
	}
	exit n_bad > 0
}
