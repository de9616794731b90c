/* parse_where.c - prepositions and adverbs of place; see parse.h. SPDX-License-Identifier: MIT */
#include "storyboard/parse_impl.h"

/* Japanese and Korean say where behind the noun, and so does Chinese when it has said "at" before.
 */
static bool stands_behind(struct parse *p, int i, enum where w)
{
    const enum language l = p->phrases->language;
    const bool noun = p->last != PLAN_NOBODY && p->last_noun == i - 1;
    if (l == LANGUAGE_ZH && noun && p->last_role == ROLE_WHERE && p->anchor != PLAN_NOBODY) {
        p->plan->cast[p->anchor].where = w;
        return true;
    }
    if (l != LANGUAGE_JA && l != LANGUAGE_KO)
        return false;
    if (!noun || w < WHERE_ABOVE)
        return w >= WHERE_ABOVE;
    const unsigned others = (p->subjects | p->before) & ~(1U << p->last);
    p->led |= 1U << p->last;
    p->subjects = others;
    p->fresh = others == 0;
    for (int a = 0; a < p->plan->n_cast; a++)
        if (others & 1U << a) {
            p->plan->cast[a].where = w;
            p->plan->cast[a].where_target = p->last;
            return true;
        }
    p->waiting_where = w;
    p->waiting_target = p->last;
    p->role = ROLE_SUBJECT;
    return true;
}

/* Where something stands: at once where the words need no noun, else when the noun has come. */
void parse_where(struct parse *p, int i, enum where w)
{
    const int current = parse_current(p);
    if (stands_behind(p, i, w))
        return;
    parse_clear_np(p);
    if (w >= WHERE_ABOVE) {
        p->role = ROLE_WHERE;
        p->where = w;
        p->anchor = current;
        return;
    }
    if (current != PLAN_NOBODY && !(p->fresh && p->clause > 0 && !p->verb_seen))
        p->plan->cast[current].where = w;
    else {
        p->waiting_where = w;
        p->waiting_target = PLAN_NOBODY;
    }
}
