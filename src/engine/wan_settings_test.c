/* wan_settings_test.c - settings of a model, well and badly written. SPDX-License-Identifier: MIT
 */
#include "engine/wan_settings.h"

#include <string.h>

#include "unit.h"

TEST(settings_are_lines_or_parts_between_semicolons)
{
    SCOPED(wan_settings) struct wan_settings s;
    struct error err;
    CHECK_OK(wan_settings_read(&s,
                               "steps = 4; guidance=1\n"
                               "# a comment = with equals\n"
                               "  sampler = distilled ;;\n"
                               "times = 1000 750 500 250\n"
                               "size = 832x480; length = 49\n"
                               "lora = /models/light ning.safetensors 0.8\n"
                               "lora = /models/other.safetensors\n"
                               "vae=/models/vae.pth\nprecision = f32\nnegative = low quality\n",
                               &err),
             err);
    assert_int_equal(s.options.n_steps, 4);
    assert_float_equal((float)s.options.guidance, 1, 0);
    assert_int_equal(s.options.sampler, SAMPLER_DISTILLED + 1);
    assert_int_equal(s.options.n_times, 4);
    assert_int_equal(s.options.times[3], 250);
    assert_int_equal(s.options.area, 832 * 480);
    assert_int_equal(s.n_frames, 49);
    assert_int_equal(s.options.n_loras, 2);
    assert_string_equal(s.options.loras[0].path, "/models/light ning.safetensors");
    assert_float_equal(s.options.loras[0].strength, 0.8F, 1e-6F);
    assert_string_equal(s.options.loras[1].path, "/models/other.safetensors");
    assert_float_equal(s.options.loras[1].strength, 1, 0);
    assert_string_equal(s.places.given[PART_VAE], "/models/vae.pth");
    assert_int_equal(s.nn.precision, NN_F32);
    assert_string_equal(s.options.negative, "low quality");
}

TEST(a_blank_in_a_loras_path_does_not_make_its_strength_zero)
{
    SCOPED(wan_settings) struct wan_settings s;
    struct error err;
    CHECK_OK(wan_settings_read(&s, "lora = /models/light ning.safetensors", &err), err);
    assert_string_equal(s.options.loras[0].path, "/models/light ning.safetensors");
    assert_float_equal(s.options.loras[0].strength, 1, 0);
}

TEST(each_of_two_experts_can_have_a_lora_of_its_own)
{
    SCOPED(wan_settings) struct wan_settings s;
    struct error err;
    CHECK_OK(wan_settings_read(&s, "lora-high = /h; lora-low = /l 0.5; lora = /b", &err), err);
    assert_int_equal(s.options.n_loras, 3);
    assert_int_equal(s.options.loras[0].expert, WAN_EXPERT_HIGH);
    assert_int_equal(s.options.loras[1].expert, WAN_EXPERT_LOW);
    assert_float_equal(s.options.loras[1].strength, 0.5F, 0);
    assert_int_equal(s.options.loras[2].expert, WAN_EXPERT_ANY);
}

TEST(no_settings_leave_all_to_the_model)
{
    SCOPED(wan_settings) struct wan_settings s;
    struct error err;
    CHECK_OK(wan_settings_read(&s, "", &err), err);
    assert_int_equal(s.options.n_steps, 0);
    assert_null(s.options.negative);
    assert_int_equal(s.nn.precision, NN_BF16);
}

TEST(a_setting_that_cannot_be_is_named_with_its_value_and_rule)
{
    static const struct {
        const char *text, *named, *rule;
    } cases[] = {
        {"steps = 0", "steps", "1 to 1000"},
        {"steps = many", "many", "1 to 1000"},
        {"guidance = nan", "guidance", "0.01"},
        {"guidance = -1", "-1", "0.01"},
        {"size = 832", "size", "WIDTHxHEIGHT"},
        {"size = 8x480", "8x480", "16"},
        {"length = 50", "length", "multiple of 4 and one"},
        {"sampler = dance", "sampler", "unipc"},
        {"times = 250 500", "times", "falling"},
        {"times = 1001", "1001", "1000"},
        {"precision = f64", "f64", "bf16"},
        {"colour = red", "colour", "no setting"},
        {"steps", "steps", "name = value"},
        {"tile = 1", "tile", "16"},
        {"lora = /models/a.safetensors inf", "lora", "-100 to 100"},
        {"lora =", "lora", "FILE"},
        {"transformer =", "transformer", "file or folder"},
        {"tokenizer = ", "tokenizer", "file or folder"},
        {"sampler = distilled; steps = 17; times = 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1", "steps",
         "times"},
        {"times = 1000 500", "times", "distilled"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED(wan_settings) struct wan_settings s;
        struct error err;
        CHECK_ERR(wan_settings_read(&s, cases[i].text, &err), ERR_INVALID);
        if (!strstr(err.text, cases[i].named) || !strstr(err.text, cases[i].rule))
            fail_msg("\"%s\": %s", cases[i].text, err.text);
    }
}
