/* model.h - the catalogue: what a request may name, who makes it, what it costs.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct model {
    const char *id;      /* "video-01"; exact in requests */
    const char *aliases; /* space-separated, work as the id does; "" for none */
    const char *name;    /* for people */
    const char *developer;
    const char *description;
    const char *engine; /* name of an engine_driver */
    const char *path;   /* of its weights; NULL for an engine that needs none */
    const char *pull; /* "zoetrope model pull" of this name brings them there; NULL: nothing does */
    const char *settings; /* in the words of its engine; NULL: none */
    const char *released; /* "2024-09-01" */
    int64_t credits;      /* per video */
    int prompt_max;       /* code points */
    bool image_required;
    bool text_only; /* takes no first frame */
    bool alone;     /* on a machine its films are made one after another, as its engine says */
    int width;      /* px, of a film without a first frame; with one: image_video_size */
    int height;
    int fps;
    int n_frames;
};

/* 2,000,000 credits are one US dollar. */
#define MODEL_CREDITS_PER_USD 2000000

/* The rows the program ships with, by the contract: video-01 and video-01-live2d. */
extern const struct model model_builtin[];
extern const int n_model_builtin;

/* Open models whose weights may come to this machine: rows of the catalogue as soon as they are
 * there. path is NULL. */
extern const struct model model_open[];
extern const int n_model_open;

/* By id or alias; NULL when it is none of them. */
const struct model *model_open_find(struct text id);

struct model_catalogue {
    const struct model *rows;
    int n_rows;
};

/* By id or alias; NULL when there is none. */
const struct model *model_find(const struct model_catalogue *c, struct text id);

/* All ids and aliases, separated by blanks, as store_claim has them: a job keeps the id that its
 * model had when it was accepted, which may be an alias since. also_alone: those of models that are
 * made alone, too. The caller's, for mem_free. */
char *model_all_names(const struct model_catalogue *c, bool also_alone);
