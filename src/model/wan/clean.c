/* clean.c - see clean.h. A text goes through passes, each from one buffer into the next.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/clean.h"

#include <string.h>
#include <utf8proc.h>

#include "base/lazy.h"
#include "base/memory.h"
#include "model/wan/entity.h"

#define CALLS(X) X(utf8proc_map)
static struct {
    CALLS(LAZY_POINTER)
} unicode;
static const struct lazy_call calls[] = {
    {"utf8proc_map", (void **)&unicode.utf8proc_map},
};

typedef void pass(struct text s, struct text_buf *out);

/* The characters of windows-1252 at 0x80..0x9f; those that it lacks stay what they are. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

static void add_character(struct text_buf *out, uint32_t c)
{
    char bytes[4];
    size_t n = 0;
    if (c < 0x80)
        bytes[n++] = (char)c;
    else if (c < 0x800)
        bytes[n++] = (char)(0xc0 | c >> 6);
    else if (c < 0x10000)
        bytes[n++] = (char)(0xe0 | c >> 12);
    else
        bytes[n++] = (char)(0xf0 | c >> 18);
    if (c >= 0x10000)
        bytes[n++] = (char)(0x80 | (c >> 12 & 0x3f));
    if (c >= 0x800)
        bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    if (c >= 0x80)
        bytes[n++] = (char)(0x80 | (c & 0x3f));
    text_buf_add(out, bytes, n);
}

/* ---- entities ---------------------------------------------------------------------------- */

