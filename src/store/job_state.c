/* job_state.c - see job_state.h. SPDX-License-Identifier: MIT */
#include "store/job_state.h"

#define TO(state) (1U << (state))

/* The only place where a move is allowed. */
static const unsigned moves[JOB_STATES] = {
    [JOB_QUEUED] = TO(JOB_GENERATING) | TO(JOB_ERROR),
    [JOB_GENERATING] = TO(JOB_QUEUED) | TO(JOB_COMPLETED) | TO(JOB_ERROR),
};

static const char *const names[JOB_STATES] = {
    [JOB_QUEUED] = "queued",
    [JOB_GENERATING] = "generating",
    [JOB_COMPLETED] = "completed",
    [JOB_ERROR] = "error",
};

bool job_state_can(enum job_state from, enum job_state to)
{
    return moves[from] & TO(to);
}

bool job_state_is_final(enum job_state state)
{
    return !moves[state];
}

const char *job_state_name(enum job_state state)
{
    return names[state];
}

bool job_state_parse(struct text name, enum job_state *out)
{
    for (unsigned i = 0; i < JOB_STATES; i++)
        if (text_equal(name, text_of(names[i]))) {
            *out = (enum job_state)i;
            return true;
        }
    return false;
}
