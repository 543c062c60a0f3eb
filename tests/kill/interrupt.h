/* SPDX-License-Identifier: MIT */
/* A program that is interrupted: what its parts tell each other. */
#ifndef TESTS_KILL_INTERRUPT_H
#define TESTS_KILL_INTERRUPT_H
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/user.h>

/* What a system call does to files, as far as it matters here. */
enum deed {
	DEED_OPEN,
	DEED_WRITE,
	DEED_CUT,
	DEED_SYNC,
	DEED_RENAME,
	DEED_UNLINK,
	DEED_LINK,
	DEED_FOLDER,
	DEED_CLOSE,
	DEED_MAP,
};

struct call {
	const char *name;
	long number;
	enum deed deed;
	int path;	/* which argument is the file: a path ... */
	int at;		/* ... below the folder that this one has open, or -1 */
	int fd;		/* ... or a descriptor; -1: none */
	int to;		/* of a rename or link: the argument that is its new path, or -1 */
};

/* The calls that are looked at, ended by one without a name. */
extern const struct call calls[];

/* One call as it is about to be made. */
struct event {
	const struct call *call;
	struct user_regs_struct regs;
	char file[PATH_MAX];	/* absolute; "" for memory without a file */
	char to[PATH_MAX];	/* a rename's new name */
	bool changes;		/* it can change what is on disk */
};

unsigned long long event_arg(const struct event *e, int i);
/*
 * Read what thread tid is about to do; false where it is none of `calls`, or
 * touches nothing below folder.
 */
bool event_read(struct event *e, pid_t tid, const char *folder);

/* Which files have been written and where they are on the way to their names. */
struct book;

struct book *book_new(void);
void book_free(struct book *b);
/* Note a call that is made; a rename that is not safe is said on `to`. */
void book_note(struct book *b, const struct event *e, FILE *to);
/* Files that were written and have not been renamed or removed. */
int book_in_flight(const struct book *b);
/* Folders whose entries were renamed and that were not synced since. */
void book_end(const struct book *b, FILE *to);

#endif
