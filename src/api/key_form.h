/* key_form.h - the body of a request that makes or changes a key: one table of fields, strict
 * types, every fault at once, unknown fields refused.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "account/key.h"
#include "api/issue.h"

struct key_form {
    char name[64];
    bool has_name;
    struct store_key_change change; /* what is not there is unchanged */
    int64_t credits;                /* a first balance */
    bool has_credits;
};

enum key_form_kind { KEY_FORM_CREATE = 1, KEY_FORM_CHANGE = 2 };

/* An empty body is an empty object. False: at least one issue was added. */
bool key_form_read(struct text body, enum key_form_kind kind, struct key_form *out,
                   struct issue_list *issues);

/* The words of the wire; NULL behind the last. */
const char *key_form_scope(int i);     /* of the bit 1 << i of enum key_scope */
const char *key_form_retention(int i); /* of enum store_window */
