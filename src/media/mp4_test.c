/* mp4_test.c - SPDX-License-Identifier: MIT */
#include "media/mp4.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "base/file.h"
#include "base/lazy.h"
#include "base/memory.h"
#include "unit.h"

enum { WIDTH = 320, HEIGHT = 192, FPS = 25, FRAMES = 141 };

/* What reads the film back. */
#define FORMAT_CALLS(X)                                                                            \
    X(av_read_frame) X(avformat_close_input) X(avformat_find_stream_info) X(avformat_open_input)
#define CODEC_CALLS(X)                                                                             \
    X(av_packet_alloc)                                                                             \
    X(av_packet_free)                                                                              \
    X(av_packet_unref)                                                                             \
    X(avcodec_alloc_context3)                                                                      \
    X(avcodec_find_decoder)                                                                        \
    X(avcodec_free_context)                                                                        \
    X(avcodec_open2)                                                                               \
    X(avcodec_parameters_to_context)                                                               \
    X(avcodec_receive_frame)                                                                       \
    X(avcodec_send_packet)
#define UTIL_CALLS(X) X(av_frame_alloc) X(av_frame_free)

static struct {
    FORMAT_CALLS(LAZY_POINTER)
    CODEC_CALLS(LAZY_POINTER)
    UTIL_CALLS(LAZY_POINTER)
} av;

#define ROW(function)       {#function, (void **)&av.function},
#define SONAME(name, major) "lib" name ".so." AV_STRINGIFY(major)
#define LOAD(soname, calls, err)                                                                   \
    CHECK_OK(lazy_load(soname, calls, sizeof calls / sizeof *calls, &err), err)

static void load(void)
{
    static const struct lazy_call format_calls[] = {FORMAT_CALLS(ROW)};
    static const struct lazy_call codec_calls[] = {CODEC_CALLS(ROW)};
    static const struct lazy_call util_calls[] = {UTIL_CALLS(ROW)};
    struct error err;
    LOAD(SONAME("avutil", LIBAVUTIL_VERSION_MAJOR), util_calls, err);
    LOAD(SONAME("avcodec", LIBAVCODEC_VERSION_MAJOR), codec_calls, err);
    LOAD(SONAME("avformat", LIBAVFORMAT_VERSION_MAJOR), format_calls, err);
}

/* A disc that moves over a ramp. */
static uint8_t value_at(int plane, int x, int y, int i)
{
    int scale = plane ? 2 : 1, dx = x * scale - 60 - i, dy = y * scale - 96;
    bool inside = dx * dx + dy * dy < 40 * 40;
    if (plane)
        return (uint8_t)(inside ? (plane == 1 ? 90 : 200) : 128 + (plane == 1 ? y : -y) / 4);
    return (uint8_t)(inside ? 180 : 30 + x / 2 + y / 8);
}

static void draw(struct frame *f, int i)
{
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? f->height / 2 : f->height); y++)
            for (int x = 0; x < (p ? f->width / 2 : f->width); x++)
                f->plane[p][y * f->stride[p] + x] = value_at(p, x, y, i);
}

static const char *path_of(const char *name, char out[256])
{
    snprintf(out, 256, "%s/%s.mp4", unit_folder(), name);
    return out;
}

static const struct mp4_options usual = {.width = WIDTH, .height = HEIGHT, .fps = FPS};

static struct mp4_result film(const char *path, const struct mp4_options *options, int n)
{
    struct error err;
    struct mp4_result result;
    SCOPED(mp4) struct mp4 *m = NULL;
    CHECK_OK(mp4_open(&m, path, options, &err), err);
    for (int i = 0; i < n; i++) {
        struct frame *f = mp4_next(m);
        assert_non_null(f);
        assert_int_equal(f->width, options->width);
        assert_int_equal(f->height, options->height);
        draw(f, i);
        mp4_push(m);
    }
    CHECK_OK(mp4_finish(m, &result, &err), err);
    return result;
}

/* How alike the decoded picture is to the i-th drawn one, over all planes, in dB. */
static double psnr_of(const AVFrame *f, int i)
{
    double sum = 0, n = 0;
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? HEIGHT / 2 : HEIGHT); y++)
            for (int x = 0; x < (p ? WIDTH / 2 : WIDTH); x++, n++) {
                double d = f->data[p][y * f->linesize[p] + x] - value_at(p, x, y, i);
                sum += d * d;
            }
    return 10 * log10(255.0 * 255.0 * n / fmax(sum, 1));
}

struct film {
    AVFormatContext *format;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
};

static void film_fini(struct film *f)
{
    av.av_frame_free(&f->frame);
    av.av_packet_free(&f->packet);
    av.avcodec_free_context(&f->decoder);
    av.avformat_close_input(&f->format);
}
SCOPED_FINI(film)

