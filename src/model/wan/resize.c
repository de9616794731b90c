/* resize.c - see resize.h. SPDX-License-Identifier: MIT */
#include "model/wan/resize.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

/* ---- bicubic --------------------------------------------------------------------------------- */

struct taps {
    int at[4];
    float weight[4];
};

/* The four pixels around output pixel i, of n to_n, and their weights; in float as the reference.
 */
static struct taps cubic_taps(int64_t i, int64_t n, int64_t to_n)
{
    const float a = -0.75F;
    float scale = (float)n / (float)to_n;
    float at = scale * ((float)i + 0.5F) - 0.5F;
    float whole = floorf(at), t = at - whole;
    struct taps taps;
    for (int k = 0; k < 4; k++) {
        int64_t place = (int64_t)whole + k - 1;
        taps.at[k] = (int)(place < 0 ? 0 : place >= n ? n - 1 : place);
        float x = fabsf(t - (float)(k - 1));
        taps.weight[k] = x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
                                : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    }
    return taps;
}

static void cubic_row(const float *from, int64_t width, struct taps y, float *to, int64_t to_width)
{
    for (int64_t j = 0; j < to_width; j++) {
        struct taps x = cubic_taps(j, width, to_width);
        float sum = 0;
        for (int k = 0; k < 4; k++) {
            const float *row = from + y.at[k] * width;
            float of_row = 0;
            for (int l = 0; l < 4; l++)
                of_row += row[x.at[l]] * x.weight[l];
            sum += of_row * y.weight[k];
        }
        to[j] = sum;
    }
}

void resize_bicubic(struct tensor from, struct tensor to)
{
    assert(from.n_dims == 3 && to.n_dims == 3 && from.shape[0] == to.shape[0]);
    int64_t height = from.shape[1], width = from.shape[2];
    for (int64_t c = 0; c < to.shape[0]; c++)
        for (int64_t i = 0; i < to.shape[1]; i++)
            cubic_row(tensor_f32(&from) + c * height * width, width,
                      cubic_taps(i, height, to.shape[1]),
                      tensor_f32(&to) + (c * to.shape[1] + i) * to.shape[2], to.shape[2]);
}

/* ---- Lanczos --------------------------------------------------------------------------------- */

enum {
    LOBES = 3,
    BITS = 22, /* of the fixed point of weights: 8 of a byte and 2 of overshoot stay of 32 */
};

/* For each output pixel, where its pixels begin, how many they are, and their weights. */
struct filter {
    int64_t most;
    int64_t *first, *count; /* [to_n]       */
    int32_t *weight;        /* [to_n, most] */
};

static double lanczos(double x)
{
    if (x == 0)
        return 1;
    if (fabs(x) >= LOBES)
        return 0;
    double a = M_PI * x, b = a / LOBES;
    return sin(a) / a * (sin(b) / b);
}

static void filter_pixel(struct filter *f, int64_t i, int64_t n, double scale)
{
    double wide = scale > 1 ? scale : 1, support = LOBES * wide;
    double centre = ((double)i + 0.5) * scale, sum = 0;
    int64_t first = (int64_t)(centre - support + 0.5), last = (int64_t)(centre + support + 0.5);
    first = first < 0 ? 0 : first;
    last = last > n ? n : last;
    f->first[i] = first;
    f->count[i] = last - first;
    for (int64_t k = first; k < last; k++)
        sum += lanczos(((double)k - centre + 0.5) / wide);
    for (int64_t k = first; k < last; k++) {
        double weight = lanczos(((double)k - centre + 0.5) / wide) / sum;
        f->weight[i * f->most + k - first] = (int32_t)lround(weight * (1 << BITS));
    }
}

static void filter_fini(struct filter *f)
{
    mem_free(f->first);
    mem_free(f->count);
    mem_free(f->weight);
}
SCOPED_FINI(filter)

static int filter_init(struct filter *f, int64_t n, int64_t to_n, struct error *err)
{
    double scale = (double)n / (double)to_n;
    f->most = 2 * (int64_t)ceil(LOBES * (scale > 1 ? scale : 1)) + 1;
    f->first = mem_try((size_t)to_n * sizeof *f->first);
    f->count = mem_try((size_t)to_n * sizeof *f->count);
    f->weight = mem_try((size_t)(to_n * f->most) * sizeof *f->weight);
    if (!f->first || !f->count || !f->weight)
        return error_set(err, ERR_MEMORY, "no memory to resize an image");
    for (int64_t i = 0; i < to_n; i++)
        filter_pixel(f, i, n, scale);
    return 0;
}

