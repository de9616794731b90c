/* parse_impl.h - the state of a reading, shared by the parse files. See parse.h.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/parse.h"

/* What the next noun is to the sentence. */
enum role {
    ROLE_SUBJECT,
    ROLE_OBJECT, /* behind a verb                */
    ROLE_WHERE,  /* behind a preposition: where  */
    ROLE_TOWARD,
    ROLE_AWAY,
    ROLE_AGENT, /* behind "is chased by"        */
    ROLE_RIDE,
    ROLE_HOLD,
    ROLE_PLAY_ON,
    ROLE_SKIP,  /* "like a", "wearing a", "in the style of": not there */
    ROLE_AFTER, /* a noun was read, no verb yet */
};

/* What waits for its noun. */
struct modifiers {
    int count; /* 0: not said */
    enum colour colour;
    enum size size;
    int move;  /* "a running horse"; -1 */
    bool not ; /* "no" */
    bool empty;
};

struct parse {
    struct plan *plan;
    struct parse_result *out;
    const struct phrase_list *phrases;
    const struct token_list *tokens;

    struct modifiers np;
    enum role role, last_role; /* last_role: of the latest noun, for "and" */
    enum where where;
    int anchor;        /* with ROLE_WHERE: whom the preposition places, or PLAN_NOBODY */
    unsigned subjects; /* bits of cast */
    unsigned before;   /* the subjects before the latest, in a sentence that ends with its verb */
    unsigned led;      /* bits of cast: came in behind a preposition */
    unsigned riders;   /* bits of cast: of whom it is said that they ride */
    int last;          /* the latest actor of the cast, or PLAN_NOBODY */
    int last_noun;     /* the phrase that named it */
    int left_out;      /* the latest phrase behind "no" */
    int object;        /* marked as suffering the verb that follows, or PLAN_NOBODY */
    bool fresh;        /* the clause has no subject of its own yet */
    bool verb_seen;    /* in this clause */
    bool conj;         /* "and" or a comma stands before */
    bool bare;         /* a place or weather is the clause's subject: its verb is its own */
    bool snowy;        /* snow is said to lie, or winter to be */
    int place_rank;    /* how surely the place is meant */

    int held; /* a picture that the noun to come holds: "umbrella-holding woman"; -1 */

    enum where waiting_where; /* "on a boat, a parrot": for the next subject; WHERE_FREE: none */
    int waiting_target;
    int n_early; /* verbs before any actor: for the first */
    enum move early[PLAN_MOST_MOVES];

    int beat;
    int first_step;    /* of the latest verb, which its object belongs to */
    enum move passive; /* with ROLE_AGENT */

    bool camera_said;  /* the sentence speaks of the camera */
    bool camera_waits; /* and its move has not come yet */
    int clause, shot_clause;
};

/* The phrase i places behind i, NULL beyond the end. */
static inline const struct phrase *parse_at(const struct parse *p, int i)
{
    return i >= 0 && i < p->phrases->n ? &p->phrases->at[i] : NULL;
}

static inline int parse_kind(const struct parse *p, int i)
{
    const struct phrase *at = parse_at(p, i);
    return at ? at->kind : PHRASE_STOP;
}

void parse_unread(struct parse *p, const struct phrase *at);
void parse_word(const struct parse *p, char out[PLAN_WORD_SIZE], const struct phrase *at);
void parse_clear_np(struct parse *p);
void parse_set_place(struct parse *p, enum place place, int rank);

/* Stops, commas, "then", "and", pronouns. Returns false for any other kind. */
bool parse_clause(struct parse *p, int i);

/* The camera is named or moves. Returns false for any other kind. */
bool parse_camera(struct parse *p, const struct phrase *at);

/* The camera's move, behind its name: "the camera slowly pans left". */
void parse_camera_lens(struct parse *p, const struct phrase *at);

/* Is the phrase at i meant as a noun here, though it may be something else as well? */
bool parse_noun_is(const struct parse *p, int i);
bool parse_noun_drawable(const struct phrase *at);
void parse_noun(struct parse *p, int i);
void parse_place(struct parse *p, int i);

/* Is the noun at i spoken of as somebody who is there already: "the dog"? */
bool parse_definite(const struct parse *p, int i);

/* Does a verb follow the noun at i, before the clause ends? */
bool parse_verb_follows(const struct parse *p, int i);
void parse_verb(struct parse *p, int i);

/* A step of the actor in the present stretch, or in the first one it has free. */
void parse_verb_add(struct parse *p, int actor, enum move move, int target);

/* "rushes toward the camera" is one move: the verb gives way. */
void parse_verb_to_camera(struct parse *p, enum move move);

/* The part of an actor that the reading has come to. */
void parse_part_take(struct parse *p, int actor, enum role role, enum noun_class class);

/* A thing that is held, or flown like a kite, is no actor: true when it was. */
bool parse_part_hold(struct parse *p, const struct phrase *at, enum role role);

/* Does it go on the ground, so that "over the prairie" does not lift it? */
bool parse_part_treads(const struct parse *p, int actor);

void parse_where(struct parse *p, int i, enum where w);
void parse_end(struct parse *p);

/* The actor that a preposition speaks of, or PLAN_NOBODY. */
int parse_current(const struct parse *p);
