/* SPDX-License-Identifier: MIT */
/* The inside of a chat format: a text for each kind of message. */
#ifndef SRC_MODEL_CHAT_H
#define SRC_MODEL_CHAT_H
#include "syc/chat.h"

/* What a format has a text for; syc-chat(5) explains them. */
enum syc_chat_key {
	SYC_CHAT_BEGIN,
	SYC_CHAT_SYSTEM, SYC_CHAT_FIRST_SYSTEM, SYC_CHAT_NO_SYSTEM,
	SYC_CHAT_USER, SYC_CHAT_FIRST_USER, SYC_CHAT_LAST_USER,
	SYC_CHAT_ASSISTANT, SYC_CHAT_LAST_ASSISTANT,
	SYC_CHAT_ANSWER,
	SYC_CHAT_N_KEYS,
};

/* What stands for a placeholder in such a text; all else in it is literal. */
enum syc_chat_mark {
	SYC_MARK_CONTENT = 1, SYC_MARK_SYSTEM, SYC_MARK_BOS, SYC_MARK_EOS,
	SYC_MARK_STRIP, SYC_MARK_UNSTRIP, SYC_MARK_THINKING, SYC_MARK_REPLY,
};
/* The same for writing such texts. */
#define SYC_CHAT_CONTENT   "\1"
#define SYC_CHAT_IN_SYSTEM "\2"	/* the system message, inside a user's text */
#define SYC_CHAT_BOS       "\3"
#define SYC_CHAT_EOS       "\4"
#define SYC_CHAT_STRIP     "\5"	/* up to UNSTRIP: no space at its ends */
#define SYC_CHAT_UNSTRIP   "\6"
#define SYC_CHAT_THINKING  "\7"	/* of a content: what <think> encloses */
#define SYC_CHAT_REPLY     "\x8"	/* of a content: what follows </think> */
#define SYC_CHAT_MARKS     "\1\2\3\4\5\6\7\x8"

struct syc_chat {
	const char *name;
	const char *text[SYC_CHAT_N_KEYS];	/* NULL: none */
	const char *prefix;	/* from ANSWER's text to an answer */
	bool alternate;		/* system?, user, assistant, user, ... */
	char *own;		/* of a format from a file: all its texts */
};

/* As syc_chat_read(), from len bytes; name is for messages. */
int syc_chat_parse(struct syc_chat **out, const char *s, size_t len,
		   const char *name, struct syc_err *err);

#endif
