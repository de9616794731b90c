/* cast_move.c - the moves of a body that regard nobody else; see cast.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"

static struct cast_state home(const struct path *p)
{
    const struct actor *a = p->a;
    return (struct cast_state){.x = a->x + p->b->x,
                               .z = a->z + p->b->z,
                               .height = a->height + p->b->height,
                               .heading = a->heading,
                               .cover = 1,
                               .scale = 1,
                               .stretch = 1};
}

static bool is_far(const struct actor *a)
{
    return a->plan->where == WHERE_ABOVE && a->plan->where_target == PLAN_NOBODY && a->z > 20;
}

static bool comes_from_afar(const struct actor *a)
{
    if (is_far(a) || a->plan->where == WHERE_DISTANCE)
        return true;
    for (int i = 0; i < a->plan->n_moves; i++)
        if (a->plan->moves[i].move == MOVE_APPROACH && a->plan->moves[i].target == PLAN_NOBODY)
            return true;
    return false;
}

static struct cast_state far_away(const struct path *p)
{
    struct cast_state s = home(p);
    const struct cast_stage *at = &p->c->at;
    const struct actor *a = p->a;
    if (is_far(a) || a->plan->where == WHERE_DISTANCE)
        return s;
    const float z = a->airborne ? 27 : 13, k = z / s.z;
    s.z = z;
    s.x = (a->airborne ? at->summit_x * z : 0.35F * s.x * k) + p->b->x * k * 0.5F;
    if (a->airborne)
        s.height = cast_height_at(at->has_ground ? at->summit_v - 0.085F : -0.10F, z) +
                   p->b->height;
    return s;
}

#define ARRIVAL 0.45F /* heights of the frame to the side of another */

/* On which side of the one that it comes to it stands. */
static float side_of_other(const struct path *p)
{
    const struct actor *to = &p->c->actor[p->a->plan->where_target];
    return p->a->x < to->x ? -1 : 1;
}

/* A boat on the water falls by going down in it: it never comes from the sky. */
static bool founders(const struct path *p)
{
    return p->a->wet && p->a->nature == NATURE_BOAT;
}

/* Where it is when the film begins. */
struct cast_state cast_move_begin(const struct path *p, enum move move)
{
    const bool placed = p->a->plan->where != WHERE_FREE;
    const float start = move == MOVE_WALK || move == MOVE_SWIM || move == MOVE_JUMP ? -0.50F
                                                                                    : -0.80F;
    struct cast_state s = home(p);
    switch (move) {
    case MOVE_APPEAR:
        return comes_from_afar(p->a) ? far_away(p) : s;
    case MOVE_APPROACH:
        if (p->a->plan->moves[0].target == PLAN_NOBODY)
            return far_away(p);
        s.x -= 0.35F * p->a->heading * s.z;
        break;
    case MOVE_RECEDE:
        s.z *= 0.75F;
        break;
    case MOVE_WALK:
    case MOVE_SWIM:
    case MOVE_JUMP:
    case MOVE_RUN:
    case MOVE_GALLOP:
    case MOVE_FLY:
        if (cast_path_arrives(p->c, p->a)) {
            s.heading = -side_of_other(p);
            s.x -= ARRIVAL * s.heading * s.z;
            break;
        }
        s.x = placed ? s.x - 0.40F * p->a->heading * s.z : cast_path_side(p, start, s.z);
        break;
    case MOVE_FLEE:
        if (!placed && p->a->plan->moves[0].target != PLAN_NOBODY)
            s.x = cast_path_side(p, -0.55F, s.z);
        break;
    case MOVE_FALL:
        if (!founders(p))
            s.height = cast_height_at(-0.70F, s.z);
        break;
    case MOVE_RISE: /* from the ground, when there is one */
        if (p->a->airborne)
            s.height = p->c->at.has_ground && !p->c->at.under_water ? 0.46F * p->a->size
                                                                    : s.height - 0.25F * s.z;
        break;
    default:
        break;
    }
    return s;
}

void cast_move_cross(const struct path *p, struct cast_state *s, float e, const float way[2])
{
    const bool placed = p->a->plan->where != WHERE_FREE;
    if (cast_path_arrives(p->c, p->a)) {
        const float k = p->way * curve_clamp(e / 0.6F, 0, 1);
        s->x += ARRIVAL * s->heading * s->z * k;
        if (e >= 0.6F && p->end) {
            s->move = MOVE_STAND;
            s->pace = 0.35F;
        }
        return;
    }
    const float from = placed ? -0.40F : way[0];
    /* What goes on in the picture must not have left it. */
    const float goal = p->end || way[1] < 0.5F ? way[1] : 0.5F;
    const float to = placed ? 0.40F : goal > 0.6F ? goal : curve_min(goal, p->a->edge);
    const float ahead = s->heading < 0 ? -1 : 1;
    const float reach = placed ? 1 : cast_path_reach(p);
    s->x += (to - from) * reach * ahead * s->z * p->way * e;
    s->heading = ahead;
}

