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
#include "unit_threads.h"

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

/* ---- tests with threads ------------------------------------------------------------------------
 *
 * UNIT_THREADS_TO=FOLDER writes the names of the tests in which unit_threads_seen to a file there,
 * named like the program; UNIT_THREADS_FROM=FOLDER runs those alone. A program that has no file
 * there, because it is new or did not come to its end, runs all. */

static bool with_threads[MOST_TESTS];

static int before(void **state)
{
    (void)state;
    unit_threads_begin();
    return 0;
}

static int after(void **state)
{
    const struct CMUnitTest *test = *state;
    with_threads[test - tests] = unit_threads_seen();
    return 0;
}

static void watch_threads(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        tests[i].setup_func = before;
        tests[i].teardown_func = after;
        tests[i].initial_state = &tests[i];
    }
}

/* The program's file in the folder that the variable names, or NULL. */
static FILE *open_list(const char *variable, const char *program, const char *mode)
{
    char path[1024];
    const char *in = getenv(variable), *slash = strrchr(program, '/');
    if (!in)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", in, slash ? slash + 1 : program);
    return fopen(path, mode);
}

static void write_list(const char *program, const char *const *names, size_t n)
{
    FILE *list = open_list("UNIT_THREADS_TO", program, "w");
    for (size_t i = 0; list && i < n; i++)
        if (with_threads[i])
            fprintf(list, "%s\n", names[i]);
    if (list)
        fclose(list);
}

/* The tests of the list come to the front; how many. */
static size_t only_listed(FILE *list, size_t n)
{
    char line[256];
    size_t n_kept = 0;
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = n_kept; i < n; i++)
            if (strcmp(tests[i].name, line) == 0) {
                const struct CMUnitTest found = tests[i];
                memmove(tests + n_kept + 1, tests + n_kept, (i - n_kept) * sizeof *tests);
                tests[n_kept++] = found;
                break;
            }
    }
    fclose(list);
    return n_kept;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    const char *names[MOST_TESTS];
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
    FILE *list = open_list("UNIT_THREADS_FROM", argv[0], "r");
    if (list && (n = only_listed(list, n)) == 0) {
        puts("1..0 # SKIP no test of it has a second thread");
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        names[i] = tests[i].name; /* a skip changes the test's */
    hash_start();
    watch_threads(n);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int n_failed = _cmocka_run_group_tests(argv[0], tests, n, NULL, NULL);
    if (n_failed == 0 && argc < 2)
        write_list(argv[0], names, n);
    return n_failed;
}
