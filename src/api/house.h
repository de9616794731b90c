/* house.h - for the tests of this folder: a server of its own with a store and a folder of blobs,
 * a client that asks it, and a worker's part done by hand. Any failure ends the test.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <jansson.h>

#include "account/key.h"
#include "api/api.h"
#include "http/loopback.h"

#define HOUSE_UNIVERSAL "/v2/video/generations"
#define HOUSE_LEGACY    "/v2/generate/video/minimax/generation"
#define HOUSE_FOX       "{\"model\":\"video-01\",\"prompt\":\"a fox\"}"

struct house {
    char folder[256]; /* of the store and the blobs */
    struct store *store;
    struct blob_store *blobs;
    struct api *api;
    struct http_server *server;
    int port;
    uint8_t secret[HASH_SIZE];
    char key[KEY_SIZE]; /* what the client sends unless told else */
};

void house_open(struct house *h, int64_t queued_max); /* with the sample's catalogue */
void house_close(struct house *h);
void house_key(struct house *h, const struct key_options *options, char out[KEY_SIZE]);

/* line is "GET /path"; key, headers ("name: value\r\n"...) and body may be NULL. */
void house_say(int fd, const char *key, const char *line, const char *headers, const char *body);
void house_ask_as(struct house *h, struct answer *a, const char *key, const char *line,
                  const char *headers, const char *body);
void house_ask(struct house *h, struct answer *a, const char *line, const char *body);

/* The body's JSON, which the caller gives back with json_decref. */
json_t *house_json(const struct answer *a);
/* A string of the body by its path "error/name"; "" when it is not there. Static. */
const char *house_string(const struct answer *a, const char *path);
/* The published shape, this status and error.name. */
void house_check_problem(const struct answer *a, int status, const char *name);

void house_create(struct house *h, const char *route, const char *body, char id[HASH_ID_SIZE]);
void house_poll(struct house *h, struct answer *a, const char *id, const char *more);
void house_check_state(struct house *h, const char *id, const char *state);
void house_delete(struct house *h, struct answer *a, const char *id);

/* A worker's: the next job must be id. finish claims it first and publishes ten bytes as video. */
int64_t house_claim(struct house *h, const char *id);
void house_finish(struct house *h, const char *id, const char *video);
