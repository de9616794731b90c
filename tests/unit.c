/* unit.c - see unit.h. SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* nftw */
#include "unit.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"

enum { MOST_TESTS = 256 };

static struct CMUnitTest tests[MOST_TESTS];
static size_t n_tests;
static char folder[64];

void unit_register(const char *name, CMUnitTestFunction function)
{
    if (n_tests == MOST_TESTS)
        abort();
    tests[n_tests++] = (struct CMUnitTest){.name = name, .test_func = function};
}

/* The directive of TAP stands behind the test's name; cmocka's own would read "not ok", which
 * readers of TAP count as a failure. */
void unit_skip(const char *test, const char *fmt, ...)
{
    static char names[MOST_TESTS][200];
    char why[100];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    for (size_t i = 0; i < n_tests; i++)
        if (strcmp(tests[i].name, test) == 0) {
            snprintf(names[i], sizeof names[i], "%.80s # SKIP %s", test, why);
            tests[i].name = names[i];
        }
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *unit_folder(void)
{
    const char *base = getenv("TMPDIR");
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "%.40s/zt-unit-XXXXXX", base ? base : "/tmp");
        if (!mkdtemp(folder))
            abort();
        atexit(remove_folder);
    }
    return folder;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < n_tests; i++)
            puts(tests[i].name);
        return 0;
    }
    for (size_t i = 0; i < n_tests; i++)
        if (argc < 2 || strstr(tests[i].name, argv[1]))
            tests[n++] = tests[i];
    if (n == 0) {
        fprintf(stderr, "no test has \"%s\" in its name\n", argc > 1 ? argv[1] : "");
        return 2;
    }
    hash_start();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests(argv[0], tests, n, NULL, NULL);
}
