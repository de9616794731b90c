/* token.h - a prompt cut into words, and the camera's bracket commands taken out of it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"
#include "storyboard/plan.h"

enum { TOKEN_MOST = 2048, TOKEN_GROUP_MOST = 3 };

/* Commands that run at the same time. */
struct token_group {
    int n;
    enum shot shots[TOKEN_GROUP_MOST];
};

/* A word; a character of a script that is written without blanks; an emoji; "." for the end of a
 * sentence and "," for a pause. */
struct token {
    struct text s; /* in lower case */
    bool gap;      /* something stands between it and the token before */
};

struct token_list {
    char *lower; /* the tokens look into it */
    int n;
    struct token token[TOKEN_MOST];
    int n_groups;
    struct token_group group[PLAN_MOST_SHOTS / TOKEN_GROUP_MOST];
};

/* Any bytes; what is not UTF-8 is passed over. */
struct token_list *token_list_new(struct text prompt);
void token_list_free(struct token_list *t);
SCOPED_FREE(token_list)

/* The tokens i to i + n - 1 as they were written, a blank where a gap was, in out of size bytes
 * with a NUL. Returns the length, 0 when it does not fit. */
size_t token_join(char *out, size_t size, const struct token *tokens, int n);

/* A camera command of the contract, English in any case, or Chinese; -1 when it is none. */
int token_command(struct text s);
