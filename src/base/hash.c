/* hash.c - see hash.h. SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(HASH_SIZE == crypto_hash_sha256_BYTES, "digest size");
_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct hash_sha256_run), "its state");
_Static_assert(HASH_SIZE == crypto_auth_hmacsha256_BYTES, "keyed digest size");

void hash_start(void)
{
    if (sodium_init() < 0)
        abort();
}

void hash_sha256(struct text bytes, uint8_t out[HASH_SIZE])
{
    crypto_hash_sha256(out, (const unsigned char *)bytes.at, bytes.len);
}

void hash_sha256_begin(struct hash_sha256_run *r)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)r->state);
}

void hash_sha256_add(struct hash_sha256_run *r, struct text bytes)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)r->state,
                              (const unsigned char *)bytes.at, bytes.len);
}

void hash_sha256_end(struct hash_sha256_run *r, uint8_t out[HASH_SIZE])
{
    crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)r->state, out);
}

void hash_keyed(const uint8_t key[HASH_SIZE], struct text bytes, uint8_t out[HASH_SIZE])
{
    crypto_auth_hmacsha256(out, (const unsigned char *)bytes.at, bytes.len, key);
}

bool hash_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void hash_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

void hash_random_id(char *out)
{
    uint8_t bytes[16];
    char digits[24];
    hash_random(bytes, sizeof bytes);
    text_base64url_encode(bytes, sizeof bytes, digits); /* 22 digits; the last has 2 bits */
    snprintf(out, HASH_ID_SIZE, "%.21s", digits);
}

void hash_random_uuid(char *out)
{
    uint8_t b[16];
    char hex[33];
    hash_random(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    text_hex_encode(b, sizeof b, hex);
    snprintf(out, HASH_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

void hash_rng_init(struct hash_rng *r, uint64_t seed, uint64_t stream)
{
    *r = (struct hash_rng){.state = 0, .stream = stream << 1 | 1};
    hash_rng_u32(r);
    r->state += seed;
    hash_rng_u32(r);
}

uint32_t hash_rng_u32(struct hash_rng *r)
{
    uint64_t old = r->state;
    r->state = old * 6364136223846793005ULL + r->stream;
    uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

float hash_rng_unit(struct hash_rng *r)
{
    return (float)(hash_rng_u32(r) >> 8) * 0x1p-24f;
}

uint64_t hash_quick(struct text bytes)
{
    uint64_t h = 14695981039346656037ULL;
    for (size_t i = 0; i < bytes.len; i++)
        h = (h ^ (unsigned char)bytes.at[i]) * 1099511628211ULL;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    return h;
}
