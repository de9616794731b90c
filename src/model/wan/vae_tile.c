/* vae_tile.c - a picture decoded in overlapping tiles, chunk by chunk, each tile with its own
 * caches.
 *
 * Where tiles overlap, a pixel is the weighted mean of what they say; a tile's weight falls
 * linearly to nothing towards an edge that is not the picture's. The weights of a pixel add up
 * to 1, and are the product of those of its row and its column.
 *
 * SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "model/wan/vae_impl.h"

/* Tiles along one side of the picture, latent px. */
struct side {
    int64_t size, tile;
    int64_t n; /* tiles */
};

static struct side side_of(int64_t size, int64_t tile)
{
    const int64_t most = tile < size ? tile : size, stride = tile - VAE_TILE_OVERLAP;
    return (struct side){.size = size, .tile = most, .n = 1 + (size - most + stride - 1) / stride};
}

/* Where tile i begins: the last one ends with the picture. */
static int64_t begin_of(const struct side *a, int64_t i)
{
    const int64_t at = i * (a->tile - VAE_TILE_OVERLAP), last = a->size - a->tile;
    return at < last ? at : last;
}

/* How far p, in latent px, is inside tile i, in 0..1; 1 at the picture's own edges. */
static float inside(const struct side *a, int64_t i, float p)
{
    const int64_t begin = begin_of(a, i), end = begin + a->tile;
    float in = 1;
    if (begin > 0 && (p - (float)begin) / VAE_TILE_OVERLAP < in)
        in = (p - (float)begin) / VAE_TILE_OVERLAP;
    if (end < a->size && ((float)end - p) / VAE_TILE_OVERLAP < in)
        in = ((float)end - p) / VAE_TILE_OVERLAP;
    return in > 0 ? in : 0;
}

static float weight(const struct side *a, int64_t i, float p)
{
    float all = 0;
    for (int64_t j = 0; j < a->n; j++)
        all += inside(a, j, p);
    return inside(a, i, p) / all;
}

struct tiles {
    struct side rows, columns;
    int64_t space;
    struct vae_cache *caches; /* [rows.n * columns.n] */
};

/* One tile's frames, added to the picture's. */
struct blend {
    const struct tiles *tiles;
    int64_t row, column; /* of the tile */
    struct tensor picture, tile;
};

/* Line `line` of the tile, counted through its frames. */
static void blend_line(void *arg, int line)
{
    const struct blend *b = arg;
    const struct tiles *k = b->tiles;
    const int64_t h = b->tile.shape[1], w = b->tile.shape[2], frame = line / h, y = line % h;
    const int64_t top = begin_of(&k->rows, b->row) * k->space + y;
    const int64_t left = begin_of(&k->columns, b->column) * k->space;
    const float share = weight(&k->rows, b->row, ((float)top + 0.5F) / (float)k->space);
    const float *from = tensor_f32(&b->tile) + line * w * 3;
    float *to = tensor_f32(&b->picture) +
                ((frame * b->picture.shape[1] + top) * b->picture.shape[2] + left) * 3;
    for (int64_t x = 0; x < w; x++) {
        const float p = ((float)(left + x) + 0.5F) / (float)k->space;
        const float part = share * weight(&k->columns, b->column, p);
        for (int c = 0; c < 3; c++)
            to[x * 3 + c] += part * from[x * 3 + c];
    }
}

static void add_tile(struct step *s, struct blend *b)
{
    if (!s->failed && !step_measuring(s))
        nn_parallel(s->nn, (int)(b->tile.shape[0] * b->tile.shape[1]), blend_line, b);
}

/* All tiles of the chunk of these latent frames; the picture's frames
 * [n, H', W', 3]. */
static struct tensor picture_of(struct vae_pass *p, const struct vae_decoding *d,
                                const struct tiles *k, struct vae_span frames)
{
    struct step *s = p->s;
    const int64_t n = frames.first == 0 ? 1 : 4 * frames.n;
    const int64_t shape[] = {n, k->rows.size * k->space, k->columns.size * k->space, 3};
    struct tensor picture = step_zero(s, 4, shape);
    for (int64_t i = 0; i < k->rows.n * k->columns.n && !s->failed; i++) {
        const size_t mark = step_mark(s);
        struct blend b = {.tiles = k, .row = i / k->columns.n, .column = i % k->columns.n};
        const struct vae_window part = {.top = begin_of(&k->rows, b.row),
                                        .left = begin_of(&k->columns, b.column),
                                        .height = k->rows.tile,
                                        .width = k->columns.tile};
        p->cache = &k->caches[i];
        b.picture = picture;
        b.tile = vae_decode_chunk(p, vae_latent_part(p->v, s, &d->latent, frames, &part));
        add_tile(s, &b);
        step_release(s, mark);
    }
    return picture;
}

int vae_tile_decode(const struct vae *v, struct step *s, const struct vae_decoding *d,
                    struct error *err)
{
    struct tiles k = {.rows = side_of(d->latent.shape[2], d->tile),
                      .columns = side_of(d->latent.shape[3], d->tile),
                      .space = v->info.space};
    const int64_t n = k.rows.n * k.columns.n;
    SCOPED(mem) struct vae_cache *caches = mem_try((size_t)n * sizeof *caches);
    if (!caches)
        return error_set(err, ERR_MEMORY, "no memory for %lld tiles", (long long)n);
    k.caches = caches;
    const size_t bottom = step_mark(s);
    for (int64_t i = 0; i < n; i++)
        vae_cache_lay(v, s, &caches[i], VAE_DECODER, k.rows.tile, k.columns.tile);
    int rc = step_end(s, err);
    const size_t mark = step_mark(s);
    struct vae_pass p = {.v = v, .s = s};
    for (int64_t f = 0, all = d->latent.shape[1]; f < all && rc == 0; p.chunk++) {
        const struct vae_span frames = vae_chunk(f, all, d->at_once);
        rc = vae_hand_on(s, d, picture_of(&p, d, &k, frames), err);
        step_release(s, mark);
        f += frames.n;
    }
    step_release(s, bottom);
    return rc;
}
