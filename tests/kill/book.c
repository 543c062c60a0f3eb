/* SPDX-License-Identifier: MIT */
/* What would be left after the machine had stopped: which files and folders are synced. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include "interrupt.h"

struct noted {
	char *name;
	bool written;	/* and not renamed or removed since */
	bool unsynced;	/* its bytes, or of a folder its names */
};

struct book {
	struct noted *files;
	size_t n;
};

struct book *book_new(void)
{
	return calloc(1, sizeof(struct book));
}

void book_free(struct book *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->files[i].name);
	free(b->files);
	free(b);
}

static struct noted *find(struct book *b, const char *name)
{
	struct noted *more;

	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->files[i].name, name) == 0)
			return &b->files[i];
	more = realloc(b->files, (b->n + 1) * sizeof(*more));
	if (!more)
		abort();
	b->files = more;
	b->files[b->n] = (struct noted){ .name = strdup(name) };
	return &b->files[b->n++];
}

static struct noted *find_folder(struct book *b, const char *name)
{
	char *folder = strndup(name, (size_t)(strrchr(name, '/') - name));
	struct noted *f = find(b, folder);

	free(folder);
	return f;
}

static void renamed(struct book *b, const struct event *e, FILE *to)
{
	struct noted *from = find(b, e->file);

	if (from->unsynced)
		fprintf(to, "unsynced %s: renamed to %s before its bytes are safe\n", e->file,
			e->to);
	from->written = from->unsynced = false;
	find_folder(b, e->to)->unsynced = true;
}

void book_note(struct book *b, const struct event *e, FILE *to)
{
	struct noted *f;

	if (!e->file[0])
		return;
	f = find(b, e->file);
	switch (e->call->deed) {
	case DEED_WRITE:
	case DEED_CUT:
		f->written = f->unsynced = true;
		break;
	case DEED_SYNC:
		f->unsynced = false;
		break;
	case DEED_UNLINK:
		f->written = f->unsynced = false;
		break;
	case DEED_RENAME:
		renamed(b, e, to);
		break;
	default:
		break;
	}
}

int book_in_flight(const struct book *b)
{
	int n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->files[i].written;
	return n;
}

void book_end(const struct book *b, FILE *to)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->files[i].unsynced && !b->files[i].written)
			fprintf(to, "unsynced %s: names in this folder\n", b->files[i].name);
}
