/* pages.h - the playground and the reference as the program carries them: packed when it was built,
 * sent in the form that the client takes.
 *
 * Files in app/ have their digest in their names and never change; the pages are asked for anew, by
 * their entity tags. A page may load nothing but this server's own files.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "http/http.h"

void pages_index(struct http_exchange *x);     /* GET / */
void pages_reference(struct http_exchange *x); /* GET /docs */
void pages_asset(struct http_exchange *x);     /* GET /app/{name...} */

enum pages_form { PAGES_PLAIN, PAGES_GZIP, PAGES_BROTLI, PAGES_FORMS };

/* The form to send to a client with this Accept-Encoding (NULL: none), of those that are there
 * (bits 1 << form, the plain one always). */
enum pages_form pages_form_for(const char *accept_encoding, unsigned there);

/* A file of the pack: its forms, empty where there is none. */
struct pages_file {
    const char *type;
    const char *tag; /* without quotes */
    struct text forms[PAGES_FORMS];
};

/* "index.html", "app/index-….js". False: there is none. */
bool pages_find(const char *name, struct pages_file *out);
