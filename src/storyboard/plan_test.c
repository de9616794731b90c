/* plan_test.c - prompts and what is read from them. SPDX-License-Identifier: MIT */
#include "storyboard/plan.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "storyboard/nature.h"
#include "storyboard/pack.h"
#include "storyboard/plan_cases.h"
#include "base/text.h"
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

/* The parts of a plan as plan_cases.h writes them. */
static void write_actor(struct text_buf *b, const struct plan_actor *a)
{
    if (a->count != 1)
        text_buf_printf(b, "%d ", a->count);
    if (a->size != SIZE_OWN)
        text_buf_printf(b, "%s ", plan_size_name(a->size));
    if (a->colour != COLOUR_OWN)
        text_buf_printf(b, "%s ", plan_colour_name(a->colour));
    text_buf_add_text(b, pack_name(a->picture));
    if (a->holds >= 0)
        text_buf_printf(b, "+%s", pack_name(a->holds));
    if (a->where != WHERE_FREE)
        text_buf_printf(b, " @%s", plan_where_name(a->where));
    if (a->where_target != PLAN_NOBODY)
        text_buf_printf(b, ":%d", a->where_target);
}

static void write_moves(struct text_buf *b, const struct plan_actor *a)
{
    for (int i = 0; i < a->n_moves; i++) {
        text_buf_printf(b, "%s%s", i ? "," : " (", plan_move_name(a->moves[i].move));
        if (a->moves[i].target != PLAN_NOBODY)
            text_buf_printf(b, ":%d", a->moves[i].target);
    }
    text_buf_add_text(b, ")");
}

static void write_cast(struct text_buf *b, const struct plan *p, bool with_moves)
{
    text_buf_add_text(b, "");
    for (int i = 0; i < p->n_cast; i++) {
        text_buf_add_text(b, i ? " | " : "");
        write_actor(b, &p->cast[i]);
        if (with_moves)
            write_moves(b, &p->cast[i]);
    }
}

static void write_weather(struct text_buf *b, const struct plan *p)
{
    for (int w = 0; w < WEATHERS; w++)
        if (plan_has(p, (enum weather)w))
            text_buf_printf(b, "%s%s", b->len ? "," : "", plan_weather_name((enum weather)w));
}

static void write_without(struct text_buf *b, const struct plan *p)
{
    static const char *const names[] = {"clouds", "people", "animals", "plants",
                                        "houses", "sun",    "stars"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (p->without & 1U << i)
            text_buf_printf(b, "%s%s", b->len ? "," : "", names[i]);
}

static void write_camera(struct text_buf *b, const struct plan *p)
{
    for (int i = 0; i < p->n_shots; i++) {
        const bool together = i && p->shots[i].from == p->shots[i - 1].from;
        text_buf_printf(b, "%s%s",
                        !i         ? ""
                        : together ? "+"
                                   : ", ",
                        plan_shot_name(p->shots[i].shot));
    }
}

static void write_unread(struct text_buf *b, const struct plan *p)
{
    for (int i = 0; i < p->n_unread; i++)
        text_buf_printf(b, "%s%s", i ? "," : "", p->unread[i]);
}

static void check_part(const struct plan_case *c, const char *part, const char *expected,
                       const char *found)
{
    if (expected && strcmp(expected, found) != 0)
        fail_msg("\"%s\": %s is \"%s\", not \"%s\"", c->prompt, part, found, expected);
}

static void check_list(const struct plan_case *c, const char *part, const char *expected,
                       void (*write)(struct text_buf *, const struct plan *), const struct plan *p)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 4096);
    write(&b, p);
    check_part(c, part, expected, b.at ? b.at : "");
}

static void write_whole_cast(struct text_buf *b, const struct plan *p)
{
    write_cast(b, p, true);
}

static void write_bare_cast(struct text_buf *b, const struct plan *p)
{
    write_cast(b, p, false);
}

