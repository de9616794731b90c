/* enhance_test.c - what is added to a prompt and what is not. SPDX-License-Identifier: MIT */
#include "prompt/enhance.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

static char *enhance(const char *prompt, bool with_image, uint64_t seed)
{
    return enhance_prompt(text_of(prompt), with_image, seed);
}

/* How many sentences stand behind the prompt. */
static int added(const char *prompt, const char *result)
{
    int n = 0;
    assert_memory_equal(result, prompt, strlen(prompt));
    for (const char *c = result + strlen(prompt); *c; c++)
        n += *c == '.' && c[1] != ' ';
    for (const char *c = result + strlen(prompt); *c; c++)
        n += *c == '.' && c[1] == ' ' && c != result + strlen(prompt);
    return n;
}

TEST(a_bare_prompt_gets_camera_light_and_mood)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        SCOPED(mem) char *s = enhance("A cat walks on a beach", false, seed);
        assert_int_equal(added("A cat walks on a beach", s), 3);
    }
}

TEST(what_is_said_is_not_said_again)
{
    static const struct {
        const char *prompt;
        int n;
    } cases[] = {
        {"A cat at sunset", 2},
        {"A cat, camera follows it", 2},
        {"[Pan left] a cat", 2},
        {"A peaceful cat", 2},
        {"A peaceful cat at dawn", 1},
        {"A peaceful cat at dawn, tracking shot", 0},
        {"[推进] a peaceful cat at dawn", 0},
        {"A cat floating in space", 2},
        {"A menacing evil dragon appears in a distance above the tallest mountain, then rushes "
         "toward the camera with its jaws open, revealing massive fangs. We see it's coming.",
         1},
        {"A SUNSET", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (uint64_t seed = 0; seed < 12; seed++) {
            SCOPED(mem) char *s = enhance(cases[i].prompt, false, seed);
            assert_int_equal(added(cases[i].prompt, s), cases[i].n);
        }
}

TEST(a_menacing_prompt_gets_no_sunny_light)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        SCOPED(mem) char *s = enhance("An evil wolf", false, seed);
        assert_non_null(strstr(s, "Dusk"));
        assert_null(strstr(s, "Golden"));
        assert_null(strstr(s, "mood"));
    }
}

TEST(with_an_image_only_the_camera_is_added)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        SCOPED(mem) char *s = enhance("", true, seed);
        assert_int_equal(added("", s), 1);
        assert_non_null(strstr(s, "camera"));
        SCOPED(mem) char *moved = enhance("[Zoom in]", true, seed);
        assert_string_equal(moved, "[Zoom in]");
    }
}

TEST(another_language_gets_a_camera_alone)
{
    SCOPED(mem) char *s = enhance("一只猫在日落的海滩上", false, 5);
    assert_int_equal(added("一只猫在日落的海滩上", s), 1);
}

TEST(the_same_prompt_and_seed_give_the_same_words)
{
    bool varies = false;
    SCOPED(mem) char *first = enhance("A horse", false, 0);
    for (uint64_t seed = 0; seed < 20; seed++) {
        SCOPED(mem) char *a = enhance("A horse", false, seed);
        SCOPED(mem) char *b = enhance("A horse", false, seed);
        assert_string_equal(a, b);
        varies = varies || strcmp(a, first) != 0;
    }
    assert_true(varies);
}

TEST(a_prompt_that_ends_in_a_sign_gets_no_second_one)
{
    SCOPED(mem) char *s = enhance("A horse runs!  ", false, 1);
    assert_null(strstr(s, "!."));
    assert_null(strstr(s, "  "));
}

TEST(the_result_is_at_most_4000_code_points)
{
    for (size_t n = 3900; n <= 4100; n += 10) {
        SCOPED(mem) char *long_prompt = mem_alloc(3 * n + 1);
        for (size_t i = 0; i < n; i++)
            memcpy(long_prompt + 3 * i, "龙", 3);
        SCOPED(mem) char *s = enhance(long_prompt, false, 1);
        assert_true(text_utf8_valid(text_of(s)));
        assert_true(text_utf8_length(text_of(s)) <= (n > 4000 ? n : 4000));
        assert_memory_equal(s, long_prompt, 3 * n);
    }
}
