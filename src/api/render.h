/* render.h - a job as the poll shows it. SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"
#include "store/store.h"

struct render_view {
    const char *public_url;
    const uint8_t *url_secret;
    int64_t url_lifetime_s;
    int64_t now_us;
    int position;        /* queued jobs before it; negative: not told */
    int64_t eta_seconds; /* 0: not known */
};

/* Credits as the wire has them: reserved or settled, 0 for a job that failed. */
int64_t render_credits(const struct store_job *job);

void render_job(struct text_buf *b, const struct store_job *job, const struct render_view *view);

/* The answer to a create. */
void render_created(struct text_buf *b, const char *id, int64_t credits);
