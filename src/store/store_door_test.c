/* store_door_test.c - the queue of the writers. SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "store/door.h"
#include "store/fixture.h"
#include "unit.h"

static struct door *open_door(const char *name)
{
    struct error err;
    struct door *d = NULL;
    CHECK_OK(door_open(&d, fixture_path(name), &err), err);
    return d;
}

TEST(a_writer_that_is_stopped_in_the_room_holds_up_the_others_only_for_their_time)
{
    struct error err;
    SCOPED(door) struct door *inside = open_door("stopped");
    SCOPED(door) struct door *outside = open_door("stopped");
    CHECK_OK(door_enter(inside, 0, &err), err);
    int64_t begun_us = clock_mono_us();
    CHECK_ERR(door_enter(outside, 5000, &err), ERR_BUSY);
    assert_true(clock_mono_us() - begun_us >= 5000);
    CHECK_ERR(door_enter(outside, 0, &err), ERR_BUSY);
    door_leave(inside, false);
    CHECK_OK(door_enter(outside, 0, &err), err);
    door_leave(outside, false);
}

TEST(who_gave_up_waiting_holds_up_nobody)
{
    struct error err;
    SCOPED(door) struct door *first = open_door("gave-up");
    SCOPED(door) struct door *second = open_door("gave-up");
    SCOPED(door) struct door *third = open_door("gave-up");
    CHECK_OK(door_enter(first, 0, &err), err);
    CHECK_ERR(door_enter(second, 1000, &err), ERR_BUSY);
    door_leave(first, false);
    CHECK_OK(door_enter(third, 0, &err), err);
    door_leave(third, true);
}
