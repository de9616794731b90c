/* depth.c - what the regions of a picture are, and how near; see depth.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/depth.h"

#include <string.h>

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/depth_impl.h"

#define FAR_GROUND 0.16F /* nearness of the ground at the horizon */
#define BACKDROP   0.20F /* of what stands behind everything      */
#define MIDDLING   0.35F /* of everything, when nothing is sure */
#define SUBJECT    0.70F /* of what stands out and on nothing     */

enum kind { KIND_THING, KIND_SKY, KIND_GROUND };

/* Regions that move together. */
struct judge {
    const struct depth_facts *facts;
    int n;
    float width, height; /* cells */
    float horizon;       /* row; negative without ground */
    uint8_t kind[REGION_MOST];
    uint8_t owner[REGION_MOST]; /* the region that stands for the thing */
    float near[REGION_MOST];    /* of things                            */
    float sure[REGION_MOST];
};

static const struct depth_contact *contact(const struct judge *j, int a, int b)
{
    return &j->facts->contact[a * j->n + b];
}

static int owner(const struct judge *j, int i)
{
    while (j->owner[i] != i)
        i = j->owner[i];
    return i;
}

static void unite(struct judge *j, int a, int b)
{
    a = owner(j, a);
    b = owner(j, b);
    if (a != b)
        j->owner[a > b ? a : b] = (uint8_t)(a > b ? b : a);
}

static bool is_wide(const struct judge *j, const struct depth_region *r)
{
    return (float)(r->right - r->left + 1) > 0.6F * j->width;
}

/* It goes on beyond the picture: what stands behind does, and is cut into pieces by what stands
 * before it. */
static bool goes_on(const struct depth_region *r)
{
    return r->edge[DEPTH_LEFT] + r->edge[DEPTH_RIGHT] > 0;
}

/* The mean step from a region to all that it touches. */
static float contrast(const struct judge *j, int i)
{
    int steps = 0, length = 0;
    for (int k = 0; k < j->n; k++) {
        steps += contact(j, i, k)->steps;
        length += contact(j, i, k)->length;
    }
    return length > 0 ? (float)steps / (float)length : 0;
}

/* Large, clear, clear of the edges, and not one of many alike. */
static bool stands_out(const struct judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    int alike = 0;
    for (int k = 0; k < j->n; k++) {
        const int other = j->facts->region[k].area;
        alike += k != i && other * 2 > r->area && other < r->area * 2;
    }
    return (float)r->area > 0.006F * j->width * j->height && contrast(j, i) > 24 && alike < 4 &&
           r->edge[DEPTH_TOP] + r->edge[DEPTH_LEFT] + r->edge[DEPTH_RIGHT] == 0;
}

static bool could_be_sky(const struct judge *j, const struct depth_region *r)
{
    return r->roughness < 5 && r->edge[DEPTH_BOTTOM] == 0 && r->middle_y < 0.55F * j->height &&
           (float)r->bottom < 0.92F * j->height;
}

/* The part of its outline that region i shares with regions of a kind, and the mean step there. */
static float shared(const struct judge *j, int i, enum kind kind, float *step)
{
    int length = 0, steps = 0;
    for (int k = 0; k < j->n; k++)
        if (k != i && j->kind[k] == kind) {
            length += contact(j, i, k)->length;
            steps += contact(j, i, k)->steps;
        }
    *step = length > 0 ? (float)steps / (float)length : 255;
    return (float)length / (float)j->facts->region[i].outline;
}

/* A flag on a mast: it is clearly not the sky, and something else holds it. */
static bool is_held(const struct judge *j, int i, float step)
{
    int held = 0;
    for (int k = 0; k < j->n; k++)
        held += k != i && j->kind[k] == KIND_THING ? contact(j, i, k)->length : 0;
    return step > 36 && held > 1;
}

static void find_sky(struct judge *j)
{
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = &j->facts->region[i];
        if ((float)r->edge[DEPTH_TOP] > 0.12F * j->width && could_be_sky(j, r))
            j->kind[i] = KIND_SKY;
    }
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < j->n; i++) {
            const struct depth_region *r = &j->facts->region[i];
            float step;
            const float share = shared(j, i, KIND_SKY, &step);
            if (j->kind[i] != KIND_THING || share == 0 || !could_be_sky(j, r))
                continue;
            if ((share > 0.7F && !is_held(j, i, step)) ||
                (share > 0.3F && step < 16 && r->roughness < 4))
                j->kind[i] = KIND_SKY;
        }
}

static bool lies(const struct judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    return j->kind[i] == KIND_THING && is_wide(j, r) && r->crest > 0.38F * j->height &&
           r->middle_y > 0.5F * j->height && r->level > 0.5F;
}

