/* store_bench.c - what the store costs: durable creates, polls, claims, and whether they grow
 * with the jobs that ended. Prints one line per measure.
 *
 *     store_bench FOLDER [ENDED_JOBS]
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

enum { IN_FLIGHT = 64, N_CREATES = 20000, N_READS = 100000, N_CLAIMS = 500, N_SYNCS = 500 };

static char model[] = "video-01";
static char prompt[] = "A mighty dragon flies over a misty valley at dawn, its scales glittering "
                       "in the first light, while a river winds through the forest below.";
static char none[] = "";
static char video[] = "generations/hedgehog/1759866285599-0cdfb138-c03a-49d4-a601-4f6413e27b15.mp4";

static void must(int rc, const struct error *err)
{
    if (rc < 0) {
        fprintf(stderr, "%s\n", err->text);
        _exit(1);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_spread(const char *name, int64_t *us, size_t n)
{
    qsort(us, n, sizeof *us, compare);
    int64_t middle = us[n / 2];
    int64_t late = us[n * 99 / 100];
    printf("%-44s p50 %7.3f ms  p99 %7.3f ms  most %7.3f ms\n", name, (double)middle / 1e3,
           (double)late / 1e3, (double)us[n - 1] / 1e3);
}

static void bench_sync(const char *folder)
{
    SCOPED(mem) char *path = mem_printf("%s/sync", folder);
    SCOPED(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    static char page[4096];
    static int64_t us[N_SYNCS];
    for (int i = 0; i < N_SYNCS; i++) {
        int64_t start = clock_mono_us();
        if (write(fd, page, sizeof page) < 0 || fdatasync(fd) < 0)
            abort();
        us[i] = clock_mono_us() - start;
    }
    print_spread("append 4 KiB and fdatasync", us, N_SYNCS);
    unlink(path);
}

/* ---- creates ------------------------------------------------------------------------------- */

struct load {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    struct store_admission *idle;
};

struct create {
    struct store_admission a;
    int64_t start_us;
    int64_t *us;
    struct load *load;
};

static void created(struct store_admission *a)
{
    struct create *c = a->arg;
    must(a->rc, &a->err);
    *c->us = clock_mono_us() - c->start_us;
    pthread_mutex_lock(&c->load->lock);
    a->next = c->load->idle;
    c->load->idle = a;
    pthread_cond_signal(&c->load->freed);
    pthread_mutex_unlock(&c->load->lock);
}

static struct create *take_idle(struct load *l)
{
    pthread_mutex_lock(&l->lock);
    while (!l->idle)
        pthread_cond_wait(&l->freed, &l->lock);
    struct store_admission *a = l->idle;
    l->idle = a->next;
    pthread_mutex_unlock(&l->lock);
    return a->arg;
}

static void create_jobs(struct store *s, int64_t key_id, int n, int in_flight, int64_t *us)
{
    struct load l = {.lock = PTHREAD_MUTEX_INITIALIZER, .freed = PTHREAD_COND_INITIALIZER};
    static struct create creates[4096];
    for (int i = 0; i < in_flight; i++) {
        creates[i] = (struct create){.a = {.done = created, .arg = &creates[i]}, .load = &l};
        creates[i].a.next = l.idle;
        l.idle = &creates[i].a;
    }
    for (int i = 0; i < n; i++) {
        struct create *c = take_idle(&l);
        c->a.key_id = key_id;
        c->a.input = (struct store_job_input){
            .model = model, .prompt = prompt, .image = none, .credits = 120000};
        hash_random_id(c->a.id);
        c->us = &us[i];
        c->start_us = clock_mono_us();
        store_admit(s, &c->a);
    }
    for (int i = 0; i < in_flight; i++)
        take_idle(&l);
}

static void bench_create(struct store *s, int64_t key_id, const char *when)
{
    SCOPED(mem) int64_t *us = mem_alloc(N_CREATES * sizeof *us);
    SCOPED(mem) char *name = mem_printf("create, %d in flight, %s", IN_FLIGHT, when);
    int64_t start = clock_mono_us();
    create_jobs(s, key_id, N_CREATES, IN_FLIGHT, us);
    double seconds = (double)(clock_mono_us() - start) / 1e6;
    print_spread(name, us, N_CREATES);
    printf("%-44s %.0f/s\n", name, N_CREATES / seconds);
    create_jobs(s, key_id, N_SYNCS, 1, us);
    print_spread("  one at a time", us, N_SYNCS);
}

/* ---- reads and claims ---------------------------------------------------------------------- */

static void bench_reads(struct store *s, const char *id, const uint8_t *hash, const char *when)
{
    struct error err;
    struct store_job job;
    struct store_key key;
    int64_t start = clock_mono_us();
    for (int i = 0; i < N_READS; i++) {
        must(store_get(s, id, &job, &err), &err);
        store_job_fini(&job);
    }
    printf("get, %-39s %.2f us\n", when, (double)(clock_mono_us() - start) / N_READS);
    start = clock_mono_us();
    for (int i = 0; i < N_READS; i++)
        must(store_key_by_hash(s, hash, &key, &err), &err);
    printf("key_by_hash, %-31s %.2f us\n", when, (double)(clock_mono_us() - start) / N_READS);
}

