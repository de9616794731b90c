/* depth.c - what of a picture is sky and what ground; see depth.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/depth.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/depth_impl.h"

#define HIGHEST 0.36F /* of the height: a horizon above it or below it says nothing */
#define LOWEST  0.82F

float depth_contrast(const struct depth_judge *j, int i)
{
    int steps = 0, length = 0;
    for (int k = 0; k < j->n; k++) {
        steps += depth_touch(j, i, k)->steps;
        length += depth_touch(j, i, k)->length;
    }
    return length > 0 ? (float)steps / (float)length : 0;
}

bool depth_stands_out(const struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    int alike = 0;
    for (int k = 0; k < j->n; k++) {
        const int other = j->facts->region[k].area;
        alike += k != i && other * 2 > r->area && other < r->area * 2;
    }
    return (float)r->area > 0.004F * j->width * j->height && depth_contrast(j, i) > 24 &&
           alike < 4 && r->edge[DEPTH_TOP] + r->edge[DEPTH_LEFT] + r->edge[DEPTH_RIGHT] == 0;
}

float depth_shared(const struct depth_judge *j, int i, enum depth_kind kind, float *step)
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

static bool could_be_sky(const struct depth_judge *j, const struct depth_region *r)
{
    return r->roughness < 10 && r->edge[DEPTH_BOTTOM] == 0 && r->middle_y < 0.55F * j->height &&
           (float)r->bottom < 0.92F * j->height;
}

float depth_apart(const struct depth_judge *j, int a, int b)
{
    const struct depth_region *one = &j->facts->region[a], *other = &j->facts->region[b];
    float apart = 0;
    for (int c = 0; c < 3; c++) {
        const float d = one->colour[c] - other->colour[c];
        apart += (c > 0 ? 2 : 1) * (d < 0 ? -d : d);
    }
    return apart;
}

/* Of the colours of the sky at its rows, or close above. */
static bool is_like_sky(const struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    for (int k = 0; k < j->n; k++)
        if (j->kind[k] == DEPTH_SKY && depth_apart(j, i, k) < 16 &&
            (float)j->facts->region[k].bottom + 0.1F * j->height >= (float)r->top)
            return true;
    return false;
}

/* A piece of the ground between what stands on it. */
static bool is_like_ground(const struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    for (int k = 0; k < j->n; k++)
        if (j->kind[k] == DEPTH_GROUND && depth_apart(j, i, k) < 12 &&
            j->facts->region[k].top <= r->bottom)
            return true;
    return false;
}

/* A flag on a mast: it is clearly not the sky, and something else holds it. */
static bool is_held(const struct depth_judge *j, int i, float step)
{
    int held = 0;
    for (int k = 0; k < j->n; k++)
        held += k != i && j->kind[k] == DEPTH_THING ? depth_touch(j, i, k)->length : 0;
    return step > 36 && held > 1;
}

/* From the top down: what is smooth, then what hardly differs from it, what it encloses, and its
 * pieces between what stands before it. */
static void find_sky(struct depth_judge *j)
{
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = &j->facts->region[i];
        if ((float)r->edge[DEPTH_TOP] > 0.12F * j->width && r->roughness < 5 && could_be_sky(j, r))
            j->kind[i] = DEPTH_SKY;
    }
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < j->n; i++) {
            const struct depth_region *r = &j->facts->region[i];
            float step;
            const float share = depth_shared(j, i, DEPTH_SKY, &step);
            const float across = share * (float)r->outline / (float)(r->right - r->left + 1);
            if (j->kind[i] != DEPTH_THING || !could_be_sky(j, r))
                continue;
            if ((share > 0.7F && r->roughness < 5 && !is_held(j, i, step)) ||
                (share > 0.45F && step < 20) || (across > 0.4F && step < 16 && r->roughness < 4) ||
                (r->roughness < 4 && is_like_sky(j, i)))
                j->kind[i] = DEPTH_SKY;
        }
}

bool depth_is_fence(const struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    const int tall = r->bottom - r->top + 1, across = r->right - r->left + 1;
    return 3 * r->area < tall * across && 2 * r->area < 5 * r->outline &&
           r->edge[DEPTH_BOTTOM] == 0 && depth_contrast(j, i) > 22;
}

/* Not what could stand on the ground: low, or hardly different. */
static bool could_lie(const struct depth_judge *j, int i)
{
    const struct depth_region *r = &j->facts->region[i];
    const int tall = r->bottom - r->top + 1, across = r->right - r->left + 1;
    const bool small = (float)r->area < 0.004F * j->width * j->height;
    return small || depth_contrast(j, i) < 22 || (5 * tall < 2 * across && !depth_is_fence(j, i));
}

/* Could it be a piece of the ground that begins at row h? */
static bool lies(const struct depth_judge *j, int i, float h)
{
    const struct depth_region *r = &j->facts->region[i];
    return j->kind[i] == DEPTH_THING && r->high >= h - 0.02F * j->height &&
           r->edge[DEPTH_LEFT] + r->edge[DEPTH_RIGHT] + r->edge[DEPTH_BOTTOM] > 0 &&
           !depth_is_fence(j, i);
}

