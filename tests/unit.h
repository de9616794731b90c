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

/* In the body of a TEST: it cannot be run here, and why. Counted as skipped, shown with the
 * reason. */
#define UNIT_SKIP(...)                                                                             \
    do {                                                                                           \
        unit_skip(__func__, __VA_ARGS__);                                                          \
        return;                                                                                    \
    } while (0)
void unit_skip(const char *test, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A fresh folder under the system's temporary one, removed with all in it at exit. Static. */
const char *unit_folder(void);
