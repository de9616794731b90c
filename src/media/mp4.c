/* mp4.c - see mp4.h. SPDX-License-Identifier: MIT
 *
 * The ring: frames with an index below n_encoded are free again, those up to n_pushed wait for
 * the encoder, and the one at n_pushed is the maker's. The maker waits only while the ring is
 * full and the encoder only while it is empty, never both, so one condition serves them. */
#include "media/mp4.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

#include "base/lazy.h"
#include "base/memory.h"
#include "base/thread.h"

enum {
    /* Part of what decides the bytes, so the same on every machine. */
    ENCODER_THREADS = 4,
    LEAST_SIDE = 16,
    MOST_SIDE = 4096,
    MOST_FPS = 120,
    MOST_CRF = 51,
    KEY_SECONDS = 2, /* a player seeks in steps of this at most */
};

#define FORMAT_CALLS(X)                                                                            \
    X(av_write_frame)                                                                              \
    X(av_write_trailer)                                                                            \
    X(avformat_alloc_output_context2)                                                              \
    X(avformat_free_context)                                                                       \
    X(avformat_new_stream)                                                                         \
    X(avformat_write_header)                                                                       \
    X(avio_closep)                                                                                 \
    X(avio_open)

#define CODEC_CALLS(X)                                                                             \
    X(av_packet_alloc)                                                                             \
    X(av_packet_free)                                                                              \
    X(av_packet_rescale_ts)                                                                        \
    X(av_packet_unref)                                                                             \
    X(avcodec_alloc_context3)                                                                      \
    X(avcodec_find_encoder_by_name)                                                                \
    X(avcodec_free_context)                                                                        \
    X(avcodec_open2)                                                                               \
    X(avcodec_parameters_from_context)                                                             \
    X(avcodec_receive_packet)                                                                      \
    X(avcodec_send_frame)

#define UTIL_CALLS(X)                                                                              \
    X(av_frame_alloc)                                                                              \
    X(av_frame_free)                                                                               \
    X(av_frame_get_buffer)                                                                         \
    X(av_frame_is_writable)                                                                        \
    X(av_frame_unref)                                                                              \
    X(av_log_set_level)                                                                            \
    X(av_opt_set)                                                                                  \
    X(av_opt_set_int)                                                                              \
    X(av_strerror)

/* Filled once, by library_load. */
static struct {
    FORMAT_CALLS(LAZY_POINTER)
    CODEC_CALLS(LAZY_POINTER)
    UTIL_CALLS(LAZY_POINTER)
} av;

#define ROW(function) {#function, (void **)&av.function},

static const struct lazy_call format_calls[] = {FORMAT_CALLS(ROW)};
static const struct lazy_call codec_calls[] = {CODEC_CALLS(ROW)};
static const struct lazy_call util_calls[] = {UTIL_CALLS(ROW)};

#define SONAME(name, major) "lib" name ".so." AV_STRINGIFY(major)
#define COUNT(array)        (sizeof(array) / sizeof *(array))

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static struct error library_error;
static int library_code;

static int library_load_all(struct error *err)
{
    if (lazy_load(SONAME("avutil", LIBAVUTIL_VERSION_MAJOR), util_calls, COUNT(util_calls), err) <
            0 ||
        lazy_load(SONAME("avcodec", LIBAVCODEC_VERSION_MAJOR), codec_calls, COUNT(codec_calls),
                  err) < 0 ||
        lazy_load(SONAME("avformat", LIBAVFORMAT_VERSION_MAJOR), format_calls, COUNT(format_calls),
                  err) < 0)
        return err->code;
    av.av_log_set_level(AV_LOG_QUIET);
    return 0;
}

static void library_load_once(void)
{
    library_code = library_load_all(&library_error);
}

static int library_load(struct error *err)
{
    pthread_once(&library_once, library_load_once);
    if (library_code < 0)
        *err = library_error;
    return library_code;
}

struct slot {
    AVFrame *picture;   /* the memory   */
    struct frame frame; /* a view of it */
};

struct mp4 {
    char *path;
    struct mp4_options options;
    AVFormatContext *format;
    AVCodecContext *encoder;
    AVStream *stream;
    AVPacket *packet;
    struct slot ring[MP4_RING];
    int64_t n_packets;
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock;
    pthread_cond_t moved;
    /* under lock: */
    int64_t n_pushed;
    int64_t n_encoded;
    bool ended;   /* no further frame will come */
    bool dropped; /* the film is thrown away    */
    bool failed;
    struct error err; /* why it failed */
};

