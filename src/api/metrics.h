/* metrics.h - what happened, counted, in the text format of Prometheus. Any thread.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "http/http.h"
#include "store/store.h"

struct metrics;

/* One count per name of routes and status; both are known now and few. */
struct metrics *metrics_new(const struct http_route *routes);
void metrics_free(struct metrics *m); /* NULL is fine */

/* status 0: the client left before its answer, told as 499. */
void metrics_count(struct metrics *m, const char *route_name, int status, int64_t took_us);

/* What is measured when somebody asks. */
struct metrics_gauges {
    struct store_counts jobs;
    int workers;
    int connections;
    int64_t now_us;
    int64_t resident_bytes;
};

void metrics_write(struct metrics *m, const struct metrics_gauges *now, struct text_buf *out);

/* The names and meanings of all metrics, for the documentation. */
struct metrics_row {
    const char *name;
    const char *kind; /* "counter", "gauge", "histogram" */
    const char *about;
};

extern const struct metrics_row metrics_rows[]; /* ends with a NULL name */

/* s with what a label's value may not have escaped: backslash, quote, newline. */
void metrics_label(struct text_buf *b, const char *s);

/* Bytes of this process in memory; 0 when the system does not tell. */
int64_t metrics_resident_bytes(void);
