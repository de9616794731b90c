/* query.c - see query.h. SPDX-License-Identifier: MIT */
#include "store/query.h"

struct query query_begin(struct conn *c, const char *sql)
{
    return (struct query){.conn = c, .st = conn_statement(c, sql)};
}

void query_fini(struct query *q)
{
    sqlite3_reset(q->st);
    sqlite3_clear_bindings(q->st);
}

void query_int(struct query *q, int64_t value)
{
    sqlite3_bind_int64(q->st, ++q->n_in, value);
}

void query_real(struct query *q, double value)
{
    sqlite3_bind_double(q->st, ++q->n_in, value);
}

void query_text(struct query *q, const char *value)
{
    sqlite3_bind_text(q->st, ++q->n_in, value, -1, SQLITE_STATIC);
}

void query_blob(struct query *q, const void *value, int size)
{
    sqlite3_bind_blob(q->st, ++q->n_in, value, size, SQLITE_STATIC);
}

int query_row(struct query *q, struct error *err)
{
    int rc = q->st ? sqlite3_step(q->st) : SQLITE_ERROR;
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : conn_error(q->conn, err);
}

int query_run(struct query *q, struct error *err)
{
    int rc = 1;
    while (rc > 0)
        rc = query_row(q, err);
    return rc < 0 ? rc : sqlite3_changes(q->conn->db);
}

int64_t query_column(const struct query *q, int i)
{
    return sqlite3_column_int64(q->st, i);
}

double query_column_real(const struct query *q, int i)
{
    return sqlite3_column_double(q->st, i);
}

const char *query_column_text(const struct query *q, int i)
{
    const unsigned char *s = sqlite3_column_text(q->st, i);
    return s ? (const char *)s : "";
}
