/* parse.c - see parse.h. SPDX-License-Identifier: MIT */
#include "storyboard/parse.h"

#include <string.h>

#include "storyboard/parse_impl.h"

void parse_word(const struct parse *p, char out[PLAN_WORD_SIZE], const struct phrase *at)
{
    const struct token *t = &p->tokens->token[at->first];
    for (int n = at->n_tokens; n > 0; n--)
        if (token_join(out, PLAN_WORD_SIZE, t, n))
            return;
    size_t n = PLAN_WORD_SIZE - 1; /* one word longer than that */
    while (n > 0 && ((unsigned char)t->s.at[n] & 0xc0) == 0x80)
        n--; /* not through the middle of a character */
    memcpy(out, t->s.at, n);
    out[n] = '\0';
}

/* Words that nobody knows, written without blanks, are one. */
static bool joins_unread(const struct parse *p, const struct phrase *at)
{
    const struct phrase *before = at > p->phrases->at ? at - 1 : NULL;
    return before && before->kind == WORD_NONE && !p->tokens->token[at->first].gap &&
           p->plan->n_unread > 0;
}

void parse_unread(struct parse *p, const struct phrase *at)
{
    char word[PLAN_WORD_SIZE];
    parse_word(p, word, at);
    if (joins_unread(p, at)) {
        char *last = p->plan->unread[p->plan->n_unread - 1];
        const size_t had = strlen(last), more = strlen(word);
        if (had + more < PLAN_WORD_SIZE)
            memcpy(last + had, word, more + 1);
        return;
    }
    for (int i = 0; i < p->plan->n_unread; i++)
        if (strcmp(p->plan->unread[i], word) == 0)
            return;
    if (p->plan->n_unread < PLAN_MOST_UNREAD)
        memcpy(p->plan->unread[p->plan->n_unread++], word, sizeof word);
}

void parse_clear_np(struct parse *p)
{
    p->np = (struct modifiers){.move = -1};
}

void parse_set_place(struct parse *p, enum place place, int rank)
{
    if (rank <= p->place_rank)
        return;
    p->plan->place = place;
    p->place_rank = rank;
    p->out->has_place = true;
}

int parse_current(const struct parse *p)
{
    if (p->last != PLAN_NOBODY && (p->role == ROLE_AFTER || !p->subjects))
        return p->last;
    for (int i = 0; i < p->plan->n_cast; i++)
        if (p->subjects & 1U << i)
            return i;
    return p->last;
}

/* "In the morning a farmer": what the preposition led has come, and a noun of its own follows. */
static void end_where(struct parse *p, int i)
{
    const int next = parse_kind(p, i + 1);
    if (p->role == ROLE_WHERE && (next == WORD_ARTICLE || next == WORD_COUNT))
        p->role = p->fresh ? ROLE_SUBJECT : ROLE_AFTER;
}

static void read_weather(struct parse *p, enum weather w)
{
    struct plan *plan = p->plan;
    if (p->np.not ) {
        p->out->no_weather |= 1U << w;
        if (w == WEATHER_CLOUD)
            plan->without |= WITHOUT_CLOUDS;
        return;
    }
    if (w == WEATHER_CLEAR)
        plan->weather = p->out->has_weather ? plan->weather : 1U << WEATHER_CLEAR;
    else
        plan->weather = (plan->weather & ~(1U << WEATHER_CLEAR)) | 1U << w;
    p->out->has_weather = true;
    p->bare = p->bare || (p->role == ROLE_SUBJECT && p->fresh);
}

static void read_time(struct parse *p, enum time_of_day t)
{
    if (p->np.not )
        return;
    if (!p->out->has_time)
        p->plan->time = t;
    p->out->has_time = true;
    p->bare = p->bare || (p->role == ROLE_SUBJECT && p->fresh);
}

static void read_nobody(struct parse *p)
{
    p->plan->without |= WITHOUT_PEOPLE;
    p->out->nobody = true;
}

static void read_role(struct parse *p, enum role role)
{
    p->role = role;
    parse_clear_np(p);
}

/* "caballos blancos", "the car is red": what stands behind a noun that it belongs to. */
static bool read_behind(struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i], *next = parse_at(p, i + 1);
    int k = i - 1;
    if (p->phrases->language == LANGUAGE_JA && at->kind == WORD_COUNT && k == p->last_noun + 1)
        k--; /* "dolphins (particle) three" */
    while (k > p->last_noun && (parse_kind(p, k) == WORD_BE || parse_kind(p, k) == WORD_COLOUR ||
                                parse_kind(p, k) == WORD_SIZE))
        k--;
    if (p->last == PLAN_NOBODY || p->role != ROLE_AFTER || k != p->last_noun ||
        (next && next->noun >= 0))
        return false;
    struct plan_actor *a = &p->plan->cast[p->last];
    if (at->kind == WORD_COLOUR && a->colour == COLOUR_OWN)
        a->colour = (enum colour)at->value;
    else if (at->kind == WORD_SIZE && a->size == SIZE_OWN)
        a->size = (enum size)at->value;
    else if (at->kind == WORD_COUNT && at->value > 1)
        a->count = at->value;
    else
        return false;
    return true;
}

