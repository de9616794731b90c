/* video.c - see video.h. SPDX-License-Identifier: MIT */
#include "api/video.h"

#include <stdio.h>

#include "api/call.h"
#include "api/problem.h"
#include "base/clock.h"
#include "blob/sign.h"

enum { ETAG_SIZE = 48 };

/* A published object never changes under its name: size and time are enough to tell it. */
static void write_etag(const struct blob_object *o, char *out)
{
    snprintf(out, ETAG_SIZE, "\"%llx-%llx\"", (unsigned long long)o->size,
             (unsigned long long)o->modified_us);
}

static void reply_video(struct http_exchange *x)
{
    const char *name = http_path(x) + 1;
    struct blob_object object;
    struct error err;
    char etag[ETAG_SIZE];
    int rc = blob_get(call_api(x)->options.blobs, name, &object, &err);
    if (rc == ERR_NOT_FOUND || rc == ERR_INVALID) {
        problem_reply(x, 410, "This video has been removed");
        return;
    }
    if (rc < 0) {
        problem_error(x, &err);
        return;
    }
    write_etag(&object, etag);
    http_reply_header(x, "Cache-Control", "private, max-age=3600, immutable");
    http_reply_header(x, "Cross-Origin-Resource-Policy", "cross-origin");
    bool poster = text_ends(text_of(name), TEXT(".jpg"));
    http_reply_header(x, "Content-Disposition",
                      poster ? "inline; filename=\"poster.jpg\""
                             : "inline; filename=\"output.mp4\"");
    http_reply_file(x, &(struct http_file){.fd = object.fd,
                                           .size = object.size,
                                           .content_type = poster ? "image/jpeg" : "video/mp4",
                                           .etag = etag,
                                           .modified_us = object.modified_us});
}

void video_get(struct http_exchange *x)
{
    enum sign_verdict v = sign_check(call_api(x)->options.url_secret, http_path(x), clock_now_us(),
                                     http_query(x, "Expires"), http_query(x, "Signature"));
    if (v == SIGN_EXPIRED)
        problem_reply(x, 403, "This url has expired. Poll the generation again for a fresh one.");
    else if (v != SIGN_GOOD)
        problem_reply(x, 403, "The signature of this url is not valid");
    else
        reply_video(x);
}
