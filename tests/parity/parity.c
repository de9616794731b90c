/* parity.c - see parity.h.
 *
 *     parity [--data DIR] [--only WORD]
 *
 * SPDX-License-Identifier: MIT */
#include "parity.h"

#include <glob.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { MOST_COMPONENTS = 32 };

static struct {
    const char *name;
    parity_run *run;
} components[MOST_COMPONENTS];
static int n_components;

void parity_register(const char *name, parity_run *run)
{
    if (n_components == MOST_COMPONENTS) {
        fprintf(stderr, "more than %d components\n", MOST_COMPONENTS);
        _exit(2);
    }
    components[n_components].name = name;
    components[n_components++].run = run;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int next_line(const struct parity *p)
{
    return p->n_passed + p->n_failed + p->n_skipped;
}

void parity_ok(struct parity *p, bool ok, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    *(ok ? &p->n_passed : &p->n_failed) += 1;
    printf("%sok %d - %s %s\n", ok ? "" : "not ", next_line(p), p->part, text);
    fflush(stdout);
}

void parity_skip(struct parity *p, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    p->n_skipped++;
    printf("ok %d - %s # SKIP %s\n", next_line(p), p->part, text);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct weights *parity_open(struct parity *p, const char *file)
{
    char path[1024];
    struct weights *w = NULL;
    struct error err;
    snprintf(path, sizeof path, "%s/%s", p->data, file);
    if (access(path, F_OK) != 0)
        parity_skip(p, "there is no %s", file);
    else if (weights_open(&w, path, &err) < 0)
        parity_ok(p, false, "%s: %s", file, err.text);
    return w;
}

/* A NULL-terminated list of copies, in one piece of memory. */
static char **list_of(const char *const *names, size_t n)
{
    size_t bytes = (n + 1) * sizeof(char *);
    for (size_t i = 0; i < n; i++)
        bytes += strlen(names[i]) + 1;
    char **list = mem_alloc(bytes);
    char *at = (char *)(list + n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]) + 1;
        memcpy(at, names[i], len);
        list[i] = at;
        at += len;
    }
    return list;
}

char **parity_pairs(struct parity *p, const char *prefix)
{
    enum { MOST = 64, ENDING = sizeof "_io.safetensors" - 1 };
    char pattern[1024];
    const char *stems[MOST];
    size_t n = 0;
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/%s*_io.safetensors", p->data, prefix);
    if (glob(pattern, 0, NULL, &found) != 0)
        return list_of(NULL, 0);
    for (size_t i = 0; i < found.gl_pathc && n < MOST; i++) {
        char path[1024], *name = strrchr(found.gl_pathv[i], '/') + 1;
        name[strlen(name) - ENDING] = '\0';
        snprintf(path, sizeof path, "%s.safetensors", found.gl_pathv[i]);
        if (access(path, F_OK) == 0)
            stems[n++] = name;
    }
    char **list = list_of(stems, n);
    globfree(&found);
    return list;
}

char **parity_cases(const struct weights *io, const char *ending)
{
    enum { MOST = 64 };
    char cases[MOST][64];
    const char *names[MOST];
    size_t n = 0;
    for (int i = 0; i < weights_count(io) && n < MOST; i++) {
        const char *name = weights_name(io, i), *dot = strchr(name, '.');
        if (!dot || strcmp(dot + 1, ending) != 0)
            continue;
        snprintf(cases[n], sizeof cases[n], "%.*s", (int)(dot - name), name);
        names[n] = cases[n];
        n++;
    }
    return list_of(names, n);
}

bool parity_tensor(struct parity *p, const struct weights *w, struct tensor *out, const char *fmt,
                   ...)
{
    char name[128];
    va_list args;
    va_start(args, fmt);
    vsnprintf(name, sizeof name, fmt, args);
    va_end(args);
    bool there = weights_find(w, name, out);
    if (!there)
        parity_ok(p, false, "the golden file has no %s", name);
    return there;
}

/* ---- comparing ------------------------------------------------------------------------------- */

double parity_number(const struct tensor *t, int64_t i)
{
    int64_t integer = 0;
    float real = 0;
    if (t->dtype == DTYPE_I64)
        memcpy(&integer, (const char *)t->data + i * 8, sizeof integer);
    else
        memcpy(&real, (const char *)t->data + i * 4, sizeof real);
    return (double)integer + (double)real;
}

float *parity_floats(const struct tensor *t)
{
    float *all = mem_alloc(tensor_bytes(t));
    memcpy(all, t->data, tensor_bytes(t));
    return all;
}

double parity_error(const float *got, const float *want, int64_t n)
{
    double off = 0, most = 0;
    for (int64_t i = 0; i < n; i++) {
        double far = fabs((double)got[i] - want[i]), large = fabs((double)want[i]);
        if (!isfinite(far))
            return INFINITY;
        off = far > off ? far : off;
        most = large > most ? large : most;
    }
    return most > 0 ? off / most : off > 0 ? INFINITY : 0;
}

void parity_compare_part(struct parity *p, const char *name, const float *got,
                         const struct tensor *want, int64_t first, int64_t n, double bound)
{
    if (want->dtype != DTYPE_F32 || first + n > tensor_count(want)) {
        parity_ok(p, false, "%s: the golden tensor has another type or size", name);
        return;
    }
    SCOPED(mem) float *all = parity_floats(want);
    double error = parity_error(got, all + first, n);
    if (bound == PARITY_F32 && error > p->worst) {
        p->worst = error;
        snprintf(p->worst_of, sizeof p->worst_of, "%s %s", p->part, name);
    }
    parity_ok(p, error <= bound, "%s: error %.1e, at most %.0e", name, error, bound);
}

