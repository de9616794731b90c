/* cast_draw.c - the actors in a frame; see cast.h. SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"
#include "storyboard/gait.h"

enum {
    PIECES = 5, /* across and down of what bursts */
    SNORES = 3, /* letters over who sleeps        */
};

static bool bursts(const struct plan_actor *p)
{
    for (int i = 0; i < p->n_moves; i++)
        if (p->moves[i].move == MOVE_EXPLODE)
            return true;
    return false;
}

int cast_list_open(struct cast_list *l, const struct cast *c, struct error *err)
{
    int n = 0;
    for (int i = 0; i < c->n; i++) {
        const struct actor *a = &c->actor[i];
        const int each = 2 + (a->held ? 1 : 0) + (a->snore ? SNORES : 0) + (a->front ? 1 : 0) +
                         (a->rig ? RIG_MOST_PARTS : 0) + a->wheels.n + (a->wings[0] ? 2 : 0) +
                         (bursts(a->plan) ? PIECES * PIECES : 0);
        n += each * a->n;
    }
    *l = (struct cast_list){.most = n};
    l->item = mem_try(((size_t)n + 1) * sizeof *l->item);
    l->order = mem_try(((size_t)n + 1) * sizeof(struct cast_item *));
    return l->item && l->order ? 0 : error_set(err, ERR_MEMORY, "no memory for the cast");
}

void cast_list_close(struct cast_list *l)
{
    mem_free(l->item);
    mem_free(l->order);
    *l = (struct cast_list){0};
}

struct cast_item *cast_list_next(struct cast_list *l, float depth)
{
    if (l->n >= l->most)
        return NULL;
    struct cast_item *item = &l->item[l->n++];
    item->depth = depth;
    item->shadow = 0;
    item->high = false;
    item->frame.sprite = NULL;
    return item;
}

static void place_shadow(struct cast_item *item, const struct stand *d, const struct sprite *s)
{
    const struct sprite_pose *p = &d->now;
    const float lifted = curve_max(d->state.height - (d->a->airborne ? 0.4F * d->a->size : 0), 0) /
                         curve_max(d->a->size, 0.1F);
    const float floor = d->a->plan->where_target >= 0 && !d->a->airborne ? d->a->height : 0;
    if (!d->c->at.has_ground || d->a->wet || d->c->at.all_water || d->state.height < -0.5F ||
        d->a->rides || floor > 0 || d->state.burst > 0)
        return;
    item->shadow_x = p->x;
    item->shadow_y = d->ground;
    item->shadow_wide = p->size * (s->right - s->left) * 0.52F * curve_magnitude(p->wide);
    item->shadow_tall = item->shadow_wide * 0.16F;
    item->shadow = d->state.cover * 0.5F * (1 - p->haze) / (1 + 4 * lifted * lifted) *
                   curve_step(2.2F, 0.6F, lifted);
}

/* In water: nothing of it under the line where it swims, and its mirror image below. */
static void place_in_water(struct cast_list *l, struct cast_item *item, const struct stand *d,
                           const struct sprite *s)
{
    const struct sprite_pose *pose = &d->now;
    const float line = d->ground;
    struct sprite_pose m = *pose;
    struct cast_item *mirror = cast_list_next(l, d->state.z * 1.0005F);
    if (!mirror)
        return;
    m.y = 2 * line - pose->y;
    m.tall = -pose->tall * 0.9F;
    m.turn = -pose->turn;
    m.cover = 0.40F * pose->cover;
    m.ripple = 0.018F;
    m.wave = 0;
    m.wave_at = pose->y * 0.01F + pose->x * 0.004F;
    sprite_place(&mirror->frame, s, &m, NULL, d->c->at.palette, d->size);
    const int cut = (int)curve_clamp(line, 0, (float)d->size[1]);
    if (mirror->frame.sprite && mirror->frame.first_y < cut)
        mirror->frame.first_y = cut;
    if (d->a->wet && item->frame.end_y > cut)
        item->frame.end_y = cut;
}

