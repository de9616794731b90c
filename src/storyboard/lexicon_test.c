/* lexicon_test.c - the compiled words. SPDX-License-Identifier: MIT */
#include "storyboard/lexicon.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "storyboard/pack.h"
#include "unit.h"

extern const unsigned char lexicon_bytes[];
extern const unsigned char lexicon_bytes_end[];

/* The picture of the likeliest noun of a word in a language; -1: none. */
static int picture_of(const char *key, enum language l)
{
    struct lexicon_word w;
    int best = -1, prior = -1;
    if (!lexicon_find(&w, text_of(key)))
        return -1;
    for (int i = 0; i < w.n_senses; i++) {
        const struct lexicon_sense s = lexicon_sense(w.first + i);
        if (s.kind == WORD_NOUN && s.language == l && s.prior > prior) {
            best = s.value;
            prior = s.prior;
        }
    }
    return best;
}

TEST(the_embedded_lexicon_is_whole)
{
    struct error err;
    CHECK_OK(lexicon_check(&err), err);
    assert_true(lexicon_words() > 80000);
}

/* Pictures that no word leads to: what dragons and bodies are put together from, wheels, and bodies
 * that sleep or fly. */
static bool is_part(const char *name)
{
    static const char *const parts[] = {"dragon-body",   "dragon-head", "dragon-jaw",
                                        "dragon-throat", "dragon-wing", "wheel-slots",
                                        "wheel-spokes",  "zzz"};
    static const char *const endings[] = {"-asleep", "-dozing", "-flying", "-wing"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(name, parts[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends(text_of(name), text_of(endings[i])))
            return true;
    return false;
}

TEST(every_picture_is_reached_by_its_name)
{
    for (int i = 0; i < pack_count(); i++) {
        char name[64];
        snprintf(name, sizeof name, "%s", pack_name(i));
        if (is_part(name))
            continue;
        for (char *c = name; *c; c++)
            *c = *c == '-' ? ' ' : *c;
        struct lexicon_word w;
        bool reached = false;
        if (!lexicon_find(&w, text_of(name)))
            fail_msg("nobody knows %s", name);
        for (int k = 0; k < w.n_senses; k++)
            reached = reached || (lexicon_sense(w.first + k).kind == WORD_NOUN &&
                                  lexicon_sense(w.first + k).value == i);
        /* "bull": our own list has another picture for the plain word. */
        if (!reached && picture_of(name, LANGUAGE_EN) < 0)
            fail_msg("%s leads to no picture", name);
    }
}

TEST(nouns_of_wordnet_go_to_the_nearest_picture)
{
    static const struct {
        const char *word, *picture;
    } cases[] = {
        {"cheetah", "leopard"},
        {"sedan", "automobile"},
        {"galleon", "sailboat"},
        {"oak", "deciduous-tree"},
        {"hyena", "wolf"},
        {"wolves", "wolf"},
        {"geese", "goose"},
        {"accountant", "office-worker"},
        {"violinist", "man-standing"},
        {"schooner", "sailboat"},
        {"stallion", "horse"},
        {"baguette", "bread"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lexicon_word w;
        bool found = false;
        assert_true(lexicon_find(&w, text_of(cases[i].word)));
        for (int k = 0; k < w.n_senses; k++) {
            const struct lexicon_sense s = lexicon_sense(w.first + k);
            found = found || (s.kind == WORD_NOUN && s.value != LEXICON_NOTHING &&
                              strcmp(pack_name(s.value), cases[i].picture) == 0);
        }
        if (!found)
            fail_msg("%s does not lead to %s", cases[i].word, cases[i].picture);
    }
}

TEST(a_musician_holds_the_instrument)
{
    struct lexicon_word w;
    assert_true(lexicon_find(&w, TEXT("violinist")));
    const struct lexicon_sense s = lexicon_sense(w.first);
    assert_string_equal(pack_name(s.holds), "violin");
}

TEST(abstract_nouns_mean_no_picture)
{
    static const char *const words[] = {"justice", "hope", "thursday", "economy", "entity"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(picture_of(words[i], LANGUAGE_EN) < 0 ||
                    picture_of(words[i], LANGUAGE_EN) == LEXICON_NOTHING);
}

TEST(other_languages_have_their_words)
{
    static const struct {
        const char *word;
        enum language language;
        const char *picture;
    } cases[] = {
        {"katze", LANGUAGE_DE, "cat"}, {"de|katz", LANGUAGE_DE, "cat"},
        {"chat", LANGUAGE_FR, "cat"},  {"perro", LANGUAGE_ES, "dog"},
        {"кошка", LANGUAGE_RU, "cat"}, {"猫", LANGUAGE_ZH, "cat"},
        {"犬", LANGUAGE_JA, "dog"},    {"고양이", LANGUAGE_KO, "cat"},
        {"แมว", LANGUAGE_TH, "cat"},   {"\xf0\x9f\x90\x89", LANGUAGE_ANY, "dragon"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int picture = picture_of(cases[i].word, cases[i].language);
        if (picture < 0)
            fail_msg("nobody knows %s", cases[i].word);
        assert_string_equal(pack_name(picture), cases[i].picture);
    }
}

TEST(what_is_no_word_is_not_found)
{
    struct lexicon_word w;
    assert_false(lexicon_find(&w, TEXT("")));
    assert_false(lexicon_find(&w, TEXT("ca\0t")));
    assert_false(lexicon_find(&w, TEXT("qwzzzx")));
    assert_false(lexicon_find(&w, TEXT("\xff\xfe")));
}

static uint32_t get(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void set(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> 8 * i);
}

TEST(a_damaged_lexicon_is_refused)
{
    const size_t size = (size_t)((uintptr_t)lexicon_bytes_end - (uintptr_t)lexicon_bytes);
    SCOPED(mem) unsigned char *copy = mem_try(size);
    assert_non_null(copy);
    struct error err;
    memcpy(copy, lexicon_bytes, size);
    CHECK_OK(lexicon_check_bytes(copy, size, &err), err);
    CHECK_ERR(lexicon_check_bytes(copy, size - 1, &err), ERR_CORRUPT);
    CHECK_ERR(lexicon_check_bytes(copy, 20, &err), ERR_CORRUPT);
    for (size_t at = 0; at < 56; at += 4) { /* each number of the header, too large */
        memcpy(copy, lexicon_bytes, size);
        set(copy + at, get(copy + at) + 0x7ffffff1U);
        CHECK_ERR(lexicon_check_bytes(copy, size, &err), ERR_CORRUPT);
    }
    static const struct {
        int table; /* the header's number that says where it begins */
        size_t offset;
        unsigned char byte;
    } rows[] = {
        {28, 3, 0xff},  /* a slot's word         */
        {32, 3, 0xff},  /* a word's string       */
        {32, 7, 0xff},  /* its first sense       */
        {32, 9, 0xff},  /* its longest phrase    */
        {36, 4, 0xff},  /* a sense's kind        */
        {36, 5, 0xff},  /* its language          */
        {36, 15, 0xff}, /* its first cue         */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(copy, lexicon_bytes, size);
        copy[get(copy + rows[i].table) + rows[i].offset] = rows[i].byte;
        CHECK_ERR(lexicon_check_bytes(copy, size, &err), ERR_CORRUPT);
    }
}
