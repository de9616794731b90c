/* plan.c - see plan.h. SPDX-License-Identifier: MIT */
#include "storyboard/plan.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "storyboard/nature.h"
#include "storyboard/pack.h"
#include "storyboard/token.h"
#include "storyboard/vocabulary.h"

enum { MOST_NOUN_TOKENS = 4, LENS_REACH = 7 };

/* A noun that could be the subject. */
struct candidate {
    int picture;
    int score; /* 0: none */
    enum colour colour;
    char noun[PLAN_WORD_SIZE];
};

/* The state of the reading. */
struct reader {
    struct plan *plan;
    const struct token_list *list;
    bool has_place, has_time, has_weather;
    enum mood mood;
    enum colour colour; /* waiting for its noun */
    bool after_prep;
    int noun_end;    /* index behind the last noun: a noun that begins here is its head */
    int lens_until;  /* words about the camera count up to this index */
    int move_clause; /* the clause of the latest move */
    int shot_clause;
    int clause;
    struct candidate best;
    int n_moves;
    enum move moves[PLAN_MOST_MOVES];
    int n_groups; /* the camera, as in token.h */
    struct token_group groups[PLAN_MOST_SHOTS];
};

static void copy_word(char out[PLAN_WORD_SIZE], struct text s)
{
    size_t n = s.len < PLAN_WORD_SIZE - 1 ? s.len : PLAN_WORD_SIZE - 1;
    while (n < s.len && n > 0 && ((unsigned char)s.at[n] & 0xc0) == 0x80)
        n--; /* not through the middle of a character */
    memcpy(out, s.at, n);
    out[n] = '\0';
}

/* The tokens from i on, n of them, joined by blanks. */
static size_t join(char *out, size_t size, const struct text *tokens, int n)
{
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        if (len + tokens[i].len + 2 > size)
            return 0;
        if (i)
            out[len++] = ' ';
        memcpy(out + len, tokens[i].at, tokens[i].len);
        len += tokens[i].len;
    }
    out[len] = '\0';
    return len;
}

/* The picture of a word in the singular or plural, by the surest of them. */
static int find_noun(const char *word, size_t len, enum pack_rank *out_rank)
{
    static const struct {
        const char *plural, *singular;
    } endings[] = {{"", ""}, {"s", ""}, {"es", ""}, {"ies", "y"}, {"ves", "f"}, {"ves", "fe"}};
    int best = -1;
    *out_rank = PACK_NONE;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t cut = strlen(endings[i].plural), add = strlen(endings[i].singular);
        if (len < cut + (cut ? 3 : 1) || memcmp(word + len - cut, endings[i].plural, cut) != 0)
            continue;
        char single[PLAN_WORD_SIZE];
        enum pack_rank rank;
        memcpy(single, word, len - cut);
        memcpy(single + len - cut, endings[i].singular, add);
        const int picture = pack_word((struct text){single, len - cut + add}, &rank);
        if (rank > *out_rank) {
            best = picture;
            *out_rank = rank;
        }
    }
    return best;
}

/* The longest noun at the front of the tokens; *out_n is 0 when there is none. */
static int longest_noun(const struct text *tokens, int n, enum pack_rank *rank, int *out_n)
{
    char word[PLAN_WORD_SIZE];
    for (int k = n < MOST_NOUN_TOKENS ? n : MOST_NOUN_TOKENS; k > 0; k--) {
        size_t len = join(word, sizeof word, tokens, k);
        int picture = len ? find_noun(word, len, rank) : -1;
        if (picture >= 0) {
            *out_n = k;
            return picture;
        }
    }
    *out_n = 0;
    return -1;
}

static void add_move(struct reader *r, enum move move)
{
    if (r->n_moves > 0 && r->moves[r->n_moves - 1] == move)
        return;
    if (r->n_moves < PLAN_MOST_MOVES)
        r->moves[r->n_moves++] = move;
    r->move_clause = r->clause;
}

