# SPDX-License-Identifier: MIT
# Called by stat.py: Rscript stat.R WHAT IN.csv OUT.csv
# cases: IN has case,x,y; OUT gets what pROC and brglm2 say of each case.
# pairs: IN has a,b,y; OUT gets pROC's paired test of the two.
# firth: IN has x0 (the score), x1, ..., y; OUT gets brglm2's estimate.
suppressMessages({ library(pROC); library(brglm2) })
args <- commandArgs(trailingOnly = TRUE)
d <- read.csv(args[2])
curve <- function(x, y) suppressWarnings(
  roc(y, x, levels = c(0, 1), direction = "<", quiet = TRUE))
conf <- function(x, y) {
  r <- curve(x, y)
  v <- suppressWarnings(as.numeric(ci.auc(r, conf.level = 0.95, method = "delong")))
  s <- if (sum(y == 1) > 1 && sum(y == 0) > 1) sqrt(var(r, method = "delong")) else NA
  a <- as.numeric(auc(r))
  h <- qnorm(0.975) * s / (a * (1 - a))
  lim <- if (is.na(h) || a == 0 || a == 1) c(NA, NA) else plogis(qlogis(a) + c(-h, h))
  c(auc = a, auc_se = s, plain_lo = v[1], plain_hi = v[3], logit_lo = lim[1],
    logit_hi = lim[2])
}
penalized <- function(formula, data) suppressWarnings(
  glm(formula, data, family = binomial("logit"), method = "brglmFit", type = "AS_mean",
    epsilon = 1e-13, maxit = 10000))
firth <- function(x, y) {
  f <- penalized(y ~ z, data.frame(y, z = (x - mean(x)) / sd(x)))
  s <- summary(f)$coefficients
  null <- sum(dbinom(y, 1, mean(y), log = TRUE))
  like <- sum(dbinom(y, 1, fitted(f), log = TRUE))
  h <- qnorm(0.975) * s[2, 2]
  c(firth_intercept = s[1, 1], firth_slope = s[2, 1], firth_se = s[2, 2],
    firth_z = s[2, 3], firth_p = s[2, 4], firth_lo = s[2, 1] - h, firth_hi = s[2, 1] + h,
    firth_r2 = 1 - like / null, firth_loglik = like)
}
na <- function(names) setNames(rep(NA, length(names)), names)
digits <- function(v) sprintf("%.17g", v)
cases <- function() {
  rows <- lapply(split(d, factor(d$case, unique(d$case))), function(k) {
    both <- length(unique(k$y)) == 2
    a <- if (both) conf(k$x, k$y) else
      na(c("auc", "auc_se", "plain_lo", "plain_hi", "logit_lo", "logit_hi"))
    f <- if (both && length(unique(k$x)) > 1) firth(k$x, k$y) else
      na(paste0("firth_", c("intercept", "slope", "se", "z", "p", "lo", "hi", "r2", "loglik")))
    data.frame(case = k$case[1], t(sapply(c(a, f), digits)))
  })
  do.call(rbind, rows)
}
pairs <- function() {
  t <- roc.test(curve(d$a, d$y), curve(d$b, d$y), paired = TRUE, method = "delong")
  a <- as.numeric(t$estimate)
  se <- (a[1] - a[2]) / as.numeric(t$statistic)
  data.frame(t(sapply(c(auc_a = a[1], auc_b = a[2], diff = a[1] - a[2], se = se,
    z = as.numeric(t$statistic), p = as.numeric(t$p.value),
    plain_lo = a[1] - a[2] - qnorm(0.975) * se, plain_hi = a[1] - a[2] + qnorm(0.975) * se),
    digits)))
}
several <- function() {
  f <- penalized(y ~ ., d)
  s <- summary(f)$coefficients
  data.frame(slope = digits(s[2, 1]), se = digits(s[2, 2]))
}
out <- switch(args[1], cases = cases(), pairs = pairs(), firth = several())
write.csv(out, args[3], row.names = FALSE, quote = FALSE)
