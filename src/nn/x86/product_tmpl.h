/* product_tmpl.h - pack and product of ops.h for one vector and one type of numbers, both given by
 * the file that includes this:
 *
 *     UNIT             what fills a lane: one float, or a pair of bf16
 *     UNIT_NUMBERS     numbers in it: 1 or 2
 *     MULADD(a, b, c)  c plus the products of the lanes of a and b, as a vec
 *     ROWS, VECS       rows of x, and vectors of columns, that the registers hold sums for
 *     LOAD_UNITS(p, n, narrow)  8 units from the n numbers at p on (bf16 when narrow, else f32),
 *                      as an __m256i; those past the last are 0
 *     NAME(x)          the name of a function here
 *
 * Weights lie in panels of PANEL columns: [n / PANEL][taps * k][PANEL] units, the last panel filled
 * up with zeros. A block of a panel (BLOCK units deep) stays in the first-level cache while all
 * rows of a run (RUN) pass over it; the run's part of x stays in the second.
 *
 * SPDX-License-Identifier: MIT */

enum { NAME(PANEL) = VECS * LANES };

static size_t NAME(packed_bytes)(int n, int k)
{
    const size_t panels = ((size_t)n + NAME(PANEL) - 1) / NAME(PANEL);
    const size_t units = ((size_t)k + UNIT_NUMBERS - 1) / UNIT_NUMBERS;
    return (panels * units * NAME(PANEL) * sizeof(UNIT) + 63) & ~(size_t)63;
}

static inline const char *NAME(address)(const struct ops_matrix *w, int64_t o, int64_t j)
{
    const int64_t size = w->number == DTYPE_BF16 ? 2 : 4;
    return (const char *)w->at + (o * w->row_stride + j * w->col_stride) * size;
}

/* 8 units from unit j on of 8 rows from row o on, to [8][PANEL] at out; what lies outside w is 0.
 */
static inline void NAME(pack_square)(float *out, const struct ops_matrix *w, int o, int j)
{
    const int64_t numbers = w->k - (int64_t)j * UNIT_NUMBERS;
    const int64_t units = (numbers + UNIT_NUMBERS - 1) / UNIT_NUMBERS;
    __m256i square[8];
    for (int i = 0; i < 8; i++)
        square[i] = o + i < w->n ? LOAD_UNITS(NAME(address)(w, o + i, (int64_t)j * UNIT_NUMBERS),
                                              numbers, w->number == DTYPE_BF16)
                                 : _mm256_setzero_si256();
    pack_transpose(square);
    for (int i = 0; i < 8 && i < units; i++)
        _mm256_storeu_si256((__m256i *)(void *)(out + (int64_t)i * NAME(PANEL)), square[i]);
}

/* The panel of rows from o on whose columns lie together in memory. */
static void NAME(pack_columns)(float *out, const struct ops_matrix *w, int o)
{
    const size_t size = w->number == DTYPE_BF16 ? 2 : 4;
    for (int j = 0; j < w->k; j += UNIT_NUMBERS)
        for (int i = o; i < o + NAME(PANEL); i++) {
            char pair[8] = {0};
            for (int u = 0; u < UNIT_NUMBERS && i < w->n && j + u < w->k; u++)
                memcpy(pair + (size_t)u * size, NAME(address)(w, i, j + u), size);
            const __m256i unit = LOAD_UNITS(pair, UNIT_NUMBERS, w->number == DTYPE_BF16);
            *out++ = _mm256_cvtss_f32(_mm256_castsi256_ps(unit));
        }
}

static void NAME(pack)(void *out, struct ops_matrix w)
{
    const int units = (w.k + UNIT_NUMBERS - 1) / UNIT_NUMBERS;
    float *panel = out;
    for (int first = 0; first < w.n; first += NAME(PANEL)) {
        if (w.col_stride != 1)
            NAME(pack_columns)(panel, &w, first);
        for (int j = 0; j < units && w.col_stride == 1; j += 8)
            for (int o = 0; o < NAME(PANEL); o += 8)
                NAME(pack_square)(panel + (int64_t)j * NAME(PANEL) + o, &w, first + o, j);
        panel += (int64_t)units * NAME(PANEL);
    }
}

/* A block: units j .. j + n - 1 of taps tap .. tap + taps - 1. */
struct NAME(block) {
    int tap, taps;
    int j, n;
};

/* What y becomes plus: bias or itself. */
struct NAME(base) {
    const float *at; /* NULL: 0 */
    int64_t stride;
};

