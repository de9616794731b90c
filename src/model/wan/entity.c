/* entity.c - see entity.h; tools/html-entities writes the table. SPDX-License-Identifier: MIT */
#include "model/wan/entity.h"

#include <string.h>

#include "entity_table.h"

const char *entity_find(struct text name)
{
    size_t low = 0, high = sizeof entity_table / sizeof *entity_table;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const char *at = entity_table[middle].name;
        const size_t n = strlen(at);
        const int order = memcmp(at, name.at, n < name.len ? n : name.len);
        if (order == 0 && n == name.len)
            return entity_table[middle].characters;
        if (order < 0 || (order == 0 && n < name.len))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