static int failed(struct error *err, int code, const char *what)
{
    char why[AV_ERROR_MAX_STRING_SIZE] = "";
    av.av_strerror(code, why, sizeof why);
    return error_set(err, code == AVERROR(ENOMEM) ? ERR_MEMORY : ERR_IO, "%s: %s", what, why);
}

/* The ring */

/* New memory for a slot's picture, or the first. */
static int slot_renew(struct mp4 *m, struct slot *s, struct error *err)
{
    AVFrame *p = s->picture;
    av.av_frame_unref(p);
    p->format = m->encoder->pix_fmt;
    p->width = m->encoder->width;
    p->height = m->encoder->height;
    p->color_range = m->encoder->color_range;
    p->color_primaries = m->encoder->color_primaries;
    p->color_trc = m->encoder->color_trc;
    p->colorspace = m->encoder->colorspace;
    p->chroma_location = m->encoder->chroma_sample_location;
    int code = av.av_frame_get_buffer(p, 0);
    if (code < 0)
        return failed(err, code, "no memory for a frame");
    s->frame = (struct frame){.width = p->width, .height = p->height};
    for (int i = 0; i < 3; i++) {
        s->frame.plane[i] = p->data[i];
        s->frame.stride[i] = p->linesize[i];
    }
    return 0;
}

static int ring_open(struct mp4 *m, struct error *err)
{
    m->packet = av.av_packet_alloc();
    if (!m->packet)
        return error_set(err, ERR_MEMORY, "no memory for a packet");
    for (int i = 0; i < MP4_RING; i++) {
        m->ring[i].picture = av.av_frame_alloc();
        if (!m->ring[i].picture)
            return error_set(err, ERR_MEMORY, "no memory for a frame");
        if (slot_renew(m, &m->ring[i], err) < 0)
            return err->code;
    }
    return 0;
}

static struct slot *slot_at(struct mp4 *m, int64_t i)
{
    return &m->ring[i % MP4_RING];
}

/* The encoder's thread */

/* x264 begins its stream with a note (an SEI unit) of its version and settings; the film goes
 * without. The packet is in Annex B form: units after 00 00 01. */
static void drop_note(AVPacket *p)
{
    enum { UNIT_SEI = 6 };
    static const uint8_t mark[3] = {0, 0, 1};
    const uint8_t *unit = memmem(p->data, (size_t)p->size, mark, sizeof mark);
    const uint8_t *end = p->data + p->size;
    if (!unit || end - unit < 4 || (unit[3] & 31) != UNIT_SEI)
        return;
    const uint8_t *next = memmem(unit + 3, (size_t)(end - unit - 3), mark, sizeof mark);
    if (!next)
        return;
    p->data += next - p->data;
    p->size = (int)(end - next);
}

