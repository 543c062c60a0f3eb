/* SPDX-License-Identifier: MIT */
/* The other programs: their commands, what they print, how far they are. */
#ifndef SRC_TOOL_STUDY_CHILD_H
#define SRC_TOOL_STUDY_CHILD_H
#include "syc/base.h"
#include "tool/study/fill.h"

/* A file to be made by a program that runs the model. */
struct work {
	char *file;
	double passes;	/* of the model over a prompt, about */
};

struct children {
	char *programs;	/* the folder they are in; NULL: on the PATH */
	const char *folder;	/* the study's, as it was given: for messages */
	struct syc_buf commands;	/* so far, as a shell would take them */
	bool quiet,
		live;	/* live: there is a terminal to show the progress on */
	unsigned step, n_steps;
	char *title;		/* of the step */
	struct work *work;	/* [n_work] */
	size_t n_work;
	double total, done;	/* passes */
	double seconds;		/* what those that are done took */
};

/* Find the programs: beside this one, else on the PATH. */
int children_find(struct children *c, struct syc_err *err);
void children_free(struct children *c);
bool on_path(const char *program);
/* So many passes will be needed for a file, unless it is there. */
void children_expect(struct children *c, double passes, const char *file);
/* It will not be made. */
void children_forget(struct children *c, const char *file);
/* Begin a step: "2/8 title" on standard output; the title is kept. */
void children_step(struct children *c, char *title);
/* A remark among the commands, on a file that is made without a program. */
void children_note(struct children *c, const char *file, const char *how);
/* A word of a command, as a shell takes it. */
void child_put_word(struct syc_buf *b, const char *word);
/* Write the commands so far into the file "commands". */
int children_save(const struct children *c, struct syc_err *err);

enum child_out {
	CHILD_PRINTS,	/* what it prints becomes the file when it succeeds */
	CHILD_WRITES,	/* it writes the file itself */
	CHILD_AGAIN,	/* the same, although the file may be there */
};
/*
 * Run a command unless file is there.  Its messages go into the file "log".
 * SYC_EINVAL: it says that it cannot make the file; anything else, that it did not get so
 * far: it was ended, could not be started, or what it printed could not be written.  A
 * command that may fail is given a second try before it says so.
 */
int child_make(struct children *c, const struct cmd *cmd, const char *file,
	       enum child_out out, struct syc_err *err);
/* Note in the log that the study goes on without a file. */
void child_left_out(const char *why);

#endif