/* Numbers that are `stride` apart, weighted for output pixel i, as a byte. */
static uint8_t filtered(const struct filter *f, int64_t i, const uint8_t *from, int64_t stride)
{
    const int32_t *weight = f->weight + i * f->most;
    from += f->first[i] * stride;
    int64_t sum = 1 << (BITS - 1);
    for (int64_t k = 0; k < f->count[i]; k++)
        sum += (int64_t)from[k * stride] * weight[k];
    sum >>= BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

int resize_lanczos(struct tensor from, struct tensor to, struct error *err)
{
    assert(from.n_dims == 3 && to.n_dims == 3 && from.shape[2] == to.shape[2]);
    int64_t height = from.shape[0], width = from.shape[1], channels = from.shape[2];
    int64_t to_height = to.shape[0], to_width = to.shape[1];
    SCOPED(filter) struct filter across = {0}, down = {0};
    if (filter_init(&across, width, to_width, err) < 0 ||
        filter_init(&down, height, to_height, err) < 0)
        return (int)err->code;
    SCOPED(mem) uint8_t *middle = mem_try((size_t)(height * to_width * channels));
    if (!middle)
        return error_set(err, ERR_MEMORY, "no memory to resize an image");

    const uint8_t *in = from.data;
    uint8_t *out = to.data;
    int64_t line = to_width * channels;
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < line; j++)
            middle[i * line + j] =
                filtered(&across, j / channels, in + i * width * channels + j % channels, channels);
    for (int64_t i = 0; i < to_height; i++)
        for (int64_t j = 0; j < line; j++)
            out[i * line + j] = filtered(&down, i, middle + j, line);
    return 0;
}

int resize_cover(struct tensor from, struct tensor to, struct error *err)
{
    int64_t height = to.shape[0], width = to.shape[1], channels = to.shape[2];
    double down = (double)height / (double)from.shape[0];
    double across = (double)width / (double)from.shape[1], scale = down > across ? down : across;
    int64_t large_height = (int64_t)rint((double)from.shape[0] * scale);
    int64_t large_width = (int64_t)rint((double)from.shape[1] * scale);
    SCOPED(mem) uint8_t *pixels = mem_try((size_t)(large_height * large_width * channels));
    if (!pixels)
        return error_set(err, ERR_MEMORY, "no memory to resize an image");
    struct tensor large = {.data = pixels,
                           .dtype = DTYPE_U8,
                           .n_dims = 3,
                           .shape = {large_height, large_width, channels},
                           .scale = 1};
    if (resize_lanczos(from, large, err) < 0)
        return (int)err->code;
    int64_t top = (large_height - height) / 2, left = (large_width - width) / 2;
    for (int64_t i = 0; i < height; i++)
        memcpy((uint8_t *)to.data + i * width * channels,
               pixels + ((top + i) * large_width + left) * channels, (size_t)(width * channels));
    return 0;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

struct resize_size resize_size_of(struct resize_size image, int64_t max_area)
{
    double aspect = (double)image.height / image.width;
    double height = floor(floor(sqrt((double)max_area * aspect) / 8) / 2);
    double width = floor(floor(sqrt((double)max_area / aspect) / 8) / 2);
    return (struct resize_size){.width = 16 * (int)width, .height = 16 * (int)height};
}

static double far_from(double aspect, struct resize_size size)
{
    double other = (double)size.width / size.height;
    return aspect > other ? aspect / other : other / aspect;
}

static int down_to(double x, int step)
{
    return x < step ? step : (int)floor(x / step) * step;
}

struct resize_size resize_size_near(struct resize_size image, int64_t area, int step)
{
    double aspect = (double)image.width / image.height, pixels = (double)area;
    double width = sqrt(pixels * aspect), height = pixels / width;
    struct resize_size by_width = {.width = down_to(width, step)};
    by_width.height = down_to(pixels / by_width.width, step);
    struct resize_size by_height = {.height = down_to(height, step)};
    by_height.width = down_to(pixels / by_height.height, step);
    return far_from(aspect, by_width) < far_from(aspect, by_height) ? by_width : by_height;
}
