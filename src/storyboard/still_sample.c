/* still_sample.c - see still_sample.h. SPDX-License-Identifier: MIT */
#include "storyboard/still_sample.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/pack.h"
#include "storyboard/reel.h"
#include "storyboard/vector.h"
#include "unit.h"

const char *still_sample_name(enum still_sample s)
{
    static const char *const names[STILL_SAMPLES] = {"landscape", "portrait", "facade",
                                                     "park",      "group",    "markers",
                                                     "gradient",  "noise",    "plain"};
    return names[s];
}

static void put(struct image *im, int x, int y, uint32_t rgb)
{
    if (x < 0 || y < 0 || x >= im->width || y >= im->height)
        return;
    for (int c = 0; c < 3; c++)
        im->rgb[3 * (y * im->width + x) + c] = (uint8_t)(rgb >> (16 - 8 * c));
}

/* In parts of the width and height. */
static void box(struct image *im, const float at[4], uint32_t rgb)
{
    const float w = (float)im->width, h = (float)im->height;
    for (int y = (int)(at[1] * h + 0.5F); y < (int)(at[3] * h + 0.5F); y++)
        for (int x = (int)(at[0] * w + 0.5F); x < (int)(at[2] * w + 0.5F); x++)
            put(im, x, y, rgb);
}

static void gradient(struct image *im, uint32_t from, uint32_t to)
{
    for (int y = 0; y < im->height; y++) {
        uint32_t rgb = 0;
        for (int shift = 0; shift <= 16; shift += 8)
            rgb |= (uint32_t)curve_mix((float)(from >> shift & 255), (float)(to >> shift & 255),
                                       (float)y / (float)im->height)
                   << shift;
        for (int x = 0; x < im->width; x++)
            put(im, x, y, rgb);
    }
}

