/* ops_plain.c - the kernels in plain C: what each row means. Sums are in double.
 *
 * Every other set is tested against these lines, so they are written to be read, not to be fast.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "nn/ops.h"
#include "nn/quant.h"

/* ---- products ---------------------------------------------------------------------------- */

static size_t f32_bytes(int n, int k)
{
    return ((size_t)n * (size_t)k * sizeof(float) + 63) & ~(size_t)63;
}

static float number_of(const struct ops_matrix *w, int o, int j)
{
    const int64_t i = o * w->row_stride + j * w->col_stride;
    float wide;
    uint16_t narrowed;
    if (w->number == DTYPE_F32) {
        memcpy(&wide, (const char *)w->at + i * (int64_t)sizeof wide, sizeof wide);
        return wide;
    }
    memcpy(&narrowed, (const char *)w->at + i * (int64_t)sizeof narrowed, sizeof narrowed);
    return quant_from_bf16(narrowed);
}

static void f32_pack(void *out, struct ops_matrix w)
{
    float *to = out;
    for (int o = 0; o < w.n; o++)
        for (int j = 0; j < w.k; j++)
            *to++ = number_of(&w, o, j);
}

static float product_start(const struct ops_product *p, int i, int o)
{
    return p->add ? p->y[i * p->y_stride + o] : p->bias ? p->bias[o] : 0;
}

static void f32_product(const struct ops_product *p)
{
    for (int i = 0; i < p->m; i++)
        for (int o = 0; o < p->n; o++) {
            const float *w = (const float *)p->w + (int64_t)o * p->taps * p->k;
            double sum = product_start(p, i, o);
            for (int t = 0; t < p->taps; t++, w += p->k) {
                const float *x = p->rows[t * p->m + i];
                for (int j = 0; j < p->k; j++)
                    sum += (double)x[j] * (double)w[j];
            }
            p->y[i * p->y_stride + o] = (float)sum;
        }
}

static size_t bf16_bytes(int n, int k)
{
    return ((size_t)n * (size_t)(k + k % 2) * sizeof(uint16_t) + 63) & ~(size_t)63;
}

static void bf16_pack(void *out, struct ops_matrix w)
{
    uint16_t *to = out;
    for (int o = 0; o < w.n; o++) {
        for (int j = 0; j < w.k; j++)
            *to++ = quant_to_bf16(number_of(&w, o, j));
        if (w.k % 2)
            *to++ = 0;
    }
}

static void bf16_product(const struct ops_product *p)
{
    for (int i = 0; i < p->m; i++)
        for (int o = 0; o < p->n; o++) {
            const uint16_t *w = (const uint16_t *)p->w + (int64_t)o * p->taps * p->k;
            double sum = product_start(p, i, o);
            for (int t = 0; t < p->taps; t++, w += p->k) {
                const uint16_t *x = p->rows[t * p->m + i];
                for (int j = 0; j < p->k; j++)
                    sum += (double)quant_from_bf16(x[j]) * (double)quant_from_bf16(w[j]);
            }
            p->y[i * p->y_stride + o] = (float)sum;
        }
}

static void narrow(uint16_t *y, const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = quant_to_bf16(x[i]);
}

/* ---- norms ------------------------------------------------------------------------------- */

static void layer_norm(float *y, const float *x, int64_t n, const struct ops_norm *norm)
{
    double sum = 0;
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)x[i];
    const double mean = sum / (double)n;
    for (int64_t i = 0; i < n; i++)
        squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    const double factor = 1 / sqrt(squares / (double)n + (double)norm->eps);
    for (int64_t i = 0; i < n; i++) {
        const double gain = (double)norm->plus + (norm->gain ? (double)norm->gain[i] : 0);
        const double bias = norm->bias ? (double)norm->bias[i] : 0;
        y[i] = (float)(((double)x[i] - mean) * factor * gain + bias);
    }
}

static double sum_of_squares(const float *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

static void multiply_row(float *y, const float *x, int64_t n, const float *gain, double factor)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = (float)((double)x[i] * factor * (gain ? (double)gain[i] : 1));
}

static void rms_norm(float *y, const float *x, int64_t n, const float *gain, float eps)
{
    const double mean = sum_of_squares(x, n) / (double)n;
    multiply_row(y, x, n, gain, 1 / sqrt(mean + (double)eps));
}

static void unit_norm(float *y, const float *x, int64_t n, const float *gain)
{
    const double length = sqrt(sum_of_squares(x, n));
    /* Written so that a NaN stays one. */
    multiply_row(y, x, n, gain, sqrt((double)n) / (length < 1e-12 ? 1e-12 : length));
}

/* ---- elementwise ------------------------------------------------------------------------- */

static void silu(float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)((double)x[i] / (1 + exp(-(double)x[i])));
}

static void gelu_tanh(float *x, int64_t n)
{
    const double k = 0.79788456080286535588; /* sqrt(2 / pi) */
    for (int64_t i = 0; i < n; i++) {
        const double v = (double)x[i];
        x[i] = (float)(0.5 * v * (1 + tanh(k * (v + 0.044715 * v * v * v))));
    }
}

static void gelu_erf(float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) /* 1 + erf(v) = erfc(-v), which keeps the digits far left */
        x[i] = (float)(0.5 * (double)x[i] * erfc(-(double)x[i] * 0.70710678118654752440));
}

static void scale(float *x, int64_t n, float k)
{
    for (int64_t i = 0; i < n; i++)
        x[i] *= k;
}

static void clamp(float *x, int64_t n, float low, float high)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

static void add(float *x, const float *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] += y[i];
}

static void mul(float *x, const float *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] *= y[i];
}

static void add_gated(float *x, const float *y, const float *gate, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)((double)x[i] + (double)y[i] * (double)gate[i]);
}

