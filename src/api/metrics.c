/* metrics.c - see metrics.h. SPDX-License-Identifier: MIT */
#include "api/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { MOST_ROUTES = 48, MOST_STATUSES = 32, N_BUCKETS = 12, CLIENT_LEFT = 499 };

/* Upper bounds in seconds, and the same in microseconds. */
static const struct bucket {
    const char *le;
    int64_t us;
} buckets[N_BUCKETS] = {
    {"0.0001", 100}, {"0.00025", 250}, {"0.0005", 500},  {"0.001", 1000},
    {"0.005", 5000}, {"0.01", 10000},  {"0.025", 25000}, {"0.1", 100000},
    {"0.5", 500000}, {"1", 1000000},   {"10", 10000000}, {"60", 60000000},
};

const struct metrics_row metrics_rows[] = {
    {"zoetrope_http_requests_total", "counter", "Requests answered, by route and status."},
    {"zoetrope_http_request_seconds", "histogram",
     "Time from a request's header to its last byte, by route."},
    {"zoetrope_http_connections", "gauge", "Open connections."},
    {"zoetrope_jobs", "gauge", "Jobs in the store, by status."},
    {"zoetrope_oldest_queued_seconds", "gauge", "Age of the job that has waited longest."},
    {"zoetrope_workers", "gauge", "Workers alive."},
    {"zoetrope_resident_bytes", "gauge", "Memory of the server process."},
    {"zoetrope_info", "gauge", "1, with the program's version."},
    {NULL, NULL, NULL},
};

struct route_counts {
    const char *name;
    _Atomic uint64_t by_status[MOST_STATUSES];
    _Atomic uint64_t by_bucket[N_BUCKETS + 1];
    _Atomic uint64_t took_us;
};

struct metrics {
    struct route_counts routes[MOST_ROUTES]; /* the last in use has what no other fits */
    int n_routes;
    _Atomic int statuses[MOST_STATUSES]; /* in the order they were met; 0: free */
};

static int find_route(const struct metrics *m, const char *name)
{
    for (int i = 0; i < m->n_routes; i++)
        if (m->routes[i].name == name || strcmp(m->routes[i].name, name) == 0)
            return i;
    return m->n_routes;
}

struct metrics *metrics_new(const struct http_route *routes)
{
    struct metrics *m = mem_alloc(sizeof *m);
    for (; routes->name && m->n_routes < MOST_ROUTES - 1; routes++)
        if (find_route(m, routes->name) == m->n_routes)
            m->routes[m->n_routes++].name = routes->name;
    m->routes[m->n_routes].name = "none";
    return m;
}

void metrics_free(struct metrics *m)
{
    mem_free(m);
}

/* The column of a status; the first free one becomes it. */
static int find_status(struct metrics *m, int status)
{
    for (int i = 0; i < MOST_STATUSES - 1; i++) {
        int there = atomic_load_explicit(&m->statuses[i], memory_order_relaxed);
        if (there == 0 && atomic_compare_exchange_strong(&m->statuses[i], &there, status))
            return i;
        if (there == status)
            return i;
    }
    return MOST_STATUSES - 1;
}

static int find_bucket(int64_t took_us)
{
    int i = 0;
    while (i < N_BUCKETS && took_us > buckets[i].us)
        i++;
    return i;
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void metrics_count(struct metrics *m, const char *route_name, int status, int64_t took_us)
{
    struct route_counts *r = &m->routes[find_route(m, route_name)];
    add(&r->by_status[find_status(m, status ? status : CLIENT_LEFT)], 1);
    add(&r->by_bucket[find_bucket(took_us)], 1);
    add(&r->took_us, took_us > 0 ? (uint64_t)took_us : 0);
}

void metrics_label(struct text_buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '\\' || *s == '"')
            text_buf_add(b, "\\", 1);
        if (*s == '\n')
            text_buf_add(b, "\\n", 2);
        else
            text_buf_add(b, s, 1);
    }
}

static void add_head(struct text_buf *b, const char *name)
{
    for (const struct metrics_row *r = metrics_rows; r->name; r++)
        if (strcmp(r->name, name) == 0)
            text_buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, r->about, name, r->kind);
}

