/* hash.h - digests, keyed digests and random numbers, all by libsodium, but for the
 * reproducible generator that pictures are drawn with.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define HASH_SIZE 32

/* Once, before anything else here; stops the process when the system has no randomness. */
void hash_start(void);

void hash_sha256(struct text bytes, uint8_t out[HASH_SIZE]);

/* The same in pieces: begin, add any number of times, end. */
struct hash_sha256_run {
    _Alignas(16) unsigned char state[128]; /* of the library's own layout */
};
void hash_sha256_begin(struct hash_sha256_run *r);
void hash_sha256_add(struct hash_sha256_run *r, struct text bytes);
void hash_sha256_end(struct hash_sha256_run *r, uint8_t out[HASH_SIZE]);

/* HMAC-SHA-256. */
void hash_keyed(const uint8_t key[HASH_SIZE], struct text bytes, uint8_t out[HASH_SIZE]);

bool hash_equal(const uint8_t *a, const uint8_t *b, size_t len); /* in constant time */

void hash_random(void *out, size_t len); /* fit for keys and ids */

/* 21 characters of A-Z a-z 0-9 _ -, 126 random bits; out has HASH_ID_SIZE bytes. */
#define HASH_ID_SIZE 22
void hash_random_id(char *out);

/* A random UUID, version 4; out has HASH_UUID_SIZE bytes. */
#define HASH_UUID_SIZE 37
void hash_random_uuid(char *out);

/* The reproducible generator (PCG32): the same seed gives the same numbers on every machine. */
struct hash_rng {
    uint64_t state;
    uint64_t stream;
};

void hash_rng_init(struct hash_rng *r, uint64_t seed, uint64_t stream);
uint32_t hash_rng_u32(struct hash_rng *r);
float hash_rng_unit(struct hash_rng *r); /* 0 inclusive to 1 exclusive */

/* A 64-bit digest for tables and seeds, not for secrets (FNV-1a with a final mix). */
uint64_t hash_quick(struct text bytes);
