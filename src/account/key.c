/* key.c - see key.h. SPDX-License-Identifier: MIT */
#include "account/key.h"

#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 32, MOST_PER_MINUTE = 1000000, MOST_AT_ONCE = 1000000, TRIES = 8 };

static int check_range(const char *name, int value, int most, struct error *err)
{
    if (value >= 0 && value <= most)
        return 0;
    return error_set(err, ERR_INVALID, "%s is %d, must be 0 to %d", name, value, most);
}

static int check_name(struct text name, struct error *err)
{
    enum { MOST = sizeof((struct store_key *)NULL)->name - 1 };
    if (name.len > MOST)
        return error_set(err, ERR_INVALID, "the key's name has %zu bytes, may have %d", name.len,
                         (int)MOST);
    if (!text_utf8_valid(name))
        return error_set(err, ERR_INVALID, "the key's name is not UTF-8");
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < ' ' || name.at[i] == 0x7f)
            return error_set(err, ERR_INVALID, "the key's name has a control character");
    return 0;
}

static int check_options(const struct key_options *o, struct error *err)
{
    if (check_name(text_of(o->name), err) < 0 ||
        check_range("requests per minute", o->requests_per_minute, MOST_PER_MINUTE, err) < 0 ||
        check_range("jobs at once", o->jobs_at_once, MOST_AT_ONCE, err) < 0)
        return err->code;
    if (o->credits < 0)
        return error_set(err, ERR_INVALID, "credits is %lld, must not be negative",
                         (long long)o->credits);
    return 0;
}

static bool has_form_of_key(struct text s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.at[i] >= '0' && s.at[i] <= '9') || (s.at[i] >= 'a' && s.at[i] <= 'f')))
            return false;
    return s.len == KEY_SIZE - 1;
}

void key_generate(char out[KEY_SIZE])
{
    uint8_t bytes[KEY_BYTES];
    hash_random(bytes, sizeof bytes);
    text_hex_encode(bytes, sizeof bytes, out);
}

int key_add(struct store *s, const struct key_options *options, struct text text, struct error *err)
{
    if (check_options(options, err) < 0)
        return err->code;
    if (!has_form_of_key(text))
        return error_set(err, ERR_INVALID, "a key is %d hexadecimal digits", KEY_SIZE - 1);
    struct store_key key = {.admin = options->admin,
                            .limited = options->limited || options->credits > 0,
                            .requests_per_minute = options->requests_per_minute,
                            .jobs_at_once = options->jobs_at_once,
                            .spend_max = options->spend_max,
                            .spend_window = options->spend_window,
                            .scopes = options->scopes};
    snprintf(key.name, sizeof key.name, "%s", options->name ? options->name : "");
    snprintf(key.prefix, sizeof key.prefix, "%.8s", text.at);
    hash_sha256(text, key.hash);
    return store_key_add(s, &key, options->credits, err);
}

int key_create(struct store *s, const struct key_options *options, char out[KEY_SIZE],
               struct error *err)
{
    char text[KEY_SIZE];
    int rc = ERR_CONFLICT;
    for (int i = 0; i < TRIES && rc == ERR_CONFLICT; i++) { /* of 32 bits a prefix is taken once */
        key_generate(text);
        rc = key_add(s, options, text_of(text), err);
    }
    if (rc == 0)
        memcpy(out, text, sizeof text);
    return rc;
}

/* The credentials of the Bearer scheme; .at is NULL when it is another or none. */
static struct text bearer(const char *authorization)
{
    static const struct text scheme = {"Bearer", 6};
    struct text s = text_trim(text_of(authorization));
    if (!text_starts_nocase(s, scheme))
        return (struct text){0};
    s.at += scheme.len;
    s.len -= scheme.len;
    if (s.len && *s.at != ' ' && *s.at != '\t')
        return (struct text){0};
    return text_trim(s);
}

static int look_up(struct store *s, struct text text, struct store_key *out,
                   enum key_verdict *verdict, struct error *err)
{
    uint8_t hash[HASH_SIZE];
    struct store_key key;
    hash_sha256(text, hash);
    int rc = store_key_by_hash(s, hash, &key, err);
    *verdict = KEY_WRONG;
    if (rc < 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    /* An index may stop at the first byte that differs; the whole digest decides. */
    if (!hash_equal(key.hash, hash, sizeof hash) || key.revoked_us || key.disabled)
        return 0;
    *verdict = KEY_GOOD;
    *out = key;
    return 0;
}

int key_check(struct store *s, const char *authorization, struct store_key *out,
              enum key_verdict *verdict, struct error *err)
{
    struct text text = bearer(authorization);
    if (!text.at) {
        *verdict = KEY_MISSING;
    } else if (!text.len) {
        *verdict = KEY_EMPTY;
    } else if (!has_form_of_key(text)) {
        *verdict = KEY_WRONG;
    } else {
        return look_up(s, text, out, verdict, err);
    }
    return 0;
}
