/* vae.c - clips through the autoencoders, chunk by chunk.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/vae_impl.h"

#include "base/memory.h"

int vae_take(struct vae **out, struct names *names, struct error *err)
{
    SCOPED(vae) struct vae *v = mem_alloc(sizeof *v);
    vae_load(v, names);
    const int rc = names_end(names, err);
    if (rc < 0)
        return rc;
    *out = TAKE(v);
    return 0;
}

int vae_open(struct vae **out, const struct weights *file, struct error *err)
{
    struct names names;
    struct error not_22;
    if (names_open(&names, file, &names_vae22, &not_22) < 0) {
        const int rc = names_open(&names, file, &names_vae21, err);
        if (rc < 0)
            return rc;
    }
    return vae_take(out, &names, err);
}

void vae_close(struct vae *v)
{
    if (!v)
        return;
    vae_pack_undo(v);
    mem_free(v);
}

const struct vae_info *vae_info(const struct vae *v)
{
    return &v->info;
}

void vae_probe(struct vae *v, const struct probe *probe)
{
    v->probe = probe;
}

/* ---- a chunk -------------------------------------------------------------------------------- */

static void see(const struct vae_pass *p, struct tensor x, const char *part)
{
    probe_see(p->v->probe, p->s, x, "chunk%d.%s", p->chunk, part);
}

/* Cancelled? Then the step has failed, remembers why, and what follows does nothing. */
static bool goes_on(struct vae_pass *p)
{
    struct error kept_by_the_step;
    return step_end(p->s, &kept_by_the_step) == 0;
}

struct tensor vae_decode_chunk(struct vae_pass *p, struct tensor z)
{
    const struct vae *v = p->v;
    const struct vae_coder *c = &v->coder[VAE_DECODER];
    p->cache->next = 0;
    struct tensor x = step_linear(p->s, &v->from_latent, z); /* [1, H, W, C]        */
    x = vae_conv(p, &c->first, x);                           /* [1, H, W, D]        */
    see(p, x, "conv1");
    x = vae_middle(p, c, x); /* [1, H, W, D]        */
    for (int i = 0; i < c->n_levels && goes_on(p); i++)
        x = vae_level_up(p, i, x);                   /* larger, narrower    */
    x = vae_norm_conv(p, c->last_norm, &c->last, x); /* [n, H', W', 3 or 12] */
    see(p, x, "head");
    if (v->folds)
        x = vae_unfold(p->s, x); /* [n, H', W', 3]      */
    see(p, x, "out_raw");
    return x;
}

/* Pixel frames [n, H, W, 3] to one latent frame [1, h, w, C] of the model's own mean and
 * deviation. */
static struct tensor encode_chunk(struct vae_pass *p, struct tensor x)
{
    const struct vae *v = p->v;
    const struct vae_coder *c = &v->coder[VAE_ENCODER];
    p->cache->next = 0;
    if (v->folds)
        x = vae_fold(p->s, x);     /* [n, H/2, W/2, 12]   */
    x = vae_conv(p, &c->first, x); /* [n, H, W, D]        */
    see(p, x, "conv1");
    for (int i = 0; i < c->n_levels && goes_on(p); i++)
        x = vae_level_down(p, i, x);                 /* smaller, wider      */
    x = vae_middle(p, c, x);                         /* [1, h, w, D]        */
    x = vae_norm_conv(p, c->last_norm, &c->last, x); /* [1, h, w, 2*C]      */
    see(p, x, "head");
    return step_linear(p->s, &v->to_latent, x); /* [1, h, w, C]        */
}

/* The shapes of the caches, from a first chunk that computes nothing; then the caches. */
void vae_cache_lay(const struct vae *v, struct step *s, struct vae_cache *cache, enum vae_half half,
                   int64_t height, int64_t width)
{
    struct step nothing;
    step_begin(&nothing, s->nn, NULL);
    struct vae_pass p = {.v = v, .s = &nothing, .cache = cache, .laying = true};
    if (half == VAE_DECODER)
        vae_decode_chunk(&p, STEP_NEW(&nothing, 1, height, width, v->info.latent_channels));
    else
        encode_chunk(&p, STEP_NEW(&nothing, 1, height, width, 3));
    if (nothing.failed)
        step_fail(s, nothing.error.code, "%s", nothing.error.text);
    for (int i = 0; i < cache->n; i++) {
        cache->frames[i] = step_new_input(s, 4, cache->frames[i].shape);
        step_clear(s, cache->frames[i]);
    }
}

/* ---- latents -------------------------------------------------------------------------------- */

