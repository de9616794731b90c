/* auth.c - see auth.h. SPDX-License-Identifier: MIT */
#include "api/auth.h"

#include <stdio.h>

#include "account/key.h"
#include "api/call.h"
#include "api/problem.h"
#include "base/clock.h"

static bool within_limit(struct http_exchange *x)
{
    struct call *c = call_of(x);
    char seconds[16];
    if (limit_take(call_api(x)->limit, c->key.id, c->key.requests_per_minute, clock_mono_us(),
                   &c->limit))
        return true;
    snprintf(seconds, sizeof seconds, "%d", c->limit.retry_s > 1 ? c->limit.retry_s : 1);
    http_reply_header(x, "Retry-After", seconds);
    problem_reply(x, 429, NULL);
    return false;
}

bool auth_pass(struct http_exchange *x)
{
    struct call *c = call_of(x);
    enum key_verdict verdict;
    struct error err;
    if (c->passed)
        return true;
    if (key_check(call_api(x)->options.store, http_header(x, "Authorization"), &c->key, &verdict,
                  &err) < 0) {
        problem_error(x, &err);
        return false;
    }
    if (verdict == KEY_GOOD) {
        c->passed = within_limit(x);
        return c->passed;
    }
    problem_reply(x, 401, verdict == KEY_EMPTY ? problem_key_empty(x) : problem_key_needed(x));
    return false;
}
