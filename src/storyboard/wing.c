/* wing.c - see wing.h. SPDX-License-Identifier: MIT */
#include "storyboard/wing.h"

#include <stdio.h>

#include "storyboard/pack.h"

/* In the pictures' 128 units. */
static const struct row {
    const char *name;
    float x, y, size;
} rows[] = {
    {"parrot", 58, 62, 84},   {"bird", 58, 70, 80}, {"black-bird", 58, 70, 80},
    {"flamingo", 72, 54, 84}, {"duck", 68, 68, 88}, {"goose", 66, 70, 88},
    {"swan", 68, 80, 96},
};

struct wing wing_of(int picture)
{
    char name[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        if (!text_equal(text_of(r->name), text_of(pack_name(picture))))
            continue;
        (void)snprintf(name, sizeof name, "%s-wing", r->name);
        return (struct wing){
            .picture = pack_find(name), .x = r->x / 128, .y = r->y / 128, .size = r->size / 128};
    }
    return (struct wing){.picture = -1};
}
