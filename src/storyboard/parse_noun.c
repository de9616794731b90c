/* parse_noun.c - nouns and places, and the part they take; see parse.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/nature.h"
#include "storyboard/pack.h"
#include "storyboard/parse_impl.h"

/* Kinds that stand before a noun of their own phrase. */
static bool leads_noun(int kind)
{
    return kind == WORD_ARTICLE || kind == WORD_COUNT || kind == WORD_SIZE || kind == WORD_COLOUR ||
           kind == WORD_MOOD || kind == WORD_NOT || kind == PHRASE_POSSESSIVE;
}

bool parse_noun_drawable(const struct phrase *at)
{
    return at && at->noun >= 0 && at->noun != LEXICON_NOTHING;
}

/* Could the phrase at i be the noun that a word before it describes? */
static bool described(const struct parse *p, int i)
{
    const struct phrase *at = parse_at(p, i);
    return at && (parse_noun_drawable(at) || at->kind == WORD_PLACE || at->kind == WORD_INSIDE ||
                  at->kind == WORD_PART || at->kind == WORD_COLOUR || at->kind == WORD_SIZE ||
                  at->kind == WORD_MOOD || at->kind == WORD_NONE || at->kind == WORD_WEATHER ||
                  at->kind == WORD_OUTDOORS);
}

static bool is_indefinite(const struct parse *p, int i)
{
    const struct phrase *at = parse_at(p, i);
    if (!at || at->n_tokens != 1)
        return false;
    const struct text s = p->tokens->token[at->first].s;
    return text_equal(s, TEXT("a")) || text_equal(s, TEXT("an")) ||
           text_equal(s, TEXT("another")) || at->kind == WORD_COUNT;
}

bool parse_noun_is(const struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    if (at->kind == WORD_NOUN)
        return true;
    if (!parse_noun_drawable(at))
        return false;
    const bool led = leads_noun(parse_kind(p, i - 1));
    switch (at->kind) {
    case WORD_COLOUR: /* "an orange on a table" */
    case WORD_SIZE:
        return led && !described(p, i + 1);
    case WORD_MOVE: /* "a fly", "bees fly" */
        if (p->phrases->language != LANGUAGE_EN || at->ending == MORPH_ING ||
            at->ending == MORPH_ED)
            return false;
        return (led && parse_kind(p, i - 1) != WORD_NOT && !described(p, i + 1)) ||
               (at->plural && p->fresh && p->role == ROLE_SUBJECT && parse_verb_follows(p, i));
    case WORD_PART: /* "a feather falls" */
        return p->plan->n_cast == 0 && p->role == ROLE_SUBJECT && is_indefinite(p, i - 1) &&
               parse_verb_follows(p, i);
    default:
        return false;
    }
}

/* "The dog" is the dog that was named before. */
static int named_before(const struct parse *p, int i, int picture)
{
    int k = i - 1;
    while (parse_kind(p, k) == WORD_COLOUR || parse_kind(p, k) == WORD_SIZE ||
           parse_kind(p, k) == WORD_MOOD)
        k--;
    if (is_indefinite(p, k) || p->np.count)
        return PLAN_NOBODY;
    for (int a = 0; a < p->plan->n_cast; a++)
        if (p->plan->cast[a].picture == picture &&
            (!p->np.colour || p->np.colour == p->plan->cast[a].colour))
            return a;
    return PLAN_NOBODY;
}

/* "A crane lifts steel": behind "a crane" stands no plural, but a verb that nobody knows. */
static bool is_strange_verb(const struct parse *p, int i)
{
    const struct phrase *at = parse_at(p, i), *before = parse_at(p, i - 1);
    if (!at || !before || !at->verb || at->ending != MORPH_S || before->kind != WORD_NOUN ||
        before->plural || p->phrases->language != LANGUAGE_EN || at->n_tokens > 1)
        return false;
    int k = i - 2;
    while (parse_kind(p, k) == WORD_COLOUR || parse_kind(p, k) == WORD_SIZE ||
           parse_kind(p, k) == WORD_MOOD || parse_kind(p, k) == WORD_NOUN ||
           parse_kind(p, k) == WORD_NONE)
        k--;
    return is_indefinite(p, k) && parse_kind(p, k) != WORD_COUNT;
}

static int add_actor(struct parse *p, int i)
{
    enum { A_FEW = 3 };
    const struct phrase *at = &p->phrases->at[i];
    const int known = named_before(p, i, at->noun);
    if (known != PLAN_NOBODY)
        return known;
    if (p->plan->n_cast == PLAN_MOST_CAST) {
        parse_unread(p, at);
        return PLAN_NOBODY;
    }
    struct plan_actor *a = &p->plan->cast[p->plan->n_cast];
    *a = (struct plan_actor){.picture = at->noun,
                             .near_picture = -1,
                             .holds = at->holds == LEXICON_NOTHING ? -1 : at->holds,
                             .count = p->np.count  ? p->np.count
                                      : at->plural ? A_FEW
                                                   : 1,
                             .colour = p->np.colour,
                             .size = p->np.size,
                             .where_target = PLAN_NOBODY};
    a->definite = parse_definite(p, i);
    parse_word(p, a->noun, at);
    if (p->held >= 0)
        a->holds = p->held;
    p->held = -1;
    const int index = p->plan->n_cast++;
    if (p->np.move >= 0)
        parse_verb_add(p, index, (enum move)p->np.move, PLAN_NOBODY);
    return index;
}

