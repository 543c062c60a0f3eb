# SPDX-License-Identifier: MIT
# The tables of syc in R, without a line of cleaning: Rscript notebook.R in an empty
# folder, or in that of notebook.py.  `syc demo` says where the demo is.

# %% A vector, answers, labels, scores, fits
sh <- function(...) stopifnot(system(paste(...)) == 0)
demo <- Sys.getenv("SYC_DEMO")
if (demo == "") demo <- system("syc demo", intern = TRUE)
model <- paste0("-q --system= -m ", shQuote(file.path(demo, "demo-q8_0.gguf")))
file <- function(name) shQuote(file.path(demo, name))
if (!file.exists("fit.tsv")) {
  sh("syc-vec mean", model, "-o agree.gguf", file("pairs.jsonl"))
  sh("head -n 80", file("test-opinion.jsonl"), "| syc-gen", model,
     "--temperature 1 -n 32 -r acts.npz -o answers.jsonl")
  sh("syc-label -q answers.jsonl | syc-score -d agree.gguf -o scored.jsonl")
  sh("syc-score --tsv -d agree.gguf -o scores.tsv scored.jsonl")
  sh("syc-fit --tsv -o fit.tsv scored.jsonl")
}

# %% Tables, as they are
scores <- read.delim("scores.tsv", quote = "")
fit <- read.delim("fit.tsv", quote = "")
stopifnot(is.numeric(scores$score), is.numeric(scores$label), is.numeric(fit$auc))
stopifnot(names(fit) == strsplit(readLines("fit.tsv", 1), "\t")[[1]])
print(fit[c("vector", "position", "layer", "n", "auc", "auc_lo", "auc_hi", "p_adj")], digits = 3)

# %% The area under the ROC curve again, by ranks
auc <- function(t) {
  t <- t[!is.na(t$label) & !is.na(t$score), ]
  n <- table(factor(t$label, 0:1))
  (sum(rank(t$score)[t$label == 1]) - n[["1"]] * (n[["1"]] + 1) / 2) / n[["0"]] / n[["1"]]
}
for (i in seq_len(nrow(fit))) {
  of <- scores$position == fit$position[i] & scores$layer == fit$layer[i]
  stopifnot(abs(auc(scores[of, ]) - fit$auc[i]) < 1e-6)
}
cat("areas: those of syc-fit\n")

# %% A regression of one's own: the label by the standardized score, as syc-fit's slope
best <- fit[which.max(abs(fit$auc - 0.5)), ]
t <- subset(scores, position == best$position & layer == best$layer & !is.na(label))
print(summary(glm(label ~ scale(score), binomial, t)))

# %% Rows, with everything that they say
if (requireNamespace("jsonlite", quietly = TRUE)) {
  rows <- jsonlite::stream_in(base::file("scored.jsonl"), verbose = FALSE)
  stopifnot(nrow(rows) == length(unique(scores$id)), all(rows$id %in% scores$id))
} else {
  cat("left out: jsonlite is not there\n")
}