static inline __attribute__((always_inline)) void NAME(finish)(int m, const struct ops_product *p,
                                                               struct NAME(base) base,
                                                               vec sums[ROWS][VECS], float *y,
                                                               int n)
{
    for (int r = 0; r < m; r++)
        for (int v = 0; v < VECS; v++) {
            const int64_t left = n - v * LANES;
            float *at = y + r * p->y_stride + v * LANES;
            const float *from = base.at ? base.at + r * base.stride + v * LANES : NULL;
            vec sum = sums[r][v];
            if (left >= LANES) {
                if (from)
                    sum += vec_load(from);
                vec_store(at, sum);
            } else if (left > 0) {
                if (from)
                    sum += vec_load_part(from, left);
                vec_store_part(at, left, sum);
            }
        }
}

/* m rows from row i on, m known when this is compiled: the sums stay in registers. */
static inline __attribute__((always_inline)) void NAME(tile)(int m, const struct ops_product *p,
                                                             struct NAME(block) b,
                                                             struct NAME(base) base, int i,
                                                             const float *panel, float *y, int n)
{
    vec sums[ROWS][VECS];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < VECS; v++)
            sums[r][v] = vec_set(0);
    for (int tap = b.tap; tap < b.tap + b.taps; tap++) {
        const float *x[ROWS];
        for (int r = 0; r < m; r++)
            x[r] = (const float *)p->rows[(int64_t)tap * p->m + i + r] + b.j;
        for (int j = 0; j < b.n; j++, panel += NAME(PANEL)) {
            vec w[VECS];
            for (int v = 0; v < VECS; v++)
                w[v] = vec_load(panel + v * LANES);
            for (int r = 0; r < m; r++) {
                const vec unit = vec_set(x[r][j]);
                for (int v = 0; v < VECS; v++)
                    sums[r][v] = MULADD(unit, w[v], sums[r][v]);
            }
        }
    }
    NAME(finish)(m, p, base, sums, y, n);
}

/* m rows from row i on: a function of its own for each m, inside. */
static void NAME(some)(int m, const struct ops_product *p, struct NAME(block) b,
                       struct NAME(base) base, int i, const struct ops_run *run)
{
    float *y = run->y + i * p->y_stride;
    if (base.at)
        base.at += i * base.stride;
    switch (m) {
#define CASE(rows)                                                                                 \
    case rows:                                                                                     \
        NAME(tile)(rows, p, b, base, i, run->panel, y, run->n);                                    \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
#if ROWS > 6
            CASE(6) CASE(7)
#endif
#undef CASE
                default : NAME(tile)(ROWS, p, b, base, i, run->panel, y, run->n);
    }
}

/* Rows first .. end - 1 over a block of one panel. */
static void NAME(run)(const struct ops_product *p, struct NAME(block) b, struct NAME(base) base,
                      const struct ops_run *run)
{
    for (int i = run->first; i < run->end; i += ROWS)
        NAME(some)(run->end - i < ROWS ? run->end - i : ROWS, p, b, base, i, run);
}

/* All panels over a block, for some rows. */
static void NAME(panels)(const struct ops_product *p, struct NAME(block) b, int first, int end)
{
    const int units = p->k / UNIT_NUMBERS;
    const float *panel = (const float *)p->w + ((int64_t)b.tap * units + b.j) * NAME(PANEL);
    for (int col = 0; col < p->n; col += NAME(PANEL)) {
        const struct ops_run run = {.first = first,
                                    .end = end,
                                    .panel = panel + (int64_t)p->taps * units * col,
                                    .y = p->y + col,
                                    .n = p->n - col < NAME(PANEL) ? p->n - col : NAME(PANEL)};
        struct NAME(base) base = {run.y, p->y_stride};
        if (b.tap == 0 && b.j == 0 && !p->add)
            base = (struct NAME(base)){p->bias ? p->bias + col : NULL, 0};
        NAME(run)(p, b, base, &run);
    }
}

/* Blocks of a tap each, or of several taps where they are shallow, and about equally deep. */
static void NAME(product)(const struct ops_product *p)
{
    const int units = p->k / UNIT_NUMBERS;
    const int parts = (units + BLOCK - 1) / BLOCK;
    const int deep = ((units + parts - 1) / parts + 7) & ~7;
    const int taps = units < BLOCK ? BLOCK / units : 1;
    for (int first = 0; first < p->m; first += RUN) {
        const int end = first + RUN < p->m ? first + RUN : p->m;
        for (int tap = 0; tap < p->taps; tap += taps)
            for (int j = 0; j < units; j += deep) {
                const int left = p->taps - tap;
                NAME(panels)
                (p,
                 (struct NAME(block)){.tap = tap,
                                      .taps = left < taps ? left : taps,
                                      .j = j,
                                      .n = units - j < deep ? units - j : deep},
                 first, end);
            }
    }
}
