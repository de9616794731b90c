/* ops.c - how fast the kernels and the products of nn/ are, on one thread.
 *
 *     ops [ROUNDS]
 *
 * Walks the list that the kernels' tests walk (nn/ops_cases.h), each row at its last size, for
 * each set that the processor has; then layers of the networks at their true shapes, in turns with
 * a large f32 product of oneDNN where that library is installed. Time is the thread's processor
 * time, so that neighbours count little. Prints JSON: for rows nanoseconds per number, for
 * products and layers GFLOP/s, of each round.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/lazy.h"
#include "base/memory.h"
#include "nn/ops_cases.h"
#include "nn/step.h"

enum { MOST_ROUNDS = 100, ENOUGH_NS = 20000000 };

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Nanoseconds of one call: calls until they have taken long enough. */
static double time_of(void (*call)(void *arg), void *arg)
{
    call(arg);
    const int64_t began = now_ns();
    int64_t n = 0;
    for (;;) {
        call(arg);
        n++;
        const int64_t spent = now_ns() - began;
        if (spent >= ENOUGH_NS)
            return (double)spent / (double)n;
    }
}

static void print_values(const char *key, const double *values, int n)
{
    printf(", \"%s\": [", key);
    for (int i = 0; i < n; i++)
        printf("%s%.4g", i ? ", " : "", values[i]);
    printf("]");
}

/* ---- rows of the table ------------------------------------------------------------------- */

struct row {
    const struct ops_case *c;
    const struct ops_size *z;
    const struct nn_ops *ops;
    struct ops_data data;
};

static void call_row(void *arg)
{
    struct row *r = arg;
    r->c->run(r->ops, r->z, &r->data);
}

static void time_row(const struct ops_case *c, enum nn_set set, int rounds, const char **comma)
{
    const char *why;
    struct row r = {.c = c, .z = &c->sizes[c->n_sizes - 1], .ops = ops_find(set, &why)};
    double values[MOST_ROUNDS] = {0};
    if (!r.ops || (c->number == DTYPE_BF16 && r.ops->bf16.number != DTYPE_BF16))
        return;
    const double numbers = (double)r.z->m * r.z->n;
    const double flops = c->flops * numbers * r.z->k * r.z->taps;
    ops_cases_open(&r.data, c, r.z);
    for (int i = 0; i < rounds; i++) {
        ops_cases_fill(&r.data, c, r.z, r.ops);
        const double ns = time_of(call_row, &r);
        values[i] = flops > 0 ? flops / ns : ns / numbers;
    }
    ops_cases_close(&r.data);
    printf("%s{\"name\": \"%s\", \"set\": \"%s\", \"unit\": \"%s\"", *comma, c->name,
           ops_set_name(set), flops > 0 ? "GFLOP/s" : "ns");
    print_values("values", values, rounds);
    printf("}");
    *comma = ",\n ";
}

/* ---- oneDNN's f32 product, as the yardstick ----------------------------------------------- */

typedef int64_t index_t;
static int (*dnnl_sgemm)(char a, char b, index_t m, index_t n, index_t k, float alpha,
                         const float *x, index_t ldx, const float *y, index_t ldy, float beta,
                         float *z, index_t ldz);

enum { YARD = 1536 };
struct yard {
    float *x, *y, *z;
};

static bool yard_open(struct yard *y)
{
    const struct lazy_call calls[] = {{"dnnl_sgemm", (void **)(void *)&dnnl_sgemm}};
    struct error err;
    setenv("OMP_NUM_THREADS", "1", 1);
    if (lazy_load("libdnnl.so.2", calls, 1, &err) < 0)
        return false;
    y->x = mem_alloc(sizeof(float[YARD][YARD]));
    y->y = mem_alloc(sizeof(float[YARD][YARD]));
    y->z = mem_alloc(sizeof(float[YARD][YARD]));
    for (int i = 0; i < YARD * YARD; i++)
        y->x[i] = y->y[i] = (float)(i % 17) * 0.125F - 1;
    return true;
}

static void call_yard(void *arg)
{
    struct yard *y = arg;
    dnnl_sgemm('N', 'T', YARD, YARD, YARD, 1, y->x, YARD, y->y, YARD, 0, y->z, YARD);
}

/* ---- layers ------------------------------------------------------------------------------ */

struct layer {
    const char *name;
    int64_t x[4]; /* rows and columns, or T H W C */
    int64_t out;  /* 0: attention in heads of 128 */
    bool packed, bf16;
};

