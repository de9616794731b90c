/* eta.h - how long a job will still take, when that was measured: the median of the model's last
 * jobs, asked of the store once in a few seconds. Any thread.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "job/model.h"
#include "store/store.h"

struct eta;

struct eta *eta_new(struct store *store, const struct model_catalogue *catalogue);
void eta_free(struct eta *e); /* NULL is fine */

/* How long a job of the model works, from claim to end; 0 when it was never measured. */
int64_t eta_work_us(struct eta *e, const char *model);

/* Seconds until a job ends that is not final, rounded up, at least 1; 0 when it is not known.
 * ahead: queued jobs before it, which those of a model that is made alone are picked from; workers:
 * how many are alive. */
int64_t eta_seconds(struct eta *e, const struct store_job *job, int ahead, int workers,
                    int64_t now_us);