/* Pieces of the picture fly apart, turn and fall. */
static void burst(struct cast_list *l, const struct stand *d)
{
    const float k = d->state.burst, fly = 1 - (1 - k) * (1 - k), gone = curve_step(0.55F, 1, k);
    for (int i = 0; i < PIECES * PIECES; i++) {
        struct cast_item *item = cast_list_next(l, d->state.z * (1 - 0.002F * (float)i));
        if (!item)
            return;
        const int row = i / PIECES;
        const float u = (float)(i % PIECES), v = (float)row, n = PIECES;
        const float lot = curve_random(i, 1, 31), lot2 = curve_random(i, 2, 31);
        struct sprite_pose p = d->now;
        const float x = (u + 0.5F) / n, y = (v + 0.5F) / n;
        sprite_point(&d->now, x, y, &p.x, &p.y);
        p.anchor_x = x - 0.5F;
        p.anchor_y = y;
        p.x += p.size * ((x - 0.5F) * 2.6F + 0.7F * (lot - 0.5F)) * fly;
        p.y += p.size * (((y - 0.6F) * 1.8F - 0.5F * lot2) * fly + 1.6F * k * k);
        p.turn += (lot - 0.5F) * 2.2F * fly;
        p.wide *= 1 - 0.4F * gone;
        p.tall *= 1 - 0.4F * gone;
        p.cover *= 1 - gone;
        sprite_place(&item->frame, cast_stand_side(d), &p, NULL, d->c->at.palette, d->size);
        if (item->frame.sprite)
            sprite_crop(&item->frame, u / n, (u + 1) / n, v / n, (v + 1) / n);
    }
}

static void place_rig(struct cast_list *l, const struct stand *d, float cover)
{
    struct sprite_frame *frames[RIG_MOST_PARTS];
    const float share = d->now.size / (float)d->size[1];
    /* Its jaws move as it breathes, and open as it comes. */
    const struct rig_state state = {
        .beat = d->seconds * 1.25F,
        .open = curve_clamp(curve_step(0.25F, 1.3F, share) + 0.05F * curve_sine(d->seconds * 2.1F),
                            0, 1)};
    struct sprite_pose now = d->now, before = d->before;
    now.wide = curve_magnitude(now.wide);
    before.wide = curve_magnitude(before.wide);
    now.cover = before.cover = cover;
    now.anchor_y = before.anchor_y = 0.5F;
    for (int i = 0; i < RIG_MOST_PARTS; i++) {
        struct cast_item *item = cast_list_next(l, d->state.z * (1 - 0.0001F * (float)i));
        if (!item)
            return;
        frames[i] = &item->frame;
    }
    rig_place(d->a->rig, frames, &now, &before, &state, d->c->at.palette, d->size);
}

static void place_front(struct cast_list *l, const struct stand *d, float cover)
{
    struct cast_item *item = cast_list_next(l, d->state.z * 0.9995F);
    struct sprite_pose now = d->now, before = d->before;
    if (!item)
        return;
    now.anchor_y = before.anchor_y = cast_stand_anchor(d->a, d->a->front);
    now.sway = now.stride = now.nod = now.beat = 0;
    now.wide = before.wide = 1;
    now.cover = cover;
    sprite_place(&item->frame, d->a->front, &now, &before, d->c->at.palette, d->size);
}

static void place_held(struct cast_list *l, const struct stand *d)
{
    struct cast_item *item = cast_list_next(l, d->state.z * 0.999F);
    struct sprite_pose now = d->now;
    if (!item)
        return;
    /* Before the chest, below the face; who is seen from the side holds it in front. */
    const bool sleeps = d->state.move == MOVE_SLEEP;
    const int picture = sleeps ? d->a->plan->picture : cast_stand_look(d)->picture;
    const bool upright = nature_is_upright(picture);
    const float aside = upright ? 0.10F : 0.22F;
    const float chest = upright && !nature_faces_us(picture) ? 0.48F : 0.67F; /* big heads */
    sprite_point(&d->now, 0.5F + (cast_stand_look(d)->faces_right ? aside : -aside), chest, &now.x,
                 &now.y);
    now.anchor_y = 0.5F;
    now.size *= upright ? 0.34F : 0.46F;
    now.turn += 0.02F * curve_sine(d->seconds);
    now.stride = now.nod = now.beat = 0;
    sprite_place(&item->frame, d->a->held, &now, NULL, d->c->at.palette, d->size);
}

/* Letters rise from the head of who sleeps, grow and fade. */
static void place_snores(struct cast_list *l, const struct stand *d)
{
    const struct sprite *side = cast_stand_side(d);
    const bool right = d->state.heading > 0;
    for (int i = 0; i < SNORES; i++) {
        struct cast_item *item = cast_list_next(l, d->state.z * 0.998F);
        const float at = d->seconds * 0.30F + (float)i / SNORES, k = curve_part(at);
        const float size = d->now.size;
        struct sprite_pose p = {.anchor_y = 0.5F, .wide = 1, .tall = 1};
        if (!item)
            return;
        sprite_point(&d->now, cast_stand_look(d)->faces_right ? 0.75F : 0.25F, side->top, &p.x,
                     &p.y);
        p.x += size * (0.16F * k + 0.05F * curve_sine(k * 0.8F)) * (right ? 1 : -1);
        p.y -= size * 0.55F * k;
        p.size = curve_max(size * (0.07F + 0.13F * k), 8);
        p.turn = 0.03F * curve_sine(k * 1.5F);
        p.cover = d->state.cover * curve_step(0, 0.15F, k) * curve_step(1, 0.6F, k);
        sprite_place(&item->frame, d->a->snore, &p, NULL, d->c->at.palette, d->size);
    }
}

