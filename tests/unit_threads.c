/* unit_threads.c - see unit_threads.h. The calls are noticed by functions of the program that have
 * their names, and call the real ones. SPDX-License-Identifier: MIT */
#include "unit_threads.h"

#ifdef UNIT_THREADS

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_bool seen;
static _Thread_local int n_held; /* locks that code of this program took */

/* Of the linker: where the program begins, and where its code ends. */
extern const char __executable_start, etext;

#define NOTICED __attribute__((visibility("default")))
#define REAL(name)                                                                                 \
    __typeof__(&name) real;                                                                        \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

/* Not of a library: cmocka handles signals around each test. */
static bool is_own(const char *caller)
{
    return caller >= &__executable_start && caller < &etext;
}

static int count_tasks(void)
{
    int n = 0;
    DIR *tasks = opendir("/proc/self/task");
    while (tasks && readdir(tasks))
        n++;
    if (tasks)
        closedir(tasks);
    return n - 2; /* . and .. */
}

void unit_threads_begin(void)
{
    n_held = 0;
    seen = count_tasks() != 1;
}

bool unit_threads_seen(void)
{
    return seen || n_held != 0 || count_tasks() != 1;
}

NOTICED int pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*run)(void *),
                           void *arg)
{
    REAL(pthread_create);
    seen = true;
    return real(out, attr, run, arg);
}

NOTICED pid_t fork(void)
{
    REAL(fork);
    seen = true;
    return real();
}

NOTICED int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *files,
                        const posix_spawnattr_t *attr, char *const argv[], char *const env[])
{
    REAL(posix_spawn);
    seen = true;
    return real(pid, path, files, attr, argv, env);
}

static bool is_handler(void (*f)(int))
{
    return f != SIG_IGN && f != SIG_DFL;
}

NOTICED int sigaction(int number, const struct sigaction *new, struct sigaction *old)
{
    REAL(sigaction);
    if (new &&is_handler(new->sa_handler))
        seen = true;
    return real(number, new, old);
}

NOTICED void (*signal(int number, void (*handler)(int)))(int)
{
    REAL(signal);
    if (is_handler(handler) && is_own(__builtin_return_address(0)))
        seen = true;
    return real(number, handler);
}

NOTICED int pthread_mutex_lock(pthread_mutex_t *lock)
{
    REAL(pthread_mutex_lock);
    if (is_own(__builtin_return_address(0)) && ++n_held > 1)
        seen = true;
    return real(lock);
}

NOTICED int pthread_mutex_unlock(pthread_mutex_t *lock)
{
    REAL(pthread_mutex_unlock);
    if (is_own(__builtin_return_address(0)) && --n_held < 0)
        seen = true;
    return real(lock);
}

#else

void unit_threads_begin(void)
{
}

bool unit_threads_seen(void)
{
    return true;
}

#endif
