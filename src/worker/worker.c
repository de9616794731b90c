/* worker.c - see worker.h. SPDX-License-Identifier: MIT */
#include "worker/worker.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "job/lease.h"
#include "media/image.h"
#include "worker/claim.h"
#include "worker/crash.h"
#include "worker/film.h"

struct worker {
    struct worker_options options;
    struct claim claim;
    int64_t seen;                 /* of the store */
    _Atomic int64_t stop_mono_us; /* when a running job goes back; 0: not draining */
};

/* One job in this worker's hands. */
struct task {
    struct worker *worker;
    struct lease *lease;
    const struct store_job *job;
    struct text_buf image;
    struct film_result film;
    char video[WORKER_NAME_SIZE];
    char poster[WORKER_NAME_SIZE];
    char preview[WORKER_NAME_SIZE];
    char *keep; /* as engine_request has it */
    int64_t beside_bytes;
};

/* The files of a film, in the order of their publishing: the video comes last, so that where it
 * is the others are. */
enum { POSTER, PREVIEW, VIDEO, FILES };

static const char *const animals[] = {
    "albatross",  "alpaca",  "antelope", "armadillo", "badger",    "beaver",    "bison",
    "buffalo",    "camel",   "capybara", "caribou",   "cassowary", "chameleon", "cheetah",
    "chinchilla", "condor",  "coyote",   "crane",     "curlew",    "dolphin",   "dormouse",
    "eagle",      "echidna", "egret",    "elephant",  "falcon",    "ferret",    "flamingo",
    "gazelle",    "gecko",   "gibbon",   "giraffe",   "hedgehog",  "heron",     "ibex",
    "iguana",     "jaguar",  "kestrel",  "koala",     "lemur",     "leopard",   "lynx",
    "manatee",    "marmot",  "meerkat",  "mongoose",  "narwhal",   "ocelot",    "otter",
    "panda",      "pelican", "penguin",  "platypus",  "puffin",    "quail",     "raccoon",
    "reindeer",   "salmon",  "sparrow",  "tapir",     "toucan",    "walrus",    "whale",
    "wombat",
};
_Static_assert(sizeof animals / sizeof *animals == 64, "one folder for each value of six bits");

void worker_video_name(int64_t now_us, char out[WORKER_NAME_SIZE])
{
    char uuid[HASH_UUID_SIZE];
    hash_random_uuid(uuid);
    snprintf(out, WORKER_NAME_SIZE, "generations/%s/%lld-%s.mp4",
             animals[hash_quick(text_of(uuid)) % 64], (long long)(now_us / 1000), uuid);
}

void worker_process_name(char out[WORKER_PROCESS_SIZE])
{
    char host[64] = "";
    char id[HASH_ID_SIZE];
    gethostname(host, sizeof host - 1);
    hash_random_id(id);
    snprintf(out, WORKER_PROCESS_SIZE, "%s:%d:%s", host, (int)getpid(), id);
}

struct worker *worker_new(const struct worker_options *options)
{
    struct worker *w = mem_alloc(sizeof *w);
    w->options = *options;
    claim_init(&w->claim, &w->options);
    return w;
}

void worker_free(struct worker *w)
{
    if (w)
        claim_fini(&w->claim);
    mem_free(w);
}

void worker_drain(struct worker *w, bool at_once)
{
    int64_t none = 0;
    int64_t stop = clock_mono_us() + w->options.drain_us;
    if (at_once)
        atomic_store(&w->stop_mono_us, 1);
    else
        atomic_compare_exchange_strong(&w->stop_mono_us, &none, stop);
    store_wake(w->options.store);
}

static bool is_draining(const struct worker *w)
{
    return atomic_load(&w->stop_mono_us) != 0;
}

static bool must_release(const struct worker *w)
{
    int64_t stop = atomic_load(&w->stop_mono_us);
    return stop && clock_mono_us() >= stop;
}

