/* SPDX-License-Identifier: MIT */
/* Chat formats: how a conversation is written as text. */
#ifndef SYC_CHAT_H
#define SYC_CHAT_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One message of a conversation. */
struct syc_msg {
	const char *role;	/* "system", "user" or "assistant" */
	const char *content;
};

/* A way of writing conversations.  Immutable. */
struct syc_chat;

/*
 * The format of that name ("zephyr", "llama-3.1"), or the one that renders as
 * this Jinja template does (its spelling may differ, the words may not); NULL
 * when unknown.  Both are static.  syc_chat_names() lists the names, separated
 * by ", ".
 */
SYC_API const struct syc_chat *syc_chat_find(const char *name);
SYC_API const struct syc_chat *syc_chat_detect(const char *tmpl, size_t len);
SYC_API const char *syc_chat_names(void);
/* A number for a template, whatever its spelling.  SYC_EFORMAT: it is broken. */
SYC_API int syc_chat_digest(uint64_t *digest, const char *tmpl, size_t len);

/*
 * Read a format from a file of at most 64 KiB; syc-chat(5) describes it.
 * SYC_EFORMAT names file and line.  The caller frees with syc_chat_free(), to
 * which NULL and static formats may be given, too.
 */
SYC_API int syc_chat_read(struct syc_chat **out, const char *path,
			  struct syc_err *err);
SYC_API void syc_chat_free(struct syc_chat *c);
/*
 * Append a format as such a file, in one canonical form: it says all that can
 * make a difference and nothing else.
 */
SYC_API int syc_chat_write(const struct syc_chat *c, struct syc_buf *out);

/* "" for a format that was read from a file. */
SYC_API const char *syc_chat_name(const struct syc_chat *c);
/* What the format writes between the prompt and an answer: mostly "" or " ". */
SYC_API const char *syc_chat_answer_prefix(const struct syc_chat *c);

/*
 * Append the text of n messages, ending where the assistant's answer begins;
 * when the last message is the assistant's, its content follows, open for
 * going on.  bos and eos are the texts of those tokens.  *has_bos tells whether
 * the text itself begins with bos (no second one is to be added).  content (may
 * be NULL) gets the stretches of out that messages gave, not the format.
 * Roles in an order the template refuses or drops a message of, other roles
 * and nothing to answer are SYC_EINVAL.
 */
SYC_API int syc_chat_render(const struct syc_chat *c, const char *bos,
			    const char *eos, const struct syc_msg *msg,
			    size_t n, bool *has_bos, struct syc_buf *out,
			    struct syc_spans *content, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
