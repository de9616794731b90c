/* sense.h - which of its senses a word has here, by the words around it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/lexicon.h"
#include "storyboard/token.h"

enum { SENSE_SLOTS = 8192 };

/* The stems of all words of a prompt, and the language it is in. */
struct sense_context {
    enum language language;
    struct stem *english;
    uint32_t slots[SENSE_SLOTS]; /* hashes, open addressing; 0: free */
};

/* Votes on the language and remembers the words. */
void sense_context_read(struct sense_context *c, const struct token_list *t);
void sense_context_fini(struct sense_context *c);

/* May a sense of language l be meant by these bytes? Latin letters belong to the prompt's
 * language or to English; what another script writes may be of any language. */
bool sense_allowed(const struct sense_context *c, enum language l, struct text bytes);

/* The likeliest noun of a word written as key: an index for lexicon_sense, or -1. */
int sense_choose(const struct sense_context *c, const struct lexicon_word *w, struct text key);
