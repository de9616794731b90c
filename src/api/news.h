/* news.h - a portion of the store's changes, with jobs of their own: whoever is told of one may ask
 * the store again, which a callback of the store's may not.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "store/store.h"

enum { NEWS_PORTION = 32 };

struct news {
    int n; /* less than NEWS_PORTION: there is no more now */
    struct store_change changes[NEWS_PORTION];
    struct store_job jobs[NEWS_PORTION];
};

/* Of the filter's limit nothing is read. news_fini by the caller in any case. */
int news_read(struct news *w, struct store *s, const struct store_change_filter *filter,
              struct error *err) MUST_CHECK;
void news_fini(struct news *w);
SCOPED_FINI(news)