/* One frame of them into x [1, h, w, C]. */
static void latent_frame(const struct vae *v, struct step *s, struct tensor x,
                         const struct tensor *latent, int64_t f, const struct vae_window *part)
{
    const int64_t channels = latent->shape[0], frames = latent->shape[1];
    const int64_t height = latent->shape[2], width = latent->shape[3];
    const size_t mark = step_mark(s);
    struct tensor lines = STEP_NEW(s, channels * part->height, part->width);
    for (int64_t i = 0; i < lines.shape[0] && !s->failed && !step_measuring(s); i++) {
        const int64_t plane = i / part->height * frames + f, row = part->top + i % part->height;
        step_write(s, tensor_part(&lines, i, 1),
                   tensor_f32(latent) + (plane * height + row) * width + part->left);
    }
    const int64_t shape[] = {part->height * part->width, channels};
    if (!s->failed)
        lines = tensor_view(&lines, 2, (int64_t[]){shape[1], shape[0]});
    struct tensor pixels = step_permute(s, lines, (int[]){1, 0}); /* [h*w, C] */
    struct tensor scaled = step_zero(s, 2, shape);
    step_add(s, scaled, v->mean);
    step_add_gated(s, scaled, pixels, v->deviation);
    if (!s->failed)
        vae_put(s, tensor_view(&x, 2, shape), scaled);
    step_release(s, mark);
}

struct tensor vae_latent_part(const struct vae *v, struct step *s, const struct tensor *latent,
                              struct vae_span frames, const struct vae_window *part)
{
    struct tensor x = STEP_NEW(s, frames.n, part->height, part->width, latent->shape[0]);
    for (int64_t i = 0; i < frames.n && !s->failed; i++)
        latent_frame(v, s, tensor_part(&x, i, 1), latent, frames.first + i, part);
    return x;
}

struct vae_span vae_chunk(int64_t first, int64_t n_frames, int64_t at_once)
{
    const int64_t most = first == 0 || at_once == 0 ? 1 : at_once;
    return (struct vae_span){.first = first,
                             .n = most < n_frames - first ? most : n_frames - first};
}

/* The opposite: z [n, h, w, C] into these frames of [C, F, h, w]. */
static void latent_take(const struct vae *v, struct step *s, struct tensor z, float *latent,
                        struct vae_span frames, int64_t n_frames)
{
    if (s->failed)
        return;
    const int64_t pixels = z.shape[1] * z.shape[2], channels = z.shape[3];
    const int64_t shape[] = {frames.n * pixels, channels};
    const struct tensor flat = tensor_view(&z, 2, shape);
    struct tensor scaled = step_zero(s, 2, shape);
    step_add(s, flat, v->minus_mean);
    step_add_gated(s, scaled, flat, v->per_deviation);
    const struct tensor planes = step_permute(s, scaled, (int[]){1, 0}); /* [C, n*h*w] */
    for (int64_t c = 0; c < channels && !s->failed && !step_measuring(s); c++)
        step_read(s, tensor_part(&planes, c, 1), latent + (c * n_frames + frames.first) * pixels);
}

/* ---- clips ------------------------------------------------------------------------------------
 */

static int check_latent(const struct vae *v, const struct vae_decoding *d, struct error *err)
{
    char text[96];
    if (d->latent.n_dims != 4 || d->latent.shape[0] != v->info.latent_channels)
        return error_set(err, ERR_INVALID, "the latent is %s, the %s takes [%lld, F, H, W]",
                         tensor_text(&d->latent, text, sizeof text), v->info.name,
                         (long long)v->info.latent_channels);
    if (d->at_once < 0)
        return error_set(err, ERR_INVALID, "chunks of %lld frames", (long long)d->at_once);
    if (d->tile != 0 && d->tile < VAE_LEAST_TILE)
        return error_set(err, ERR_INVALID, "a tile is %lld latent px, must be at least %d",
                         (long long)d->tile, VAE_LEAST_TILE);
    return 0;
}

int vae_hand_on(struct step *s, const struct vae_decoding *d, struct tensor rgb, struct error *err)
{
    step_clamp(s, rgb, -1, 1);
    const int rc = step_end(s, err);
    if (rc < 0 || step_measuring(s))
        return rc;
    return d->frames(d->arg, &rgb, err);
}

int64_t vae_pass_over(struct vae_pass *p, struct step_work before, struct vae_span done,
                      int64_t n_frames)
{
    const int64_t f = done.first + done.n;
    enum { ALIKE = 3 };
    if (!step_measuring(p->s) || p->chunk != ALIKE)
        return f;
    const int64_t left = (n_frames - f) / done.n;
    step_repeat(p->s, before, left);
    p->chunk += (int)left;
    return f + left * done.n;
}

