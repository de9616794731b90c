/* stem.h - stems of words by libstemmer ("Hunde" and "Hund" are one).
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/scope.h"
#include "base/text.h"
#include "storyboard/lexicon.h"

/* NULL for a language that has no stemmer, and where there is no memory for one. */
struct stem *stem_new(enum language l);
void stem_free(struct stem *s);
SCOPED_FREE(stem)

/* Valid until the next call; the word itself when s is NULL. */
struct text stem_word(struct stem *s, struct text word);
