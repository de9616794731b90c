/* supervise.h - worker processes: started, missed, started again, ended.
 *
 * Children get their own process group (Ctrl-C in a terminal is for the server, which then tells
 * them), no signal blocked, no file but the standard three and perhaps one. A child that dies is
 * replaced at once; one that keeps dying young, or ends with a failure at any age, is replaced ever
 * more slowly, up to every 30 s.
 *
 * Thread: one, which must live as long as the children should (they ask the kernel to be told of
 * its end); supervise_alive may be called from any. The caller's loop waits for SIGCHLD, which
 * must be blocked, or for the time that supervise_step returned.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct supervisor;

enum { SUPERVISE_FILE = 3 };

struct supervise_options {
    int n_workers;
    const char *program;
    int file; /* open, and each child's as SUPERVISE_FILE; 0: none */
    const char *const
        *argv; /* of each child, from argv[0], NULL at the end; "--name=NAME" is added */

    /* The child of this name is dead: status as waitpid gave it. */
    void (*died)(void *arg, const char *name, int status);
    void *arg;
};

/* Copies nothing: options and what they point at outlive it. */
struct supervisor *supervise_new(const struct supervise_options *options);
void supervise_free(struct supervisor *s); /* the children are dead or nobody's; NULL is fine */

/* Reap the dead, start who is due. Returns microseconds until it has something to do again
 * without a signal; -1: only a signal brings more. */
int64_t supervise_step(struct supervisor *s);

/* Start none any more and send the living this signal. */
void supervise_stop(struct supervisor *s, int signal);

int supervise_alive(const struct supervisor *s);
