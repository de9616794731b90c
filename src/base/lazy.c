/* lazy.c - see lazy.h. SPDX-License-Identifier: MIT */
#include "base/lazy.h"

#include <dlfcn.h>

int lazy_load(const char *soname, const struct lazy_call *calls, size_t n, struct error *err)
{
    /* Never closed: several of these libraries do not survive being unloaded. */
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return error_set(err, ERR_IO, "load %s: %s", soname, dlerror());
    for (size_t i = 0; i < n; i++) {
        void *at = dlsym(library, calls[i].name);
        if (!at)
            return error_set(err, ERR_IO, "%s has no %s", soname, calls[i].name);
        *calls[i].at = at;
    }
    return 0;
}
