/* SPDX-License-Identifier: MIT */
/*
 * interrupt -w FOLDER [-l LIST] [-n N -k KIND] COMMAND [ARGUMENT]...
 *
 * Run a command and count the system calls that it and its children make on
 * files below FOLDER, from the first that changes one; at the N-th (from 1):
 *
 *   kill    all of them end before the call is made
 *   torn    half of a write is made, then all end
 *   alone   the one process that made the call ends
 *   short   a write writes half of its bytes
 *   full    no space: this and all later calls that need some fail (ENOSPC)
 *   eio     the call fails, once (EIO; a map of memory: ENOMEM)
 *
 * LIST gets a line for each call: N, name, files in flight (written and not
 * yet renamed), file; and lines with "unsynced" where a file was renamed
 * before its bytes were synced, or its folder was never synced afterwards.
 * Exit status: the command's, 128 + signal, 125 where this does not work here.
 *
 * By ptrace and not by a preloaded library: the C library's own calls (those
 * of fclose() and fflush()) go through no symbol that a library could replace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "interrupt.h"

enum { CANNOT = 125, SECONDS = 300, MOST = 256 };

struct trace {
	const char *folder;
	const char *kind;
	FILE *list;		/* NULL: none */
	long at;		/* the call that is interrupted; 0: none */
	long n;			/* calls so far */
	struct book *book;
	pid_t threads[MOST];	/* all that are traced; 0: a free place */
	bool writes[MOST];	/* this one has changed a file */
	bool full, ended;
	pid_t torn;		/* the thread whose half write is being made */
};

/* Only the calls of the table stop the program; all others cost nothing. */
static int filter_calls(void)
{
	struct sock_filter f[2 * 64] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	unsigned short n = 1;

	for (const struct call *c = calls; c->name; c++) {
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						      (unsigned)c->number, 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
		     &(struct sock_fprog){ .len = n, .filter = f });
}

static void run_command(char **argv, const int go[2])
{
	char c;

	close(go[1]);
	if (read(go[0], &c, 1) != 1 || filter_calls() < 0)
		_exit(CANNOT);
	close(go[0]);
	execvp(argv[0], argv);
	fprintf(stderr, "interrupt: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static pid_t start(char **argv)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	int go[2];
	pid_t pid;

	if (pipe(go) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0)
		run_command(argv, go);
	close(go[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, options) < 0) {
		close(go[1]);
		waitpid(pid, NULL, 0);
		return -1;
	}
	if (write(go[1], "", 1) != 1)
		return -1;
	close(go[1]);
	return pid;
}

static void end_all(struct trace *t)
{
	t->ended = true;
	for (int i = 0; i < MOST; i++)
		if (t->threads[i])
			kill(t->threads[i], SIGKILL);
}

static bool is(const struct trace *t, const char *kind)
{
	return strcmp(t->kind, kind) == 0;
}

/* The call is not made; the program is told that it failed. */
static void refuse(struct event *e, pid_t tid, int error)
{
	e->regs.orig_rax = (unsigned long long)-1;
	e->regs.rax = (unsigned long long)-(long long)error;
	ptrace(PTRACE_SETREGS, tid, NULL, &e->regs);
}

static bool halve(struct event *e, pid_t tid)
{
	if (!strstr(e->call->name, "write") || e->regs.rdx < 2)
		return false;
	e->regs.rdx /= 2;	/* bytes, or with writev() pieces */
	return ptrace(PTRACE_SETREGS, tid, NULL, &e->regs) == 0;
}

static bool needs_space(const struct event *e)
{
	const enum deed d = e->call->deed;

	return d == DEED_WRITE || d == DEED_CUT || d == DEED_FOLDER || d == DEED_LINK ||
	       d == DEED_SYNC || (d == DEED_OPEN && e->changes && access(e->file, F_OK) < 0);
}

/* Do it; false where the call is made all the same. */
static bool interrupt(struct trace *t, struct event *e, pid_t tid)
{
	if (is(t, "short"))
		return halve(e, tid), false;
	if (is(t, "torn") && halve(e, tid)) {
		t->torn = tid;
		return false;
	}
	if (is(t, "eio"))
		return refuse(e, tid, e->call->deed == DEED_MAP ? ENOMEM : EIO), true;
	if (is(t, "full"))
		return t->full = true, false;
	if (is(t, "alone"))
		kill(tid, SIGKILL);
	else
		end_all(t);
	return true;
}

/* Its place, a new one where the thread is not known yet. */
static int place_of(struct trace *t, pid_t tid)
{
	int place = -1;

	for (int i = 0; i < MOST; i++)
		if (t->threads[i] == tid)
			return i;
		else if (!t->threads[i] && place < 0)
			place = i;
	if (place < 0)
		abort();
	t->threads[place] = tid;
	t->writes[place] = false;
	return place;
}

/* Whether a call counts; maps do in a thread that has begun to write. */
static bool counts(struct trace *t, const struct event *e, pid_t tid)
{
	bool *writes = &t->writes[place_of(t, tid)];

	*writes |= e->changes;
	return e->call->deed == DEED_MAP ? *writes : t->n > 0 || e->changes;
}

static void count(struct trace *t, pid_t tid)
{
	struct event e;

	if (!event_read(&e, tid, t->folder) || !counts(t, &e, tid))
		return;
	t->n++;
	if (t->list)
		fprintf(t->list, "%ld %s %d %s\n", t->n, e.call->name, book_in_flight(t->book),
			e.file[0] ? e.file : "-");
	if (t->n == t->at && interrupt(t, &e, tid))
		return;
	if (t->full && needs_space(&e))
		refuse(&e, tid, ENOSPC);
	else if (t->list)
		book_note(t->book, &e, t->list);
}


/* A thread stopped: what to go on with, a signal for it or 0. */
static int stopped(struct trace *t, pid_t tid, int status)
{
	const int event = status >> 16, sig = WSTOPSIG(status);

	place_of(t, tid);
	if (event == PTRACE_EVENT_SECCOMP)
		count(t, tid);
	if (t->ended || (sig == (SIGTRAP | 0x80) && t->torn == tid))
		end_all(t);
	return event || sig == (SIGTRAP | 0x80) ? 0 : sig;
}

static int trace(struct trace *t, pid_t root)
{
	int status, sig, result = CANNOT;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			sig = stopped(t, tid, status);
			ptrace(t->torn == tid ? PTRACE_SYSCALL : PTRACE_CONT, tid, NULL, sig);
			continue;
		}
		t->threads[place_of(t, tid)] = 0;
		if (tid == root)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	return result;
}

static int usage(void)
{
	fputs("Usage: interrupt -w FOLDER [-l LIST] [-n N -k KIND] COMMAND...\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct trace t = { .kind = "kill", .book = book_new() };
	char folder[PATH_MAX];
	const char *list = NULL;
	pid_t root;
	int c, ret;

	while ((c = getopt(argc, argv, "+w:l:n:k:")) >= 0)
		switch (c) {
		case 'w': t.folder = realpath(optarg, folder); break;
		case 'l': list = optarg; break;
		case 'n': t.at = atol(optarg); break;
		case 'k': t.kind = optarg; break;
		default: return usage();
		}
	if (!t.folder || optind == argc || !t.book)
		return usage();
	if (list && !(t.list = fopen(list, "we")))
		return perror(list), CANNOT;
	alarm(SECONDS);
	root = start(argv + optind);
	ret = root < 0 ? CANNOT : trace(&t, root);
	if (t.list && ret == 0)
		book_end(t.book, t.list);
	if (t.list && fclose(t.list) != 0)
		ret = CANNOT;
	book_free(t.book);
	return ret;
}
