/* vector.c - see vector.h. SPDX-License-Identifier: MIT */
#include "storyboard/vector.h"

#include <cairo.h>
#include <librsvg/rsvg.h>
#include <pthread.h>

#include "base/lazy.h"

#define CAIRO(X)                                                                                   \
    X(cairo_create)                                                                                \
    X(cairo_destroy)                                                                               \
    X(cairo_image_surface_create_for_data)                                                         \
    X(cairo_status)                                                                                \
    X(cairo_surface_destroy)                                                                       \
    X(cairo_surface_flush)
#define RSVG(X)                                                                                    \
    X(rsvg_handle_new_from_data)                                                                   \
    X(rsvg_handle_render_document)
#define GOBJECT(X) X(g_object_unref)
#define GLIB(X)    X(g_error_free)

static struct {
    CAIRO(LAZY_POINTER)
    RSVG(LAZY_POINTER)
    GOBJECT(LAZY_POINTER)
    GLIB(LAZY_POINTER)
} call;

/* g_object_unref is a macro around itself in newer glib; its name is wanted as it stands. */
#define ROW(function) {#function, (void **)&call.function},
static const struct lazy_call cairo_calls[] = {CAIRO(ROW)};
static const struct lazy_call rsvg_calls[] = {RSVG(ROW)};
static const struct lazy_call gobject_calls[] = {GOBJECT(ROW)};
static const struct lazy_call glib_calls[] = {GLIB(ROW)};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct error start_error;
static int start_code;

static int load(struct error *err)
{
    int code = lazy_load("libcairo.so.2", cairo_calls, COUNT(cairo_calls), err);
    if (code == 0)
        code = lazy_load("librsvg-2.so.2", rsvg_calls, COUNT(rsvg_calls), err);
    if (code == 0)
        code = lazy_load("libgobject-2.0.so.0", gobject_calls, COUNT(gobject_calls), err);
    if (code == 0)
        code = lazy_load("libglib-2.0.so.0", glib_calls, COUNT(glib_calls), err);
    return code;
}

static void start(void)
{
    start_code = load(&start_error);
}

int vector_start(struct error *err)
{
    pthread_once(&once, start);
    if (start_code < 0)
        *err = start_error;
    return start_code;
}

static int render(cairo_t *to, RsvgHandle *picture, int size, struct error *err)
{
    GError *why = NULL;
    const RsvgRectangle whole = {.x = 0, .y = 0, .width = size, .height = size};
    if (call.rsvg_handle_render_document(picture, to, &whole, &why) &&
        call.cairo_status(to) == CAIRO_STATUS_SUCCESS)
        return 0;
    error_set(err, ERR_IO, "draw a vector picture: %s", why ? why->message : "cairo failed");
    if (why)
        call.g_error_free(why);
    return ERR_IO;
}

static RsvgHandle *parse(struct text svg, struct error *err)
{
    GError *why = NULL;
    RsvgHandle *picture = call.rsvg_handle_new_from_data((const guint8 *)svg.at, svg.len, &why);
    if (!picture)
        error_set(err, ERR_CORRUPT, "read a vector picture: %s", why ? why->message : "unknown");
    if (why)
        call.g_error_free(why);
    return picture;
}

int vector_draw(uint32_t *pixels, struct text svg, int size, struct error *err)
{
    int code = vector_start(err);
    RsvgHandle *picture = code < 0 ? NULL : parse(svg, err);
    if (!picture)
        return err->code;
    cairo_surface_t *surface = call.cairo_image_surface_create_for_data(
        (unsigned char *)pixels, CAIRO_FORMAT_ARGB32, size, size, size * 4);
    cairo_t *to = call.cairo_create(surface);
    code = render(to, picture, size, err);
    call.cairo_surface_flush(surface);
    call.cairo_destroy(to);
    call.cairo_surface_destroy(surface);
    call.g_object_unref(picture);
    return code;
}
