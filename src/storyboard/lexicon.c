/* lexicon.c - see lexicon.h. SPDX-License-Identifier: MIT */
#include "storyboard/lexicon.h"

#include <stddef.h>
#include <string.h>

#include "storyboard/pack.h"

extern const unsigned char lexicon_bytes[];
extern const unsigned char lexicon_bytes_end[];

/* The numbers of the header, in order. */
enum field {
    N_SLOTS,
    N_WORDS,
    N_SENSES,
    N_CUES,
    N_PAIRS,
    SLOTS,
    WORDS,
    SENSES,
    CUES,
    PAIRS,
    STRINGS,
    SIZE
};
enum { HEADER = 56, WORD_ROW = 12, SENSE_ROW = 16 };

static uint32_t number(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t field(const unsigned char *bytes, enum field f)
{
    return number(bytes + 8 + 4 * (size_t)f);
}

static const unsigned char *row(const unsigned char *bytes, enum field table, size_t size, size_t i)
{
    return bytes + field(bytes, table) + size * i;
}

uint32_t lexicon_hash(struct text s)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.at[i]) * 16777619U;
    return h;
}

static bool is_key(const char *string, struct text key)
{
    return strncmp(string, key.at, key.len) == 0 && string[key.len] == '\0';
}

bool lexicon_find(struct lexicon_word *out, struct text key)
{
    const unsigned char *b = lexicon_bytes;
    const uint32_t mask = field(b, N_SLOTS) - 1;
    const char *strings = (const char *)b + field(b, STRINGS);
    if (key.len == 0 || memchr(key.at, '\0', key.len))
        return false;
    for (uint32_t slot = lexicon_hash(key) & mask;; slot = (slot + 1) & mask) {
        const uint32_t word = number(row(b, SLOTS, 4, slot));
        if (word == 0)
            return false;
        const unsigned char *w = row(b, WORDS, WORD_ROW, word - 1);
        if (!is_key(strings + number(w), key))
            continue;
        *out = (struct lexicon_word){
            .first = (int)number(w + 4), .n_senses = w[8], .n_longest = w[9], .flags = w[10]};
        return true;
    }
}

struct lexicon_sense lexicon_sense(int index)
{
    const unsigned char *s = row(lexicon_bytes, SENSES, SENSE_ROW, (size_t)index);
    return (struct lexicon_sense){
        .value = s[0] | s[1] << 8,
        .holds = s[2] | s[3] << 8,
        .kind = (enum word_kind)s[4],
        .language = (enum language)s[5],
        .prior = s[6],
        .class = (enum noun_class)s[7],
        .n_near = s[8],
        .n_cues = s[9],
        .first_cue = (int)number(s + 12),
    };
}

bool lexicon_may_begin(struct text two)
{
    const uint32_t bit = lexicon_hash(two) & (8 * field(lexicon_bytes, N_PAIRS) - 1);
    return *row(lexicon_bytes, PAIRS, 1, bit >> 3) & 1U << (bit & 7);
}

uint32_t lexicon_cue(int index)
{
    return number(row(lexicon_bytes, CUES, 4, (size_t)index));
}

int lexicon_words(void)
{
    return (int)field(lexicon_bytes, N_WORDS);
}

const char *lexicon_language_name(enum language l)
{
    static const char names[LANGUAGES][4] = {
        "en", "any", "ar", "bn", "da", "de", "es", "et", "fi", "fr", "hi", "hu", "it", "ja",
        "ko", "lt",  "ms", "nb", "nl", "pl", "pt", "ru", "sv", "th", "tr", "uk", "vi", "zh"};
    return names[l];
}

/* Do the tables lie one behind the other, inside size? */
static bool tables_fit(const unsigned char *b, size_t size)
{
    static const struct {
        enum field count, at, next;
        unsigned row;
    } tables[] = {{N_SLOTS, SLOTS, WORDS, 4},
                  {N_WORDS, WORDS, SENSES, WORD_ROW},
                  {N_SENSES, SENSES, CUES, SENSE_ROW},
                  {N_CUES, CUES, PAIRS, 4},
                  {N_PAIRS, PAIRS, STRINGS, 1}};
    if (size < HEADER || memcmp(b, "ZTLEX1\0", 8) != 0 || field(b, SIZE) != size ||
        field(b, SLOTS) < HEADER || field(b, STRINGS) >= size || b[size - 1] != '\0')
        return false;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (field(b, tables[i].at) + (uint64_t)tables[i].row * field(b, tables[i].count) >
            field(b, tables[i].next))
            return false;
    const uint32_t slots = field(b, N_SLOTS), pairs = field(b, N_PAIRS);
    return pairs && (pairs & (pairs - 1)) == 0 && pairs < 1U << 28 && slots &&
           (slots & (slots - 1)) == 0 && field(b, N_WORDS) < slots;
}

static bool words_fit(const unsigned char *b, size_t size)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < field(b, N_SLOTS); i++) {
        const uint32_t word = number(row(b, SLOTS, 4, i));
        if (word > field(b, N_WORDS))
            return false;
        used += word != 0;
    }
    for (uint32_t i = 0; i < field(b, N_WORDS); i++) {
        const unsigned char *w = row(b, WORDS, WORD_ROW, i);
        if (number(w) >= size - field(b, STRINGS) ||
            (uint64_t)number(w + 4) + w[8] > field(b, N_SENSES) || w[9] > LEXICON_LONGEST)
            return false;
    }
    return used < field(b, N_SLOTS); /* else a search would not end */
}

static bool senses_fit(const unsigned char *b)
{
    for (uint32_t i = 0; i < field(b, N_SENSES); i++) {
        const unsigned char *s = row(b, SENSES, SENSE_ROW, i);
        const int value = s[0] | s[1] << 8, holds = s[2] | s[3] << 8;
        if (s[4] == WORD_NONE || s[4] >= WORD_KINDS || s[5] >= LANGUAGES || s[7] >= CLASSES ||
            s[8] > s[9] || (uint64_t)number(s + 12) + s[9] > field(b, N_CUES))
            return false;
        if (s[4] == WORD_NOUN && value != LEXICON_NOTHING && value >= pack_count())
            return false;
        if (holds != LEXICON_NOTHING && holds >= pack_count())
            return false;
    }
    return true;
}

int lexicon_check_bytes(const unsigned char *bytes, size_t size, struct error *err)
{
    if (!tables_fit(bytes, size) || !words_fit(bytes, size) || !senses_fit(bytes))
        return error_set(err, ERR_CORRUPT, "the program's lexicon is damaged");
    return 0;
}

int lexicon_check(struct error *err)
{
    /* cppcheck-suppress comparePointers ; both ends of one embedded object */
    return lexicon_check_bytes(lexicon_bytes, (size_t)(lexicon_bytes_end - lexicon_bytes), err);
}
