/* billing.h - balance, ledger and use of a key. SPDX-License-Identifier: MIT */
#pragma once

#include "api/param.h"

extern const struct param_field billing_entries_query[];
extern const struct param_field billing_usage_query[];

void billing_balance(struct http_exchange *x);         /* in dollars           */
void billing_balance_credits(struct http_exchange *x); /* in credits, the older */
void billing_entries(struct http_exchange *x);
void billing_usage(struct http_exchange *x);

/* The stretch of time that a usage query asks for; what is wrong with it goes to q's issues. */
bool billing_window(struct param_set *q, int64_t now_us, int64_t *from_us, int64_t *to_us);
