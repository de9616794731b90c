/* query.h - one run of a prepared statement: values in, in order, then rows out.
 *
 *     SCOPED(query) struct query q = query_begin(c, "SELECT state FROM jobs WHERE id = ?");
 *     query_text(&q, id);
 *     int rc = query_row(&q, err);     1 a row is there, 0 no more, negative failed
 *
 * The SQLite driver's own. Text and bytes that go in live until query_fini, those that come out
 * until the next row. A failure before the first row is told by query_row or query_run.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "store/conn.h"

struct query {
    struct conn *conn;
    sqlite3_stmt *st;
    int n_in;
};

struct query query_begin(struct conn *c, const char *sql); /* sql lives for ever */
void query_fini(struct query *q);
SCOPED_FINI(query)

void query_int(struct query *q, int64_t value);
void query_real(struct query *q, double value);
void query_text(struct query *q, const char *value); /* NULL is SQL's NULL */
void query_blob(struct query *q, const void *value, int size);

int query_row(struct query *q, struct error *err) MUST_CHECK;
/* All of it; returns how many rows it changed. */
int query_run(struct query *q, struct error *err) MUST_CHECK;

int64_t query_column(const struct query *q, int i);
double query_column_real(const struct query *q, int i);
const char *query_column_text(const struct query *q, int i); /* NULL gives "" */
