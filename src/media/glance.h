/* glance.h - what a grid shows of a film: a poster and a short preview, made of its frames as they
 * pass by on their way to the encoder.
 *
 * The preview is the film's beginning without a sound, GLANCE_SECONDS at most, its long side
 * GLANCE_PREVIEW px; the poster is the frame with the most detail among a few, its long side
 * GLANCE_POSTER px, dark ones last. A film that is smaller keeps its size. Nothing is decoded: each
 * frame is averaged down once, and a second encoder (media/mp4.h) runs beside the film's.
 *
 * Thread: one.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/frame.h"

enum { GLANCE_SECONDS = 3, GLANCE_PREVIEW = 320, GLANCE_POSTER = 640, GLANCE_QUALITY = 80 };

struct glance;

struct glance_options {
    int width; /* of the film */
    int height;
    int fps;
    int n_frames;
    const char *poster_path;  /* written over if there; not synced */
    const char *preview_path; /* likewise          */
};

/* As mp4_open. */
int glance_open(struct glance **out, const struct glance_options *options,
                struct error *err) MUST_CHECK;

/* The next frame of the film, of its size; it is only looked at. What fails is told by finish. */
void glance_see(struct glance *g, const struct frame *f);

/* Write both files; the preview is synced. ERR_INVALID there were no frames. */
int glance_finish(struct glance *g, struct error *err) MUST_CHECK;

void glance_close(struct glance *g); /* NULL is fine */
SCOPED_CLOSE(glance)
