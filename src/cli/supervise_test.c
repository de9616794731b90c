/* supervise_test.c - children that live, die and die young. SPDX-License-Identifier: MIT */
#include "cli/supervise.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

struct deaths {
    int n;
    int status;       /* of the last */
    int statuses[16]; /* of each     */
    char names[16][128];
};

static void on_death(void *arg, const char *name, int status)
{
    struct deaths *d = arg;
    assert_true(d->n < 16);
    snprintf(d->names[d->n], sizeof d->names[0], "%s", name);
    d->statuses[d->n++] = d->status = status;
}

static void block_child_signal(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    sigprocmask(SIG_BLOCK, set, NULL);
}

/* Wait as serve does until n have died. */
static void wait_for_deaths(struct supervisor *s, const struct deaths *d, int n)
{
    sigset_t set;
    block_child_signal(&set);
    for (;;) {
        int64_t wait_us = supervise_step(s);
        if (d->n >= n)
            return;
        struct timespec t = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
        sigtimedwait(&set, NULL, wait_us < 0 ? NULL : &t);
    }
}

static struct supervise_options options_for(const char *const *argv, struct deaths *d, int n)
{
    return (struct supervise_options){
        .n_workers = n, .program = "/bin/sh", .argv = argv, .died = on_death, .arg = d};
}

TEST(each_child_gets_a_name_of_its_own_and_a_clean_start)
{
    /* Status 7 when the name is there, no signal is blocked and no file is open but three. */
    static const char script[] = "case \"$1\" in --name=*:*:*) ;; *) exit 1;; esac;"
                                 "grep -q 'SigBlk:.0000000000000000' /proc/self/status || exit 2;"
                                 "[ ! -e /proc/$$/fd/9 ] || exit 3; exit 7";
    const char *const argv[] = {"sh", "-c", script, "sh", NULL};
    struct deaths d = {0};
    sigset_t set;
    block_child_signal(&set);
    assert_int_equal(dup2(STDERR_FILENO, 9), 9);
    struct supervise_options options = options_for(argv, &d, 3);
    struct supervisor *s = supervise_new(&options);
    wait_for_deaths(s, &d, 3);
    supervise_stop(s, SIGKILL);
    while (supervise_alive(s))
        supervise_step(s);
    close(9);
    for (int i = 0; i < 3; i++) /* a fourth may have come and been killed since */
        assert_int_equal(WEXITSTATUS(d.statuses[i]), 7);
    assert_string_not_equal(d.names[0], d.names[1]);
    assert_string_not_equal(d.names[1], d.names[2]);
    supervise_free(s);
}

TEST(each_child_gets_the_file_that_is_handed_on_and_no_other)
{
    static const char script[] = "read -r line <&3 && [ \"$line\" = models ] || exit 1;"
                                 "[ ! -e /proc/$$/fd/9 ] || exit 3; exit 7";
    const char *const argv[] = {"sh", "-c", script, "sh", NULL};
    struct deaths d = {0};
    sigset_t set;
    int ends[2];
    block_child_signal(&set);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(dup2(STDERR_FILENO, 9), 9);
    struct supervise_options options = options_for(argv, &d, 1);
    options.file = ends[0];
    struct supervisor *s = supervise_new(&options);
    assert_int_equal(write(ends[1], "models\n", 7), 7);
    wait_for_deaths(s, &d, 1);
    supervise_stop(s, SIGKILL);
    close(9);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(WEXITSTATUS(d.statuses[0]), 7);
    while (supervise_alive(s))
        supervise_step(s);
    supervise_free(s);
}

TEST(a_killed_child_is_missed_by_name_and_replaced)
{
    /* The first that makes the mark is killed. */
    static const char script[] =
        "(set -C; : > \"$0\") 2>/dev/null && kill -KILL $$; exec sleep 1000";
    char mark[100];
    snprintf(mark, sizeof mark, "%s/mark", unit_folder());
    const char *const argv[] = {"sh", "-c", script, mark, NULL};
    struct deaths d = {0};
    struct supervise_options options = options_for(argv, &d, 2);
    struct supervisor *s = supervise_new(&options);
    wait_for_deaths(s, &d, 1);
    assert_true(WIFSIGNALED(d.status) && WTERMSIG(d.status) == SIGKILL);
    while (supervise_alive(s) < 2)
        supervise_step(s);
    supervise_stop(s, SIGTERM);
    wait_for_deaths(s, &d, 3);
    assert_int_equal(supervise_alive(s), 0);
    assert_int_equal(supervise_step(s), -1);
    assert_string_not_equal(d.names[0], d.names[1]);
    supervise_free(s);
}

TEST(a_child_that_dies_young_again_and_again_is_replaced_ever_more_slowly)
{
    const char *const argv[] = {"sh", "-c", "exit 1", "sh", NULL};
    struct deaths d = {0};
    struct supervise_options options = options_for(argv, &d, 1);
    struct supervisor *s = supervise_new(&options);
    int64_t begun_us = clock_mono_us();
    wait_for_deaths(s, &d, 3);
    assert_true(clock_mono_us() - begun_us >= (250 + 500) * 1000);
    supervise_stop(s, SIGTERM);
    supervise_free(s);
}

TEST(a_program_that_is_not_there_is_tried_again_later)
{
    const char *const argv[] = {"none", NULL};
    struct deaths d = {0};
    struct supervise_options options = options_for(argv, &d, 1);
    options.program = "/nonexistent/program";
    struct supervisor *s = supervise_new(&options);
    assert_true(supervise_step(s) > 0);
    assert_int_equal(supervise_alive(s), 0);
    assert_int_equal(d.n, 0);
    supervise_free(s);
}
