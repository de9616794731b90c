/* problem_test.c - unit tests of refusals. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/problem.h"
#include "api/create.h"
#include "api/sample.h"

static void check(const struct problem *p, const char *expected)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 65536);
    problem_write(&b, p);
    sample_same_json(b.at, expected);
}

TEST(a_problem_has_the_published_shape)
{
    struct problem p = {.status = 403,
                        .message = "No \"credits\"",
                        .data = "{\"kind\":\"err_insufficent_credits\"}",
                        .instance = "/v2/video/generations?",
                        .request_id = "V1StGXR8Z5jdHi6BmyT8k",
                        .now_us = 1776159993609000};
    check(&p, "{'title':'Forbidden','status':403,'message':'No \\u0022credits\\u0022',"
              "'instance':'/v2/video/generations','requestId':'V1StGXR8Z5jdHi6BmyT8k',"
              "'timestamp':'2026-04-14T09:46:33.609Z','error':{'name':'ForbiddenException',"
              "'message':'No \\u0022credits\\u0022','data':{'kind':'err_insufficent_credits'}}}");
}

TEST(a_problem_without_words_has_those_of_its_status)
{
    struct problem p = {.status = 429, .instance = "/a?b=c", .request_id = "r", .now_us = 0};
    check(&p, "{'title':'Too Many Requests','status':429,'message':'Too Many Requests',"
              "'instance':'/a?b=c','requestId':'r','timestamp':'1970-01-01T00:00:00.000Z',"
              "'error':{'name':'TooManyRequestsException','message':'Too Many Requests'}}");
}

TEST(a_target_that_is_no_text_does_no_harm)
{
    struct problem p = {.status = 404, .instance = "/\xff\"<", .request_id = "r", .now_us = 0};
    check(&p, "{'title':'Not Found','status':404,'message':'Not Found',"
              "'instance':'/\xef\xbf\xbd\\u0022<','requestId':'r',"
              "'timestamp':'1970-01-01T00:00:00.000Z',"
              "'error':{'name':'NotFoundException','message':'Not Found'}}");
}

TEST(a_status_that_is_not_in_the_table_is_told_as_500)
{
    assert_int_equal(problem_row_of(599)->status, 500);
    for (const struct problem_row *r = problem_rows; r->status; r++) {
        assert_ptr_equal(problem_row_of(r->status), r);
        assert_non_null(strstr(r->name, "Exception"));
    }
}

TEST(json_in_utf8_is_taken_and_nothing_else)
{
    static const char *const good[] = {NULL,
                                       "",
                                       "application/json",
                                       "Application/JSON",
                                       "application/json; charset=utf-8",
                                       "application/json;charset=\"UTF-8\"",
                                       "application/json ; charset=UTF8",
                                       "application/json; charset=utf-8; boundary=x"};
    static const char *const bad[] = {"text/plain",
                                      "application/jsonp",
                                      "application/json; charset=latin-1",
                                      "application/json; charset=utf-16",
                                      "application/json; charset=",
                                      "application/x-www-form-urlencoded",
                                      "*/*"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(create_takes_type(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(create_takes_type(bad[i]));
}

TEST(an_idempotency_key_is_1_to_255_printable_characters)
{
    char key[300];
    memset(key, 'x', sizeof key);
    key[255] = 0;
    assert_true(create_takes_key(key));
    assert_true(create_takes_key("order 42 ~!"));
    assert_false(create_takes_key(""));
    assert_false(create_takes_key("tab\there"));
    assert_false(create_takes_key("\xc3\xa9"));
    assert_false(create_takes_key("del\x7f"));
    key[255] = 'x';
    key[256] = 0;
    assert_false(create_takes_key(key));
}
