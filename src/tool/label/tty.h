/* SPDX-License-Identifier: MIT */
/* The terminal: single keys in, wrapped text out. */
#ifndef SRC_TOOL_LABEL_TTY_H
#define SRC_TOOL_LABEL_TTY_H
#include "syc/base.h"

enum { HAND_STOP = -1, HAND_REDRAW = -2 };

/*
 * Open /dev/tty and switch it to single keys without echo.  The terminal gets
 * its settings back in hand_close(), on every signal that ends or stops the
 * program, and at exit.
 */
int hand_open(struct syc_err *err);
void hand_close(void);
/* The next key, HAND_REDRAW after a pause, HAND_STOP at a signal or the end. */
int hand_key(void);
/* Columns to write in. */
unsigned hand_width(void);
int hand_write(const struct syc_buf *text, struct syc_err *err);
/*
 * Append text in lines of at most width columns, each behind indent.  What
 * could steer the terminal becomes U+FFFD.
 */
int hand_wrap(struct syc_buf *out, const char *text, unsigned width, const char *indent);

#endif
