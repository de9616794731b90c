/* fill.c - does the store grow slower as it grows? Two stores, few and many finished jobs, asked
 * the same things in turns.
 *
 *     fill FOLDER FEW MANY ROUNDS
 *
 * Filling goes through the store's own verbs, with the syncs left out (this program's fsync and
 * fdatasync stand before the C library's); measuring has them in. One JSON object on standard
 * output: for each verb the median microseconds of every round, in the small store and in the
 * large one.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

enum { BATCH = 256, CALLS = 200, AT_A_TIME = 10, VERBS = 4, ROUNDS_MAX = 100 };

static atomic_bool syncs_left_out;

__attribute__((visibility("default"))) int fsync(int fd)
{
    return syncs_left_out ? 0 : (int)syscall(SYS_fsync, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    return syncs_left_out ? 0 : (int)syscall(SYS_fdatasync, fd);
}

struct place {
    struct store *store;
    int64_t key_id;
    int64_t n_jobs;
    char ids[CALLS * AT_A_TIME][HASH_ID_SIZE];
    double took_us[VERBS][ROUNDS_MAX];
};

static _Noreturn void stop(const char *what, const struct error *err)
{
    fprintf(stderr, "fill: %s: %s\n", what, err->text);
    exit(1);
}

/* ---- filling ------------------------------------------------------------------------------- */

static char model[] = "video-01";
static char prompt[] = "A menacing evil dragon appears in a distance above the tallest mountain, "
                       "then rushes toward the camera with its jaws open, revealing massive fangs.";
static char none[] = "";
static char video[] = "generations/hedgehog/1759866285599-0cdfb138-c03a-49d4-a601-4f6413e27b15.mp4";
static char engine[] = "storyboard";
static char meta[] = "{\"place\":\"mountains\",\"time\":\"dusk\",\"subject\":\"dragon\"}";

static const struct store_job_input input = {.model = model,
                                             .prompt = prompt,
                                             .enhance = true,
                                             .seed = 7,
                                             .image_kind = STORE_IMAGE_NONE,
                                             .image = none,
                                             .credits = 120000};

static const struct store_result result = {.video = video,
                                           .video_bytes = 2500000,
                                           .duration_us = 5640000,
                                           .width = 1280,
                                           .height = 720,
                                           .engine = engine,
                                           .prompt = prompt,
                                           .meta = meta};

struct batch {
    pthread_mutex_t lock;
    pthread_cond_t all_done;
    /* under lock: */
    int n_left;
    struct error failed;
};

static void admitted(struct store_admission *a)
{
    struct batch *b = a->arg;
    pthread_mutex_lock(&b->lock);
    if (a->rc < 0)
        b->failed = a->err;
    if (--b->n_left == 0)
        pthread_cond_signal(&b->all_done);
    pthread_mutex_unlock(&b->lock);
}

static void admission(const struct place *p, struct store_admission *a)
{
    *a = (struct store_admission){.key_id = p->key_id, .input = input};
    hash_random_id(a->id);
}

static void create_batch(const struct place *p, int n)
{
    static struct store_admission all[BATCH];
    struct batch b = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .all_done = PTHREAD_COND_INITIALIZER, .n_left = n};
    for (int i = 0; i < n; i++) {
        admission(p, &all[i]);
        all[i].done = admitted;
        all[i].arg = &b;
        store_admit(p->store, &all[i]);
    }
    pthread_mutex_lock(&b.lock);
    while (b.n_left > 0)
        pthread_cond_wait(&b.all_done, &b.lock);
    pthread_mutex_unlock(&b.lock);
    if (b.failed.code)
        stop("create", &b.failed);
}

static void claim_and_finish(const struct place *p)
{
    struct error err;
    SCOPED(store_job) struct store_job job = {0};
    const struct store_claim wish = {.worker = "bench", .lease_us = 60 * CLOCK_SECOND_US};
    if (store_claim(p->store, &wish, &job, &err) < 0)
        stop("claim", &err);
    if (store_finish(p->store, job.id, job.token, &result, &err) < 0)
        stop("finish", &err);
}

static void open_place(struct place *p, const char *folder, const char *name)
{
    struct error err;
    SCOPED(mem) char *path = mem_printf("%s/%s.db", folder, name);
    struct store_key key = {.prefix = "0benchk0", .name = "bench"};
    hash_random(key.hash, sizeof key.hash);
    if (store_open(&p->store, path, &err) < 0)
        stop(path, &err);
    if (store_key_add(p->store, &key, 0, &err) < 0 ||
        store_key_by_prefix(p->store, key.prefix, &key, &err) < 0)
        stop("key", &err);
    p->key_id = key.id;
}