/* How much of what should be ground from row h down is. */
struct floor_facts {
    float level; /* of the columns begin there   */
    float low;   /* of the bottom edge           */
    float sides; /* of the side that has less    */
};

static struct floor_facts measure_floor(const struct depth_judge *j, int first)
{
    const struct region_map *m = j->facts->map;
    const int close = m->height / 20 + 1;
    bool in[REGION_MOST] = {0};
    int level = 0, low = 0, side[2] = {0};
    for (int i = 0; i < j->n; i++)
        in[i] = lies(j, i, (float)first);
    for (int x = 0; x < m->width; x++) {
        int y = first > close ? first - close : 0;
        while (y < first + close && y < m->height && !in[m->region[y * m->width + x]])
            y++;
        level += y < first + close && y < m->height;
        low += in[m->region[(m->height - 1) * m->width + x]];
    }
    for (int y = first; y < m->height; y++)
        for (int k = 0; k < 2; k++)
            side[k] += in[m->region[y * m->width + k * (m->width - 1)]];
    const int less = side[0] < side[1] ? side[0] : side[1];
    return (struct floor_facts){.level = (float)level / j->width,
                                .low = (float)low / j->width,
                                .sides = (float)less / (float)(m->height - first)};
}

/* The line where most columns of what reaches the lower edges begin at once. */
static void find_horizon(struct depth_judge *j)
{
    float most = 0.22F;
    j->horizon = -1;
    const int last = (int)(LOWEST * j->height);
    for (int h = (int)(HIGHEST * j->height); h <= last; h++) {
        const struct floor_facts f = measure_floor(j, h);
        if (f.level > most + 0.04F && f.low > 0.6F && f.sides > 0.2F) {
            most = f.level;
            j->horizon = (float)h;
        }
    }
}

/* A step up in the row that finds the crest of what was found within a tolerance. */
static void settle_horizon(struct depth_judge *j)
{
    const struct region_map *m = j->facts->map;
    const int close = m->height / 20 + 1, from = (int)j->horizon - close;
    int count[64] = {0}, all = 0;
    for (int x = 0; x < m->width; x++)
        for (int y = from > 0 ? from : 0; y < (int)j->horizon + close && y < m->height; y++)
            if (j->kind[m->region[y * m->width + x]] == DEPTH_GROUND) {
                count[y - from < 64 ? y - from : 63]++;
                all++;
                break;
            }
    int k = 0;
    for (int seen = 0; k < 63 && 2 * (seen + count[k]) < all; k++)
        seen += count[k];
    j->horizon = (float)(from + k);
}

static void find_ground(struct depth_judge *j)
{
    find_horizon(j);
    if (j->horizon < 0)
        return;
    for (int i = 0; i < j->n; i++)
        if (lies(j, i, j->horizon))
            j->kind[i] = DEPTH_GROUND;
    settle_horizon(j);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < j->n; i++) {
            const struct depth_region *r = &j->facts->region[i];
            const bool stripe = (float)(r->right - r->left + 1) > 0.6F * j->width &&
                                5 * (r->bottom - r->top) < r->right - r->left;
            float step;
            if (j->kind[i] != DEPTH_THING || r->high < j->horizon - 0.01F * j->height)
                continue;
            if (is_like_ground(j, i) && !depth_is_fence(j, i))
                j->kind[i] = DEPTH_GROUND;
            if (!could_lie(j, i))
                continue;
            if (stripe || depth_shared(j, i, DEPTH_GROUND, &step) > 0.5F)
                j->kind[i] = DEPTH_GROUND;
        }
}

/* What is far leaks down beside what stands on the ground: under the horizon it is ground. */
static bool leaks(const struct depth_judge *j, int i, int row)
{
    const bool far = j->kind[i] == DEPTH_SKY || (j->kind[i] == DEPTH_THING && j->backdrop >= 0 &&
                                                 depth_owner(j, i) == j->backdrop);
    return j->horizon >= 0 && far && (float)(row + 1) > j->horizon;
}

static int judge_regions(struct depth *d, const struct depth_facts *f, struct error *err)
{
    SCOPED(mem) struct depth_judge *j = mem_try(sizeof *j);
    uint8_t plane_of_region[REGION_MOST] = {0};
    const struct region_map *m = f->map;
    if (!j)
        return error_set(err, ERR_MEMORY, "no memory for the depth of a picture");
    *j = (struct depth_judge){.facts = f,
                              .n = f->n,
                              .width = (float)m->width,
                              .height = (float)m->height,
                              .backdrop = -1};
    for (int i = 0; i < j->n; i++)
        j->owner[i] = (uint8_t)i;
    find_sky(j);
    find_ground(j);
    depth_things_gather(j);
    depth_planes_make(d, j, plane_of_region);
    int ground = 0;
    while (ground + 1 < d->n_planes && d->plane[ground].slope <= 0)
        ground++;
    for (int i = 0; i < m->width * m->height; i++)
        d->plane_of[i] = leaks(j, m->region[i], i / m->width) ? (uint8_t)ground
                                                              : plane_of_region[m->region[i]];
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
