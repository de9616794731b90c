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
        !(p->where == WHERE_ABOVE && parse_part_treads(p, current))) {
        p->plan->cast[current].where = p->where;
        p->plan->cast[current].where_target = PLAN_NOBODY;
    }
    p->bare = p->bare || (p->role == ROLE_SUBJECT && p->fresh);
    p->role = ROLE_AFTER;
    p->last_role = ROLE_WHERE;
    parse_clear_np(p);
}