static void fill(struct place *p, int64_t n)
{
    int64_t began_us = clock_mono_us();
    syncs_left_out = true;
    while (p->n_jobs < n) {
        int now = (int)(n - p->n_jobs < BATCH ? n - p->n_jobs : BATCH);
        create_batch(p, now);
        for (int i = 0; i < now; i++)
            claim_and_finish(p);
        p->n_jobs += now;
        if (p->n_jobs / 100000 != (p->n_jobs - now) / 100000)
            fprintf(stderr, "fill: %lld jobs, %.0f s\n", (long long)p->n_jobs,
                    (double)(clock_mono_us() - began_us) / 1e6);
    }
    syncs_left_out = false;
}

/* ---- measuring ----------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[n / 2];
}

static int keep_id(void *arg, const struct store_job *job)
{
    memcpy(arg, job->id, HASH_ID_SIZE);
    return 1;
}

/* Ids from all over the store's age. */
static void sample_ids(struct place *p)
{
    struct error err;
    struct hash_rng rng;
    hash_rng_init(&rng, 1, 1);
    for (int i = 0; i < CALLS * AT_A_TIME; i++) {
        struct store_list_filter filter = {.key_id = p->key_id, .state = -1, .limit = 1};
        filter.before_seq = 2 + (int64_t)(hash_rng_unit(&rng) * (float)(p->n_jobs - 1));
        if (store_list(p->store, &filter, keep_id, p->ids[i], &err) < 0)
            stop("list", &err);
    }
}

static void poll_some(struct place *p, int i)
{
    struct error err;
    for (int k = 0; k < AT_A_TIME; k++) {
        SCOPED(store_job) struct store_job job = {0};
        if (store_get(p->store, p->ids[i * AT_A_TIME + k], &job, &err) < 0)
            stop("get", &err);
    }
}

static void create(struct place *p, int i)
{
    struct store_admission a;
    (void)i;
    admission(p, &a);
    if (store_admit_wait(p->store, &a) < 0)
        stop("create", &a.err);
    p->n_jobs++;
}

static void end_one(struct place *p, int i)
{
    (void)i;
    claim_and_finish(p);
}

static void count_some(struct place *p, int i)
{
    struct error err;
    struct store_counts counts;
    (void)i;
    for (int k = 0; k < AT_A_TIME; k++)
        if (store_counts(p->store, &counts, &err) < 0)
            stop("counts", &err);
}

/* The clock counts by the microsecond, so what takes few of them is asked several times. Every id
 * is asked for once, so that none is answered from memory. */
static const struct verb {
    const char *name;
    void (*run)(struct place *p, int i);
    int n_at_a_time;
} verbs[VERBS] = {{"poll", poll_some, AT_A_TIME},
                  {"create", create, 1},
                  {"claim and finish", end_one, 1},
                  {"counts", count_some, AT_A_TIME}};

static double time_of(const struct verb *v, struct place *p, int i)
{
    int64_t began_us = clock_mono_us();
    v->run(p, i);
    return (double)(clock_mono_us() - began_us) / v->n_at_a_time;
}

/* Call by call in turns: a disk that is slow for a second is so for both. */
static void measure(struct place *few, struct place *many, int round)
{
    static double of_few[CALLS], of_many[CALLS];
    sample_ids(few);
    sample_ids(many);
    for (int v = 0; v < VERBS; v++) {
        for (int i = 0; i < CALLS; i++) {
            of_few[i] = time_of(&verbs[v], few, i);
            of_many[i] = time_of(&verbs[v], many, i);
        }
        few->took_us[v][round] = median(of_few, CALLS);
        many->took_us[v][round] = median(of_many, CALLS);
    }
}

static void print_list(const double *values, int n)
{
    for (int i = 0; i < n; i++)
        printf("%s%.2f", i ? ", " : "[", values[i]);
    printf("]");
}

int main(int argc, char **argv)
{
    static struct place few, many;
    int n_rounds = argc == 5 ? (int)strtol(argv[4], NULL, 10) : 0;
    if (n_rounds < 1 || n_rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: fill FOLDER FEW MANY ROUNDS (at most %d)\n", ROUNDS_MAX);
        return 2;
    }
    hash_start();
    open_place(&few, argv[1], "few");
    open_place(&many, argv[1], "many");
    fill(&few, strtoll(argv[2], NULL, 10));
    fill(&many, strtoll(argv[3], NULL, 10));
    sync(); /* the disk's debt of the filling is not the measurement's */
    for (int i = 0; i < n_rounds; i++)
        measure(&few, &many, i);
    printf("{");
    for (int v = 0; v < VERBS; v++) {
        printf("%s\"%s\": {\"few\": ", v ? ", " : "", verbs[v].name);
        print_list(few.took_us[v], n_rounds);
        printf(", \"many\": ");
        print_list(many.took_us[v], n_rounds);
        printf("}");
    }
    printf("}\n");
    store_close(few.store);
    store_close(many.store);
    return 0;
}
