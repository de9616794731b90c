/* sign.h - result urls that are their own permission: a path, an end, a keyed digest of both.
 *
 *     /generations/hedgehog/1759866285599-….mp4?Expires=1759900000&Signature=<43 characters>
 *
 * Signature = base64url(HMAC-SHA-256(secret, "GET\n" EXPIRES "\n" PATH)). Expires is rounded up
 * to the hour, so that all urls of an object given out within one hour are the same.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/hash.h"
#include "base/text.h"

enum sign_verdict {
    SIGN_GOOD,
    SIGN_EXPIRED,
    SIGN_WRONG, /* a part is missing, malformed or does not fit */
    SIGN_VERDICTS
};

/* The secret at path (mode 0600), made on first use, also when several begin at once; every
 * server of one data directory has the same. ERR_IO, ERR_CORRUPT not 32 bytes. */
int sign_secret(const char *path, uint8_t out[HASH_SIZE], struct error *err) MUST_CHECK;

/* "Expires=…&Signature=…" for path (starting with '/', at most 4000 bytes), valid for at least
 * lifetime_s from now_us and at most an hour longer. out has SIGN_QUERY_SIZE bytes. */
#define SIGN_QUERY_SIZE 96
void sign_query(const uint8_t secret[HASH_SIZE], const char *path, int64_t now_us,
                int64_t lifetime_s, char *out);

/* expires and signature as the query had them; NULL when absent. Good until that second and at
 * it. The signature is compared in constant time, and before the time is looked at. */
enum sign_verdict sign_check(const uint8_t secret[HASH_SIZE], const char *path, int64_t now_us,
                             const char *expires, const char *signature);
