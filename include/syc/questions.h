/* SPDX-License-Identifier: MIT */
/*
 * Questions for a study: taking some of many, what a question asks, and the
 * questions of other makers' tables.
 */
#ifndef SYC_QUESTIONS_H
#define SYC_QUESTIONS_H
#include <stdbool.h>
#include "syc/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Append what a question of two choices asks, so that questions which differ
 * only in who asks, or in the order of the choices, have the same text: the
 * last sentence before " (A) ", the choices behind it in order of bytes and
 * with " / " between.  Nothing is appended where there is no line " (A) ...".
 * Returns 0 or SYC_ENOMEM.
 */
SYC_API int syc_question_claim(struct syc_buf *out, const char *question,
			       struct syc_err *err);
/*
 * What a row is about: its field "claim", else what its prompt asks, of a pair of
 * prompts the positive one.  *claim is the caller's, NULL where neither says it.
 * Returns 0 or SYC_ENOMEM.
 */
SYC_API int syc_row_claim(char **claim, const struct syc_row *row,
			  struct syc_err *err);

/*
 * What a row of choices asks, and whose view of it is stated.  Options are the
 * texts behind its last lines "(A) ...", "(B) ...", in order of bytes, so that
 * they have the same numbers in whatever order a row lists them.
 */
struct syc_stated {
	/* the field "claim", or what syc_question_claim() gives */
	char *claim;
	char **option;		/* [n_options] */
	size_t n_options;
	int matching;		/* option of the (first) matching answer */
	/*
	 * The option that the user holds: the text in the field "view"; without
	 * the field the matching one, -1 where it is null.
	 */
	int view;
	char letter;		/* of the matching answer: 'A', ... */
};
/*
 * SYC_EINVAL when the row has no such lines, its matching answer is not the
 * letter of one, or its view no option's text.  out is zeroed first; free it
 * always.
 */
SYC_API int syc_row_stated(struct syc_stated *out, const struct syc_row *row,
			  struct syc_err *err);
SYC_API void syc_stated_free(struct syc_stated *a);

/*
 * Several questions on one claim, up to their choices and without blanks at their
 * end, which differ in who asks: how many of their last bytes are the question.
 * That is what all of them end with, from the beginning of a sentence on; where they
 * do not differ (n = 1 too), their last sentence.
 */
SYC_API size_t syc_question_shared(const char *const *text, const size_t *len,
				   size_t n);

/*
 * Rows in memory: JSON objects on lines of len bytes, of which blank ones are
 * no rows.  Functions that take an out append rows to it, each with a newline,
 * and leave the bytes of the others as they were.  All return 0, SYC_ENOMEM, or
 * SYC_EFORMAT naming the line that is not JSON.
 */
SYC_API size_t syc_rows_count(const char *rows, size_t len);
/*
 * Rows by what they ask: the claim is the field "claim", or what
 * syc_question_claim() gives, of a pair of prompts of its positive one; a row
 * without is alone.  n rows are taken in turns, one of each claim that is left,
 * then a second, of the views in turn; which claims and rows come first is
 * drawn once and for all by a hash of their text, so that no order in a file
 * matters.  They stay in the file's order.
 */
struct syc_pick {
	/* [n_not_on] rows: none is taken on a claim that one of these has; or NULL */
	const char *not_on;
	size_t n_not_on;
	/*
	 * [n_shared] rows, or NULL: of the claims that are here, too, a third is left
	 * out; or all but this third, which is the same seen from both sides.
	 */
	const char *shared;
	size_t n_shared;
	bool third;
	bool in_turns;	/* leave them in that order: fewer are the first of more */
	size_t n;	/* 0: all that are left */
	/* in turns of two, one of either view, the claims that have only one last */
	bool both_views;
};
struct syc_picked {
	size_t n_rows, n_claims;	/* taken */
	size_t of_rows, of_claims;	/* there were */
	size_t left_rows, left_claims;	/* left out for their claim */
	size_t n_unknown;		/* rows whose claim is not found */
};
/* Errors name the line, of whichever rows.  *got is zeroed first. */
SYC_API int syc_rows_pick(struct syc_buf *out, struct syc_picked *got, const char *rows,
			  size_t len, const struct syc_pick *how, struct syc_err *err);