/* ---- one job ------------------------------------------------------------------------------- */

static void on_progress(void *arg, const char *stage, double done)
{
    const struct task *t = arg;
    lease_progress(t->lease, stage, done);
}

static bool on_cancelled(void *arg)
{
    const struct task *t = arg;
    return lease_lost(t->lease) || must_release(t->worker);
}

static void on_warn(void *arg, const struct error *why)
{
    const struct task *t = arg;
    log_warn("job %s: %s", t->job->id, why->text);
}

static int make_film(struct task *t, const struct blob_draft drafts[FILES], struct error *err)
{
    const struct worker_options *o = &t->worker->options;
    const struct store_job_input *input = &t->job->input;
    struct film_request request = {
        .model = model_find(o->catalogue, text_of(input->model)),
        .prompt = text_of(input->prompt),
        .enhance = input->enhance,
        .seed = input->seed,
        .image_url = input->image_kind == STORE_IMAGE_URL ? input->image : NULL,
        .fetch = fetch_limits_default(),
        .path = drafts[VIDEO].path,
        .poster_path = drafts[POSTER].path,
        .preview_path = drafts[PREVIEW].path,
        .keep = t->keep,
    };
    const struct film_hooks hooks = {
        .arg = t, .progress = on_progress, .cancelled = on_cancelled, .warn = on_warn};
    assert(request.model); /* nothing else was claimed */
    request.fetch.allow = o->fetch_allow;
    if (input->image_kind == STORE_IMAGE_BLOB) {
        int rc = blob_read(o->blobs, input->image, IMAGE_MOST_BYTES, &t->image, err);
        if (rc < 0)
            return rc;
        request.image_bytes = (struct text){t->image.at, t->image.len};
    }
    return film_make(&request, &hooks, &t->film, err);
}

/* "FOLDER/MS-UUID.jpg" and "FOLDER/MS-UUID-preview.mp4" beside the video. */
static void name_files(struct task *t)
{
    worker_video_name(clock_now_us(), t->video);
    int stem = (int)(strlen(t->video) - strlen(".mp4"));
    snprintf(t->poster, sizeof t->poster, "%.*s.jpg", stem, t->video);
    snprintf(t->preview, sizeof t->preview, "%.*s-preview.mp4", stem, t->video);
}

static void remove_files(const struct task *t)
{
    const char *const names[FILES] = {t->poster, t->preview, t->video};
    struct error err;
    for (int i = 0; i < FILES; i++)
        if (*names[i] && blob_remove(t->worker->options.blobs, names[i], &err) < 0)
            log_warn("job %s: %s", t->job->id, err.text);
}

static int64_t size_of(const struct blob_draft *draft)
{
    struct stat st;
    return stat(draft->path, &st) == 0 ? st.st_size : 0;
}

static int publish(struct task *t, struct blob_draft drafts[FILES], struct error *err)
{
    static const char *const steps[FILES] = {"poster-published", "preview-published", "published"};
    name_files(t);
    t->beside_bytes = size_of(&drafts[POSTER]) + size_of(&drafts[PREVIEW]);
    const char *const names[FILES] = {t->poster, t->preview, t->video};
    for (int i = 0; i < FILES; i++) {
        int rc = blob_publish(t->worker->options.blobs, &drafts[i], names[i], err);
        if (rc < 0) {
            remove_files(t);
            return rc;
        }
        crash_at(steps[i]);
    }
    return 0;
}

static int make_and_publish(struct task *t, struct error *err)
{
    struct blob_store *blobs = t->worker->options.blobs;
    struct blob_draft drafts[FILES] = {0};
    int rc = 0;
    for (int i = 0; i < FILES && rc == 0; i++)
        rc = blob_begin(blobs, &drafts[i], err);
    if (rc == 0)
        rc = make_film(t, drafts, err);
    if (rc == 0)
        rc = publish(t, drafts, err);
    for (int i = 0; i < FILES && rc < 0; i++)
        if (*drafts[i].path)
            blob_abandon(blobs, &drafts[i]);
    return rc;
}

