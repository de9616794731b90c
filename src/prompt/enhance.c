/* enhance.c - see enhance.h. SPDX-License-Identifier: MIT */
#include "prompt/enhance.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

enum { MOST_POINTS = 4000, MOST_BYTES = 4 * MOST_POINTS };

/* What a film can say about itself. A prompt that uses one of the words of an aspect has decided
 * it, and nothing is added there. */
enum aspect { ASPECT_CAMERA, ASPECT_LIGHT, ASPECT_MOOD, ASPECTS };

static const char *const words[ASPECTS] = {
    [ASPECT_CAMERA] =
        "camera pan pans panning zoom zooms zooming tilt tilts tilting dolly truck trucks tracking "
        "pedestal crane handheld steadicam push-in pull-out close-up closeup closeups static "
        "footage lens orbit orbits flyover timelapse time-lapse aerial drone viewpoint pov shot "
        "follows following pushes pulls fixed shaky shake",
    [ASPECT_LIGHT] =
        "light lights lit lighting sunlight moonlight sunlit moonlit sun sunny moon dawn dusk "
        "sunrise sunset twilight night midnight nighttime noon midday day daytime daylight morning "
        "evening afternoon golden neon dark darkness bright shadow shadows glow glowing glows "
        "candlelight starry stars overcast storm stormy fog foggy mist misty rain rainy cloudy "
        "clouds lightning shade dim nocturnal hour",
    [ASPECT_MOOD] =
        "menacing evil scary ominous terrifying creepy horror sinister spooky eerie haunted angry "
        "dangerous threatening fierce happy joyful cheerful playful fun funny cute colorful "
        "colourful vibrant festive lively calm peaceful serene quiet tranquil gentle relaxing sad "
        "lonely melancholy gloomy dreamy magical mystical fantasy enchanted surreal ethereal "
        "romantic mysterious epic dramatic tense mood atmosphere atmospheric cozy whimsical "
        "nostalgic majestic monster attack attacks war battle explosion explodes storm",
};

static const char *const additions[ASPECTS][6] = {
    [ASPECT_CAMERA] = {"The camera slowly pushes in.", "The camera trucks right slowly.",
                       "The camera trucks left slowly.", "The camera rises slowly.",
                       "Tracking shot.", "The camera slowly pulls back."},
    [ASPECT_LIGHT] = {"Golden hour, warm low sunlight.", "Soft light of dawn.", "Clear daylight.",
                      "Dusk, soft afterglow.", "Golden hour, long soft shadows.",
                      "Bright morning light."},
    [ASPECT_MOOD] = {"Calm, unhurried mood.", "Cheerful, lively mood.", "Dreamy mood.",
                     "Peaceful mood.", "Calm, quiet mood.", "Magical mood."},
};

/* A mood asks for its light: what is added may not pull in two directions. */
static const char *const dark_light = "Dusk, the last light fading.";
static const char *const dark_words =
    "menacing evil scary ominous terrifying creepy horror sinister spooky eerie haunted gloomy sad "
    "melancholy lonely dangerous threatening fierce monster angry";

/* Places whose light no hour of the day decides. */
static const char *const lightless_words =
    "space galaxy cosmos universe nebula underwater undersea seabed cave reef moon mars indoors "
    "inside room";

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || (c & 0x80);
}

static bool listed(const char *list, struct text word)
{
    struct text rest = text_of(list);
    while (rest.len > 0)
        if (text_equal_nocase(text_cut(&rest, ' '), word))
            return true;
    return false;
}

static bool says(struct text prompt, const char *list)
{
    size_t i = 0;
    while (i < prompt.len) {
        size_t n = 0;
        while (i + n < prompt.len && is_letter(prompt.at[i + n]))
            n++;
        if (n > 0 && listed(list, (struct text){prompt.at + i, n}))
            return true;
        i += n ? n : 1;
    }
    return false;
}

/* The camera's commands stand in brackets, in any language. */
static bool has_brackets(struct text prompt)
{
    const char *open = prompt.len ? memchr(prompt.at, '[', prompt.len) : NULL;
    return open && memchr(open, ']', prompt.len - (size_t)(open - prompt.at));
}

/* Words in another script than ours: what they say of light and mood cannot be told, so that only
 * the camera, which is asked for in brackets, may be added. */
static bool is_foreign(struct text prompt)
{
    size_t foreign = 0, own = 0;
    for (size_t i = 0; i < prompt.len; i++) {
        foreign += (prompt.at[i] & 0x80) != 0;
        own += (prompt.at[i] >= 'a' && prompt.at[i] <= 'z') ||
               (prompt.at[i] >= 'A' && prompt.at[i] <= 'Z');
    }
    return foreign > own;
}

static bool wants(struct text prompt, enum aspect a, bool with_image)
{
    if (a == ASPECT_CAMERA)
        return !has_brackets(prompt) && !says(prompt, words[a]);
    if (with_image || is_foreign(prompt) || says(prompt, words[a]))
        return false;
    return a != ASPECT_LIGHT || !says(prompt, lightless_words);
}

static const char *choose(struct text prompt, enum aspect a, bool with_image, struct hash_rng *rng)
{
    const uint32_t pick = hash_rng_u32(rng) % 6;
    /* Over an image the camera cannot follow somebody, and has least to show further away. */
    if (a == ASPECT_CAMERA && with_image && pick >= 4)
        return additions[a][0];
    if (a == ASPECT_LIGHT && says(prompt, dark_words))
        return dark_light;
    return additions[a][pick];
}

static void add(struct text_buf *out, const char *sentence)
{
    if (out->len > 0) {
        const char last = out->at[out->len - 1];
        const bool ended = last == '.' || last == '!' || last == '?' || last == ']' ||
                           (last & 0x80);
        text_buf_add_text(out, ended ? " " : ". ");
    }
    text_buf_add_text(out, sentence);
}

char *enhance_prompt(struct text prompt, bool with_image, uint64_t seed)
{
    SCOPED(text_buf) struct text_buf out;
    struct hash_rng rng;
    const struct text said = text_trim(prompt);
    size_t points = text_utf8_valid(said) ? text_utf8_length(said) : said.len;
    text_buf_init(&out, MOST_BYTES * 2);
    text_buf_add(&out, said.at, said.len);
    hash_rng_init(&rng, seed ^ hash_quick(said), 3);
    for (int a = 0; a < ASPECTS; a++) {
        const char *sentence = choose(said, (enum aspect)a, with_image, &rng);
        const size_t more = strlen(sentence) + 2;
        if (!wants(said, (enum aspect)a, with_image) || points + more > MOST_POINTS)
            continue;
        add(&out, sentence);
        points += more;
    }
    char *text = text_buf_take(&out);
    return text ? text : mem_dup_n(said.at, said.len);
}
