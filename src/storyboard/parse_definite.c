/* parse_definite.c - "the dog" or "a dog"; see parse.h.
 *
 * A definite noun is one that a definite article, a demonstrative or the owner's name leads; what
 * is "its" is as definite as whom it belongs to. In languages whose nouns have no such words, or
 * carry them as an ending, no noun is.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/parse_impl.h"

/* Words of the list of those that say nothing, but end the phrase of a noun: "the top of houses".
 */
static bool parts(const struct parse *p, const struct phrase *at)
{
    static const char *const words[] = {"of", "to", "from", "de", "di"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(p->tokens->token[at->first].s, text_of(words[i])))
            return true;
    return false;
}

static bool describes(const struct phrase *at)
{
    return at->kind == WORD_COLOUR || at->kind == WORD_SIZE || at->kind == WORD_MOOD;
}

/* May it stand between an article and its noun? unknown: a word that nobody knows does already. */
static bool stands_between(const struct parse *p, int i, bool unknown)
{
    const struct phrase *at = parse_at(p, i), *before = parse_at(p, i - 1);
    switch (at->kind) {
    case WORD_COUNT:
    case WORD_NONE:
    case PHRASE_POSSESSIVE: /* "the witch's cat" */
        return true;
    case WORD_STOP: /* "the old man" */
        return !parts(p, at);
    case WORD_MOVE: /* "the running dog" */
        return at->ending == MORPH_ING || at->ending == MORPH_ED;
    case WORD_NOUN: /* "the robot dog"; in "the girl strokes dogs" a verb is between */
        return !unknown;
    case PHRASE_COMMA: /* "the big, red dog" */
        return before && describes(before);
    default:
        return describes(at);
    }
}

/* "الكلب": the Arabic article is a part of the word. */
static bool is_arabic_definite(const struct parse *p, int i)
{
    const struct phrase *at = parse_at(p, i);
    return p->phrases->language == LANGUAGE_AR &&
           text_starts(p->tokens->token[at->first].s, TEXT("ال"));
}

static bool owner_is_definite(const struct parse *p)
{
    const int owner = parse_current(p);
    return owner == PLAN_NOBODY || p->plan->cast[owner].definite;
}

bool parse_definite(const struct parse *p, int i)
{
    enum { REACH = 6 };
    bool unknown = false;
    if (is_arabic_definite(p, i))
        return true;
    for (int k = i - 1; k >= 0 && k >= i - REACH; k--) {
        const struct phrase *at = parse_at(p, k);
        if (at->kind == WORD_ARTICLE || at->kind == WORD_RELATIVE)
            return at->value == ARTICLE_DEFINITE ||
                   (at->value == ARTICLE_THEIRS && owner_is_definite(p));
        if (!stands_between(p, k, unknown))
            return at->kind == WORD_PRONOUN && at->n_tokens > 1; /* "the two men" */
        unknown = unknown || at->kind == WORD_NONE;
    }
    return false;
}
