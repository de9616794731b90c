/* download.h - one large file from the web to the disk, whole and verified, or not at all.
 *
 * What comes is written to PATH.part and goes on there when the download is asked for again; only
 * when size and digest are right does it become PATH. For files that the owner of the machine
 * asked for by name: hosts are not guarded as fetch.h guards them, but https stays https, and a
 * token is sent to the first host alone. libcurl stays inside, loaded on first use. The process
 * must ignore SIGPIPE.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct download {
    const char *url;    /* https; http only of a loopback address */
    const char *path;   /* its folder exists */
    const char *sha256; /* 64 hex digits; NULL: not known */
    const char *token;  /* sent as a bearer; NULL: none */
    int64_t size;       /* bytes; -1: not known */
    void *arg;
    void (*progress)(void *arg, int64_t done, int64_t size); /* bytes; size -1: not known */
    bool (*cancelled)(void *arg);
};

/* Is this url one that a download takes: https, or http of a loopback address? */
bool download_takes(const char *url);

/* A file that is there already with the right size is taken as it is. What was there as
 * PATH.part is hashed and, where there is a digest to compare the whole with, gone on from.
 * ERR_INVALID the url; ERR_NOT_FOUND and ERR_DENIED what the server says, with its status;
 * ERR_CORRUPT size or digest are wrong: PATH.part is removed; ERR_IO; ERR_CANCELLED: PATH.part
 * stays. */
int download_file(const struct download *d, struct error *err) MUST_CHECK;
