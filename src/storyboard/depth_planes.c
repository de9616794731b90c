/* depth_planes.c - how near things are, and the few planes that they become; see depth.h.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "storyboard/curve.h"
#include "storyboard/depth_impl.h"

#define FAR_GROUND 0.16F /* nearness of the ground at the horizon */
#define BACKDROP   0.20F /* of what stands behind everything      */
#define MIDDLING   0.35F /* of everything, when nothing is sure */
#define SUBJECT    0.70F /* of what stands out and on nothing     */

/* The row where the ground begins, or would if there were one. */
static float level_of(const struct depth_judge *j)
{
    return j->horizon < 0 ? 0.5F * j->height : j->horizon;
}

/* By how much the ground comes nearer from one row to the next. Where only little of it is seen,
 * it does not come close: it was taken from above or with a long lens. */
static float ground_slope(const struct depth_judge *j)
{
    return (1 - FAR_GROUND) / curve_max(j->height - level_of(j), 0.55F * j->height);
}

static float ground_near(const struct depth_judge *j, float y)
{
    return curve_clamp(FAR_GROUND + ground_slope(j) * (y - j->horizon), 0, 1);
}

static float thing_near(const struct depth_judge *j, const struct depth_region *r)
{
    const float base = (float)(r->bottom + 1), edges = (float)r->edge[DEPTH_TOP];
    const bool framed = r->edge[DEPTH_LEFT] > 0 && r->edge[DEPTH_RIGHT] > 0;
    if (j->horizon >= 0 && base > j->horizon + 0.02F * j->height)
        return ground_near(j, base);
    if (j->horizon >= 0)
        return FAR_GROUND * (0.4F + 0.6F * base / (j->horizon + 0.02F * j->height));
    if ((depth_is_wide(j, r) && depth_goes_on(r)) || framed || edges > 0.3F * j->width)
        return BACKDROP;
    return r->edge[DEPTH_BOTTOM] > 0 ? 0.85F : SUBJECT;
}

/* Each thing as near as it seems; then those with a weak outline are drawn to what they touch. */
static void place_things(struct depth_judge *j)
{
    float seems[REGION_MOST];
    for (int i = 0; i < j->n; i++) {
        const struct depth_region all = depth_sum_up(j, i);
        seems[i] = j->near[i] = all.area > 0 ? thing_near(j, &all) : 0;
    }
    for (int round = 0; round < 24; round++)
        for (int i = 0; i < j->n; i++) {
            if (j->kind[i] != DEPTH_THING || j->owner[i] != i)
                continue;
            float sum = 0, weight = 0, outline = 1;
            for (int a = 0; a < j->n; a++)
                for (int b = 0; b < j->n && j->kind[a] == DEPTH_THING && depth_owner(j, a) == i;
                     b++) {
                    const struct depth_contact *c = depth_touch(j, a, b);
                    if (c->length == 0 || j->kind[b] == DEPTH_SKY ||
                        (j->kind[b] == DEPTH_THING && depth_owner(j, b) == i))
                        continue;
                    const float step = (float)c->steps / (float)c->length;
                    const float pull = (float)c->length * curve_step(26, 6, step);
                    const float there = j->kind[b] == DEPTH_GROUND
                                            ? ground_near(j, j->facts->region[a].middle_y)
                                            : j->near[depth_owner(j, b)];
                    sum += pull * there;
                    weight += pull;
                    outline += (float)c->length;
                }
            j->near[i] = (seems[i] * outline * 0.35F + sum) / (outline * 0.35F + weight);
        }
}

/* Things of a nearness. */
struct group {
    float near;
    float area;
    int first; /* in the sorted order */
};

/* The owners of things, from far to near. */
static int sort_things(const struct depth_judge *j, int *out)
{
    int n = 0;
    for (int i = 0; i < j->n; i++) {
        if (j->kind[i] != DEPTH_THING || j->owner[i] != i)
            continue;
        int at = n++;
        for (; at > 0 && j->near[out[at - 1]] > j->near[i]; at--)
            out[at] = out[at - 1];
        out[at] = i;
    }
    return n;
}

