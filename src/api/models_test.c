/* models_test.c - unit tests of the catalogue's filters. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/models.h"
#include "api/sample.h"

/* Which models fit "name=value&…": the first is 1, the second 2. */
static int matches(const char *query)
{
    struct models_wish w = {.n_filters = 0};
    char text[256];
    int found = 0;
    snprintf(text, sizeof text, "%s", query);
    char *rest = text;
    while (*rest) {
        char *name = rest;
        rest = strchrnul(rest, '&');
        if (*rest)
            *rest++ = 0;
        char *value = strchr(name, '=');
        *value++ = 0;
        models_wish_add(&w, name, value);
    }
    for (int i = 0; i < sample_catalogue.n_rows; i++)
        found |= models_match(&w, &sample_catalogue.rows[i]) ? 1 << i : 0;
    return found;
}

TEST(values_are_alternatives_and_parameters_must_all_fit)
{
    static const struct {
        const char *query;
        int found;
    } rows[] = {
        {"", 3},
        {"id=video-01", 1},
        {"id=VIDEO-01", 1},
        {"id=v1", 1},
        {"id=minimax/video-01", 1},
        {"id=video-01,video-01-live2d", 3},
        {"id=video-01&id=video-01-live2d", 3},
        {"id= video-01-live2d , nothing", 2},
        {"id=nothing", 0},
        {"id=", 3},
        {"id=video", 0},
        {"type=internal/video-generations/submit", 3},
        {"type=internal/video-generations", 0},
        {"tags=playground:video", 3},
        {"tags=tier:tier_2", 0},
        {"capabilities=text_to_video", 1},
        {"capabilities=image_to_video", 3},
        {"capabilities=audio_generation", 0},
        {"modalities=video", 3},
        {"modalities=audio", 0},
        {"input_modalities=image", 3},
        {"input_modalities=video", 0},
        {"output_modalities=video", 3},
        {"output_modalities=text", 0},
        {"id=video-01&capabilities=image_to_video", 1},
        {"id=video-01-live2d&capabilities=text_to_video", 0},
        {"unknown=x", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (matches(rows[i].query) != rows[i].found)
            fail_msg("%s gave %d, expected %d", rows[i].query, matches(rows[i].query),
                     rows[i].found);
}

static void check_model(const char *name, const char *value, const char *expected)
{
    struct models_wish w = {.n_filters = 0};
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 65536);
    models_wish_add(&w, name, value);
    models_write(&b, &w, &sample_catalogue.rows[0], "http://here");
    sample_same_json(b.at, expected);
}

#define PLAIN                                                                                      \
    "'id':'video-01','info':{'releasedAt':'2024-09-01','name':'Video-01','developer':'Somebody',"  \
    "'description':'Makes videos.','url':'http://here/docs/api#video-01','docsUrl':"               \
    "'http://here/docs/api#video-01','docsJson':'http://here/openapi.json'},"                      \
    "'type':'internal/video-generations/submit','aliases':['v1','minimax/video-01'],"              \
    "'tags':['playground:video']"
#define PRICING                                                                                    \
    "'pricing':{'kind':'fixed','currency':'USD','units':[{'name':'video','measure':'output',"      \
    "'price':0.06,'per':1}]}"
#define LIMITS                                                                                     \
    "'limits':{'prompt_max':2000,'image':{'required':false,'types':['image/jpeg','image/png'],"    \
    "'bytes_max':20000000,'short_side_over':300,'ratio_over':0.4,'ratio_under':2.5},"              \
    "'credits':120000}"
#define REST                                                                                       \
    "'modalities':{'input':['text','image'],'output':['video']},"                                  \
    "'capabilities':['text_to_video','image_to_video']"

TEST(details_come_only_when_they_are_asked_for)
{
    check_model("x", "", "{" PLAIN "}");
    check_model("include", "nothing", "{" PLAIN "}");
    check_model("details", "false", "{" PLAIN "}");
    check_model("include", "pricing", "{" PLAIN "," PRICING "}");
    check_model("include", "Capabilities, MODALITIES", "{" PLAIN "," REST "}");
    check_model("include", "all", "{" PLAIN "," REST "," PRICING "," LIMITS "}");
    check_model("details", "true", "{" PLAIN "," REST "," PRICING "," LIMITS "}");
    check_model("details", "1", "{" PLAIN "," REST "," PRICING "," LIMITS "}");
}

TEST(many_filters_do_no_harm)
{
    struct models_wish w = {.n_filters = 0};
    for (int i = 0; i < 1000; i++)
        models_wish_add(&w, "id", "video-01");
    assert_true(models_match(&w, &sample_catalogue.rows[0]));
}
