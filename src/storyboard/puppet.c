/* puppet.c - see puppet.h. SPDX-License-Identifier: MIT */
#include "storyboard/puppet.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/pack.h"

enum part_kind { PART_LEG, PART_TRUNK, PART_TAIL, PART_HEAD, PART_KINDS };

/* Where a part hangs in the whole, and by which point of its own picture, 0..1 each way. */
struct part {
    enum part_kind kind;
    float x, y;
    float pivot_x, pivot_y;
    float size;  /* of the whole            */
    float phase; /* of its step, in turns   */
};

/* From the side, to the left. */
static const struct part beast[] = {
    {PART_TAIL, 0.84F, 0.66F, 0.17F, 0.78F, 0.34F, 0},
    {PART_LEG, 0.47F, 0.72F, 0.5F, 0.10F, 0.31F, 0.5F},
    {PART_LEG, 0.73F, 0.72F, 0.5F, 0.10F, 0.31F, 0},
    {PART_TRUNK, 0.60F, 0.66F, 0.5F, 0.5F, 0.60F, 0},
    {PART_LEG, 0.39F, 0.73F, 0.5F, 0.10F, 0.31F, 0},
    {PART_LEG, 0.80F, 0.73F, 0.5F, 0.10F, 0.31F, 0.5F},
    {PART_HEAD, 0.31F, 0.36F, 0.5F, 0.5F, 0.60F, 0},
};

/* From the front. */
static const struct part person[] = {
    {PART_LEG, 0.44F, 0.75F, 0.5F, 0.10F, 0.28F, 0},
    {PART_LEG, 0.56F, 0.75F, 0.5F, 0.10F, 0.28F, 0.5F},
    {PART_TRUNK, 0.50F, 0.69F, 0.5F, 0.5F, 0.33F, 0},
    {PART_HEAD, 0.50F, 0.32F, 0.5F, 0.5F, 0.62F, 0},
};

/* Heads that are also shown as such, from the front; the others are packed with their bodies
 * (assets/figures.txt). Names of pictures, separated by blanks. */
static const struct row {
    const char *names;
    bool is_beast;
    uint32_t trunk, leg;
} rows[] = {
    {"horse-face", true, 0xb9773d, 0x7a4a26},
    {"cat-face", true, 0xf0b030, 0xd99a24},
    {"dog-face", true, 0xd2a679, 0xb98c60},
    {"tiger-face", true, 0xf0962e, 0xf4ead8},
    {"mouse-face", true, 0xb9b3b3, 0xa39c9c},
    {"rabbit-face", true, 0xe9e5e0, 0xd6d1ca},
    {"cow-face", true, 0xf0ece4, 0x574a46},
    {"pig-face", true, 0xf3a7b5, 0xe08d9e},
    {"monkey-face", true, 0x8f5f3f, 0x7a4f34},
    {"alien-monster", false, 0x7d8a94, 0x5a646e},
    {"skull", false, 0x34343a, 0xe4e2da},
    {"older-person man-beard person-beard "
     "woman-blond-hair man-blond-hair person-blond-hair man-red-hair woman-red-hair man-white-hair "
     "woman-white-hair man-curly-hair woman-curly-hair man-bald woman-bald",
     false, 0x3f78b8, 0x3c4356},
};

struct puppet {
    bool is_beast;
    struct sprite *part[PART_KINDS];
};

static const struct row *row_of(int picture)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text rest = text_of(rows[i].names);
        while (rest.len > 0)
            if (text_equal(text_cut(&rest, ' '), text_of(pack_name(picture))))
                return &rows[i];
    }
    return NULL;
}

bool puppet_exists(int picture)
{
    return row_of(picture) != NULL;
}

