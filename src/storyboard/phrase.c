/* phrase.c - see phrase.h. SPDX-License-Identifier: MIT */
#include "storyboard/phrase.h"

#include <string.h>

#include "base/memory.h"
#include "storyboard/sense.h"
#include "storyboard/stem.h"

enum { KEY_SIZE = 64 };

struct finder {
    struct sense_context context;
    struct stem *stem; /* of the prompt's language, unless that is English */
    const struct token_list *list;
    bool camera_said; /* in this sentence */
};

/* A key that the lexicon has, and how it was come by. */
struct found {
    struct lexicon_word word;
    enum morph_ending ending;
    bool no_noun; /* a plural has its ending at the end of the phrase */
    size_t len;
    char key[KEY_SIZE];
};

/* Verbs' endings make no nouns: "towering" is no tower. */
static bool allows(const struct found *w, enum word_kind k)
{
    const enum morph_ending e = w->ending;
    if (w->no_noun && k == WORD_NOUN)
        return false;
    return e == MORPH_PLAIN || e == MORPH_S ||
           (k != WORD_NOUN && k != WORD_INSIDE && k != WORD_PLACE && k != WORD_PART);
}

static bool usable(const struct finder *f, const struct found *w)
{
    for (int i = 0; i < w->word.n_senses; i++) {
        const struct lexicon_sense s = lexicon_sense(w->word.first + i);
        if (sense_allowed(&f->context, s.language, (struct text){w->key, w->len}) &&
            allows(w, s.kind) && (s.kind != WORD_LENS || f->camera_said))
            return true;
    }
    return false;
}

static bool look_up(const struct finder *f, struct found *out, enum morph_ending ending)
{
    out->ending = ending;
    return out->len > 0 && lexicon_find(&out->word, (struct text){out->key, out->len}) &&
           usable(f, out);
}

/* The key that first stands in front of the n tokens behind it. */
static bool look_up_with_first(const struct finder *f, struct found *out, const struct token *t,
                               int n, const struct morph_form *first)
{
    const size_t rest = n > 1 ? token_join(out->key, sizeof out->key, t + 1, n - 1) : 0;
    const size_t gap = n > 1 && t[1].gap;
    if ((n > 1 && rest == 0) || first->len + gap + rest + 1 > sizeof out->key)
        return false;
    memmove(out->key + first->len + gap, out->key, rest + 1);
    memcpy(out->key, first->at, first->len);
    if (gap)
        out->key[first->len] = ' ';
    out->len = first->len + gap + rest;
    out->no_noun = n > 1;
    out->key[out->len] = '\0';
    return look_up(f, out, first->ending);
}

static bool look_up_with_last(const struct finder *f, struct found *out, const struct token *t,
                              int n, const struct morph_form *last)
{
    size_t len = token_join(out->key, sizeof out->key, t, n - 1);
    if (len == 0 || len + 1 + last->len + 1 > sizeof out->key || last->ending != MORPH_S)
        return false;
    if (t[n - 1].gap)
        out->key[len++] = ' ';
    memcpy(out->key + len, last->at, last->len);
    out->len = len + last->len;
    out->key[out->len] = '\0';
    return look_up(f, out, MORPH_S);
}

static bool look_up_stem(const struct finder *f, struct found *out, struct text word)
{
    if (!f->stem || word.len > KEY_SIZE / 2)
        return false;
    const struct text stem = stem_word(f->stem, word);
    const char *name = lexicon_language_name(f->context.language);
    memcpy(out->key, name, 2);
    out->key[2] = '|';
    memcpy(out->key + 3, stem.at, stem.len);
    out->len = stem.len + 3;
    out->key[out->len] = '\0';
    if (look_up(f, out, MORPH_PLAIN))
        return true;
    out->len = stem.len; /* the stem is a word itself */
    memmove(out->key, out->key + 3, stem.len + 1);
    return look_up(f, out, MORPH_PLAIN);
}

/* "chased" is a rare noun, and a common verb. */
static bool only_noun(const struct found *w)
{
    for (int i = 0; i < w->word.n_senses; i++)
        if (lexicon_sense(w->word.first + i).kind != WORD_NOUN)
            return false;
    return true;
}

