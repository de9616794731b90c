/* morph.c - see morph.h. SPDX-License-Identifier: MIT */
#include "storyboard/morph.h"

#include <string.h>

static const struct rule {
    const char *ending, *plain;
    enum morph_ending is;
} rules[] = {
    {"ies", "y", MORPH_S},  {"ves", "f", MORPH_S},  {"ves", "fe", MORPH_S}, {"men", "man", MORPH_S},
    {"s", "", MORPH_S},     {"es", "", MORPH_S},    {"ing", "", MORPH_ING}, {"ing", "e", MORPH_ING},
    {"ying", "ie", MORPH_ING}, {"ied", "y", MORPH_ED}, {"ed", "", MORPH_ED}, {"ed", "e", MORPH_ED},
};

static bool ends(struct text word, const char *ending, size_t n)
{
    return word.len >= n + 2 && memcmp(word.at + word.len - n, ending, n) == 0;
}

static int add(struct morph_form *out, struct text stem, const char *more, enum morph_ending is)
{
    const size_t n = strlen(more);
    if (stem.len + n + 1 > MORPH_SIZE)
        return 0;
    memcpy(out->at, stem.at, stem.len);
    memcpy(out->at + stem.len, more, n);
    out->len = stem.len + n;
    out->ending = is;
    return 1;
}

int morph_forms(struct morph_form out[MORPH_MOST], struct text word)
{
    int n = 0;
    if (word.len == 0 || (word.at[word.len - 1] & 0x80))
        return 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && n < MORPH_MOST; i++) {
        const struct rule *r = &rules[i];
        const size_t cut = strlen(r->ending);
        if (!ends(word, r->ending, cut))
            continue;
        const struct text stem = {word.at, word.len - cut};
        n += add(&out[n], stem, r->plain, r->is);
        /* "running": the consonant was doubled. */
        const bool doubled = r->is != MORPH_S && r->plain[0] == '\0' && stem.len > 2 &&
                             stem.at[stem.len - 1] == stem.at[stem.len - 2];
        if (doubled && n < MORPH_MOST)
            n += add(&out[n], (struct text){stem.at, stem.len - 1}, "", r->is);
    }
    return n;
}
