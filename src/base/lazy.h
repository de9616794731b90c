/* lazy.h - libraries that only some processes need, loaded when first used.
 *
 * The codecs and the vector renderer bring some sixty shared objects with them; a server that
 * never touches a picture should not carry them. A file that wraps such a library lists the
 * functions it calls once, in an X macro, and calls them through a struct of pointers whose
 * types are those of the library's own header:
 *
 *     #define CALLS(X) X(cairo_create) X(cairo_destroy)
 *     static struct { CALLS(LAZY_POINTER) } cairo;
 *     static const struct lazy_call calls[] = {{"cairo_create", (void **)&cairo.cairo_create},
 * ...};
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "base/error.h"

#define LAZY_POINTER(function) __typeof__ (&(function))(function);

struct lazy_call {
    const char *name;
    void **at;
};

/* Load the shared object soname for the life of the process and fill n pointers. Safe to call
 * again (then it costs one lock). Any thread. ERR_IO names the library or the function missing. */
int lazy_load(const char *soname, const struct lazy_call *calls, size_t n,
              struct error *err) MUST_CHECK;