static void film_open(struct film *f, const char *path)
{
    *f = (struct film){.packet = av.av_packet_alloc(), .frame = av.av_frame_alloc()};
    assert_int_equal(av.avformat_open_input(&f->format, path, NULL, NULL), 0);
    assert_true(av.avformat_find_stream_info(f->format, NULL) >= 0);
    assert_int_equal(f->format->nb_streams, 1);
    const AVCodecParameters *p = f->format->streams[0]->codecpar;
    const AVCodec *codec = av.avcodec_find_decoder(p->codec_id);
    f->decoder = av.avcodec_alloc_context3(codec);
    assert_true(av.avcodec_parameters_to_context(f->decoder, p) >= 0);
    f->decoder->thread_count = 1;
    assert_int_equal(av.avcodec_open2(f->decoder, codec, NULL), 0);
}

/* Decode to the end; every picture must be like the drawn one. Returns how many there are. */
static int film_compare(struct film *f)
{
    int n = 0;
    for (bool more = true; more;) {
        more = av.av_read_frame(f->format, f->packet) >= 0;
        assert_int_equal(av.avcodec_send_packet(f->decoder, more ? f->packet : NULL), 0);
        av.av_packet_unref(f->packet);
        while (av.avcodec_receive_frame(f->decoder, f->frame) == 0) {
            double psnr = psnr_of(f->frame, n);
            if (psnr < 38)
                fail_msg("frame %d: %.1f dB", n, psnr);
            n++;
        }
    }
    return n;
}

TEST(a_film_decodes_to_the_frames_that_were_drawn)
{
    char path[256];
    load();
    struct mp4_result r = film(path_of("film", path), &usual, FRAMES);
    assert_int_equal(r.n_frames, FRAMES);
    assert_int_equal(r.duration_us, 5640000);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(r.bytes, st.st_size);
    SCOPED(film) struct film f;
    film_open(&f, path);
    assert_int_equal(f.format->duration, 5640000);
    assert_int_equal(f.format->streams[0]->nb_frames, FRAMES);
    assert_int_equal(film_compare(&f), FRAMES);
}

TEST(a_film_says_what_it_is)
{
    char path[256];
    load();
    film(path_of("tags", path), &usual, 30);
    SCOPED(film) struct film f;
    film_open(&f, path);
    const AVStream *s = f.format->streams[0];
    const AVCodecParameters *p = s->codecpar;
    assert_int_equal(p->codec_id, AV_CODEC_ID_H264);
    assert_int_equal(p->profile, FF_PROFILE_H264_HIGH);
    assert_int_equal(p->width, WIDTH);
    assert_int_equal(p->height, HEIGHT);
    assert_int_equal(p->format, AV_PIX_FMT_YUV420P);
    assert_int_equal(p->color_range, AVCOL_RANGE_MPEG);
    assert_int_equal(p->color_primaries, AVCOL_PRI_BT709);
    assert_int_equal(p->color_trc, AVCOL_TRC_BT709);
    assert_int_equal(p->color_space, AVCOL_SPC_BT709);
    assert_int_equal(p->chroma_location, AVCHROMA_LOC_LEFT);
    assert_int_equal(s->avg_frame_rate.num, FPS * s->avg_frame_rate.den);
    assert_int_equal(s->r_frame_rate.num, FPS * s->r_frame_rate.den);
}

static bool has_word(const struct text_buf *b, const char *word)
{
    return memmem(b->at, b->len, word, strlen(word)) != NULL;
}

static void read_back(const char *path, struct text_buf *out)
{
    struct error err;
    CHECK_OK(file_read(path, 1 << 24, out, &err), err);
}

TEST(the_index_stands_in_front_and_no_tool_is_named)
{
    char path[256];
    SCOPED(text_buf) struct text_buf file;
    film(path_of("front", path), &usual, 30);
    read_back(path, &file);
    const char *index = memmem(file.at, file.len, "moov", 4);
    const char *frames = memmem(file.at, file.len, "mdat", 4);
    assert_non_null(index);
    assert_non_null(frames);
    assert_true(index < frames);
    assert_false(has_word(&file, "x264"));
    assert_false(has_word(&file, "Lavf"));
    assert_false(has_word(&file, "Lavc"));
}

TEST(the_same_frames_give_the_same_bytes)
{
    char path[2][256];
    SCOPED(text_buf) struct text_buf a;
    SCOPED(text_buf) struct text_buf b;
    film(path_of("one", path[0]), &usual, 60);
    film(path_of("two", path[1]), &usual, 60);
    read_back(path[0], &a);
    read_back(path[1], &b);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.at, b.at, a.len);
}

TEST(a_film_of_any_length_around_the_ring_keeps_every_frame)
{
    static const int lengths[] = {1, 2, MP4_RING - 1, MP4_RING, MP4_RING + 1, 3 * MP4_RING + 1};
    char path[256];
    load();
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        film(path_of("length", path), &usual, lengths[i]);
        SCOPED(film) struct film f;
        film_open(&f, path);
        assert_int_equal(film_compare(&f), lengths[i]);
    }
}

