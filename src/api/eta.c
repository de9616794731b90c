/* eta.c - see eta.h. SPDX-License-Identifier: MIT */
#include "api/eta.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/memory.h"

#define FRESH_US (5 * CLOCK_SECOND_US)

struct measure {
    _Atomic int64_t asked_us; /* clock_mono_us of the last question; 0: never */
    _Atomic int64_t work_us;
};

struct eta {
    struct store *store;
    const struct model_catalogue *catalogue;
    char *passing;            /* names of models that do not wait for those that are made alone */
    struct measure *measures; /* one per row of the catalogue */
};

struct eta *eta_new(struct store *store, const struct model_catalogue *catalogue)
{
    struct eta *e = mem_alloc(sizeof *e);
    e->store = store;
    e->catalogue = catalogue;
    e->passing = model_all_names(catalogue, false);
    e->measures = mem_alloc((size_t)(catalogue->n_rows + 1) * sizeof *e->measures);
    return e;
}

void eta_free(struct eta *e)
{
    if (e) {
        mem_free(e->passing);
        mem_free(e->measures);
    }
    mem_free(e);
}

/* Two threads may both ask: the same answer twice. */
int64_t eta_work_us(struct eta *e, const char *name)
{
    const struct model *model = model_find(e->catalogue, text_of(name));
    struct measure *m = &e->measures[model ? model - e->catalogue->rows : 0];
    int64_t now = clock_mono_us();
    int64_t asked = atomic_load(&m->asked_us);
    int64_t work = 0;
    struct error err;
    if (!model)
        return 0;
    if (asked && now - asked < FRESH_US)
        return atomic_load(&m->work_us);
    if (store_work_us(e->store, model->id, &work, &err) < 0)
        work = 0;
    atomic_store(&m->work_us, work);
    atomic_store(&m->asked_us, now);
    return work;
}

/* How many films are made one after another before the job's own. */
static int64_t rounds(struct eta *e, const struct store_job *job, int ahead, int workers)
{
    const struct model *model = model_find(e->catalogue, text_of(job->input.model));
    struct error err;
    int alone;
    if (model && model->alone && store_ahead(e->store, job, e->passing, ahead, &alone, &err) == 0)
        return alone;
    return ahead / workers;
}

int64_t eta_seconds(struct eta *e, const struct store_job *job, int ahead, int workers,
                    int64_t now_us)
{
    int64_t work = eta_work_us(e, job->input.model);
    int64_t left;
    if (work <= 0 || workers <= 0)
        return 0;
    if (job->state == JOB_GENERATING)
        left = now_us > job->started_us ? work - (now_us - job->started_us) : work;
    else
        left = work * (rounds(e, job, ahead, workers) + 1);
    return left > CLOCK_SECOND_US ? (left + CLOCK_SECOND_US - 1) / CLOCK_SECOND_US : 1;
}
