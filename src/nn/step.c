/* step.c - see step.h: the first error, the stack, the measuring.
 *
 * SPDX-License-Identifier: MIT */
#include "nn/step.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nn/arena.h"
#include "nn/quant.h"
#include "nn/step_impl.h"

void step_begin(struct step *s, struct nn *nn, struct arena *arena)
{
    *s = (struct step){.nn = nn, .arena = arena};
}

bool step_measuring(const struct step *s)
{
    return !s->arena;
}

bool step_idle(const struct step *s)
{
    return s->failed || !s->arena;
}

int step_end(struct step *s, struct error *err)
{
    s->ends += !s->failed;
    const bool stopped = !step_measuring(s) && pool_stopped(s->nn->pool);
    if (!s->failed && (stopped || (s->cancelled && s->cancelled(s->cancelled_arg))))
        step_fail(s, ERR_CANCELLED, "cancelled");
    if (!s->failed)
        return 0;
    *err = s->error;
    return s->error.code;
}

struct step_work step_work(const struct step *s)
{
    return (struct step_work){.flops = s->flops, .ends = s->ends};
}

void step_repeat(struct step *s, struct step_work before, int64_t n)
{
    s->flops += (double)n * (s->flops - before.flops);
    s->ends += n * (s->ends - before.ends);
}

int step_fail(struct step *s, int code, const char *fmt, ...)
{
    char text[sizeof s->error.text];
    if (s->failed || code == 0)
        return code;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    s->failed = true;
    return error_set(&s->error, (enum err)code, "%s", text);
}

size_t step_mark(const struct step *s)
{
    return s->used;
}

void step_release(struct step *s, size_t mark)
{
    s->used = mark;
}

void *step_bytes(struct step *s, size_t bytes)
{
    if (s->failed)
        return NULL;
    size_t end;
    if (__builtin_add_overflow(s->used, bytes, &end) || end > SIZE_MAX / 2) {
        step_fail(s, ERR_MEMORY, "a tensor of %zu bytes is more than any memory", bytes);
        return NULL;
    }
    end = arena_round(end);
    if (s->arena && end > s->arena->bytes) {
        step_fail(s, ERR_MEMORY, "the scratch memory of %zu bytes is too small: %zu are needed",
                  s->arena->bytes, end);
        return NULL;
    }
    /* A measuring pass gets an address that is there and faults when touched. */
    char *at = s->arena ? s->arena->at + s->used : (char *)(uintptr_t)ARENA_ALIGN;
    s->used = end;
    if (s->peak < end)
        s->peak = end;
    return at;
}

static struct tensor new_of(struct step *s, enum dtype type, int n_dims, const int64_t *shape)
{
    struct tensor t = {.dtype = type, .n_dims = n_dims, .scale = 1};
    int64_t bytes = (int64_t)dtype_block_bytes(type);
    for (int i = 0; i < n_dims; i++) {
        t.shape[i] = shape[i];
        if (shape[i] < 1 || __builtin_mul_overflow(bytes, shape[i], &bytes)) {
            step_fail(s, ERR_INVALID, "axis %d of a result would be %lld long", i,
                      (long long)shape[i]);
            return t;
        }
    }
    t.data = step_bytes(s, (size_t)bytes);
    return t;
}

struct tensor step_new(struct step *s, int n_dims, const int64_t *shape)
{
    return new_of(s, DTYPE_F32, n_dims, shape);
}

/* Rows of an odd number of bf16 would want a number of padding: those stay f32. */
struct tensor step_new_input(struct step *s, int n_dims, const int64_t *shape)
{
    return new_of(s, shape[n_dims - 1] % 2 ? DTYPE_F32 : s->nn->products->number, n_dims, shape);
}

bool step_check(struct step *s, const struct tensor *x, const char *what)
{
    if (s->failed)
        return false;
    if (x->data && x->dtype == DTYPE_F32)
        return true;
    step_fail(s, ERR_INVALID, "%s must be f32 and is %s", what,
              x->data ? dtype_name(x->dtype) : "missing");
    return false;
}

void step_widen_part(float *out, const struct tensor *t, int64_t first, int64_t n)
{
    struct tensor rows = tensor_view(t, 2, (int64_t[]){t->shape[0], tensor_count(t) / t->shape[0]});
    quant_widen(out, &rows, first, n);
}

const float *step_vector(struct step *s, const struct tensor *t, int64_t n, const char *what)
{
    if (s->failed || !t->data)
        return NULL;
    if (tensor_count(t) != n) {
        char text[128];
        step_fail(s, ERR_INVALID, "%s is %s, must have %lld numbers", what,
                  tensor_text(t, text, sizeof text), (long long)n);
        return NULL;
    }
    if (t->dtype == DTYPE_F32 && (uintptr_t)t->data % sizeof(float) == 0)
        return t->data;
    float *wide = step_bytes(s, (size_t)n * sizeof *wide);
    struct tensor row = tensor_view(t, 2, (int64_t[]){1, n});
    if (!step_idle(s))
        quant_widen(wide, &row, 0, 1);
    return wide;
}

/* ---- rows -------------------------------------------------------------------------------- */

enum { NUMBERS_OF_A_PIECE = 16384 }; /* 64 KiB: long enough to pay for taking it */

static int64_t rows_of_a_piece(const struct step_rows *w)
{
    const int64_t n = NUMBERS_OF_A_PIECE / w->cols;
    return n > 1 ? n : 1;
}

static void row_piece(void *arg, int i)
{
    const struct step_rows *w = arg;
    const int64_t each = rows_of_a_piece(w);
    const int64_t first = i * each;
    const int64_t end = w->n - first < each ? w->n : first + each;
    for (int64_t r = first; r < end; r++)
        w->row(w, r);
}

void step_each_row(struct step *s, struct step_rows *w)
{
    const int64_t each = rows_of_a_piece(w);
    w->ops = s->nn->ops;
    nn_parallel(s->nn, (int)((w->n + each - 1) / each), row_piece, w);
}
