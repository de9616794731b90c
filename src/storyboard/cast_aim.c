/* cast_aim.c - the moves of a body towards another one, or towards the camera; see cast.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"

/* Straight towards the camera, until it fills the frame. */
static void approach_camera(const struct path *p, struct cast_state *s, float e)
{
    const bool air = p->a->airborne;
    const float least = p->a->n > 1 ? 1.5F : 1;
    const float fill = p->a->rig                       ? 2.0F
                       : air                           ? 1.12F
                       : p->a->plan->near_picture >= 0 ? 0.98F
                                                       : 0.80F;
    const float z = p->a->size / fill * least;
    const float u = s->x / s->z, v = (1 - s->height) / s->z;
    const float middle = 0.5F - p->c->at.stage->horizon; /* of the frame, under the horizon */
    const float goal = p->a->rig ? middle + 0.20F : middle + 0.04F;
    /* What is seen is the size, 1 / z: let that grow, ever faster. */
    const float rush = e * e * (1.35F - 0.35F * e * e);
    const float aside = p->b->x / (p->a->z + p->b->z);
    s->z = 1 / curve_mix(1 / s->z, 1 / (z + 0.4F * curve_max(p->b->z, 0)), rush);
    s->x = curve_mix(u, aside * 0.8F, curve_step(0, 0.9F, e)) * s->z;
    s->facing = curve_max(s->facing, curve_step(0.04F, 0.30F, e));
    if (air)
        s->height = cast_height_at(curve_mix(v, goal, curve_step(0, 0.8F, e)), s->z) +
                    p->b->height * curve_step(0.3F, 1, e) * 0.4F;
    else /* the camera kneels to it when its feet are out of sight */
        s->height = curve_max(0, (1 - goal * s->z - 0.5F * p->a->size) * curve_step(0.55F, 1, e));
    s->turn += 0.018F * curve_sine(e * 2.4F) * (1 - e);
}

/* A head turned smoothly towards x. */
static float towards(const struct cast_state *s, float x)
{
    return curve_clamp((x - s->x) / (0.14F * s->z), -1, 1);
}

/* To the side of another, close. */
static void approach(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state to;
    if (!cast_path_target(p, p->t, &to)) {
        approach_camera(p, s, e);
        return;
    }
    const struct actor *other = &p->c->actor[p->target];
    const float apart = 0.42F * (p->a->size + other->size), from = s->x < to.x ? -1 : 1;
    const float k = curve_ease(e);
    s->heading = towards(s, to.x);
    s->x = curve_mix(s->x, to.x + from * apart + p->b->x * 0.5F, k);
    s->z = curve_mix(s->z, to.z * 0.985F, k);
    if (p->a->airborne)
        s->height = curve_mix(s->height, to.height + 0.1F * p->a->size, k);
}

/* Round the other, in the air as high as its upper half: large before it, small behind it. */
static void circle(const struct path *p, struct cast_state *s, float e)
{
    const float turn = e * 1.25F + p->b->phase * 0.33F + 0.06F;
    const float k = p->first ? 1 : curve_step(0, 0.12F, e);
    struct cast_state to = *s;
    float radius = 0.40F * s->z * cast_path_reach(p), deep = 0.26F;
    if (cast_path_target(p, p->t, &to)) {
        const struct actor *other = &p->c->actor[p->target];
        const float top = other->airborne ? 0 : 0.62F * other->size;
        radius = 0.62F * (other->size + p->a->size);
        deep = curve_min(radius / to.z, 0.45F);
        if (p->a->airborne)
            s->height = curve_mix(s->height, to.height + top, k);
    } else {
        to.x = p->a->x * 0.3F;
    }
    s->x = curve_mix(s->x, to.x + radius * curve_sine(turn + 0.75F) * p->a->heading, k);
    s->z = curve_mix(s->z, to.z * (1 + deep * curve_sine(turn)), k);
    s->heading = curve_clamp(curve_sine(turn) * 2.2F, -1, 1) * p->a->heading;
    if (p->a->airborne)
        s->height += 0.03F * s->z * curve_sine(turn * 1.5F);
}

/* Half of what two take of the stage, in heights of the eye. */
static float apart(const struct path *p)
{
    return (p->c->actor[p->target].size + p->a->size) * 0.5F;
}

