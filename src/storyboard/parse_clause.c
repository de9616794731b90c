/* parse_clause.c - the frame of sentences: where clauses end, what comes when, and whom a pronoun
 * means.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/parse_impl.h"

static void new_clause(struct parse *p)
{
    p->clause++;
    p->role = ROLE_SUBJECT;
    p->fresh = true;
    p->verb_seen = p->conj = p->bare = false;
    p->object = PLAN_NOBODY;
    p->camera_waits = p->camera_said;
    parse_clear_np(p);
}

static void read_stop(struct parse *p)
{
    p->camera_said = false;
    p->passive = MOVE_STAND;
    new_clause(p);
}

/* Everybody goes on to the next stretch. */
static void read_then(struct parse *p)
{
    int last = -1;
    for (int i = 0; i < p->out->n_steps; i++)
        if (p->out->steps[i].beat > last)
            last = p->out->steps[i].beat;
    p->beat = last + 1;
    new_clause(p);
}

/* The same stretch as the latest verb's. */
static void read_while(struct parse *p)
{
    if (p->out->n_steps > 0)
        p->beat = p->out->steps[p->out->n_steps - 1].beat;
    new_clause(p);
}

static void read_comma(struct parse *p)
{
    if (p->verb_seen || p->role == ROLE_WHERE || p->bare)
        new_clause(p);
    p->conj = true;
    p->camera_waits = p->camera_said;
    if (p->role != ROLE_AFTER || p->verb_seen)
        p->role = ROLE_SUBJECT;
    parse_clear_np(p);
}

/* A pronoun behind a verb is its object: the latest actor that is no subject. */
static void read_pronoun(struct parse *p)
{
    struct parse_result *r = p->out;
    int other = p->plan->n_cast - 1;
    while (other >= 0 && p->subjects & 1U << other)
        other--;
    if (p->role != ROLE_OBJECT || other < 0) {
        if (p->fresh && p->role == ROLE_SUBJECT && p->subjects)
            p->fresh = false;
        return;
    }
    for (int i = p->first_step; i < r->n_steps; i++)
        if (r->steps[i].actor != other)
            r->steps[i].target = other;
    p->role = ROLE_AFTER;
}

static void read_relative(struct parse *p)
{
    if (p->last != PLAN_NOBODY && p->role == ROLE_AFTER) {
        p->subjects = 1U << p->last;
        p->fresh = p->conj = false;
    }
}

static void read_object_mark(struct parse *p, int i)
{
    if (p->last == PLAN_NOBODY || p->role != ROLE_AFTER || p->last_noun != i - 1)
        return;
    const unsigned others = (p->subjects | p->before) & ~(1U << p->last);
    p->object = p->last;
    p->subjects = others ? others : p->subjects;
}

bool parse_clause(struct parse *p, int i)
{
    switch (parse_kind(p, i)) {
    case PHRASE_STOP:
        read_stop(p);
        return true;
    case PHRASE_COMMA:
        read_comma(p);
        return true;
    case WORD_THEN:
        read_then(p);
        return true;
    case WORD_WHILE:
        read_while(p);
        return true;
    case WORD_AND:
        p->conj = true;
        p->camera_waits = p->camera_said;
        p->np.not = p->left_out == i - 1; /* "no people and animals" */
        return true;
    case WORD_PRONOUN:
        read_pronoun(p);
        return true;
    case WORD_RELATIVE:
        read_relative(p);
        return true;
    case WORD_OBJECT:
        read_object_mark(p, i);
        return true;
    default:
        return false;
    }
}
