/* rig.c - see rig.h. SPDX-License-Identifier: MIT */
#include "storyboard/rig.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/pack.h"

enum motion { MOTION_BODY, MOTION_WING, MOTION_THROAT, MOTION_JAW, MOTION_HEAD };

/* A part: where its pivot stands, in sizes of the whole from the whole's anchor, and where the
 * pivot lies in its picture. From behind to before. */
static const struct part {
    const char *picture;
    enum motion motion;
    float x, y;
    float pivot_x, pivot_y; /* 0..1; pivot_x from the middle */
    float size;
    bool flip;
} parts[] = {
    {"dragon-wing", MOTION_WING, 0.16F, -0.10F, -0.44F, 0.58F, 1.25F, false},
    {"dragon-wing", MOTION_WING, -0.16F, -0.10F, -0.44F, 0.58F, 1.25F, true},
    {"dragon-body", MOTION_BODY, 0, 0.05F, 0, 0.40F, 0.78F, false},
    {"dragon-throat", MOTION_THROAT, 0, -0.20F, 0, 0.10F, 0.30F, false},
    {"dragon-jaw", MOTION_JAW, 0, -0.20F, 0, 0.18F, 0.36F, false},
    {"dragon-head", MOTION_HEAD, 0, -0.20F, 0, 0.66F, 0.46F, false},
};

enum { PARTS = sizeof parts / sizeof *parts };
_Static_assert(sizeof parts / sizeof *parts <= RIG_MOST_PARTS, "a rig has too many parts");

struct rig {
    struct sprite *part[PARTS]; /* of a mirrored pair, the second borrows the first's */
};

bool rig_exists(int picture)
{
    return picture >= 0 && text_equal(text_of(pack_name(picture)), text_of("dragon"));
}

static bool same_picture(int a, int b)
{
    return text_equal(text_of(parts[a].picture), text_of(parts[b].picture));
}

int rig_open(struct rig **out, const struct palette *palette, const struct sprite_options *options,
             int frame_height, struct error *err)
{
    SCOPED(rig) struct rig *r = mem_alloc(sizeof *r);
    struct sprite_options o = *options;
    int most = 256;
    while (most < 1024 && most < frame_height)
        most *= 2;
    for (int i = 0; i < PARTS; i++) {
        if (i > 0 && same_picture(i, i - 1)) {
            r->part[i] = r->part[i - 1];
            continue;
        }
        o.picture = pack_find(parts[i].picture);
        o.shade = options->shade;
        o.rim = options->rim;
        if (parts[i].motion < MOTION_THROAT)
            o.shade += 0.22F; /* the head comes first, into the light */
        o.size = parts[i].motion == MOTION_BODY ? most / 2 : most;
        if (parts[i].motion == MOTION_THROAT) {
            o.shade = o.rim = 0; /* there is a fire in it */
            o.size = most / 4;
        }
        int code = sprite_open(&r->part[i], palette, &o, err);
        if (code < 0)
            return code;
    }
    *out = TAKE(r);
    return 0;
}

void rig_close(struct rig *r)
{
    for (int i = 0; r && i < PARTS; i++)
        if (i == 0 || !same_picture(i, i - 1))
            sprite_close(r->part[i]);
    mem_free(r);
}

/* The pose of a part of a whole that stands in pose. */
static struct sprite_pose part_pose(const struct part *p, const struct sprite_pose *whole,
                                    const struct rig_state *s)
{
    const float size = whole->size, open = s->open, beat = curve_sine(s->beat);
    const float sway = 0.02F * curve_sine(s->beat + 0.2F), bob = 0.025F * beat;
    struct sprite_pose out = *whole;
    /* The neck reaches out to who is attacked: the head is closer than the rest. */
    const float near = p->motion >= MOTION_THROAT ? 1 + 0.75F * open : 1 - 0.12F * open;
    float x = p->x, y = p->y + bob * (p->motion >= MOTION_THROAT ? 0.6F : 1);
    out.size = size * p->size * near;
    out.anchor_x = p->pivot_x;
    out.anchor_y = p->pivot_y;
    switch (p->motion) {
    case MOTION_WING:
        /* Down fast and wide, up slowly and folded. */
        out.turn += (p->flip ? -1 : 1) * (0.065F * beat + 0.015F);
        out.wide *= (p->flip ? -1 : 1) * (0.92F + 0.14F * curve_sine(s->beat - 0.2F));
        out.tall *= 1 - 0.16F * beat;
        out.wave = 0.02F;
        out.wave_at = s->beat;
        break;
    case MOTION_BODY:
        out.breath = 0.02F * beat;
        out.turn += sway;
        break;
    case MOTION_THROAT:
        out.tall *= 0.30F + 1.05F * open;
        out.wide *= 0.92F + 0.22F * open;
        break;
    case MOTION_JAW:
        y += 0.012F + 0.020F * open * near;
        out.tall *= 0.30F + 0.98F * open;
        out.wide *= 0.86F + 0.16F * open;
        break;
    case MOTION_HEAD:
        y -= 0.055F * open * near;
        out.tall *= 1 - 0.10F * open;
        out.wide *= 1 + 0.06F * open;
        break;
    }
    const float c = curve_sine(whole->turn + 0.25F), d = curve_sine(whole->turn);
    out.x += (x * c - y * d) * size;
    out.y += (x * d + y * c) * size;
    return out;
}

int rig_place(const struct rig *r, struct sprite_frame *frames[], const struct sprite_pose *pose,
              const struct sprite_pose *before, const struct rig_state *state,
              const struct palette *palette, const int size[2])
{
    for (int i = 0; i < PARTS; i++) {
        const struct sprite_pose now = part_pose(&parts[i], pose, state);
        const struct sprite_pose then = part_pose(&parts[i], before, state);
        sprite_place(frames[i], r->part[i], &now, &then, palette, size);
    }
    return PARTS;
}
