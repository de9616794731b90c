/* error.h - the one way to fail: a code for the program, a sentence for the person.
 *
 * A function that can fail returns int, 0 or a negative enum err, and fills the struct error
 * that is its last argument and never NULL. Outputs are written only on success unless the
 * header says otherwise.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define MUST_CHECK   __attribute__((warn_unused_result))

enum err {
    ERR_INVALID = -1,   /* the request is wrong; its sender can mend it             */
    ERR_NOT_FOUND = -2, /* no such thing, or not the caller's                       */
    ERR_CONFLICT = -3,  /* right request, wrong state                               */
    ERR_BUSY = -4,      /* full; the same request may succeed later                 */
    ERR_CANCELLED = -5, /* somebody asked for it to stop                            */
    ERR_MEMORY = -6,    /* data plane only: frames, bodies, images                  */
    ERR_IO = -7,        /* disk, socket, library                                    */
    ERR_CORRUPT = -8,   /* bytes are not what their format says                     */
    ERR_DENIED = -9,    /* the rules forbid it                                      */
    ERR_TIMEOUT = -10,  /* the time given is over                                   */
    ERR_LOST = -11,     /* the lease is no longer ours: leave the job alone         */
    ERR_GONE = -12,     /* it was here and has expired                              */
    ERR_CREDITS = -13,  /* not enough credits for it                                */
};

struct error {
    enum err code;
    char text[240]; /* one sentence, no newline, safe to show */
};

/* All return the code, so that a caller fails in one line. e is never NULL. */
int error_set(struct error *e, enum err code, const char *fmt, ...) PRINTF(3, 4);

/* ERR_MEMORY for ENOMEM, ERR_NOT_FOUND for ENOENT, else ERR_IO; the text ends in strerror. */
int error_errno(struct error *e, int errnum, const char *fmt, ...) PRINTF(3, 4);

/* Put "PREFIX: " before the text that is there. */
int error_prefix(struct error *e, const char *fmt, ...) PRINTF(2, 3);

/* The code's name without ERR_, lower case: "not_found". Static. */
const char *error_name(enum err code);
