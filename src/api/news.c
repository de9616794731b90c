/* news.c - see news.h. SPDX-License-Identifier: MIT */
#include "api/news.h"

static int add(void *arg, const struct store_change *c)
{
    struct news *w = arg;
    w->changes[w->n] = *c;
    w->jobs[w->n] = (struct store_job){0};
    if (c->job) {
        store_job_copy(c->job, &w->jobs[w->n]);
        w->changes[w->n].job = &w->jobs[w->n];
    }
    return ++w->n == NEWS_PORTION;
}

int news_read(struct news *w, struct store *s, const struct store_change_filter *filter,
              struct error *err)
{
    struct store_change_filter portion = *filter;
    portion.limit = NEWS_PORTION;
    w->n = 0;
    return store_changes(s, &portion, add, w, err);
}

void news_fini(struct news *w)
{
    for (int i = 0; i < w->n; i++)
        store_job_fini(&w->jobs[i]);
    w->n = 0;
}