static void add_gauge(struct text_buf *b, const char *name, int64_t value)
{
    add_head(b, name);
    text_buf_printf(b, "%s %" PRId64 "\n", name, value);
}

static void add_requests(const struct metrics *m, struct text_buf *b)
{
    add_head(b, "zoetrope_http_requests_total");
    for (int i = 0; i <= m->n_routes; i++)
        for (int k = 0; k < MOST_STATUSES; k++) {
            uint64_t n = atomic_load(&m->routes[i].by_status[k]);
            if (!n)
                continue;
            text_buf_add_text(b, "zoetrope_http_requests_total{route=\"");
            metrics_label(b, m->routes[i].name);
            text_buf_printf(b, "\",status=\"%d\"} %" PRIu64 "\n", atomic_load(&m->statuses[k]), n);
        }
}

static void add_bucket(struct text_buf *b, const char *route, const char *le, uint64_t n)
{
    text_buf_add_text(b, "zoetrope_http_request_seconds_bucket{route=\"");
    metrics_label(b, route);
    text_buf_printf(b, "\",le=\"%s\"} %" PRIu64 "\n", le, n);
}

static void add_durations(const struct metrics *m, struct text_buf *b)
{
    const char *name = "zoetrope_http_request_seconds";
    add_head(b, name);
    for (int i = 0; i <= m->n_routes; i++) {
        const struct route_counts *r = &m->routes[i];
        uint64_t n = 0;
        uint64_t all = 0;
        uint64_t took = atomic_load(&r->took_us);
        for (int k = 0; k <= N_BUCKETS; k++)
            all += atomic_load(&r->by_bucket[k]);
        if (!all)
            continue;
        for (int k = 0; k <= N_BUCKETS; k++) {
            n += atomic_load(&r->by_bucket[k]);
            add_bucket(b, r->name, k < N_BUCKETS ? buckets[k].le : "+Inf", n);
        }
        text_buf_printf(b, "%s_sum{route=\"", name);
        metrics_label(b, r->name);
        text_buf_printf(b, "\"} %" PRIu64 ".%06" PRIu64 "\n%s_count{route=\"", took / 1000000,
                        took % 1000000, name);
        metrics_label(b, r->name);
        text_buf_printf(b, "\"} %" PRIu64 "\n", n);
    }
}

static void add_jobs(const struct store_counts *jobs, struct text_buf *b)
{
    const int64_t n[JOB_STATES] = {[JOB_QUEUED] = jobs->queued,
                                   [JOB_GENERATING] = jobs->running,
                                   [JOB_COMPLETED] = jobs->completed,
                                   [JOB_ERROR] = jobs->failed};
    add_head(b, "zoetrope_jobs");
    for (int i = 0; i < JOB_STATES; i++)
        text_buf_printf(b, "zoetrope_jobs{status=\"%s\"} %" PRId64 "\n",
                        job_state_name((enum job_state)i), n[i]);
}

void metrics_write(struct metrics *m, const struct metrics_gauges *now, struct text_buf *out)
{
    int64_t since = now->jobs.oldest_queued_us;
    int64_t age_us = since && now->now_us > since ? now->now_us - since : 0;
    add_requests(m, out);
    add_durations(m, out);
    add_gauge(out, "zoetrope_http_connections", now->connections);
    add_jobs(&now->jobs, out);
    add_gauge(out, "zoetrope_oldest_queued_seconds", age_us / 1000000);
    add_gauge(out, "zoetrope_workers", now->workers);
    add_gauge(out, "zoetrope_resident_bytes", now->resident_bytes);
    add_head(out, "zoetrope_info");
    text_buf_add_text(out, "zoetrope_info{version=\"" ZOETROPE_VERSION "\"} 1\n");
}

int64_t metrics_resident_bytes(void)
{
    SCOPED(text_buf) struct text_buf b;
    struct error err;
    int64_t pages = 0;
    text_buf_init(&b, 0);
    if (file_read("/proc/self/statm", 4096, &b, &err) < 0)
        return 0;
    struct text rest = {b.at, b.len};
    text_cut(&rest, ' ');
    text_int(text_cut(&rest, ' '), 0, INT64_MAX / 65536, &pages);
    return pages * sysconf(_SC_PAGESIZE);
}