static void recede(const struct path *p, struct cast_state *s, float e)
{
    s->z = curve_mix(s->z, p->a->airborne ? 24 : 15, e * (0.35F + 0.65F * e));
    s->x = curve_mix(s->x, 0.25F * p->a->heading * s->z, 0.6F * e);
    if (p->a->airborne)
        s->height += 2.2F * e * e;
}

/* As high as one may fly at depth z to be seen to its top, with some room for the camera. */
static float ceiling(const struct path *p, float z)
{
    return 1 + (p->c->at.stage->horizon - 0.15F) * z - 0.45F * p->a->size;
}

static void fly(const struct path *p, struct cast_state *s, float e)
{
    const float z = s->z;
    cast_move_cross(p, s, e, (const float[2]){-0.80F, 0.80F});
    if (p->a->n == 1) {
        s->z = z * (1 - 0.22F * curve_sine(0.5F * e));
        s->x *= s->z / z;
        s->height = 1 + (s->height - 1) * s->z / z; /* closer, and not higher in the picture */
    }
    s->height += (0.05F + 0.05F * curve_sine(e * 0.9F + 0.1F)) * s->z;
    if (p->a->n == 1 && p->a->airborne)
        s->height = curve_min(s->height, curve_mix(s->height, ceiling(p, s->z),
                                                   p->first ? 1 : curve_step(0, 0.2F, e)));
    s->turn = -0.012F * p->a->heading * curve_sine(e * 0.9F + 0.35F);
}

/* A swimmer comes out of the water and goes under again; the hops of a crowd end together. */
static void jump(const struct path *p, struct cast_state *s, float e)
{
    const bool dives = p->a->wet && p->a->nature == NATURE_SWIMMER;
    const float hops = e * (dives ? 3 : 4) + p->b->phase * (1 - e);
    const float at = curve_part(hops);
    const float arc = 4 * at * (1 - at), land = curve_step(0.12F, 0, curve_min(at, 1 - at));
    cast_move_cross(p, s, e, (const float[2]){-0.50F, 0.50F});
    if (dives) {
        s->height += (1.45F * arc - 0.95F) * p->a->size;
        s->turn = p->a->heading * (at - 0.5F) * 0.26F;
        return;
    }
    s->height += arc * 0.42F * p->a->size;
    s->turn = p->a->heading * (at - 0.5F) * arc * 0.16F;
    s->stretch = 1 + 0.10F * arc - 0.20F * land;
}

static void float_about(const struct path *p, struct cast_state *s, float e)
{
    const float t = e * p->c->at.seconds + p->b->phase;
    s->x += 0.10F * s->z * p->a->heading * (e - 0.3F) + 0.02F * s->z * curve_sine(t * 0.17F);
    if (p->a->airborne)
        s->height += 0.035F * s->z * curve_sine(t * 0.21F);
    s->turn = 0.035F * curve_sine(t * 0.13F + 0.1F) * p->a->heading;
}

static void rise(const struct path *p, struct cast_state *s, float e)
{
    const bool craft = p->a->nature == NATURE_CRAFT;
    s->height += (craft ? e * e * (1.4F - 0.4F * e) * 1.05F : curve_ease(e) * 0.75F) * s->z;
}

/* Lists, and goes down until the water has closed over it. */
static void founder(const struct path *p, struct cast_state *s, float e)
{
    s->height -= 1.15F * e * e * p->a->size * p->b->size;
    s->turn += 0.06F * p->a->heading * curve_ease(e);
}

/* Falls, and what is not of stone comes up again a little. */
static void fall(const struct path *p, struct cast_state *s, float e)
{
    const bool ends = p->c->at.has_ground && !p->c->at.under_water;
    const float floor = !ends            ? cast_height_at(0.45F, s->z)
                        : p->a->airborne ? 0.45F * p->a->size
                                         : 0;
    const float hit = 0.72F, k = e / hit;
    const float up = e > hit ? (e - hit) / (1 - hit) : 0;
    if (!ends || e < hit)
        s->height = curve_mix(s->height, floor, ends ? k * k : e * e);
    else
        s->height = floor + 0.5F * up * (1 - up) * p->a->size * 0.5F;
    s->turn += ends && e >= hit ? 0.09F * p->a->heading * (1 - up) : 0.09F * p->a->heading * e;
    s->stretch = ends ? 1 - 0.30F * curve_step(0.09F, 0, e < hit ? hit - e : (e - hit) * 0.7F)
                      : 1.06F;
}

/* About its middle in the air; what stands turns on the spot, but for what is round. */
static void spin(const struct path *p, struct cast_state *s, float e)
{
    const float turns = e * p->c->at.seconds * 0.55F * p->a->heading;
    const float middle = p->a->airborne ? 0 : 0.5F * p->a->size;
    if (!p->a->airborne && !nature_is_round(p->a->plan->picture)) {
        s->heading = curve_sine(turns * p->a->heading + 0.25F) * p->a->heading;
        return;
    }
    s->turn += turns;
    s->x -= middle * curve_sine(turns);
    s->height += middle * (1 - curve_sine(turns + 0.25F));
}

