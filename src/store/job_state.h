/* job_state.h - the states of a job and the only moves between them.
 *
 *            claim              finish
 *   QUEUED ----------> GENERATING ------> COMPLETED
 *     |  ^                |  |  '-------> ERROR          fail, attempts used up
 *     |  '--- hand on ----'  |
 *     |    retry, release    |
 *     '------- cancel -------'----------> ERROR "Cancelled"
 *
 *   J1  A job has one state, and the store names it.
 *   J2  COMPLETED and ERROR are final.
 *   J3  At most one lease is valid; beat, progress, finish, fail, retry and release carry its token
 *       and do nothing without it.
 *   J4  COMPLETED is written only after the video, its poster and its preview are published and
 *       synced.
 *   J5  Credits: reserved with the job, in the same transaction; settled or released with its end,
 *       in the same transaction; once.
 *   J6  A repeated Idempotency-Key gives the same answer; with another body, a conflict.
 *
 * The four words are those of the wire (contract: only they ever appear).
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum job_state { JOB_QUEUED, JOB_GENERATING, JOB_COMPLETED, JOB_ERROR, JOB_STATES };

bool job_state_can(enum job_state from, enum job_state to);
bool job_state_is_final(enum job_state state);
const char *job_state_name(enum job_state state); /* "queued" "generating" "completed" "error" */
bool job_state_parse(struct text name, enum job_state *out);
