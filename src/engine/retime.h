/* retime.h - the frames of a network, of its own size and rate, as the frames of a film.
 *
 * The first and the last frame of both fall together; a film frame between two of the network's
 * is a mixture of them. A film that begins with an image begins with that image, exactly.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "engine/engine.h"
#include "nn/tensor.h"

struct retime {
    const struct engine_request *request;
    const struct engine_run *run;
    int n_from;           /* frames of the network */
    int n_in, n_out;      /* came, pushed */
    struct image *before; /* the last two that came, of the film's size */
    struct image *now;
};

void retime_init(struct retime *r, const struct engine_request *request,
                 const struct engine_run *run, int n_from);
void retime_fini(struct retime *r);
SCOPED_FINI(retime)

/* The next frames, f32 [n, H, W, 3] in -1..1. After the last of n_from the film is whole.
 * ERR_MEMORY; ERR_IO the encoder stopped; ERR_CANCELLED. */
int retime_add(struct retime *r, const struct tensor *rgb, struct error *err) MUST_CHECK;
