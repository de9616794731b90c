/* engine.h - what makes the frames of a film. One row of the table per kind.
 *
 * The worker opens an engine once per job, asks it for one film, closes it. The engine draws into
 * frames that the run lends it; encoding goes on beside it (media/mp4.h).
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "media/frame.h"
#include "media/image.h"

/* What the film shall be. Everything is owned by the caller and outlives the run. */
struct engine_request {
    const char *prompt;        /* UTF-8, as the engine shall read it; may be empty with an image */
    const struct image *image; /* first frame, already of width x height; NULL without one       */
    uint64_t seed;
    int width;  /* px, even */
    int height; /* px, even */
    int fps;
    int n_frames; /* exactly so many must be pushed */

    /* A file of this job's own, made by the engine when it wants one, where it may keep what an
     * attempt that was killed would lose; NULL: there is none. The caller takes it away when the
     * job has ended. */
    const char *keep;
};

/* Which model an engine is opened for. */
struct engine_options {
    const char *model;    /* id, for messages */
    const char *path;     /* of the model's folder or file; NULL: it has none */
    const char *pull;     /* "zoetrope model pull" of this name brings it; NULL: nothing does */
    const char *settings; /* of its row of the catalogue, in the engine's own words
                             ("steps = 4; guidance = 1"); "" or NULL: none */

    /* Told what an error leaves unsaid because the owner of a job reads it: which file of this
     * machine is not there or does not fit. NULL: nobody. */
    void (*warn)(void *arg, const struct error *why);
    void *warn_arg;
};

/* The job around the engine. All members are set; calls come from the engine's thread, of progress
 * also from another one, never two at a time. */
struct engine_run {
    void *arg;

    /* A film step begins or goes on. stage: a short stable word ("drawing"); done: 0 to 1 over
     * the whole generate call, never falling. A call is also a sign of life: an engine that is
     * silent for longer than the hang limit is taken for dead. */
    void (*progress)(void *arg, const char *stage, double done);

    /* Something failed that the film does without, for the log. */
    void (*warn)(void *arg, const struct error *why);

    /* Somebody wants it to stop. Asked every 200 ms, by networks once a block; then fail with
     * ERR_CANCELLED. */
    bool (*cancelled)(void *arg);

    /* The next frame to fill, of the request's size; NULL when the encoder failed: return
     * ERR_IO with any text, the worker knows better. */
    struct frame *(*frame_next)(void *arg);
    void (*frame_push)(void *arg);
};

struct engine;

/* REQUIRED: name, summary, version, open, generate, close. OPTIONAL: check, estimate.
 * Calls on one engine come from one thread: open, generate, close. */
struct engine_driver {
    const char *name;    /* "storyboard": in config, in meta.engine */
    const char *summary; /* one line for people */
    bool needs_path;     /* it runs weights from the disk */
    bool alone;          /* a run takes free memory and processors of the machine: one at a time */
    int version;         /* raised when the same request gives another film */

    /* Are the settings well formed? When the configuration is read: the model need not be there.
     * Without it there may be no settings. */
    int (*check)(const struct engine_options *options, struct error *err);

    /* Make *out ready. options outlive the engine. On error *out is untouched. */
    int (*open)(struct engine **out, const struct engine_options *options, struct error *err);

    /* Make the frames, in order. *out_meta becomes a JSON object of what the engine wants to tell
     * about the film ("plan"), for mem_free by the caller, or NULL. */
    int (*generate)(struct engine *e, const struct engine_request *request,
                    const struct engine_run *run, char **out_meta, struct error *err);

    void (*close)(struct engine *e); /* NULL is fine */

    /* Peak bytes of memory that the request needs, and seconds of work on this machine when it
     * has been measured (else 0), before running it. */
    void (*estimate)(const struct engine_request *request, int64_t *bytes, double *seconds);
};

extern const struct engine_driver engine_storyboard;
extern const struct engine_driver engine_wan;

/* All kinds, NULL-terminated, in order of preference. */
extern const struct engine_driver *const engine_drivers[];

/* The row with this name; NULL when there is none. */
const struct engine_driver *engine_find(const char *name);
