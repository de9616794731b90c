/* error.c - see error.h. SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A sentence may quote bytes of the sender; control characters would break logs and headers. */
static void one_line(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = ' ';
        else if ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] >= 0x80 &&
                 (unsigned char)s[1] < 0xa0) /* the other controls, U+0080 to U+009F */
            s[0] = s[1] = ' ';
}

int error_set(struct error *e, enum err code, const char *fmt, ...)
{
    char text[sizeof e->text]; /* an argument may be e->text itself */
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    one_line(text);
    memcpy(e->text, text, sizeof text);
    e->code = code;
    return code;
}

int error_errno(struct error *e, int errnum, const char *fmt, ...)
{
    char what[160];
    char why[64];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    enum err code = errnum == ENOMEM ? ERR_MEMORY : errnum == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    return error_set(e, code, "%s: %s", what, strerror_r(errnum, why, sizeof why));
}

int error_prefix(struct error *e, const char *fmt, ...)
{
    char prefix[120];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(prefix, sizeof prefix, fmt, ap);
    va_end(ap);
    return error_set(e, e->code, "%s: %s", prefix, e->text);
}

const char *error_name(enum err code)
{
    switch (code) {
    case ERR_INVALID:
        return "invalid";
    case ERR_NOT_FOUND:
        return "not_found";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_BUSY:
        return "busy";
    case ERR_CANCELLED:
        return "cancelled";
    case ERR_MEMORY:
        return "memory";
    case ERR_IO:
        return "io";
    case ERR_CORRUPT:
        return "corrupt";
    case ERR_DENIED:
        return "denied";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_LOST:
        return "lost";
    case ERR_GONE:
        return "gone";
    case ERR_CREDITS:
        return "credits";
    }
    return "unknown";
}
