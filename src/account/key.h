/* key.h - API keys: made at random, shown once, stored hashed, found again in constant time.
 *
 * A key is 64 hexadecimal characters (256 bits). The store has its SHA-256; its first 8 characters
 * are its handle (prefix).
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"
#include "store/store.h"

/* What a key may be used for; a key without any of these may all. This program makes videos: the
 * others are kept for those who ask. */
enum key_scope {
    KEY_SCOPE_VIDEO = 1 << 0,
    KEY_SCOPE_CHAT = 1 << 1,
    KEY_SCOPE_RESPONSES = 1 << 2,
    KEY_SCOPE_IMAGE = 1 << 3,
    KEY_SCOPE_AUDIO = 1 << 4,
    KEY_SCOPE_EMBEDDINGS = 1 << 5,
    KEY_SCOPE_SPEECH = 1 << 6,
    KEY_SCOPE_OCR = 1 << 7,
};

#define KEY_SIZE 65 /* 64 characters and NUL */

struct key_options {
    const char *name; /* "" for none; at most 63 bytes */
    bool admin;
    bool limited;            /* create needs credits; they are given with credits or key credit */
    int64_t credits;         /* at first; more than 0 makes it limited */
    int requests_per_minute; /* 0: no limit */
    int jobs_at_once;        /* 0: no limit */
    int64_t spend_max;       /* credits in the window; 0: no limit */
    enum store_window spend_window;
    int scopes; /* bits of enum key_scope; 0: all */
};

/* A fresh key's text; no store has heard of it. */
void key_generate(char out[KEY_SIZE]);
/* Add a key of this text. ERR_INVALID it has not the form of a key, or an option, with its range;
 * ERR_CONFLICT the store has it, or another of its prefix. */
int key_add(struct store *s, const struct key_options *options, struct text text,
            struct error *err) MUST_CHECK;

/* Make a key: generate and add; out has the only copy of its text. ERR_INVALID an option, with its
 * range. */
int key_create(struct store *s, const struct key_options *options, char out[KEY_SIZE],
               struct error *err) MUST_CHECK;

enum key_verdict {
    KEY_GOOD,
    KEY_MISSING, /* no Authorization, or not Bearer */
    KEY_EMPTY,   /* "Bearer" with nothing behind it */
    KEY_WRONG,   /* unknown, revoked or disabled    */
    KEY_VERDICTS
};

/* Who sends this Authorization header (NULL: none)? *verdict says; *out is set for KEY_GOOD.
 * 0, or ERR_IO from the store. */
int key_check(struct store *s, const char *authorization, struct store_key *out,
              enum key_verdict *verdict, struct error *err) MUST_CHECK;