/* What the record keeps as one object: the film's rate, and what its engine says of it. */
static char *meta_of(const struct task *t)
{
    const char *engine = t->film.meta ? t->film.meta : "{}";
    return mem_printf("{\"fps\":%d%s%s", t->film.fps, strcmp(engine, "{}") == 0 ? "" : ",",
                      engine + 1);
}

/* The film lies under its name: say so. A film that nobody will ask for is taken away again. */
static int finish(struct task *t, struct error *err)
{
    const struct film_result *film = &t->film;
    char none[] = "";
    SCOPED(mem) char *meta = meta_of(t);
    const struct store_result result = {
        .video = t->video,
        .video_bytes = film->mp4.bytes,
        .duration_us = film->mp4.duration_us,
        .width = film->width,
        .height = film->height,
        .engine = (char *)film->engine,
        .prompt = film->prompt,
        .meta = meta,
        .poster = t->poster,
        .preview = t->preview,
        .beside_bytes = t->beside_bytes,
        .timings = film->timings ? film->timings : none,
    };
    int rc = lease_finish(t->lease, &result, err);
    if (rc == ERR_LOST)
        remove_files(t);
    if (rc == 0)
        crash_at("finished");
    return rc;
}

/* What the job's owner may read. What concerns this machine stays in its log. */
static const char *message_for_owner(const struct error *why)
{
    switch (why->code) {
    case ERR_IO:
    case ERR_NOT_FOUND:
    case ERR_CORRUPT: /* weights; an image has a name of its own */
        return "The video could not be made; the server's log says why under this id.";
    case ERR_MEMORY:
        return "The server has not enough memory for this video.";
    default:
        return why->text;
    }
}

/* How the story of a claimed job ended. */
enum ending {
    ENDING_COMPLETED,
    ENDING_FAILED,    /* the job cannot be made                          */
    ENDING_RETRIED,   /* the machine failed; the job waits for another   */
    ENDING_EXHAUSTED, /* the machine failed, and the attempts are used up */
    ENDING_RELEASED,
};

/* A disk without room, memory that another program has, a table of files that is full, a codec that
 * is not there: no word about the job. What its owner's address or picture is to blame for has a
 * name of its own. */
static bool is_machines_fault(const struct task *t, const struct error *why)
{
    const char *name = t->film.error_name;
    return (why->code == ERR_IO || why->code == ERR_MEMORY || why->code == ERR_BUSY) &&
           (!name || strcmp(name, "GenerationException") == 0);
}

/* The film was not made: why decides how the job goes on. Returns the store's verdict. */
static int give_up(struct task *t, const struct error *why, enum ending *out, struct error *err)
{
    const char *name = t->film.error_name ? t->film.error_name : "GenerationException";
    if (lease_lost(t->lease))
        return error_set(err, ERR_LOST, "the lease is lost");
    if (why->code == ERR_CANCELLED) {
        *out = ENDING_RELEASED;
        return lease_release(t->lease, err);
    }
    if (is_machines_fault(t, why)) {
        int rc =
            lease_retry(t->lease, t->worker->options.attempts_max, message_for_owner(why), err);
        *out = rc > 0 ? ENDING_RETRIED : ENDING_EXHAUSTED;
        return rc < 0 ? rc : 0;
    }
    *out = ENDING_FAILED;
    bool is_image = strcmp(name, "GenerationException") != 0;
    return lease_fail(t->lease, name, is_image ? why->text : message_for_owner(why), err);
}

