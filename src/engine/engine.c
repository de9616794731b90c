/* engine.c - the table of engine kinds. SPDX-License-Identifier: MIT */
#include "engine/engine.h"

#include <string.h>

const struct engine_driver *const engine_drivers[] = {
    &engine_storyboard, /* needs nothing: always there        */
    &engine_wan,        /* needs weights, and minutes or hours */
    NULL,
};

const struct engine_driver *engine_find(const char *name)
{
    for (int i = 0; engine_drivers[i]; i++)
        if (strcmp(engine_drivers[i]->name, name) == 0)
            return engine_drivers[i];
    return NULL;
}
