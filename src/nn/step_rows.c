/* step_rows.c - the operations of step.h that work row by row: norms, activations, gates, RoPE.
 *
 * SPDX-License-Identifier: MIT */
#include "nn/step_impl.h"

/* ---- norms ------------------------------------------------------------------------------- */

/* Work over the rows of x into a new tensor of its shape. */
static struct step_rows rows_over(struct tensor x, struct tensor y)
{
    return (struct step_rows){.y = tensor_f32(&y),
                              .x = tensor_f32(&x),
                              .n = tensor_rows(&x),
                              .cols = tensor_cols(&x),
                              .count = tensor_count(&x)};
}

static void layer_norm_row(const struct step_rows *w, int64_t r)
{
    const struct ops_norm norm = {.gain = w->a ? w->a + r * w->a_step : NULL,
                                  .bias = w->b ? w->b + r * w->b_step : NULL,
                                  .plus = w->high,
                                  .eps = w->low};
    w->ops->layer_norm(w->y + r * w->cols, w->x + r * w->cols, w->cols, &norm);
}

struct tensor step_layer_norm(struct step *s, struct tensor x, struct tensor gain,
                              struct tensor bias, float eps)
{
    struct tensor y = step_new(s, x.n_dims, x.shape);
    const size_t mark = step_mark(s);
    struct step_rows w = rows_over(x, y);
    w.a = step_vector(s, &gain, w.cols, "the gain of a LayerNorm");
    w.b = step_vector(s, &bias, w.cols, "the bias of a LayerNorm");
    w.low = eps;
    w.high = gain.data ? 0 : 1;
    w.row = layer_norm_row;
    if (step_check(s, &x, "the input of a LayerNorm") && !step_idle(s))
        step_each_row(s, &w);
    step_release(s, mark);
    return y;
}

/* f32 [D] for all rows of x, or [N, D]; *step becomes what to add from row to row. */
static const float *row_factors(struct step *s, const struct tensor *t, const struct tensor *x,
                                int64_t *step, const char *what)
{
    if (!step_check(s, t, what))
        return NULL;
    const int64_t cols = tensor_cols(x);
    const int64_t n = tensor_count(t);
    *step = n == cols ? 0 : cols;
    if (n == cols || n == tensor_count(x))
        return tensor_f32(t);
    char text[128];
    step_fail(s, ERR_INVALID, "%s is %s, must have %lld numbers or as many for each of %lld rows",
              what, tensor_text(t, text, sizeof text), (long long)cols, (long long)tensor_rows(x));
    return NULL;
}

struct tensor step_norm_modulated(struct step *s, struct tensor x, struct tensor scale,
                                  struct tensor shift, float eps)
{
    struct tensor y = step_new(s, x.n_dims, x.shape);
    struct step_rows w = rows_over(x, y);
    w.a = row_factors(s, &scale, &x, &w.a_step, "the scale of a modulation");
    w.b = row_factors(s, &shift, &x, &w.b_step, "the shift of a modulation");
    w.low = eps;
    w.high = 1;
    w.row = layer_norm_row;
    if (step_check(s, &x, "the input of a modulation") && !step_idle(s))
        step_each_row(s, &w);
    return y;
}

static void rms_norm_row(const struct step_rows *w, int64_t r)
{
    w->ops->rms_norm(w->y + r * w->cols, w->x + r * w->cols, w->cols, w->a, w->low);
}

struct tensor step_rms_norm(struct step *s, struct tensor x, struct tensor gain, float eps)
{
    struct tensor y = step_new(s, x.n_dims, x.shape);
    const size_t mark = step_mark(s);
    struct step_rows w = rows_over(x, y);
    w.a = step_vector(s, &gain, w.cols, "the gain of an RMSNorm");
    w.low = eps;
    w.row = rms_norm_row;
    if (step_check(s, &x, "the input of an RMSNorm") && !step_idle(s))
        step_each_row(s, &w);
    step_release(s, mark);
    return y;
}

static void unit_norm_row(const struct step_rows *w, int64_t r)
{
    w->ops->unit_norm(w->y + r * w->cols, w->x + r * w->cols, w->cols, w->a);
}

static void unit_norm_silu_row(const struct step_rows *w, int64_t r)
{
    unit_norm_row(w, r);
    w->ops->silu(w->y + r * w->cols, w->cols);
}

struct tensor step_unit_norm(struct step *s, struct tensor x, struct tensor gain, bool silu)
{
    struct tensor y = step_new(s, x.n_dims, x.shape);
    const size_t mark = step_mark(s);
    struct step_rows w = rows_over(x, y);
    w.a = step_vector(s, &gain, w.cols, "the gain of the VAE's norm");
    w.row = silu ? unit_norm_silu_row : unit_norm_row;
    if (step_check(s, &x, "the input of the VAE's norm") && !step_idle(s))
        step_each_row(s, &w);
    step_release(s, mark);
    return y;
}

/* ---- elementwise ------------------------------------------------------------------------- */

enum { FLAT_COLS = 16384 };

/* x as one long line, cut into rows of FLAT_COLS. */
static void each_flat(struct step *s, struct tensor x, struct step_rows w, const char *what)
{
    if (!step_check(s, &x, what) || step_idle(s))
        return;
    w.y = tensor_f32(&x);
    w.count = tensor_count(&x);
    w.cols = FLAT_COLS;
    w.n = (w.count + FLAT_COLS - 1) / FLAT_COLS;
    step_each_row(s, &w);
}