/* Not what could stand on the ground: low, or hardly different. */
static bool could_lie(const struct judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    const int tall = r->bottom - r->top + 1, across = r->right - r->left + 1;
    const bool small = (float)r->area < 0.004F * j->width * j->height;
    return small || contrast(j, i) < 22 || 5 * tall < 2 * across;
}

static void find_ground(struct judge *j)
{
    j->horizon = -1;
    for (int i = 0; i < j->n; i++)
        if (lies(j, i)) {
            const float crest = j->facts->region[i].crest;
            j->kind[i] = KIND_GROUND;
            j->horizon = j->horizon < 0 ? crest : curve_min(j->horizon, crest);
        }
    for (int round = 0; round < 3 && j->horizon >= 0; round++)
        for (int i = 0; i < j->n; i++) {
            const struct depth_region *r = &j->facts->region[i];
            const bool stripe = is_wide(j, r) && 5 * (r->bottom - r->top) < r->right - r->left;
            const float begins = stripe ? r->crest : (float)r->top;
            float step;
            if (j->kind[i] != KIND_THING || !could_lie(j, i) ||
                begins < j->horizon - 0.01F * j->height)
                continue;
            if (stripe || shared(j, i, KIND_GROUND, &step) > 0.5F)
                j->kind[i] = KIND_GROUND;
        }
}

/* The neighbour that holds most of the outline, when that is most of it; else -1. */
static int host_of(const struct judge *j, int i)
{
    int best = -1, most = 0;
    for (int k = 0; k < j->n; k++)
        if (k != i && contact(j, i, k)->length > most) {
            most = contact(j, i, k)->length;
            best = k;
        }
    return 5 * most > 3 * j->facts->region[i].outline ? best : -1;
}

/* What region i stands on: the region it is right above most; i itself: nothing, or the edge. */
static int support_of(const struct judge *j, int i)
{
    int best = i, most = j->facts->region[i].edge[DEPTH_BOTTOM];
    for (int k = 0; k < j->n; k++)
        if (k != i && contact(j, i, k)->above > most) {
            most = contact(j, i, k)->above;
            best = k;
        }
    return best;
}

/* Of the things that it touches, what it is above most; else what it touches most. */
static int holder_of(const struct judge *j, int i)
{
    int best = i, most = 0;
    for (int k = 0; k < j->n; k++) {
        const int weight = 8 * contact(j, i, k)->above + contact(j, i, k)->length;
        if (k != i && j->kind[k] == KIND_THING && weight > most) {
            most = weight;
            best = k;
        }
    }
    return best;
}

/* What one region alone says it belongs to. */
static void gather_region(struct judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    const int host = host_of(j, i), support = support_of(j, i);
    float step;
    if (shared(j, i, KIND_SKY, &step) > 0.5F && is_held(j, i, step)) {
        unite(j, i, holder_of(j, i));
    } else if (host >= 0 && !stands_out(j, i)) {
        if (j->kind[host] == KIND_THING)
            unite(j, i, host);
        else
            j->kind[i] = j->kind[host];
    } else if (j->kind[support] == KIND_THING && !goes_on(r) &&
               !goes_on(&j->facts->region[support])) {
        unite(j, i, support);
    }
}

/* A whole thing, measured like one region. */
static struct depth_region sum_up(const struct judge *j, int thing)
{
    struct depth_region all = {.left = 1 << 20, .top = 1 << 20};
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = &j->facts->region[i];
        if (j->kind[i] != KIND_THING || owner(j, i) != thing)
            continue;
        all.area += r->area;
        all.outline += r->outline;
        all.left = r->left < all.left ? r->left : all.left;
        all.top = r->top < all.top ? r->top : all.top;
        all.right = r->right > all.right ? r->right : all.right;
        all.bottom = r->bottom > all.bottom ? r->bottom : all.bottom;
        for (int k = 0; k < DEPTH_EDGES; k++)
            all.edge[k] += r->edge[k];
    }
    return all;
}

/* How two things touch. */
static struct depth_contact between(const struct judge *j, int a, int b)
{
    struct depth_contact sum = {0};
    for (int i = 0; i < j->n; i++)
        for (int k = 0; k < j->n && j->kind[i] == KIND_THING && owner(j, i) == a; k++)
            if (j->kind[k] == KIND_THING && owner(j, k) == b) {
                sum.length += contact(j, i, k)->length;
                sum.steps += contact(j, i, k)->steps;
            }
    return sum;
}

/* Two things are one when hardly anything parts them; or, closer, when both end within the picture
 * and hold together. */
