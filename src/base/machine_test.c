/* machine_test.c - what is said to be free. SPDX-License-Identifier: MIT */
#include "base/machine.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "unit.h"

TEST(no_more_memory_is_free_than_there_is)
{
    const int64_t left = machine_memory();
    assert_true(left > 0);
    if (left == INT64_MAX) {
        print_message("skipped: neither the kernel nor a control group says what is free\n");
        skip();
    }
    assert_true(left <= machine_memory_total());
}

TEST(a_test_takes_memory_away_and_gives_none)
{
#ifdef ZOETROPE_CHECKS
    struct error err;
    SCOPED(mem) char *path = mem_printf("%s/left", unit_folder());
    CHECK_OK(file_write(path, TEXT("1000"), 0600, &err), err);
    setenv("ZOETROPE_MEMORY_FILE", path, 1);
    assert_int_equal(machine_memory(), 1000);
    assert_true(machine_memory_total() > 1000);
    CHECK_OK(file_write(path, TEXT("9000000000000000000"), 0600, &err), err);
    assert_true(machine_memory() <= machine_memory_total());
    unsetenv("ZOETROPE_MEMORY_FILE");
#else
    print_message("skipped: only a build with -Dchecks=true is told by a test\n");
    skip();
#endif
}
