/* first_frame.h - the forms that an image may have in a request: an http(s) address, a data URI in
 * base64, or bare base64.
 *
 * What an address leads to is looked at by the worker. Bytes are decoded and measured here, before
 * the job is accepted; no pixel is decoded.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/issue.h"
#include "base/text.h"

enum first_frame_kind { FIRST_FRAME_NONE, FIRST_FRAME_URL, FIRST_FRAME_DATA };

struct first_frame {
    enum first_frame_kind kind;
    struct text url;    /* an address, whole         */
    struct text base64; /* of the bytes, still coded */
};

enum { FIRST_FRAME_URL_MAX = 4096 /* bytes */ };

/* Tell the form of value; what is wrong goes to issues under path. */
bool first_frame_read(struct text value, const char *path, struct first_frame *out,
                      struct issue_list *issues);

/* The bytes of FIRST_FRAME_DATA, decoded and measured; at most 24 MB are ever allocated. Returns
 * memory for mem_free, or NULL with at least one issue. Costs milliseconds for a large image. */
char *first_frame_decode(const struct first_frame *f, const char *path, size_t *out_len,
                         struct issue_list *issues);
