/* cast_fit.c - who stays in its place fits into the picture and hides nobody; see cast.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"

enum { LOOKS = 9 }; /* across the film */

#define MARGIN 0.02F /* of the frame's height that stays free above and beside */

/* A range of u, in heights of the frame. */
struct range {
    float low, high;
};

/* Does it stay where it lives all the time? */
static bool stays(const struct cast *c, const struct actor *a)
{
    for (int i = 0; i < a->plan->n_moves; i++) {
        const enum move m = a->plan->moves[i].move;
        if ((cast_path_crosses(m) && !cast_path_arrives(c, a)) || m == MOVE_APPROACH ||
            m == MOVE_RECEDE || m == MOVE_CHASE || m == MOVE_FLEE || m == MOVE_CIRCLE)
            return false;
    }
    return !a->rides;
}

static struct stage_view view_at(const struct cast *c, int i, float z)
{
    const struct stage_pose pose = stage_camera(c->at.stage, (float)i / (LOOKS - 1), 0);
    return stage_view(c->at.stage, &pose, z);
}

/* As far away as its feet need to be seen in every look, within reason. */
static float least_z(const struct cast *c, const struct actor *a)
{
    const float bottom = 0.965F * (float)c->at.stage->height;
    for (int k = 0; k < 20; k++) {
        const float z = a->z * (1 + 0.03F * (float)k);
        bool seen = true;
        for (int i = 0; i < LOOKS; i++) {
            const struct stage_view v = view_at(c, i, z);
            seen = seen && v.scale > 0 && v.y + v.scale / z <= bottom;
        }
        if (seen)
            return z;
    }
    return a->z;
}

/* The largest size with head room over it in every look; z of its home. */
static float most_size(const struct cast *c, const struct actor *a)
{
    const float free = MARGIN * (float)c->at.stage->height;
    float most = 1e6F;
    for (int i = 0; i < LOOKS; i++) {
        const struct stage_view v = view_at(c, i, a->z);
        if (v.scale <= 0)
            continue;
        const float feet = v.y + v.scale * (1 - a->height) / a->z;
        const float room = (feet - free) * a->z / v.scale;
        most = curve_min(most, a->airborne ? 2 * room : room);
    }
    return curve_max(most, 0.2F * a->z);
}

/* Where its middle may stand so that all of it is seen in every look, in u of its home. */
static struct range free_range(const struct cast *c, const struct actor *a, int first)
{
    const float width = (float)c->at.stage->width, free = MARGIN * (float)c->at.stage->height;
    struct range r = {-1e6F, 1e6F};
    float half = 0.5F * a->size / a->z;
    for (int k = 0; k < a->n; k++) {
        const float aside = curve_magnitude(a->body[k].x);
        half = curve_max(half, aside / a->z + 0.3F * a->size / a->z);
    }
    for (int i = first; i < LOOKS; i++) {
        const struct stage_view v = view_at(c, i, a->z);
        if (v.scale <= 0)
            continue;
        r.low = curve_max(r.low, (free - v.x) / v.scale + half);
        r.high = curve_min(r.high, (width - free - v.x) / v.scale - half);
    }
    return r;
}

static float kept_in(struct range r, float u)
{
    return r.low <= r.high ? curve_clamp(u, r.low, r.high) : (r.low + r.high) / 2;
}

/* Does the camera go along with the first of the cast? */
static bool is_followed(const struct cast *c)
{
    for (int i = 0; i < c->at.stage->n_shots; i++)
        if (c->at.stage->shots[i].shot == SHOT_TRACKING)
            return true;
    return false;
}

/* Two that stay and have no place by each other: apart, as far as the picture lets them. */
static void part(struct cast *c, int i, int k)
{
    struct actor *a = &c->actor[k];
    const struct actor *b = &c->actor[i];
    const float ua = a->x / a->z, ub = b->x / b->z;
    const float least = 0.40F * (a->size / a->z + b->size / b->z);
    const float apart = ua < ub ? ub - ua : ua - ub;
    if (apart >= least || a->plan->where != WHERE_FREE || !stays(c, a) || !stays(c, b))
        return;
    const struct range r = free_range(c, a, 0);
    const float left = ub - least, right = ub + least;
    const bool goes_left = left >= r.low && (ua < ub || right > r.high);
    a->x = kept_in(r, goes_left ? left : right) * a->z;
}

void cast_fit(struct cast *c)
{
    const bool followed = is_followed(c);
    for (int i = 0; i < c->n; i++) {
        struct actor *a = &c->actor[i];
        if (!a->airborne && !plan_plays(a->plan, MOVE_APPROACH) &&
            a->plan->where != WHERE_FOREGROUND) {
            const float k = least_z(c, a) / a->z;
            a->x *= k;
            a->z *= k;
        }
        const struct range last = free_range(c, a, LOOKS - 1);
        a->edge = followed ? 1 : curve_max(curve_min(last.high, -last.low), 0.1F);
        if (!plan_plays(a->plan, MOVE_APPROACH) && a->z < 20)
            a->size = curve_min(a->size, most_size(c, a));
    }
    for (int i = 0; i < c->n; i++)
        for (int k = i + 1; k < c->n; k++)
            part(c, i, k);
    for (int i = 0; i < c->n; i++) {
        struct actor *a = &c->actor[i];
        if (stays(c, a) && !followed)
            a->x = kept_in(free_range(c, a, 0), a->x / a->z) * a->z;
    }
}
