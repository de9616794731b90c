/* entity.h - HTML's named characters. SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"

/* The characters that a name without '&' stands for, UTF-8: "amp;" and, of the old ones, "amp".
 * NULL when there is no such name. Case matters. */
const char *entity_find(struct text name);