void parity_compare(struct parity *p, const char *name, struct tensor got, struct tensor want,
                    double bound)
{
    char a[96], b[96];
    if (!got.data || tensor_count(&got) != tensor_count(&want))
        parity_ok(p, false, "%s is %s where %s is wanted", name, tensor_text(&got, a, sizeof a),
                  tensor_text(&want, b, sizeof b));
    else
        parity_compare_part(p, name, tensor_f32(&got), &want, 0, tensor_count(&want), bound);
}

void parity_same(struct parity *p, const char *name, const float *a, const float *b, int64_t n)
{
    parity_ok(p, memcmp(a, b, (size_t)n * sizeof *a) == 0, "%s: equal bits", name);
}

/* ---- passes ---------------------------------------------------------------------------------- */

int parity_pass_run(struct parity *p, struct nn *nn, parity_pass *pass, void *arg,
                    struct error *err)
{
    struct step s;
    step_begin(&s, nn, NULL);
    if (pass(&s, arg, err) < 0)
        return error_prefix(err, "measuring");
    size_t measured = s.peak;
    double flops = s.flops;
    SCOPED(arena) struct arena *arena = NULL;
    if (arena_open(&arena, measured, err) < 0)
        return (int)err->code;
    step_begin(&s, nn, arena);
    if (pass(&s, arg, err) < 0)
        return (int)err->code;
    if (s.peak != measured || s.flops != flops)
        parity_ok(p, false, "measured %zu bytes and %.3g operations, needed %zu and %.3g", measured,
                  flops, s.peak, s.flops);
    return 0;
}

struct tensor parity_input(struct step *s, struct tensor x)
{
    struct tensor in = step_new(s, x.n_dims, x.shape);
    step_write(s, in, tensor_f32(&x));
    return in;
}

int parity_ways(struct parity_way out[PARITY_WAYS])
{
    static const char *const names[NN_SETS] = {
        [NN_PLAIN] = "plain kernels", [NN_AVX2] = "avx2 kernels", [NN_AVX512] = "avx512 kernels"};
    int n = 0;
    if (PARITY_ALONE)
        out[n++] =
            (struct parity_way){.name = "one thread", .options.n_threads = 1, .bound = PARITY_F32};
    out[n++] = (struct parity_way){
        .name = "three threads", .options.n_threads = 3, .bound = PARITY_F32, .same = PARITY_ALONE};
    for (int set = 0; set < NN_SETS; set++) {
        struct parity_way way = {.name = names[set],
                                 .options = {.n_threads = 2, .sets = 1U << set},
                                 .bound = PARITY_F32};
        struct error err;
        struct nn *nn = NULL;
        if (nn_open(&nn, &way.options, &err) == 0 && nn_set_of(nn) == (enum nn_set)set)
            out[n++] = way;
        nn_close(nn);
    }
    /* The plain kernels round to bf16 on every processor, the fast ones where it can multiply it.
     */
    out[n++] = (struct parity_way){
        .name = "bf16, plain kernels",
        .bound = PARITY_BF16,
        .options = {.n_threads = 2, .precision = NN_BF16, .sets = 1U << NN_PLAIN}};
    out[n++] = (struct parity_way){
        .name = "bf16", .bound = PARITY_BF16, .options = {.n_threads = 2, .precision = NN_BF16}};
    return n;
}

/* ---- activations ----------------------------------------------------------------------------- */

static void see(void *arg, const char *name, struct tensor x)
{
    struct parity_mids *m = arg;
    char full[128];
    struct tensor want;
    if (m->special && m->special(m, name, x))
        return;
    snprintf(full, sizeof full, "%s.mid.%s", m->prefix, name);
    if (!weights_find(m->io, full, &want))
        return;
    parity_mids_seen(m, name);
    parity_compare(m->p, full, x, want, m->bound);
}

void parity_mids_seen(struct parity_mids *m, const char *name)
{
    if (m->n_seen < (int)(sizeof m->seen / sizeof *m->seen))
        snprintf(m->seen[m->n_seen++], sizeof *m->seen, "%s", name);
}

struct probe parity_probe(struct parity_mids *m)
{
    return (struct probe){.see = see, .arg = m};
}

static bool was_seen(const struct parity_mids *m, const char *name)
{
    for (int i = 0; i < m->n_seen; i++)
        if (strcmp(m->seen[i], name) == 0)
            return true;
    return false;
}

void parity_mids_end(struct parity_mids *m)
{
    char start[64];
    int len = snprintf(start, sizeof start, "%s.mid.", m->prefix);
    for (int i = 0; i < weights_count(m->io); i++) {
        const char *name = weights_name(m->io, i);
        if (strncmp(name, start, (size_t)len) == 0 && !was_seen(m, name + len))
            parity_ok(m->p, false, "%s was not shown by the model", name);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

static int usage(void)
{
    fprintf(stderr, "usage: parity [--data DIR] [--only WORD]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct parity p = {.data = PARITY_DATA};
    const char *only = "";
    for (int i = 1; i < argc; i += 2)
        if (i + 1 < argc && strcmp(argv[i], "--data") == 0)
            p.data = argv[i + 1];
        else if (i + 1 < argc && strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else
            return usage();
    int n_run = 0;
    for (int i = 0; i < n_components; i++) {
        if (!strstr(components[i].name, only))
            continue;
        p.part = components[i].name;
        components[i].run(&p);
        n_run++;
    }
    printf("1..%d\n", p.n_passed + p.n_failed + p.n_skipped);
    printf("# worst f32 error %.1e, of %s\n", p.worst, p.worst_of);
    printf("# %d passed, %d failed, %d skipped\n", p.n_passed, p.n_failed, p.n_skipped);
    return p.n_failed > 0 || n_run == 0 || p.n_passed == 0;
}
