/* sqlite.c - the SQLite driver: opening, the schema, the driver table. SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>

#include "base/memory.h"
#include "sqlite_schema.h" /* made of schema/ */
#include "store/sqlite_impl.h"

enum { APPLICATION = 0x5a545250 }; /* "ZTRP": what file(1) and we know the file by */

/* What brings a store from version i to i + 1. */
static const char *const steps[] = {sqlite_schema, sqlite_schema_2, sqlite_schema_3};

enum { VERSION = sizeof steps / sizeof *steps };

static int pragma(struct conn *c, const char *sql, int64_t *out, struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, sql);
    int rc = query_row(&q, err);
    if (rc > 0)
        *out = query_column(&q, 0);
    return rc < 0 ? rc : 0;
}

static int step_to(struct conn *c, int64_t version, struct error *err)
{
    SCOPED(mem)
    char *mark =
        mem_printf("PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION, VERSION);
    for (; version < VERSION; version++)
        if (conn_run(c, steps[version], err) < 0)
            return err->code;
    return conn_run(c, mark, err);
}

static int bring_up_to_date(struct conn *c, struct error *err)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t n_tables = 0;
    if (pragma(c, "PRAGMA application_id", &application, err) < 0 ||
        pragma(c, "PRAGMA user_version", &version, err) < 0 ||
        pragma(c, "SELECT count(*) FROM sqlite_schema", &n_tables, err) < 0)
        return err->code;
    if (application == APPLICATION ? version < 1 : application || version || n_tables)
        return error_set(err, ERR_CORRUPT, "it is a database, but not a store of this program");
    if (version > VERSION)
        return error_set(err, ERR_CORRUPT,
                         "it was made by a newer program (schema %d; this one knows %d)",
                         (int)version, VERSION);
    return version == VERSION ? 0 : step_to(c, version, err);
}

/* Serialised by the door: several processes may be the first. */
static int set_up(struct conn *c, struct error *err)
{
    if (conn_run(c, "PRAGMA journal_mode = WAL", err) < 0 ||
        conn_run(c, "BEGIN IMMEDIATE", err) < 0)
        return err->code;
    if (bring_up_to_date(c, err) == 0 && conn_run(c, "COMMIT", err) == 0)
        return 0;
    sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    return err->code;
}

/* SQLite gives its other files the mode of this one. */
static int make_file(const char *path, struct error *err)
{
    SCOPED(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0 ? error_errno(err, errno, "open %s", path) : 0;
}

static void close_store(struct store *base)
{
    struct sqlite_store *s = sqlite_of(base);
    sqlite_commit_stop(s);
    sqlite_watch_stop(s);
    sqlite_read_stop(s);
    sqlite_memo_stop(s);
    conn_close(s->commit.conn);
    door_close(s->door);
    mem_free(s->path);
    mem_free(s);
}

static int open_writer(struct sqlite_store *s, struct error *err)
{
    if (make_file(s->path, err) < 0 || door_open(&s->door, s->path, err) < 0 ||
        door_enter(s->door, SQLITE_WAIT_US, err) < 0)
        return err->code;
    int rc = conn_open(&s->commit.conn, s->path, CONN_WRITE, err);
    if (rc == 0 && set_up(s->commit.conn, err) < 0)
        rc = error_prefix(err, "%s", s->path);
    door_leave(s->door, false);
    return rc;
}

static int open_store(struct store **out, const char *where, struct error *err)
{
    struct sqlite_store *s = mem_alloc(sizeof *s);
    s->base.driver = &store_sqlite;
    s->path = mem_dup(where);
    sqlite_read_init(s);
    sqlite_memo_init(s);
    sqlite_watch_init(s);
    if (open_writer(s, err) < 0 || sqlite_commit_start(s, err) < 0) {
        close_store(&s->base);
        return err->code;
    }
    *out = &s->base;
    return 0;
}

const struct store_driver store_sqlite = {
    .name = "sqlite",
    .open = open_store,
    .close = close_store,
    .key_add = sqlite_key_add,
    .key_by_hash = sqlite_key_by_hash,
    .key_by_prefix = sqlite_key_by_prefix,
    .key_list = sqlite_key_list,
    .key_revoke = sqlite_key_revoke,
    .key_change = sqlite_key_change,
    .key_credit = sqlite_key_credit,
    .entries = sqlite_key_entries,
    .usage = sqlite_key_usage,
    .admit = sqlite_admit,
    .get = sqlite_job_get,
    .list = sqlite_job_list,
    .position = sqlite_job_position,
    .ahead = sqlite_job_ahead,
    .cancel = sqlite_move_cancel,
    .remove = sqlite_retire_remove,
    .claim = sqlite_move_claim,
    .beat = sqlite_move_beat,
    .progress = sqlite_move_progress,
    .finish = sqlite_move_finish,
    .fail = sqlite_move_fail,
    .retry = sqlite_move_retry,
    .release = sqlite_move_release,
    .hand_on = sqlite_lose_hand_on,
    .expire = sqlite_lose_expire,
    .end_unknown = sqlite_lose_unknown,
    .retire = sqlite_retire,
    .names_blob = sqlite_job_names_blob,
    .changes = sqlite_change_list,
    .last_change = sqlite_change_last,
    .running = sqlite_job_running,
    .video_bytes = sqlite_job_video_bytes,
    .counts = sqlite_job_counts,
    .work_us = sqlite_job_work_us,
    .check = sqlite_check,
    .watch = sqlite_watch_wait,
    .wake = sqlite_watch_wake,
};