/* The n tokens as one key, in their forms. */
static bool find_n(const struct finder *f, struct found *out, const struct token *t, int n,
                   const struct morph_form *forms, int n_forms)
{
    struct found plain = {.len = token_join(plain.key, sizeof plain.key, t, n)};
    const bool found = look_up(f, &plain, MORPH_PLAIN);
    *out = plain;
    if (found && (n > 1 || !only_noun(&plain)))
        return true;
    for (int i = 0; i < n_forms && i < MORPH_MOST; i++)
        if (look_up_with_first(f, out, t, n, &forms[i]) && !only_noun(out))
            return true;
    if (n == 1 && look_up_stem(f, out, t[0].s) && (!found || !only_noun(out)))
        return true;
    *out = plain;
    if (found)
        return true;
    for (int i = 0; i < n_forms && i < MORPH_MOST; i++)
        if (look_up_with_first(f, out, t, n, &forms[i]))
            return true;
    out->no_noun = false;
    if (n == 1)
        return false;
    struct morph_form last[MORPH_MOST];
    const int n_last = morph_forms(last, t[n - 1].s);
    for (int i = 0; i < n_last; i++)
        if (look_up_with_last(f, out, t, n, &last[i]))
            return true;
    return false;
}

static int longest_from(struct text first, int most)
{
    struct lexicon_word w;
    const int n = lexicon_find(&w, first) ? w.n_longest : 1;
    return n > most ? n : most;
}

/* Does a phrase begin with first and the token behind it, that one plural or not? */
static bool begins(struct text first, const struct token *second)
{
    char key[2 * KEY_SIZE];
    struct morph_form forms[MORPH_MOST];
    const size_t gap = second->gap;
    if (first.len >= KEY_SIZE || second->s.len >= KEY_SIZE - 1)
        return false;
    memcpy(key, first.at, first.len);
    key[first.len] = ' ';
    memcpy(key + first.len + gap, second->s.at, second->s.len);
    if (lexicon_may_begin((struct text){key, first.len + gap + second->s.len}))
        return true;
    const int n = morph_forms(forms, second->s);
    for (int i = 0; i < n && i < MORPH_MOST; i++) {
        memcpy(key + first.len + gap, forms[i].at, forms[i].len);
        if (lexicon_may_begin((struct text){key, first.len + gap + forms[i].len}))
            return true;
    }
    return false;
}

/* How many tokens from t on are worth looking up together. */
static int reach(const struct token *t, int left, const struct morph_form *forms, int n_forms)
{
    int most = longest_from(t[0].s, 1);
    bool begun = left > 1 && most > 1 && begins(t[0].s, &t[1]);
    for (int i = 0; i < n_forms && i < MORPH_MOST; i++) {
        const struct text form = {forms[i].at, forms[i].len};
        most = longest_from(form, most);
        begun = begun || (left > 1 && most > 1 && begins(form, &t[1]));
    }
    return !begun ? 1 : most < left ? most : left;
}

/* The longest phrase at t; returns its tokens, 0 when there is none. */
static int find(const struct finder *f, struct found *out, const struct token *t, int left)
{
    struct morph_form forms[MORPH_MOST];
    const int n_forms = morph_forms(forms, t[0].s);
    for (int n = reach(t, left, forms, n_forms); n > 0; n--)
        if (find_n(f, out, t, n, forms, n_forms))
            return n;
    return 0;
}

/* Of two languages' meanings the prompt's own goes first. */
static bool goes_before(const struct finder *f, enum language l, enum language had)
{
    return had != f->context.language && l == f->context.language;
}

static bool has_own(const struct finder *f, const struct found *w)
{
    for (int i = 0; i < w->word.n_senses; i++)
        if (lexicon_sense(w->word.first + i).language == f->context.language)
            return true;
    return false;
}