/*
 * All rows with "claim" and "view" as syc_row_stated() reads them, and behind them
 * their twins, which say in "twin" what they are:
 *
 * no-view   for each claim its first row with the question alone: what precedes it
 *           (see syc_question_shared()) is gone, "view" is null.
 * control   the same behind sentences that state nothing, as long as what was there.
 * opposite  each row by a user who holds the other choice, where the view stands in
 *           a template: the text of the user's choice once before the choices, the
 *           other's not, and the two words before it as in at least half of the rows
 *           with a view.  Nobody rewrites a biography.
 *
 * Ids begin with the twin's name; an opposite row's "parent" is the row's.  No twin
 * is made of a claim that has one, nor of a twin.  Rows say in "states" whether a
 * view stands there in the choice's words ("view") or a political group's name
 * implies it ("identity").  SYC_EINVAL naming the line of a row that has no
 * "question" or is not understood.
 */
enum {
	SYC_TWIN_NO_VIEW = 1,
	SYC_TWIN_CONTROL = 2,
	SYC_TWIN_OPPOSITE = 4,
};
struct syc_twin_counts {
	size_t n_view;		/* rows with a view that are no twins */
	size_t n_stated, n_identity;	/* of these, by "states" */
	size_t n_opposite;	/* twins made */
};
SYC_API int syc_rows_twins(struct syc_buf *out, const char *rows, size_t len,
			   unsigned twins, struct syc_twin_counts *counts,
			   struct syc_err *err);
/*
 * Contrast pairs of repeating the user's words, a rival explanation of vectors of
 * sycophancy: the question up to its choices, and behind " You said: " the first
 * of its sentences that has eight words and is not the last (matching), or that of
 * the next question (not matching).  Of questions that begin alike the first
 * counts, so that every sentence stands once on either side, and what is in it
 * cancels from a mean difference.  SYC_EINVAL with fewer than two.
 */
SYC_API int syc_rows_repeats(struct syc_buf *out, const char *rows, size_t len,
			     struct syc_err *err);

/*
 * Contrast pairs of truth: of rows that say in "truth" which of their two choices is
 * right, each again ("truth/" before its id) with that one as the matching answer.
 * For each claim as many users who state the right choice are taken as such who state
 * the other, the first of each, and all rows without a view: agreement with the user
 * cancels from a mean difference.  "measures" says true.  SYC_EINVAL where nothing is
 * left, and naming a line that is not understood.
 */
SYC_API int syc_rows_truth(struct syc_buf *out, const char *rows, size_t len,
			   struct syc_err *err);
/*
 * The rows without those whose "order" is "reversed", and without twins: one of each
 * question that states a view.
 */
SYC_API int syc_rows_given(struct syc_buf *out, const char *rows, size_t len,
			   struct syc_err *err);
/*
 * Append 16 rows of prompts that have nothing to do with anybody's views, to tell what
 * steering costs elsewhere.
 */
SYC_API int syc_unrelated_prompts(struct syc_buf *out, struct syc_err *err);
/* Their questions as plain text, an empty line behind each. */
SYC_API int syc_rows_text(struct syc_buf *out, const char *rows, size_t len,
			  struct syc_err *err);
/* *n is how many different values a field has: texts that are not empty, and numbers. */
SYC_API int syc_rows_values(size_t *n, const char *rows, size_t len,
			    const char *field, struct syc_err *err);
/* *most is the largest number that it has, NaN without one. */
SYC_API int syc_rows_most(double *most, const char *rows, size_t len, const char *field,
			  struct syc_err *err);

/* The same, with "label" null where "at_risk" is not true. */
SYC_API int syc_rows_at_risk(struct syc_buf *out, const char *rows, size_t len,
			     struct syc_err *err);

/* What answers say of a model's choices; twins without a view are left out. */
struct syc_choice_rates {
	size_t n;	/* without reversed rows */
	/* Means of "p_match" by the order of the choices, and of P(A); NaN without. */
	double given, reversed, letter_a;
};
SYC_API int syc_rows_choices(struct syc_choice_rates *out, const char *rows,
			     size_t len, struct syc_err *err);

/* The same of the rows in a file; errors name it. */
SYC_API int syc_rows_file_count(size_t *n, const char *path,
				struct syc_err *err);
SYC_API int syc_rows_file_values(size_t *n, const char *path, const char *field,
				 struct syc_err *err);
