-- schema/sqlite-2.sql - from version 1 of the schema to 2: the order of changes, what a finished
-- video has beside it, and more about keys. SPDX-License-Identifier: MIT

-- What a key may spend (in credits; 0 says no limit) in which stretch of time (0 ever, 1 a day,
-- 2 a week, 3 a month), and for what (the bits of enum key_scope; 0 for everything).
ALTER TABLE keys ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));
ALTER TABLE keys ADD COLUMN updated_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN spend_max INTEGER NOT NULL DEFAULT 0 CHECK (spend_max >= 0);
ALTER TABLE keys ADD COLUMN spend_window INTEGER NOT NULL DEFAULT 0
    CHECK (spend_window BETWEEN 0 AND 3);
ALTER TABLE keys ADD COLUMN scopes INTEGER NOT NULL DEFAULT 0;
UPDATE keys SET updated_us = created_us;

ALTER TABLE jobs ADD COLUMN poster TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN preview TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN beside_bytes INTEGER NOT NULL DEFAULT 0; -- of poster and preview
ALTER TABLE jobs ADD COLUMN timings TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_poster ON jobs (poster) WHERE poster <> '';
CREATE INDEX jobs_preview ON jobs (preview) WHERE preview <> '';

-- Each change that is worth telling (a new job, a state, a stage, another per cent, a record that
-- leaves) takes the next number of one count, in its own transaction: who knows what it saw last
-- asks for what is above it.
ALTER TABLE totals ADD COLUMN last_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tombstones ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE totals SET last_change = last_seq;
UPDATE jobs SET changed = seq;
CREATE INDEX jobs_changed ON jobs (changed, key_id);
CREATE INDEX tombstones_changed ON tombstones (changed, key_id);

CREATE TRIGGER job_changes AFTER UPDATE OF state, stage, progress ON jobs
WHEN OLD.state <> NEW.state OR OLD.stage <> NEW.stage
     OR CAST(OLD.progress * 100 AS INTEGER) <> CAST(NEW.progress * 100 AS INTEGER)
BEGIN
    UPDATE totals SET last_change = last_change + 1;
    UPDATE jobs SET changed = (SELECT last_change FROM totals) WHERE seq = NEW.seq;
END;

CREATE TRIGGER job_leaves AFTER INSERT ON tombstones
BEGIN
    UPDATE totals SET last_change = last_change + 1;
    UPDATE tombstones SET changed = (SELECT last_change FROM totals) WHERE id = NEW.id;
END;