static void bench_claims(struct store *s, const char *when)
{
    struct error err;
    static int64_t claims[N_CLAIMS];
    static int64_t finishes[N_CLAIMS];
    struct store_result result = {
        .video = video, .engine = model, .prompt = prompt, .meta = none, .video_bytes = 3000000};
    const struct store_claim wish = {.worker = "bench", .lease_us = 60 * CLOCK_SECOND_US};
    for (int i = 0; i < N_CLAIMS; i++) {
        struct store_job job;
        int64_t start = clock_mono_us();
        must(store_claim(s, &wish, &job, &err), &err);
        claims[i] = clock_mono_us() - start;
        start = clock_mono_us();
        must(store_finish(s, job.id, job.token, &result, &err), &err);
        finishes[i] = clock_mono_us() - start;
        store_job_fini(&job);
    }
    printf("claim and finish, %s\n", when);
    print_spread("  claim", claims, N_CLAIMS);
    print_spread("  finish", finishes, N_CLAIMS);
}

/* What a worker asks again with each change of the store, and that finds nothing for it behind all
 * that wait. */
static void bench_refused(struct store *s)
{
    struct error err;
    static int64_t us[N_CLAIMS];
    const struct store_claim wish = {
        .worker = "bench", .lease_us = 60 * CLOCK_SECOND_US, .models = "another"};
    for (int i = 0; i < N_CLAIMS; i++) {
        struct store_job job;
        int64_t start = clock_mono_us();
        if (store_claim(s, &wish, &job, &err) != ERR_NOT_FOUND)
            abort();
        us[i] = clock_mono_us() - start;
    }
    print_spread("claim, all that wait are of other models", us, N_CLAIMS);
}

/* Cancelled jobs end at once: the way to many ended jobs that writes the most per job. */
static void *cancel_all(void *arg)
{
    struct store *s = ((void **)arg)[0];
    int64_t *stride = ((void **)arg)[1];
    char(*ids)[HASH_ID_SIZE] = ((void **)arg)[2];
    struct error err;
    for (int64_t i = stride[0]; i < stride[2]; i += stride[1])
        must(store_cancel(s, stride[3], ids[i], &err), &err);
    return NULL;
}

struct ids {
    char (*at)[HASH_ID_SIZE];
    size_t n;
};

static int collect(void *arg, const struct store_job *job)
{
    struct ids *ids = arg;
    memcpy(ids->at[ids->n++], job->id, HASH_ID_SIZE);
    return 0;
}

enum { ENDERS = 64 };

/* All jobs of the key that wait end. */
static void end_all(struct store *s, int64_t key_id, int most)
{
    struct error err;
    struct ids ids = {.at = mem_alloc((size_t)most * HASH_ID_SIZE)};
    struct store_list_filter f = {.key_id = key_id, .state = JOB_QUEUED, .limit = most};
    must(store_list(s, &f, collect, &ids, &err), &err);
    pthread_t threads[ENDERS];
    int64_t strides[ENDERS][4];
    void *args[ENDERS][3];
    for (int i = 0; i < ENDERS; i++) {
        strides[i][0] = i;
        strides[i][1] = ENDERS;
        strides[i][2] = (int64_t)ids.n;
        strides[i][3] = key_id;
        args[i][0] = s;
        args[i][1] = strides[i];
        args[i][2] = ids.at;
        if (pthread_create(&threads[i], NULL, cancel_all, args[i]) != 0)
            abort();
    }
    for (int i = 0; i < ENDERS; i++)
        pthread_join(threads[i], NULL);
    mem_free(ids.at);
}

static void grow_to(struct store *s, int64_t key_id, int n_ended)
{
    enum { STEP = 20000 };
    SCOPED(mem) int64_t *us = mem_alloc(STEP * sizeof *us);
    struct error err;
    struct store_counts counts;
    must(store_counts(s, &counts, &err), &err);
    while (counts.completed + counts.failed < n_ended) {
        int64_t left = n_ended - counts.completed - counts.failed;
        create_jobs(s, key_id, left < STEP ? (int)left : STEP, 1024, us);
        end_all(s, key_id, STEP);
        must(store_counts(s, &counts, &err), &err);
    }
}

static void measure_at(struct store *s, int n_ended)
{
    struct error err;
    struct store_key key = {0};
    SCOPED(mem) char *when = mem_printf("%d ended jobs", n_ended);
    must(store_key_by_prefix(s, "benchkey", &key, &err), &err);
    grow_to(s, key.id, n_ended);
    bench_create(s, key.id, when);
    struct ids one = {.at = mem_alloc(HASH_ID_SIZE)};
    struct store_list_filter f = {.key_id = key.id, .state = -1, .limit = 1};
    must(store_list(s, &f, collect, &one, &err), &err);
    bench_reads(s, one.at[0], key.hash, when);
    mem_free(one.at);
    bench_refused(s);
    bench_claims(s, when);
    end_all(s, key.id, N_CREATES + N_SYNCS);
}

int main(int argc, char **argv)
{
    struct error err;
    struct store *s = NULL;
    struct store_key key = {.prefix = "benchkey", .hash = "bench"};
    const char *folder = argc > 1 ? argv[1] : ".";
    int64_t n_ended = 200000;
    if (argc > 2 && !text_int(text_of(argv[2]), 0, 100000000, &n_ended))
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    hash_start();
    bench_sync(folder);
    SCOPED(mem) char *path = mem_printf("%s/bench.db", folder);
    must(store_open(&s, path, &err), &err);
    if (store_key_add(s, &key, 0, &err) < 0 && err.code != ERR_CONFLICT)
        must(err.code, &err);
    measure_at(s, 1000);
    measure_at(s, (int)n_ended);
    store_close(s);
    return 0;
}
