/* keys.h - keys looked after over the API: by a key that is admin, and by its owner. Shapes as the
 * AI/ML API's key endpoints have them, with members of our own.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "http/http.h"

void keys_list(struct http_exchange *x);
void keys_create(struct http_exchange *x);
void keys_change(struct http_exchange *x);
void keys_remove(struct http_exchange *x);
void keys_own(struct http_exchange *x);
