/* target.h - what stands between the method and the version of a request line, taken apart.
 *
 * A path is cut at '/' first and decoded then, so that "%2F" inside a segment stays inside it.
 * "%XX" that is not two hex digits is kept as it is; '+' is a space in the query only.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"
#include "http/arena.h"

struct target_param {
    const char *name;
    const char *value; /* "" without '=' */
};

struct target {
    const char *path;      /* decoded whole: "/a/b" */
    struct text *segments; /* decoded, within path: "a", "b" */
    size_t n_segments;     /* at least 1; "/" has one that is empty */
    struct target_param *params;
    size_t n_params;
};

/* raw is "/path?query" or "http://host/path?query". All of out lies in a. ERR_INVALID it is
 * neither, or has a NUL byte. */
int target_parse(struct target *out, struct arena *a, const char *raw,
                 struct error *err) MUST_CHECK;
