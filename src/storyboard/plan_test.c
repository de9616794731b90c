/* plan_test.c - prompts and what is read from them. SPDX-License-Identifier: MIT */
#include "storyboard/plan.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "storyboard/nature.h"
#include "storyboard/pack.h"
#include "unit.h"

#define DRAGON                                                                                     \
    "A menacing evil dragon appears in a distance above the tallest mountain, then rushes toward " \
    "the camera with its jaws open, revealing massive fangs. We see it's coming."

static struct plan read_plan(const char *prompt, uint64_t seed)
{
    struct plan p;
    plan_read(&p, text_of(prompt), seed);
    return p;
}

TEST(the_dragon_prompt_is_read_word_for_word)
{
    for (uint64_t seed = 0; seed < 25; seed++) {
        const struct plan p = read_plan(DRAGON, seed);
        assert_int_equal(p.place, PLACE_MOUNTAINS);
        assert_int_equal(p.time, TIME_DUSK);
        assert_int_equal(p.mood, MOOD_MENACING);
        assert_true(p.tallest);
        assert_string_equal(p.cast[0].noun, "dragon");
        assert_string_equal(pack_name(p.cast[0].picture), "dragon");
        assert_string_equal(pack_name(p.cast[0].near_picture), "dragon-face");
        assert_int_equal(p.cast[0].n_moves, 2);
        assert_int_equal(p.cast[0].moves[0].move, MOVE_APPEAR);
        assert_int_equal(p.cast[0].moves[1].move, MOVE_APPROACH);
        assert_int_equal(p.n_shots, 1);
        assert_int_equal(p.shots[0].shot, SHOT_PUSH_IN);
        assert_int_equal(p.n_unread, 0);
    }
}

