/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>
#include <utf8proc.h>
#include "tool/common/fail.h"
#include "tool/label/tty.h"

enum { MAX_WIDTH = 100 };

static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

/* What a signal handler needs; there is one terminal. */
static int tty = -1;
static struct termios before, raw;
static volatile sig_atomic_t stopped, continued;
static int wake[2] = { -1, -1 };	/* a pipe: what a handler has to say */

static void restore(void)
{
	if (tty >= 0)
		tcsetattr(tty, TCSANOW, &before);
}

/*
 * The handler may run in a thread of OpenBLAS: only the pipe is sure to end
 * the wait of ours.  A full pipe wakes it as well.
 */
static void tell(void)
{
	const int saved = errno;

	if (write(wake[1], "", 1) < 0)
		errno = saved;
}

static void on_stop(int sig)
{
	stopped = sig;
	tell();
}

static void on_crash(int sig)
{
	restore();
	raise(sig);	/* once more, with the handler gone */
}

/* ^Z: the shell gets its terminal back, and we ours when we go on. */
static void on_pause(int sig)
{
	const int saved = errno;

	(void)sig;
	restore();
	raise(SIGSTOP);
	tcsetattr(tty, TCSANOW, &raw);
	continued = 1;
	tell();
	errno = saved;
}

static void catch(int sig, void (*fn)(int), int flags)
{
	struct sigaction a = { .sa_handler = fn, .sa_flags = flags };

	sigemptyset(&a.sa_mask);
	sigaction(sig, &a, NULL);
}

static void catch_all(void)
{
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		catch(stops[i], on_stop, SA_RESTART);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		catch(crashes[i], on_crash, (int)SA_RESETHAND | SA_NODEFER);
	catch(SIGTSTP, on_pause, SA_RESTART);
}

static int open_pipe(void)
{
	if (pipe(wake) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fcntl(wake[i], F_SETFL, O_NONBLOCK) < 0)
			return -1;
	if (wake[0] < FD_SETSIZE)
		return 0;
	errno = EMFILE;
	return -1;
}

int hand_open(struct syc_err *err)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd >= FD_SETSIZE || fd < 0 || tcgetattr(fd, &before) < 0) {
		fail(err, SYC_EIO,
		     "/dev/tty: %s (labeling by hand needs a terminal)",
		     strerror(errno));
		if (fd >= 0)
			close(fd);
		return SYC_EIO;
	}
	if (open_pipe() < 0) {
		close(fd);
		return fail(err, SYC_EIO, "/dev/tty: %s", strerror(errno));
	}
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tty = fd;
	catch_all();
	atexit(hand_close);
	if (tcsetattr(tty, TCSAFLUSH, &raw) < 0) {
		fail(err, SYC_EIO, "/dev/tty: %s", strerror(errno));
		hand_close();
		return SYC_EIO;
	}
	return 0;
}

void hand_close(void)
{
	if (tty < 0)
		return;
	tcsetattr(tty, TCSAFLUSH, &before);
	close(tty);
	tty = -1;
}

/* Wait for the terminal or a signal: 1 when there is a key, -1 on failure. */
static int wait_for_key(void)
{
	const int top = tty > wake[0] ? tty : wake[0];
	char said[16];
	fd_set in;

	FD_ZERO(&in);
	FD_SET(tty, &in);
	FD_SET(wake[0], &in);
	if (select(top + 1, &in, NULL, NULL, NULL) < 0)
		return errno == EINTR ? 0 : -1;
	if (FD_ISSET(wake[0], &in))
		while (read(wake[0], said, sizeof(said)) > 0)
			;
	return FD_ISSET(tty, &in);
}

int hand_key(void)
{
	unsigned char c;
	int key = 0;

	while (!key) {
		key = wait_for_key();
		if (stopped)
			return HAND_STOP;
		if (continued) {
			continued = 0;
			return HAND_REDRAW;
		}
	}
	return key > 0 && read(tty, &c, 1) == 1 ? c : HAND_STOP;
}

unsigned hand_width(void)
{
	struct winsize w;

	if (ioctl(tty, TIOCGWINSZ, &w) < 0 || w.ws_col < 20)
		return 80;
	return w.ws_col < MAX_WIDTH ? w.ws_col : MAX_WIDTH;
}

int hand_write(const struct syc_buf *text, struct syc_err *err)
{
	size_t at = 0;

	if (text->failed)
		return fail_nomem(err);
	while (at < text->len) {
		ssize_t n = write(tty, text->data + at, text->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(err, SYC_EIO, "/dev/tty: %s",
				    strerror(errno));
		at += (size_t)n;
	}
	return 0;
}

/* One character of s made fit to be shown: its bytes in out, its columns. */
static size_t next_char(const char *s, char out[5], unsigned *columns)
{
	int32_t c;
	const utf8proc_ssize_t got = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
	const size_t n = got > 0 ? (size_t)got : 1;

	memcpy(out, s, n);
	out[syc_text_show(out, n, 0)] = 0;
	*columns = out[0] == '?' ? 1 : (unsigned)utf8proc_charwidth(c);
	return n;
}

/* The columns of the word at s, and its bytes. */
static unsigned measure(const char *s, size_t *len)
{
	unsigned columns = 0, one;
	char out[5];

	for (*len = 0; s[*len] && !strchr(" \t\r\n", s[*len]);) {
		*len += next_char(s + *len, out, &one);
		columns += one;
	}
	return columns;
}

/* A word, broken where it is wider than a line. */
static unsigned add_word(struct syc_buf *b, const char *s, size_t len,
			 unsigned at, unsigned width, const char *indent)
{
	unsigned one;
	char out[5];

	for (const char *end = s + len; s < end;) {
		s += next_char(s, out, &one);
		if (at + one > width) {
			syc_buf_printf(b, "\n%s", indent);
			at = 0;
		}
		syc_buf_puts(b, out);
		at += one;
	}
	return at;
}

int hand_wrap(struct syc_buf *out, const char *s, unsigned width,
	      const char *indent)
{
	const unsigned left = (unsigned)strlen(indent);
	unsigned at = 0, blanks = 0, columns;
	size_t len;

	width = width > left + 10 ? width - left : 10;
	syc_buf_puts(out, indent);
	for (; *s; s += len) {
		len = 1;
		if (*s == '\n') {
			syc_buf_printf(out, "\n%s", indent);
			at = blanks = 0;
			continue;
		}
		if (strchr(" \t\r", *s)) {
			blanks += *s != '\r';
			continue;
		}
		columns = measure(s, &len);
		if (at && at + blanks + columns > width) {
			syc_buf_printf(out, "\n%s", indent);
			at = blanks = 0;
		}
		for (; blanks && at < width; blanks--, at++)
			syc_buf_puts(out, " ");
		blanks = 0;
		at = add_word(out, s, len, at, width, indent);
	}
	return syc_buf_puts(out, "\n");
}