static void check_case(const struct plan_case *c, uint64_t seed)
{
    const struct plan p = read_plan(c->prompt, seed);
    check_part(c, "place", c->place, plan_place_name(p.place));
    check_part(c, "time", c->time, plan_time_name(p.time));
    check_part(c, "mood", c->mood, plan_mood_name(p.mood));
    check_list(c, "weather", c->weather, write_weather, &p);
    check_list(c, "without", c->without, write_without, &p);
    check_list(c, "camera", c->camera, write_camera, &p);
    check_list(c, "unread", c->unread, write_unread, &p);
    check_list(c, "cast", c->cast,
               c->cast && strchr(c->cast, '(') ? write_whole_cast : write_bare_cast, &p);
}

TEST(prompts_are_read_as_the_table_says)
{
    assert_true(plan_cases_count >= 250);
    for (size_t i = 0; i < plan_cases_count; i++)
        for (uint64_t seed = 0; seed < 5; seed++)
            check_case(&plan_cases[i], seed * 7919 + i);
}

TEST(the_seed_changes_what_is_open_and_never_the_cast)
{
    for (size_t i = 0; i < plan_cases_count; i++) {
        const struct plan first = read_plan(plan_cases[i].prompt, 0);
        for (uint64_t seed = 1; seed < 4; seed++) {
            const struct plan p = read_plan(plan_cases[i].prompt, seed);
            assert_int_equal(p.n_cast, first.n_cast);
            for (int a = 0; a < p.n_cast && first.cast[a].noun[0]; a++) {
                assert_string_equal(p.cast[a].noun, first.cast[a].noun);
                assert_int_equal(p.cast[a].picture, first.cast[a].picture);
                assert_int_equal(p.cast[a].count, first.cast[a].count);
            }
        }
    }
}

