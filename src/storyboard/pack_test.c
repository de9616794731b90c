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
    enum { SIDE = 64 };
    static uint32_t pixels[SIDE * SIDE];
    struct error err = {0};
    SCOPED(mem) char *svg = NULL;
    size_t len = 0;
    CHECK_OK(pack_svg(pack_find("dragon"), &svg, &len, &err), err);
    CHECK_OK(vector_draw(pixels, (struct text){svg, len}, SIDE, &err), err);
    int n_opaque = 0, n_clear = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        n_opaque += pixels[i] >> 24 == 255;
        n_clear += pixels[i] == 0;
    }
    assert_true(n_opaque > SIDE * SIDE / 5);
    assert_true(n_clear > SIDE * SIDE / 5);
}

/* The picture as covers of SIZE texels each way. */
enum { SIZE = 64 };

static void rasterise(uint8_t out[SIZE][SIZE], const char *name)
{
    static uint32_t pixels[SIZE * SIZE];
    struct error err = {0};
    SCOPED(mem) char *svg = NULL;
    size_t len = 0;
    memset(pixels, 0, sizeof pixels);
    CHECK_OK(pack_svg(pack_find(name), &svg, &len, &err), err);
    CHECK_OK(vector_draw(pixels, (struct text){svg, len}, SIZE, &err), err);
    for (int i = 0; i < SIZE * SIZE; i++)
        out[i / SIZE][i % SIZE] = (uint8_t)(pixels[i] >> 24);
}

static int covered(const uint8_t row[SIZE])
{
    int n = 0;
    for (int x = 0; x < SIZE; x++)
        n += row[x] > 127;
    return n;
}

TEST(a_fox_has_legs_on_the_ground)
{
    uint8_t fox[SIZE][SIZE];
    rasterise(fox, "fox");
    for (int y = SIZE / 2; y < SIZE * 15 / 16; y++)
        assert_true(covered(fox[y]) > 10);
    int legs = 0;
    for (int x = 1; x < SIZE; x++)
        legs += fox[SIZE * 7 / 8][x] > 127 && fox[SIZE * 7 / 8][x - 1] <= 127;
    assert_true(legs >= 3);
}

TEST(heads_and_busts_stand_whole_in_their_square)
{
    static const char *const names[] = {
        "fox",        "wolf",         "lion",       "bear",       "panda",  "polar-bear", "koala",
        "hamster",    "boar",         "moose",      "robot",      "farmer", "woman",      "unicorn",
        "man-farmer", "chicken",      "child",      "frog",       "mage",   "judge",      "baby",
        "detective",  "woman-singer", "fox-asleep", "boar-asleep"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint8_t p[SIZE][SIZE];
        int beside = 0;
        rasterise(p, names[i]);
        for (int y = 0; y < SIZE; y++)
            beside += (p[y][0] > 127) + (p[y][SIZE - 1] > 127);
        if (beside > 0 || covered(p[SIZE - 1]) > 0 || covered(p[SIZE * 15 / 16]) < 6)
            fail_msg("%s: %d beside, %d below, %d at its feet", names[i], beside,
                     covered(p[SIZE - 1]), covered(p[SIZE * 15 / 16]));
    }
}

TEST(what_is_no_picture_is_refused)
{
    uint32_t pixel = 0;
    struct error err = {0};
    CHECK_ERR(vector_draw(&pixel, TEXT("<svg"), 1, &err), ERR_CORRUPT);
    assert_true(err.text[0] != '\0');
}
