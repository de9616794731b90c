/* api_impl.h - what the files of this folder share. SPDX-License-Identifier: MIT */
#pragma once

#include <stdatomic.h>

#include "account/limit.h"
#include "api/api.h"
#include "api/eta.h"
#include "api/events.h"
#include "api/metrics.h"
#include "api/wait.h"

struct api {
    struct api_options options;
    struct limit *limit;
    struct wait *wait;
    struct events *events;
    int64_t began_us;            /* clock_mono_us */
    _Atomic int64_t video_bytes; /* as the store had it, at */
    _Atomic int64_t video_bytes_us;
    struct metrics *metrics;
    struct eta *eta;
    struct http_route *routes;
    _Atomic(char *) address; /* where it listens; NULL before api_listening */
    _Atomic(struct http_server *) server;
    atomic_bool draining;
    uint64_t id_seed; /* of request ids, with n_calls */
    atomic_uint_fast64_t n_calls;
};
