/* page.h - one page of a list: rows, and where the next page begins.
 *
 *     {"data":[…],"pagination":{"next_cursor":"…"|null,"has_more":true|false}}
 *
 * Ask the store for one row more than the page has: it tells whether another page follows.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/cursor.h"

struct page {
    struct text_buf b;
    enum cursor_kind kind;
    int limit;
    int n;            /* rows written                       */
    int64_t last_seq; /* of the page's last row; its writer's */
};

void page_begin(struct page *p, enum cursor_kind kind, int limit);
void page_fini(struct page *p);
SCOPED_FINI(page)

/* Before each row, which is then written into p->b. */
void page_row(struct page *p);
void page_end(struct page *p, bool has_more);
