/* grade.c - see grade.h. SPDX-License-Identifier: MIT */
#include "storyboard/grade.h"

/* Contrast and saturation as factors, the rest in bytes of a frame. */
static const struct row {
    float contrast, lift, saturation, cb, cr, warm_cb, warm_cr, vignette;
} rows[MOODS] = {
    [MOOD_PLAIN] = {1, 0, 1, 0, 0, 0, 0, 0.32F},
    [MOOD_MENACING] = {1.06F, 0, 0.94F, 0, 2, 0, 0, 0.44F},
    [MOOD_CHEERFUL] = {1.03F, 5, 1.18F, -2, 1, 0, 0, 0.22F},
    [MOOD_CALM] = {0.94F, 4, 0.90F, 1, -1, 0, 0, 0.26F},
    [MOOD_MELANCHOLIC] = {0.94F, -6, 0.52F, 5, -3, 0, 0, 0.40F},
    [MOOD_DREAMY] = {0.84F, 20, 0.96F, 4, 5, -3, 3, 0.20F},
    [MOOD_EPIC] = {1.14F, -2, 1.10F, 5, -5, -11, 10, 0.42F},
    [MOOD_NOIR] = {1.28F, -8, 0.05F, 1, -1, 0, 0, 0.47F},
    [MOOD_VINTAGE] = {0.80F, 13, 0.40F, -9, 7, -4, 2, 0.46F},
    [MOOD_NEON] = {1.12F, -10, 1.30F, 8, 2, -2, 8, 0.42F},
};

static int fixed(float x, float one)
{
    return (int)(x * one + (x < 0 ? -0.5F : 0.5F));
}

void grade_init(struct grade *g, enum mood mood)
{
    const struct row *row = &rows[mood];
    const float one = 1 << ROWS_BITS;
    *g = (struct grade){
        .contrast = fixed(row->contrast, 256),
        .lift = fixed(row->lift, one),
        .saturation = fixed(row->saturation, 256),
        .cb = fixed(row->cb, one),
        .cr = fixed(row->cr, one),
        .warm_cb = fixed(row->warm_cb, one),
        .warm_cr = fixed(row->warm_cr, one),
        .vignette = row->vignette,
    };
}

enum {
    MIDDLE = 112 << ROWS_BITS,
    GREY = 128 << ROWS_BITS,
    BLACK = 16 << ROWS_BITS,
    WHITE = 235 << ROWS_BITS
};

static void tones(int16_t *line, const struct grade *g, int n)
{
    for (int x = 0; x < n; x++) {
        const int from = line[x], to = MIDDLE + (((from - MIDDLE) * g->contrast) >> 8) + g->lift;
        line[x] = (int16_t)(to < BLACK ? BLACK : to > WHITE ? WHITE : to);
    }
}

/* add: the same for all and what grows with luma, 0..219, in 128ths. */
static int16_t hue(int from, int saturation, int add)
{
    const int least = 16 << ROWS_BITS, most = 240 << ROWS_BITS;
    const int to = GREY + (((from - GREY) * saturation) >> 8) + add;
    return (int16_t)(to < least ? least : to > most ? most : to);
}

static void hues(struct rows *r, const struct grade *g)
{
    for (int x = 0; x < r->width / 2; x++) {
        const int bright = (r->y[0][2 * x] - BLACK) >> ROWS_BITS;
        r->u[x] = hue(r->u[x], g->saturation, g->cb + ((g->warm_cb * bright) >> 7));
        r->v[x] = hue(r->v[x], g->saturation, g->cr + ((g->warm_cr * bright) >> 7));
    }
}

void grade_rows(const struct grade *g, struct rows *r)
{
    if (g->contrast != 256 || g->lift != 0) {
        tones(r->y[0], g, r->width);
        tones(r->y[1], g, r->width);
    }
    if (g->saturation != 256 || g->cb || g->cr || g->warm_cb || g->warm_cr)
        hues(r, g);
}
