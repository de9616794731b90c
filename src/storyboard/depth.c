/* depth.c - what the regions of a picture are, and how near; see depth.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/depth.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/depth_impl.h"

static void unite(struct depth_judge *j, int a, int b)
{
    a = depth_owner(j, a);
    b = depth_owner(j, b);
    if (a != b)
        j->owner[a > b ? a : b] = (uint8_t)(a > b ? b : a);
}

/* The mean step from a region to all that it touches. */
static float contrast(const struct depth_judge *j, int i)
{
    int steps = 0, length = 0;
    for (int k = 0; k < j->n; k++) {
        steps += depth_touch(j, i, k)->steps;
        length += depth_touch(j, i, k)->length;
    }
    return length > 0 ? (float)steps / (float)length : 0;
}

/* Large, clear, clear of the edges, and not one of many alike. */
static bool stands_out(const struct depth_judge *j, int i)
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

static bool could_be_sky(const struct depth_judge *j, const struct depth_region *r)
{
    return r->roughness < 5 && r->edge[DEPTH_BOTTOM] == 0 && r->middle_y < 0.55F * j->height &&
           (float)r->bottom < 0.92F * j->height;
}

/* The part of its outline that region i shares with regions of a kind, and the mean step there. */
static float shared(const struct depth_judge *j, int i, enum depth_kind kind, float *step)
{
    int length = 0, steps = 0;
    for (int k = 0; k < j->n; k++)
        if (k != i && j->kind[k] == kind) {
            length += depth_touch(j, i, k)->length;
            steps += depth_touch(j, i, k)->steps;
        }
    *step = length > 0 ? (float)steps / (float)length : 255;
    return (float)length / (float)j->facts->region[i].outline;
}

/* A flag on a mast: it is clearly not the sky, and something else holds it. */
static bool is_held(const struct depth_judge *j, int i, float step)
{
    int held = 0;
    for (int k = 0; k < j->n; k++)
        held += k != i && j->kind[k] == DEPTH_THING ? depth_touch(j, i, k)->length : 0;
    return step > 36 && held > 1;
}

static void find_sky(struct depth_judge *j)
{
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = &j->facts->region[i];
        if ((float)r->edge[DEPTH_TOP] > 0.12F * j->width && could_be_sky(j, r))
            j->kind[i] = DEPTH_SKY;
    }
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < j->n; i++) {
            const struct depth_region *r = &j->facts->region[i];
            float step;
            const float share = shared(j, i, DEPTH_SKY, &step);
            if (j->kind[i] != DEPTH_THING || share == 0 || !could_be_sky(j, r))
                continue;
            if ((share > 0.7F && !is_held(j, i, step)) ||
                (share > 0.3F && step < 16 && r->roughness < 4))
                j->kind[i] = DEPTH_SKY;
        }
}

static bool lies(const struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    return j->kind[i] == DEPTH_THING && depth_is_wide(j, r) && r->crest > 0.38F * j->height &&
           r->middle_y > 0.5F * j->height && r->level > 0.5F;
}

/* Not what could stand on the ground: low, or hardly different. */
static bool could_lie(const struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    const int tall = r->bottom - r->top + 1, across = r->right - r->left + 1;
    const bool small = (float)r->area < 0.004F * j->width * j->height;
    return small || contrast(j, i) < 22 || 5 * tall < 2 * across;
}

static void find_ground(struct depth_judge *j)
{
    j->horizon = -1;
    for (int i = 0; i < j->n; i++)
        if (lies(j, i)) {
            const float crest = j->facts->region[i].crest;
            j->kind[i] = DEPTH_GROUND;
            j->horizon = j->horizon < 0 ? crest : curve_min(j->horizon, crest);
        }
    for (int round = 0; round < 3 && j->horizon >= 0; round++)
        for (int i = 0; i < j->n; i++) {
            const struct depth_region *r = &j->facts->region[i];
            const bool stripe = depth_is_wide(j, r) &&
                                5 * (r->bottom - r->top) < r->right - r->left;
            const float begins = stripe ? r->crest : (float)r->top;
            float step;
            if (j->kind[i] != DEPTH_THING || !could_lie(j, i) ||
                begins < j->horizon - 0.01F * j->height)
                continue;
            if (stripe || shared(j, i, DEPTH_GROUND, &step) > 0.5F)
                j->kind[i] = DEPTH_GROUND;
        }
}

/* The neighbour that holds most of the outline, when that is most of it; else -1. */
static int host_of(const struct depth_judge *j, int i)
{
    int best = -1, most = 0;
    for (int k = 0; k < j->n; k++)
        if (k != i && depth_touch(j, i, k)->length > most) {
            most = depth_touch(j, i, k)->length;
            best = k;
        }
    return 5 * most > 3 * j->facts->region[i].outline ? best : -1;
}

/* What region i stands on: the region it is right above most; i itself: nothing, or the edge. */
static int support_of(const struct depth_judge *j, int i)
{
    int best = i, most = j->facts->region[i].edge[DEPTH_BOTTOM];
    for (int k = 0; k < j->n; k++)
        if (k != i && depth_touch(j, i, k)->above > most) {
            most = depth_touch(j, i, k)->above;
            best = k;
        }
    return best;
}

