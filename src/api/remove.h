/* remove.h - DELETE: cancel what runs, remove what is over. SPDX-License-Identifier: MIT */
#pragma once

#include "api/param.h"

extern const struct param_field remove_query[];

void remove_by_query(struct http_exchange *x);
void remove_by_path(struct http_exchange *x);
