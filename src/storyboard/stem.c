/* stem.c - see stem.h. SPDX-License-Identifier: MIT */
#include "storyboard/stem.h"

#include <libstemmer.h>

enum { MOST_BYTES = 64 };

/* tools/lexicon/lexicon.js has the same list. */
static const char *const algorithms[LANGUAGES] = {
    [LANGUAGE_AR] = "arabic",    [LANGUAGE_DA] = "danish",    [LANGUAGE_DE] = "german",
    [LANGUAGE_EN] = "english",   [LANGUAGE_ES] = "spanish",   [LANGUAGE_FI] = "finnish",
    [LANGUAGE_FR] = "french",    [LANGUAGE_HU] = "hungarian", [LANGUAGE_IT] = "italian",
    [LANGUAGE_NB] = "norwegian", [LANGUAGE_NL] = "dutch",     [LANGUAGE_PT] = "portuguese",
    [LANGUAGE_RU] = "russian",   [LANGUAGE_SV] = "swedish",   [LANGUAGE_TR] = "turkish",
};

struct stem *stem_new(enum language l)
{
    return algorithms[l] ? (struct stem *)sb_stemmer_new(algorithms[l], "UTF_8") : NULL;
}

void stem_free(struct stem *s)
{
    sb_stemmer_delete((struct sb_stemmer *)s);
}

struct text stem_word(struct stem *s, struct text word)
{
    struct sb_stemmer *stemmer = (struct sb_stemmer *)s;
    if (!s || word.len == 0 || word.len > MOST_BYTES)
        return word;
    const sb_symbol *stem = sb_stemmer_stem(stemmer, (const sb_symbol *)word.at, (int)word.len);
    return stem ? (struct text){(const char *)stem, (size_t)sb_stemmer_length(stemmer)} : word;
}
