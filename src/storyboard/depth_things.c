/* depth_things.c - which regions of a picture are one thing; see depth.h.
 *
 * With a ground under them things stand where their feet are, and what has none is held by one that
 * stands or belongs to the backdrop. Without a ground nothing tells how near they are to each
 * other: there is what reaches the edges, and what is before it.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/depth_impl.h"

static const struct depth_region *region(const struct depth_judge *j, int i)
{
    return &j->facts->region[i];
}

static void unite(struct depth_judge *j, int a, int b)
{
    a = depth_owner(j, a);
    b = depth_owner(j, b);
    if (a != b)
        j->owner[a > b ? a : b] = (uint8_t)(a > b ? b : a);
}

static int width_of(const struct depth_region *r)
{
    return r->right - r->left + 1;
}

/* Its lower end is on the ground, not on the horizon. */
static bool has_foot(const struct depth_judge *j, int i)
{
    return (float)(region(j, i)->bottom + 1) > j->horizon + 0.025F * j->height;
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
    return 5 * most > 3 * region(j, i)->outline ? best : -1;
}

/* What region i stands on: the region it is right above most; i itself: nothing, or the edge. */
static int support_of(const struct depth_judge *j, int i)
{
    int best = i, most = region(j, i)->edge[DEPTH_BOTTOM];
    for (int k = 0; k < j->n; k++)
        if (k != i && depth_touch(j, i, k)->above > most) {
            most = depth_touch(j, i, k)->above;
            best = k;
        }
    return best;
}

/* It comes far down beside what would hold it: it only passes behind that. */
static bool passes_behind(const struct depth_judge *j, int i, int holder)
{
    const struct depth_region *r = region(j, i);
    return region(j, holder)->high < (float)r->bottom - 0.6F * (float)(r->bottom - r->top);
}

/* The thing that stands and that region i is a part of, as a head of its body or a crown of its
 * trunk: the one that it touches most, when that is some of its outline, or that it rests on. */
static int holder_of(const struct depth_judge *j, const bool *stands, int i)
{
    const struct depth_region *r = region(j, i);
    int best = -1, most = 0;
    for (int k = 0; k < j->n; k++) {
        const struct depth_contact *c = depth_touch(j, i, k);
        if (k == i || j->kind[k] != DEPTH_THING || !stands[k] || c->length <= most)
            continue;
        const bool rests = c->above >= 2 && 12 * c->above >= width_of(r) && !passes_behind(j, i, k);
        if (rests || c->length > 1 + r->outline / 28) {
            most = c->length;
            best = k;
        }
    }
    return best;
}

/* Its outline is clear against the host, and some of it is at a thing: the mane of a lion. */
static bool is_of_thing(const struct depth_judge *j, int i, int host)
{
    const struct depth_contact *h = depth_touch(j, i, host);
    int length = 0;
    for (int k = 0; k < j->n; k++)
        length += k != i && k != host && j->kind[k] == DEPTH_THING ? depth_touch(j, i, k)->length
                                                                   : 0;
    return j->kind[host] != DEPTH_THING && h->steps > 12 * h->length &&
           8 * length > region(j, i)->outline;
}

/* What lies in the ground, the sky or another thing, and is part of it. */
static bool goes_to_host(struct depth_judge *j, int i)
{
    const struct depth_region *r = region(j, i);
    const int host = host_of(j, i);
    const bool rises = j->kind[host < 0 ? i : host] == DEPTH_GROUND &&
                       r->high < j->horizon - 0.03F * j->height;
    if (host < 0 || rises || is_of_thing(j, i, host) || depth_stands_out(j, i) ||
        depth_is_fence(j, i))
        return false;
    if (j->kind[host] == DEPTH_THING)
        unite(j, i, host);
    else
        j->kind[i] = j->kind[host];
    return true;
}

static void stand(struct depth_judge *j, int i)
{
    const int on = support_of(j, i);
    if (!goes_to_host(j, i) && on != i && j->kind[on] == DEPTH_THING)
        unite(j, i, on);
}

static void to_backdrop(struct depth_judge *j, int i)
{
    j->backdrop = j->backdrop < 0 ? i : j->backdrop;
    unite(j, i, j->backdrop);
    j->backdrop = depth_owner(j, j->backdrop);
}

