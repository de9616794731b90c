/* openapi_page.c - Markdown of our own kind as one HTML page: headings, paragraphs, tables, lists
 * with "- ", fenced code, `code` and *stress*. Nothing of the text reaches the page unescaped.
 *
 * SPDX-License-Identifier: MIT */
#include "api/openapi_impl.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>Zoetrope: the HTTP API</title>\n"
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "table{border-collapse:collapse;display:block;overflow-x:auto}\n"
    "th,td{border:1px solid #8884;padding:.3rem .6rem;text-align:left;vertical-align:top}\n"
    "code,pre{font:.9em/1.4 ui-monospace,monospace;background:#8882;border-radius:3px}\n"
    "code{padding:.1em .3em}pre{padding:.8rem;overflow-x:auto}pre code{padding:0;background:none}\n"
    "</style></head><body>\n";

enum block { NONE, PARAGRAPH, TABLE, LIST, CODE };

struct page {
    struct text_buf *out;
    enum block block;
    bool heads; /* the next row of the table is its first */
};

static void add_escaped(struct text_buf *b, struct text s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.at[i]) {
        case '<':
            text_buf_add_text(b, "&lt;");
            break;
        case '>':
            text_buf_add_text(b, "&gt;");
            break;
        case '&':
            text_buf_add_text(b, "&amp;");
            break;
        case '"':
            text_buf_add_text(b, "&quot;");
            break;
        default:
            text_buf_add(b, s.at + i, 1);
        }
    }
}

/* Text with `code` and *stress*; a mark without its partner stands for itself. */
static void add_inline(struct text_buf *b, struct text s)
{
    for (size_t i = 0; i < s.len; i++) {
        struct text rest = {s.at + i + 1, s.len - i - 1};
        struct text inner = rest;
        bool code = s.at[i] == '`';
        bool marked = code || s.at[i] == '*';
        size_t n = marked ? text_cut(&inner, s.at[i]).len : 0;
        if (!marked || n == 0 || n == rest.len) {
            add_escaped(b, (struct text){s.at + i, 1});
            continue;
        }
        text_buf_add_text(b, code ? "<code>" : "<em>");
        add_escaped(b, (struct text){rest.at, n});
        text_buf_add_text(b, code ? "</code>" : "</em>");
        i += n + 1;
    }
}

static void enter(struct page *p, enum block block)
{
    static const char *const open[] = {[NONE] = "",
                                       [PARAGRAPH] = "<p>",
                                       [TABLE] = "<table>\n",
                                       [LIST] = "<ul>\n",
                                       [CODE] = "<pre><code>"};
    static const char *const close[] = {[NONE] = "",
                                        [PARAGRAPH] = "</p>\n",
                                        [TABLE] = "</table>\n",
                                        [LIST] = "</ul>\n",
                                        [CODE] = "</code></pre>\n"};
    if (p->block == block)
        return;
    text_buf_add_text(p->out, close[p->block]);
    text_buf_add_text(p->out, open[block]);
    p->block = block;
    p->heads = block == TABLE;
}

static void add_anchor(struct text_buf *b, struct text title)
{
    for (size_t i = 0; i < title.len; i++) {
        char c = title.at[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (word || c == ' ')
            text_buf_add(b, word ? &c : "-", 1);
    }
}

static void add_heading(struct page *p, struct text line)
{
    int level = 0;
    while (line.len && line.at[0] == '#') {
        level++;
        line.at++;
        line.len--;
    }
    line = text_trim(line);
    enter(p, NONE);
    text_buf_printf(p->out, "<h%d id=\"", level);
    add_anchor(p->out, line);
    text_buf_add_text(p->out, "\">");
    add_inline(p->out, line);
    text_buf_printf(p->out, "</h%d>\n", level);
}

/* A cell up to its bar; "\|" is a bar in the text. */
static void add_cell(struct text_buf *b, struct text *row)
{
    SCOPED(text_buf) struct text_buf cell;
    text_buf_init(&cell, 65536);
    while (row->len && row->at[0] != '|') {
        size_t n = row->at[0] == '\\' && row->len > 1 ? 1 : 0;
        text_buf_add(&cell, row->at + n, 1);
        row->at += n + 1;
        row->len -= n + 1;
    }
    text_cut(row, '|');
    add_inline(b, text_trim((struct text){cell.at, cell.len}));
}

static void add_row(struct page *p, struct text line)
{
    enter(p, TABLE);
    if (text_starts(line, TEXT("|---")))
        return;
    text_cut(&line, '|');
    text_buf_add_text(p->out, "<tr>");
    while (text_trim(line).len) {
        text_buf_add_text(p->out, p->heads ? "<th>" : "<td>");
        add_cell(p->out, &line);
        text_buf_add_text(p->out, p->heads ? "</th>" : "</td>");
    }
    text_buf_add_text(p->out, "</tr>\n");
    p->heads = false;
}

static void add_line(struct page *p, struct text line)
{
    if (text_starts(line, TEXT("```")))
        enter(p, p->block == CODE ? NONE : CODE);
    else if (p->block == CODE) {
        add_escaped(p->out, line);
        text_buf_add_text(p->out, "\n");
    } else if (text_starts(line, TEXT("#")))
        add_heading(p, line);
    else if (text_starts(line, TEXT("|")))
        add_row(p, line);
    else if (text_starts(line, TEXT("- "))) {
        enter(p, LIST);
        text_buf_add_text(p->out, "<li>");
        add_inline(p->out, (struct text){line.at + 2, line.len - 2});
        text_buf_add_text(p->out, "</li>\n");
    } else if (text_trim(line).len == 0)
        enter(p, NONE);
    else {
        enter(p, PARAGRAPH);
        add_inline(p->out, line);
        text_buf_add_text(p->out, "\n");
    }
}

void openapi_page(struct text_buf *out, struct text markdown)
{
    struct page p = {.out = out, .block = NONE};
    text_buf_add_text(out, head);
    while (markdown.len)
        add_line(&p, text_cut(&markdown, '\n'));
    enter(&p, NONE);
    text_buf_add_text(out, "</body></html>\n");
}
