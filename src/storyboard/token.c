/* token.c - see token.h. SPDX-License-Identifier: MIT */
#include "storyboard/token.h"

#include <string.h>

#include "base/memory.h"

/* Apostrophes of the typographer are ASCII ones by then, and marks that only decorate an emoji
 * are gone. */
enum character {
    CHARACTER_GAP,
    CHARACTER_STOP,
    CHARACTER_COMMA,
    CHARACTER_LETTER,
    CHARACTER_ALONE, /* a token by itself: Chinese, Japanese, Korean, Thai */
    CHARACTER_EMOJI,
    CHARACTER_JOINER, /* glues two emoji to one */
    CHARACTER_NOTHING,
};

static const struct range {
    uint32_t first, last;
    enum character is;
} ranges[] = {
    {'0', '9', CHARACTER_LETTER},
    {'a', 'z', CHARACTER_LETTER},
    {0x60c, 0x60c, CHARACTER_COMMA},
    {0x61b, 0x61f, CHARACTER_STOP},
    {0x640, 0x640, CHARACTER_NOTHING},
    {0x64b, 0x655, CHARACTER_NOTHING}, /* vowels that are seldom written */
    {0xc0, 0x2ff, CHARACTER_LETTER},
    {0x300, 0xdff, CHARACTER_LETTER},
    {0xe00, 0xe7f, CHARACTER_ALONE},
    {0xe80, 0x1fff, CHARACTER_LETTER},
    {0x200d, 0x200d, CHARACTER_JOINER},
    {0x2600, 0x27bf, CHARACTER_EMOJI},
    {0x2b00, 0x2bff, CHARACTER_EMOJI},
    {0x3002, 0x3002, CHARACTER_STOP},
    {0x3001, 0x3001, CHARACTER_COMMA},
    {0x3005, 0x3005, CHARACTER_ALONE},
    {0x3007, 0x3007, CHARACTER_ALONE},
    {0x3040, 0x30ff, CHARACTER_ALONE},
    {0x3400, 0x9fff, CHARACTER_ALONE},
    {0xac00, 0xd7a3, CHARACTER_ALONE},
    {0xf900, 0xfaff, CHARACTER_ALONE},
    {0xfe0e, 0xfe0f, CHARACTER_NOTHING},
    {0xff0c, 0xff0c, CHARACTER_COMMA},
    {0xff01, 0xff01, CHARACTER_STOP},
    {0xff1a, 0xff1b, CHARACTER_STOP},
    {0xff1f, 0xff1f, CHARACTER_STOP},
    {0x1f3fb, 0x1f3ff, CHARACTER_NOTHING},
    {0x1f000, 0x1faff, CHARACTER_EMOJI},
    {0x20000, 0x3ffff, CHARACTER_ALONE},
};

static enum character character_of(uint32_t c)
{
    if (c >= 'a' && c <= 'z')
        return CHARACTER_LETTER;
    if (c >= 0x4e00 && c <= 0x9fff)
        return CHARACTER_ALONE;
    if (c < 0x80 && c && strchr(".!?;:\n", (int)c))
        return CHARACTER_STOP;
    if (c == ',')
        return CHARACTER_COMMA;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return c == 0xd7 || c == 0xf7 ? CHARACTER_GAP : ranges[i].is;
    return CHARACTER_GAP;
}