static bool in_backdrop(const struct depth_judge *j, int i)
{
    return j->backdrop >= 0 && j->kind[i] == DEPTH_THING && depth_owner(j, i) == j->backdrop;
}

/* A range of mountains, the walls of a room: it goes on beyond the picture and rests on nothing
 * that stands in it. */
static bool goes_on(const struct depth_judge *j, const bool *stands, int i)
{
    const struct depth_region *r = region(j, i);
    const int holder = holder_of(j, stands, i);
    return (float)width_of(r) > 0.6F * j->width ||
           (r->edge[DEPTH_LEFT] + r->edge[DEPTH_RIGHT] > 0 &&
            (holder < 0 || passes_behind(j, i, holder)));
}

/* Between what stands in front: of the colours that a larger part of the backdrop has at its rows.
 */
static bool has_its_colours(const struct depth_judge *j, int i)
{
    const struct depth_region *r = region(j, i);
    for (int k = 0; k < j->n; k++)
        if (in_backdrop(j, k) && depth_apart(j, i, k) < 10 && region(j, k)->area > r->area &&
            region(j, k)->top <= r->bottom && region(j, k)->bottom >= r->top)
            return true;
    return false;
}

/* It touches the backdrop more than what stands, and hardly differs from it. */
static bool is_like_backdrop(const struct depth_judge *j, const bool *stands, int i)
{
    int back = 0, steps = 0, front = 0;
    for (int k = 0; k < j->n; k++) {
        const struct depth_contact *c = depth_touch(j, i, k);
        const bool behind = k != i && in_backdrop(j, k);
        back += behind ? c->length : 0;
        steps += behind ? c->steps : 0;
        front += k != i && j->kind[k] == DEPTH_THING && stands[k] ? c->length : 0;
    }
    return back > front && steps < 24 * back;
}

static void find_backdrop(struct depth_judge *j, const bool *stands)
{
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == DEPTH_THING && !stands[i] && goes_on(j, stands, i))
            to_backdrop(j, i);
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < j->n; i++)
            if (j->kind[i] == DEPTH_THING && !stands[i] && !in_backdrop(j, i) &&
                (is_like_backdrop(j, stands, i) || has_its_colours(j, i)))
                to_backdrop(j, i);
}

/* Crowns on trunks, and what stands on those, until nothing more is held. */
static void hang(struct depth_judge *j, bool *stands)
{
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < j->n; i++) {
            const bool done = stands[i] || j->kind[i] != DEPTH_THING || in_backdrop(j, i);
            const int holder = done ? -1 : holder_of(j, stands, i);
            if (holder < 0)
                continue;
            unite(j, i, holder);
            stands[i] = more = true;
        }
    }
}

/* What nothing holds is far: a cloud in the sky, a window in a mountain's castle, or the mountain.
 */
static void go_far(struct depth_judge *j, int i)
{
    const int host = host_of(j, i);
    float step;
    if (host >= 0 && j->kind[host] == DEPTH_SKY) {
        j->kind[i] = DEPTH_SKY;
    } else if ((float)region(j, i)->bottom >= j->horizon &&
               depth_shared(j, i, DEPTH_GROUND, &step) > 0.35F) {
        j->kind[i] = DEPTH_GROUND; /* a splinter at the horizon */
    } else if (!goes_to_host(j, i)) {
        to_backdrop(j, i);
    }
}

struct depth_region depth_sum_up(const struct depth_judge *j, int thing)
{
    struct depth_region all = {.left = 1 << 20, .top = 1 << 20};
    for (int i = 0; i < j->n; i++) {
        const struct depth_region *r = region(j, i);
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

/* Two things are one when hardly anything parts them, or they touch along much of the outline. */
static bool belong(const struct depth_judge *j, int a, int b)
{
    int steps = 0, length = 0;
    for (int i = 0; i < j->n; i++)
        for (int k = 0; k < j->n && j->kind[i] == DEPTH_THING && depth_owner(j, i) == a; k++)
            if (j->kind[k] == DEPTH_THING && depth_owner(j, k) == b) {
                length += depth_touch(j, i, k)->length;
                steps += depth_touch(j, i, k)->steps;
            }
    const int one = depth_sum_up(j, a).outline, other = depth_sum_up(j, b).outline;
    return length > 3 && (steps < 18 * length || 4 * length > (one < other ? one : other));
}

static void gather_on_ground(struct depth_judge *j)
{
    bool stands[REGION_MOST] = {false};
    for (int i = 0; i < j->n; i++)
        stands[i] = has_foot(j, i);
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == DEPTH_THING && stands[i])
            stand(j, i);
    find_backdrop(j, stands);
    hang(j, stands);
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == DEPTH_THING && !stands[i] && !in_backdrop(j, i))
            go_far(j, i);
    for (int i = 0; i < j->n; i++)
        for (int k = 0; k < i; k++)
            if (j->kind[i] == DEPTH_THING && j->kind[k] == DEPTH_THING && j->owner[i] == i &&
                j->owner[k] == k && i != j->backdrop && k != j->backdrop && belong(j, i, k))
                unite(j, i, k);
}

