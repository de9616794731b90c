/* route_test.c - which row a request belongs to. SPDX-License-Identifier: MIT */
#include "http/route.h"

#include <string.h>

#include "unit.h"

static const struct http_route rows[] = {
    {"GET", "/", NULL, "root"},
    {"GET", "/jobs", NULL, "jobs"},
    {"POST", "/jobs", NULL, "create"},
    {"GET", "/jobs/list", NULL, "list"},
    {"GET", "/jobs/{id}", NULL, "job"},
    {"DELETE", "/jobs/{id}", NULL, "cancel"},
    {"GET", "/jobs/{id}/parts/{part}", NULL, "part"},
    {"GET", "/files/{path...}", NULL, "file"},
    {NULL, NULL, NULL, NULL},
};

struct found {
    char name[16];
    char first[64];
    char second[64];
    char allow[64];
};

static void find(const char *method, const char *raw, struct found *out)
{
    struct arena arena = {0};
    struct route_table *t;
    struct route_match m;
    struct target target;
    struct error err;
    memset(out, 0, sizeof *out);
    CHECK_OK(route_table_new(&t, rows, &err), err);
    CHECK_OK(target_parse(&target, &arena, raw, &err), err);
    enum route_verdict v = route_find(t, method, &target, &arena, &m);
    const char *name = v == ROUTE_FOUND ? m.row->name : v == ROUTE_NO_PATH ? "404" : "405";
    strncpy(out->name, name, sizeof out->name - 1);
    if (m.n_captures > 0)
        strncpy(out->first, m.captures[0].value, sizeof out->first - 1);
    if (m.n_captures > 1)
        strncpy(out->second, m.captures[1].value, sizeof out->second - 1);
    strncpy(out->allow, route_allow(t, &target, &arena), sizeof out->allow - 1);
    route_table_free(t);
    arena_reset(&arena);
}

TEST(the_first_row_that_fits_wins)
{
    static const struct {
        const char *method, *raw, *name, *first, *second;
    } cases[] = {
        {"GET", "/", "root", "", ""},
        {"HEAD", "/", "root", "", ""},
        {"GET", "/jobs", "jobs", "", ""},
        {"POST", "/jobs?x=1", "create", "", ""},
        {"GET", "/jobs/list", "list", "", ""},
        {"GET", "/jobs/7", "job", "7", ""},
        {"DELETE", "/jobs/list", "cancel", "list", ""},
        {"GET", "/jobs/a%2Fb", "job", "a/b", ""},
        {"GET", "/jobs/1:minimax", "job", "1:minimax", ""},
        {"GET", "/jobs/a/parts/b", "part", "a", "b"},
        {"GET", "/files/a/b/c.mp4", "file", "a/b/c.mp4", ""},
        {"GET", "/files/a%2Fb/c", "file", "a/b/c", ""},
        {"GET", "/jobs/", "404", "", ""},
        {"GET", "/jobs/7/", "404", "", ""},
        {"GET", "/jobs/7/8", "404", "", ""},
        {"GET", "/files", "404", "", ""},
        {"GET", "/files/", "404", "", ""},
        {"GET", "/Jobs", "404", "", ""},
        {"GET", "//jobs", "404", "", ""},
        {"PUT", "/jobs", "405", "", ""},
        {"get", "/jobs", "405", "", ""},
        {"HEAD", "/jobs/list", "list", "", ""},
        {"POST", "/jobs/list", "405", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct found f;
        find(cases[i].method, cases[i].raw, &f);
        assert_string_equal(f.name, cases[i].name);
        assert_string_equal(f.first, cases[i].first);
        assert_string_equal(f.second, cases[i].second);
    }
}

TEST(allow_names_each_method_of_a_path_once)
{
    struct found f;
    find("PUT", "/jobs", &f);
    assert_string_equal(f.allow, "GET, HEAD, POST, OPTIONS");
    find("PUT", "/jobs/list", &f);
    assert_string_equal(f.allow, "GET, HEAD, DELETE, OPTIONS");
}

TEST(a_route_that_cannot_work_is_refused_at_start)
{
    static const struct http_route bad[][2] = {
        {{"GET", "a", NULL, "x"}, {NULL, NULL, NULL, NULL}},
        {{"GET", "", NULL, "x"}, {NULL, NULL, NULL, NULL}},
        {{"GET", "/{a...}/b", NULL, "x"}, {NULL, NULL, NULL, NULL}},
        {{"GET", "/{a}/{b}/{c}/{d}/{e}", NULL, "x"}, {NULL, NULL, NULL, NULL}},
        {{"GET", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", NULL, "x"},
         {NULL, NULL, NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct route_table *t = NULL;
        struct error err;
        CHECK_ERR(route_table_new(&t, bad[i], &err), ERR_INVALID);
    }
}
