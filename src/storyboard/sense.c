/* sense.c - see sense.h. SPDX-License-Identifier: MIT */
#include "storyboard/sense.h"

#include <string.h>

#include "storyboard/stem.h"

/* A neighbour chosen by hand decides, one from the dictionary's definition leans. */
enum { NEAR_WEIGHT = 230, CUE_WEIGHT = 45, MOST_HITS = 2, OWN_LANGUAGE = 300 };

static void remember(struct sense_context *c, uint32_t hash)
{
    uint32_t at = hash % SENSE_SLOTS;
    while (c->slots[at] && c->slots[at] != hash)
        at = (at + 1) % SENSE_SLOTS;
    c->slots[at] = hash;
}

static bool remembers(const struct sense_context *c, uint32_t hash)
{
    for (uint32_t at = hash % SENSE_SLOTS; c->slots[at]; at = (at + 1) % SENSE_SLOTS)
        if (c->slots[at] == hash)
            return true;
    return false;
}

static bool is_latin(struct text s)
{
    return s.len > 0 && (unsigned char)s.at[0] < 0xcd;
}

/* Words that only serve grammar tell a language best. */
static int vote_of(const struct lexicon_sense *s)
{
    switch (s->kind) {
    case WORD_ARTICLE:
    case WORD_BE:
    case WORD_AND:
    case WORD_OBJECT:
        return 3;
    case WORD_STOP:
    case WORD_WHERE:
    case WORD_THEN:
    case WORD_HOLD:
    case WORD_NOT:
    case WORD_PRONOUN:
        return 2;
    default:
        return 1;
    }
}

static void vote(int votes[LANGUAGES], const struct lexicon_word *w)
{
    int best[LANGUAGES] = {0};
    for (int i = 0; i < w->n_senses; i++) {
        const struct lexicon_sense s = lexicon_sense(w->first + i);
        const int v = vote_of(&s);
        if (v > best[s.language])
            best[s.language] = v;
    }
    for (int l = 0; l < LANGUAGES; l++)
        votes[l] += best[l];
}

/* Kana is Japanese, and so are the Chinese characters among it. */
static void vote_by_script(int votes[LANGUAGES], struct text s)
{
    struct text rest = s;
    const uint32_t c = text_utf8_next(&rest);
    if (c >= 0x3040 && c <= 0x30ff)
        votes[LANGUAGE_JA] += 20;
    else if (c >= 0x3400 && c <= 0x9fff)
        votes[LANGUAGE_ZH] += 2;
    else if (c >= 0xac00 && c <= 0xd7a3)
        votes[LANGUAGE_KO] += 4;
    else if (c >= 0x620 && c <= 0x6ff)
        votes[LANGUAGE_AR] += 4;
    else if (c >= 0xe00 && c <= 0xe7f)
        votes[LANGUAGE_TH] += 4;
}

void sense_context_read(struct sense_context *c, const struct token_list *t)
{
    int votes[LANGUAGES] = {0};
    memset(c, 0, sizeof *c);
    c->english = stem_new(LANGUAGE_EN);
    for (int i = 0; i < t->n; i++) {
        const struct text s = t->token[i].s;
        struct lexicon_word w;
        vote_by_script(votes, s);
        if (lexicon_find(&w, s))
            vote(votes, &w);
        if ((unsigned char)s.at[0] < 0x80)
            remember(c, lexicon_hash(stem_word(c->english, s)) | 1U);
    }
    votes[LANGUAGE_EN] = votes[LANGUAGE_EN] * 5 / 4 + 1; /* in doubt */
    votes[LANGUAGE_ANY] = 0;
    for (int l = 0; l < LANGUAGES; l++)
        if (votes[l] > votes[c->language])
            c->language = (enum language)l;
}

void sense_context_fini(struct sense_context *c)
{
    stem_free(c->english);
}

bool sense_allowed(const struct sense_context *c, enum language l, struct text bytes)
{
    enum { SHORT = 3 };
    if (l == c->language || l == LANGUAGE_ANY || !is_latin(bytes))
        return true;
    return l == LANGUAGE_EN && bytes.len > SHORT;
}

static int hits(const struct sense_context *c, int first, int n, uint32_t own)
{
    int sum = 0;
    for (int i = 0; i < n && sum < MOST_HITS; i++) {
        const uint32_t cue = lexicon_cue(first + i) | 1U;
        sum += cue != own && remembers(c, cue);
    }
    return sum;
}

int sense_choose(const struct sense_context *c, const struct lexicon_word *w, struct text key)
{
    const uint32_t own = lexicon_hash(stem_word(c->english, key)) | 1U;
    int best = -1, best_score = -1;
    for (int i = 0; i < w->n_senses; i++) {
        const struct lexicon_sense s = lexicon_sense(w->first + i);
        if (s.kind != WORD_NOUN || !sense_allowed(c, s.language, key))
            continue;
        int score = s.prior + (s.language == c->language ? OWN_LANGUAGE : 0);
        score += NEAR_WEIGHT * hits(c, s.first_cue, s.n_near, own);
        score += CUE_WEIGHT * hits(c, s.first_cue + s.n_near, s.n_cues - s.n_near, own);
        if (score > best_score) {
            best = w->first + i;
            best_score = score;
        }
    }
    return best;
}
