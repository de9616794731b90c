/* status.h - how the whole server is doing, for an administrator; and what a video would cost.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/param.h"

void status_get(struct http_exchange *x);

extern const struct param_field status_estimate_query[];
void status_estimate(struct http_exchange *x);
