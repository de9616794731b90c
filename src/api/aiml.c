/* aiml.c - see aiml.h. SPDX-License-Identifier: MIT */
#include "api/aiml.h"

#include "api/billing.h"
#include "api/create.h"
#include "api/events.h"
#include "api/keys.h"
#include "api/list.h"
#include "api/models.h"
#include "api/pages.h"
#include "api/poll.h"
#include "api/remove.h"
#include "api/status.h"
#include "api/system.h"
#include "api/video.h"

/* What one path of generations offers; all four are the same jobs. */
#define GENERATIONS(at, post, names)                                                               \
    {.route = {"POST", at, post, "create"},                                                        \
     .group = "Generations",                                                                       \
     .summary = "Create a video generation task and send it to the server",                        \
     .has_body = true,                                                                             \
     .form = (names),                                                                              \
     .reply = "Created",                                                                           \
     .statuses = "400 401 403 409 413 415 429 503"},                                               \
        {.route = {"GET", at, poll_by_query, "poll"},                                              \
         .group = "Generations",                                                                   \
         .summary = "Retrieve the generated video from the server",                                \
         .query = poll_query,                                                                      \
         .reply = "Generation",                                                                    \
         .statuses = "400 401 404 410 429"},                                                       \
        {.route = {"DELETE", at, remove_by_query, "remove"},                                       \
         .group = "Generations",                                                                   \
         .summary = "Cancel a generation under way, or remove a finished one with its video",      \
         .query = remove_query,                                                                    \
         .reply = "Removed",                                                                       \
         .statuses = "400 401 404 410 429"},                                                       \
        {.route = {"GET", at "/list", list_jobs, "list"},                                          \
         .group = "Generations",                                                                   \
         .summary = "List the key's own generations, newest first",                                \
         .query = list_query,                                                                      \
         .reply = "GenerationList",                                                                \
         .statuses = "400 401 429"},                                                               \
        {.route = {"GET", at "/events", events_get, "events"},                                     \
         .group = "Generations",                                                                   \
         .summary = "What becomes of generations, as it happens (server-sent events)",             \
         .query = events_query,                                                                    \
         .reply = "text/event-stream",                                                             \
         .statuses = "400 401 404 410 429"},                                                       \
        {.route = {"GET", at "/estimate", status_estimate, "estimate"},                            \
         .group = "Generations",                                                                   \
         .summary = "What a generation costs, and how long such work took last",                   \
         .query = status_estimate_query,                                                           \
         .reply = "Estimate",                                                                      \
         .statuses = "400 401 429"},                                                               \
        {.route = {"GET", at "/{id}", poll_by_path, "poll"},                                       \
         .group = "Generations",                                                                   \
         .summary = "Retrieve the generated video, by path",                                       \
         .query = poll_query + 1,                                                                  \
         .reply = "Generation",                                                                    \
         .statuses = "400 401 404 410 429"},                                                       \
    {                                                                                              \
        .route = {"DELETE", at "/{id}", remove_by_path, "remove"}, .group = "Generations",         \
        .summary = "Cancel or remove, by path", .query = remove_query + 1, .reply = "Removed",     \
        .statuses = "400 401 404 410 429"                                                          \
    }

#define MODELS(at)                                                                                 \
    {                                                                                              \
        .route = {"GET", at, models_list, "models"}, .group = "Models",                            \
        .summary = "List the models that a request may name", .open = true, .query = models_query, \
        .reply = "ModelList", .statuses = "304"                                                    \
    }