static bool belong(const struct judge *j, int a, int b, bool closer)
{
    const struct depth_contact c = between(j, a, b);
    if (c.length <= 3 || !closer)
        return c.length > 3 && c.steps < 18 * c.length;
    const struct depth_region one = sum_up(j, a), other = sum_up(j, b);
    const int outline = one.area < other.area ? one.outline : other.outline;
    return !goes_on(&one) && !goes_on(&other) && 8 * c.length > outline;
}

/* What is too small to be seen apart goes with what it touches most. */
static void gather_crumb(struct judge *j, int thing)
{
    int best = -1, most = 0;
    for (int k = 0; k < j->n; k++) {
        int length = 0;
        for (int i = 0; i < j->n && (j->kind[k] != KIND_THING || owner(j, k) != thing); i++)
            if (j->kind[i] == KIND_THING && owner(j, i) == thing)
                length += contact(j, i, k)->length;
        if (length > most) {
            most = length;
            best = k;
        }
    }
    if (best >= 0 && j->kind[best] == KIND_THING) {
        unite(j, thing, best);
        return;
    }
    for (int i = 0; i < j->n && best >= 0; i++)
        if (j->kind[i] == KIND_THING && i != thing && owner(j, i) == thing)
            j->kind[i] = j->kind[best];
    if (best >= 0)
        j->kind[thing] = j->kind[best];
}

static void gather_things(struct judge *j)
{
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == KIND_THING)
            gather_region(j, i);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < j->n; i++)
            for (int k = 0; k < i; k++)
                if (j->kind[i] == KIND_THING && j->kind[k] == KIND_THING && j->owner[i] == i &&
                    j->owner[k] == k && belong(j, i, k, pass))
                    unite(j, i, k);
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == KIND_THING && j->owner[i] == i &&
            (float)sum_up(j, i).area < 0.007F * j->width * j->height)
            gather_crumb(j, i);
}

/* By how much the ground comes nearer from one row to the next. Where only little of it is seen,
 * it does not come close: it was taken from above or with a long lens. */
static float ground_slope(const struct judge *j)
{
    return (1 - FAR_GROUND) / curve_max(j->height - j->horizon, 0.55F * j->height);
}

static float ground_near(const struct judge *j, float y)
{
    return curve_clamp(FAR_GROUND + ground_slope(j) * (y - j->horizon), 0, 1);
}

static float thing_near(const struct judge *j, const struct depth_region *r)
{
    const float base = (float)(r->bottom + 1), edges = (float)r->edge[DEPTH_TOP];
    const bool framed = r->edge[DEPTH_LEFT] > 0 && r->edge[DEPTH_RIGHT] > 0;
    if (j->horizon >= 0 && base > j->horizon + 0.02F * j->height)
        return ground_near(j, base);
    if (j->horizon >= 0)
        return FAR_GROUND * (0.4F + 0.6F * base / (j->horizon + 0.02F * j->height));
    if ((is_wide(j, r) && goes_on(r)) || framed || edges > 0.3F * j->width)
        return BACKDROP;
    return r->edge[DEPTH_BOTTOM] > 0 ? 0.85F : SUBJECT;
}

/* Each thing as near as it seems; then those with a weak outline are drawn to what they touch. */
static void place_things(struct judge *j)
{
    float seems[REGION_MOST];
    for (int i = 0; i < j->n; i++) {
        const struct depth_region all = sum_up(j, i);
        seems[i] = j->near[i] = all.area > 0 ? thing_near(j, &all) : 0;
        j->sure[i] = 1;
    }
    for (int round = 0; round < 24; round++)
        for (int i = 0; i < j->n; i++) {
            if (j->kind[i] != KIND_THING || j->owner[i] != i)
                continue;
            float sum = 0, weight = 0, outline = 1;
            for (int a = 0; a < j->n; a++)
                for (int b = 0; b < j->n && j->kind[a] == KIND_THING && owner(j, a) == i; b++) {
                    const struct depth_contact *c = contact(j, a, b);
                    if (c->length == 0 || j->kind[b] == KIND_SKY ||
                        (j->kind[b] == KIND_THING && owner(j, b) == i))
                        continue;
                    const float step = (float)c->steps / (float)c->length;
                    const float pull = (float)c->length * curve_step(26, 6, step);
                    const float there = j->kind[b] == KIND_GROUND
                                            ? ground_near(j, j->facts->region[a].middle_y)
                                            : j->near[owner(j, b)];
                    sum += pull * there;
                    weight += pull;
                    outline += (float)c->length;
                }
            j->near[i] = (seems[i] * outline * 0.35F + sum) / (outline * 0.35F + weight);
            j->sure[i] = 1 - weight / outline;
        }
}

