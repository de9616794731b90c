/* parse_verb.c - what somebody does, and to whom; see parse.h. SPDX-License-Identifier: MIT */
#include "storyboard/parse_impl.h"

void parse_verb_add(struct parse *p, int actor, enum move move, int target)
{
    struct parse_result *r = p->out;
    int beat = p->beat, n = 0;
    const struct parse_step *latest = NULL;
    for (int i = 0; i < r->n_steps; i++) {
        if (r->steps[i].actor != actor)
            continue;
        n++;
        latest = &r->steps[i];
        if (latest->beat >= beat)
            beat = latest->beat + 1; /* what one does, one does one after another */
    }
    if (latest && latest->move == move && latest->target == target)
        return;
    if (n < PLAN_MOST_MOVES && r->n_steps < PARSE_MOST_STEPS)
        r->steps[r->n_steps++] =
            (struct parse_step){.actor = actor, .move = move, .target = target, .beat = beat};
}

/* "rushes toward the camera" is one move: the verb gives way. */
void parse_verb_to_camera(struct parse *p, enum move move)
{
    struct parse_result *r = p->out;
    if (!p->subjects) {
        if (p->n_early > 0 && p->verb_seen)
            p->n_early--;
        if (p->n_early < PLAN_MOST_MOVES)
            p->early[p->n_early++] = move;
        return;
    }
    bool replaced = false;
    for (int i = p->first_step; i < r->n_steps && p->verb_seen; i++) {
        r->steps[i].move = move;
        r->steps[i].target = PLAN_NOBODY;
        replaced = true;
    }
    for (int a = 0; a < p->plan->n_cast && !replaced; a++)
        if (p->subjects & 1U << a)
            parse_verb_add(p, a, move, PLAN_NOBODY);
    p->role = ROLE_AFTER;
}

bool parse_verb_follows(const struct parse *p, int i)
{
    enum { REACH = 8 };
    for (int k = i + 1; k <= i + REACH; k++) {
        const int kind = parse_kind(p, k);
        if (kind == WORD_MOVE || kind == WORD_RIDE)
            return true;
        if (kind == PHRASE_STOP || kind == PHRASE_COMMA || kind == WORD_THEN ||
            kind == WORD_WHILE || kind == WORD_AND)
            return false;
    }
    return false;
}

/* "a running horse": the verb stands in the noun's place. */
static bool is_participle(const struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    const int before = parse_kind(p, i - 1);
    const bool starts = before == WORD_ARTICLE || before == WORD_COUNT || before == WORD_SIZE ||
                        before == WORD_COLOUR || before == WORD_MOOD || before == PHRASE_STOP;
    if ((at->ending != MORPH_ING && at->ending != MORPH_ED) || !starts)
        return false;
    int k = i + 1;
    while (parse_kind(p, k) == WORD_COLOUR || parse_kind(p, k) == WORD_SIZE ||
           parse_kind(p, k) == WORD_MOOD)
        k++;
    const struct phrase *noun = parse_at(p, k);
    return noun && noun->noun >= 0 && noun->noun != LEXICON_NOTHING;
}

/* "with a vintage look" */
static bool is_thing(const struct parse *p, int i)
{
    const int before = parse_kind(p, i - 1);
    return p->phrases->at[i].ending == MORPH_PLAIN && p->phrases->language == LANGUAGE_EN &&
           (before == WORD_ARTICLE || before == WORD_MOOD || before == WORD_SIZE);
}

/* "is chased by" */
static bool is_passive(const struct parse *p, int i)
{
    const struct phrase *by = parse_at(p, i + 1);
    if (!by || (parse_kind(p, i - 1) != WORD_BE && p->phrases->at[i].ending != MORPH_ED))
        return false;
    return by->kind == WORD_AGENT ||
           (by->n_tokens == 1 && text_equal(p->tokens->token[by->first].s, TEXT("by")));
}

/* A verb that hangs on the noun before it, which is no subject: "watches a bird flying". */
static void take_subject(struct parse *p, int i)
{
    const bool hangs = p->role == ROLE_AFTER && p->last != PLAN_NOBODY &&
                       p->last_role != ROLE_SUBJECT && p->last_role != ROLE_AFTER &&
                       parse_at(p, i - 1)->noun >= 0 && p->phrases->at[i].ending == MORPH_ING;
    if (hangs && !(p->led & 1U << p->last))
        p->subjects = 1U << p->last;
}

static int first_subject(const struct parse *p)
{
    for (int a = 0; a < p->plan->n_cast; a++)
        if (p->subjects & 1U << a && a != p->object)
            return a;
    return PLAN_NOBODY;
}

static void do_it(struct parse *p, enum move move)
{
    const int target = p->object;
    p->first_step = p->out->n_steps;
    if (!p->subjects) {
        if (p->n_early < PLAN_MOST_MOVES)
            p->early[p->n_early++] = move;
        return;
    }
    for (int a = 0; a < p->plan->n_cast; a++)
        if (p->subjects & 1U << a && a != target)
            parse_verb_add(p, a, move, target);
    if (move == MOVE_CHASE && target != PLAN_NOBODY)
        parse_verb_add(p, target, MOVE_FLEE, first_subject(p));
}

void parse_verb(struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    const enum move move = at->kind == WORD_RIDE ? MOVE_RUN : (enum move)at->value;
    if (p->np.not || p->camera_waits || (p->bare && p->fresh) || is_thing(p, i)) {
        p->np.not = false;
        return; /* "not running"; the camera's verb; "the rain falls"; no verb */
    }
    if (is_participle(p, i)) {
        p->np.move = (int)move;
        return;
    }
    if (is_passive(p, i) && p->subjects) {
        p->passive = move;
        p->verb_seen = true;
        return;
    }
    take_subject(p, i);
    do_it(p, move);
    if (at->kind == WORD_RIDE)
        p->riders |= p->subjects;
    p->verb_seen = true;
    p->conj = false;
    p->object = PLAN_NOBODY;
    p->role = at->kind == WORD_RIDE ? ROLE_RIDE : ROLE_OBJECT;
    parse_clear_np(p);
}
