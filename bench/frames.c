/* frames.c - the storyboard's own frames of one request, unencoded, for an encoder to be measured
 * on.
 *
 *     frames PROMPT SEED OUT [IMAGE]
 *
 * PROMPT as the engine got it, SEED as the job had it (both stand in the answer's meta), IMAGE the
 * first frame's file. OUT becomes a YUV4MPEG2 file; "-" draws and writes nothing. Prints how long
 * the drawing alone took, without an encoder beside it.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "job/model.h"
#include "media/image.h"

struct sink {
    FILE *file; /* NULL: nothing is written */
    struct frame *frame;
    int n_frames;
    int64_t wrote_us;
};

static void progress(void *arg, const char *stage, double done)
{
    (void)arg;
    (void)stage;
    (void)done;
}

static bool cancelled(void *arg)
{
    (void)arg;
    return false;
}

static struct frame *frame_next(void *arg)
{
    return ((struct sink *)arg)->frame;
}

static void frame_push(void *arg)
{
    struct sink *s = arg;
    s->n_frames++;
    if (!s->file)
        return;
    int64_t began_us = clock_mono_us();
    fputs("FRAME\n", s->file);
    for (int p = 0; p < 3; p++) {
        size_t width = (size_t)(p ? s->frame->width / 2 : s->frame->width);
        int height = p ? s->frame->height / 2 : s->frame->height;
        for (int y = 0; y < height; y++)
            fwrite(s->frame->plane[p] + (ptrdiff_t)y * s->frame->stride[p], 1, width, s->file);
    }
    s->wrote_us += clock_mono_us() - began_us;
}

/* The picture of the file at path, of the video's size, as the worker would hand it over. */
static struct image *first_frame(const char *path, struct engine_request *request,
                                 struct error *err)
{
    SCOPED(text_buf) struct text_buf bytes = {0};
    SCOPED(image) struct image *full = NULL;
    if (file_read(path, IMAGE_MOST_BYTES, &bytes, err) < 0 ||
        image_decode((struct text){bytes.at, bytes.len}, &full, err) < 0)
        return NULL;
    const int short_side = request->width < request->height ? request->width : request->height;
    image_video_size(full->width, full->height, short_side, &request->width, &request->height);
    struct image *scaled = image_scale(full, request->width, request->height);
    if (!scaled)
        error_set(err, ERR_MEMORY, "no memory for %s", path);
    return scaled;
}

static int draw(const struct engine_request *request, struct sink *sink, struct error *err)
{
    const struct engine_run run = {.arg = sink,
                                   .progress = progress,
                                   .cancelled = cancelled,
                                   .frame_next = frame_next,
                                   .frame_push = frame_push};
    const struct engine_driver *driver = engine_find("storyboard");
    struct engine *engine = NULL;
    SCOPED(mem) char *meta = NULL;
    int64_t began_us = clock_mono_us();
    int rc = driver->open(&engine, NULL, err);
    if (rc == 0)
        rc = driver->generate(engine, request, &run, &meta, err);
    driver->close(engine);
    if (rc == 0)
        printf("{\"frames\": %d, \"width\": %d, \"height\": %d, \"draw_s\": %.3f}\n",
               sink->n_frames, request->width, request->height,
               (double)(clock_mono_us() - began_us - sink->wrote_us) / 1e6);
    return rc;
}

static int dump(char **argv, const char *image_path, struct error *err)
{
    const struct model *model = model_builtin;
    struct engine_request request = {.prompt = argv[1],
                                     .seed = strtoull(argv[2], NULL, 10),
                                     .width = model->width,
                                     .height = model->height,
                                     .fps = model->fps,
                                     .n_frames = model->n_frames};
    SCOPED(image) struct image *image = NULL;
    if (image_path) {
        image = first_frame(image_path, &request, err);
        if (!image)
            return err->code;
        request.image = image;
    }
    SCOPED(frame) struct frame *frame = frame_new(request.width, request.height);
    struct sink sink = {.frame = frame};
    if (!frame)
        return error_set(err, ERR_MEMORY, "no memory for a frame");
    if (strcmp(argv[3], "-") != 0) {
        sink.file = fopen(argv[3], "wb");
        if (!sink.file)
            return error_set(err, ERR_IO, "cannot write %s", argv[3]);
        fprintf(sink.file, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\n",
                request.width, request.height, request.fps);
    }
    int rc = draw(&request, &sink, err);
    if (sink.file && fclose(sink.file) != 0)
        rc = error_set(err, ERR_IO, "cannot write %s", argv[3]);
    return rc;
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: frames PROMPT SEED OUT [IMAGE]\n");
        return 2;
    }
    hash_start();
    if (dump(argv, argc == 5 ? argv[4] : NULL, &err) < 0) {
        fprintf(stderr, "frames: %s\n", err.text);
        return 1;
    }
    return 0;
}
