/* parse.h - the grammar: phrases of a prompt become actors, what they do, and where.
 *
 * One pass from left to right. A noun takes its part in the scene from what stands before it (a
 * verb, a preposition, "riding"); a verb belongs to the last subject; "then" begins the next
 * stretch of the film for everybody.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/phrase.h"
#include "storyboard/plan.h"

enum { PARSE_MOST_STEPS = 64 };

/* Something that somebody does, in the order of time. Stretches are numbered from 0. */
struct parse_step {
    int actor; /* PLAN_NOBODY: the step was taken back */
    enum move move;
    int target; /* index into cast, or PLAN_NOBODY */
    int beat;
};

/* What was read; the rest is the seed's to choose. */
struct parse_result {
    bool has_place, has_time, has_weather;
    unsigned no_weather; /* bits of weathers that must not be */
    bool nobody;         /* nobody may be added to the cast */
    int n_beats;
    int n_steps;
    struct parse_step steps[PARSE_MOST_STEPS];
    int n_groups; /* the camera's moves in prose, as in token.h */
    struct token_group groups[PLAN_MOST_SHOTS / TOKEN_GROUP_MOST];
};

/* Fills place, time, weather, mood, without, tallest, cast (but for moves) and unread of plan,
 * which is zero before. */
void parse_phrases(struct plan *plan, struct parse_result *out, const struct phrase_list *phrases,
                   const struct token_list *tokens);