static void dance(const struct path *p, struct cast_state *s, float e)
{
    const float beat = e * p->c->at.seconds * 0.75F + p->b->phase;
    const float hop = curve_sine(beat * 2), phrase = beat * 0.5F;
    const float aside = curve_sine(phrase);
    if (p->a->plan->holds >= 0) /* who plays stays in the place; see gait.c */
        return;
    s->turn = 0.035F * curve_sine(beat);
    s->height += 0.10F * p->a->size * curve_max(hop, 0);
    s->x += 0.10F * p->a->size * aside;
    s->heading = curve_clamp(curve_sine(phrase + 0.25F) * 4, -1, 1) * p->a->heading;
}

static void appear(const struct path *p, struct cast_state *s, float e)
{
    if (!comes_from_afar(p->a)) {
        const float late = curve_clamp((e - 0.12F) / 0.22F, 0, 1), back = 1 - late;
        /* Over its size by a tenth and back. */
        s->scale = e < 0.12F ? 0 : curve_max(1 + back * back * (1.7F - 2.7F * back), 0.02F);
        s->stretch = 1 + 0.25F * back * late * 4 * (late - 0.4F);
        s->cover = e < 0.12F ? 0 : 1;
        return;
    }
    s->cover = p->first ? curve_step(0.02F, 0.4F, e) : 1;
    const float v = (1 - s->height) / s->z;
    s->z *= 1 - 0.22F * e;
    s->x *= 1 - 0.22F * e;
    s->facing = p->a->rig ? 1 : 0;
    if (p->a->airborne)
        s->height = cast_height_at(v + 0.012F * curve_sine(e * 1.3F), s->z);
}

static void vanish(struct cast_state *s, float e)
{
    const float gone = curve_step(0.45F, 0.80F, e);
    s->scale = 1 - gone + 0.12F * curve_sine(curve_clamp((e - 0.3F) / 0.3F, 0, 1) * 0.5F);
    s->stretch = 1 + 0.8F * gone;
    s->cover = 1 - curve_step(0.55F, 0.80F, e);
}

static void explode(const struct path *p, struct cast_state *s, float e)
{
    const float fuse = 0.30F, k = curve_clamp(e / fuse, 0, 1);
    const float seconds = e * p->c->at.seconds;
    s->scale = 1 + 0.14F * k * k;
    s->x += 0.02F * s->z * k * curve_sine(seconds * 13);
    s->burst = curve_clamp((e - fuse) / (1 - fuse), 0, 1);
    s->alarm = s->burst > 0 ? curve_step(0.22F, 0, s->burst) : 0;
}

static void grow(struct cast_state *s, float e, float to)
{
    const float k = curve_ease(e), beat = curve_sine(e * 4) * (1 - e) * e;
    s->scale *= curve_mix(1, to, k) * (1 + 0.12F * beat);
    s->stretch = 1 + 0.10F * beat;
}

/* The moves in the body's own place. */
static void stay(const struct path *p, struct cast_state *s, enum move move, float e)
{
    const float seconds = e * p->c->at.seconds + p->b->phase;
    switch (move) {
    case MOVE_SPIN:
        spin(p, s, e);
        break;
    case MOVE_DANCE:
        dance(p, s, e);
        break;
    case MOVE_TURN:
        s->heading *= curve_mix(1, -1, curve_ease(curve_clamp(e * 2.2F - 0.3F, 0, 1)));
        break;
    case MOVE_VANISH:
        vanish(s, e);
        break;
    case MOVE_GROW:
        grow(s, e, 1.9F);
        break;
    case MOVE_SHRINK:
        grow(s, e, 0.42F);
        break;
    case MOVE_EXPLODE:
        explode(p, s, e);
        break;
    case MOVE_SHAKE:
        s->x += 0.012F * s->z * curve_sine(seconds * 8.3F);
        s->turn += 0.012F * curve_sine(seconds * 7.1F);
        break;
    default:
        break;
    }
}

void cast_move_apply(const struct path *p, struct cast_state *s, enum move move, float e)
{
    static const float walk[2] = {-0.50F, 0.42F}, run[2] = {-0.80F, 0.85F};
    switch (move) {
    case MOVE_APPEAR:
        appear(p, s, e);
        break;
    case MOVE_RECEDE:
        recede(p, s, e);
        break;
    case MOVE_WALK:
    case MOVE_SWIM:
        cast_move_cross(p, s, p->first ? e : curve_ease(e), walk);
        break;
    case MOVE_RUN:
    case MOVE_GALLOP:
        cast_move_cross(p, s, p->end ? e * (0.75F + 0.25F * e) : e, run);
        break;
    case MOVE_FLY:
        fly(p, s, e);
        break;
    case MOVE_RISE:
        rise(p, s, e);
        break;
    case MOVE_FALL:
        if (founders(p))
            founder(p, s, e);
        else
            fall(p, s, e);
        break;
    case MOVE_FLOAT:
        float_about(p, s, e);
        break;
    case MOVE_JUMP:
        jump(p, s, e);
        break;
    default:
        stay(p, s, move, e);
        break;
    }
}
