/* vocabulary.h - the words that mean something other than a thing to be drawn.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum word_kind {
    WORD_NONE,
    WORD_PLACE,   /* value: enum place             */
    WORD_TIME,    /* enum time_of_day              */
    WORD_WEATHER, /* enum weather                  */
    WORD_MOOD,    /* enum mood                     */
    WORD_MOVE,    /* enum move                     */
    WORD_TOWARD,  /* "toward the camera"           */
    WORD_SHOT,    /* enum shot, wherever it stands */
    WORD_LENS,    /* enum shot, when the sentence speaks of the camera */
    WORD_CAMERA,  /* the camera itself             */
    WORD_COLOUR,  /* enum colour                   */
    WORD_TALLEST, /* one summit stands out         */
    WORD_PREP,    /* a noun behind it is not the actor */
    WORD_BREAK,   /* "then": a new sentence begins */
    WORD_PART,    /* a part of a thing: "jaws"     */
    WORD_STOP,    /* says nothing: "the"           */
};

struct word {
    enum word_kind kind;
    int value;
    int n_tokens; /* how many words of the prompt it took */
};

/* The longest entry that the tokens begin with. Tokens are lower case. A plural or a verb's
 * ending does not matter. about_camera: the sentence speaks of the camera, so that WORD_LENS
 * counts, and goes before equally long entries. kind WORD_NONE when there is none. */
struct word vocabulary_find(const struct text *tokens, int n_tokens, bool about_camera);

/* A camera command of the contract, English in any case, or Chinese; -1 when it is none. */
int vocabulary_command(struct text s);

/* Does token say word, but for a plain English ending? */
bool vocabulary_same(struct text token, struct text word);
