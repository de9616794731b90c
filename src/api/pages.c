/* pages.c - see pages.h. SPDX-License-Identifier: MIT
 *
 * The pack (made by tools/pack-web; little-endian numbers of 32 bits, text ends in a NUL):
 *
 *     0        "ZTWEB1\0\0"
 *     8        number of files, then 0
 *     16       for each file, in the order of the names, 9 numbers: where its name, its type and
 * its tag are; where its plain form is and how long; likewise its gzip and its brotli form */
#include "api/pages.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "api/problem.h"

extern const uint8_t pages_bytes[];
extern const uint8_t pages_bytes_end[];

enum { HEADER = 16, ROW = 36 };

#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: http: "   \
    "https:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; form-action 'none'; "    \
    "base-uri 'none'; frame-ancestors 'none'"

static uint32_t number_at(size_t at)
{
    const uint8_t *p = pages_bytes + at;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const char *text_at(size_t at)
{
    return (const char *)pages_bytes + number_at(at);
}

static void read_row(size_t row, struct pages_file *out)
{
    out->type = text_at(row + 4);
    out->tag = text_at(row + 8);
    for (size_t i = 0; i < PAGES_FORMS; i++)
        out->forms[i] = (struct text){text_at(row + 12 + 8 * i), number_at(row + 16 + 8 * i)};
}

bool pages_find(const char *name, struct pages_file *out)
{
    assert(memcmp(pages_bytes, "ZTWEB1\0", 8) == 0);
    size_t low = 0;
    size_t high = number_at(8);
    while (low < high) {
        size_t middle = (low + high) / 2;
        size_t row = HEADER + middle * ROW;
        int order = strcmp(name, text_at(row));
        if (order == 0) {
            read_row(row, out);
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* ---- what the client takes ----------------------------------------------------------------- */

/* Is it refused by a weight of 0? */
static bool is_refused(struct text parameters)
{
    while (parameters.len) {
        struct text p = text_trim(text_cut(&parameters, ';'));
        struct text name = text_trim(text_cut(&p, '='));
        if (!text_equal_nocase(name, TEXT("q")))
            continue;
        p = text_trim(p);
        size_t zeros = 0;
        while (zeros < p.len && (p.at[zeros] == '0' || p.at[zeros] == '.'))
            zeros++;
        return zeros == p.len;
    }
    return false;
}

enum pages_form pages_form_for(const char *accept_encoding, unsigned there)
{
    struct text rest = text_of(accept_encoding);
    bool takes[PAGES_FORMS] = {false};
    while (rest.len) {
        struct text one = text_cut(&rest, ',');
        struct text name = text_trim(text_cut(&one, ';'));
        if (is_refused(one))
            continue;
        takes[PAGES_GZIP] |= text_equal_nocase(name, TEXT("gzip"));
        takes[PAGES_BROTLI] |= text_equal_nocase(name, TEXT("br"));
    }
    for (int form = PAGES_BROTLI; form > PAGES_PLAIN; form--)
        if (takes[form] && (there & (1u << form)))
            return (enum pages_form)form;
    return PAGES_PLAIN;
}

/* ---- the answers --------------------------------------------------------------------------- */

static void add_policy(struct http_exchange *x)
{
    http_reply_header(x, "Content-Security-Policy", POLICY);
    http_reply_header(x, "Referrer-Policy", "no-referrer");
    http_reply_header(x, "Permissions-Policy",
                      "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    http_reply_header(x, "Cross-Origin-Opener-Policy", "same-origin");
}

static void reply_file(struct http_exchange *x, const struct pages_file *f)
{
    static const char *const codings[PAGES_FORMS] = {NULL, "gzip", "br"};
    const char *known = http_header(x, "If-None-Match");
    unsigned there = 0;
    char etag[64];
    for (int i = 0; i < PAGES_FORMS; i++)
        there |= f->forms[i].len ? 1u << i : 0;
    enum pages_form form = pages_form_for(http_header(x, "Accept-Encoding"), there);
    snprintf(etag, sizeof etag, "\"%s%s%s\"", f->tag, codings[form] ? "-" : "",
             codings[form] ? codings[form] : "");
    http_reply_header(x, "ETag", etag);
    http_reply_header(x, "Vary", "Accept-Encoding");
    if (http_unchanged(known, etag)) {
        http_reply(x, 304, NULL, TEXT(""));
        return;
    }
    http_reply_header(x, "Content-Encoding", codings[form]);
    http_reply_static(x, 200, f->type, f->forms[form]);
}

static void reply_page(struct http_exchange *x, const char *name)
{
    struct pages_file f;
    if (!pages_find(name, &f)) {
        problem_reply(x, 404, NULL);
        return;
    }
    add_policy(x);
    http_reply_header(x, "Cache-Control", "no-cache");
    reply_file(x, &f);
}

void pages_index(struct http_exchange *x)
{
    reply_page(x, "index.html");
}

void pages_reference(struct http_exchange *x)
{
    reply_page(x, "docs.html");
}

void pages_asset(struct http_exchange *x)
{
    struct pages_file f;
    const char *name = http_path(x) + 1;
    if (!pages_find(name, &f)) {
        problem_reply(x, 404, NULL);
        return;
    }
    add_policy(x);
    http_reply_header(x, "Cache-Control", "public, max-age=31536000, immutable");
    reply_file(x, &f);
}
