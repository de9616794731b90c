/* guest_test.c - who comes into a picture, and who is in it already. SPDX-License-Identifier: MIT
 */
#include "storyboard/guest.h"

#include "unit.h"

/* Does the prompt bring somebody into a picture? */
static bool brings(const char *prompt)
{
    struct error err = {0};
    struct plan plan;
    struct palette palette;
    struct guests *g = NULL;
    plan_read(&plan, text_of(prompt), 5);
    palette_make(&palette, &plan);
    const struct guest_stage stage = {.plan = &plan,
                                      .palette = &palette,
                                      .floor = {.horizon = 0.5F, .fall = 1, .aspect = 16 / 9.0F},
                                      .width = 320,
                                      .height = 180,
                                      .seconds = (float)PLAN_SECONDS,
                                      .shutter = 0.004F};
    CHECK_OK(guest_open(&g, &stage, &err), err);
    guest_close(g);
    return g != NULL;
}

/* A second dog ran past the one in the picture. */
TEST(the_dog_of_the_picture_is_not_drawn_again)
{
    static const char *const there[] = {
        "the dog runs",
        "The big, red dog runs towards the sea",
        "the two old men walk away",
        "this cat walks away",
        "it runs",
        "she walks along the beach",
        "the woman turns and walks away",
        "her dog runs",
        "the witch's cat runs",
        "the knight rides the horse",
        "der Hund rennt",
        "le chien court",
        "el perro corre",
        "il cane corre",
        "o cachorro corre",
        "de hond rent",
        "这只狗跑",
        "この犬は走る",
        "الكلب يجري",
    };
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        if (brings(there[i]))
            fail_msg("%s: somebody comes", there[i]);
}

TEST(a_bird_comes_into_the_picture_of_the_dog)
{
    static const char *const comes[] = {
        "a bird flies by",
        "the dog runs and a bird flies over it",
        "a cat chases the dog",
        "the dog chases a cat",
        "two dogs run through the street",
        "a man walks with his dog",
        "in the middle of the night dogs run by",
        "the girl strokes a cat while birds fly past",
        "a witch's cat runs",
        "ein Hund rennt",
        "un chien court",
        "собака бежит",
        "狗跑",
        "犬が走る",
    };
    for (size_t i = 0; i < sizeof comes / sizeof *comes; i++)
        if (!brings(comes[i]))
            fail_msg("%s: nobody comes", comes[i]);
}
