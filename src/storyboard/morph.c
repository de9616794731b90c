/* morph.c - see morph.h. SPDX-License-Identifier: MIT */
#include "storyboard/morph.h"

#include <stdbool.h>
#include <string.h>

static const struct rule {
    const char *ending, *plain;
    enum morph_ending is;
} rules[] = {
    {"ies", "y", MORPH_S},   {"ves", "f", MORPH_S},   {"ves", "fe", MORPH_S},
    {"men", "man", MORPH_S}, {"s", "", MORPH_S},      {"es", "", MORPH_S},
    {"ing", "", MORPH_ING},  {"ing", "e", MORPH_ING}, {"ying", "ie", MORPH_ING},
    {"ied", "y", MORPH_ED},  {"ed", "", MORPH_ED},    {"ed", "e", MORPH_ED},
};

static bool ends(struct text word, const char *ending, size_t n)
{
    return word.len >= n + 2 && memcmp(word.at + word.len - n, ending, n) == 0;
}

/* "boxes", but not "bees". */
static bool hisses(struct text stem)
{
    const char last = stem.at[stem.len - 1], before = stem.at[stem.len - 2];
    return last == 's' || last == 'x' || last == 'z' || last == 'o' ||
           (last == 'h' && (before == 'c' || before == 's'));
}

/* The form at out, when there is room for it: 0 or 1. */
static int add(struct morph_form out[MORPH_MOST], int at, struct text stem, const struct rule *r)
{
    const size_t n = strlen(r->plain);
    if (at >= MORPH_MOST || stem.len + n + 1 > MORPH_SIZE)
        return 0;
    struct morph_form *form = &out[at];
    memcpy(form->at, stem.at, stem.len);
    memcpy(form->at + stem.len, r->plain, n);
    form->len = stem.len + n;
    form->ending = r->is;
    return 1;
}

int morph_forms(struct morph_form out[MORPH_MOST], struct text word)
{
    int n = 0;
    if (word.len == 0 || (word.at[word.len - 1] & 0x80))
        return 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        const size_t cut = strlen(r->ending);
        if (!ends(word, r->ending, cut))
            continue;
        const struct text stem = {word.at, word.len - cut};
        if (strcmp(r->ending, "es") == 0 && !hisses(stem))
            continue;
        n += add(out, n, stem, r);
        /* "running": the consonant was doubled. */
        const bool doubled = r->is != MORPH_S && r->plain[0] == '\0' && stem.len > 2 &&
                             stem.at[stem.len - 1] == stem.at[stem.len - 2];
        if (doubled)
            n += add(out, n, (struct text){stem.at, stem.len - 1}, r);
    }
    return n;
}
