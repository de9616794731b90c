/* stem.c - stems of words, for the compiler of the lexicon, which must cut them as the program
 * does when it reads a prompt: by the same libstemmer.
 *
 * Reads lines "ALGORITHM WORD" and prints the stem of each on a line of its own.
 *
 * SPDX-License-Identifier: MIT */
#include <libstemmer.h>
#include <stdio.h>
#include <string.h>

enum { MOST_STEMMERS = 32, NAME_SIZE = 24 };

static struct {
    char name[NAME_SIZE];
    struct sb_stemmer *stemmer;
} known[MOST_STEMMERS];

static struct sb_stemmer *stemmer_of(const char *name)
{
    int i = 0;
    while (i < MOST_STEMMERS && known[i].name[0] && strcmp(known[i].name, name) != 0)
        i++;
    if (i == MOST_STEMMERS)
        return NULL;
    if (!known[i].stemmer) {
        if (snprintf(known[i].name, NAME_SIZE, "%s", name) >= NAME_SIZE)
            return NULL;
        known[i].stemmer = sb_stemmer_new(name, "UTF_8");
    }
    return known[i].stemmer;
}

int main(void)
{
    char line[512];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *word = strchr(line, ' ');
        if (!word)
            return 1;
        *word++ = '\0';
        struct sb_stemmer *s = stemmer_of(line);
        if (!s) {
            fprintf(stderr, "stem: no stemmer called %s\n", line);
            return 1;
        }
        puts((const char *)sb_stemmer_stem(s, (const sb_symbol *)word, (int)strlen(word)));
    }
    for (int i = 0; i < MOST_STEMMERS; i++)
        sb_stemmer_delete(known[i].stemmer);
    return 0;
}