/* As a sensor has it. */
static void grain(struct image *im, int strength)
{
    for (int i = 0; i < 3 * im->width * im->height; i++) {
        const int v = im->rgb[i] + (int)(curve_hash(i, 7, 3) % (unsigned)(2 * strength + 1)) -
                      strength;
        im->rgb[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

static void light(struct image *im, float x, float y, float radius)
{
    for (int py = (int)(y - radius) - 1; py <= (int)(y + radius) + 1; py++)
        for (int px = (int)(x - radius) - 1; px <= (int)(x + radius) + 1; px++) {
            const float dx = (float)px - x, dy = (float)py - y;
            const float k = 0.3F *
                            curve_step(radius, radius * 0.6F, __builtin_sqrtf(dx * dx + dy * dy));
            if (px < 0 || py < 0 || px >= im->width || py >= im->height)
                continue;
            uint8_t *p = im->rgb + 3 * (py * im->width + px);
            for (int c = 0; c < 3; c++)
                p[c] = (uint8_t)curve_mix(p[c], 230 - 40 * (float)c, k);
        }
}

static void face(struct image *im, int size, int left, int top)
{
    struct error err = {0};
    size_t len;
    SCOPED(mem) char *svg = NULL;
    SCOPED(mem) uint32_t *rgba = mem_alloc((size_t)size * (size_t)size * sizeof *rgba);
    CHECK_OK(pack_svg(pack_find("man"), &svg, &len, &err), err);
    CHECK_OK(vector_draw(rgba, (struct text){svg, len}, size, &err), err);
    for (int y = 0; y < size && top + y < im->height; y++)
        for (int x = 0; x < size; x++) {
            const uint32_t c = rgba[y * size + x], clear = 255 - (c >> 24);
            uint8_t *p = im->rgb + 3 * ((top + y) * im->width + left + x);
            for (int i = 0; i < 3; i++)
                p[i] = (uint8_t)(p[i] * clear / 255 + (c >> (16 - 8 * i) & 255));
        }
}

static void portrait(struct image *im)
{
    const float w = (float)im->width, h = (float)im->height;
    const int size = (int)(0.8F * curve_min(w, h));
    gradient(im, 0x3c5046, 0x785a3c);
    for (int i = 0; i < 24; i++)
        light(im, w * curve_random(i, 0, 5), h * curve_random(i, 1, 5),
              h * (0.04F + 0.06F * curve_random(i, 2, 5)));
    face(im, size, (im->width - size) / 2, im->height - size);
    grain(im, 2);
}

static void facade(struct image *im)
{
    gradient(im, 0x6ea0dc, 0xd2e1f0);
    box(im, (float[]){0.1F, 0.18F, 0.93F, 0.86F}, 0xb09678);
    for (int i = 0; i < 9; i++)
        for (int k = 0; k < 5; k++) {
            const float x = 0.12F + 0.09F * (float)i, y = 0.26F + 0.12F * (float)k;
            box(im, (float[]){x, y, x + 0.05F, y + 0.07F}, 0x3c465a);
        }
    box(im, (float[]){0.1F, 0.21F, 0.93F, 0.23F}, 0xffffff);    /* a cornice */
    box(im, (float[]){0.105F, 0.18F, 0.115F, 0.86F}, 0xffffff); /* a pipe    */
    box(im, (float[]){0, 0.86F, 1, 1}, 0x5a5a5f);
    grain(im, 4);
}

static void ball(struct image *im, const float at[4], uint32_t rgb)
{
    const float w = (float)im->width, h = (float)im->height;
    for (int y = 0; y < im->height; y++)
        for (int x = 0; x < im->width; x++) {
            const float dx = (2 * ((float)x + 0.5F) / w - at[0] - at[2]) / (at[2] - at[0]);
            const float dy = (2 * ((float)y + 0.5F) / h - at[1] - at[3]) / (at[3] - at[1]);
            if (dx * dx + dy * dy <= 1)
                put(im, x, y, rgb);
        }
}

static void markers(struct image *im)
{
    gradient(im, 0x5a96e6, 0xc8dcf5);
    box(im, (float[]){0, 0.5F, 1, 1}, 0x4a7a34);
    ball(im, (float[]){0.24F, 0.36F, 0.31F, 0.56F}, 0x2030c0);
    ball(im, (float[]){0.58F, 0.38F, 0.72F, 0.92F}, 0xd01818);
    grain(im, 3);
}

static void park(struct image *im)
{
    gradient(im, 0x4a80c8, 0xe8e4e0);
    ball(im, (float[]){-0.2F, 0.42F, 0.6F, 0.9F}, 0x7d8fa8);
    ball(im, (float[]){0.4F, 0.46F, 1.4F, 0.9F}, 0x5f7d78);
    box(im, (float[]){0, 0.55F, 1, 1}, 0x7a9a50);
    for (int i = 0; i < 450; i++) { /* a path between two lawns, all the way to the horizon */
        const float y = 0.55F + 0.001F * (float)i, x = 0.60F - 0.0006F * (float)i;
        box(im, (float[]){x - 0.1F * (y - 0.5F), y, x + 0.2F * (y - 0.5F), y + 0.002F}, 0xcdb98c);
    }
    box(im, (float[]){0.235F, 0.40F, 0.265F, 0.88F}, 0x4e3620);
    ball(im, (float[]){0.12F, 0.12F, 0.38F, 0.52F}, 0x2f5f26);
    ball(im, (float[]){0.17F, 0.16F, 0.29F, 0.36F}, 0x3f7632);
    box(im, (float[]){0.475F, 0.22F, 0.486F, 0.74F}, 0x202428);
    for (int i = 0; i < 3; i++)
        box(im, (float[]){0.72F + 0.09F * (float)i, 0.66F, 0.73F + 0.09F * (float)i, 0.80F},
            0x5b3a20);
    box(im, (float[]){0.70F, 0.69F, 0.95F, 0.705F}, 0x5b3a20);
    box(im, (float[]){0.70F, 0.74F, 0.95F, 0.755F}, 0x5b3a20);
    grain(im, 3);
}

static void group(struct image *im)
{
    static const uint32_t heads[4] = {0xb0b4ba, 0xd03078, 0xc86428, 0x6a5248};
    static const uint32_t coats[4] = {0x3a6088, 0x6a5a38, 0xa02038, 0x30486a};
    gradient(im, 0xb8c0cc, 0xd8dce2);
    for (int i = 0; i < 4; i++) {
        const float x = 0.12F + 0.20F * (float)i;
        box(im, (float[]){x - 0.02F, 0.55F, x + 0.20F, 1}, coats[i]);
        box(im, (float[]){x + 0.05F, 0.40F, x + 0.12F, 0.56F}, 0xd8cfc0);
        ball(im, (float[]){x + 0.02F, 0.16F, x + 0.15F, 0.44F}, heads[i]);
    }
    grain(im, 3);
}

static void landscape(struct image *im)
{
    struct error err = {0};
    const struct reel_request q = {.prompt = text_of("a castle in the mountains by day"),
                                   .seed = 41,
                                   .width = im->width,
                                   .height = im->height,
                                   .fps = 25,
                                   .n_frames = 1,
                                   .n_threads = 1};
    SCOPED(reel) struct reel *r = NULL;
    SCOPED(frame) struct frame *f = frame_new(im->width, im->height);
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    reel_frame(r, 0, f);
    frame_to_rgb(f, im->rgb);
}

struct image *still_sample_draw(enum still_sample s, int width, int height)
{
    struct image *im = image_new(width, height);
    assert_non_null(im);
    gradient(im, 0x808080, 0x808080);
    if (s == STILL_LANDSCAPE)
        landscape(im);
    else if (s == STILL_PORTRAIT)
        portrait(im);
    else if (s == STILL_FACADE)
        facade(im);
    else if (s == STILL_PARK)
        park(im);
    else if (s == STILL_GROUP)
        group(im);
    else if (s == STILL_MARKERS)
        markers(im);
    else if (s == STILL_GRADIENT)
        gradient(im, 0x1e3c78, 0xe6c8b4);
    else if (s == STILL_NOISE)
        grain(im, 127);
    return im;
}
