/* crash.h - named steps of a job at which a test build kills itself, so that the crash tests can
 * hit each of them: ZOETROPE_CRASH_AT names the step. When ZOETROPE_CRASH_MARK names a file, only
 * the process that creates it dies: one crash, then everything goes on.
 *
 * Built with -Dchecks=true only; otherwise nothing is compiled.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#ifdef ZOETROPE_CHECKS
void crash_at(const char *step);
#else
static inline void crash_at(const char *step)
{
    (void)step;
}
#endif
