/* sign.c - see sign.h. SPDX-License-Identifier: MIT */
#include "blob/sign.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

enum { HOUR_S = 3600, SIGNATURE_LEN = 43, EXPIRES_MAX = 12, PATH_MAX_BYTES = 4096 };

static int read_secret(const char *path, uint8_t out[HASH_SIZE], struct error *err)
{
    SCOPED(text_buf) struct text_buf bytes = {0};
    int rc = file_read(path, HASH_SIZE, &bytes, err);
    if (rc == ERR_INVALID || (rc == 0 && bytes.len != HASH_SIZE))
        return error_set(err, ERR_CORRUPT, "%s is not a secret of %d bytes", path, HASH_SIZE);
    if (rc == 0)
        memcpy(out, bytes.at, HASH_SIZE);
    return rc;
}

/* Written and synced aside, then linked: of several processes one gives the secret to all. */
static int make_secret(const char *path, struct error *err)
{
    uint8_t secret[HASH_SIZE];
    char id[HASH_ID_SIZE];
    hash_random(secret, sizeof secret);
    hash_random_id(id);
    SCOPED(mem) char *aside = mem_printf("%s.%s", path, id);
    int rc = file_write(aside, (struct text){(const char *)secret, sizeof secret}, 0600, err);
    if (rc == 0 && link(aside, path) < 0 && errno != EEXIST)
        rc = error_errno(err, errno, "make %s", path);
    unlink(aside);
    return rc < 0 ? rc : file_sync_folder_of(path, err);
}

int sign_secret(const char *path, uint8_t out[HASH_SIZE], struct error *err)
{
    int rc = read_secret(path, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    if (make_secret(path, err) < 0) {
        err->code = ERR_IO; /* what is missing is the folder */
        return err->code;
    }
    return read_secret(path, out, err);
}

/* False when the path is too long to be one of ours. */
static bool digest(const uint8_t secret[HASH_SIZE], const char *path, const char *expires,
                   char out[SIGNATURE_LEN + 1])
{
    uint8_t mac[HASH_SIZE];
    SCOPED(text_buf) struct text_buf message;
    text_buf_init(&message, PATH_MAX_BYTES);
    text_buf_printf(&message, "GET\n%s\n%s", expires, path);
    if (message.failed)
        return false;
    hash_keyed(secret, (struct text){message.at, message.len}, mac);
    text_base64url_encode(mac, sizeof mac, out);
    return true;
}

void sign_query(const uint8_t secret[HASH_SIZE], const char *path, int64_t now_us,
                int64_t lifetime_s, char *out)
{
    char expires[24];
    char signature[SIGNATURE_LEN + 1];
    int64_t end_s = (now_us + CLOCK_SECOND_US - 1) / CLOCK_SECOND_US + lifetime_s;
    end_s = (end_s + HOUR_S - 1) / HOUR_S * HOUR_S;
    snprintf(expires, sizeof expires, "%lld", (long long)end_s);
    bool fits = digest(secret, path, expires, signature);
    assert(fits);
    snprintf(out, SIGN_QUERY_SIZE, "Expires=%s&Signature=%s", expires, signature);
}

/* Decimal digits as sign_query writes them: no sign, no space, no zero in front. */
static bool read_expires(const char *expires, int64_t *out)
{
    struct text s = text_of(expires);
    if (s.len == 0 || s.len > EXPIRES_MAX || s.at[0] < '1' || s.at[0] > '9')
        return false;
    return text_int(s, 1, INT64_MAX / CLOCK_SECOND_US, out);
}

enum sign_verdict sign_check(const uint8_t secret[HASH_SIZE], const char *path, int64_t now_us,
                             const char *expires, const char *signature)
{
    char want[SIGNATURE_LEN + 1];
    int64_t end_s;
    if (!expires || !signature || !read_expires(expires, &end_s) ||
        strlen(signature) != SIGNATURE_LEN || !digest(secret, path, expires, want))
        return SIGN_WRONG;
    if (!hash_equal((const uint8_t *)want, (const uint8_t *)signature, SIGNATURE_LEN))
        return SIGN_WRONG;
    return now_us > end_s * CLOCK_SECOND_US ? SIGN_EXPIRED : SIGN_GOOD;
}
