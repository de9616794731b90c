/* fixture.h - what the tests of the store share: a fresh store, a key, jobs in any state.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "store/store.h"

#define FIXTURE_LEASE_US 60000000LL

/* The path of a store of that name in the test's folder; static, one per thread. */
const char *fixture_path(const char *name);
struct store *fixture_open(const char *name); /* open or make it */

/* Run SQL on its file from outside: what another program did, or a clock set back instead of
 * waiting. */
void fixture_change(const char *name, const char *sql);

/* Its id. limits: only admin, limited, requests_per_minute and jobs_at_once of it are used; NULL
 * for a metered key without limits. */
int64_t fixture_key(struct store *s, const char *prefix, const struct store_key *limits,
                    int64_t credits);
struct store_key fixture_key_now(struct store *s, const char *prefix);

/* An admission of a plain job of 100 credits, with a fresh id. Its strings are static. */
struct store_admission fixture_admission(int64_t key_id);
/* Admitted; its id is in out. */
void fixture_admit(struct store *s, int64_t key_id, char out[HASH_ID_SIZE]);
void fixture_claim(struct store *s, const char *worker, struct store_job *out);
void fixture_finish(struct store *s, const struct store_job *job);
struct store_result fixture_result(void);
struct store_job fixture_get(struct store *s, const char *id);
void fixture_check(struct store *s); /* store_check says that all is well */
