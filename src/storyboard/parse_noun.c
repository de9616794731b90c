/* parse_noun.c - nouns and places, and the part they take; see parse.h.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "storyboard/nature.h"
#include "storyboard/pack.h"
#include "storyboard/parse_impl.h"

/* Kinds that stand before a noun of their own phrase. */
static bool leads_noun(int kind)
{
    return kind == WORD_ARTICLE || kind == WORD_COUNT || kind == WORD_SIZE || kind == WORD_COLOUR ||
           kind == WORD_MOOD || kind == WORD_NOT || kind == PHRASE_POSSESSIVE;
}

static bool drawable(const struct phrase *at)
{
    return at && at->noun >= 0 && at->noun != LEXICON_NOTHING;
}

/* Could the phrase at i be the noun that a word before it describes? */
static bool described(const struct parse *p, int i)
{
    const struct phrase *at = parse_at(p, i);
    return at && (drawable(at) || at->kind == WORD_PLACE || at->kind == WORD_INSIDE ||
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

bool parse_is_noun(const struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    if (at->kind == WORD_NOUN)
        return true;
    if (!drawable(at))
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
    parse_word(p, a->noun, at);
    const int index = p->plan->n_cast++;
    if (p->np.move >= 0)
        parse_add_step(p, index, (enum move)p->np.move, PLAN_NOBODY);
    return index;
}

/* What was said before anybody was there. */
static void give_waiting(struct parse *p, int actor)
{
    struct plan_actor *a = &p->plan->cast[actor];
    if (p->waiting_where != WHERE_FREE && p->waiting_target != actor) {
        a->where = p->waiting_where;
        a->where_target = p->waiting_target;
    }
    p->waiting_where = WHERE_FREE;
    p->waiting_target = PLAN_NOBODY;
    for (int i = 0; i < p->n_early; i++)
        parse_add_step(p, actor, p->early[i], PLAN_NOBODY);
    p->n_early = 0;
}

static void be_subject(struct parse *p, int actor)
{
    p->before = p->fresh ? 0 : p->subjects;
    if (p->fresh || !p->conj)
        p->subjects = 0;
    p->subjects |= 1U << actor;
    p->led &= ~(1U << actor);
    p->fresh = false;
    give_waiting(p, actor);
}

/* "A horse gallops over the prairie" stays on the ground. */
static bool treads(const struct parse *p, int actor)
{
    const struct parse_result *r = p->out;
    for (int i = r->n_steps - 1; i >= 0; i--)
        if (r->steps[i].actor == actor)
            return r->steps[i].move == MOVE_WALK || r->steps[i].move == MOVE_RUN ||
                   r->steps[i].move == MOVE_GALLOP || r->steps[i].move == MOVE_SWIM;
    return false;
}

/* Does this verb do something to its object, or go somewhere by it? */
static bool takes_target(enum move m)
{
    return m == MOVE_CHASE || m == MOVE_FLEE || m == MOVE_CIRCLE || m == MOVE_LOOK ||
           m == MOVE_APPROACH;
}

/* The steps of the latest verb get their target. */
static void be_target(struct parse *p, int actor)
{
    struct parse_result *r = p->out;
    const int n = r->n_steps;
    int chaser = PLAN_NOBODY;
    for (int i = p->first_step; i < n; i++) {
        if (r->steps[i].actor == actor || !takes_target(r->steps[i].move))
            continue;
        r->steps[i].target = actor;
        if (r->steps[i].move == MOVE_CHASE)
            chaser = r->steps[i].actor;
    }
    if (chaser != PLAN_NOBODY && !(p->subjects & 1U << actor))
        parse_add_step(p, actor, MOVE_FLEE, chaser);
}

static void be_beside(struct parse *p, int actor, int of)
{
    struct plan_actor *a = &p->plan->cast[actor];
    if (of != PLAN_NOBODY && of != actor && a->where == WHERE_FREE &&
        p->plan->cast[of].where_target != actor) {
        a->where = WHERE_BESIDE;
        a->where_target = of;
    }
}

/* Changes the latest verb, or begins one. */
static void go(struct parse *p, enum move move, int target)
{
    struct parse_result *r = p->out;
    bool changed = false;
    for (int i = p->first_step; i < r->n_steps && p->verb_seen; i++) {
        r->steps[i].move = move;
        r->steps[i].target = target;
        changed = true;
    }
    for (int a = 0; a < p->plan->n_cast && !changed; a++)
        if (p->subjects & 1U << a && a != target)
            parse_add_step(p, a, move, target);
}

/* Its rider's steps become its own when the reading ends. */
static void be_ridden(struct parse *p, int actor)
{
    for (int a = 0; a < p->plan->n_cast; a++)
        if (p->subjects & 1U << a && a != actor) {
            p->plan->cast[a].where = WHERE_ON;
            p->plan->cast[a].where_target = actor;
        }
}

/* Of whom it is said to fly what has no wings of its own. */
static bool flies_no_wings(const struct parse *p)
{
    if (p->first_step >= p->out->n_steps)
        return false;
    const struct parse_step *s = &p->out->steps[p->first_step];
    const enum nature n = nature_of(p->plan->cast[s->actor].picture).nature;
    return s->move == MOVE_FLY && (n == NATURE_WALKER || n == NATURE_HEAD || n == NATURE_THING);
}

/* "A boy flies a kite" stands and holds it. */
static void fly_it(struct parse *p)
{
    for (int i = p->first_step; i < p->out->n_steps; i++)
        p->out->steps[i].move = MOVE_STAND;
}

static void be_object(struct parse *p, int actor, enum noun_class class)
{
    const struct parse_result *r = p->out;
    const bool moves = p->first_step < r->n_steps;
    const enum move m = moves ? r->steps[p->first_step].move : MOVE_STAND;
    const bool steers = m == MOVE_RUN || m == MOVE_SWIM || m == MOVE_FLY || m == MOVE_WALK;
    if (m == MOVE_RECEDE)
        go(p, MOVE_FLEE, actor);
    else if (takes_target(m))
        be_target(p, actor);
    else if (steers && class == CLASS_VEHICLE)
        be_ridden(p, actor);
    else
        be_beside(p, actor, parse_current(p));
}

static void be_where(struct parse *p, int actor, int of)
{
    if (p->where == WHERE_ABOVE && of != PLAN_NOBODY && treads(p, of))
        p->where = WHERE_ON;
    if (of == PLAN_NOBODY) {
        p->waiting_where = p->where;
        p->waiting_target = actor;
    } else if (of != actor) {
        p->plan->cast[of].where = p->where;
        p->plan->cast[of].where_target = actor;
    }
    if (!(p->subjects & 1U << actor) && of != actor)
        p->led |= 1U << actor;
}

static void be_agent(struct parse *p, int actor)
{
    const int sufferer = parse_current(p);
    parse_add_step(p, actor, p->passive, sufferer);
    if (p->passive == MOVE_CHASE && sufferer != PLAN_NOBODY && sufferer != actor)
        parse_add_step(p, sufferer, MOVE_FLEE, actor);
    p->passive = MOVE_STAND;
}

/* Something small that a body carries, and no companion. */
static bool carry(struct parse *p, const struct phrase *at)
{
    const int by = parse_current(p);
    const enum nature n = nature_of(at->noun).nature;
    if (by == PLAN_NOBODY || at->class == CLASS_PERSON || at->class == CLASS_ANIMAL ||
        at->class == CLASS_HOUSE || n == NATURE_VEHICLE || n == NATURE_BOAT || n == NATURE_CRAFT)
        return false;
    if (p->plan->cast[by].holds < 0)
        p->plan->cast[by].holds = at->noun;
    return true;
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
        return owned && drawable(owned) && owned->kind != WORD_PART; /* "the witch's cat" */
    const unsigned char first = (unsigned char)p->tokens->token[p->phrases->at[i].first].s.at[0];
    if (!next || p->phrases->language != LANGUAGE_EN || first >= 0xe0 ||
        !p->tokens->token[next->first].gap)
        return false; /* nor are emoji in a row compounds */
    if (next->kind == WORD_PLACE && next->n_tokens == 1 && next->value != PLACE_UNDERWATER &&
        !p->phrases->at[i].plural)
        return true;
    return drawable(next) && !is_strange_verb(p, i + 1) && !p->phrases->at[i].plural &&
           (next->kind == WORD_NOUN || next->kind == WORD_INSIDE);
}

/* What the role of a noun changes. Behind a verb that was no verb of ours it is an object. */
static void take_part(struct parse *p, int actor, enum role role, enum noun_class class)
{
    switch (role) {
    case ROLE_SUBJECT:
        be_subject(p, actor);
        break;
    case ROLE_WHERE:
        be_where(p, actor, p->anchor);
        break;
    case ROLE_TOWARD:
        go(p, MOVE_APPROACH, actor);
        break;
    case ROLE_AWAY:
        go(p, MOVE_FLEE, actor);
        break;
    case ROLE_AGENT:
        be_agent(p, actor);
        break;
    case ROLE_RIDE:
        be_ridden(p, actor);
        break;
    case ROLE_OBJECT:
        be_object(p, actor, class);
        break;
    default:
        be_beside(p, actor, parse_current(p));
        break;
    }
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
    if (!drawable(at) || is_strange_verb(p, i)) {
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
    const bool flown = role == ROLE_OBJECT && flies_no_wings(p) && carry(p, at);
    if (flown)
        fly_it(p);
    if (role == ROLE_SKIP || dressed || flown ||
        ((role == ROLE_HOLD || role == ROLE_PLAY_ON) && carry(p, at))) {
        p->role = ROLE_AFTER;
        parse_clear_np(p);
        return;
    }
    if (role == ROLE_SUBJECT && p->conj && p->verb_seen)
        p->fresh = true;
    const int actor = add_actor(p, i);
    if (actor != PLAN_NOBODY) {
        take_part(p, actor, role, at->class);
        p->last = actor;
        p->last_noun = i;
        p->last_role = role;
    }
    p->conj = p->bare = false;
    p->role = ROLE_AFTER;
    parse_clear_np(p);
}

/* Does a place do something that only an actor can? */
static bool place_acts(const struct parse *p, int i)
{
    const struct phrase *verb = parse_at(p, i + 1);
    if (!drawable(&p->phrases->at[i]) || !verb || verb->kind != WORD_MOVE ||
        (p->role != ROLE_SUBJECT && p->role != ROLE_AFTER))
        return false;
    const enum move m = (enum move)verb->value;
    return m == MOVE_EXPLODE || m == MOVE_SHAKE || m == MOVE_GROW || m == MOVE_SHRINK ||
           m == MOVE_SPIN || m == MOVE_VANISH || m == MOVE_FLY || m == MOVE_FLOAT;
}

void parse_place(struct parse *p, int i)
{
    enum { BARE = 1, LED = 2 };
    const struct phrase *at = &p->phrases->at[i];
    const bool in = p->role == ROLE_WHERE && p->where == WHERE_IN;
    const bool on = p->role == ROLE_WHERE && p->where == WHERE_ON;
    const bool inside = in || (on && (at->kind == WORD_PLACE || at->value == PLACE_STAGE));
    const struct phrase *next = parse_at(p, i + 1);
    const bool describes = next && (next->kind == WORD_PLACE || drawable(next)) &&
                           next->kind != WORD_MOVE && p->tokens->token[next->first].gap;
    if (p->np.not ) {
        p->plan->without |= at->kind == WORD_INSIDE ? WITHOUT_HOUSES : 0U;
        return;
    }
    if (at->kind == WORD_INSIDE && !inside) {
        if (drawable(at))
            parse_noun(p, i);
        return;
    }
    if (describes && at->kind == WORD_INSIDE)
        return; /* "in a castle garden" */
    if (p->np.empty && p->plan->n_cast == 0)
        p->out->nobody = true;
    if (p->np.empty)
        p->plan->without |= WITHOUT_PEOPLE;
    if (describes) {
        parse_set_place(p, (enum place)at->value, BARE);
        return;
    }
    parse_set_place(p, (enum place)at->value, inside ? LED + 1 : LED);
    if (place_acts(p, i)) {
        parse_noun(p, i);
        return;
    }
    const int current = p->anchor;
    if (p->role == ROLE_WHERE && !inside && p->where != WHERE_BESIDE && current != PLAN_NOBODY &&
        !(p->where == WHERE_ABOVE && treads(p, current))) {
        p->plan->cast[current].where = p->where;
        p->plan->cast[current].where_target = PLAN_NOBODY;
    }
    p->bare = p->bare || (p->role == ROLE_SUBJECT && p->fresh);
    p->role = ROLE_AFTER;
    p->last_role = ROLE_WHERE;
    parse_clear_np(p);
}