/* Modifiers that wait for their noun. Returns false for any other kind. */
static bool read_modifier(struct parse *p, const struct phrase *at)
{
    switch (at->kind) {
    case WORD_COLOUR:
        p->np.colour = (enum colour)at->value;
        return true;
    case WORD_SIZE:
        p->np.size = (enum size)at->value;
        return true;
    case WORD_COUNT:
        p->np.count = at->value;
        return true;
    case WORD_NOT:
        parse_clear_np(p);
        p->np.not = true;
        return true;
    case WORD_EMPTY:
        p->np.empty = true;
        return true;
    case WORD_MOOD:
        p->plan->mood = p->plan->mood ? p->plan->mood : (enum mood)at->value;
        return true;
    case WORD_TALLEST:
        p->plan->tallest = true;
        return true;
    default:
        return false;
    }
}

/* Japanese says what is held before it says who holds it. */
static bool hold_before(struct parse *p, int i)
{
    const int thing = p->last;
    if (p->phrases->language != LANGUAGE_JA || thing == PLAN_NOBODY || p->last_noun != i - 1 ||
        thing != p->plan->n_cast - 1)
        return false;
    const int picture = p->plan->cast[--p->plan->n_cast].picture;
    p->subjects = (p->subjects | p->before) & ~(1U << thing);
    p->fresh = p->subjects == 0;
    p->last = PLAN_NOBODY;
    p->role = ROLE_SUBJECT;
    const int holder = parse_current(p);
    if (holder == PLAN_NOBODY)
        p->held = picture;
    else
        p->plan->cast[holder].holds = picture;
    return true;
}

/* What a noun that follows will be. Returns false for any other kind. */
static bool read_leading(struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    static const struct {
        enum word_kind kind;
        enum role role;
    } roles[] = {
        {WORD_TOWARD, ROLE_TOWARD},   {WORD_AWAY, ROLE_AWAY}, {WORD_HOLD, ROLE_HOLD},
        {WORD_WEAR, ROLE_SKIP},       {WORD_LIKE, ROLE_SKIP}, {WORD_STYLE, ROLE_SKIP},
        {WORD_PLAY_ON, ROLE_PLAY_ON},
    };
    if (at->kind == WORD_HOLD && hold_before(p, i))
        return true;
    for (size_t k = 0; k < sizeof roles / sizeof *roles; k++)
        if (at->kind == (int)roles[k].kind) {
            read_role(p, roles[k].role);
            return true;
        }
    return false;
}

static void read_scene(struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    switch (at->kind) {
    case WORD_PLACE:
    case WORD_INSIDE:
        parse_place(p, i);
        break;
    case WORD_TIME:
        read_time(p, (enum time_of_day)at->value);
        end_where(p, i);
        break;
    case WORD_WEATHER:
        read_weather(p, (enum weather)at->value);
        end_where(p, i);
        break;
    case WORD_WHERE:
        parse_where(p, i, (enum where)at->value);
        break;
    case WORD_NOBODY:
        read_nobody(p);
        break;
    case WORD_MOVE:
    case WORD_RIDE:
        parse_verb(p, i);
        break;
    case WORD_PART:
    case WORD_OUTDOORS:
        p->bare = p->bare || at->kind == WORD_PART || (p->role == ROLE_SUBJECT && p->fresh);
        parse_clear_np(p);
        break;
    case WORD_NONE:
        parse_unread(p, at);
        break;
    default:
        break; /* articles, "is", the possessive, and what changes nothing */
    }
}

/* "by" is a preposition of its own behind a passive verb only. */
static bool read_agent(struct parse *p, int i)
{
    if (p->passive == MOVE_STAND || parse_kind(p, i - 1) != WORD_MOVE)
        return false;
    read_role(p, ROLE_AGENT);
    return true;
}

static void read_one(struct parse *p, int i)
{
    const struct phrase *at = &p->phrases->at[i];
    const bool by = at->n_tokens == 1 && text_equal(p->tokens->token[at->first].s, TEXT("by"));
    if (p->np.not &&at->leave) {
        p->plan->without |= (unsigned)at->leave;
        p->out->nobody = p->out->nobody || at->leave == WITHOUT_PEOPLE;
        if (at->kind == WORD_WEATHER)
            read_weather(p, (enum weather)at->value);
        p->role = ROLE_AFTER;
        p->np.not = false;
        p->left_out = i;
    } else if (p->camera_waits && at->lens >= 0) {
        parse_camera_lens(p, at);
    } else if ((by || at->kind == WORD_AGENT) && read_agent(p, i)) {
        return;
    } else if (parse_noun_is(p, i)) {
        parse_noun(p, i);
    } else if (!read_behind(p, i) && !read_modifier(p, at) && !read_leading(p, i) &&
               !parse_clause(p, i) && !parse_camera(p, at)) {
        read_scene(p, i);
    }
}

void parse_phrases(struct plan *plan, struct parse_result *out, const struct phrase_list *phrases,
                   const struct token_list *tokens)
{
    struct parse p = {.plan = plan,
                      .out = out,
                      .phrases = phrases,
                      .tokens = tokens,
                      .anchor = PLAN_NOBODY,
                      .last = PLAN_NOBODY,
                      .last_noun = -1,
                      .left_out = -2,
                      .object = PLAN_NOBODY,
                      .held = -1,
                      .waiting_target = PLAN_NOBODY,
                      .fresh = true,
                      .shot_clause = -1};
    *out = (struct parse_result){0};
    parse_clear_np(&p);
    for (int i = 0; i < phrases->n; i++)
        read_one(&p, i);
    parse_end(&p);
}
