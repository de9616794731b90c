/* rows_tmpl.h - the rows of ops.h that are not products, for one vector (simd_*.h). ops_plain.c
 * says what they mean.
 *
 * SPDX-License-Identifier: MIT */

/* e^x to 2 ulp: 2^n e^r with |r| <= ln(2) / 2, e^r by its series (the ninth term is below 6e-9).
 * Below -87 it is 0; above 88 it stays at e^88, which is all that the callers need. */
static inline vec vec_exp(vec x)
{
    const vec low = vec_set(-87);
    const vec v = vec_min(vec_set(88), vec_max(low, x));
    const vec n = vec_round(v * vec_set(1.44269504F));
    vec r = VEC_MULADD(n, vec_set(-0.693359375F), v); /* exact: the constant has 9 bits */
    r = VEC_MULADD(n, vec_set(2.12194440e-4F), r);
    vec e = vec_set(1.0F / 5040);
    e = VEC_MULADD(e, r, vec_set(1.0F / 720));
    e = VEC_MULADD(e, r, vec_set(1.0F / 120));
    e = VEC_MULADD(e, r, vec_set(1.0F / 24));
    e = VEC_MULADD(e, r, vec_set(1.0F / 6));
    e = VEC_MULADD(e, r, vec_set(0.5F));
    e = VEC_MULADD(e, r, vec_set(1));
    e = VEC_MULADD(e, r, vec_set(1));
    return vec_zero_below(e * vec_power(n), x, low);
}

/* x = f(x) over a row, by whole vectors and a part of one. */
#define EACH(x, n, f)                                                                              \
    do {                                                                                           \
        int64_t each_i = 0;                                                                        \
        for (; each_i + LANES <= (n); each_i += LANES)                                             \
            vec_store((x) + each_i, f(vec_load((x) + each_i)));                                    \
        if (each_i < (n))                                                                          \
            vec_store_part((x) + each_i, (n)-each_i, f(vec_load_part((x) + each_i, (n)-each_i)));  \
    } while (0)

/* ---- activations ------------------------------------------------------------------------- */

static inline vec silu_vec(vec x)
{
    return x / (vec_set(1) + vec_exp(vec_set(0) - x));
}

static void silu(float *x, int64_t n)
{
    EACH(x, n, silu_vec);
}

/* 1 + tanh(u) = 2 / (1 + e^-2u), and 2 u = x (1.5957691 + 0.0713548 x^2). */
static inline vec gelu_tanh_vec(vec x)
{
    const vec u = x * VEC_MULADD(x * x, vec_set(-0.0713548163F), vec_set(-1.59576912F));
    return x / (vec_set(1) + vec_exp(u));
}

static void gelu_tanh(float *x, int64_t n)
{
    EACH(x, n, gelu_tanh_vec);
}

/* x Phi(x), Phi(-|x|) = e^(-x^2 / 2) E(z) / 2 with z = |x| / sqrt(2) and E(z) = e^(z^2) erfc(z):
 * smooth, and a polynomial in t = 1 / (1 + 0.4 z), fitted to 1.4e-7 of itself over z = 0..10. */
static inline vec gelu_erf_vec(vec x)
{
    static const float fit[] = {-0.380974144F, 0.666133285F, -0.366329223F, 0.414411366F,
                                0.131685138F,  0.240211397F, 0.224122152F,  7.08621883e-5F};
    const vec t = vec_set(1) / VEC_MULADD(vec_abs(x), vec_set(0.4F * 0.707106781F), vec_set(1));
    vec e = vec_set(0.0706690699F);
    for (size_t i = 0; i < sizeof fit / sizeof *fit; i++)
        e = VEC_MULADD(e, t, vec_set(fit[i]));
    e = e * vec_exp(x * x * vec_set(-0.5F)) * vec_set(0.5F);
    return vec_max(vec_set(0), x) - vec_abs(x) * e;
}

static void gelu_erf(float *x, int64_t n)
{
    EACH(x, n, gelu_erf_vec);
}

/* ---- arithmetic -------------------------------------------------------------------------- */

static void scale(float *x, int64_t n, float k)
{
    const vec factor = vec_set(k);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(x + i, vec_load(x + i) * factor);
    for (; i < n; i++)
        x[i] *= k;
}

static void clamp(float *x, int64_t n, float low, float high)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(x + i, vec_min(vec_set(high), vec_max(vec_set(low), vec_load(x + i))));
    for (; i < n; i++)
        x[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

static void add(float *x, const float *y, int64_t n)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(x + i, vec_load(x + i) + vec_load(y + i));
    for (; i < n; i++)
        x[i] += y[i];
}

static void mul(float *x, const float *y, int64_t n)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(x + i, vec_load(x + i) * vec_load(y + i));
    for (; i < n; i++)
        x[i] *= y[i];
}

static void add_gated(float *x, const float *y, const float *gate, int64_t n)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(x + i, VEC_MULADD(vec_load(y + i), vec_load(gate + i), vec_load(x + i)));
    if (i < n)
        vec_store_part(x + i, n - i,
                       VEC_MULADD(vec_load_part(y + i, n - i), vec_load_part(gate + i, n - i),
                                  vec_load_part(x + i, n - i)));
}

static void rope(float *x, const float *cos, const float *sin, int64_t n)
{
    int64_t j = 0;
    for (; j + LANES / 2 <= n; j += LANES / 2) {
        const vec v = vec_load(x + 2 * j);
        vec_store(x + 2 * j,
                  vec_turn(v, vec_twice(cos + j), vec_swap_pairs(v) * vec_twice(sin + j)));
    }
    for (; j < n; j++) {
        const float a = x[2 * j];
        const float b = x[2 * j + 1];
        x[2 * j] = a * cos[j] - b * sin[j];
        x[2 * j + 1] = a * sin[j] + b * cos[j];
    }
}

