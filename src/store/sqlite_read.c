/* sqlite_read.c - the pool of reading connections. They are made when they are needed and stay:
 * a statement is prepared once per connection. SPDX-License-Identifier: MIT */
#include "store/sqlite_impl.h"

enum { MOST_READERS = 16 };

void sqlite_read_init(struct sqlite_store *s)
{
    pthread_mutex_init(&s->pool.lock, NULL);
    pthread_cond_init(&s->pool.back, NULL);
}

void sqlite_read_stop(struct sqlite_store *s)
{
    struct conn *c = s->pool.idle;
    while (c) {
        struct conn *next = c->next;
        conn_close(c);
        c = next;
    }
    pthread_cond_destroy(&s->pool.back);
    pthread_mutex_destroy(&s->pool.lock);
}

/* An idle one, or NULL with the right to open another. */
static struct conn *borrow(struct sqlite_pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->idle && p->n_open == MOST_READERS)
        pthread_cond_wait(&p->back, &p->lock);
    struct conn *c = p->idle;
    if (c)
        p->idle = c->next;
    else
        p->n_open++;
    pthread_mutex_unlock(&p->lock);
    return c;
}

static void give_back(struct sqlite_pool *p, struct conn *c)
{
    pthread_mutex_lock(&p->lock);
    if (c) {
        c->next = p->idle;
        p->idle = c;
    } else {
        p->n_open--;
    }
    pthread_cond_signal(&p->back);
    pthread_mutex_unlock(&p->lock);
}

int sqlite_read_begin(struct sqlite_read *r, struct store *base, struct error *err)
{
    struct sqlite_store *s = sqlite_of(base);
    struct conn *c = borrow(&s->pool);
    if (!c && conn_open(&c, s->path, CONN_READ, err) < 0) {
        give_back(&s->pool, NULL);
        return err->code;
    }
    *r = (struct sqlite_read){.store = s, .conn = c};
    return 0;
}

void sqlite_read_fini(struct sqlite_read *r)
{
    if (r->conn)
        give_back(&r->store->pool, r->conn);
}
