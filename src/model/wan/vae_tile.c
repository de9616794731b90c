/* vae_tile.c - a picture decoded in overlapping tiles, each through the whole clip.
 *
 * A tile's caches are given back when the next one begins, so that what is needed at once is one
 * tile's caches and work, and the frames of the clip. (Chunk by chunk through all tiles, frames
 * could be given early; but then the caches of all tiles lie beside each other, and they are more
 * than the work of a chunk.)
 *
 * Where tiles overlap, a pixel is the weighted mean of what they say; a tile's weight falls
 * linearly to nothing towards an edge that is not the picture's. The weights of a pixel add up
 * to 1, and are the product of those of its row and its column.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/vae_impl.h"

/* Tiles along one side of the picture, latent px: all as long, evenly spread. */
struct side {
    int64_t size, tile;
    int64_t n; /* tiles */
};

/* At most `most` long, overlapping by VAE_TILE_OVERLAP or, where it does not come out even, 1 less
 * here and there. */
static struct side side_of(int64_t size, int64_t most)
{
    const int64_t overlap = VAE_TILE_OVERLAP, stride = most - overlap;
    if (size <= most)
        return (struct side){.size = size, .tile = size, .n = 1};
    const int64_t n = (size - overlap + stride - 1) / stride;
    return (struct side){.size = size, .tile = (size + (n - 1) * overlap + n - 1) / n, .n = n};
}

static int64_t begin_of(const struct side *a, int64_t i)
{
    return a->n == 1 ? 0 : i * (a->size - a->tile) / (a->n - 1);
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
};

/* A tile's frames, to be added to the picture's. */
struct blend {
    const struct tiles *tiles;
    int64_t row, column;         /* of the tile */
    struct tensor picture, tile; /* [n, H', W', 3], [n, h', w', 3] */
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

static void blend(struct step *s, struct blend *b)
{
    if (!s->failed && !step_measuring(s))
        nn_parallel(s->nn, (int)(b->tile.shape[0] * b->tile.shape[1]), blend_line, b);
}

/* The pixel frames of these latent frames, out of those of the clip. */
static struct tensor frames_of(const struct tensor *clip, struct vae_span latent)
{
    const int64_t first = latent.first == 0 ? 0 : vae_frames(latent.first);
    return tensor_part(clip, first, vae_frames(latent.first + latent.n) - first);
}

/* One tile through the whole clip [T, H', W', 3], which it is added to. */
static void decode_tile(struct vae_pass *p, const struct vae_decoding *d, struct blend *b,
                        struct tensor clip)
{
    struct step *s = p->s;
    const struct tiles *k = b->tiles;
    const struct vae_window part = {.top = begin_of(&k->rows, b->row),
                                    .left = begin_of(&k->columns, b->column),
                                    .height = k->rows.tile,
                                    .width = k->columns.tile};
    struct error kept_by_the_step;
    vae_cache_lay(p->v, s, p->cache, VAE_DECODER, part.height, part.width);
    const int64_t n = d->latent.shape[1];
    const size_t mark = step_mark(s);
    p->chunk = 0;
    for (int64_t f = 0; f < n && step_end(s, &kept_by_the_step) == 0; p->chunk++) {
        const struct vae_span frames = vae_chunk(f, n, d->at_once);
        const struct step_work before = step_work(s);
        b->tile = vae_decode_chunk(p, vae_latent_part(p->v, s, &d->latent, frames, &part));
        b->picture = frames_of(&clip, frames);
        blend(s, b);
        step_release(s, mark);
        f = vae_pass_over(p, before, frames, n);
    }
}

static int hand_on(struct step *s, const struct vae_decoding *d, struct tensor clip,
                   struct error *err)
{
    int rc = step_end(s, err);
    const int64_t n = d->latent.shape[1];
    for (int64_t f = 0; f < n && rc == 0;) {
        const struct vae_span frames = vae_chunk(f, n, d->at_once);
        rc = vae_hand_on(s, d, frames_of(&clip, frames), err);
        f += frames.n;
    }
    return rc;
}

int vae_tile_decode(const struct vae *v, struct step *s, const struct vae_decoding *d,
                    struct error *err)
{
    const struct tiles k = {.rows = side_of(d->latent.shape[2], d->tile),
                            .columns = side_of(d->latent.shape[3], d->tile),
                            .space = v->info.space};
    const size_t bottom = step_mark(s);
    const int64_t shape[] = {vae_frames(d->latent.shape[1]), k.rows.size * k.space,
                             k.columns.size * k.space, 3};
    struct tensor clip = step_zero(s, 4, shape);
    const int64_t n_tiles = k.rows.n * k.columns.n, n = step_measuring(s) ? 1 : n_tiles;
    const struct step_work before = step_work(s);
    for (int64_t i = 0; i < n && !s->failed; i++) {
        const size_t mark = step_mark(s);
        struct vae_cache cache = {0};
        struct vae_pass p = {.v = v, .s = s, .cache = &cache};
        struct blend b = {.tiles = &k, .row = i / k.columns.n, .column = i % k.columns.n};
        decode_tile(&p, d, &b, clip);
        step_release(s, mark);
    }
    step_repeat(s, before, n_tiles - n); /* all are alike */
    const int rc = hand_on(s, d, clip, err);
    step_release(s, bottom);
    return rc;
}
