/* parse_place.c - places, and what is said of them; see parse.h. SPDX-License-Identifier: MIT */
#include "storyboard/parse_impl.h"

/* Does a place do something that only an actor can? */
static bool place_acts(const struct parse *p, int i)
{
    const struct phrase *verb = parse_at(p, i + 1);
    if (!parse_noun_drawable(&p->phrases->at[i]) || !verb || verb->kind != WORD_MOVE ||
        (p->role != ROLE_SUBJECT && p->role != ROLE_AFTER))
        return false;
    const enum move m = (enum move)verb->value;
    return (m == MOVE_EXPLODE && p->phrases->at[i].value != PLACE_VOLCANO) || m == MOVE_SHAKE ||
           m == MOVE_GROW || m == MOVE_SHRINK || m == MOVE_SPIN || m == MOVE_VANISH ||
           m == MOVE_FLY || m == MOVE_FLOAT;
}

/* Something that a wider place is named for around it: "a waterfall in the jungle". */
static bool is_landmark(const struct phrase *at)
{
    return at->kind == WORD_PLACE && (at->value == PLACE_WATERFALL || at->value == PLACE_VOLCANO);
}

static bool is_bamboo(const struct parse *p, const struct phrase *at)
{
    static const char *const words[] = {"bamboo", "bambus", "bambou", "bambú",
                                        "bambu",  "bambù",  "竹",     "대나무"};
    for (int i = 0; i < at->n_tokens; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (text_starts(p->tokens->token[at->first + i].s, text_of(words[k])))
                return true;
    return false;
}

void parse_place(struct parse *p, int i)
{
    enum { BARE = 1, LED = 2 };
    const struct phrase *at = &p->phrases->at[i];
    const bool in = p->role == ROLE_WHERE && p->where == WHERE_IN;
    const bool on = p->role == ROLE_WHERE && p->where == WHERE_ON;
    const bool inside = in || (on && (at->kind == WORD_PLACE || at->value == PLACE_STAGE));
    const struct phrase *next = parse_at(p, i + 1);
    const bool describes = next && (next->kind == WORD_PLACE || parse_noun_drawable(next)) &&
                           next->kind != WORD_MOVE && p->tokens->token[next->first].gap;
    if (p->np.not ) {
        p->plan->without |= at->kind == WORD_INSIDE ? WITHOUT_HOUSES : 0U;
        return;
    }
    if (at->kind == WORD_INSIDE && !inside) {
        if (parse_noun_drawable(at))
            parse_noun(p, i);
        return;
    }
    if (describes && at->kind == WORD_INSIDE)
        return; /* "in a castle garden" */
    p->plan->bamboo = p->plan->bamboo || (at->value == PLACE_FOREST && is_bamboo(p, at));
    if (p->np.empty && p->plan->n_cast == 0)
        p->out->nobody = true;
    if (p->np.empty)
        p->plan->without |= WITHOUT_PEOPLE;
    if (describes) {
        parse_set_place(p, (enum place)at->value, BARE);
        return;
    }
    const bool snow = at->kind == WORD_PLACE && at->value == PLACE_SNOW;
    p->snowy = p->snowy || snow; /* "a forest in winter" is a forest */
    parse_set_place(p, (enum place)at->value,
                    snow                        ? BARE
                    : inside || is_landmark(at) ? LED + 1
                                                : LED);
    if (place_acts(p, i)) {
        parse_noun(p, i);
        return;
    }
    /* "A volcano erupts": it is the subject itself, and needs nobody. */
    if (at->value == PLACE_VOLCANO && p->role == ROLE_SUBJECT && p->plan->n_cast == 0)
        p->out->nobody = true;
    const int current = p->anchor;
    if (p->role == ROLE_WHERE && !inside && p->where != WHERE_BESIDE && current != PLAN_NOBODY &&
        !(p->where == WHERE_ABOVE && parse_part_treads(p, current))) {
        p->plan->cast[current].where = p->where;
        p->plan->cast[current].where_target = PLAN_NOBODY;
    }
    p->bare = p->bare || (p->role == ROLE_SUBJECT && p->fresh);
    p->role = ROLE_AFTER;
    p->last_role = ROLE_WHERE;
    parse_clear_np(p);
}
