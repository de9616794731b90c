/* first_frame.c - see first_frame.h. SPDX-License-Identifier: MIT */
#include "api/first_frame.h"

#include <string.h>

#include "base/memory.h"
#include "media/image.h"

enum {
    DECODED_MAX = 24 * 1000 * 1000, /* bytes: past every image that may be accepted      */
    BARE_MIN = 64,                  /* characters: no image that may be accepted is less */
};

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_' || c == '=' || c == '\n' || c == '\r';
}

/* Could this be base64? Enough to tell it from an address; decoding looks at all of it. */
static bool looks_bare(struct text s)
{
    if (s.len < BARE_MIN)
        return false;
    for (size_t i = 0; i < s.len && i < 256; i++)
        if (!is_base64(s.at[i]))
            return false;
    return true;
}

static bool has_forbidden(struct text s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c <= ' ' || c == 0x7f || strchr("\"<>\\^`{|}", c))
            return true;
    }
    return false;
}

static bool is_port(struct text s)
{
    int64_t port;
    return s.len == 0 || (s.at[0] != '-' && text_int(s, 1, 65535, &port));
}

static bool is_host(struct text s)
{
    for (size_t i = 0; i < s.len; i++)
        if (strchr("#%/:?@[]", s.at[i]))
            return false;
    return s.len > 0;
}

static bool is_literal_v6(struct text s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789abcdefABCDEF:.", s.at[i]))
            return false;
    return s.len >= 2;
}

/* host[:port] or "["v6"]"[:port]. One with a user in front is none: nobody would fetch it. */
static bool is_authority(struct text s)
{
    if (!text_starts(s, TEXT("[")))
        return is_host(text_cut(&s, ':')) && is_port(s);
    if (!memchr(s.at, ']', s.len))
        return false;
    text_cut(&s, '[');
    struct text inner = text_cut(&s, ']');
    if (s.len && s.at[0] != ':')
        return false;
    text_cut(&s, ':');
    return is_literal_v6(inner) && is_port(s);
}

static struct text authority_of(struct text after_scheme)
{
    size_t n = 0;
    while (n < after_scheme.len && !strchr("/?#", after_scheme.at[n]))
        n++;
    return (struct text){after_scheme.at, n};
}

static bool read_address(struct text value, size_t scheme, const char *path,
                         struct first_frame *out, struct issue_list *issues)
{
    struct text rest = {value.at + scheme, value.len - scheme};
    if (value.len > FIRST_FRAME_URL_MAX) {
        issue_long(issues, path, FIRST_FRAME_URL_MAX);
        return false;
    }
    if (has_forbidden(value) || !is_authority(authority_of(rest))) {
        issue_format(issues, path, "url");
        return false;
    }
    out->kind = FIRST_FRAME_URL;
    out->url = value;
    return true;
}

/* "image/png", with or without parameters; the format itself is told by the bytes. */
static bool is_image_type(struct text type)
{
    struct text essence = text_trim(text_cut(&type, ';'));
    return (text_starts_nocase(essence, TEXT("image/")) && essence.len > 6) ||
           text_equal_nocase(essence, TEXT("application/octet-stream"));
}

static bool ends_in_base64(struct text head)
{
    const struct text word = TEXT("base64");
    const char *last = head.len ? memrchr(head.at, ';', head.len) : NULL;
    if (!last)
        return false;
    struct text tail = {last + 1, (size_t)(head.at + head.len - last - 1)};
    return text_equal_nocase(text_trim(tail), word);
}

static bool read_data_uri(struct text value, const char *path, struct first_frame *out,
                          struct issue_list *issues)
{
    struct text rest = {value.at + 5, value.len - 5};
    bool has_comma = memchr(rest.at, ',', rest.len) != NULL;
    struct text head = text_cut(&rest, ',');
    if (!has_comma || !ends_in_base64(head)) {
        issue_custom(issues, path,
                     "Invalid data URI: expected data:image/png;base64, or "
                     "data:image/jpeg;base64, followed by the file in base64");
        return false;
    }
    if (!is_image_type(head)) {
        issue_custom(issues, path, "Invalid data URI: its type must be image/jpeg or image/png");
        return false;
    }
    out->kind = FIRST_FRAME_DATA;
    out->base64 = rest;
    return true;
}

bool first_frame_read(struct text value, const char *path, struct first_frame *out,
                      struct issue_list *issues)
{
    *out = (struct first_frame){.kind = FIRST_FRAME_NONE};
    value = text_trim(value);
    if (text_starts_nocase(value, TEXT("https://")))
        return read_address(value, 8, path, out, issues);
    if (text_starts_nocase(value, TEXT("http://")))
        return read_address(value, 7, path, out, issues);
    if (text_starts_nocase(value, TEXT("data:")))
        return read_data_uri(value, path, out, issues);
    if (!looks_bare(value)) {
        issue_format(issues, path, "url");
        return false;
    }
    out->kind = FIRST_FRAME_DATA;
    out->base64 = value;
    return true;
}

/* Which rules the decoded file breaks. */
static bool measure(struct text bytes, const char *path, struct issue_list *issues)
{
    struct image_info info = {0};
    struct image_issue broken[IMAGE_MOST_ISSUES];
    struct error err;
    if (image_probe(bytes, &info, &err) < 0) {
        issue_custom(issues, path, "%s", err.text);
        return false;
    }
    int n = image_issues(&info, bytes.len, broken);
    for (int i = 0; i < n; i++)
        issue_custom(issues, path, "%s", broken[i].text);
    return n == 0;
}

char *first_frame_decode(const struct first_frame *f, const char *path, size_t *out_len,
                         struct issue_list *issues)
{
    size_t most = text_base64_max(f->base64.len);
    if (most > DECODED_MAX) {
        issue_custom(issues, path, "file is about %zu bytes, must not exceed %d", most,
                     IMAGE_MOST_BYTES);
        return NULL;
    }
    SCOPED(mem) char *bytes = mem_try(most);
    if (!bytes) {
        issue_custom(issues, path, "no memory for this image");
        return NULL;
    }
    int64_t len = text_base64_decode(f->base64, (uint8_t *)bytes);
    if (len <= 0) {
        issue_format(issues, path, "base64");
        return NULL;
    }
    if (!measure((struct text){bytes, (size_t)len}, path, issues))
        return NULL;
    *out_len = (size_t)len;
    return TAKE(bytes);
}
