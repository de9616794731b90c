/* api.h - the AI/ML API's video endpoints over store and blobs: routes and hooks for http/.
 *
 * One request's way: http/ -> here -> account/ (who) -> fields.c (what) -> job/admit -> store/. The
 * server process decodes no image, fetches no url, runs no engine.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "blob/blob.h"
#include "http/http.h"
#include "job/model.h"
#include "store/store.h"

struct api;

/* All pointers outlive the api. */
struct api_options {
    struct store *store;
    struct blob_store *blobs;
    const struct model_catalogue *catalogue;
    const uint8_t *url_secret; /* [HASH_SIZE] */
    const char *public_url;    /* "https://video.example"; NULL: http(s):// and the Host header of
                                  the request, when it is a well-formed host, else the address
                                  that api_listening told */
    int64_t url_lifetime_s;
    int64_t queued_max; /* unfinished jobs in the store; 0: no limit */

    /* How many workers are alive, for eta, readiness and metrics. Any thread. */
    int (*workers)(void *arg);
    void *workers_arg;
};

int api_new(struct api **out, const struct api_options *options, struct error *err) MUST_CHECK;

/* Set routes, arg and hooks of options (http.h). */
void api_fill(struct api *a, struct http_options *options);

/* After http_start: where it listens ("http://127.0.0.1:8080"), and how many connections it has,
 * for /metrics. */
void api_listening(struct api *a, const char *url, struct http_server *server);

/* Answer all waiting requests now and let none wait any more; /readyz says 503. */
void api_drain(struct api *a);

void api_free(struct api *a); /* after http_stop; NULL is fine */
