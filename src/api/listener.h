/* listener.h - one client of GET .../events: what it asked for, and how far it was told.
 *
 *     SNAPSHOT --all that is there was told--> REPLAY --it knows as much as the hub--> LIVE
 *                                                ^------- it does not take its events ---'
 *
 * A listener belongs to the hub's thread (api/events.c) once it was added there.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/api_impl.h"
#include "http/http.h"

enum listener_phase { LISTENER_SNAPSHOT, LISTENER_REPLAY, LISTENER_LIVE };

struct listener {
    struct listener *next;
    struct http_stream *stream;
    enum listener_phase phase;
    int64_t cursor; /* the number of the last change that it was told */
    int64_t until;  /* SNAPSHOT: nothing newer than this               */
    int64_t key_id;
    uint8_t key_hash[HASH_SIZE];
    int64_t told_us; /* of clock_mono_us: when something was sent last */
    char *public_url;
    int n_ids;  /* 0: all jobs of the key */
    int n_open; /* ids that may change still */
    int i_id;   /* SNAPSHOT: the next one */
    struct listener_id {
        char id[HASH_ID_SIZE];
        bool final;
    } ids[];
};

/* cursor: of Last-Event-ID, -1 without one. ids are set by the caller. */
struct listener *listener_new(const struct store_key *key, const char *public_url, int n_ids,
                              int64_t cursor);
/* Ends its stream, if there is one. */
void listener_free(struct listener *l);

/* Tell a change, if it is one for this listener and it has not heard of it. A LIVE one without room
 * is put back to REPLAY instead. */
void listener_tell(struct listener *l, struct api *a, const struct store_change *c);

/* Bring a listener that is not LIVE on, as far as it has room; bound is the number of the last
 * change that the hub has seen. */
void listener_feed(struct listener *l, struct api *a, int64_t bound);

/* Gone, or all that it asked for is final. */
bool listener_is_over(const struct listener *l);
void listener_keep_alive(struct listener *l, int64_t now_us);
