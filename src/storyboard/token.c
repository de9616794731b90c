/* token.c - see token.h. SPDX-License-Identifier: MIT */
#include "storyboard/token.h"

#include <string.h>

#include "base/memory.h"
#include "storyboard/vocabulary.h"

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
}

static bool is_foreign(char c)
{
    return (c & 0x80) != 0;
}

static void add(struct token_list *t, const char *at, size_t len)
{
    if (t->n < TOKEN_MOST)
        t->token[t->n++] = (struct text){at, len};
}

/* Commas of Chinese text become ASCII ones, so that one splitter serves both. */
static void flatten_commas(char *s, size_t len)
{
    static const char wide[2][4] = {"，", "、"};
    for (size_t i = 0; i + 3 <= len; i++)
        if (memcmp(s + i, wide[0], 3) == 0 || memcmp(s + i, wide[1], 3) == 0)
            memcpy(s + i, ",  ", 3);
}

/* The commands between two brackets, when at least one is known. */
static bool read_group(struct token_list *t, struct text inside)
{
    struct token_group g = {.n = 0};
    while (inside.len > 0) {
        int shot = vocabulary_command(text_cut(&inside, ','));
        if (shot >= 0 && g.n < TOKEN_GROUP_MOST)
            g.shots[g.n++] = (enum shot)shot;
    }
    if (g.n > 0 && t->n_groups < PLAN_MOST_SHOTS / TOKEN_GROUP_MOST)
        t->group[t->n_groups++] = g;
    return g.n > 0;
}

/* Skips a bracket of commands at s, and returns how many bytes it took; 0: it is none. */
static size_t skip_commands(struct token_list *t, const char *s, size_t len)
{
    const char *end = memchr(s, ']', len);
    if (s[0] != '[' || !end || !read_group(t, (struct text){s + 1, (size_t)(end - s - 1)}))
        return 0;
    return (size_t)(end - s) + 1;
}

static void cut(struct token_list *t, char *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t n = skip_commands(t, s + i, len - i);
        if (n == 0 && is_word(s[i])) {
            bool foreign = is_foreign(s[i]);
            while (i + n < len && is_word(s[i + n]) && is_foreign(s[i + n]) == foreign)
                n++;
            add(t, s + i, n);
        } else if (n == 0 && s[i] && strchr(".!?;:\n", s[i])) {
            add(t, ".", 1);
        } else if (n == 0 && s[i] == ',') {
            add(t, ",", 1);
        }
        i += n ? n : 1;
    }
}

/* Lower case, and "it's" becomes "its". Returns the new length. */
static size_t lower(char *out, struct text s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '\'' && n > 0 && is_word(out[n - 1]))
            continue;
        if (i + 2 < s.len && memcmp(s.at + i, "’", 3) == 0) {
            i += 2;
            continue;
        }
        out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
    }
    return n;
}

struct token_list *token_list_new(struct text prompt)
{
    struct token_list *t = mem_alloc(sizeof *t);
    t->lower = mem_alloc(prompt.len + 1);
    size_t len = lower(t->lower, prompt);
    flatten_commas(t->lower, len);
    cut(t, t->lower, len);
    return t;
}

void token_list_free(struct token_list *t)
{
    if (!t)
        return;
    mem_free(t->lower);
    mem_free(t);
}