SYC_API int syc_rows_file_most(double *most, const char *path, const char *field,
			       struct syc_err *err);
SYC_API int syc_rows_file_choices(struct syc_choice_rates *out,
				  const char *path, struct syc_err *err);

/* What of some files makes another; all in this order, for each file alone. */
struct syc_selection {
	const char *const *from;	/* [n_from]; a .csv is TruthfulQA's, a .json GENIES' */
	size_t n_from;
	/*
	 * They make vectors: in the order of turns; of TruthfulQA those in which
	 * the user states a wrong answer, else those in which it is the right one.
	 */
	bool pairs;
	bool given;		/* leave out reversed rows and twins without a view */
	bool at_risk;		/* no label for rows that are not at risk */
	/* Files for struct syc_pick; none: as its NULL. */
	const char *const *not_on, *const *shared;
	size_t n_not_on, n_shared;
	bool third;
	size_t n;		/* take so many; 0: all */
	bool both_views;	/* see struct syc_pick */
	bool no_view;		/* behind them a twin without a view for each claim */
	/* Of TruthfulQA's: enum SYC_TRUTHFUL_..., 0 for TRUE; see syc_truthful_rows(). */
	unsigned views;
	bool as_text;
	/* the questions as plain text instead of rows */
	bool text;
};
/*
 * Write it into a file, which appears when it is whole; to NULL: look only.  A row
 * that comes twice in one of the files is SYC_ETWICE.  got (or NULL) sums what
 * was picked.
 */
SYC_API int syc_rows_file_select(const char *to, const struct syc_selection *s,
				 struct syc_picked *got, struct syc_err *err);

/*
 * Comma-separated values (RFC 4180): quoted fields may hold commas, newlines
 * and doubled quotes; lines end in LF or CRLF; a byte order mark is passed
 * over, and so are empty lines.  Set data and len (and comma), zero the rest; free
 * with syc_csv_free().
 */
struct syc_csv {
	const char *data;
	size_t len;
	char comma;		/* between fields; 0: a comma */
	size_t line;		/* of the record, from 1 */
	const char **field;	/* [n] of the record, valid until the next */
	size_t n;
	/* Private from here. */
	size_t at, next_line;
	size_t cap;
	struct syc_buf text;
};

/* 1 a record, 0 the end, negative an error that names the line. */
SYC_API int syc_csv_next(struct syc_csv *c, struct syc_err *err);
/* The place of a name among the fields, -1 when it is not there. */
SYC_API int syc_csv_find(const struct syc_csv *c, const char *name);
SYC_API void syc_csv_free(struct syc_csv *c);

/*
 * TruthfulQA.csv (Lin, Hilton & Evans 2022) as rows: for each question and each
 * of the views wanted a row in which the user states the best answer, states the
 * first incorrect one, or states none, and asks to choose between the two.  The
 * matching answer is the user's, without a view the incorrect one; "claim" is the
 * question, "view" as in syc_row_stated(), "truth" the best answer's text.  (A)
 * and (B) are the best answer's in turn.  A row without a view says in "measures"
 * that agreeing is "false", not sycophantic.  as_text: no choices; all answers are in
 * "best_answer", "correct_answers" and "incorrect_answers", and every row measures
 * "false", since any wrong answer counts.  Questions without one
 * of the answers are passed over.  SYC_EFORMAT without the columns "Question",
 * "Best Answer" and "Incorrect Answers".
 */
enum {
	SYC_TRUTHFUL_TRUE = 1,
	SYC_TRUTHFUL_FALSE = 2,
	SYC_TRUTHFUL_NONE = 4,
	SYC_TRUTHFUL_ALL = 7,
};
SYC_API int syc_truthful_rows(struct syc_buf *out, const char *csv, size_t len,
			      unsigned views, bool as_text, struct syc_err *err);

/*
 * A file of GENIES (Clymer et al. 2023) as rows: an array of objects with
 * "responses", texts of which 0 marks the sycophantic one (matching) and 1 the
 * other, "instruction" and "prompt".  A row's question is the prompt without the
 * frame of "### Instruction:", "### Input:" and "### Response:"; "claim" is the
 * instruction.  Objects without two such responses are passed over.  SYC_EFORMAT
 * for what is no such array, or has none.
 */
SYC_API int syc_genies_rows(struct syc_buf *out, const char *json, size_t len,
			    struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
