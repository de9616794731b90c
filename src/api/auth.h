/* auth.h - the door: a valid key, and a request left of its minute. SPDX-License-Identifier: MIT */
#pragma once

#include "http/http.h"

/* Who sends it? call_of(x)->key is set. False: it was answered with 401, 429 or 500. Once passed it
 * counts no second time. */
bool auth_pass(struct http_exchange *x);
