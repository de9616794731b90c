/* conn.h - one connection to an SQLite file, with the statements it has prepared.
 *
 * The SQLite driver's own. A connection belongs to one thread at a time.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

enum conn_kind { CONN_WRITE, CONN_READ };

enum { CONN_STATEMENTS = 128 }; /* slots; twice as many as there are statements in the driver */

struct conn {
    sqlite3 *db;
    struct conn *next; /* the pool's */
    struct conn_statement {
        const char *sql;
        sqlite3_stmt *prepared;
    } statements[CONN_STATEMENTS];
};

int conn_open(struct conn **out, const char *path, enum conn_kind kind,
              struct error *err) MUST_CHECK;
void conn_close(struct conn *c); /* NULL is fine */
SCOPED_CLOSE(conn)

/* Run statements that are seldom run. */
int conn_run(struct conn *c, const char *sql, struct error *err) MUST_CHECK;

/* The statement of a text that lives for ever, prepared on its first use; NULL when that fails:
 * conn_error says why. */
sqlite3_stmt *conn_statement(struct conn *c, const char *sql);

/* Why the last call on this connection failed: ERR_CONFLICT for what has to be unique,
 * ERR_CORRUPT, else ERR_IO. */
int conn_error(const struct conn *c, struct error *err);