static bool is_digit(char c, unsigned base)
{
    return (c >= '0' && c <= '9') ||
           (base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

/* What a number stands for in HTML; 0: nothing. */
static uint32_t numbered(uint32_t n)
{
    if (n >= 0x80 && n <= 0x9f)
        return windows_1252[n - 0x80];
    if (n == 0 || (n >= 0xd800 && n <= 0xdfff) || n > 0x10ffff)
        return 0xfffd;
    const bool control = (n < 0x20 && n != '\t' && n != '\n' && n != '\f' && n != '\r') ||
                         n == 0x7f || (n >= 0xfdd0 && n <= 0xfdef) || (n & 0xfffe) == 0xfffe;
    return control ? 0 : n;
}

/* "#123;" or "#x1f;" at the front of s: returns its length, 0 when there is none. */
static size_t number_front(struct text s, struct text_buf *out)
{
    const unsigned base = s.len > 2 && (s.at[1] | 0x20) == 'x' ? 16 : 10;
    const size_t first = base == 16 ? 2 : 1;
    size_t i = first;
    uint32_t n = 0;
    for (; i < s.len && is_digit(s.at[i], base); i++) {
        const uint32_t digit = s.at[i] <= '9' ? (uint32_t)(s.at[i] - '0')
                                              : (uint32_t)((s.at[i] | 0x20) - 'a' + 10);
        n = n > 0x110000 ? n : n * base + digit;
    }
    if (i == first)
        return 0;
    const uint32_t c = numbered(n);
    if (c)
        add_character(out, c);
    return i + (i < s.len && s.at[i] == ';');
}

/* A name at the front of s, the longest that there is: names of old need no ';'. */
static size_t name_front(struct text s, struct text_buf *out)
{
    enum { MOST = 33 };
    size_t n = 0;
    while (n < s.len && n < MOST && !strchr("\t\n\f <&#;", s.at[n]))
        n++;
    n += n < s.len && n < MOST && s.at[n] == ';';
    for (; n > 1; n--) {
        const char *characters = entity_find((struct text){s.at, n});
        if (characters) {
            text_buf_add_text(out, characters);
            return n;
        }
    }
    return 0;
}

static void unescape(struct text s, struct text_buf *out)
{
    while (s.len > 0) {
        size_t used = 0;
        const struct text rest = {s.at + 1, s.len - 1};
        if (s.at[0] == '&' && rest.len > 0)
            used = rest.at[0] == '#' ? number_front(rest, out) : name_front(rest, out);
        if (used == 0)
            text_buf_add(out, s.at, 1);
        s.at += 1 + used;
        s.len -= 1 + used;
    }
}

enum { ENTITY_MOST = 26 }; /* '&' and name, of those that people write with their ';' */

/* NAME; of "&NAME;" at the front of s; empty: there is none. */
static struct text entity_front(struct text s)
{
    const char *end = memchr(s.at, ';', s.len < ENTITY_MOST ? s.len : ENTITY_MOST);
    const size_t n = end ? (size_t)(end - s.at) : 0;
    return n >= 2 ? (struct text){s.at + 1, n} : (struct text){0};
}

/* A letter whose name is in capitals as a whole ("EACUTE;"): the small one has a name in HTML, and
 * stands 32 behind it in Latin-1, which are two bytes here. */
static bool capital_entity(struct text name, struct text_buf *out)
{
    char small[ENTITY_MOST];
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        if (c >= 'a' && c <= 'z')
            return false;
        small[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    const char *letter = entity_find((struct text){small, name.len});
    if (!letter || (unsigned char)letter[0] != 0xc3 || letter[2])
        return false;
    const char capital[2] = {letter[0], (char)(letter[1] - 0x20)};
    text_buf_add(out, capital, 2);
    return true;
}

/* A whole name with its ';' only, all capitals included: what people write, as far as a line
 * without '<' leaves no doubt. */
static bool whole_entity(struct text *s, struct text_buf *out)
{
    const struct text name = entity_front(*s);
    size_t used = name.len;
    if (used == 0)
        return false;
    if (name.at[0] == '#')
        used = number_front(name, out);
    else if (entity_find(name))
        text_buf_add_text(out, entity_find(name));
    else if (!capital_entity(name, out))
        return false;
    if (used == 0)
        return false;
    s->at += 1 + used;
    s->len -= 1 + used;
    return true;
}

static void unescape_line(struct text s, struct text_buf *out)
{
    const bool markup = memchr(s.at, '<', s.len) != NULL;
    while (s.len > 0) {
        if (!markup && s.at[0] == '&' && whole_entity(&s, out))
            continue;
        text_buf_add(out, s.at++, 1);
        s.len--;
    }
}

/* ---- characters -------------------------------------------------------------------------- */

/* The byte of windows-1252 that a character is; -1 when it is none. */
static int windows_byte(uint32_t c)
{
    if (c < 0x80 || (c >= 0xa0 && c < 0x100))
        return (int)c;
    if (c < 0xa0)
        return (int)c; /* as a browser reads the table's holes */
    for (int i = 0; i < 32; i++)
        if (windows_1252[i] == c)
            return 0x80 + i;
    return -1;
}

static void mend_line(struct text s, struct text_buf *out)
{
    SCOPED(text_buf) struct text_buf bytes;
    text_buf_init(&bytes, s.len);
    struct text rest = s;
    bool high = false;
    while (rest.len > 0) {
        const int byte = windows_byte(text_utf8_next(&rest));
        const char c = (char)byte;
        if (byte < 0) {
            text_buf_add(out, s.at, s.len);
            return;
        }
        high = high || byte >= 0x80;
        text_buf_add(&bytes, &c, 1);
    }
    const struct text mended = {bytes.at, bytes.len};
    const struct text kept = high && !bytes.failed && text_utf8_valid(mended) ? mended : s;
    text_buf_add(out, kept.at, kept.len);
}

static const struct {
    uint32_t from;
    const char *to;
} ligatures[] = {
    {0x132, "IJ"},         {0x133, "ij"},        {0x149, "\xca\xbcn"}, {0x1c4, "D\xc5\xbd"},
    {0x1c5, "D\xc5\xbe"},  {0x1c6, "d\xc5\xbe"}, {0x1c7, "LJ"},        {0x1c8, "Lj"},
    {0x1c9, "lj"},         {0x1ca, "NJ"},        {0x1cb, "Nj"},        {0x1cc, "nj"},
    {0x1f1, "DZ"},         {0x1f2, "Dz"},        {0x1f3, "dz"},        {0xfb00, "ff"},
    {0xfb01, "fi"},        {0xfb02, "fl"},       {0xfb03, "ffi"},      {0xfb04, "ffl"},
    {0xfb05, "\xc5\xbft"}, {0xfb06, "st"},
};

static const char *ligature(uint32_t c)
{
    for (size_t i = 0; i < sizeof ligatures / sizeof *ligatures; i++)
        if (ligatures[i].from == c)
            return ligatures[i].to;
    return NULL;
}

/* Full-width and half-width forms and the ideographic space in their plain form. */
static bool narrow(uint32_t c, struct text_buf *out)
{
    if (c != 0x3000 && (c < 0xff01 || c > 0xffef))
        return false;
    struct text_buf one;
    text_buf_init(&one, 8);
    add_character(&one, c);
    utf8proc_uint8_t *plain = NULL;
    const utf8proc_ssize_t n =
        unicode.utf8proc_map((const utf8proc_uint8_t *)one.at, (utf8proc_ssize_t)one.len, &plain,
                             UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    if (n > 0)
        text_buf_add(out, plain, (size_t)n);
    mem_free(plain);
    text_buf_fini(&one);
    return n > 0;
}

static uint32_t plain(uint32_t c)
{
    if (c >= 0x80 && c <= 0x9f)
        c = windows_1252[c - 0x80];
    if (c == 0x2bc || (c >= 0x2018 && c <= 0x201b))
        return '\'';
    if (c >= 0x201c && c <= 0x201f)
        return '"';
    return c == 0x2028 || c == 0x2029 || c == 0x85 ? '\n' : c;
}

static void fix_characters(struct text s, struct text_buf *out)
{
    while (s.len > 0) {
        const uint32_t c = plain(text_utf8_next(&s));
        const char *letters = ligature(c);
        if (letters)
            text_buf_add_text(out, letters);
        else if (!narrow(c, out))
            add_character(out, c);
    }
}

/* The length of "ESC [ 31 m" at the front of s. */
static size_t terminal_escape(struct text s)
{
    size_t i = 2;
    if (s.len < 3 || s.at[0] != 0x1b || s.at[1] != '[')
        return 0;
    while (i < s.len && ((s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == ';'))
        i++;
    const char letter = i < s.len ? (char)(s.at[i] | 0x20) : 0;
    return letter >= 'a' && letter <= 'z' ? i + 1 : 0;
}

static bool is_control(uint32_t c)
{
    return c <= 8 || c == 0xb || (c >= 0xe && c <= 0x1f) || c == 0x7f ||
           (c >= 0x206a && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffc);
}

static void drop_controls(struct text s, struct text_buf *out)
{
    while (s.len > 0) {
        const size_t escape = terminal_escape(s);
        if (escape > 0) {
            s.at += escape;
            s.len -= escape;
            continue;
        }
        const uint32_t c = text_utf8_next(&s);
        if (!is_control(c))
            add_character(out, c);
    }
}

static void compose(struct text s, struct text_buf *out)
{
    utf8proc_uint8_t *composed = NULL;
    const utf8proc_ssize_t n = s.len ? unicode.utf8proc_map((const utf8proc_uint8_t *)s.at,
                                                            (utf8proc_ssize_t)s.len, &composed,
                                                            UTF8PROC_STABLE | UTF8PROC_COMPOSE)
                                     : 0;
    if (n >= 0)
        text_buf_add(out, n ? (const char *)composed : "", (size_t)n);
    else
        text_buf_add(out, s.at, s.len);
    mem_free(composed);
}

static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

static void collapse(struct text s, struct text_buf *out)
{
    bool pending = false;
    while (s.len > 0) {
        const uint32_t c = text_utf8_next(&s);
        if (is_space(c)) {
            pending = out->len > 0;
            continue;
        }
        if (pending)
            text_buf_add_text(out, " ");
        pending = false;
        add_character(out, c);
    }
}

/* ---- passes ------------------------------------------------------------------------------ */

/* Lines are looked at one by one: one with markup or of another encoding says nothing of the
 * next. */
static void by_lines(struct text s, struct text_buf *out, pass *line)
{
    while (s.len > 0) {
        const char *end = memchr(s.at, '\n', s.len);
        const size_t n = end ? (size_t)(end - s.at) : s.len;
        line((struct text){s.at, n}, out);
        if (end)
            text_buf_add_text(out, "\n");
        s.at += n + (end != NULL);
        s.len -= n + (end != NULL);
    }
}

static void unescape_lines(struct text s, struct text_buf *out)
{
    by_lines(s, out, unescape_line);
}

static void mend_lines(struct text s, struct text_buf *out)
{
    by_lines(s, out, mend_line);
}

int clean_prompt(char **out, struct text s, struct error *err)
{
    static pass *const passes[] = {unescape_lines, mend_lines, fix_characters, drop_controls,
                                   compose,        unescape,   unescape,       collapse};
    int code = lazy_load("libutf8proc.so.2", calls, sizeof calls / sizeof *calls, err);
    if (code < 0)
        return code;
    SCOPED(mem) char *from = mem_dup_n(s.at ? s.at : "", s.len);
    size_t len = s.len;
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        struct text_buf to;
        /* No pass makes one character into more than a few of its own length. */
        text_buf_init(&to, len * 12 + 64);
        passes[i]((struct text){from, len}, &to);
        if (to.failed)
            return error_set(err, ERR_MEMORY, "a prompt of %zu bytes is too long to clean", s.len);
        len = to.len;
        mem_free(from);
        from = to.len ? text_buf_take(&to) : mem_dup("");
        text_buf_fini(&to);
    }
    *out = TAKE(from);
    return 0;
}
