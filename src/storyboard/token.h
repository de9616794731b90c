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

struct token_list {
    char *lower; /* the prompt in lower case (ASCII); the tokens look into it */
    int n;       /* words, "." for the end of a sentence, "," for a pause     */
    struct text token[TOKEN_MOST];
    int n_groups;
    struct token_group group[PLAN_MOST_SHOTS];
};

/* A group of non-ASCII characters (a word of another script, an emoji) is one token. */
struct token_list *token_list_new(struct text prompt);
void token_list_free(struct token_list *t);
SCOPED_FREE(token_list)
