/* SPDX-License-Identifier: MIT */
/*
 * Errors, byte buffers and the version: what every other header of libsyc
 * builds on.
 */
#ifndef SYC_BASE_H
#define SYC_BASE_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SYC_API __attribute__((visibility("default")))
#else
#define SYC_API
#endif

/*
 * Every function that can fail returns 0 or one of these negative codes, and
 * writes one line of text into its struct syc_err (which may be NULL) naming
 * the file, the object and the numbers.  The text carries no newline and no
 * program name.
 */
enum syc_code {
	SYC_OK      = 0,
	SYC_ENOMEM  = -1,	/* out of memory */
	SYC_EIO     = -2,	/* the operating system refused */
	SYC_EFORMAT = -3,	/* the bytes of a file are not what they should be */
	SYC_EUNSUPP = -4,	/* understood, but not supported by this version */
	SYC_EINVAL  = -5,	/* the caller asked for something impossible */
	SYC_ECANCEL = -6,	/* a callback asked to stop */
	SYC_ETWICE  = -7,	/* a row came before */
	SYC_EMIXED  = -8,	/* rows of different runs, where one is meant */
};

struct syc_err {
	int code;
	char msg[504];
};

/*
 * A growing byte buffer.  Zero-initialize it; data is always followed by a
 * NUL once anything was added.  The caller frees with syc_buf_free(), after
 * which it is empty and usable again.  Whoever adds much may look at failed
 * once in the end instead of at every call.
 */
struct syc_buf {
	char *data;
	size_t len;
	size_t cap;
	int failed;	/* some addition found no memory */
};

/* Append n bytes, or a string.  Returns 0 or SYC_ENOMEM (buffer unchanged). */
SYC_API int syc_buf_add(struct syc_buf *b, const void *data, size_t n);
SYC_API int syc_buf_puts(struct syc_buf *b, const char *s);
/* Append text formatted as by printf(3).  Returns as syc_buf_add(). */
SYC_API int syc_buf_printf(struct syc_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
SYC_API int syc_buf_vprintf(struct syc_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/*
 * Append n bytes of UTF-8 as a JSON string with its quotes; every byte that is
 * not part of a character becomes U+FFFD, and what syc_text_show() would
 * replace is written as \u and its number.
 */
SYC_API int syc_buf_json(struct syc_buf *b, const char *s, size_t n);
/*
 * Append a number as JSON: the shortest of 9 digits that reads back as the
 * same float, "null" for NaN and infinities.
 */
SYC_API int syc_buf_float(struct syc_buf *b, float x);
SYC_API void syc_buf_free(struct syc_buf *b);

/*
 * Make n bytes of a text that others wrote fit for a terminal, in place: a
 * control character (C0, DEL, C1), a separator of lines (U+2028, U+2029), a mark
 * that embeds, overrides or isolates a direction (U+202A to U+202E, U+2066 to
 * U+2069) and a byte that is no UTF-8 become '?' each.  Newlines and tabs stay
 * if lines is not 0.  Returns the bytes that are left; no NUL is written.
 */
SYC_API size_t syc_text_show(char *s, size_t n, int lines);

/* A list of token ids; zero-initialize it, free with syc_ids_free(). */
struct syc_ids {
	int32_t *id;
	size_t n;
	size_t cap;
};

SYC_API int syc_ids_add(struct syc_ids *ids, const int32_t *id, size_t n);
SYC_API void syc_ids_free(struct syc_ids *ids);

/* Stretches of a text, in its order; zero-initialize, free with syc_spans_free(). */
struct syc_span {
	size_t from, to;	/* bytes; to is behind the last */
};
struct syc_spans {
	struct syc_span *span;
	size_t n;
	size_t cap;
};

SYC_API void syc_spans_free(struct syc_spans *s);

/*
 * Processors and bytes of memory that this process may use: the machine's, less
 * where its affinity or a control group says so.
 */
SYC_API unsigned syc_machine_cores(void);
SYC_API size_t syc_machine_memory(void);
/* Seconds of a clock that nobody sets, from an unknown point. */
SYC_API double syc_seconds(void);

/*
 * The file that is mapped at an address, or NULL.  Model files and vectors are
 * mapped: when one is cut short in that time, reading it raises SIGBUS.  May be
 * called in a handler of that signal, with its si_addr.
 */
SYC_API const char *syc_mapped_file(const void *address);

/* The version of the library, "0.1.0". */
SYC_API const char *syc_version(void);

#ifdef __cplusplus
}
#endif
#endif