/* The picture from the side, from the front or as a puppet of parts, whichever it shows now. */
static void place_body(struct cast_list *l, const struct stand *d)
{
    const struct sprite *side = cast_stand_side(d);
    const float share = d->now.size / (float)d->size[1];
    const float turned = curve_clamp(d->state.facing * 4 - 1, 0, 1);
    const float near = d->a->rig     ? turned
                       : d->a->front ? turned * curve_step(0.28F, 0.34F, share)
                                     : 0;
    struct cast_item *item = cast_list_next(l, d->state.z);
    if (!item)
        return;
    struct sprite_pose now = d->now;
    now.cover *= 1 - near * near;
    place_shadow(item, d, side);
    sprite_place(&item->frame, side, &now, &d->before, d->c->at.palette, d->size);
    item->high = d->a->airborne && (float)item->frame.end_y < d->ground && d->state.z > 6;
    if ((d->a->wet || d->c->at.all_water) && !d->a->rides)
        place_in_water(l, item, d, side);
    if (d->state.move == MOVE_SLEEP && gait_lies(d->a) && item->frame.end_y > (int)d->ground + 1)
        item->frame.end_y = (int)curve_max(d->ground + 1, 0);
    if (d->state.move == MOVE_SLEEP && d->a->snore)
        place_snores(l, d);
    if (d->a->held)
        place_held(l, d);
    if (d->a->wheel && near < 0.5F)
        cast_wheel_place(l, d);
    if (d->a->wings[0] && cast_stand_look(d) == &d->a->looks[STANCE_FLIES])
        cast_wing_place(l, d);
    if (near > 0 && d->a->rig)
        place_rig(l, d, d->now.cover * near);
    else if (near > 0)
        place_front(l, d, d->now.cover * near);
}

/* From far to near; of those equally far the first stays first. */
static void sort(struct cast_list *l)
{
    for (int i = 0; i < l->n; i++) {
        int k = i;
        for (; k > 0 && l->order[k - 1]->depth < l->item[i].depth; k--)
            l->order[k] = l->order[k - 1];
        l->order[k] = &l->item[i];
    }
}

void cast_place(struct cast_list *l, const struct cast *c, const struct stage_pose *camera,
                const struct stage_pose *before, float t)
{
    const float opened = curve_max(t - c->at.shutter, 0);
    l->n = 0;
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->actor[i].n; k++) {
            struct stand d = {.c = c, .size = {c->at.stage->width, c->at.stage->height}};
            cast_stand_at(&d, i, k, before, opened, &d.before);
            if (d.a->rides && d.before.size > 0)
                cast_stand_mount(&d, before, opened, &d.before);
            cast_stand_at(&d, i, k, camera, t, &d.now);
            if (d.now.size <= 0)
                continue;
            if (d.a->rides)
                cast_stand_mount(&d, camera, t, &d.now);
            if (d.state.burst > 0)
                burst(l, &d);
            else
                place_body(l, &d);
        }
    sort(l);
}

static void draw_shadow(const struct cast_item *f, struct rows *r)
{
    for (int i = 0; i < 2; i++) {
        const float dy = ((float)(2 * r->pair + i) + 0.5F - f->shadow_y) / f->shadow_tall;
        if (dy * dy >= 1)
            continue;
        const float half = f->shadow_wide * __builtin_sqrtf(1 - dy * dy);
        const int first = (int)curve_clamp(f->shadow_x - half, 0, (float)r->width);
        const int end = (int)curve_clamp(f->shadow_x + half, 0, (float)r->width);
        for (int x = first; x < end; x++) {
            const float dx = ((float)x + 0.5F - f->shadow_x) / f->shadow_wide;
            const float k = 1 - dx * dx - dy * dy;
            const int dark = (int)(256 * f->shadow * curve_clamp(k * 1.6F, 0, 1));
            const int floor = 16 << ROWS_BITS;
            r->y[i][x] = (int16_t)(r->y[i][x] - ((r->y[i][x] - floor) * dark >> 8));
        }
    }
}

void cast_draw(const struct cast_item *item, struct rows *r)
{
    if (item->shadow > 0.01F && item->shadow_tall >= 1)
        draw_shadow(item, r);
    sprite_draw(&item->frame, r);
}