/* After one that stands: to its side. */
static void catch_up(const struct path *p, struct cast_state *s, const struct cast_state *to,
                     float e)
{
    const float gap = curve_mix(1.15F, 0.62F, curve_ease(e)) * apart(p);
    s->x = to->x + (to->heading < 0 ? gap : -gap) + p->b->x * 0.7F;
    s->z = to->z * 1.03F;
    s->heading = towards(s, to->x);
}

/* Where the other was a moment ago: so that nobody is passed when that one turns round. */
static void chase(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state to, from, soon;
    if (!cast_path_target(p, p->t, &to)) {
        cast_move_cross(p, s, e, (const float[2]){-0.80F, 0.85F});
        return;
    }
    const float step = 0.02F;
    cast_path_target(p, 0.10F, &from);
    cast_path_target(p, 0.10F + step, &soon);
    const float pace = (soon.x - from.x) / step, gap = curve_mix(1.30F, 1.10F, e) * apart(p);
    if (pace * pace < 0.04F) {
        catch_up(p, s, &to, e);
    } else {
        const float late = curve_min(gap / curve_magnitude(pace), 0.4F);
        const float then = p->t - late - 0.1F * curve_max(p->b->z, 0);
        cast_path_target(p, curve_max(then, 0), &to);
        s->x = to.x + pace * curve_min(then, 0) + p->b->x * 0.3F;
        s->z = to.z * 1.04F + curve_max(p->b->z, 0) * 0.5F;
        s->heading = to.heading;
    }
    if (p->a->airborne)
        s->height = to.height + 0.12F * p->a->size + p->b->height * 0.5F;
}

static bool is_chased(const struct path *p)
{
    for (int i = 0; i < p->c->n; i++)
        for (int k = 0; k < p->c->actor[i].plan->n_moves; k++) {
            const struct plan_move *m = &p->c->actor[i].plan->moves[k];
            if (m->move == MOVE_CHASE && m->target >= 0 && &p->c->actor[m->target] == p->a)
                return true;
        }
    return false;
}

/* Through the picture and out of it, and back through it, closer. */
static void flee_back(const struct path *p, struct cast_state *s, float e)
{
    const float edge = 1.25F, k = 2 * e - 1, out = curve_magnitude(k);
    const float u = edge - (edge + (e < 0.5F ? 0.70F : 0.45F)) * out;
    s->x = cast_path_side(p, u, s->z);
    s->z *= curve_mix(1, 0.86F, curve_step(0.47F, 0.53F, e));
    s->heading = curve_clamp(-k * 25, -1, 1) * p->a->heading;
}

static void flee(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state from;
    const bool alone = p->first && p->end && p->a->plan->where == WHERE_FREE;
    float away = p->a->heading;
    if (is_chased(p)) {
        if (alone) {
            flee_back(p, s, e);
            return;
        }
    } else if (cast_path_target(p, p->t, &from) && p->c->actor[p->target].heading != away) {
        away = from.x < s->x ? 1 : -1;
    }
    s->x = curve_mix(s->x, cast_path_side(p, 0.85F, s->z) * away * p->a->heading,
                     e * (0.7F + 0.3F * e));
    s->z *= 1 + 0.10F * e;
    s->heading = curve_mix(s->heading, away, curve_step(0, 0.08F, e));
}

/* At the other; without one it turns round once. */
static void look(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state to;
    if (cast_path_target(p, p->t, &to)) {
        s->heading = curve_mix(s->heading, towards(s, to.x), curve_step(0, 0.15F, e));
        return;
    }
    s->heading *= 1 - 2 * curve_step(0.40F, 0.46F, e);
}

void cast_aim_apply(const struct path *p, struct cast_state *s, enum move move, float e)
{
    switch (move) {
    case MOVE_APPROACH:
        approach(p, s, e);
        break;
    case MOVE_CIRCLE:
        circle(p, s, e);
        break;
    case MOVE_CHASE:
        chase(p, s, e);
        break;
    case MOVE_FLEE:
        flee(p, s, e);
        break;
    case MOVE_LOOK:
        look(p, s, e);
        break;
    default:
        break;
    }
}
