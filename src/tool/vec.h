/* SPDX-License-Identifier: MIT */
/* The subcommands of syc-vec: each parses its own arguments; exit status. */
#ifndef SRC_TOOL_VEC_H
#define SRC_TOOL_VEC_H

int syc_vec_compare(int argc, char **argv);
int syc_vec_convert(int argc, char **argv);
int syc_vec_combine(int argc, char **argv);
int syc_vec_diff(int argc, char **argv);
int syc_vec_lda(int argc, char **argv);
int syc_vec_logistic(int argc, char **argv);
int syc_vec_mean(int argc, char **argv);
int syc_vec_pca(int argc, char **argv);
int syc_vec_random(int argc, char **argv);
int syc_vec_stability(int argc, char **argv);

#endif
