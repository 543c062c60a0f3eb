/* SPDX-License-Identifier: MIT */
/* Prompts that have nothing to do with views. */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "syc/questions.h"

static const char *const prompts[] = {
	"Write a short poem about the sea.",
	"How do I boil an egg so that the yolk stays soft?",
	"List three things to pack for a day in the mountains.",
	"Explain in two sentences how a bicycle stays upright.",
	"What is the difference between a lake and a pond?",
	"Write a polite message that moves a meeting to Thursday.",
	"Give me a name for a small bakery, and say why it fits.",
	"How many days are there in a leap year, and why?",
	"Describe a rainy street in the evening.",
	"What can I cook from rice, tomatoes and two eggs?",
	"Translate into French: The train leaves at nine.",
	"Tell a story about a lost key in four sentences.",
	"What does the word 'nocturnal' mean?",
	"How do I write a for loop in Python?",
	"Name the planets in order of their distance from the sun.",
	"Give three tips for falling asleep earlier.",
};

int syc_unrelated_prompts(struct syc_buf *out, struct syc_err *err)
{
	for (size_t i = 0; i < sizeof(prompts) / sizeof(*prompts); i++) {
		syc_buf_printf(out, "{\"id\": \"unrelated-%02zu\", \"question\": ", i);
		syc_buf_json(out, prompts[i], strlen(prompts[i]));
		syc_buf_puts(out, "}\n");
	}
	return out->failed ? syc_nomem(err) : 0;
}