/* "rushes toward the camera" is one move. */
static void add_toward(struct reader *r)
{
    if (r->n_moves > 0 && r->move_clause == r->clause) {
        r->n_moves--;
    }
    add_move(r, MOVE_APPROACH);
}

/* Shots of one clause run together, those of the next follow. */
static void add_shot(struct reader *r, enum shot shot)
{
    struct token_group *g = r->n_groups ? &r->groups[r->n_groups - 1] : NULL;
    if (!g || r->shot_clause != r->clause || g->n == TOKEN_GROUP_MOST) {
        if (r->n_groups == PLAN_MOST_SHOTS / TOKEN_GROUP_MOST)
            return;
        g = &r->groups[r->n_groups++];
        *g = (struct token_group){.n = 0};
    }
    for (int i = 0; i < g->n; i++)
        if (g->shots[i] == shot)
            return;
    g->shots[g->n++] = shot;
    r->shot_clause = r->clause;
}

static void new_clause(struct reader *r)
{
    r->clause++;
    r->after_prep = false;
    r->colour = COLOUR_OWN;
}

static void set_place(struct reader *r, enum place place)
{
    if (!r->has_place)
        r->plan->place = place;
    r->has_place = true;
}

static void set_time(struct reader *r, enum time_of_day time)
{
    if (!r->has_time)
        r->plan->time = time;
    r->has_time = true;
}

static void set_weather(struct reader *r, enum weather weather)
{
    /* "clouds" beside a storm do not calm it. */
    const unsigned bit = 1U << weather;
    r->plan->weather = !r->has_weather || plan_has(r->plan, WEATHER_CLOUD) ? bit : r->plan->weather;
    r->has_weather = true;
}

/* A word of the vocabulary at index i. Returns false when it says nothing here. */
static bool read_word(struct reader *r, struct word w, int i)
{
    switch (w.kind) {
    case WORD_PLACE:
        set_place(r, (enum place)w.value);
        break;
    case WORD_TIME:
        set_time(r, (enum time_of_day)w.value);
        break;
    case WORD_WEATHER:
        set_weather(r, (enum weather)w.value);
        break;
    case WORD_MOOD:
        r->mood = r->mood ? r->mood : (enum mood)w.value;
        break;
    case WORD_MOVE:
        add_move(r, (enum move)w.value);
        r->after_prep = false;
        break;
    case WORD_TOWARD:
        add_toward(r);
        break;
    case WORD_SHOT:
        add_shot(r, (enum shot)w.value);
        break;
    case WORD_LENS:
        add_shot(r, (enum shot)w.value);
        r->lens_until = i; /* one move for one mention of the camera */
        break;
    case WORD_CAMERA:
        r->lens_until = i + LENS_REACH;
        break;
    case WORD_COLOUR:
        r->colour = (enum colour)w.value;
        break;
    case WORD_TALLEST:
        r->plan->tallest = true;
        break;
    case WORD_PREP:
        r->after_prep = true;
        r->colour = COLOUR_OWN;
        break;
    case WORD_BREAK:
        new_clause(r);
        break;
    case WORD_PART:
    case WORD_STOP:
        break;
    case WORD_NONE:
        return false;
    }
    return true;
}

/* A noun at index i: the actor is the first that no preposition leads in; of "robot dog" the
 * last is meant. */
static void read_noun(struct reader *r, int picture, enum pack_rank rank, int i, int n)
{
    const bool strong = rank > PACK_KEYWORD;
    const int score = (strong ? 3 : 1) + !r->after_prep;
    const bool head = i == r->noun_end && score == r->best.score;
    if (score > r->best.score || head) {
        char noun[PLAN_WORD_SIZE * 2];
        join(noun, sizeof noun, &r->list->token[i], n);
        copy_word(r->best.noun, text_of(noun));
        r->best.picture = picture;
        r->best.score = score;
        r->best.colour = r->colour ? r->colour : head ? r->best.colour : COLOUR_OWN;
    }
    if (strong)
        r->noun_end = i + n;
    r->colour = COLOUR_OWN;
}

