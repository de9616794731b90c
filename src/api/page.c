/* page.c - see page.h. SPDX-License-Identifier: MIT */
#include "api/page.h"

#include "api/emit.h"

enum { PAGE_MAX = 16 * 1024 * 1024 };

void page_begin(struct page *p, enum cursor_kind kind, int limit)
{
    *p = (struct page){.kind = kind, .limit = limit};
    text_buf_init(&p->b, PAGE_MAX);
    text_buf_add_text(&p->b, "{\"data\":[");
}

void page_fini(struct page *p)
{
    text_buf_fini(&p->b);
}

void page_row(struct page *p)
{
    if (p->n++)
        text_buf_add(&p->b, ",", 1);
}

void page_end(struct page *p, bool has_more)
{
    char cursor[CURSOR_SIZE];
    if (has_more)
        cursor_write(p->kind, p->last_seq, cursor);
    text_buf_add_text(&p->b, "],\"pagination\":{\"next_cursor\":");
    emit_string(&p->b, has_more ? cursor : NULL);
    text_buf_add_text(&p->b, ",\"has_more\":");
    emit_bool(&p->b, has_more);
    text_buf_add_text(&p->b, "}}");
}
