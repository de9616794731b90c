/* parse_camera.c - what the camera does, as prose says it. SPDX-License-Identifier: MIT */
#include "storyboard/parse_impl.h"

/* Shots of one clause run together, those of the next follow. */
static void add_shot(struct parse *p, enum shot shot)
{
    struct parse_result *r = p->out;
    struct token_group *g = r->n_groups ? &r->groups[r->n_groups - 1] : NULL;
    const int most = (int)(sizeof r->groups / sizeof *r->groups);
    if (!g || p->shot_clause != p->clause || g->n == TOKEN_GROUP_MOST) {
        if (r->n_groups == most)
            return;
        g = &r->groups[r->n_groups++];
        *g = (struct token_group){.n = 0};
    }
    for (int i = 0; i < g->n; i++)
        if (g->shots[i] == shot)
            return;
    g->shots[g->n++] = shot;
    p->shot_clause = p->clause;
}

void parse_camera_lens(struct parse *p, const struct phrase *at)
{
    add_shot(p, (enum shot)at->lens);
    p->camera_waits = false;
}

bool parse_camera(struct parse *p, const struct phrase *at)
{
    switch (at->kind) {
    case WORD_CAMERA:
        p->camera_said = p->camera_waits = true;
        return true;
    case WORD_SHOT:
        add_shot(p, (enum shot)at->value);
        p->camera_said = p->camera_waits = true;
        return true;
    case WORD_CAMERA_TOWARD:
        parse_verb_to_camera(p, MOVE_APPROACH);
        return true;
    case WORD_CAMERA_AWAY:
        parse_verb_to_camera(p, MOVE_RECEDE);
        return true;
    default:
        return false;
    }
}
