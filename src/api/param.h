/* param.h - query parameters: the tables that describe them and the one reader of them.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "api/issue.h"
#include "http/http.h"

enum param_type {
    PARAM_TEXT,    /* any characters                                         */
    PARAM_INT,     /* min..max                                               */
    PARAM_SECONDS, /* a decimal in min..max; number is in microseconds       */
    PARAM_WORD,    /* one of the words; number is its index                  */
    PARAM_TIME,    /* ISO 8601, without an offset UTC; number is clock time  */
    PARAM_INSTANT, /* the same with a required offset                        */
    PARAM_PERIOD,  /* "24h", "7d"; number is in microseconds                 */
    PARAM_CURSOR,  /* of the kind in min; number is where it points          */
};

/* One row; a table ends with a row without a name. */
struct param_field {
    const char *name;
    enum param_type type;
    bool required;
    bool repeats; /* may be given several times; its reader looks for itself */
    int64_t min;
    int64_t max;
    int64_t standard;           /* number when it is absent */
    const char *(*word)(int i); /* of PARAM_WORD; NULL behind the last */
    const char *about;
};

enum { PARAM_MOST = 10, PARAM_MOST_WORDS = 16 };

struct param_value {
    const char *text; /* NULL: absent */
    int64_t number;
};

struct param_set {
    const struct param_field *fields;
    bool strict; /* a parameter that is not in the table, or twice, is an issue */
    struct param_value values[PARAM_MOST]; /* in the order of the table */
    struct issue_list issues;
};

/* Read parameters one by one; values are views of what was added. */
void param_set_init(struct param_set *q, const struct param_field *fields, bool strict);
void param_set_fini(struct param_set *q);
SCOPED_FINI(param_set)
void param_set_add(struct param_set *q, const char *name, const char *value);
bool param_set_end(struct param_set *q); /* false: there are issues */

/* All of it for an exchange; param_set_fini by the caller. False: it was answered with 400. */
bool param_set_read(struct param_set *q, struct http_exchange *x, const struct param_field *fields,
                    bool strict);
