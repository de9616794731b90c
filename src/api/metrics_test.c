/* metrics_test.c - unit tests of the metrics' text. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/metrics.h"

static const struct http_route routes[] = {
    {"GET", "/a", NULL, "poll"},
    {"GET", "/b", NULL, "poll"},
    {"POST", "/a", NULL, "create"},
    {NULL, NULL, NULL, NULL},
};

static struct text_buf written(struct metrics *m)
{
    struct metrics_gauges g = {.jobs = {.queued = 3, .running = 1, .oldest_queued_us = 1000000},
                               .workers = 2,
                               .connections = 5,
                               .now_us = 8000000};
    struct text_buf b;
    text_buf_init(&b, 1 << 20);
    metrics_write(m, &g, &b);
    return b;
}

TEST(a_client_that_left_before_its_answer_counts_as_499)
{
    struct metrics *m = metrics_new(routes);
    metrics_count(m, "poll", 0, 50);
    metrics_count(m, "poll", 200, 50);
    metrics_count(m, "poll", 0, 50);
    SCOPED(text_buf) struct text_buf b = written(m);
    assert_non_null(
        strstr(b.at, "zoetrope_http_requests_total{route=\"poll\",status=\"499\"} 2\n"));
    assert_non_null(
        strstr(b.at, "zoetrope_http_requests_total{route=\"poll\",status=\"200\"} 1\n"));
    assert_null(strstr(b.at, "status=\"0\""));
    metrics_free(m);
}

TEST(requests_are_counted_by_route_and_status)
{
    struct metrics *m = metrics_new(routes);
    for (int i = 0; i < 3; i++)
        metrics_count(m, "poll", 200, 50);
    metrics_count(m, "poll", 404, 50);
    metrics_count(m, "nobody", 404, 50);
    SCOPED(text_buf) struct text_buf b = written(m);
    assert_non_null(
        strstr(b.at, "zoetrope_http_requests_total{route=\"poll\",status=\"200\"} 3\n"));
    assert_non_null(
        strstr(b.at, "zoetrope_http_requests_total{route=\"poll\",status=\"404\"} 1\n"));
    assert_non_null(
        strstr(b.at, "zoetrope_http_requests_total{route=\"none\",status=\"404\"} 1\n"));
    assert_null(strstr(b.at, "route=\"create\""));
    assert_non_null(strstr(b.at, "zoetrope_jobs{status=\"queued\"} 3\n"));
    assert_non_null(strstr(b.at, "zoetrope_oldest_queued_seconds 7\n"));
    metrics_free(m);
}

TEST(a_histogram_only_rises_and_ends_in_its_count)
{
    struct metrics *m = metrics_new(routes);
    const int64_t took[] = {10, 100, 101, 700, 30000, 2000000, 61000000};
    for (size_t i = 0; i < sizeof took / sizeof *took; i++)
        metrics_count(m, "poll", 200, took[i]);
    SCOPED(text_buf) struct text_buf b = written(m);
    const char *at = b.at;
    long before = 0;
    int n = 0;
    while ((at = strstr(at, "zoetrope_http_request_seconds_bucket{route=\"poll\""))) {
        at = strstr(at, "} ") + 2;
        assert_true(strtol(at, NULL, 10) >= before);
        before = strtol(at, NULL, 10);
        n++;
    }
    assert_true(n > 5);
    assert_int_equal(before, 7);
    assert_non_null(strstr(b.at, "le=\"0.0001\"} 2\n"));
    assert_non_null(strstr(b.at, "le=\"+Inf\"} 7\n"));
    assert_non_null(strstr(b.at, "zoetrope_http_request_seconds_count{route=\"poll\"} 7\n"));
    assert_non_null(strstr(b.at, "zoetrope_http_request_seconds_sum{route=\"poll\"} 63.030911\n"));
    metrics_free(m);
}

TEST(each_metric_is_explained_once_before_its_values)
{
    struct metrics *m = metrics_new(routes);
    metrics_count(m, "create", 200, 1);
    SCOPED(text_buf) struct text_buf b = written(m);
    for (const struct metrics_row *r = metrics_rows; r->name; r++) {
        char line[128];
        snprintf(line, sizeof line, "# TYPE %s ", r->name);
        const char *type = strstr(b.at, line);
        assert_non_null(type);
        assert_null(strstr(type + 1, line));
        assert_non_null(strstr(type, r->name));
    }
    assert_int_equal(b.at[b.len - 1], '\n');
    metrics_free(m);
}

TEST(labels_are_escaped)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 64);
    metrics_label(&b, "a\"b\\c\nd");
    assert_string_equal(b.at, "a\\\"b\\\\c\\nd");
}

TEST(more_statuses_than_columns_do_no_harm)
{
    struct metrics *m = metrics_new(routes);
    for (int status = 100; status < 600; status++)
        metrics_count(m, "poll", status, 1);
    SCOPED(text_buf) struct text_buf b = written(m);
    assert_non_null(strstr(b.at, "zoetrope_http_request_seconds_count{route=\"poll\"} 500\n"));
    metrics_free(m);
}

TEST(the_process_knows_its_memory)
{
    assert_true(metrics_resident_bytes() > 100000);
}
