-- schema/sqlite.sql - the tables of a store in SQLite. SPDX-License-Identifier: MIT
--
-- Times are microseconds since 1970 (UTC); 0 says "not yet". A state is the number of its enum
-- job_state: 0 queued, 1 generating, 2 completed, 3 error. Strings are '' where there is none.

-- An API key, and everything about it that a create asks for: the four sums are kept in the
-- transaction that changes what they sum.
CREATE TABLE keys (
    id                  INTEGER PRIMARY KEY,
    prefix              TEXT    NOT NULL UNIQUE,
    hash                BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    name                TEXT    NOT NULL,
    admin               INTEGER NOT NULL CHECK (admin IN (0, 1)),
    limited             INTEGER NOT NULL CHECK (limited IN (0, 1)),
    balance             INTEGER NOT NULL DEFAULT 0,
    reserved            INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    n_queued            INTEGER NOT NULL DEFAULT 0 CHECK (n_queued >= 0),
    n_running           INTEGER NOT NULL DEFAULT 0 CHECK (n_running >= 0),
    requests_per_minute INTEGER NOT NULL,
    jobs_at_once        INTEGER NOT NULL,
    created_us          INTEGER NOT NULL,
    revoked_us          INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A claim asks for the fewest running among those that wait.
CREATE INDEX keys_waiting ON keys (n_running) WHERE n_queued > 0;

-- What is often read or changed stands first, long text last: SQLite reads a row from its front.
CREATE TABLE jobs (
    seq             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    key_id          INTEGER NOT NULL REFERENCES keys (id),
    state           INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    token           INTEGER NOT NULL DEFAULT 0,
    worker          TEXT    NOT NULL DEFAULT '',
    lease_until_us  INTEGER NOT NULL DEFAULT 0,
    progress        REAL    NOT NULL DEFAULT 0,
    progress_us     INTEGER NOT NULL DEFAULT 0, -- when progress or stage last changed
    stage           TEXT    NOT NULL DEFAULT '',
    credits         INTEGER NOT NULL CHECK (credits >= 0),
    created_us      INTEGER NOT NULL,
    started_us      INTEGER NOT NULL DEFAULT 0,
    ended_us        INTEGER NOT NULL DEFAULT 0,
    model           TEXT    NOT NULL,
    enhance         INTEGER NOT NULL CHECK (enhance IN (0, 1)),
    seed            INTEGER NOT NULL, -- the 64 bits of an unsigned number
    image_kind      INTEGER NOT NULL CHECK (image_kind BETWEEN 0 AND 2),
    video           TEXT    NOT NULL DEFAULT '',
    video_bytes     INTEGER NOT NULL DEFAULT 0,
    duration_us     INTEGER NOT NULL DEFAULT 0,
    width           INTEGER NOT NULL DEFAULT 0,
    height          INTEGER NOT NULL DEFAULT 0,
    engine          TEXT    NOT NULL DEFAULT '',
    error_name      TEXT    NOT NULL DEFAULT '',
    error_message   TEXT    NOT NULL DEFAULT '',
    idempotency_key TEXT,
    image           TEXT    NOT NULL,
    prompt          TEXT    NOT NULL,
    prompt_used     TEXT    NOT NULL DEFAULT '',
    meta            TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX jobs_of_key ON jobs (key_id, state, seq);
CREATE INDEX jobs_waiting ON jobs (seq) WHERE state = 0;
CREATE INDEX jobs_running ON jobs (worker) WHERE state = 1;
CREATE INDEX jobs_ended ON jobs (ended_us) WHERE state >= 2;
CREATE INDEX jobs_work ON jobs (model, ended_us, started_us) WHERE state = 2;
CREATE INDEX jobs_video ON jobs (video) WHERE video <> '';
CREATE INDEX jobs_image ON jobs (image) WHERE image_kind = 1;

-- One row: the last seq given, and how many jobs are in each state.
CREATE TABLE totals (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    last_seq  INTEGER NOT NULL DEFAULT 0,
    queued    INTEGER NOT NULL DEFAULT 0 CHECK (queued >= 0),
    running   INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),
    completed INTEGER NOT NULL DEFAULT 0 CHECK (completed >= 0),
    failed    INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0)
) STRICT;
INSERT INTO totals (one) VALUES (1);

-- The ledger. Rows are added, never changed; created_us never falls with seq.
CREATE TABLE entries (
    seq        INTEGER PRIMARY KEY,
    key_id     INTEGER NOT NULL REFERENCES keys (id),
    created_us INTEGER NOT NULL,
    type       INTEGER NOT NULL,
    credits    INTEGER NOT NULL,
    model      TEXT    NOT NULL,
    reference  TEXT    NOT NULL
) STRICT;
CREATE INDEX entries_of_key ON entries (key_id, created_us, type, credits);
CREATE UNIQUE INDEX entries_of_job ON entries (reference) WHERE reference <> '';

-- The first answer to an Idempotency-Key. expires_us is set when the job's record leaves.
CREATE TABLE replays (
    key_id          INTEGER NOT NULL REFERENCES keys (id),
    idempotency_key TEXT    NOT NULL,
    body_hash       BLOB    NOT NULL CHECK (length(body_hash) = 32),
    id              TEXT    NOT NULL,
    credits         INTEGER NOT NULL,
    created_us      INTEGER NOT NULL,
    expires_us      INTEGER,
    PRIMARY KEY (key_id, idempotency_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX replays_expiring ON replays (expires_us) WHERE expires_us IS NOT NULL;

-- Jobs whose records are gone, so that their ids still answer "gone".
CREATE TABLE tombstones (
    id      TEXT    PRIMARY KEY,
    key_id  INTEGER NOT NULL,
    state   INTEGER NOT NULL CHECK (state IN (2, 3)),
    gone_us INTEGER NOT NULL,
    why     TEXT    NOT NULL CHECK (why IN ('retired', 'removed'))
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_by_age ON tombstones (gone_us);
