/* scope.h - the block owns it: freed at the end of the scope, on every path out of it.
 *
 *     SCOPED(fd) int fd = open(...);          closed when the block ends
 *     SCOPED(image) struct image *im = NULL;  image_free(im) when the block ends
 *     return TAKE(im);                        hands im to the caller: the scope frees nothing
 *
 * A variable that is there only to be ended is used, and no compiler calls it unused.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#define SCOPED(name) __attribute__((cleanup(name##_scope_end), unused))

/* Once per type, in its header, under the declaration of its _free. */
#define SCOPED_FREE(name)                                                                          \
    static inline void name##_scope_end(struct name **p)                                           \
    {                                                                                              \
        name##_free(*p);                                                                           \
    }

/* The same for a type that is closed. */
#define SCOPED_CLOSE(name)                                                                         \
    static inline void name##_scope_end(struct name **p)                                           \
    {                                                                                              \
        name##_close(*p);                                                                          \
    }

/* The same for memory that the block holds itself. */
#define SCOPED_FINI(name)                                                                          \
    static inline void name##_scope_end(struct name *p)                                            \
    {                                                                                              \
        name##_fini(p);                                                                            \
    }

#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) taken = (p);                                                                 \
        (p) = NULL;                                                                                \
        taken;                                                                                     \
    })

/* SCOPED(fd) int: closes it when it is not negative. */
void fd_scope_end(int *fd);

/* SCOPED(mem) char *: memory of base/memory.h, of any pointer type. */
void mem_scope_end(void *p);