static const struct layer layers[] = {
    {"linear 1280x1536 -> 1536, bf16 weights", {1280, 1536}, 1536, false, true},
    {"linear 1280x1536 -> 8960, bf16 weights", {1280, 1536}, 8960, false, true},
    {"linear 1280x8960 -> 1536, bf16 weights", {1280, 8960}, 1536, false, true},
    {"linear 1280x1536 -> 1536, f32 weights laid out", {1280, 1536}, 1536, true, false},
    {"linear 64x4096 -> 10240, bf16 weights", {64, 4096}, 10240, false, true},
    {"conv 3x3x3 384 -> 384, 32x32", {3, 32, 32, 384}, 384, true, false},
    {"conv 3x3x3 192 -> 192, 128x128x4", {6, 128, 128, 192}, 192, true, false},
    {"conv 3x3x3 96 -> 96, 256x256x4", {6, 256, 256, 96}, 96, true, false},
    {"conv 3x3x3 96 -> 3, 256x256x4", {6, 256, 256, 96}, 3, true, false},
    {"conv 3x1x1 192 -> 192, 128x128x2", {4, 128, 128, 192}, 192, true, false},
    {"attention 1280, 12 heads", {1280, 1536}, 0, false, false},
};

struct pass {
    const struct layer *layer;
    struct step *step;
    struct tensor x;
    struct linear linear;
    struct conv conv;
};

static void call_layer(void *arg)
{
    struct pass *p = arg;
    const size_t mark = step_mark(p->step);
    p->step->flops = 0;
    if (!p->layer->out)
        step_attention(p->step, &(struct attention){.n_heads = 12, .scale = 0.1F}, p->x, p->x,
                       p->x);
    else if (p->layer->x[2])
        step_conv(p->step, &p->conv, p->x);
    else
        step_linear(p->step, &p->linear, p->x);
    step_release(p->step, mark);
}

static struct tensor noise(struct step *s, int n_dims, const int64_t *shape)
{
    struct tensor t = step_new(s, n_dims, shape);
    for (int64_t i = 0; t.data && i < tensor_count(&t); i++)
        tensor_f32(&t)[i] = (float)(i * 2654435761LL % 1021) / 510.5F - 1;
    return t;
}

/* Weights of the layer, on the stack of the step too. */
static int make_layer(struct pass *p, struct nn *nn, struct error *err)
{
    const struct layer *l = p->layer;
    struct step *s = p->step;
    p->x = noise(s, l->x[2] ? 4 : 2, l->x);
    if (!l->out)
        return 0;
    if (l->x[2]) {
        const int side = strstr(l->name, "3x1x1") ? 1 : 3;
        const int edge = side / 2;
        p->conv = (struct conv){.stride_t = 1,
                                .stride_h = 1,
                                .stride_w = 1,
                                .top = edge,
                                .bottom = edge,
                                .left = edge,
                                .right = edge};
        p->conv.w = noise(s, 5, (const int64_t[]){l->out, l->x[3], 3, side, side});
        return conv_pack(&p->conv, nn, err);
    }
    p->linear.w = noise(s, 2, (const int64_t[]){l->out, l->x[1]});
    if (l->bf16) {
        ops_plain.narrow(p->linear.w.data, p->linear.w.data, tensor_count(&p->linear.w));
        p->linear.w.dtype = DTYPE_BF16;
    }
    return l->packed ? linear_pack(&p->linear, nn, err) : 0;
}

static int time_layer(const struct layer *layer, struct nn *nn, struct arena *arena,
                      struct yard *yard, int rounds)
{
    struct step step;
    struct error err;
    struct pass p = {.layer = layer, .step = &step};
    double ours[MOST_ROUNDS] = {0};
    double peer[MOST_ROUNDS] = {0};
    step_begin(&step, nn, arena);
    int rc = make_layer(&p, nn, &err);
    for (int i = 0; rc == 0 && i < rounds; i++) {
        const double ns = time_of(call_layer, &p);
        ours[i] = step.flops / ns;
        if (yard->x)
            peer[i] = 2.0 * YARD * YARD * YARD / time_of(call_yard, yard);
        rc = step_end(&step, &err);
    }
    linear_fini(&p.linear);
    conv_fini(&p.conv);
    if (rc < 0) {
        fprintf(stderr, "ops: %s: %s\n", layer->name, err.text);
        return rc;
    }
    printf("%s{\"name\": \"%s\"", layer == layers ? "" : ",\n ", layer->name);
    print_values("values", ours, rounds);
    print_values("peer", peer, yard->x ? rounds : 0);
    printf("}");
    return 0;
}

int main(int argc, char **argv)
{
    const int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3;
    struct error err;
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(arena) struct arena *arena = NULL;
    struct yard yard = {0};
    const char *comma = "";
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "usage: ops [ROUNDS]\n");
        return 2;
    }
    if (nn_open(&nn, &(struct nn_options){.n_threads = 1, .precision = NN_BF16}, &err) < 0 ||
        arena_open(&arena, (size_t)1 << 30, &err) < 0) {
        fprintf(stderr, "ops: %s\n", err.text);
        return 1;
    }
    printf("{\"machine\": \"%s\", \"peer\": %s,\n\"rows\": [", nn_summary(nn),
           yard_open(&yard) ? "true" : "false");
    for (int i = 0; i < ops_cases_count; i++)
        for (int set = 0; set < NN_SETS; set++)
            time_row(&ops_cases[i], (enum nn_set)set, rounds, &comma);
    printf("],\n\"layers\": [");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        if (time_layer(&layers[i], nn, arena, &yard, rounds) < 0)
            return 1;
    printf("]}\n");
    return 0;
}