static void leave_out(struct parse *p, const struct phrase *at)
{
    static const unsigned without[CLASSES] = {[CLASS_PERSON] = WITHOUT_PEOPLE,
                                              [CLASS_ANIMAL] = WITHOUT_ANIMALS,
                                              [CLASS_PLANT] = WITHOUT_PLANTS,
                                              [CLASS_HOUSE] = WITHOUT_HOUSES};
    if (!at->plural)
        return; /* "not a dog" leaves others */
    p->plan->without |= without[at->class];
    p->out->nobody = p->out->nobody || at->class == CLASS_PERSON;
}

/* "robot dog": only the last of the nouns is there. */
static bool describes_next(const struct parse *p, int i)
{
    const struct phrase *next = parse_at(p, i + 1), *owned = parse_at(p, i + 2);
    if (next && next->kind == PHRASE_POSSESSIVE)
        return owned && parse_noun_drawable(owned) &&
               owned->kind != WORD_PART; /* "the witch's cat" */
    const unsigned char first = (unsigned char)p->tokens->token[p->phrases->at[i].first].s.at[0];
    if (!next || p->phrases->language != LANGUAGE_EN || first >= 0xe0 ||
        !p->tokens->token[next->first].gap)
        return false; /* nor are emoji in a row compounds */
    if (next->kind == WORD_PLACE && next->n_tokens == 1 && next->value != PLACE_UNDERWATER &&
        !p->phrases->at[i].plural)
        return true;
    return parse_noun_drawable(next) && !is_strange_verb(p, i + 1) && !p->phrases->at[i].plural &&
           (next->kind == WORD_NOUN || next->kind == WORD_INSIDE);
}

/* Does a word that nobody knows stand between the latest noun and this? It may be a verb. */
static bool behind_unknown(const struct parse *p, int i)
{
    for (int k = p->last_noun + 1; k < i; k++) {
        const struct phrase *at = parse_at(p, k);
        if (at->kind == WORD_NONE || (at->kind == WORD_NOUN && is_strange_verb(p, k)))
            return true;
    }
    return false;
}

/* "and", a comma or nothing before the noun at i: what is it? */
static enum role role_of(const struct parse *p, int i)
{
    if (p->role == ROLE_SKIP)
        return ROLE_SKIP;
    if (p->plan->n_cast == 0 && p->role != ROLE_WHERE)
        return ROLE_SUBJECT;
    if (p->plan->n_cast == 0 && p->where != WHERE_ON && p->where != WHERE_IN)
        return ROLE_SUBJECT; /* "sunset over a castle" */
    if (p->role == ROLE_OBJECT && p->conj && parse_verb_follows(p, i))
        return ROLE_SUBJECT; /* "a dog runs and a cat jumps" */
    if (p->role != ROLE_AFTER)
        return p->role;
    if (!p->conj && behind_unknown(p, i))
        return ROLE_AFTER;
    if (!p->conj || !p->verb_seen)
        return p->last_role == ROLE_SUBJECT || p->conj ? ROLE_SUBJECT : ROLE_OBJECT;
    return parse_verb_follows(p, i) ? ROLE_SUBJECT : p->last_role;
}

void parse_noun(struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    if (!parse_noun_drawable(at) || is_strange_verb(p, i)) {
        if (p->role != ROLE_SKIP)
            parse_unread(p, at);
        p->role = p->role == ROLE_SKIP ? ROLE_AFTER : p->role;
        return;
    }
    if (p->np.not ) {
        leave_out(p, at);
        p->role = ROLE_AFTER;
        p->np.not = false;
        p->left_out = i;
        return;
    }
    if (describes_next(p, i))
        return;
    const enum role role = role_of(p, i);
    p->camera_said = p->camera_waits = false;
    const bool dressed = role == ROLE_WHERE && p->where == WHERE_IN && nature_is_worn(at->noun) &&
                         p->plan->n_cast > 0;
    if (role == ROLE_SKIP || dressed || parse_part_hold(p, at, role)) {
        p->role = ROLE_AFTER;
        parse_clear_np(p);
        return;
    }
    if (role == ROLE_SUBJECT && p->conj && p->verb_seen)
        p->fresh = true;
    const int actor = add_actor(p, i);
    if (actor != PLAN_NOBODY) {
        parse_part_take(p, actor, role, at->class);
        p->last = actor;
        p->last_noun = i;
        p->last_role = role;
    }
    p->conj = p->bare = false;
    p->role = ROLE_AFTER;
    parse_clear_np(p);
}
