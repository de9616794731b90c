/* phrase.h - the tokens of a prompt gathered to phrases that the lexicon knows, the longest at
 * each place, with what each may mean.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/lexicon.h"
#include "storyboard/morph.h"
#include "storyboard/token.h"

enum { PHRASE_MOST = TOKEN_MOST, PHRASE_STOP = WORD_KINDS, PHRASE_COMMA, PHRASE_POSSESSIVE };

/* What a stretch of the prompt may mean; more than one of kind, noun, lens and leave may be set,
 * and the grammar decides. */
struct phrase {
    int kind;  /* enum word_kind or PHRASE_STOP, _COMMA, _POSSESSIVE; WORD_NONE: nobody knows it */
    int value; /* of kind */
    int noun;  /* a picture, LEXICON_NOTHING when nothing can be drawn, or -1 */
    int holds; /* with noun: a picture or LEXICON_NOTHING */
    enum noun_class class;
    int lens;  /* enum shot when the sentence speaks of the camera; -1 */
    int leave; /* enum without behind "no"; 0 */
    bool plural;
    bool verb; /* may be a verb as well */
    enum morph_ending ending;
    enum language language; /* of kind */
    int first, n_tokens;
};

struct phrase_list {
    enum language language;
    int n;
    struct phrase at[PHRASE_MOST];
};

struct phrase_list *phrase_list_new(const struct token_list *t);
void phrase_list_free(struct phrase_list *p);
SCOPED_FREE(phrase_list)
