/* list.h - a key's own jobs, newest first, page by page. SPDX-License-Identifier: MIT */
#pragma once

#include "api/param.h"

extern const struct param_field list_query[];

void list_jobs(struct http_exchange *x);
