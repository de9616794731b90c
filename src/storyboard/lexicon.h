/* lexicon.h - every word that the storyboard knows, in all its languages, compiled at build time
 * and read in place: pages of the program itself, shared by all processes, never copied or parsed.
 *
 * tools/lexicon/compile makes it from assets/vocabulary.txt, nouns.txt and senses.txt, WordNet's
 * nouns, and the names and keywords of the pictures. All numbers are little-endian:
 *
 *     0   "ZTLEX1\0\0"
 *     8   u32 n_slots, n_words, n_senses, n_cues, n_pairs, slots_at, words_at, senses_at, cues_at,
 *             pairs_at, strings_at, size
 *     slots_at   [n_slots]  u32 index of a word + 1, or 0; n_slots is a power of two. A word
 *                           stands at its hash or, where that is taken, in the next free slot
 *     words_at   [n_words]  u32 string (from strings_at), u32 first sense, u8 number of senses,
 *                           u8 tokens of the longest phrase that begins with it, u8 flags, u8 0
 *     senses_at  [n_senses] u16 value, u16 holds, u8 kind, u8 language, u8 prior, u8 class,
 *                           u8 near cues, u8 all cues, u16 0, u32 first cue
 *     cues_at    [n_cues]   u32 hash of the stem of a word that speaks for the sense
 *     pairs_at   [n_pairs]  bytes of bits; the bit at the hash of the first two tokens of every
 *                           phrase is set; n_pairs is a power of two
 *     strings    end in NUL, to size
 *
 * A key is a word or words joined by blanks (without blanks in scripts that write none), in lower
 * case; "de|stem" is the stem of German words.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* What a sense says. */
enum word_kind {
    WORD_NONE,
    WORD_NOUN,          /* value: a picture of pack.h, or LEXICON_NOTHING   */
    WORD_CAMERA_TOWARD, /* "toward the camera"                              */
    WORD_CAMERA_AWAY,   /* "away from us"                                   */
    WORD_SHOT,          /* enum shot, wherever it stands                    */
    WORD_LENS,          /* enum shot, when the sentence speaks of the camera */
    WORD_CAMERA,        /* the camera itself                                */
    WORD_PLACE,         /* enum place                                       */
    WORD_INSIDE,        /* enum place when one is in it, else a thing        */
    WORD_OUTDOORS,      /* a word for no place in particular                */
    WORD_TIME,          /* enum time_of_day                                 */
    WORD_WEATHER,       /* enum weather                                     */
    WORD_MOOD,          /* enum mood                                        */
    WORD_MOVE,          /* enum move                                        */
    WORD_COLOUR,        /* enum colour                                      */
    WORD_SIZE,          /* enum size                                        */
    WORD_TALLEST,       /* one summit stands out                            */
    WORD_COUNT,         /* how many                                         */
    WORD_WHERE,         /* enum where: a preposition or an adverb           */
    WORD_TOWARD,        /* "toward"                                         */
    WORD_AWAY,          /* "from"                                           */
    WORD_RIDE,          /* "riding"                                         */
    WORD_HOLD,          /* "with", "carrying"                               */
    WORD_PLAY_ON,       /* "plays the"                                      */
    WORD_WEAR,          /* "wearing"                                        */
    WORD_LIKE,          /* a simile follows                                 */
    WORD_STYLE,         /* "in the style of"                                */
    WORD_AGENT,         /* "by"                                             */
    WORD_AND,
    WORD_THEN,     /* the next stretch begins                            */
    WORD_WHILE,    /* the same stretch goes on                           */
    WORD_NOT,      /* "no", "without"                                    */
    WORD_NOBODY,   /* "no people"                                        */
    WORD_EMPTY,    /* "empty", before a place                            */
    WORD_PRONOUN,  /* "it"                                               */
    WORD_RELATIVE, /* "that"; enum article when it stands before a noun  */
    WORD_LEAVE,    /* enum without, behind WORD_NOT                      */
    WORD_PART,     /* a part of a thing: "jaws"                          */
    WORD_ARTICLE,  /* enum article: "the", "its"                         */
    WORD_OBJECT,   /* the noun before it suffers the verb ("を")          */
    WORD_BE,       /* "is"                                               */
    WORD_STOP,     /* says nothing                                       */
    WORD_KINDS
};

/* What an article says of its noun. */
enum article {
    ARTICLE_OTHER,    /* "a"                                       */
    ARTICLE_DEFINITE, /* "the": it is there already                */
    ARTICLE_THEIRS,   /* "its": there if who it belongs to is      */
};

/* The languages that assets/vocabulary.txt and the keyword lists speak. */
enum language {
    LANGUAGE_EN,
    LANGUAGE_ANY, /* emoji */
    LANGUAGE_AR,
    LANGUAGE_BN,
    LANGUAGE_DA,
    LANGUAGE_DE,
    LANGUAGE_ES,
    LANGUAGE_ET,
    LANGUAGE_FI,
    LANGUAGE_FR,
    LANGUAGE_HI,
    LANGUAGE_HU,
    LANGUAGE_IT,
    LANGUAGE_JA,
    LANGUAGE_KO,
    LANGUAGE_LT,
    LANGUAGE_MS,
    LANGUAGE_NB,
    LANGUAGE_NL,
    LANGUAGE_PL,
    LANGUAGE_PT,
    LANGUAGE_RU,
    LANGUAGE_SV,
    LANGUAGE_TH,
    LANGUAGE_TR,
    LANGUAGE_UK,
    LANGUAGE_VI,
    LANGUAGE_ZH,
    LANGUAGES
};

/* What a noun is, as far as grammar cares. */
enum noun_class {
    CLASS_THING,
    CLASS_PERSON,
    CLASS_ANIMAL,
    CLASS_PLANT,
    CLASS_HOUSE,
    CLASS_VEHICLE,
    CLASSES
};

enum {
    LEXICON_NOTHING = 0xffff, /* a picture or holds: none; a sense that cannot be drawn */
    LEXICON_LONGEST = 12,     /* tokens of a phrase, at most */
    LEXICON_VERB = 1,         /* flag: the word is a verb as well */
    LEXICON_PLURAL = 2,       /* flag: an irregular plural, or it has no singular */
};

struct lexicon_word {
    int first, n_senses;
    int n_longest; /* tokens of the longest phrase that begins with it; 1: itself alone */
    unsigned flags;
};

struct lexicon_sense {
    enum word_kind kind;
    enum language language;
    enum noun_class class;
    int value;
    int holds; /* a picture that goes with it, or LEXICON_NOTHING */
    int prior; /* 0..255: how often the word means this */
    int n_near, n_cues;
    int first_cue; /* of n_cues; the first n_near were chosen by hand and weigh more */
};

/* false: nobody knows this key. */
bool lexicon_find(struct lexicon_word *out, struct text key);
struct lexicon_sense lexicon_sense(int index);

/* May a phrase begin with these two tokens, joined? Seldom a wrong yes, never a wrong no. */
bool lexicon_may_begin(struct text two);
uint32_t lexicon_cue(int index);

uint32_t lexicon_hash(struct text s); /* FNV-1a, as the keys and cues are hashed */
const char *lexicon_language_name(enum language l);

/* Are the embedded bytes a whole lexicon, every offset inside? For zoetrope doctor and the
 * tests. ERR_CORRUPT. */
int lexicon_check(struct error *err) MUST_CHECK;

/* The same of any bytes. */
int lexicon_check_bytes(const unsigned char *bytes, size_t size, struct error *err) MUST_CHECK;
int lexicon_words(void); /* how many keys */
