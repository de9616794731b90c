/* job_state_test.c - the moves of a job. SPDX-License-Identifier: MIT */
#include "store/job_state.h"
#include "unit.h"

TEST(only_the_drawn_moves_are_allowed)
{
    static const bool can[JOB_STATES][JOB_STATES] = {
        [JOB_QUEUED] = {[JOB_GENERATING] = true, [JOB_ERROR] = true},
        [JOB_GENERATING] = {[JOB_QUEUED] = true, [JOB_COMPLETED] = true, [JOB_ERROR] = true},
    };
    for (unsigned from = 0; from < JOB_STATES; from++)
        for (unsigned to = 0; to < JOB_STATES; to++)
            assert_int_equal(job_state_can((enum job_state)from, (enum job_state)to),
                             can[from][to]);
}

TEST(only_completed_and_error_are_final)
{
    assert_false(job_state_is_final(JOB_QUEUED));
    assert_false(job_state_is_final(JOB_GENERATING));
    assert_true(job_state_is_final(JOB_COMPLETED));
    assert_true(job_state_is_final(JOB_ERROR));
}

TEST(the_names_are_those_of_the_wire_and_are_read_back)
{
    static const char *const names[] = {"queued", "generating", "completed", "error"};
    enum job_state found;
    for (unsigned i = 0; i < JOB_STATES; i++) {
        assert_string_equal(job_state_name((enum job_state)i), names[i]);
        assert_true(job_state_parse(text_of(names[i]), &found));
        assert_int_equal(found, i);
    }
    assert_false(job_state_parse(TEXT("Queued"), &found));
    assert_false(job_state_parse(TEXT("complete"), &found));
    assert_false(job_state_parse(TEXT(""), &found));
}
