/* api.c - see api.h. SPDX-License-Identifier: MIT */
#include "api/api.h"

#include <string.h>

#include "api/aiml.h"
#include "api/call.h"
#include "api/create.h"
#include "api/problem.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/* The router's table, out of the operations of all dialects. */
static struct http_route *collect_routes(void)
{
    struct http_route *routes = mem_alloc((size_t)(aiml_n_operations + 1) * sizeof *routes);
    for (int i = 0; i < aiml_n_operations; i++)
        routes[i] = aiml_operations[i].route;
    return routes;
}

/* An address whose characters may stand in a header, in JSON and in HTML as they are. */
static bool is_address(const char *url)
{
    struct text s = text_of(url);
    bool known = (text_starts(s, TEXT("http://")) && s.len > 7) ||
                 (text_starts(s, TEXT("https://")) && s.len > 8);
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~' || strchr("\"<>\\^`{|}", s.at[i]))
            return false;
    return known && s.at[s.len - 1] != '/';
}

static int check_options(const struct api_options *o, struct error *err)
{
    if (o->public_url && !is_address(o->public_url))
        return error_set(err, ERR_INVALID,
                         "the public url must begin with http:// or https:// and not end in /");
    if (o->url_lifetime_s <= 0)
        return error_set(err, ERR_INVALID, "the lifetime of urls must be positive");
    return 0;
}

int api_new(struct api **out, const struct api_options *options, struct error *err)
{
    int rc = check_options(options, err);
    if (rc < 0)
        return rc;
    struct api *a = mem_alloc(sizeof *a);
    a->options = *options;
    hash_random(&a->id_seed, sizeof a->id_seed);
    a->limit = limit_new();
    a->wait = wait_new(options->store);
    a->routes = collect_routes();
    a->began_us = clock_mono_us();
    a->metrics = metrics_new(a->routes);
    a->eta = eta_new(options->store, options->catalogue);
    a->events = events_new(a);
    *out = a;
    return 0;
}

/* Requests that never reached a handler: no such path, too large, too many. */
static void refuse(struct http_exchange *x, int status, const char *detail)
{
    problem_reply(x, status, detail);
}

static void finished(struct http_exchange *x)
{
    metrics_count(call_api(x)->metrics, http_route_name(x), http_status(x), http_took_us(x));
    log_debug("request %s (%s): %d in %lld us", call_of(x)->request_id, http_route_name(x),
              http_status(x), (long long)http_took_us(x));
}

void api_fill(struct api *a, struct http_options *options)
{
    options->routes = a->routes;
    options->arg = a;
    options->head = create_head;
    options->refuse = refuse;
    options->decorate = call_decorate;
    options->finished = finished;
}

void api_listening(struct api *a, const char *url, struct http_server *server)
{
    char *before = atomic_exchange(&a->address, mem_dup(url));
    mem_free(before); /* told twice only before there are requests */
    atomic_store(&a->server, server);
}

void api_drain(struct api *a)
{
    atomic_store(&a->draining, true);
    wait_drain(a->wait);
    events_drain(a->events);
}

void api_free(struct api *a)
{
    if (!a)
        return;
    events_free(a->events);
    wait_free(a->wait);
    eta_free(a->eta);
    metrics_free(a->metrics);
    limit_free(a->limit);
    mem_free(a->routes);
    mem_free(atomic_load(&a->address));
    mem_free(a);
}
