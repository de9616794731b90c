-- schema/sqlite-3.sql - from version 2 of the schema to 3: a worker leaves jobs of some models in the
-- queue, and what it looks for may stand behind any number of them. SPDX-License-Identifier: MIT

CREATE INDEX jobs_in_line ON jobs (key_id, model, seq) WHERE state = 0;
