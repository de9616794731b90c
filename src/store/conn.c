/* conn.c - see conn.h. SPDX-License-Identifier: MIT */
#include "store/conn.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

#include "base/memory.h"

enum { BUSY_STEP_US = 500, BUSY_MOST_US = 20000000 };

/* Statistics of SQLite's allocator cost a lock that all threads share. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

/* Other processes of ours queue at the door; this waits for strangers (a backup, a shell). */
static int wait_busy(void *arg, int n_calls)
{
    (void)arg;
    struct timespec step = {.tv_nsec = BUSY_STEP_US * 1000L};
    nanosleep(&step, NULL);
    return n_calls < BUSY_MOST_US / BUSY_STEP_US;
}

static const char *const settings[] = {
    [CONN_WRITE] = "PRAGMA synchronous = FULL;"
                   "PRAGMA foreign_keys = ON;"
                   "PRAGMA temp_store = MEMORY;"
                   "PRAGMA wal_autocheckpoint = 0;"
                   "PRAGMA journal_size_limit = 67108864;"
                   "PRAGMA cache_size = -4096;",
    [CONN_READ] = "PRAGMA query_only = ON;"
                  "PRAGMA temp_store = MEMORY;"
                  "PRAGMA wal_autocheckpoint = 0;"
                  "PRAGMA cache_size = -1024;",
};

static int set_up(struct conn *c, enum conn_kind kind, struct error *err)
{
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_handler(c->db, wait_busy, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    return conn_run(c, settings[kind], err);
}

int conn_open(struct conn **out, const char *path, enum conn_kind kind, struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);

    SCOPED(conn) struct conn *c = mem_alloc(sizeof *c);
    int rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return error_set(err, ERR_IO, "cannot open %s: %s", path,
                         c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc));
    if (set_up(c, kind, err) < 0)
        return error_prefix(err, "%s", path);
    *out = TAKE(c);
    return 0;
}

void conn_close(struct conn *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < CONN_STATEMENTS; i++)
        sqlite3_finalize(c->statements[i].prepared);
    sqlite3_close(c->db);
    mem_free(c);
}

int conn_run(struct conn *c, const char *sql, struct error *err)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : conn_error(c, err);
}

sqlite3_stmt *conn_statement(struct conn *c, const char *sql)
{
    size_t i = (uintptr_t)sql / 8 % CONN_STATEMENTS;
    for (size_t n = 0; c->statements[i].sql && c->statements[i].sql != sql; n++) {
        assert(n < CONN_STATEMENTS);
        i = (i + 1) % CONN_STATEMENTS;
    }
    struct conn_statement *s = &c->statements[i];
    s->sql = sql;
    if (!s->prepared)
        sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->prepared, NULL);
    assert(!s->prepared || !sqlite3_stmt_busy(s->prepared));
    return s->prepared;
}

int conn_error(const struct conn *c, struct error *err)
{
    int rc = sqlite3_extended_errcode(c->db);
    enum err code = ERR_IO;
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
        code = ERR_CONFLICT;
    else if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB ||
             (rc & 0xff) == SQLITE_CONSTRAINT)
        code = ERR_CORRUPT;
    return error_set(err, code, "the store: %s", sqlite3_errmsg(c->db));
}
