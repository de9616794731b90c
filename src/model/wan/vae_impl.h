/* vae_impl.h - the autoencoders' weights, as vae_load.c finds and the rest uses them, and what a
 * pass carries along.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/vae.h"

enum { VAE_MOST_LEVELS = 8, VAE_MOST_RES = 8, VAE_MOST_CACHES = 160 };

/* conv2(SiLU(norm2(conv1(SiLU(norm1(x)))))) + shortcut(x) */
struct vae_res {
    struct tensor norm1, norm2; /* [C], [O] */
    struct conv conv1, conv2;   /* 3x3x3 */
    struct linear shortcut;     /* [O, C], none where C = O */
};

struct vae_attention {
    struct tensor norm; /* [C] */
    struct linear q, k, v, o;
};

/* From one level to the next: twice or half the size. */
struct vae_resample {
    struct conv space; /* 3x3 */
    struct conv time;  /* 3x1x1; none where the frames stay as many */
};

struct vae_level {
    int n_res;
    struct vae_res res[VAE_MOST_RES];
    bool resamples;
    struct vae_resample resample;
    int first_module; /* the official number of res[0], 2.1 */
};

struct vae_coder {
    struct conv first;
    struct vae_res before, after; /* of the middle */
    struct vae_attention attention;
    int n_levels;
    struct vae_level level[VAE_MOST_LEVELS];
    struct tensor last_norm;
    struct conv last;
};

struct vae {
    struct vae_info info;
    bool folds; /* 2.2: 2x2 pixels are one, and a shortcut goes around each level */
    const struct probe *probe;
    struct linear to_latent, from_latent;                     /* conv1 (the means only), conv2 */
    struct tensor mean, deviation, minus_mean, per_deviation; /* f32 [C] */
    float numbers[2][64];                                     /* of the last two */
    struct vae_coder coder[2];                                /* by enum vae_half */
};

/* vae_load.c */
void vae_load(struct vae *v, struct names *names);

/* vae_pack.c: give back what vae_pack laid out. */
void vae_pack_undo(struct vae *v);

/* ---- a pass: vae_block.c ----------------------------------------------------------------- */

/* The last input frames of each convolution over time, in the order of their turns. */
struct vae_cache {
    int n, next;
    struct tensor frames[VAE_MOST_CACHES]; /* [2 or 1, H, W, C] */
};

struct vae_pass {
    const struct vae *v;
    struct step *s;
    struct vae_cache *cache;
    int chunk;
    bool laying; /* only the shapes of the caches are asked for */
};

/* All take and give [T, H, W, C]; but for vae_resample_* their result is above x on the stack, or
 * x itself. */
struct tensor vae_conv(struct vae_pass *p, const struct conv *c, struct tensor x);
struct tensor vae_norm_conv(struct vae_pass *p, struct tensor norm, const struct conv *c,
                            struct tensor x);
struct tensor vae_middle(struct vae_pass *p, const struct vae_coder *c, struct tensor x);
struct tensor vae_level_up(struct vae_pass *p, int i_level, struct tensor x);
struct tensor vae_level_down(struct vae_pass *p, int i_level, struct tensor x);

/* Put y's numbers into x, of the same shape; x may be of step_new_input. */
void vae_put(struct step *s, struct tensor x, struct tensor y);

/* ---- pixels and channels: vae_fold.c ------------------------------------------------------ */

/* 2x2 pixels become one of 4 times the channels, number c*4 + column*2 + row; and back. */
struct tensor vae_fold(struct step *s, struct tensor x);
struct tensor vae_unfold(struct step *s, struct tensor x);

/* The shortcuts of 2.2, added to y [T', H', W', O]. up: each number of x [T, H, W, C] is spread
 * over `frames` frames and 2x2 pixels; the first `skip` of the frames are left out. down: the
 * opposite, means; missing frames in front count as zeros. */
void vae_add_spread(struct step *s, struct tensor y, struct tensor x, int frames, int skip);
void vae_add_means(struct step *s, struct tensor y, struct tensor x, int frames, int space);

/* ---- chunks: vae.c and vae_tile.c ----------------------------------------------------------- */

/* A part of a picture, in latent px. */
struct vae_window {
    int64_t top, left, height, width;
};

/* Latent frames first .. first + n - 1. */
struct vae_span {
    int64_t first, n;
};

/* The chunk that begins with this frame of n_frames. */
struct vae_span vae_chunk(int64_t first, int64_t n_frames, int64_t at_once);

/* Chunks are alike from the fourth on: a measuring step, that has just counted the chunk of these
 * frames, counts those that are left by it. Returns the next frame. */
int64_t vae_pass_over(struct vae_pass *p, struct step_work before, struct vae_span done,
                      int64_t n_frames);

/* A part of frames of a latent [C, F, H, W] in host memory, as [n, h, w, C] of the mean and the
 * deviation that the weights know. */
struct tensor vae_latent_part(const struct vae *v, struct step *s, const struct tensor *latent,
                              struct vae_span frames, const struct vae_window *part);

/* Such a part to its frames [n, h', w', 3], not clamped. */
struct tensor vae_decode_chunk(struct vae_pass *p, struct tensor z);

/* Make the caches on the step's stack, as zeros: for latent frames of this size, or pixel frames
 * for an encoder. */
void vae_cache_lay(const struct vae *v, struct step *s, struct vae_cache *cache, enum vae_half half,
                   int64_t height, int64_t width);

/* Clamp frames and give them to the caller. Returns what step_end or the caller says. */
int vae_hand_on(struct step *s, const struct vae_decoding *d, struct tensor rgb,
                struct error *err) MUST_CHECK;

/* Decode in tiles: vae_tile.c. */
int vae_tile_decode(const struct vae *v, struct step *s, const struct vae_decoding *d,
                    struct error *err) MUST_CHECK;
