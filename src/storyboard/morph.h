/* morph.h - the plain forms that an English word may come from.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"

enum { MORPH_MOST = 8, MORPH_SIZE = 48 };

enum morph_ending {
    MORPH_PLAIN,
    MORPH_S, /* a plural, or "he runs" */
    MORPH_ING,
    MORPH_ED,
};

struct morph_form {
    enum morph_ending ending;
    size_t len;
    char at[MORPH_SIZE];
};

/* Of "flies": "flie", "fly". Returns how many, the likeliest first; the word itself is not among
 * them. */
int morph_forms(struct morph_form out[MORPH_MOST], struct text word);