static void add_unread(struct plan *p, struct text token)
{
    if (p->n_unread == PLAN_MOST_UNREAD || !text_utf8_valid(token))
        return;
    copy_word(p->unread[p->n_unread++], token);
}

static void read_tokens(struct reader *r)
{
    const struct token_list *t = r->list;
    for (int i = 0; i < t->n;) {
        const struct text *at = &t->token[i];
        if (at->at[0] == '.' || at->at[0] == ',') {
            new_clause(r);
            if (at->at[0] == '.')
                r->lens_until = 0;
            i++;
            continue;
        }
        enum pack_rank rank;
        int n_noun;
        int picture = longest_noun(at, t->n - i, &rank, &n_noun);
        struct word w = vocabulary_find(at, t->n - i, i < r->lens_until);
        if (n_noun > w.n_tokens && picture >= 0)
            read_noun(r, picture, rank, i, n_noun);
        else if (!read_word(r, w, i))
            add_unread(r->plan, *at);
        i += n_noun > w.n_tokens ? n_noun : w.n_tokens ? w.n_tokens : 1;
    }
}

/* Brackets are exact orders: where there are some, prose about the camera gives way. */
static void set_shots(struct plan *p, const struct token_group *groups, int n)
{
    for (int g = 0; g < n; g++)
        for (int k = 0; k < groups[g].n && p->n_shots < PLAN_MOST_SHOTS; k++)
            p->shots[p->n_shots++] = (struct plan_shot){.shot = groups[g].shots[k],
                                                        .from = (float)g / (float)n,
                                                        .to = (float)(g + 1) / (float)n};
}

static void choose_shot(struct plan *p, struct hash_rng *rng)
{
    static const uint8_t usual[] = {SHOT_PUSH_IN, SHOT_TRUCK_RIGHT, SHOT_TRUCK_LEFT,
                                    SHOT_PUSH_IN, SHOT_PEDESTAL_UP, SHOT_PULL_OUT};
    struct token_group g = {.n = 1};
    g.shots[0] = (enum shot)usual[hash_rng_u32(rng) % sizeof usual];
    if (p->cast[0].moves[p->cast[0].n_moves - 1].move == MOVE_APPROACH)
        g.shots[0] = SHOT_PUSH_IN;
    set_shots(p, &g, 1);
}

static void choose_light(struct reader *r, struct hash_rng *rng)
{
    static const uint8_t times[MOODS][4] = {
        [MOOD_EPIC] = {TIME_GOLDEN, TIME_DUSK, TIME_DAWN, TIME_DAY},
        [MOOD_NOIR] = {TIME_NIGHT, TIME_NIGHT, TIME_NIGHT, TIME_NIGHT},
        [MOOD_VINTAGE] = {TIME_GOLDEN, TIME_DAY, TIME_GOLDEN, TIME_DAY},
        [MOOD_NEON] = {TIME_NIGHT, TIME_NIGHT, TIME_NIGHT, TIME_DUSK},
        [MOOD_PLAIN] = {TIME_DAY, TIME_GOLDEN, TIME_DAWN, TIME_DUSK},
        [MOOD_MENACING] = {TIME_DUSK, TIME_DUSK, TIME_DUSK, TIME_DUSK},
        [MOOD_CHEERFUL] = {TIME_DAY, TIME_DAY, TIME_GOLDEN, TIME_DAWN},
        [MOOD_CALM] = {TIME_DAWN, TIME_GOLDEN, TIME_DUSK, TIME_DAY},
        [MOOD_MELANCHOLIC] = {TIME_DUSK, TIME_DAWN, TIME_DUSK, TIME_NIGHT},
        [MOOD_DREAMY] = {TIME_DUSK, TIME_DAWN, TIME_NIGHT, TIME_GOLDEN},
    };
    struct plan *p = r->plan;
    uint32_t pick = hash_rng_u32(rng);
    p->mood = r->mood;
    if (!r->has_time)
        p->time = (enum time_of_day)times[p->mood][pick % 4];
    if (!r->has_weather)
        p->weather = p->mood == MOOD_MENACING || p->mood == MOOD_MELANCHOLIC || (pick >> 8) % 3 == 0
                         ? 1U << WEATHER_CLOUD
                         : 1U << WEATHER_CLEAR;
}

