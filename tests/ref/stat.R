# SPDX-License-Identifier: MIT
# Called by stat.py: Rscript stat.R IN.csv OUT.csv
# IN has case,x,y; OUT gets what pROC and brglm2 say of each case.
suppressMessages({ library(pROC); library(brglm2) })
args <- commandArgs(trailingOnly = TRUE)
d <- read.csv(args[1])
conf <- function(x, y) {
  r <- suppressWarnings(roc(y, x, levels = c(0, 1), direction = "<", quiet = TRUE))
  v <- suppressWarnings(as.numeric(ci.auc(r, conf.level = 0.95, method = "delong")))
  s <- if (sum(y == 1) > 1 && sum(y == 0) > 1) sqrt(var(r, method = "delong")) else NA
  a <- as.numeric(auc(r))
  h <- qnorm(0.975) * s / (a * (1 - a))
  lim <- if (is.na(h) || a == 0 || a == 1) c(NA, NA) else plogis(qlogis(a) + c(-h, h))
  c(auc = a, auc_se = s, plain_lo = v[1], plain_hi = v[3], lo = lim[1], hi = lim[2])
}
firth <- function(x, y) {
  z <- (x - mean(x)) / sd(x)
  f <- suppressWarnings(glm(y ~ z, family = binomial("logit"), method = "brglmFit",
    type = "AS_mean", epsilon = 1e-13, maxit = 10000))
  s <- summary(f)$coefficients
  c(firth_intercept = s[1, 1], firth_slope = s[2, 1], firth_se = s[2, 2],
    firth_z = s[2, 3], firth_p = s[2, 4])
}
na <- function(names) setNames(rep(NA, length(names)), names)
rows <- lapply(split(d, factor(d$case, unique(d$case))), function(k) {
  both <- length(unique(k$y)) == 2
  a <- if (both) conf(k$x, k$y) else
    na(c("auc", "auc_se", "plain_lo", "plain_hi", "lo", "hi"))
  f <- if (both && length(unique(k$x)) > 1) firth(k$x, k$y) else
    na(paste0("firth_", c("intercept", "slope", "se", "z", "p")))
  data.frame(case = k$case[1], t(sapply(c(a, f), function(v) sprintf("%.17g", v))))
})
write.csv(do.call(rbind, rows), args[2], row.names = FALSE, quote = FALSE)
