/* model_test.c - the catalogue. SPDX-License-Identifier: MIT */
#include "job/model.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "unit.h"

TEST(the_models_that_ship_are_those_of_the_contract)
{
    const struct model_catalogue c = {model_builtin, n_model_builtin};
    const struct model *film = model_find(&c, TEXT("video-01"));
    const struct model *live = model_find(&c, TEXT("video-01-live2d"));
    assert_non_null(film);
    assert_non_null(live);
    assert_false(film->image_required);
    assert_true(live->image_required);
    for (int i = 0; i < c.n_rows; i++) {
        int64_t us;
        const struct model *m = &c.rows[i];
        assert_int_equal(m->credits, 120000);
        assert_int_equal(m->prompt_max, 2000);
        assert_int_equal(m->width, 1280);
        assert_int_equal(m->height, 720);
        assert_int_equal(m->fps, 25);
        assert_int_equal(m->n_frames, 141);
        assert_string_equal(m->engine, "storyboard");
        assert_string_equal(m->developer, "Hailou AI");
        assert_null(m->path);
        assert_non_null(m->aliases);
        assert_true(clock_iso_parse(text_of(m->released), false, &us));
        assert_ptr_equal(model_find(&c, text_of(m->id)), m);
    }
}

TEST(an_open_model_takes_what_its_name_says)
{
    for (int i = 0; i < n_model_open; i++) {
        const struct model *m = &model_open[i];
        assert_int_equal(m->text_only, strstr(m->id, "-t2v-") != NULL);
        assert_int_equal(m->image_required, strstr(m->id, "-i2v-") != NULL);
    }
}

TEST(an_id_is_exact)
{
    const struct model_catalogue c = {model_builtin, n_model_builtin};
    static const char *const wrong[] = {"", "video", "Video-01", "video-01 ", "video-01-live", " "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(model_find(&c, text_of(wrong[i])));
}

TEST(an_alias_works_as_the_id_does_but_an_id_comes_first)
{
    static const struct model rows[] = {{.id = "a", .aliases = "x  b y"},
                                        {.id = "b", .aliases = ""}};
    const struct model_catalogue c = {rows, 2};
    assert_ptr_equal(model_find(&c, TEXT("x")), &rows[0]);
    assert_ptr_equal(model_find(&c, TEXT("y")), &rows[0]);
    assert_ptr_equal(model_find(&c, TEXT("b")), &rows[1]);
    assert_null(model_find(&c, TEXT("x  b")));
    assert_null(model_find(&c, TEXT("")));
}

TEST(all_names_have_aliases_that_no_other_id_takes_and_none_of_what_is_made_alone_unless_wanted)
{
    static const struct model rows[] = {{.id = "a", .aliases = "x  b y"},
                                        {.id = "b", .aliases = "", .alone = true},
                                        {.id = "c", .aliases = "z", .alone = true}};
    const struct model_catalogue c = {rows, 3}, none = {0};
    SCOPED(mem) char *all = model_all_names(&c, true);
    SCOPED(mem) char *others = model_all_names(&c, false);
    SCOPED(mem) char *nobody = model_all_names(&none, true);
    assert_string_equal(all, "a x b y b c z ");
    assert_string_equal(others, "a x y ");
    assert_string_equal(nobody, "");
}