static int64_t row_length(const struct step_rows *w, int64_t r)
{
    const int64_t left = w->count - r * w->cols;
    return left < w->cols ? left : w->cols;
}

static void silu_row(const struct step_rows *w, int64_t r)
{
    w->ops->silu(w->y + r * w->cols, row_length(w, r));
}

void step_silu(struct step *s, struct tensor x)
{
    each_flat(s, x, (struct step_rows){.row = silu_row}, "the input of SiLU");
}

static void gelu_tanh_row(const struct step_rows *w, int64_t r)
{
    w->ops->gelu_tanh(w->y + r * w->cols, row_length(w, r));
}

void step_gelu_tanh(struct step *s, struct tensor x)
{
    each_flat(s, x, (struct step_rows){.row = gelu_tanh_row}, "the input of GELU");
}

static void gelu_erf_row(const struct step_rows *w, int64_t r)
{
    w->ops->gelu_erf(w->y + r * w->cols, row_length(w, r));
}

void step_gelu_erf(struct step *s, struct tensor x)
{
    each_flat(s, x, (struct step_rows){.row = gelu_erf_row}, "the input of GELU");
}

static void scale_row(const struct step_rows *w, int64_t r)
{
    w->ops->scale(w->y + r * w->cols, row_length(w, r), w->low);
}

void step_scale(struct step *s, struct tensor x, float k)
{
    each_flat(s, x, (struct step_rows){.row = scale_row, .low = k}, "what is scaled");
}

static void clamp_row(const struct step_rows *w, int64_t r)
{
    w->ops->clamp(w->y + r * w->cols, row_length(w, r), w->low, w->high);
}

void step_clamp(struct step *s, struct tensor x, float low, float high)
{
    each_flat(s, x, (struct step_rows){.row = clamp_row, .low = low, .high = high},
              "what is clamped");
}

static void add_row(const struct step_rows *w, int64_t r)
{
    w->ops->add(w->y + r * w->cols, w->a + r * w->a_step, row_length(w, r));
}

static void mul_row(const struct step_rows *w, int64_t r)
{
    w->ops->mul(w->y + r * w->cols, w->a + r * w->a_step, row_length(w, r));
}

/* x with y row by row: y has x's numbers, or those of one row. */
static void each_pair(struct step *s, struct tensor x, struct tensor y,
                      void (*row)(const struct step_rows *w, int64_t r))
{
    struct step_rows w = {.row = row};
    w.a = row_factors(s, &y, &x, &w.a_step, "the second of two tensors");
    if (w.a_step) { /* as many numbers on both sides: where rows end does not matter */
        w.a_step = FLAT_COLS;
        each_flat(s, x, w, "the first of two tensors");
    } else if (step_check(s, &x, "the first of two tensors") && !step_idle(s)) {
        w.y = tensor_f32(&x);
        w.n = tensor_rows(&x);
        w.cols = tensor_cols(&x);
        w.count = tensor_count(&x);
        step_each_row(s, &w);
    }
}

void step_add(struct step *s, struct tensor x, struct tensor y)
{
    each_pair(s, x, y, add_row);
}

void step_mul(struct step *s, struct tensor x, struct tensor y)
{
    each_pair(s, x, y, mul_row);
}

static void add_gated_row(const struct step_rows *w, int64_t r)
{
    w->ops->add_gated(w->y + r * w->cols, w->x + r * w->cols, w->a + r * w->a_step, w->cols);
}

void step_add_gated(struct step *s, struct tensor x, struct tensor y, struct tensor gate)
{
    struct step_rows w = rows_over(y, x);
    w.a = row_factors(s, &gate, &x, &w.a_step, "a gate");
    w.row = add_gated_row;
    if (!step_check(s, &x, "a residual") || !step_check(s, &y, "what is added to a residual"))
        return;
    if (tensor_count(&x) != tensor_count(&y) || tensor_cols(&x) != tensor_cols(&y)) {
        step_fail(s, ERR_INVALID, "a residual has %lld numbers, what is added to it %lld",
                  (long long)tensor_count(&x), (long long)tensor_count(&y));
        return;
    }
    if (!step_idle(s))
        step_each_row(s, &w);
}

static void rope_row(const struct step_rows *w, int64_t r)
{
    const int64_t half = w->a_step;
    for (int64_t at = 0; at < w->cols; at += 2 * half)
        w->ops->rope(w->y + r * w->cols + at, w->a + r * half, w->b + r * half, half);
}

void step_rope(struct step *s, struct tensor x, struct tensor cos, struct tensor sin, int n_heads)
{
    if (!step_check(s, &x, "the input of RoPE") || !step_check(s, &cos, "RoPE's cosines") ||
        !step_check(s, &sin, "RoPE's sines"))
        return;
    struct step_rows w = rows_over(x, x);
    const int64_t half = tensor_cols(&cos);
    if (n_heads < 1 || w.cols != 2 * half * n_heads || !tensor_same_shape(&cos, &sin) ||
        tensor_rows(&cos) != w.n) {
        step_fail(s, ERR_INVALID,
                  "RoPE of %lld rows of %lld numbers in %d heads got a table of %lld rows of %lld",
                  (long long)w.n, (long long)w.cols, n_heads, (long long)tensor_rows(&cos),
                  (long long)half);
        return;
    }
    w.a = tensor_f32(&cos);
    w.b = tensor_f32(&sin);
    w.a_step = half;
    w.row = rope_row;
    if (!step_idle(s))
        step_each_row(s, &w);
}
