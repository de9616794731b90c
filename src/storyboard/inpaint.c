/* inpaint.c - see inpaint.h. SPDX-License-Identifier: MIT */
#include "storyboard/inpaint.h"

#include <string.h>

#include "base/memory.h"
#include "base/scope.h"
#include "storyboard/curve.h"

enum {
    CELL = 4,     /* px of the finest large form */
    CHANNELS = 4, /* luma, two of chroma, weight */
    LEVELS = 11,  /* the last is one form, up to 4096 px */
    MOST_GRAIN = 26,
};

/* The large forms: sums of colours and their weights, then the colours. */
struct forms {
    int width[LEVELS], height[LEVELS];
    float *at[LEVELS]; /* [height, width, CHANNELS] */
    float *memory;
};

static int forms_init(struct forms *f, int width, int height, struct error *err)
{
    size_t total = 0;
    *f = (struct forms){0};
    for (int i = 0; i < LEVELS; i++) {
        f->width[i] = i > 0 ? (f->width[i - 1] + 1) / 2 : (width + CELL - 1) / CELL;
        f->height[i] = i > 0 ? (f->height[i - 1] + 1) / 2 : (height + CELL - 1) / CELL;
        total += (size_t)f->width[i] * (size_t)f->height[i] * CHANNELS;
    }
    f->memory = mem_try(total * sizeof *f->memory);
    if (!f->memory)
        return error_set(err, ERR_MEMORY, "no memory to fill in a picture");
    float *at = f->memory;
    for (int i = 0; i < LEVELS; i++) {
        f->at[i] = at;
        at += (size_t)f->width[i] * (size_t)f->height[i] * CHANNELS;
    }
    return 0;
}

static void forms_fini(struct forms *f)
{
    mem_free(f->memory);
}
SCOPED_FINI(forms)

static void gather(struct forms *f, const struct inpaint *p)
{
    const struct frame *in = p->picture;
    for (int y = 0; y < in->height; y++) {
        float *line = f->at[0] + (int64_t)(y / CELL) * f->width[0] * CHANNELS;
        const uint8_t *state = p->state + (int64_t)y * in->width;
        const uint8_t *luma = in->plane[0] + (int64_t)y * in->stride[0];
        const uint8_t *u = in->plane[1] + (int64_t)(y / 2) * in->stride[1];
        const uint8_t *v = in->plane[2] + (int64_t)(y / 2) * in->stride[2];
        for (int x = 0; x < in->width; x++) {
            if (state[x] != INPAINT_KNOWN)
                continue;
            const int half = x / 2;
            float *cell = line + (x / CELL) * CHANNELS;
            cell[0] += luma[x];
            cell[1] += u[half];
            cell[2] += v[half];
            cell[3] += 1;
        }
    }
}

static void push(struct forms *f, int level)
{
    const int width = f->width[level - 1], height = f->height[level - 1];
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const float *in = f->at[level - 1] + ((int64_t)y * width + x) * CHANNELS;
            float *out = f->at[level] + ((int64_t)(y / 2) * f->width[level] + x / 2) * CHANNELS;
            for (int c = 0; c < CHANNELS; c++)
                out[c] += in[c];
        }
}

/* The colours of a level between its cells; x and y count cells from the first one's middle. */
static void between(const struct forms *f, int level, float x, float y, float out[3])
{
    const int width = f->width[level], height = f->height[level];
    x = curve_clamp(x, 0, (float)(width - 1));
    y = curve_clamp(y, 0, (float)(height - 1));
    const int x0 = (int)x, y0 = (int)y;
    const int right = x0 + 1 < width ? CHANNELS : 0, down = y0 + 1 < height ? width * CHANNELS : 0;
    const float fx = x - (float)x0, fy = y - (float)y0;
    const float *p = f->at[level] + ((int64_t)y0 * width + x0) * CHANNELS;
    for (int c = 0; c < 3; c++) {
        const float top = p[c] + (p[right + c] - p[c]) * fx;
        const float low = p[down + c] + (p[down + right + c] - p[down + c]) * fx;
        out[c] = top + (low - top) * fy;
    }
}