TEST(subjects_that_were_misread_before)
{
    static const struct {
        const char *prompt, *noun, *picture;
    } cases[] = {
        {"A cat on a beach", "cat", "cat"},
        {"Two kittens play in the garden", "kittens", "cat"},
        {"In a forest, a robot dog runs", "dog", "dog"},
        {"On a boat, a parrot sleeps", "parrot", "parrot"},
        {"a shot of a fire engine in the city", "fire engine", "fire-engine"},
        {"Sunset over a castle", "castle", "castle"},
        {"wolves howl under the full moon", "wolves", "wolf"},
        {"The butterflies of the meadow", "butterflies", "butterfly"},
        {"A spaceship lands on mars", "spaceship", "flying-saucer"},
        {"A T-Rex roars near a volcano", "t rex", "t-rex"},
        {"\xf0\x9f\x90\x89 over the mountains", "\xf0\x9f\x90\x89", "dragon"},
        {"A swarm of bees in a garden", "bees", "honeybee"},
        {"A golden retriever puppy", "puppy", "dog"},
        {"hot air balloon above a village", "hot air balloon", "balloon"},
        {"A knight rides through the valley", "knight", "horse-racing"},
        {"A mother fox leads her cubs across a field", "fox", "fox"},
        {"A fox in the snow", "fox", "fox"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan p = read_plan(cases[i].prompt, i);
        assert_string_equal(p.cast[0].noun, cases[i].noun);
        assert_string_equal(pack_name(p.cast[0].picture), cases[i].picture);
    }
}

TEST(moves_follow_each_other_without_gaps)
{
    const struct plan p = read_plan("A dog walks, then jumps. Suddenly a dragon appears.", 1);
    assert_int_equal(p.n_cast, 2);
    assert_int_equal(p.cast[1].n_moves, 2);
    assert_int_equal(p.cast[1].moves[1].move, MOVE_APPEAR);
    assert_true(p.cast[1].moves[1].from > p.cast[0].moves[1].from);
    assert_float_equal(p.cast[0].moves[0].to, p.cast[0].moves[1].from, 0);
    const struct plan q = read_plan("A dog walks while a cat jumps", 1);
    assert_float_equal(q.cast[0].moves[0].to, 1, 0);
    assert_float_equal(q.cast[1].moves[0].from, 0, 0);
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

static void check_actor(const struct plan *p, const struct plan_actor *a)
{
    assert_true(a->picture >= 0 && a->picture < pack_count());
    assert_true(a->near_picture < pack_count() && a->holds < pack_count());
    assert_true(a->count >= 1 && a->count <= PLAN_MOST_COUNT);
    assert_true(a->colour >= 0 && a->colour < COLOURS && a->size >= 0 && a->size < SIZES);
    assert_true(a->where >= 0 && a->where < WHERES);
    assert_true(a->where_target >= PLAN_NOBODY && a->where_target < p->n_cast);
    assert_true(a->where_target == PLAN_NOBODY || &p->cast[a->where_target] != a);
    assert_true(a->n_moves >= 1 && a->n_moves <= PLAN_MOST_MOVES);
    assert_float_equal(a->moves[0].from, 0, 0);
    assert_float_equal(a->moves[a->n_moves - 1].to, 1, 0);
    for (int i = 0; i < a->n_moves; i++) {
        assert_true(a->moves[i].move >= 0 && a->moves[i].move < MOVES);
        assert_true(a->moves[i].target >= PLAN_NOBODY && a->moves[i].target < p->n_cast);
        assert_true(a->moves[i].target == PLAN_NOBODY || &p->cast[a->moves[i].target] != a);
        assert_true(a->moves[i].from < a->moves[i].to);
        if (i > 0)
            assert_float_equal(a->moves[i].from, a->moves[i - 1].to, 0);
    }
}

static void check_whole(const struct plan *p)
{
    assert_true(p->place >= 0 && p->place < PLACES);
    assert_true(p->time >= 0 && p->time < TIMES);
    assert_true(p->weather && p->weather < 1U << WEATHERS);
    assert_true(p->mood >= 0 && p->mood < MOODS);
    assert_true(p->n_cast >= 0 && p->n_cast <= PLAN_MOST_CAST);
    for (int i = 0; i < p->n_cast; i++)
        check_actor(p, &p->cast[i]);
    assert_true(p->n_shots >= 1 && p->n_shots <= PLAN_MOST_SHOTS);
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
        "by by by is chased by",
        "a cat a cat a cat a cat a cat a cat a cat a cat a cat",
        "dog chases dog chases dog chases it chases them",
        "no no no without nobody empty",
        "in on under behind above a",
        "riding riding a riding horse riding it",
        "'s 's 's",
        "0 1 2 3 99999999999999999999 cats",
        "\xe2\x80\x8d\xe2\x80\x8d",
        "\xf0\x9f\x91\xa8\xe2\x80\x8d",
        "\xef\xb8\x8f\xf0\x9f\x8f\xbb",
        "\x01\x02\x03\x1b[31m",
        "\xe2\x80\xae dlrow olleh",
        "猫猫猫猫猫猫猫猫猫",
        "をををを",
    };
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        const struct plan p = read_plan(prompts[i], i);
        check_whole(&p);
    }
}