/* ---- norms ------------------------------------------------------------------------------- */

/* The sum of (x - mean)^2. Four sums run side by side: one would wait for itself. */
static float squares(const float *x, int64_t n, float mean)
{
    const vec middle = vec_set(mean);
    vec sums[4] = {vec_set(0), vec_set(0), vec_set(0), vec_set(0)};
    int64_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        for (int u = 0; u < 4; u++) {
            const vec v = vec_load(x + i + u * LANES) - middle;
            sums[u] = VEC_MULADD(v, v, sums[u]);
        }
    for (; i + LANES <= n; i += LANES) {
        const vec v = vec_load(x + i) - middle;
        sums[0] = VEC_MULADD(v, v, sums[0]);
    }
    if (i < n) {
        const vec v = vec_choose(n - i, vec_load_part(x + i, n - i) - middle, vec_set(0));
        sums[1] = VEC_MULADD(v, v, sums[1]);
    }
    return vec_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static float total(const float *x, int64_t n)
{
    vec sums[4] = {vec_set(0), vec_set(0), vec_set(0), vec_set(0)};
    int64_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        for (int u = 0; u < 4; u++)
            sums[u] += vec_load(x + i + u * LANES);
    for (; i + LANES <= n; i += LANES)
        sums[0] += vec_load(x + i);
    if (i < n)
        sums[1] += vec_load_part(x + i, n - i);
    return vec_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static void layer_norm(float *y, const float *x, int64_t n, const struct ops_norm *norm)
{
    const float mean = total(x, n) / (float)n;
    const vec middle = vec_set(mean);
    const vec factor = vec_set(1 / sqrtf(squares(x, n, mean) / (float)n + norm->eps));
    for (int64_t i = 0; i < n; i += LANES) {
        const int64_t left = n - i;
        const bool whole = left >= LANES;
        vec v = ((whole ? vec_load(x + i) : vec_load_part(x + i, left)) - middle) * factor;
        vec gain = vec_set(norm->plus);
        vec bias = vec_set(0);
        if (norm->gain)
            gain += whole ? vec_load(norm->gain + i) : vec_load_part(norm->gain + i, left);
        if (norm->bias)
            bias = whole ? vec_load(norm->bias + i) : vec_load_part(norm->bias + i, left);
        v = VEC_MULADD(v, gain, bias);
        if (whole)
            vec_store(y + i, v);
        else
            vec_store_part(y + i, left, v);
    }
}

static void multiply_row(float *y, const float *x, int64_t n, const float *gain, float factor)
{
    const vec k = vec_set(factor);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vec_store(y + i, vec_load(x + i) * k * (gain ? vec_load(gain + i) : vec_set(1)));
    for (; i < n; i++)
        y[i] = x[i] * factor * (gain ? gain[i] : 1);
}

static void rms_norm(float *y, const float *x, int64_t n, const float *gain, float eps)
{
    multiply_row(y, x, n, gain, 1 / sqrtf(squares(x, n, 0) / (float)n + eps));
}

static void unit_norm(float *y, const float *x, int64_t n, const float *gain)
{
    const float length = sqrtf(squares(x, n, 0));
    multiply_row(y, x, n, gain, sqrtf((float)n) / (length < 1e-12F ? 1e-12F : length));
}

/* ---- softmax ----------------------------------------------------------------------------- */

/* p = p * by + bias; returns the largest, or max. */
static float softmax_scores(float *p, int64_t n, float by, const float *bias, float max)
{
    const vec factor = vec_set(by);
    vec top = vec_set(max);
    for (int64_t i = 0; i < n; i += LANES) {
        const int64_t left = n - i;
        const bool whole = left >= LANES;
        vec add_to = vec_set(0);
        if (bias)
            add_to = whole ? vec_load(bias + i) : vec_load_part(bias + i, left);
        const vec v =
            VEC_MULADD(whole ? vec_load(p + i) : vec_load_part(p + i, left), factor, add_to);
        if (whole)
            vec_store(p + i, v);
        else
            vec_store_part(p + i, left, v);
        top = vec_max(whole ? v : vec_choose(left, v, vec_set(-INFINITY)), top);
    }
    return vec_largest(top);
}

static float softmax(float *p, int64_t n, float by, const float *bias, struct ops_softmax *run)
{
    const float max = softmax_scores(p, n, by, bias, run->max);
    if (max == -INFINITY) { /* all masked so far, or NaN beside it */
        for (int64_t i = 0; i < n; i++) {
            p[i] = p[i] == -INFINITY ? 0 : p[i];
            run->sum += p[i];
        }
        return 1;
    }
    const vec middle = vec_set(max);
    vec sums = vec_set(0);
    for (int64_t i = 0; i < n; i += LANES) {
        const int64_t left = n - i;
        const bool whole = left >= LANES;
        vec e = vec_exp((whole ? vec_load(p + i) : vec_load_part(p + i, left)) - middle);
        if (whole) {
            vec_store(p + i, e);
        } else {
            vec_store_part(p + i, left, e);
            e = vec_choose(left, e, vec_set(0));
        }
        sums += e;
    }
    const float factor = run->max == max ? 1 : expf(run->max - max);
    run->sum = run->sum * factor + vec_sum(sums);
    run->max = max;
    return factor;
}