TEST(the_subject_is_the_noun_that_acts)
{
    static const struct {
        const char *prompt, *noun, *picture;
    } cases[] = {
        {"A cat on a beach", "cat", "cat"},
        {"Two kittens play in the garden", "kittens", "cat"},
        {"In a forest, a robot dog runs", "dog", "dog"},
        {"A girl with a red umbrella walks in the rain", "girl", "woman-standing"},
        {"On a boat, a parrot sleeps", "parrot", "parrot"},
        {"a shot of a fire engine in the city", "fire engine", "fire-engine"},
        {"Sunset over a castle", "castle", "castle"},
        {"wolves howl under the full moon", "wolves", "wolf"},
        {"The butterflies of the meadow", "butterflies", "butterfly"},
        {"A spaceship lands on mars", "spaceship", "flying-saucer"},
        {"A polar bear on the ice", "polar bear", "polar-bear"},
        {"A T-Rex roars near a volcano", "t rex", "t-rex"},
        {"\xf0\x9f\x90\x89 over the mountains", "\xf0\x9f\x90\x89", "dragon"},
        {"A swarm of bees in a garden", "bees", "honeybee"},
        {"A golden retriever puppy", "puppy", "dog"},
        {"hot air balloon above a village", "hot air balloon", "balloon"},
        {"A knight rides through the valley", "knight", "horse-racing"},
        {"A mother fox leads her cubs across a field", "fox", "fox"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan p = read_plan(cases[i].prompt, i);
        assert_string_equal(p.cast[0].noun, cases[i].noun);
        assert_string_equal(pack_name(p.cast[0].picture), cases[i].picture);
    }
}

TEST(place_time_weather_and_mood_come_from_words)
{
    static const struct {
        const char *prompt;
        int place, time, weather, mood; /* -1: left to the seed */
    } cases[] = {
        {"A ship at sea in a storm", PLACE_SEA, -1, WEATHER_STORM, 0},
        {"A robot in a city at night", PLACE_CITY, TIME_NIGHT, -1, 0},
        {"A red car drives through the desert at sunset", PLACE_DESERT, TIME_DUSK, -1, 0},
        {"forest fox in snow", PLACE_FOREST, -1, WEATHER_SNOW, 0},
        {"A fox in the snow", PLACE_SNOW, -1, WEATHER_SNOW, 0},
        {"An astronaut floating in outer space", PLACE_SPACE, -1, -1, 0},
        {"A whale swims", PLACE_UNDERWATER, -1, -1, 0},
        {"A turtle beneath the waves", PLACE_UNDERWATER, -1, -1, 0},
        {"An eagle above the clouds at dawn", PLACE_SKY, TIME_DAWN, -1, 0},
        {"a swan on a misty lake in the early morning", PLACE_LAKE, TIME_DAWN, WEATHER_FOG, 0},
        {"A happy horse in hills, golden hour", PLACE_HILLS, TIME_GOLDEN, -1, MOOD_CHEERFUL},
        {"a lonely lighthouse on the coast in the rain", PLACE_BEACH, -1, WEATHER_RAIN,
         MOOD_MELANCHOLIC},
        {"a peaceful village at midday under a clear sky", PLACE_VILLAGE, TIME_DAY, WEATHER_CLEAR,
         MOOD_CALM},
        {"A haunted castle", -1, TIME_DUSK, WEATHER_CLOUD, MOOD_MENACING},
        {"an alien on the moon", PLACE_PLANET, -1, -1, 0},
        {"a tiger in the jungle", PLACE_JUNGLE, -1, -1, 0},
        {"a motorcycle on the highway", PLACE_ROAD, -1, -1, 0},
        {"a bison in the grand canyon", PLACE_CANYON, -1, -1, 0},
        {"lava flows down the volcano", PLACE_VOLCANO, -1, -1, 0},
        {"a bee in a flower garden", PLACE_GARDEN, -1, -1, 0},
        {"a cow in a meadow", PLACE_MEADOW, -1, -1, 0},
        {"a penguin in antarctica", PLACE_SNOW, -1, -1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (uint64_t seed = 0; seed < 8; seed++) {
            const struct plan p = read_plan(cases[i].prompt, seed);
            if (cases[i].place >= 0)
                assert_string_equal(plan_place_name(p.place),
                                    plan_place_name((enum place)cases[i].place));
            if (cases[i].time >= 0)
                assert_int_equal(p.time, cases[i].time);
            if (cases[i].weather >= 0)
                assert_true(plan_has(&p, (enum weather)cases[i].weather));
            assert_int_equal(p.mood, cases[i].mood);
        }
}

TEST(the_subject_moves_as_its_verbs_say)
{
    static const struct {
        const char *prompt;
        int moves[PLAN_MOST_MOVES + 1]; /* ends with -1 */
    } cases[] = {
        {"A horse gallops across a field", {MOVE_RUN, -1}},
        {"A car drives away from the camera", {MOVE_RECEDE, -1}},
        {"A bear charges at us", {MOVE_APPROACH, -1}},
        {"A dolphin leaps out of the sea", {MOVE_JUMP, -1}},
        {"A rocket takes off, then flies", {MOVE_RISE, MOVE_FLY, -1}},
        {"A man stands in the street", {MOVE_STAND, -1}},
        {"A cat sits, then walks toward the camera", {MOVE_STAND, MOVE_APPROACH, -1}},
        {"A cat walks, then jumps, then dances, then flies",
         {MOVE_WALK, MOVE_JUMP, MOVE_DANCE, -1}},
        {"An astronaut floating", {MOVE_FLOAT, -1}},
        {"A balloon", {MOVE_FLOAT, -1}},
        {"A castle", {MOVE_STAND, -1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan p = read_plan(cases[i].prompt, 3);
        int n = 0;
        while (cases[i].moves[n] >= 0)
            n++;
        assert_int_equal(p.cast[0].n_moves, n);
        for (int k = 0; k < n; k++)
            assert_string_equal(plan_move_name(p.cast[0].moves[k].move),
                                plan_move_name((enum move)cases[i].moves[k]));
    }
}

TEST(each_bracket_command_is_read_in_english_and_chinese)
{
    static const char *const chinese[SHOTS] = {"左移",     "右移",     "左摇", "右摇", "推进",
                                               "拉远",     "上升",     "下降", "上摇", "下摇",
                                               "变焦推近", "变焦拉远", "晃动", "跟随", "固定"};
    for (int i = 0; i < SHOTS; i++) {
        char prompt[80];
        snprintf(prompt, sizeof prompt, "A cat [%s] walks", plan_shot_name((enum shot)i));
        struct plan p = read_plan(prompt, 1);
        assert_int_equal(p.n_shots, 1);
        assert_int_equal(p.shots[0].shot, i);
        assert_string_equal(p.cast[0].noun, "cat");
        snprintf(prompt, sizeof prompt, "[%s]", chinese[i]);
        p = read_plan(prompt, 1);
        assert_int_equal(p.n_shots, 1);
        assert_int_equal(p.shots[0].shot, i);
    }
}

TEST(brackets_run_together_inside_and_one_after_another)
{
    const struct plan p =
        read_plan("[Pan left,Pedestal up] a robot [zoom in] in a city [Shake，Push in]", 1);
    static const struct plan_shot expected[] = {
        {SHOT_PAN_LEFT, 0, 1 / 3.0F},       {SHOT_PEDESTAL_UP, 0, 1 / 3.0F},
        {SHOT_ZOOM_IN, 1 / 3.0F, 2 / 3.0F}, {SHOT_SHAKE, 2 / 3.0F, 1},
        {SHOT_PUSH_IN, 2 / 3.0F, 1},
    };
    assert_int_equal(p.n_shots, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(p.shots[i].shot, expected[i].shot);
        assert_float_equal(p.shots[i].from, expected[i].from, 1e-5);
        assert_float_equal(p.shots[i].to, expected[i].to, 1e-5);
    }
}

TEST(prose_moves_the_camera)
{
    static const struct {
        const char *prompt;
        int n;
        enum shot first;
    } cases[] = {
        {"The camera slowly pushes in on a cat", 1, SHOT_PUSH_IN},
        {"A cat, camera moves right", 1, SHOT_TRUCK_RIGHT},
        {"A cat, tracking shot", 1, SHOT_TRACKING},
        {"Zoom out from a house", 1, SHOT_ZOOM_OUT},
        {"The camera pulls back. Then it tilts up", 2, SHOT_PULL_OUT},
        {"Handheld footage of a dog", 1, SHOT_SHAKE},
        {"A static shot of a lake", 1, SHOT_STATIC},
        {"The camera rises over the forest", 1, SHOT_PEDESTAL_UP},
        {"The camera follows a fox", 1, SHOT_TRACKING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan p = read_plan(cases[i].prompt, 1);
        assert_int_equal(p.n_shots, cases[i].n);
        assert_string_equal(plan_shot_name(p.shots[0].shot), plan_shot_name(cases[i].first));
    }
}

TEST(a_bracket_that_is_no_command_is_read_as_words)
{
    const struct plan p = read_plan("a [black cat] in a [forest]", 1);
    assert_string_equal(pack_name(p.cast[0].picture), "black-cat");
    assert_int_equal(p.place, PLACE_FOREST);
}

TEST(a_colour_belongs_to_the_noun_behind_it)
{
    assert_int_equal(read_plan("a red car", 1).cast[0].colour, COLOUR_RED);
    assert_int_equal(read_plan("a car beside a red barn", 1).cast[0].colour, COLOUR_OWN);
    assert_int_equal(read_plan("a girl with a red umbrella", 1).cast[0].colour, COLOUR_OWN);
    assert_int_equal(read_plan("a small purple robot dog", 1).cast[0].colour, COLOUR_PURPLE);
    assert_int_equal(read_plan("a blue whale", 1).cast[0].colour, COLOUR_OWN);
}

TEST(what_changes_nothing_is_reported)
{
    const struct plan p = read_plan("A cat on a beach, quixotic zygomorph", 1);
    assert_int_equal(p.n_unread, 2);
    assert_string_equal(p.unread[0], "quixotic");
    assert_string_equal(p.unread[1], "zygomorph");
}

TEST(sentences_of_the_prompt_enhancer_are_understood)
{
    static const char *const sentences[] = {
        "The camera slowly pushes in.",
        "The camera trucks right slowly.",
        "The camera trucks left slowly.",
        "The camera rises slowly.",
        "Tracking shot.",
        "The camera slowly pulls back.",
        "Golden hour, warm low sunlight.",
        "Soft light of dawn.",
        "Clear daylight.",
        "Dusk, soft afterglow.",
        "Golden hour, long soft shadows.",
        "Bright morning light.",
        "Calm, unhurried mood.",
        "Cheerful, lively mood.",
        "Dreamy mood.",
        "Peaceful mood.",
        "Calm, quiet mood.",
        "Magical mood.",
        "Dusk, the last light fading.",
    };
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        char prompt[120];
        snprintf(prompt, sizeof prompt, "A cat walks in a forest. %s", sentences[i]);
        const struct plan p = read_plan(prompt, i);
        assert_string_equal(p.cast[0].noun, "cat");
        assert_int_equal(p.place, PLACE_FOREST);
        assert_int_equal(p.cast[0].n_moves, 1);
        assert_int_equal(p.cast[0].moves[0].move, MOVE_WALK);
        if (p.n_unread > 0)
            fail_msg("%s: %s", sentences[i], p.unread[0]);
    }
}

TEST(the_seed_decides_what_the_prompt_leaves_open)
{
    bool times[TIMES] = {0}, shots[SHOTS] = {0};
    int n_times = 0, n_shots = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        const struct plan p = read_plan("A cat", seed), again = read_plan("A cat", seed);
        assert_memory_equal(&p, &again, sizeof p);
        n_times += !times[p.time];
        times[p.time] = true;
        n_shots += !shots[p.shots[0].shot];
        shots[p.shots[0].shot] = true;
    }
    assert_true(n_times >= 4);
    assert_true(n_shots >= 4);
}

static void check_whole(const struct plan *p)
{
    assert_true(p->place >= 0 && p->place < PLACES);
    assert_true(p->time >= 0 && p->time < TIMES);
    assert_true(p->weather && p->weather < 1U << WEATHERS);
    assert_true(p->mood >= 0 && p->mood < MOODS);
    assert_true(p->cast[0].picture >= 0 && p->cast[0].picture < pack_count());
    assert_true(p->cast[0].n_moves >= 1 && p->cast[0].n_moves <= PLAN_MOST_MOVES);
    assert_true(p->n_shots >= 1 && p->n_shots <= PLAN_MOST_SHOTS);
    assert_float_equal(p->cast[0].moves[0].from, 0, 0);
    assert_float_equal(p->cast[0].moves[p->cast[0].n_moves - 1].to, 1, 0);
    for (int i = 1; i < p->cast[0].n_moves; i++)
        assert_float_equal(p->cast[0].moves[i].from, p->cast[0].moves[i - 1].to, 0);
    SCOPED(mem) char *text = plan_json(p, PLAN_SECONDS, false);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_decref(root);
}

TEST(no_prompt_breaks_the_reader)
{
    static const char *const prompts[] = {
        "",
        " ",
        ".",
        ",,,,",
        "[",
        "]",
        "[]",
        "[[[",
        "[Pan left",
        "[,,,]",
        "then then then",
        "toward the camera",
        "the the the",
        "\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
        "שלום עולם",
        "مرحبا بالعالم",
        "\xff\xfe\x80",
        "a\0b",
        "'''",
        "it's",
        "[推进",
        "，，，",
        "s",
        "es ies ves",
        "red",
        "tallest",
        "camera camera camera camera",
    };
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        const struct plan p = read_plan(prompts[i], i);
        check_whole(&p);
    }
}

static size_t put_point(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 63));
    out[2] = (char)(0x80 | (c & 63));
    return 3;
}

TEST(two_thousand_random_code_points_are_read)
{
    static const uint32_t ranges[] = {0x80, 0x800, 0xd800};
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct hash_rng rng;
        char prompt[6001];
        size_t len = 0;
        hash_rng_init(&rng, seed, 0);
        for (int i = 0; i < 2000; i++)
            len += put_point(prompt + len, hash_rng_u32(&rng) % ranges[seed % 3]);
        struct plan p;
        plan_read(&p, (struct text){prompt, len}, seed);
        check_whole(&p);
    }
}

TEST(a_film_over_an_image_tells_no_place)
{
    const struct plan p = read_plan("A cat on a beach [Zoom in]", 1);
    SCOPED(mem) char *text = plan_json(&p, PLAN_SECONDS, true);
    assert_string_equal(
        text, "{\"camera\":[{\"move\":\"Zoom in\",\"from\":0.0,\"to\":1.0}],\"unread\":[]}");
}

TEST(every_place_has_somebody_who_lives_there)
{
    for (int place = 0; place < PLACES; place++)
        for (uint32_t pick = 0; pick < 3; pick++)
            assert_true(nature_dweller((enum place)place, pick) >= 0);
}
