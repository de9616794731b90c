/* issue.h - what is wrong with a request, one entry per fault, in the words of Zod 3: clients of
 * the AI/ML API already know how to show them.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/text.h"

/* Entries as JSON, without the closing bracket. path names the field as the client wrote it,
 * "limit.threshold" one within another; NULL is the body as a whole. */
struct issue_list {
    struct text_buf json;
    int n;
};

void issue_list_init(struct issue_list *l);
void issue_list_fini(struct issue_list *l);
SCOPED_FINI(issue_list)

/* The finished array; mem_free by the caller. */
char *issue_list_take(struct issue_list *l);

void issue_required(struct issue_list *l, const char *path, const char *expected);
void issue_type(struct issue_list *l, const char *path, const char *expected, const char *received);

/* A member of a body that is not what it must be; v NULL: it is not there. */
struct json_t;
void issue_json(struct issue_list *l, const char *path, const char *expected,
                const struct json_t *v);

/* A string with too many or too few characters. */
void issue_long(struct issue_list *l, const char *path, int64_t most);
void issue_short(struct issue_list *l, const char *path, int64_t least);

/* A number beyond its limit. */
void issue_above(struct issue_list *l, const char *path, int64_t most);
void issue_below(struct issue_list *l, const char *path, int64_t least);

/* received is none of the n options. */
void issue_enum(struct issue_list *l, const char *path, const char *const *options, int n,
                struct text received);

/* validation: "url", "base64", "datetime". */
void issue_format(struct issue_list *l, const char *path, const char *validation);

/* What Zod has no form for: a sentence. */
void issue_custom(struct issue_list *l, const char *path, const char *fmt, ...) PRINTF(3, 4);

/* A query parameter or a field that does not exist, where that is an error. */
void issue_unknown(struct issue_list *l, const char *name);
