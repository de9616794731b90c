/* render_test.c - unit tests of a job as it is shown. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/render.h"
#include "api/sample.h"
#include "base/memory.h"
#include "blob/sign.h"

static const uint8_t secret[HASH_SIZE] = {1, 2, 3};

#define NO_USAGE "'usage':{'credits_used':0,'tokens_used':0}"
#define USAGE    "'usage':{'credits_used':120000,'tokens_used':120000}"

/* What was asked for, in every state. */
#define ASKED                                                                                      \
    ",'model':'video-01','created_at':'2025-10-07T19:44:45.000Z','prompt_original':'fox',"         \
    "'enhance':true,'has_image':false"

static struct store_job job_in(enum job_state state)
{
    static char empty[] = "";
    static char prompt[] = "a \"fox\"";
    static char model[] = "video-01";
    static char sent[] = "fox";
    static char poster[] = "generations/whale/1-a.jpg";
    static char meta[] = "{\"plan\":{\"seed\":7}}";
    static char timings[] = "[{\"stage\":\"drawing\",\"seconds\":1.5}]";
    static char engine[] = "storyboard";
    static char video[] = "generations/whale/1-a.mp4";
    static char name[] = "ImageFetchException";
    static char message[] = "connect to a.example: refused";
    return (struct store_job){
        .id = "V1StGXR8Z5jdHi6BmyT8k",
        .state = state,
        .created_us = 1759866285000000,
        .ended_us = state >= JOB_COMPLETED ? 1759866290500000 : 0,
        .input = {.credits = 120000, .seed = 7, .model = model, .prompt = sent, .enhance = true},
        .result = {.video = video,
                   .duration_us = 5640000,
                   .engine = engine,
                   .prompt = prompt,
                   .width = 1280,
                   .height = 720,
                   .video_bytes = 2000000,
                   .meta = meta,
                   .poster = poster,
                   .preview = empty,
                   .timings = timings},
        .error_name = name,
        .error_message = message,
        .progress = 0.41239,
        .stage = "drawing"};
}

static struct render_view view_at(int position, int64_t eta)
{
    return (struct render_view){.public_url = "https://video.example",
                                .url_secret = secret,
                                .url_lifetime_s = 3600,
                                .now_us = 1759866285LL * 1000000,
                                .position = position,
                                .eta_seconds = eta};
}

static void check(const struct store_job *job, const struct render_view *view, const char *expected)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 65536);
    render_job(&b, job, view);
    sample_same_json(b.at, expected);
}

TEST(a_queued_job_says_where_it_stands)
{
    struct store_job job = job_in(JOB_QUEUED);
    struct render_view view = view_at(2, 31);
    check(&job, &view,
          "{'id':'V1StGXR8Z5jdHi6BmyT8k','status':'queued','meta':{'progress':0,"
          "'stage':'queued','position':2,'eta_seconds':31," USAGE ASKED "}}");
}

TEST(what_is_not_known_is_left_out)
{
    struct store_job job = job_in(JOB_QUEUED);
    struct render_view view = view_at(-1, 0);
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 4096);
    render_job(&b, &job, &view);
    assert_null(strstr(b.at, "position"));
    assert_null(strstr(b.at, "eta_seconds"));
    assert_null(strstr(b.at, "\"video\""));
    assert_null(strstr(b.at, "error"));
}

TEST(a_generating_job_says_how_far_it_is)
{
    struct store_job job = job_in(JOB_GENERATING);
    struct render_view view = view_at(3, 4);
    check(&job, &view,
          "{'id':'V1StGXR8Z5jdHi6BmyT8k','status':'generating','meta':{'progress':0.412,"
          "'stage':'drawing','eta_seconds':4," USAGE ASKED "}}");
}

TEST(a_completed_job_has_its_signed_url)
{
    struct store_job job = job_in(JOB_COMPLETED);
    struct render_view view = view_at(-1, 0);
    char query[SIGN_QUERY_SIZE];
    char poster[SIGN_QUERY_SIZE];
    sign_query(secret, "/generations/whale/1-a.mp4", view.now_us, 3600, query);
    sign_query(secret, "/generations/whale/1-a.jpg", view.now_us, 3600, poster);
    SCOPED(mem)
    char *expected = mem_printf(
        "{'id':'V1StGXR8Z5jdHi6BmyT8k','status':'completed','video':{'url':"
        "'https://video.example/generations/whale/1-a.mp4?%s','duration':5.64},'duration':5.64,"
        "'error':null,'meta':{" USAGE ASKED
        ",'engine':'storyboard','prompt':'a \\~fox\\~','seed':7,"
        "'width':1280,'height':720,'bytes':2000000,'poster_url':"
        "'https://video.example/generations/whale/1-a.jpg?%s','plan':{'seed':7},"
        "'timings':[{'stage':'drawing','seconds':1.5}],'ended_at':'2025-10-07T19:44:50.500Z'}}",
        query, poster);
    for (char *c = expected; *c; c++)
        *c = *c == '~' ? '"' : *c;
    check(&job, &view, expected);
}

TEST(a_failed_job_costs_nothing_and_says_why)
{
    struct store_job job = job_in(JOB_ERROR);
    struct render_view view = view_at(-1, 0);
    check(&job, &view,
          "{'id':'V1StGXR8Z5jdHi6BmyT8k','status':'error','video':null,"
          "'error':{'name':'ImageFetchException','message':'connect to a.example: refused'},"
          "'meta':{" NO_USAGE ASKED ",'ended_at':'2025-10-07T19:44:50.500Z'}}");
    assert_int_equal(render_credits(&job), 0);
}

TEST(a_create_is_answered_with_both_names_of_the_id)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 4096);
    render_created(&b, "V1StGXR8Z5jdHi6BmyT8k", 120000);
    assert_string_equal(b.at, "{\"id\":\"V1StGXR8Z5jdHi6BmyT8k\",\"generation_id\":"
                              "\"V1StGXR8Z5jdHi6BmyT8k\",\"status\":\"queued\",\"meta\":{\"usage\":"
                              "{\"credits_used\":120000,\"tokens_used\":120000}}}");
}