/* What a named colour makes of the trunk. */
static uint32_t coloured(enum colour c, uint32_t own)
{
    static const uint32_t of[COLOURS] = {
        [COLOUR_RED] = 0xc8382e,    [COLOUR_ORANGE] = 0xe88030, [COLOUR_YELLOW] = 0xf0cc40,
        [COLOUR_GREEN] = 0x4a9a48,  [COLOUR_TEAL] = 0x3a9a98,   [COLOUR_BLUE] = 0x3a68c0,
        [COLOUR_PURPLE] = 0x8048a8, [COLOUR_PINK] = 0xf090b8,   [COLOUR_BROWN] = 0x7a5036,
        [COLOUR_BLACK] = 0x2a2a2e,  [COLOUR_WHITE] = 0xf4f4f2,  [COLOUR_GREY] = 0x909498,
        [COLOUR_GOLD] = 0xd8a838,   [COLOUR_SILVER] = 0xb8c0c6,
    };
    return c == COLOUR_OWN ? own : of[c];
}

int puppet_open(struct puppet **out, const struct palette *palette,
                const struct sprite_options *options, struct error *err)
{
    static const char *const names[2][PART_KINDS] = {
        {[PART_LEG] = "body-leg", [PART_TRUNK] = "body-coat"},
        {[PART_LEG] = "body-leg", [PART_TRUNK] = "body-beast", [PART_TAIL] = "body-tail"},
    };
    const struct row *row = row_of(options->picture);
    SCOPED(puppet) struct puppet *p = mem_alloc(sizeof *p);
    p->is_beast = row->is_beast;
    for (int i = 0; i < PART_KINDS; i++) {
        struct sprite_options part = *options;
        const char *name = names[row->is_beast][i];
        if (!name)
            continue;
        part.picture = pack_find(name);
        part.size = i == PART_TRUNK ? options->size : options->size / 2;
        part.colour = COLOUR_OWN;
        part.tint = i == PART_LEG ? row->leg : coloured(options->colour, row->trunk);
        int code = sprite_open(&p->part[i], palette, &part, err);
        if (code < 0)
            return code;
    }
    *out = TAKE(p);
    return 0;
}

void puppet_close(struct puppet *p)
{
    if (!p)
        return;
    for (int i = 0; i < PART_KINDS; i++)
        sprite_close(p->part[i]);
    mem_free(p);
}

/* How a part hangs in the whole. */
static struct sprite_pose part_pose(const struct part *p, const struct sprite_pose *whole,
                                    const struct puppet_state *s)
{
    struct sprite_pose base = *whole, out = *whole;
    const float side = whole->wide < 0 ? -1 : 1, swing = curve_sine(s->step * 0.5F + p->phase);
    base.anchor_y = 1;
    out.sway = out.stride = out.nod = out.beat = out.wave = 0;
    sprite_point(&base, p->x, p->y, &out.x, &out.y);
    out.anchor_x = p->pivot_x - 0.5F;
    out.anchor_y = p->pivot_y;
    out.size = whole->size * p->size;
    if (p->kind == PART_LEG) {
        const float lifted = curve_max(curve_sine(s->step * 0.5F + p->phase + 0.25F), 0);
        out.turn += side * 0.085F * swing * s->stride;
        out.tall *= 1 - 0.16F * lifted * s->stride;
    } else if (p->kind == PART_TAIL) {
        out.turn += side * (0.03F * curve_sine(s->seconds * 0.7F) + 0.03F * swing * s->stride);
    } else if (p->kind == PART_HEAD) {
        out.turn += side * (0.008F * curve_sine(s->seconds * 0.31F) + 0.010F * swing * s->stride);
        out.y += 0.012F * whole->size * curve_sine(s->step + 0.15F) * s->stride;
    }
    return out;
}

int puppet_place(const struct puppet *p, struct sprite_frame *frames[], const struct sprite *head,
                 const struct sprite_pose pose[2], const struct puppet_state *state,
                 const struct palette *palette, const int size[2])
{
    const struct part *parts = p->is_beast ? beast : person;
    const int most = p->is_beast ? (int)(sizeof beast / sizeof *beast)
                                 : (int)(sizeof person / sizeof *person);
    int n = 0;
    for (int i = 0; i < most; i++) {
        if (state->lies && parts[i].kind == PART_LEG)
            continue;
        const struct sprite *s = parts[i].kind == PART_HEAD ? head : p->part[parts[i].kind];
        const struct sprite_pose before = part_pose(&parts[i], &pose[0], state);
        const struct sprite_pose now = part_pose(&parts[i], &pose[1], state);
        sprite_place(frames[n++], s, &now, &before, palette, size);
    }
    return n;
}