int vae_decode(const struct vae *v, struct step *s, const struct vae_decoding *d, struct error *err)
{
    const int rc = check_latent(v, d, err);
    if (rc < 0)
        return rc;
    const int64_t h = d->latent.shape[2], w = d->latent.shape[3];
    if (d->tile > 0 && (h > d->tile || w > d->tile))
        return vae_tile_decode(v, s, d, err);

    const struct vae_window whole = {.height = h, .width = w};
    const size_t bottom = step_mark(s);
    struct vae_cache cache = {0};
    vae_cache_lay(v, s, &cache, VAE_DECODER, h, w);
    int ended = step_end(s, err);
    const size_t mark = step_mark(s);
    struct vae_pass p = {.v = v, .s = s, .cache = &cache};
    for (int64_t f = 0, n = d->latent.shape[1]; f < n && ended == 0; p.chunk++) {
        const struct vae_span frames = vae_chunk(f, n, d->at_once);
        const struct step_work before = step_work(s);
        struct tensor z = vae_latent_part(v, s, &d->latent, frames, &whole); /* [f, H, W, C]   */
        struct tensor rgb = vae_decode_chunk(&p, z);                         /* [n, H', W', 3] */
        ended = vae_hand_on(s, d, rgb, err);
        step_release(s, mark);
        f = vae_pass_over(&p, before, frames, n);
    }
    step_release(s, bottom);
    return ended;
}

/* The pixel frames of these latent frames, [n, H, W, 3]. */
static struct tensor pixel_frames(struct step *s, const struct vae_encoding *e,
                                  struct vae_span latent)
{
    const int64_t first = latent.first == 0 ? 0 : vae_frames(latent.first);
    const int64_t n = vae_frames(latent.first + latent.n) - first;
    struct tensor x = STEP_NEW(s, n, e->height, e->width, 3);
    if (s->failed || step_measuring(s))
        return x;
    const float *from = e->frames(e->arg, first, n);
    if (from)
        step_write(s, x, from);
    else
        step_fail(s, ERR_IO, "there is no frame %lld to encode", (long long)first);
    return x;
}

int vae_encode(const struct vae *v, struct step *s, const struct vae_encoding *e, struct error *err)
{
    const int64_t space = v->info.space, n_latent = (e->n_frames + 3) / 4;
    if (e->n_frames < 1 || e->n_frames % 4 != 1 || e->height < space || e->width < space ||
        e->height % space != 0 || e->width % space != 0)
        return error_set(err, ERR_INVALID,
                         "a clip of %lld frames of %lldx%lld cannot be encoded: must be 4*k + 1 "
                         "frames of sides that are multiples of %lld px",
                         (long long)e->n_frames, (long long)e->width, (long long)e->height,
                         (long long)space);
    const size_t bottom = step_mark(s);
    struct vae_cache cache = {0};
    vae_cache_lay(v, s, &cache, VAE_ENCODER, e->height, e->width);
    int rc = step_end(s, err);
    const size_t mark = step_mark(s);
    struct vae_pass p = {.v = v, .s = s, .cache = &cache};
    for (int64_t f = 0; f < n_latent && rc == 0; p.chunk++) {
        const struct vae_span frames = vae_chunk(f, n_latent, e->at_once);
        const struct step_work before = step_work(s);
        struct tensor x = pixel_frames(s, e, frames); /* [n, H, W, 3] */
        struct tensor z = encode_chunk(&p, x);        /* [f, h, w, C] */
        latent_take(v, s, z, e->latent, frames, n_latent);
        rc = step_end(s, err);
        step_release(s, mark);
        f = vae_pass_over(&p, before, frames, n_latent);
    }
    step_release(s, bottom);
    return rc;
}

/* ---- beforehand -------------------------------------------------------------------------------
 */

static void measured(const struct step *s, size_t *bytes, double *flops)
{
    *bytes = s->peak;
    if (flops)
        *flops = s->flops;
}

int vae_decode_bytes(const struct vae *v, struct nn *nn, const struct vae_decoding *d,
                     size_t *bytes, double *flops, struct error *err)
{
    struct step s;
    step_begin(&s, nn, NULL);
    const int rc = vae_decode(v, &s, d, err);
    measured(&s, bytes, flops);
    return rc;
}

int vae_encode_bytes(const struct vae *v, struct nn *nn, const struct vae_encoding *e,
                     size_t *bytes, double *flops, struct error *err)
{
    struct step s;
    step_begin(&s, nn, NULL);
    const int rc = vae_encode(v, &s, e, err);
    measured(&s, bytes, flops);
    return rc;
}
