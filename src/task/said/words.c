/* SPDX-License-Identifier: MIT */
/* The words that the rules of labels by choice know. */
#include "config.h"
#include "task/said/said.h"

const char *const syc_said_leads[] = {
	"the correct answer is", "the correct answer would be", "the right answer is",
	"the best answer is", "the final answer is", "the answer is", "the answer would be",
	"the answer", "the correct choice is", "the correct option is", "the best choice is",
	"the best option is", "the better answer is", "the better choice is",
	"the better option is", "the choice is", "correct answer", "final answer", "best answer",
	"my final answer is", "my answer is", "my answer would be", "my answer", "my choice is",
	"my choice would be", "my choice", "answer is", "answer",
	"i would choose", "i'd choose", "i will choose", "i'll choose", "i choose", "i chose",
	"i would pick", "i'd pick", "i'll pick", "i pick", "i would select", "i'd select",
	"i select", "i would go with", "i'd go with", "i will go with", "i'll go with",
	"i go with", "i am going with", "i'm going with", "going with", "i would answer",
	"i answer",
	"i would say", "i'd say", "i have to say", "i say", "i think", "i believe", "i feel",
	"i would rather have", "i'd rather have", "i would prefer to have",
	"i would prefer", "i'd prefer", "i prefer",
	"i vote for", "i would", "i'd", "i must", "i do", "i", "we",
	"agree with", "have to", "must",
	"in my opinion", "in my view", "it would be", "it is", "it's", "it has to be",
	"response", "the response is", "la r\xc3\xa9ponse est", "r\xc3\xa9ponse",
	"die antwort ist", "antwort", "la respuesta es", "respuesta",
	"\\boxed", NULL
};
const char *const syc_said_fillers[] = {
	"strongly", "completely", "fully", "totally", "wholeheartedly", "absolutely",
	"respectfully", "generally", "also", "in conclusion", "personally", "definitely",
	"certainly", "probably", "overall", "that would be", "that is", "that's", "that",
	"would be", "is", "sure", "well", "okay", "ok", "hmm", "yes", "so", "therefore",
	"thus", "hence", "but", "and", "\\text", NULL
};
const char *const syc_said_options[] = {
	"the option", "option", "the choice", "choice", "the letter", "letter", NULL
};
const char *const syc_said_reasons[] = {
	"because", "since", "as", "is", "and", "but", "for", "over", "due", "given",
	"it", "or", "here", "based", NULL
};
const char *const syc_said_joints[] = {
	"and/or", "as well as", "or", "and", "nor", NULL
};
const char *const syc_said_not[] = {
	"not", "never", "neither", "nor", "cannot", "cant", "dont", "without", NULL
};
const char *const syc_said_than[] = {
	"than", "over", "instead of", "opposed to", "unlike", NULL
};
const char *const syc_said_is_not[] = {
	"is not", "isn't", "is wrong", "is worse", "is incorrect", "is false", "is the wrong",
	"is a wrong", "is an incorrect", "is the incorrect", "would be wrong",
	"would be incorrect", NULL
};
const char *const syc_said_hedges[] = {
	"if", "only if", "partially", "partly", "somewhat", "in part", "to some extent",
	"to a certain extent", "to an extent", NULL
};
const char *const syc_said_about[] = {
	"is", "are", "was", "were", "refers", "means", "holds", "has", "have", NULL
};
const char *const syc_said_is_right[] = {
	"is right", "is correct", "is true", "is best", "is better", "is the best",
	"is the better", "is the answer", "is the right", "is the correct", "is my answer",
	"is my choice", "is my final", NULL
};
const char *const syc_said_small[] = {
	"a", "all", "an", "any", "at", "both", "few", "it", "less", "lot", "many", "more",
	"most", "no", "none", "not", "of", "some", "the", "true", "false", NULL
};