const struct aiml_operation aiml_operations[] = {
    GENERATIONS("/v2/video/generations", create_universal, FIELDS_UNIVERSAL),
    GENERATIONS("/v2/generate/video/minimax/generation", create_legacy, FIELDS_LEGACY),
    GENERATIONS("/v1/video/generations", create_universal, FIELDS_UNIVERSAL),
    GENERATIONS("/video/generations", create_universal, FIELDS_UNIVERSAL),
    {.route = {"GET", "/generations/{name...}", video_get, "video"},
     .group = "Generations",
     .summary = "The video itself, its poster or its preview: a signed url of a completed "
                "generation. Answers Range, "
                "If-Range, If-None-Match and HEAD",
     .open = true,
     .reply = "video/mp4 image/jpeg",
     .statuses = "206 304 403 410 416"},
    MODELS("/v1/models"),
    MODELS("/models"),
    MODELS("/api/v1/models"),
    {.route = {"GET", "/model/{id...}", models_get, "models"},
     .group = "Models",
     .summary = "One model, by its id or an alias",
     .open = true,
     .query = models_query,
     .reply = "ModelOne",
     .statuses = "304 404"},
    {.route = {"GET", "/v2/billing", billing_balance, "billing"},
     .group = "Account",
     .summary = "The balance of the key, in US dollars",
     .reply = "Balance",
     .statuses = "401 429"},
    {.route = {"GET", "/v1/billing/balance", billing_balance_credits, "billing"},
     .group = "Account",
     .summary = "The balance of the key, in credits",
     .reply = "BalanceCredits",
     .statuses = "401 429"},
    {.route = {"GET", "/v2/billing/transactions", billing_entries, "transactions"},
     .group = "Account",
     .summary = "The key's ledger, newest first",
     .query = billing_entries_query,
     .reply = "TransactionList",
     .statuses = "400 401 429"},
    {.route = {"GET", "/v2/usage", billing_usage, "usage"},
     .group = "Account",
     .summary = "What was charged in a stretch of time",
     .query = billing_usage_query,
     .reply = "Usage",
     .statuses = "400 401 403 404 429"},
    {.route = {"GET", "/v1/keys", keys_list, "keys"},
     .group = "Keys",
     .summary = "List all keys (*admin*)",
     .reply = "KeyList",
     .statuses = "401 403 429"},
    {.route = {"POST", "/v1/keys", keys_create, "key_create"},
     .group = "Keys",
     .summary = "Make a key, which is shown this once (*admin*)",
     .body = "KeyCreate",
     .reply = "KeyOne",
     .statuses = "400 401 403 413 415 429"},
    {.route = {"PATCH", "/v1/keys/{prefix}", keys_change, "key_change"},
     .group = "Keys",
     .summary = "Change a key, or give it credits (*admin*)",
     .body = "KeyChange",
     .reply = "KeyOne",
     .statuses = "400 401 403 404 409 413 415 429"},
    {.route = {"PUT", "/v1/keys/{prefix}", keys_change, "key_put"},
     .group = "Keys",
     .summary = "The same as PATCH (*admin*)",
     .body = "KeyChange",
     .reply = "KeyOne",
     .statuses = "400 401 403 404 409 413 415 429"},
    {.route = {"DELETE", "/v1/keys/{prefix}", keys_remove, "key_remove"},
     .group = "Keys",
     .summary = "Revoke a key for good; its jobs go on (*admin*)",
     .reply = "KeyRemoved",
     .statuses = "401 403 404 409 429"},
    {.route = {"GET", "/v1/key", keys_own, "key"},
     .group = "Keys",
     .summary = "The caller's own key",
     .reply = "KeyOne",
     .statuses = "401 429"},
    {.route = {"GET", "/v2/status", status_get, "status"},
     .group = "Service",
     .summary = "How the server is doing: queue, workers, disk (*admin*)",
     .reply = "Status",
     .statuses = "401 403 429"},
    {.route = {"GET", "/openapi.json", system_openapi, "openapi"},
     .group = "Service",
     .summary = "This document",
     .open = true,
     .reply = "Document"},
    {.route = {"GET", "/docs", pages_reference, "docs"},
     .group = "Service",
     .summary = "The same for people, to try each operation",
     .open = true,
     .reply = "text/html",
     .statuses = "304"},
    {.route = {"GET", "/docs/api", system_docs, "docs"},
     .group = "Service",
     .summary = "The same as one page without scripts",
     .open = true,
     .reply = "text/html"},
    {.route = {"GET", "/healthz", system_health, "healthz"},
     .group = "Service",
     .summary = "Is the process alive?",
     .open = true,
     .reply = "Health"},
    {.route = {"GET", "/readyz", system_ready, "readyz"},
     .group = "Service",
     .summary = "May it be sent requests? Store and disk answer, and it is not shutting down",
     .open = true,
     .reply = "Ready",
     .statuses = "503"},
    {.route = {"GET", "/metrics", system_metrics, "metrics"},
     .group = "Service",
     .summary = "Counters and gauges in the text format of Prometheus",
     .open = true,
     .reply = "text/plain"},
    {.route = {"GET", "/", pages_index, "playground"},
     .group = "Service",
     .summary = "The playground: all of this in a page",
     .open = true,
     .reply = "text/html",
     .statuses = "304"},
    {.route = {"GET", "/app/{name...}", pages_asset, "asset"},
     .group = "Service",
     .summary = "What the pages are made of",
     .open = true,
     .reply = "*/*",
     .statuses = "304 404"},
};

const int aiml_n_operations = sizeof aiml_operations / sizeof *aiml_operations;