/* The two most alike become one, until there are few enough and all are apart. */
static int merge_groups(struct group *g, int n, int most)
{
    while (n > 1) {
        int best = 0;
        for (int i = 1; i + 1 < n; i++)
            if (g[i + 1].near - g[i].near < g[best + 1].near - g[best].near)
                best = i;
        if (n <= most && g[best + 1].near - g[best].near > 0.12F)
            break;
        const float area = g[best].area + g[best + 1].area;
        g[best].near = (g[best].near * g[best].area + g[best + 1].near * g[best + 1].area) / area;
        g[best].area = area;
        memmove(&g[best + 1], &g[best + 2], (size_t)(n - best - 2) * sizeof *g);
        n--;
    }
    return n;
}

/* From cells to px: the slope of the ground over the rows of the picture. */
static struct depth_plane ground_plane(const struct depth_judge *j, int cell)
{
    const float slope = ground_slope(j);
    return (struct depth_plane){.at = FAR_GROUND + slope * (j->height / 2 - level_of(j)),
                                .slope = slope / (float)cell};
}

static bool has_kind(const struct depth_judge *j, enum depth_kind kind)
{
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == kind)
            return true;
    return false;
}

/* Planes from far to near: the sky, what stands behind the ground, the ground, what stands on it.
 */
static void make_planes(const struct depth_judge *j, struct depth *d,
                        uint8_t plane_of_region[REGION_MOST])
{
    int order[REGION_MOST];
    struct group groups[REGION_MOST];
    const bool has_ground = has_kind(j, DEPTH_GROUND);
    const int n = sort_things(j, order);
    int ground = 0;
    for (int i = 0; i < n; i++)
        groups[i] = (struct group){
            .near = j->near[order[i]], .area = (float)depth_sum_up(j, order[i]).area, .first = i};
    d->has_sky = has_kind(j, DEPTH_SKY);
    const int n_groups = merge_groups(groups, n, DEPTH_MOST - d->has_sky - has_ground);
    if (d->has_sky)
        d->plane[d->n_planes++] = (struct depth_plane){0, 0};
    for (int g = 0; g <= n_groups; g++) {
        if (has_ground && !ground && (g == n_groups || groups[g].near > FAR_GROUND + 0.03F)) {
            ground = d->n_planes;
            d->plane[d->n_planes++] = ground_plane(j, j->facts->map->cell);
        }
        if (g == n_groups)
            break;
        const int end = g + 1 < n_groups ? groups[g + 1].first : n;
        for (int i = groups[g].first; i < end; i++)
            plane_of_region[order[i]] = (uint8_t)d->n_planes;
        d->plane[d->n_planes++] = (struct depth_plane){groups[g].near, 0};
    }
    for (int i = 0; i < j->n; i++) {
        if (j->kind[i] == DEPTH_THING)
            plane_of_region[i] = plane_of_region[depth_owner(j, i)];
        else
            plane_of_region[i] = (uint8_t)(j->kind[i] == DEPTH_GROUND ? ground : 0);
    }
}

/* How clear the outlines between planes are against what goes on inside the regions. */
static float judge_outlines(const struct depth_judge *j, const uint8_t plane_of_region[REGION_MOST])
{
    float steps = 0, length = 0, rough = 0, area = 0;
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = &j->facts->region[i];
        rough += r->roughness * (float)r->area;
        area += (float)r->area;
        for (int k = 0; k < i; k++)
            if (plane_of_region[i] != plane_of_region[k]) {
                steps += (float)depth_touch(j, i, k)->steps;
                length += (float)depth_touch(j, i, k)->length;
            }
    }
    return length > 0 ? curve_step(0.8F, 2.6F, steps / length / (1.6F * rough / area + 7)) : 0;
}

/* What is built of level and plumb lines keeps them: its planes are drawn together. All by one
 * rule, so that what stands on the ground stays on it. */
static void temper(struct depth *d, float upright)
{
    const float keep = d->confidence * (1 - 0.85F * curve_step(0.45F, 0.8F, upright));
    d->ground.at = curve_mix(MIDDLING, d->ground.at, keep);
    d->ground.slope *= keep;
    for (int i = 0; i < d->n_planes; i++) {
        const float k = i == 0 && d->has_sky ? d->confidence : keep;
        d->plane[i].at = curve_mix(MIDDLING, d->plane[i].at, k);
        d->plane[i].slope *= k;
    }
}

void depth_planes_make(struct depth *d, struct depth_judge *j, uint8_t plane_of_region[REGION_MOST])
{
    place_things(j);
    make_planes(j, d, plane_of_region);
    d->horizon = level_of(j) / j->height;
    d->ground = ground_plane(j, j->facts->map->cell);
    d->confidence = judge_outlines(j, plane_of_region);
    temper(d, j->facts->upright);
}