/* The lower case of the alphabets that have one; it takes as many bytes. */
static uint32_t lower_of(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
        (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
    const bool even_is_upper = ((c >= 0x100 && c <= 0x177) && !odd_is_upper && c != 0x130) ||
                               (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) ||
                               (c >= 0x1e00 && c <= 0x1eff);
    return c + ((odd_is_upper && c % 2 == 1) || (even_is_upper && c % 2 == 0));
}

static size_t put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* The bytes of the character that begins s, 0 when it is broken. */
static size_t character_length(struct text s)
{
    const unsigned char c = s.len ? (unsigned char)s.at[0] : 0x80;
    const size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    return n <= s.len && (n == 1 || text_utf8_valid((struct text){s.at, n})) ? n : 0;
}

/* Lower case, without what is not UTF-8. Returns the length. */
static size_t lower(char *out, struct text s)
{
    size_t n = 0;
    while (s.len > 0) {
        const size_t len = character_length(s);
        struct text one = {s.at, len};
        s = (struct text){s.at + (len ? len : 1), s.len - (len ? len : 1)};
        if (len == 0)
            continue;
        const uint32_t c = text_utf8_next(&one);
        const bool apostrophe = c == 0x2018 || c == 0x2019 || c == 0x2bc;
        if (character_of(c) != CHARACTER_NOTHING)
            n += put(out + n, apostrophe ? '\'' : lower_of(c));
    }
    return n;
}

/* What stands behind an apostrophe inside a word: 's is a token of its own, other endings of
 * English belong to the word ("don't"), and all else begins a new one ("l'aube"). */
static size_t contraction(struct text rest, bool *out_alone)
{
    static const char *const endings[] = {"s", "t", "re", "ll", "ve", "d", "m"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t n = strlen(endings[i]);
        if (rest.len < n || memcmp(rest.at, endings[i], n) != 0)
            continue;
        const struct text behind = {rest.at + n, rest.len - n};
        const size_t len = character_length(behind);
        struct text one = {behind.at, len};
        if (len && character_of(text_utf8_next(&one)) == CHARACTER_LETTER)
            continue;
        *out_alone = i == 0;
        return n;
    }
    return 0;
}

static void add(struct token_list *t, const char *at, size_t len, bool gap)
{
    if (t->n < TOKEN_MOST)
        t->token[t->n++] = (struct token){.s = {at, len}, .gap = gap};
}

/* The commands between two brackets, when at least one is known. */
static bool read_group(struct token_list *t, struct text inside)
{
    struct token_group g = {.n = 0};
    while (inside.at && inside.len > 0) {
        const char *wide = memmem(inside.at, inside.len, "，", 3);
        const char *other = memmem(inside.at, inside.len, "、", 3);
        if (!wide || (other && other < wide))
            wide = other;
        const char *plain = memchr(inside.at, ',', inside.len);
        struct text part = inside;
        if (wide && (!plain || wide < plain)) {
            part.len = (size_t)(wide - inside.at);
            inside = (struct text){wide + 3, inside.len - part.len - 3};
        } else {
            part = text_cut(&inside, ',');
        }
        int shot = token_command(part);
        if (shot >= 0 && g.n < TOKEN_GROUP_MOST)
            g.shots[g.n++] = (enum shot)shot;
    }
    const int most = (int)(sizeof t->group / sizeof *t->group);
    if (g.n > 0 && t->n_groups < most)
        t->group[t->n_groups++] = g;
    return g.n > 0;
}

/* Skips a bracket of commands at s, and returns how many bytes it took; 0: it is none. */
static size_t skip_commands(struct token_list *t, struct text s)
{
    const char *end = s.at[0] == '[' ? memchr(s.at, ']', s.len) : NULL;
    if (!end || !read_group(t, (struct text){s.at + 1, (size_t)(end - s.at - 1)}))
        return 0;
    return (size_t)(end - s.at) + 1;
}

/* The bytes of the characters at s that are of this kind. */
static size_t run_of(struct text s, enum character is)
{
    size_t n = 0;
    while (n < s.len) {
        const size_t len = character_length((struct text){s.at + n, s.len - n});
        struct text one = {s.at + n, len};
        if (len == 0 || character_of(text_utf8_next(&one)) != is)
            break;
        n += len;
    }
    return n;
}

/* An emoji and those that a joiner adds to it. */
static size_t emoji_length(struct text s)
{
    size_t n = character_length(s);
    while (n + 3 < s.len && memcmp(s.at + n, "\xe2\x80\x8d", 3) == 0) {
        const size_t next = character_length((struct text){s.at + n + 3, s.len - n - 3});
        n += 3 + next;
        if (next == 0)
            break;
    }
    return n;
}

/* The word at s, with what an apostrophe adds to it; the apostrophe itself is closed up. */
static size_t cut_word(struct token_list *t, char *s, size_t len, bool gap)
{
    size_t n = run_of((struct text){s, len}, CHARACTER_LETTER), used = n;
    bool alone = false;
    size_t more =
        n < len && s[n] == '\'' ? contraction((struct text){s + n + 1, len - n - 1}, &alone) : 0;
    if (more > 0) {
        used = n + 1 + more;
        if (!alone) {
            memmove(s + n, s + n + 1, more);
            n += more;
        }
    }
    add(t, s, n, gap);
    if (more > 0 && alone)
        add(t, s + n, 1 + more, true);
    return used;
}

static void cut(struct token_list *t, char *s, size_t len)
{
    bool gap = true;
    for (size_t i = 0; i < len;) {
        const struct text rest = {s + i, len - i};
        size_t n = skip_commands(t, rest);
        struct text one = rest;
        const enum character is = n ? CHARACTER_GAP : character_of(text_utf8_next(&one));
        if (n == 0)
            n = rest.len - one.len;
        if (is == CHARACTER_LETTER) {
            n = cut_word(t, s + i, len - i, gap);
        } else if (is == CHARACTER_EMOJI) {
            n = emoji_length(rest);
            add(t, s + i, n, true);
        } else if (is == CHARACTER_ALONE) {
            add(t, s + i, n, gap);
        } else if (is == CHARACTER_STOP || is == CHARACTER_COMMA) {
            add(t, is == CHARACTER_STOP ? "." : ",", 1, true);
        }
        gap = is != CHARACTER_LETTER && is != CHARACTER_ALONE;
        i += n;
    }
}

struct token_list *token_list_new(struct text prompt)
{
    struct token_list *t = mem_alloc(sizeof *t);
    t->lower = mem_alloc(prompt.len + 4);
    cut(t, t->lower, lower(t->lower, prompt));
    return t;
}

void token_list_free(struct token_list *t)
{
    if (!t)
        return;
    mem_free(t->lower);
    mem_free(t);
}

size_t token_join(char *out, size_t size, const struct token *tokens, int n)
{
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        if (len + tokens[i].s.len + 2 > size)
            return 0;
        if (i && tokens[i].gap)
            out[len++] = ' ';
        memcpy(out + len, tokens[i].s.at, tokens[i].s.len);
        len += tokens[i].s.len;
    }
    out[len] = '\0';
    return len;
}

static const char *const chinese[SHOTS] = {
    [SHOT_TRUCK_LEFT] = "左移",  [SHOT_TRUCK_RIGHT] = "右移",   [SHOT_PAN_LEFT] = "左摇",
    [SHOT_PAN_RIGHT] = "右摇",   [SHOT_PUSH_IN] = "推进",       [SHOT_PULL_OUT] = "拉远",
    [SHOT_PEDESTAL_UP] = "上升", [SHOT_PEDESTAL_DOWN] = "下降", [SHOT_TILT_UP] = "上摇",
    [SHOT_TILT_DOWN] = "下摇",   [SHOT_ZOOM_IN] = "变焦推近",   [SHOT_ZOOM_OUT] = "变焦拉远",
    [SHOT_SHAKE] = "晃动",       [SHOT_TRACKING] = "跟随",      [SHOT_STATIC] = "固定",
};

int token_command(struct text s)
{
    s = text_trim(s);
    for (int i = 0; i < SHOTS; i++)
        if (text_equal_nocase(s, text_of(plan_shot_name((enum shot)i))) ||
            text_equal(s, text_of(chinese[i])))
            return i;
    return -1;
}
