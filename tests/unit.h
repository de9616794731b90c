/* unit.h - cmocka, with tests that register themselves: adding a test touches one file.
 *
 *     TEST(a_cancelled_job_stays_cancelled) { assert_int_equal(...); }
 *
 * Each x_test.c is a program of its own; run it with a word to run the tests whose name has it,
 * or with --list. Output is TAP.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void unit_register(const char *name, CMUnitTestFunction function);

#define TEST(test_name)                                                                            \
    static void test_name(void **state);                                                           \
    __attribute__((constructor)) static void register_##test_name(void)                            \
    {                                                                                              \
        unit_register(#test_name, test_name);                                                      \
    }                                                                                              \
    static void test_name(__attribute__((unused)) void **state)

/* The call must succeed; err, which it filled, is printed when it did not. */
#define CHECK_OK(call, err)                                                                        \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, (err).text);                                                 \
    } while (0)

/* The call must fail with this code. */
#define CHECK_ERR(call, code) assert_int_equal((call), (code))

/* A fresh folder under the system's temporary one, removed with all in it at exit. Static. */
const char *unit_folder(void);
