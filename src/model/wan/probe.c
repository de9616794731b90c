/* probe.c - see probe.h. SPDX-License-Identifier: MIT */
#include "model/wan/probe.h"

#include <stdarg.h>
#include <stdio.h>

void probe_see(const struct probe *p, const struct step *s, struct tensor x, const char *name, ...)
{
    if (!p || s->failed || step_measuring(s))
        return;
    char text[96];
    va_list args;
    va_start(args, name);
    vsnprintf(text, sizeof text, name, args);
    va_end(args);
    p->see(p->arg, text, x);
}