/* Things of a nearness. */
struct group {
    float near;
    float area;
    int first; /* in the sorted order */
};

/* The owners of things, from far to near. */
static int sort_things(const struct judge *j, int *out)
{
    int n = 0;
    for (int i = 0; i < j->n; i++) {
        if (j->kind[i] != KIND_THING || j->owner[i] != i)
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
static struct depth_plane ground_plane(const struct judge *j, int cell)
{
    const float slope = ground_slope(j);
    return (struct depth_plane){.at = FAR_GROUND + slope * (j->height / 2 - j->horizon),
                                .slope = slope / (float)cell};
}

static bool has_kind(const struct judge *j, enum kind kind)
{
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == kind)
            return true;
    return false;
}

/* Planes from far to near: the sky, what stands behind the ground, the ground, what stands on it.
 */
static void make_planes(const struct judge *j, struct depth *d,
                        uint8_t plane_of_region[REGION_MOST])
{
    int order[REGION_MOST];
    struct group groups[REGION_MOST];
    const bool has_ground = has_kind(j, KIND_GROUND);
    const int n = sort_things(j, order);
    int ground = 0;
    for (int i = 0; i < n; i++)
        groups[i] = (struct group){
            .near = j->near[order[i]], .area = (float)sum_up(j, order[i]).area, .first = i};
    d->has_sky = has_kind(j, KIND_SKY);
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
        if (j->kind[i] == KIND_THING)
            plane_of_region[i] = plane_of_region[owner(j, i)];
        else
            plane_of_region[i] = (uint8_t)(j->kind[i] == KIND_GROUND ? ground : 0);
    }
}

/* How clear the outlines between planes are against what goes on inside the regions. */
static float judge_outlines(const struct judge *j, const uint8_t plane_of_region[REGION_MOST])
{
    float steps = 0, length = 0, rough = 0, area = 0;
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = &j->facts->region[i];
        rough += r->roughness * (float)r->area;
        area += (float)r->area;
        for (int k = 0; k < i; k++)
            if (plane_of_region[i] != plane_of_region[k]) {
                steps += (float)contact(j, i, k)->steps;
                length += (float)contact(j, i, k)->length;
            }
    }
    return length > 0 ? curve_step(0.8F, 2.6F, steps / length / (1.6F * rough / area + 7)) : 0;
}

static int judge_regions(struct depth *d, const struct depth_facts *f, struct error *err)
{
    SCOPED(mem) struct judge *j = mem_try(sizeof *j);
    uint8_t plane_of_region[REGION_MOST] = {0};
    const struct region_map *m = f->map;
    if (!j)
        return error_set(err, ERR_MEMORY, "no memory for the depth of a picture");
    *j =
        (struct judge){.facts = f, .n = f->n, .width = (float)m->width, .height = (float)m->height};
    for (int i = 0; i < j->n; i++)
        j->owner[i] = (uint8_t)i;
    find_sky(j);
    find_ground(j);
    gather_things(j);
    place_things(j);
    make_planes(j, d, plane_of_region);
    d->confidence = judge_outlines(j, plane_of_region);
    d->horizon = j->horizon < 0 ? 0.5F : j->horizon / j->height;
    for (int i = 0; i < m->width * m->height; i++)
        d->plane_of[i] = plane_of_region[m->region[i]];
    return 0;
}

/* What is built of level and plumb lines keeps them: its planes are drawn together. All by one
 * rule, so that what stands on the ground stays on it. */
static void temper(struct depth *d, float upright)
{
    const float keep = d->confidence * (1 - 0.85F * curve_step(0.45F, 0.8F, upright));
    for (int i = 0; i < d->n_planes; i++) {
        const float k = i == 0 && d->has_sky ? d->confidence : keep;
        d->plane[i].at = curve_mix(MIDDLING, d->plane[i].at, k);
        d->plane[i].slope *= k;
    }
}

int depth_open(struct depth **out, const struct region_map *map, struct error *err)
{
    SCOPED(depth_facts) struct depth_facts facts = {0};
    SCOPED(depth) struct depth *d = mem_alloc(sizeof *d);
    d->plane_of = mem_try((size_t)map->width * (size_t)map->height);
    if (!d->plane_of)
        return error_set(err, ERR_MEMORY, "no memory for the depth of a picture");
    int code = depth_facts_init(&facts, map, err);
    if (code == 0)
        code = judge_regions(d, &facts, err);
    if (code < 0)
        return code;
    temper(d, facts.upright);
    *out = TAKE(d);
    return 0;
}

void depth_close(struct depth *d)
{
    if (!d)
        return;
    mem_free(d->plane_of);
    mem_free(d);
}
