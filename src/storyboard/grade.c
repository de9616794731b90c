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
    [MOOD_NOIR] = {1.26F, 2, 0.05F, 1, -1, 0, 0, 0.47F},
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
        .colours = {.contrast = fixed(row->contrast, 256),
                    .lift = fixed(row->lift, one),
                    .saturation = fixed(row->saturation, 256),
                    .add = {fixed(row->cb, one), fixed(row->cr, one)},
                    .warm = {fixed(row->warm_cb, one), fixed(row->warm_cr, one)}},
        .vignette = row->vignette,
    };
}

void grade_rows(const struct grade *g, struct rows *r)
{
    const struct kernel_grade *k = &g->colours;
    int16_t *const chroma[2] = {r->u, r->v};
    if (k->contrast != 256 || k->lift != 0) {
        kernel_set()->tones(r->y[0], k, r->width);
        kernel_set()->tones(r->y[1], k, r->width);
    }
    if (k->saturation != 256 || k->add[0] || k->add[1] || k->warm[0] || k->warm[1])
        kernel_set()->hues(chroma, r->y[0], k, r->width / 2);
}