static void choose_subject(struct reader *r, struct hash_rng *rng)
{
    struct plan *p = r->plan;
    uint32_t pick = hash_rng_u32(rng), home = hash_rng_u32(rng);
    if (r->best.score > 0) {
        p->cast[0].picture = r->best.picture;
        p->cast[0].colour = r->best.colour;
        memcpy(p->cast[0].noun, r->best.noun, sizeof p->cast[0].noun);
        if (!r->has_place && r->has_weather && plan_has(p, WEATHER_SNOW))
            p->place = PLACE_SNOW;
        else if (!r->has_place)
            p->place = nature_home(nature_of(p->cast[0].picture).nature, home);
        return;
    }
    if (!r->has_place)
        p->place = (enum place)(home % PLACES);
    p->cast[0].picture = nature_dweller(p->place, pick);
}

/* Each move takes its share of the film; one that only brings the subject in, a little less. */
static void set_moves(struct reader *r, struct hash_rng *rng)
{
    struct plan *p = r->plan;
    if (r->n_moves == 0)
        add_move(r, nature_habit(nature_of(p->cast[0].picture).nature, hash_rng_u32(rng)));
    float weights = 0, at = 0;
    for (int i = 0; i < r->n_moves; i++)
        weights += r->moves[i] == MOVE_APPEAR ? 0.75F : 1;
    for (int i = 0; i < r->n_moves; i++) {
        float share = (r->moves[i] == MOVE_APPEAR ? 0.75F : 1) / weights;
        float to = i == r->n_moves - 1 ? 1 : at + share;
        p->cast[0].moves[i] =
            (struct plan_move){.move = r->moves[i], .from = at, .to = to, .target = PLAN_NOBODY};
        at = to;
    }
    p->cast[0].n_moves = r->n_moves;
    p->cast[0].near_picture = -1;
    for (int i = 0; i < p->cast[0].n_moves; i++)
        if (p->cast[0].moves[i].move == MOVE_APPROACH)
            p->cast[0].near_picture = nature_front(p->cast[0].picture);
}

static unsigned said(const struct reader *r)
{
    return (r->has_place ? PLAN_SAID_PLACE : 0U) | (r->has_time ? PLAN_SAID_TIME : 0U) |
           (r->has_weather ? PLAN_SAID_WEATHER : 0U) | (r->n_moves > 0 ? PLAN_SAID_MOVES : 0U);
}

void plan_read(struct plan *out, struct text prompt, uint64_t seed)
{
    SCOPED(token_list) struct token_list *list = token_list_new(prompt);
    struct hash_rng rng;
    struct reader r = {.plan = out, .list = list, .noun_end = -1, .move_clause = -1};
    *out = (struct plan){.seed = seed, .n_cast = 1};
    out->cast[0] = (struct plan_actor){.holds = -1, .count = 1, .where_target = PLAN_NOBODY};
    hash_rng_init(&rng, seed ^ hash_quick(prompt), 1);
    read_tokens(&r);
    out->said = said(&r);
    choose_subject(&r, &rng);
    choose_light(&r, &rng);
    set_moves(&r, &rng);
    set_shots(out, list->n_groups ? list->group : r.groups,
              list->n_groups ? list->n_groups : r.n_groups);
    if (out->n_shots == 0)
        choose_shot(out, &rng);
}