static void rope(float *x, const float *cos, const float *sin, int64_t n)
{
    for (int64_t j = 0; j < n; j++) {
        const double a = (double)x[2 * j];
        const double b = (double)x[2 * j + 1];
        x[2 * j] = (float)(a * (double)cos[j] - b * (double)sin[j]);
        x[2 * j + 1] = (float)(a * (double)sin[j] + b * (double)cos[j]);
    }
}

static float softmax(float *p, int64_t n, float scale_by, const float *bias,
                     struct ops_softmax *run)
{
    float max = run->max;
    for (int64_t i = 0; i < n; i++) {
        p[i] = p[i] * scale_by + (bias ? bias[i] : 0);
        if (p[i] > max)
            max = p[i];
    }
    double sum = 0;
    if (max == -INFINITY) { /* all masked so far (or NaN): there is nothing to scale by */
        for (int64_t i = 0; i < n; i++) {
            p[i] = p[i] == -INFINITY ? 0 : p[i];
            sum += (double)p[i];
        }
        run->sum = (float)((double)run->sum + sum);
        return 1;
    }
    for (int64_t i = 0; i < n; i++) {
        p[i] = (float)exp((double)p[i] - (double)max);
        sum += (double)p[i];
    }
    const float factor = (float)exp((double)run->max - (double)max);
    run->sum = (float)((double)run->sum * (double)factor + sum);
    run->max = max;
    return factor;
}

/* ---- the maps of winograd.c -------------------------------------------------------------- */

/* Of polynomials: multiplying two is multiplying their values at 0, 3/4, -3/4, 3/2, -3/2 and
 * infinity. B' and G give the values (G with the weights of the way back), A' goes back. */
static const double winograd_b[6][6] = {
    {81 / 64.0, 0, -45 / 16.0, 0, 1, 0},       {0, -27 / 16.0, -9 / 4.0, 3 / 4.0, 1, 0},
    {0, 27 / 16.0, -9 / 4.0, -3 / 4.0, 1, 0},  {0, -27 / 32.0, -9 / 16.0, 3 / 2.0, 1, 0},
    {0, 27 / 32.0, -9 / 16.0, -3 / 2.0, 1, 0}, {0, 81 / 64.0, 0, -45 / 16.0, 0, 1},
};
static const double winograd_g[6][3] = {
    {64 / 81.0, 0, 0},
    {-128 / 243.0, -96 / 243.0, -72 / 243.0},
    {-128 / 243.0, 96 / 243.0, -72 / 243.0},
    {32 / 243.0, 48 / 243.0, 72 / 243.0},
    {32 / 243.0, -48 / 243.0, 72 / 243.0},
    {0, 0, 1},
};
static const double winograd_a[4][6] = {
    {1, 1, 1, 1, 1, 0},
    {0, 3 / 4.0, -3 / 4.0, 3 / 2.0, -3 / 2.0, 0},
    {0, 9 / 16.0, 9 / 16.0, 9 / 4.0, 9 / 4.0, 0},
    {0, 27 / 64.0, -27 / 64.0, 27 / 8.0, -27 / 8.0, 1},
};

/* What x adds; a NaN where it has no part adds nothing. */
static double part(double by, float x)
{
    return by == 0 ? 0 : by * (double)x;
}

static float pixel(const void *x, enum dtype number, int64_t c)
{
    return number == DTYPE_BF16 ? quant_from_bf16(((const uint16_t *)x)[c]) : ((const float *)x)[c];
}

static void winograd_in(float *v, int64_t v_stride, const void *const *x, enum dtype number,
                        int64_t n)
{
    for (int64_t c = 0; c < n; c++)
        for (int at = 0; at < 36; at++) {
            double sum = 0;
            for (int i = 0; i < 36; i++)
                sum += part(winograd_b[at / 6][i / 6] * winograd_b[at % 6][i % 6],
                            pixel(x[i], number, c));
            v[at * v_stride + c] = (float)sum;
        }
}

static void winograd_weights(float *u, int64_t u_stride, const float *w, int64_t w_stride,
                             int64_t n)
{
    for (int64_t c = 0; c < n; c++)
        for (int at = 0; at < 36; at++) {
            double sum = 0;
            for (int i = 0; i < 9; i++)
                sum += part(winograd_g[at / 6][i / 3] * winograd_g[at % 6][i % 3],
                            w[i * w_stride + c]);
            u[at * u_stride + c] = (float)sum;
        }
}

static void winograd_out(float *const *y, const float *m, int64_t m_stride, const float *bias,
                         int64_t n)
{
    for (int at = 0; at < 16; at++)
        for (int64_t c = 0; c < n && y[at]; c++) {
            double sum = bias ? (double)bias[c] : 0;
            for (int i = 0; i < 36; i++)
                sum += part(winograd_a[at / 4][i / 6] * winograd_a[at % 4][i % 6],
                            m[i * m_stride + c]);
            y[at][c] = (float)sum;
        }
}

const struct nn_ops ops_plain = {
    .f32 = {DTYPE_F32, 1, f32_bytes, f32_pack, f32_product},
    .bf16 = {DTYPE_BF16, 1, bf16_bytes, bf16_pack, bf16_product},
    .layer_norm = layer_norm,
    .rms_norm = rms_norm,
    .unit_norm = unit_norm,
    .silu = silu,
    .gelu_tanh = gelu_tanh,
    .gelu_erf = gelu_erf,
    .scale = scale,
    .clamp = clamp,
    .add = add,
    .mul = mul,
    .add_gated = add_gated,
    .rope = rope,
    .softmax = softmax,
    .narrow = narrow,
    .winograd_in = winograd_in,
    .winograd_weights = winograd_weights,
    .winograd_out = winograd_out,
};
