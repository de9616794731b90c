/* janitor_test.c - which clock the janitor believes. SPDX-License-Identifier: MIT */
#include "cli/janitor.h"

#include "base/clock.h"
#include "unit.h"

#define S CLOCK_SECOND_US

enum { LEASE_S = 15, LATE = 1000000000 };

static bool judges(struct janitor_clock *c, int64_t wall_s, int64_t mono_s)
{
    return janitor_may_judge(c, wall_s * S, mono_s * S, LEASE_S * S);
}

TEST(leases_are_judged_while_the_clocks_agree)
{
    struct janitor_clock c = {0};
    for (int i = 0; i < 100; i++)
        assert_true(judges(&c, LATE + i, 50 + i));
    assert_true(janitor_may_judge(&c, (LATE + 100) * S + S / 2, 150 * S, LEASE_S * S));
}

TEST(after_the_machine_slept_or_its_clock_was_set_each_worker_has_one_lease_to_beat)
{
    static const int64_t steps[] = {3600, 2, -2, -3600};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct janitor_clock c = {0};
        assert_true(judges(&c, LATE, 50));
        for (int s = 1; s <= LEASE_S; s++)
            assert_false(judges(&c, LATE + steps[i] + s, 50 + s));
        assert_true(judges(&c, LATE + steps[i] + LEASE_S + 1, 50 + LEASE_S + 1));
    }
}

TEST(a_clock_that_is_set_again_starts_the_wait_again)
{
    struct janitor_clock c = {0};
    assert_true(judges(&c, LATE, 50));
    assert_false(judges(&c, LATE + 100, 51));
    assert_false(judges(&c, LATE + 200, 60));
    assert_false(judges(&c, LATE + 214, 74));
    assert_true(judges(&c, LATE + 215, 75));
}
