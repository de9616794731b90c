/* sample.c - see sample.h. SPDX-License-Identifier: MIT */
#include "unit.h"

#include "api/sample.h"

#include <jansson.h>
#include <spng.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const struct model rows[] = {
    {.id = "video-01",
     .aliases = "v1 minimax/video-01",
     .name = "Video-01",
     .developer = "Somebody",
     .description = "Makes videos.",
     .engine = "storyboard",
     .released = "2024-09-01",
     .credits = 120000,
     .prompt_max = 2000,
     .width = 1280,
     .height = 720,
     .fps = 25,
     .n_frames = 141},
    {.id = "video-01-live2d",
     .aliases = "",
     .name = "Video-01 Live2D",
     .developer = "Somebody else",
     .description = "Makes pictures move.",
     .engine = "storyboard",
     .released = "2024-12-01",
     .credits = 240000,
     .prompt_max = 2000,
     .image_required = true,
     .width = 1280,
     .height = 720,
     .fps = 25,
     .n_frames = 141},
};

const struct model_catalogue sample_catalogue = {rows, 2};

void sample_same_json(const char *actual, const char *expected)
{
    SCOPED(mem) char *quoted = mem_dup(expected);
    for (char *c = quoted; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *a = json_loads(actual, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_t *e = json_loads(quoted, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (!e)
        fail_msg("the expectation is not JSON: %s", expected);
    if (!a || !json_equal(a, e))
        fail_msg("expected %s\n     got %s", expected, actual);
    json_decref(a);
    json_decref(e);
}

void sample_same_issues(struct issue_list *issues, const char *expected)
{
    SCOPED(mem) char *actual = issue_list_take(issues);
    sample_same_json(actual, expected);
}

static char *base64_of(const unsigned char *bytes, size_t len)
{
    char *out = mem_alloc((len * 4 + 2) / 3 + 1);
    text_base64url_encode(bytes, len, out);
    return out;
}

char *sample_png(int width, int height)
{
    size_t size = (size_t)width * (size_t)height;
    SCOPED(mem) char *pixels = mem_alloc(size);
    spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
    struct spng_ihdr ihdr = {.width = (uint32_t)width,
                             .height = (uint32_t)height,
                             .bit_depth = 8,
                             .color_type = SPNG_COLOR_TYPE_GRAYSCALE};
    size_t len = 0;
    int rc = 0;
    spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
    spng_set_ihdr(ctx, &ihdr);
    assert_int_equal(spng_encode_image(ctx, pixels, size, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE), 0);
    unsigned char *bytes = spng_get_png_buffer(ctx, &len, &rc);
    assert_int_equal(rc, 0);
    char *out = base64_of(bytes, len);
    mem_free(bytes);
    spng_ctx_free(ctx);
    return out;
}