static void read_meanings(const struct finder *f, struct phrase *p, const struct found *w)
{
    const bool own = has_own(f, w); /* "chat" in French is no talk */
    enum language had = LANGUAGES;
    const struct text key = {w->key, w->len};
    for (int i = 0; i < w->word.n_senses; i++) {
        const struct lexicon_sense s = lexicon_sense(w->word.first + i);
        if (!sense_allowed(&f->context, s.language, key) || !allows(w, s.kind) ||
            s.kind == WORD_NOUN || (own && s.language != f->context.language))
            continue;
        if (s.kind == WORD_LENS) {
            p->lens = p->lens < 0 ? s.value : p->lens;
        } else if (s.kind == WORD_LEAVE) {
            p->leave = s.value;
        } else if (p->kind == WORD_NONE || goes_before(f, s.language, had)) {
            p->kind = (int)s.kind;
            p->value = s.value;
            had = s.language;
            p->language = s.language;
        }
    }
}

static void read_noun(const struct finder *f, struct phrase *p, const struct found *w)
{
    const int index = allows(w, WORD_NOUN)
                          ? sense_choose(&f->context, &w->word, (struct text){w->key, w->len})
                          : -1;
    if (index < 0)
        return;
    const struct lexicon_sense s = lexicon_sense(index);
    if (p->kind != WORD_NONE && p->language == f->context.language && s.language == LANGUAGE_EN &&
        f->context.language != LANGUAGE_EN)
        return; /* "vole" in French is no rodent */
    p->noun = s.value;
    p->holds = s.holds;
    p->class = s.class;
    p->plural = w->ending == MORPH_S || (w->word.flags & LEXICON_PLURAL);
    if (p->kind == WORD_NONE)
        p->kind = WORD_NOUN;
}

/* "3" and the like. */
static bool read_number(struct phrase *p, struct text s)
{
    int64_t n;
    if (!text_int(s, 1, 100000, &n))
        return false;
    p->kind = WORD_COUNT;
    p->value = n < PLAN_MOST_COUNT ? (int)n : PLAN_MOST_COUNT;
    return true;
}

/* "running" has a row of its own, with the irregular forms. */
static bool is_ing(const struct found *w, int n)
{
    return n == 1 && w->ending == MORPH_PLAIN && w->len > 5 &&
           memcmp(w->key + w->len - 3, "ing", 3) == 0;
}

static struct phrase read_phrase(struct finder *f, int i)
{
    const struct token *t = &f->list->token[i];
    struct found w;
    struct phrase p = {.noun = -1, .holds = LEXICON_NOTHING, .lens = -1, .first = i, .n_tokens = 1};
    if (t->s.at[0] == '.' || t->s.at[0] == ',' || text_equal(t->s, TEXT("'s"))) {
        p.kind = t->s.at[0] == '.'   ? PHRASE_STOP
                 : t->s.at[0] == ',' ? PHRASE_COMMA
                                     : PHRASE_POSSESSIVE;
        f->camera_said = f->camera_said && p.kind != PHRASE_STOP;
        return p;
    }
    const int n = find(f, &w, t, f->list->n - i);
    if (n > 0) {
        p.n_tokens = n;
        p.ending = w.ending;
        p.verb = w.word.flags & LEXICON_VERB;
        read_meanings(f, &p, &w);
        read_noun(f, &p, &w);
        if (p.kind == WORD_NONE && p.lens >= 0)
            p.kind = WORD_LENS;
        if (p.kind == WORD_MOVE && is_ing(&w, n))
            p.ending = MORPH_ING;
        f->camera_said = f->camera_said || p.kind == WORD_CAMERA || p.kind == WORD_SHOT;
    } else {
        read_number(&p, t->s);
    }
    return p;
}

struct phrase_list *phrase_list_new(const struct token_list *t)
{
    struct phrase_list *p = mem_alloc(sizeof *p);
    struct finder *f = mem_alloc(sizeof *f);
    f->list = t;
    sense_context_read(&f->context, t);
    f->stem = f->context.language == LANGUAGE_EN ? NULL : stem_new(f->context.language);
    p->n = 0;
    p->language = f->context.language;
    for (int i = 0; i < t->n; i += p->at[p->n++].n_tokens)
        p->at[p->n] = read_phrase(f, i);
    stem_free(f->stem);
    sense_context_fini(&f->context);
    mem_free(f);
    return p;
}

void phrase_list_free(struct phrase_list *p)
{
    mem_free(p);
}
