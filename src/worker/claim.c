/* claim.c - see claim.h. SPDX-License-Identifier: MIT */
#include "worker/claim.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

enum {
    WATCH_MS = 60 * 1000, /* a look at the queue without being woken, to be safe */
    TURN_MS = 1000,       /* a look at the turn, which wakes nobody when it is given back */
    REST_LEASES = 4,
};

static bool any_alone(const struct model_catalogue *c)
{
    for (int i = 0; i < c->n_rows; i++)
        if (c->rows[i].alone)
            return true;
    return false;
}

void claim_init(struct claim *c, const struct worker_options *options)
{
    *c = (struct claim){.options = options, .models = model_all_names(options->catalogue, true)};
    if (options->turn && any_alone(options->catalogue))
        c->others = model_all_names(options->catalogue, false);
    turn_init(&c->turn, options->turn);
}

void claim_fini(struct claim *c)
{
    turn_fini(&c->turn);
    mem_free(c->models);
    mem_free(c->others);
}

/* Where the turn cannot be asked for nobody has it, and the films of other models go on. */
static bool take_turn(struct claim *c)
{
    struct error err;
    const int rc = c->others ? turn_try(&c->turn, &err) : 1;
    if (rc < 0 && !c->broken)
        log_error("networks wait: %s", err.text);
    c->broken = rc < 0;
    return rc > 0;
}

static bool rests(const struct claim *c)
{
    return clock_mono_us() < c->rest_until_us;
}

static bool is_alone(const struct claim *c, const struct lease *l)
{
    const struct model *m = model_find(c->options->catalogue, text_of(lease_job(l)->input.model));
    return m && m->alone;
}

int claim_next(struct claim *c, struct lease **out, struct error *err)
{
    c->has_turn = take_turn(c) && !rests(c);
    const struct lease_options options = {.worker = c->options->name,
                                          .lease_us = c->options->lease_us,
                                          .abandon_us = c->options->abandon_us,
                                          .models = c->has_turn ? c->models : c->others};
    int rc = lease_claim(out, c->options->store, &options, err);
    if (rc < 0 || !is_alone(c, *out))
        claim_end(c);
    return rc;
}

void claim_end(struct claim *c)
{
    if (!rests(c))
        turn_give(&c->turn);
}

bool claim_is_alone(const struct claim *c)
{
    return c->turn.mine && !rests(c);
}

void claim_rest(struct claim *c)
{
    c->rest_until_us = clock_mono_us() + REST_LEASES * c->options->lease_us;
}

int claim_wait_ms(const struct claim *c)
{
    return c->has_turn ? WATCH_MS : TURN_MS;
}