/* From sums to colours: a cell with little of its own takes the rest from the level above. */
static void pull(struct forms *f, int level)
{
    const float full = level == 0 ? CELL : CELL * 2;
    for (int y = 0; y < f->height[level]; y++)
        for (int x = 0; x < f->width[level]; x++) {
            float *cell = f->at[level] + ((int64_t)y * f->width[level] + x) * CHANNELS;
            const float share = curve_clamp(cell[3] / full, 0, 1);
            float coarse[3] = {0};
            if (share < 1)
                between(f, level + 1, (float)x * 0.5F - 0.25F, (float)y * 0.5F - 0.25F, coarse);
            for (int c = 0; c < 3; c++) {
                const float own = cell[3] > 0 ? cell[c] / cell[3] : 0;
                cell[c] = own * share + coarse[c] * (1 - share);
            }
        }
}

static void forms_at(const struct forms *f, int x, int y, float out[3])
{
    between(f, 0, ((float)x + 0.5F) / CELL - 0.5F, ((float)y + 0.5F) / CELL - 0.5F, out);
}

/* Where the grain of a pixel comes from: its mirror image at the border; else the border itself. */
static void source_of(const struct inpaint *p, int x, int y, int *sx, int *sy)
{
    const int width = p->picture->width, height = p->picture->height;
    const int64_t at = (int64_t)y * width + x;
    const int qx = p->near_x[at], qy = p->near_y[at];
    *sx = 2 * qx - x;
    *sy = 2 * qy - y;
    if (*sx < 0 || *sy < 0 || *sx >= width || *sy >= height ||
        p->state[(int64_t)*sy * width + *sx] != INPAINT_KNOWN) {
        *sx = qx;
        *sy = qy;
    }
}

static uint8_t made_up(float form, float grain)
{
    grain = curve_clamp(grain, -MOST_GRAIN, MOST_GRAIN);
    return (uint8_t)(curve_clamp(form + grain, 0, 255) + 0.5F);
}

static void fill_row(const struct inpaint *p, const struct forms *f, int y)
{
    struct frame *out = p->picture;
    for (int x = 0; x < out->width; x++) {
        if (p->state[(int64_t)y * out->width + x] != INPAINT_WANTED)
            continue;
        float here[3], there[3];
        int sx, sy;
        source_of(p, x, y, &sx, &sy);
        forms_at(f, x, y, here);
        forms_at(f, sx, sy, there);
        const int64_t from = (int64_t)sy * out->stride[0] + sx;
        out->plane[0][(int64_t)y * out->stride[0] + x] =
            made_up(here[0], (float)out->plane[0][from] - there[0]);
        if (x % 2 != 0 || y % 2 != 0 ||
            p->state[(int64_t)(y + 1) * out->width + x] != INPAINT_WANTED)
            continue; /* one line of the two still shows the picture's own chroma */
        for (int c = 1; c < 3; c++) {
            const int64_t source = (int64_t)(sy / 2) * out->stride[c] + sx / 2;
            out->plane[c][(int64_t)(y / 2) * out->stride[c] + x / 2] =
                made_up(here[c], (float)out->plane[c][source] - there[c]);
        }
    }
}

int inpaint_run(const struct inpaint *p, struct error *err)
{
    SCOPED(forms) struct forms f = {0};
    int code = forms_init(&f, p->picture->width, p->picture->height, err);
    if (code < 0)
        return code;
    gather(&f, p);
    for (int i = 1; i < LEVELS; i++)
        push(&f, i);
    float *whole = f.at[LEVELS - 1];
    if (whole[3] == 0)
        return 0;
    for (int c = 0; c < 3; c++)
        whole[c] /= whole[3];
    for (int i = LEVELS - 2; i >= 0; i--)
        pull(&f, i);
    for (int y = 0; y < p->picture->height; y++)
        fill_row(p, &f, y);
    return 0;
}
