/* pack_test.c - the embedded pictures. SPDX-License-Identifier: MIT */
#include "storyboard/pack.h"

#include <string.h>

#include "base/memory.h"
#include "storyboard/vector.h"
#include "unit.h"

TEST(the_pack_is_whole_and_sorted)
{
    struct error err = {0};
    CHECK_OK(pack_check(&err), err);
    assert_true(pack_count() > 1000);
    for (int i = 0; i < pack_count(); i++) {
        assert_int_equal(pack_find(pack_name(i)), i);
        assert_true(i == 0 || strcmp(pack_name(i - 1), pack_name(i)) < 0);
    }
    assert_int_equal(pack_find("no-such-picture"), -1);
}

TEST(every_picture_unpacks_to_a_document)
{
    for (int i = 0; i < pack_count(); i++) {
        struct error err = {0};
        SCOPED(mem) char *svg = NULL;
        size_t len = 0;
        CHECK_OK(pack_svg(i, &svg, &len, &err), err);
        assert_memory_equal(svg, "<svg ", 5);
        assert_memory_equal(svg + len - 6, "</svg>", 6);
    }
}

TEST(a_picture_becomes_pixels)
{
    enum { SIZE = 64 };
    static uint32_t pixels[SIZE * SIZE];
    struct error err = {0};
    SCOPED(mem) char *svg = NULL;
    size_t len = 0;
    CHECK_OK(pack_svg(pack_find("dragon"), &svg, &len, &err), err);
    CHECK_OK(vector_draw(pixels, (struct text){svg, len}, SIZE, &err), err);
    int n_opaque = 0, n_clear = 0;
    for (int i = 0; i < SIZE * SIZE; i++) {
        n_opaque += pixels[i] >> 24 == 255;
        n_clear += pixels[i] == 0;
    }
    assert_true(n_opaque > SIZE * SIZE / 5);
    assert_true(n_clear > SIZE * SIZE / 5);
}

TEST(what_is_no_picture_is_refused)
{
    uint32_t pixel = 0;
    struct error err = {0};
    CHECK_ERR(vector_draw(&pixel, TEXT("<svg"), 1, &err), ERR_CORRUPT);
    assert_true(err.text[0] != '\0');
}