TEST(two_thousand_of_one_thing_are_read)
{
    static const char *const units[] = {"a",  "z",    "猫",   "ー",   "\xf0\x9f\x90\x89",
                                        "[",  "'",    "è",    "\x1f", ",",
                                        "a ", "the ", "run ", "cat "};
    char prompt[8001];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = 0;
        for (int k = 0; k < 2000 && len + strlen(units[i]) < sizeof prompt; k++) {
            memcpy(prompt + len, units[i], strlen(units[i]));
            len += strlen(units[i]);
        }
        struct plan p;
        plan_read(&p, (struct text){prompt, len}, i);
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

TEST(a_film_over_an_image_tells_what_the_prompt_added)
{
    const struct plan p = read_plan("A cat walks on a beach in the rain [Zoom in]", 1);
    SCOPED(mem) char *text = plan_json(&p, PLAN_SECONDS, true);
    assert_string_equal(
        text, "{\"weather\":[\"rain\"],\"cast\":[{\"noun\":\"cat\",\"picture\":\"cat\",\"count\":1,"
              "\"moves\":[{\"move\":\"walk\",\"from\":0.0,\"to\":5.64}]}],\"camera\":[{\"move\":"
              "\"Zoom in\",\"from\":0.0,\"to\":5.64}],\"unread\":[]}");
}

TEST(a_bamboo_grove_is_of_bamboo)
{
    static const char *const groves[] = {"a panda walks in a bamboo grove",
                                         "a tiger in the bamboo forest", "一只熊猫在竹林里走",
                                         "竹林をパンダが歩く", "ein Panda läuft im Bambuswald"};
    for (size_t i = 0; i < sizeof groves / sizeof *groves; i++) {
        const struct plan p = read_plan(groves[i], i);
        if (p.place != PLACE_FOREST || !p.bamboo || p.n_unread > 0)
            fail_msg("%s: %s", groves[i], plan_place_name(p.place));
    }
    assert_false(read_plan("a tiger in the forest", 1).bamboo);
}

TEST(it_never_snows_in_a_room)
{
    for (uint64_t seed = 0; seed < 200; seed++)
        assert_int_equal(read_plan("it snows", seed).place, PLACE_SNOW);
}

TEST(a_film_over_an_image_tells_who_is_in_it)
{
    const struct plan p = read_plan("the dog runs and a bird flies over it [Zoom in]", 1);
    SCOPED(mem) char *over = plan_json(&p, 1, true), *alone = plan_json(&p, 1, false);
    const char *dog = strstr(over, "in_image");
    assert_true(dog && strncmp(dog, "in_image\":true", 14) == 0);
    assert_null(strstr(dog + 1, "in_image"));
    assert_null(strstr(alone, "in_image"));
}

TEST(the_plan_tells_what_the_prompt_said_itself)
{
    const struct plan all = read_plan("A cat sleeps on a beach at dusk in the rain", 1);
    assert_int_equal(all.said, PLAN_SAID_PLACE | PLAN_SAID_TIME | PLAN_SAID_WEATHER);
    assert_true(all.cast[0].told);
    const struct plan named = read_plan("A cat and a dog", 1);
    assert_int_equal(named.said, 0);
    assert_true(!named.cast[0].told && !named.cast[1].told);
}

TEST(the_plan_of_two_actors_is_printed_with_seconds_and_targets)
{
    const struct plan p = read_plan(
        "At noon under a clear sky, a tiny red dog chases a cat in a forest [Static shot]", 1);
    SCOPED(mem) char *text = plan_json(&p, 10, false);
    assert_string_equal(
        text,
        "{\"place\":\"forest\",\"time\":\"day\",\"weather\":[\"clear\"],\"mood\":\"plain\","
        "\"cast\":[{\"noun\":\"dog\",\"picture\":\"dog\",\"count\":1,\"color\":\"red\",\"size\":"
        "\"tiny\",\"moves\":[{\"move\":\"chase\",\"from\":0.0,\"to\":10.0,\"target\":1}]},"
        "{\"noun\":\"cat\",\"picture\":\"cat\",\"count\":1,\"moves\":[{\"move\":\"flee\","
        "\"from\":0.0,\"to\":10.0,\"target\":0}]}],\"camera\":[{\"move\":\"Static shot\",\"from\":"
        "0.0,\"to\":10.0}],\"unread\":[]}");
}

TEST(every_place_has_somebody_who_lives_there)
{
    for (int place = 0; place < PLACES; place++)
        for (uint32_t pick = 0; pick < 3; pick++)
            assert_true(nature_dweller((enum place)place, pick) >= 0);
}