/* Of the things that it touches, what it is above most; else what it touches most. */
static int holder_of(const struct depth_judge *j, int i)
{
    int best = i, most = 0;
    for (int k = 0; k < j->n; k++) {
        const int weight = 8 * depth_touch(j, i, k)->above + depth_touch(j, i, k)->length;
        if (k != i && j->kind[k] == DEPTH_THING && weight > most) {
            most = weight;
            best = k;
        }
    }
    return best;
}

/* What one region alone says it belongs to. */
static void gather_region(struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    const int host = host_of(j, i), support = support_of(j, i);
    float step;
    if (shared(j, i, DEPTH_SKY, &step) > 0.5F && is_held(j, i, step)) {
        unite(j, i, holder_of(j, i));
    } else if (host >= 0 && !stands_out(j, i)) {
        if (j->kind[host] == DEPTH_THING)
            unite(j, i, host);
        else
            j->kind[i] = j->kind[host];
    } else if (j->kind[support] == DEPTH_THING && !depth_goes_on(r) &&
               !depth_goes_on(&j->facts->region[support])) {
        unite(j, i, support);
    }
}

/* A whole thing, measured like one region. */
struct depth_region depth_sum_up(const struct depth_judge *j, int thing)
{
    struct depth_region all = {.left = 1 << 20, .top = 1 << 20};
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = &j->facts->region[i];
        if (j->kind[i] != DEPTH_THING || depth_owner(j, i) != thing)
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
static struct depth_contact between(const struct depth_judge *j, int a, int b)
{
    struct depth_contact sum = {0};
    for (int i = 0; i < j->n; i++)
        for (int k = 0; k < j->n && j->kind[i] == DEPTH_THING && depth_owner(j, i) == a; k++)
            if (j->kind[k] == DEPTH_THING && depth_owner(j, k) == b) {
                sum.length += depth_touch(j, i, k)->length;
                sum.steps += depth_touch(j, i, k)->steps;
            }
    return sum;
}

/* Two things are one when hardly anything parts them; or, closer, when both end within the picture
 * and hold together. */
static bool belong(const struct depth_judge *j, int a, int b, bool closer)
{
    const struct depth_contact c = between(j, a, b);
    if (c.length <= 3 || !closer)
        return c.length > 3 && c.steps < 18 * c.length;
    const struct depth_region one = depth_sum_up(j, a), other = depth_sum_up(j, b);
    const int outline = one.area < other.area ? one.outline : other.outline;
    return !depth_goes_on(&one) && !depth_goes_on(&other) && 8 * c.length > outline;
}

/* What is too small to be seen apart goes with what it touches most. */
static void gather_crumb(struct depth_judge *j, int thing)
{
    int best = -1, most = 0;
    for (int k = 0; k < j->n; k++) {
        int length = 0;
        for (int i = 0; i < j->n && (j->kind[k] != DEPTH_THING || depth_owner(j, k) != thing); i++)
            if (j->kind[i] == DEPTH_THING && depth_owner(j, i) == thing)
                length += depth_touch(j, i, k)->length;
        if (length > most) {
            most = length;
            best = k;
        }
    }
    if (best >= 0 && j->kind[best] == DEPTH_THING) {
        unite(j, thing, best);
        return;
    }
    for (int i = 0; i < j->n && best >= 0; i++)
        if (j->kind[i] == DEPTH_THING && i != thing && depth_owner(j, i) == thing)
            j->kind[i] = j->kind[best];
    if (best >= 0)
        j->kind[thing] = j->kind[best];
}

static void gather_things(struct depth_judge *j)
{
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == DEPTH_THING)
            gather_region(j, i);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < j->n; i++)
            for (int k = 0; k < i; k++)
                if (j->kind[i] == DEPTH_THING && j->kind[k] == DEPTH_THING && j->owner[i] == i &&
                    j->owner[k] == k && belong(j, i, k, pass))
                    unite(j, i, k);
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == DEPTH_THING && j->owner[i] == i &&
            (float)depth_sum_up(j, i).area < 0.007F * j->width * j->height)
            gather_crumb(j, i);
}

static int judge_regions(struct depth *d, const struct depth_facts *f, struct error *err)
{
    SCOPED(mem) struct depth_judge *j = mem_try(sizeof *j);
    uint8_t plane_of_region[REGION_MOST] = {0};
    const struct region_map *m = f->map;
    if (!j)
        return error_set(err, ERR_MEMORY, "no memory for the depth of a picture");
    *j = (struct depth_judge){
        .facts = f, .n = f->n, .width = (float)m->width, .height = (float)m->height};
    for (int i = 0; i < j->n; i++)
        j->owner[i] = (uint8_t)i;
    find_sky(j);
    find_ground(j);
    gather_things(j);
    depth_planes_make(d, j, plane_of_region);
    for (int i = 0; i < m->width * m->height; i++)
        d->plane_of[i] = plane_of_region[m->region[i]];
    return 0;
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
