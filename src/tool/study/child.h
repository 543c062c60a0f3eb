/* SPDX-License-Identifier: MIT */
/* The other programs: their commands, what they print, how far they are. */
#ifndef SRC_TOOL_STUDY_CHILD_H
#define SRC_TOOL_STUDY_CHILD_H
#include <stdbool.h>
#include <stddef.h>
#include "syc/base.h"

/* A file to be made by a program that runs the model. */
struct work {
	char *file;
	double passes;		/* of the model over a prompt, about */
};

struct children {
	char *programs;		/* the folder they are in; NULL: on the PATH */
	const char *folder;	/* the study's, as it was given: for messages */
	struct syc_buf commands;	/* so far, as a shell would take them */
	bool quiet, live;	/* live: there is a terminal to show the progress on */
	unsigned step, n_steps;
	char *title;		/* of the step */
	struct work *work;	/* [n_work] */
	size_t n_work;
	double total, done;	/* passes */
	double seconds;		/* what those that are done took */
};

/* Find the programs: beside this one, else on the PATH. */
int children_find(struct children *c, struct syc_err *err);
bool on_path(const char *program);
void children_free(struct children *c);
/* So many passes will be needed for a file, unless it is there. */
void children_expect(struct children *c, double passes, const char *file);
/* Begin a step: "2/8 title" on standard output. */
__attribute__((format(printf, 2, 3)))
void children_step(struct children *c, const char *fmt, ...);
/* A remark among the commands, on what is done without a program. */
__attribute__((format(printf, 2, 3)))
void children_note(struct children *c, const char *fmt, ...);
/* Write the commands so far into the file "commands". */
int children_save(const struct children *c, struct syc_err *err);

struct cmd {
	char **arg;		/* [n], NULL behind the last */
	size_t n, cap;
	bool again;	/* although its file is there */
};

/* Add one argument, or the words of a text. */
__attribute__((format(printf, 2, 3)))
void cmd_add(struct cmd *c, const char *fmt, ...);
void cmd_words(struct cmd *c, const char *words);

/*
 * Run a command, unless file is there, and forget it.  What it prints becomes
 * file when it succeeds, or (cmd_run) it writes the file itself.  Its messages
 * go into the file "log".
 */
int cmd_make(struct children *c, struct cmd *cmd, const char *file, struct syc_err *err);
int cmd_run(struct children *c, struct cmd *cmd, const char *file, struct syc_err *err);
void cmd_free(struct cmd *cmd);

#endif