/* It reaches the upper edges of the picture: what stands in front reaches the lower one. */
static bool is_behind(const struct depth_judge *j, const struct depth_region *r)
{
    const int sides = r->edge[DEPTH_LEFT] + r->edge[DEPTH_RIGHT], top = r->edge[DEPTH_TOP];
    return (float)top > 0.12F * j->width ||
           ((float)sides > 0.3F * j->height && r->edge[DEPTH_BOTTOM] < 2 * sides) ||
           (top + sides > 0 && (float)r->bottom < 0.6F * j->height);
}

/* Other things enclose it more than the backdrop does, or they hold it and it differs clearly: an
 * ear, a hat. */
static bool is_of_front(const struct depth_judge *j, int i)
{
    int front = 0, back = 0, steps = 0;
    for (int k = 0; k < j->n; k++) {
        const struct depth_contact *c = depth_touch(j, i, k);
        const bool behind = j->kind[k] != DEPTH_THING || in_backdrop(j, k);
        front += k != i && !behind ? c->length : 0;
        back += k != i && behind ? c->length : 0;
        steps += k != i && behind ? c->steps : 0;
    }
    return front >= back || (8 * front > back && steps > 12 * back) ||
           (steps > 24 * back && (front > 1 || depth_stands_out(j, i)));
}

static void gather_before_backdrop(struct depth_judge *j)
{
    bool sky = false;
    int front = -1, area = 0;
    for (int i = 0; i < j->n; i++)
        sky = sky || j->kind[i] == DEPTH_SKY;
    for (int i = 0; i < j->n && !sky; i++)
        if (is_behind(j, region(j, i)))
            to_backdrop(j, i);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < j->n; i++)
            if (j->kind[i] == DEPTH_THING && j->backdrop >= 0 && depth_owner(j, i) != j->backdrop &&
                !is_of_front(j, i))
                to_backdrop(j, i);
    for (int i = 0; i < j->n; i++) {
        if (j->kind[i] != DEPTH_THING || in_backdrop(j, i))
            continue;
        front = front < 0 ? i : front;
        area += region(j, i)->area;
        unite(j, i, front);
    }
    if (!sky && front >= 0 && j->backdrop >= 0 && (float)area < 0.05F * j->width * j->height)
        to_backdrop(j, front); /* a stamp on a page is no thing before it */
}

/* A mast, a lamp post: narrow, but tall and clear. */
static bool is_post(const struct depth_judge *j, int i)
{
    const struct depth_region *r = region(j, i);
    const int tall = r->bottom - r->top + 1;
    return j->horizon >= 0 && has_foot(j, i) && (float)tall > 0.1F * j->height &&
           2 * r->area > tall * width_of(r) && depth_contrast(j, i) > 24;
}

/* Too small to be seen apart. */
static bool is_crumb(const struct depth_judge *j, int thing)
{
    if ((float)depth_sum_up(j, thing).area >= 0.007F * j->width * j->height)
        return false;
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == DEPTH_THING && depth_owner(j, i) == thing &&
            (is_post(j, i) || depth_stands_out(j, i)))
            return false;
    return true;
}

/* It goes with what it touches most. */
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

void depth_things_gather(struct depth_judge *j)
{
    if (j->horizon >= 0)
        gather_on_ground(j);
    else
        gather_before_backdrop(j);
    for (int i = 0; i < j->n; i++)
        if (j->kind[i] == DEPTH_THING && j->owner[i] == i && i != j->backdrop && is_crumb(j, i))
            gather_crumb(j, i);
    if (j->backdrop >= 0)
        j->backdrop = depth_owner(j, j->backdrop);
}