/* Write what the encoder has ready. */
static int drain(struct mp4 *m, struct error *err)
{
    for (;;) {
        int code = av.avcodec_receive_packet(m->encoder, m->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return 0;
        if (code < 0)
            return failed(err, code, "encode");
        if (m->n_packets++ == 0)
            drop_note(m->packet);
        m->packet->duration = 1;
        av.av_packet_rescale_ts(m->packet, m->encoder->time_base, m->stream->time_base);
        code = av.av_write_frame(m->format, m->packet);
        av.av_packet_unref(m->packet);
        if (code < 0)
            return failed(err, code, "write the film");
    }
}

static int encode(struct mp4 *m, int64_t i, struct error *err)
{
    struct slot *s = slot_at(m, i);
    s->picture->pts = i;
    int code = av.avcodec_send_frame(m->encoder, s->picture);
    if (code < 0)
        return failed(err, code, "encode");
    if (drain(m, err) < 0)
        return err->code;
    /* x264 copies what it is given; whoever still holds the picture keeps it, and the maker gets
     * another, so that no frame is drawn into while it is read. */
    return av.av_frame_is_writable(s->picture) ? 0 : slot_renew(m, s, err);
}

static int flush(struct mp4 *m, struct error *err)
{
    int code = av.avcodec_send_frame(m->encoder, NULL);
    return code < 0 ? failed(err, code, "encode") : drain(m, err);
}

/* Wait for the frame with index i; false when there will be none. */
static bool frame_wait(struct mp4 *m, int64_t i, bool *dropped)
{
    pthread_mutex_lock(&m->lock);
    while (m->n_pushed == i && !m->ended && !m->dropped)
        pthread_cond_wait(&m->moved, &m->lock);
    bool is_there = m->n_pushed > i && !m->dropped;
    *dropped = m->dropped;
    pthread_mutex_unlock(&m->lock);
    return is_there;
}

static int encode_all(struct mp4 *m, struct error *err)
{
    bool dropped;
    for (int64_t i = 0; frame_wait(m, i, &dropped); i++) {
        if (encode(m, i, err) < 0)
            return err->code;
        pthread_mutex_lock(&m->lock);
        m->n_encoded = i + 1;
        pthread_cond_signal(&m->moved);
        pthread_mutex_unlock(&m->lock);
    }
    return dropped ? 0 : flush(m, err);
}

static void *encode_main(void *arg)
{
    struct mp4 *m = arg;
    struct error err;
    if (encode_all(m, &err) == 0)
        return NULL;
    pthread_mutex_lock(&m->lock);
    m->failed = true;
    m->err = err;
    pthread_cond_signal(&m->moved);
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

/* The maker's side */

/* Asked here because x264 itself prints what it thinks of another word. */
static bool is_preset(const char *name)
{
    static const char *const names[] = {"ultrafast", "superfast", "veryfast", "faster",  "fast",
                                        "medium",    "slow",      "slower",   "veryslow"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int options_check(const struct mp4_options *o, struct error *err)
{
    if (o->width % 2 || o->height % 2 || o->width < LEAST_SIDE || o->height < LEAST_SIDE ||
        o->width > MOST_SIDE || o->height > MOST_SIDE)
        return error_set(err, ERR_INVALID, "film is %dx%d, sides must be even and %d to %d",
                         o->width, o->height, LEAST_SIDE, MOST_SIDE);
    if (o->fps < 1 || o->fps > MOST_FPS)
        return error_set(err, ERR_INVALID, "fps is %d, must be 1 to %d", o->fps, MOST_FPS);
    if (o->crf < 1 || o->crf > MOST_CRF)
        return error_set(err, ERR_INVALID, "crf is %d, must be 1 to %d", o->crf, MOST_CRF);
    if (!is_preset(o->preset))
        return error_set(err, ERR_INVALID, "preset is %.40s, must be ultrafast to veryslow",
                         o->preset);
    return 0;
}

static void encoder_describe(AVCodecContext *c, const struct mp4_options *o)
{
    c->width = o->width;
    c->height = o->height;
    c->time_base = (AVRational){1, o->fps};
    c->framerate = (AVRational){o->fps, 1};
    c->sample_aspect_ratio = (AVRational){1, 1};
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->color_range = AVCOL_RANGE_MPEG;
    c->color_primaries = AVCOL_PRI_BT709;
    c->color_trc = AVCOL_TRC_BT709;
    c->colorspace = AVCOL_SPC_BT709;
    c->chroma_sample_location = AVCHROMA_LOC_LEFT;
    c->gop_size = KEY_SECONDS * o->fps;
    c->thread_count = ENCODER_THREADS;
    c->thread_type = FF_THREAD_FRAME;
    c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
}

static int encoder_open(struct mp4 *m, struct error *err)
{
    const struct mp4_options *o = &m->options;
    const AVCodec *codec = av.avcodec_find_encoder_by_name("libx264");
    if (!codec)
        return error_set(err, ERR_IO, "libavcodec has no libx264");
    m->encoder = av.avcodec_alloc_context3(codec);
    if (!m->encoder)
        return error_set(err, ERR_MEMORY, "no memory for an encoder");
    encoder_describe(m->encoder, o);
    void *x264 = m->encoder->priv_data;
    if (av.av_opt_set(x264, "preset", o->preset, 0) < 0 ||
        av.av_opt_set(x264, "profile", "high", 0) < 0 ||
        av.av_opt_set_int(x264, "8x8dct", 1, 0) < 0 ||
        av.av_opt_set_int(x264, "crf", o->crf, 0) < 0 ||
        /* No shortcuts that only some processors take. */
        av.av_opt_set(x264, "x264-params", "cpu-independent=1", 0) < 0)
        return error_set(err, ERR_IO, "libx264 refuses its options");
    int code = av.avcodec_open2(m->encoder, codec, NULL);
    return code < 0 ? failed(err, code, "open libx264") : 0;
}

static int file_open(struct mp4 *m, struct error *err)
{
    SCOPED(mem) char *url = mem_printf("file:%s", m->path);
    int code = av.avformat_alloc_output_context2(&m->format, NULL, "mp4", url);
    if (code < 0)
        return failed(err, code, "open the MP4 writer");
    m->format->flags |= AVFMT_FLAG_BITEXACT;
    m->stream = av.avformat_new_stream(m->format, NULL);
    if (!m->stream)
        return error_set(err, ERR_MEMORY, "no memory for a track");
    m->stream->time_base = m->encoder->time_base;
    m->stream->avg_frame_rate = m->encoder->framerate;
    code = av.avcodec_parameters_from_context(m->stream->codecpar, m->encoder);
    if (code >= 0)
        code = av.av_opt_set(m->format->priv_data, "movflags", "+faststart", 0);
    if (code >= 0)
        code = av.avio_open(&m->format->pb, url, AVIO_FLAG_WRITE);
    if (code < 0)
        return failed(err, code, m->path);
    code = av.avformat_write_header(m->format, NULL);
    return code < 0 ? failed(err, code, m->path) : 0;
}

static int encode_start(struct mp4 *m, struct error *err)
{
    int rc = thread_start(&m->thread, encode_main, m, "encode", err);
    m->has_thread = rc == 0;
    return rc;
}

int mp4_open(struct mp4 **out, const char *path, const struct mp4_options *options,
             struct error *err)
{
    struct mp4_options o = *options;
    o.preset = o.preset ? o.preset : MP4_PRESET;
    o.crf = o.crf ? o.crf : MP4_CRF;
    if (options_check(&o, err) < 0 || library_load(err) < 0)
        return err->code;
    SCOPED(mp4) struct mp4 *m = mem_alloc(sizeof *m);
    m->path = mem_dup(path);
    m->options = o;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->moved, NULL);
    if (encoder_open(m, err) < 0 || file_open(m, err) < 0 || ring_open(m, err) < 0 ||
        encode_start(m, err) < 0)
        return err->code;
    m->options.preset = NULL; /* the caller's */
    *out = TAKE(m);
    return 0;
}

struct frame *mp4_next(struct mp4 *m)
{
    pthread_mutex_lock(&m->lock);
    while (m->n_pushed - m->n_encoded == MP4_RING && !m->failed)
        pthread_cond_wait(&m->moved, &m->lock);
    struct frame *f = m->failed ? NULL : &slot_at(m, m->n_pushed)->frame;
    pthread_mutex_unlock(&m->lock);
    return f;
}

void mp4_push(struct mp4 *m)
{
    pthread_mutex_lock(&m->lock);
    m->n_pushed++;
    pthread_cond_signal(&m->moved);
    pthread_mutex_unlock(&m->lock);
}

static void encode_end(struct mp4 *m, bool drop)
{
    if (!m->has_thread)
        return;
    pthread_mutex_lock(&m->lock);
    m->ended = true;
    m->dropped |= drop;
    pthread_cond_signal(&m->moved);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
    m->has_thread = false;
}

/* The index, and all of it to the operating system. */
static int file_end(struct mp4 *m, struct error *err)
{
    int code = av.av_write_trailer(m->format);
    if (code >= 0)
        code = m->format->pb->error;
    int closed = av.avio_closep(&m->format->pb);
    if (code >= 0)
        code = closed;
    return code < 0 ? failed(err, code, m->path) : 0;
}

static int file_sync(const char *path, int64_t *size, struct error *err)
{
    struct stat st;
    SCOPED(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, errno, "open %s", path);
    if (fsync(fd) < 0)
        return error_errno(err, errno, "sync %s", path);
    *size = st.st_size;
    return 0;
}

int mp4_finish(struct mp4 *m, struct mp4_result *out, struct error *err)
{
    encode_end(m, false);
    if (m->failed) {
        *err = m->err;
        return err->code;
    }
    if (m->n_pushed == 0)
        return error_set(err, ERR_INVALID, "film has no frames");
    if (m->n_packets != m->n_pushed)
        return error_set(err, ERR_IO, "encoder made %" PRId64 " frames of %" PRId64, m->n_packets,
                         m->n_pushed);
    int64_t bytes = 0;
    if (file_end(m, err) < 0 || file_sync(m->path, &bytes, err) < 0)
        return err->code;
    *out = (struct mp4_result){.bytes = bytes,
                               .duration_us = m->n_pushed * 1000000 / m->options.fps,
                               .n_frames = (int)m->n_pushed};
    return 0;
}

void mp4_close(struct mp4 *m)
{
    if (!m)
        return;
    encode_end(m, true);
    for (int i = 0; i < MP4_RING; i++)
        av.av_frame_free(&m->ring[i].picture);
    av.av_packet_free(&m->packet);
    av.avcodec_free_context(&m->encoder);
    if (m->format)
        av.avio_closep(&m->format->pb);
    av.avformat_free_context(m->format);
    pthread_cond_destroy(&m->moved);
    pthread_mutex_destroy(&m->lock);
    mem_free(m->path);
    mem_free(m);
}