TEST(a_seek_never_goes_back_further_than_two_seconds)
{
    char path[256];
    load();
    film(path_of("keys", path), &usual, FRAMES);
    SCOPED(film) struct film f;
    film_open(&f, path);
    int since = 0, keys = 0;
    while (av.av_read_frame(f.format, f.packet) >= 0) {
        since = f.packet->flags & AV_PKT_FLAG_KEY ? 0 : since + 1;
        keys += since == 0;
        assert_true(since < 2 * FPS);
        av.av_packet_unref(f.packet);
    }
    assert_true(keys >= 3);
}

TEST(presets_and_quality_are_obeyed)
{
    char path[256];
    struct mp4_options coarse = usual, slow = usual;
    coarse.crf = 45;
    slow.preset = "medium";
    int64_t bytes = film(path_of("usual", path), &usual, 20).bytes;
    assert_true(film(path_of("coarse", path), &coarse, 20).bytes < bytes);
    assert_true(film(path_of("slow", path), &slow, 20).bytes != bytes);
}

TEST(senseless_options_are_invalid)
{
    static const struct mp4_options rows[] = {
        {.width = 321, .height = 192, .fps = 25},
        {.width = 320, .height = 191, .fps = 25},
        {.width = 0, .height = 192, .fps = 25},
        {.width = -320, .height = 192, .fps = 25},
        {.width = 4098, .height = 192, .fps = 25},
        {.width = 320, .height = 192, .fps = 0},
        {.width = 320, .height = 192, .fps = 121},
        {.width = 320, .height = 192, .fps = 25, .crf = 52},
        {.width = 320, .height = 192, .fps = 25, .crf = -1},
        {.width = 320, .height = 192, .fps = 25, .preset = "hasty"},
    };
    char path[256];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err;
        struct mp4 *m = NULL;
        CHECK_ERR(mp4_open(&m, path_of("bad", path), &rows[i], &err), ERR_INVALID);
        assert_null(m);
    }
}

TEST(a_path_that_cannot_be_written_is_an_io_error)
{
    char path[256];
    struct error err;
    struct mp4 *m = NULL;
    snprintf(path, sizeof path, "%s/no/such/folder.mp4", unit_folder());
    CHECK_ERR(mp4_open(&m, path, &usual, &err), ERR_IO);
    assert_non_null(strstr(err.text, "No such file or directory"));
    CHECK_ERR(mp4_open(&m, unit_folder(), &usual, &err), ERR_IO);
    assert_null(m);
}

/* Frames of noise, so that the file soon outgrows its limit. */
static void draw_noise(struct frame *f, uint32_t seed)
{
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? f->height / 2 : f->height); y++)
            for (int x = 0; x < (p ? f->width / 2 : f->width); x++) {
                seed = seed * 1664525u + 1013904223u;
                f->plane[p][y * f->stride[p] + x] = (uint8_t)(seed >> 24);
            }
}

TEST(a_full_disk_ends_the_film_with_an_error)
{
    char path[256];
    struct error err;
    struct mp4_result r;
    struct rlimit before, small = {.rlim_cur = 100000};
    SCOPED(mp4) struct mp4 *m = NULL;
    CHECK_OK(mp4_open(&m, path_of("full", path), &usual, &err), err);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 0; i < 100; i++) {
        struct frame *f = mp4_next(m);
        if (!f)
            break;
        draw_noise(f, (uint32_t)i);
        mp4_push(m);
    }
    int code = mp4_finish(m, &r, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(code, ERR_IO);
}

TEST(a_film_without_frames_is_invalid)
{
    char path[256];
    struct error err;
    struct mp4_result r;
    SCOPED(mp4) struct mp4 *m = NULL;
    CHECK_OK(mp4_open(&m, path_of("empty", path), &usual, &err), err);
    CHECK_ERR(mp4_finish(m, &r, &err), ERR_INVALID);
}

TEST(a_film_may_be_thrown_away_at_any_point)
{
    for (int n = 0; n < 40; n += 13) {
        char path[256];
        struct error err;
        SCOPED(mp4) struct mp4 *m = NULL;
        CHECK_OK(mp4_open(&m, path_of("away", path), &usual, &err), err);
        for (int i = 0; i < n; i++) {
            draw(mp4_next(m), i);
            mp4_push(m);
        }
        mp4_next(m); /* one that is never pushed */
    }
    mp4_close(NULL);
}

/* Everything that came before the encoder is closed with it. */
TEST(no_descriptor_is_left_open)
{
    char path[256];
    film(path_of("first", path), &usual, 1);
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(before);
    for (int i = 0; i < 5; i++)
        film(path_of("again", path), &usual, 9);
    int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(after);
    assert_int_equal(before, after);
}
