/* pulse_test.c - an engine that computes for long without a word. SPDX-License-Identifier: MIT */
#include "engine/pulse.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "unit.h"

struct heard {
    atomic_int n;
    char stage[48];
    double done;
};

static void on_progress(void *arg, const char *stage, double done)
{
    struct heard *h = arg;
    snprintf(h->stage, sizeof h->stage, "%s", stage);
    h->done = done;
    h->n++;
}

TEST(one_operation_longer_than_the_hang_limit_is_not_taken_for_dead)
{
    struct heard h = {0};
    struct pulse p;
    struct error err;
    const struct engine_run run = {.arg = &h, .progress = on_progress};
    CHECK_OK(pulse_begin(&p, &run, "loading", 1000, &err), err);
    pulse_say(&p, "step 1 of 2", 0.25);
    const int64_t until_us = clock_mono_us() + 60 * CLOCK_SECOND_US;
    while (h.n < 4 && clock_mono_us() < until_us) /* computes and says nothing */
        ;
    pulse_end(&p);
    assert_true(h.n >= 4);
    assert_string_equal(h.stage, "step 1 of 2");
    assert_float_equal((float)h.done, 0.25F, 0);
}

TEST(a_process_that_waits_does_not_compute)
{
    assert_false(pulse_computes(0, 10 * CLOCK_SECOND_US));
    assert_false(pulse_computes(5000, 10 * CLOCK_SECOND_US));
    assert_true(pulse_computes(CLOCK_SECOND_US / 10, 10 * CLOCK_SECOND_US));
    assert_true(pulse_computes(20 * CLOCK_SECOND_US, 10 * CLOCK_SECOND_US));
}
