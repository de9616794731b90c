/* read.c - how long reading a prompt of 2,000 characters takes: a cold first, then warm ones.
 *
 *     read ROUNDS
 *
 * One JSON object on standard output: microseconds of each round, for prose in English, for
 * Chinese (one character a token), and for words that nobody knows.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storyboard/plan.h"

enum { CHARACTERS = 2000, MOST_BYTES = 4 * CHARACTERS, READS = 16 };

static const struct {
    const char *name, *text;
} prompts[] = {
    {"english",
     "A tiny red robot chases three golden butterflies across a misty meadow at dawn, then "
     "it suddenly stops in front of an enormous oak while a violinist plays behind the hill. "
     "The camera slowly pushes in. "},
    {"chinese", "一只红色的小狐狸在月光下的森林里追逐三只蝴蝶，然后突然停在一座古老的城堡前面，镜头"
                "慢慢推进。"},
    {"unknown",
     "Quixotic zygomorphs brachiate ineffably amongst crepuscular xanthocarpous rhizomes. "},
};

/* The text again and again, 2,000 characters of it. */
static struct text fill(char out[MOST_BYTES], const char *text)
{
    struct text rest = {0};
    size_t len = 0;
    for (int i = 0; i < CHARACTERS; i++) {
        if (rest.len == 0)
            rest = text_of(text);
        const char *at = rest.at;
        text_utf8_next(&rest);
        memcpy(out + len, at, (size_t)(rest.at - at));
        len += (size_t)(rest.at - at);
    }
    return (struct text){out, len};
}

static double read_us(struct text prompt)
{
    static struct plan plan;
    const int64_t began_us = clock_mono_us();
    for (int i = 0; i < READS; i++)
        plan_read(&plan, prompt, (uint64_t)i);
    return (double)(clock_mono_us() - began_us) / READS;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: read ROUNDS\n");
        return 2;
    }
    const long rounds = strtol(argv[1], NULL, 10);
    const char *before = "{";
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        static char bytes[MOST_BYTES];
        const struct text prompt = fill(bytes, prompts[i].text);
        printf("%s\"%s\": [", before, prompts[i].name);
        for (long r = 0; r < rounds; r++)
            printf("%s%.1f", r ? ", " : "", read_us(prompt));
        printf("]");
        before = ", ";
    }
    printf("}\n");
    return 0;
}
