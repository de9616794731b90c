/* mp4.h - frames in, an H.264 MP4 out, encoded while the frames are still being made.
 *
 * H.264 High, yuv420p tagged BT.709 limited range, constant frame rate, one video track, index in
 * front (faststart). libavcodec with libx264 and libavformat, loaded on first use (base/lazy.h).
 *
 * The writer holds a ring of MP4_RING frames, whatever the length of the film. The maker asks for
 * a free one with mp4_next (waits while all are in use), draws into it, and gives it back with
 * mp4_push; a thread of the writer's encodes in order. The same frames and settings give the same
 * bytes on any machine: the number of encoder threads is fixed, no time or id is written.
 *
 * Thread: mp4_next and mp4_push from one thread; mp4_open and mp4_finish from the same.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "media/frame.h"

enum { MP4_RING = 8 };

struct mp4;

struct mp4_options {
    int width; /* even */
    int height;
    int fps;
    const char *preset; /* of x264, ultrafast to veryslow; NULL: MP4_PRESET */
    int crf;            /* of x264, 1..51; 0: MP4_CRF */
};

#define MP4_PRESET "veryfast"
#define MP4_CRF    20

struct mp4_result {
    int64_t bytes;       /* size of the file   */
    int64_t duration_us; /* as the file has it */
    int n_frames;
};

/* Begin a file at path (replaced if there). ERR_IO, ERR_INVALID an option is outside of what is
 * said above, or a side above 4096 px. */
int mp4_open(struct mp4 **out, const char *path, const struct mp4_options *options,
             struct error *err) MUST_CHECK;

/* A free frame of the ring, its content undefined; NULL when the encoder failed (mp4_finish says
 * why). Owned by the writer. */
struct frame *mp4_next(struct mp4 *m);

/* Give back the frame that mp4_next gave, to be encoded after those before it. */
void mp4_push(struct mp4 *m);

/* Wait for the encoder, write the index, sync the file to disk. On error the file is undefined.
 * m is closed by mp4_close in any case. */
int mp4_finish(struct mp4 *m, struct mp4_result *out, struct error *err) MUST_CHECK;

/* Stop the thread, free all; without mp4_finish before it, the film is thrown away (the file
 * stays for the caller to unlink). NULL is fine. */
void mp4_close(struct mp4 *m);
SCOPED_CLOSE(mp4)
