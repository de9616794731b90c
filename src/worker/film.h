/* film.h - one job's way from input to MP4, in this process: image, prompt, engine, file.
 *
 * Both zoetrope work and zoetrope generate make films with it; it knows neither lease nor store.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "job/model.h"
#include "media/mp4.h"
#include "net/fetch.h"

struct film_request {
    const struct model *model;
    struct text prompt;
    bool enhance;
    uint64_t seed;
    struct text image_bytes; /* the file's bytes; empty without */
    const char *image_url;   /* fetched with fetch; NULL without */
    struct fetch_limits fetch;
    const char *path;         /* of the MP4 to write */
    const char *poster_path;  /* with preview_path: what a grid shows of it (media/glance.h); */
    const char *preview_path; /* both NULL: neither                                           */
    const char *keep;         /* as engine_request has it */
};

struct film_hooks {
    void *arg;
    void (*progress)(void *arg, const char *stage, double done); /* 0..1 over the whole film */
    bool (*cancelled)(void *arg);                                /* any thread */
    void (*warn)(void *arg, const struct error *why); /* what the film does without; NULL: nobody */
    void (*frame)(void *arg, const struct frame *f);  /* each, as it is made; NULL: nobody looks */
};

struct film_result {
    struct mp4_result mp4;
    int width;
    int height;
    int fps;
    const char *engine;     /* static */
    char *prompt;           /* as the engine got it; mem_free */
    char *meta;             /* of the engine, or NULL; mem_free */
    char *timings;          /* JSON: [{"stage":"drawing","seconds":1.234},...] in order; mem_free */
    const char *error_name; /* on failure: "InvalidImageException", "ImageFetchException",
                               "GenerationException"; static */
};

/* Make the film. The error's text is a sentence for the user. On failure *out has error_name and
 * nothing else. ERR_CANCELLED when cancelled said so. */
int film_make(const struct film_request *request, const struct film_hooks *hooks,
              struct film_result *out, struct error *err) MUST_CHECK;
void film_result_fini(struct film_result *r);