static void log_ending(const struct task *t, enum ending ending, double seconds,
                       const struct error *why)
{
    const char *id = t->job->id;
    switch (ending) {
    case ENDING_COMPLETED:
        log_info("job %s completed in %.2f s: %dx%d, %lld bytes", id, seconds, t->film.width,
                 t->film.height, (long long)t->film.mp4.bytes);
        break;
    case ENDING_FAILED:
        log_error("job %s failed after %.2f s: %s", id, seconds, why->text);
        break;
    case ENDING_RETRIED:
        log_error("job %s back to the queue after attempt %d, %.2f s: %s", id, t->job->attempts,
                  seconds, why->text);
        break;
    case ENDING_EXHAUSTED:
        log_error("job %s failed after %d attempts: %s", id, t->job->attempts, why->text);
        break;
    case ENDING_RELEASED:
        log_info("job %s back to the queue after %.2f s", id, seconds);
        break;
    }
}

/* Behind a fault of the machine the worker ends, and its next one finds out whether it is gone. One
 * without memory for a network goes on with what needs less; the turn stays with it, so that no
 * other worker uses up the job's attempts meanwhile. */
static int stop_or_rest(const struct task *t, enum ending ending, const struct error *why,
                        struct error *err)
{
    struct claim *c = &t->worker->claim;
    if (ending != ENDING_RETRIED && ending != ENDING_EXHAUSTED)
        return 0;
    if (why->code == ERR_BUSY && claim_is_alone(c)) {
        if (ending == ENDING_RETRIED)
            claim_rest(c);
        return 0;
    }
    *err = *why;
    return why->code;
}

/* Taken back because it is over (cancelled, forgotten), not to be gone on with by another: what its
 * engine kept is of no use any more. */
static void drop_kept(const struct task *t)
{
    struct error ignored;
    SCOPED(store_job) struct store_job job = {.seq = 0};
    const int rc = store_get(t->worker->options.store, t->job->id, &job, &ignored);
    if (t->keep && (rc == ERR_GONE || (rc == 0 && job_state_is_final(job.state))))
        unlink(t->keep);
}

/* Bring the claimed job to an end of some kind. Negative: the store does not work, or this
 * machine does not. */
static int end_job(struct task *t, struct error *err)
{
    int64_t begun = clock_mono_us();
    struct error why = {0};
    enum ending ending = ENDING_COMPLETED;
    int made = make_and_publish(t, &why);
    int rc = made == 0 ? finish(t, err) : give_up(t, &why, &ending, err);
    double seconds = (double)(clock_mono_us() - begun) / CLOCK_SECOND_US;
    if (rc == ERR_LOST) {
        log_info("job %s was taken back after %.2f s", t->job->id, seconds);
        drop_kept(t);
        return 0;
    }
    if (rc < 0) {
        log_error("job %s after %.2f s: %s", t->job->id, seconds, err->text);
        return rc;
    }
    log_ending(t, ending, seconds, &why);
    if (t->keep && ending != ENDING_RETRIED && ending != ENDING_RELEASED)
        unlink(t->keep); /* that it is not there is the usual case */
    return stop_or_rest(t, ending, &why, err);
}

int worker_run_one(struct worker *w, struct error *err)
{
    const char *kept = w->options.kept;
    struct lease *lease = NULL;
    int rc = claim_next(&w->claim, &lease, err);
    if (rc < 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    struct task t = {.worker = w, .lease = lease, .job = lease_job(lease)};
    t.keep = kept ? mem_printf("%s/%s", kept, t.job->id) : NULL;
    log_debug("job %s claimed, attempt %d", t.job->id, t.job->attempts);
    crash_at("claimed");
    rc = end_job(&t, err);
    film_result_fini(&t.film);
    mem_free(t.keep);
    text_buf_fini(&t.image);
    lease_close(lease);
    claim_end(&w->claim);
    return rc < 0 ? rc : 1;
}

int worker_run(struct worker *w, struct error *err)
{
    while (!is_draining(w)) {
        int rc = worker_run_one(w, err);
        if (rc == 0)
            rc = store_watch(w->options.store, &w->seen, claim_wait_ms(&w->claim), err);
        if (rc < 0)
            return rc;
    }
    return 0;
}
