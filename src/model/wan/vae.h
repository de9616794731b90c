/* vae.h - the video autoencoders of Wan 2.1 and 2.2: from a latent to frames, and back.
 *
 * Both work through a clip in chunks: a decoder takes one latent frame at a time and gives 1
 * pixel frame for the first and 4 for each later one; an encoder takes 1, 4, 4, ... pixel frames
 * and gives one latent frame each. Convolutions over time look only backwards, so that all they
 * need of what was is their last two input frames (one where they stride); these caches carry a
 * clip on from chunk to chunk, and memory does not depend on its length.
 *
 * The caches lie at the bottom of the step's stack, the work of a chunk above them. A measuring
 * step runs the same code, so its peak is what a run needs.
 *
 *                      VAE 2.1      VAE 2.2
 *     latent channels  16           48
 *     pixels per side  8            16
 *     frames           4*F - 3      4*F - 3        F latent frames
 *
 * Widths and depths are read from the tensors.
 *
 * Source  Wan2.1 wan/modules/vae.py, Wan2.2 wan/modules/vae2_2.py. Tiles are ours.
 * Thread  the step's; one vae may serve several steps in turn.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/names.h"
#include "model/wan/probe.h"
#include "nn/step.h"
#include "nn/weights.h"

/* vae_names.c */
extern const struct names_component names_vae21, names_vae22;

struct vae;

struct vae_info {
    const char *name; /* "Wan 2.1 VAE"; static */
    int64_t latent_channels;
    int64_t space;         /* px of a latent px, each side */
    int64_t decoder_width; /* channels at full resolution */
    int64_t encoder_width;
};

/* Take the tensors of an opened file, which stays the caller's and must outlive the vae.
 * ERR_CORRUPT names the tensor. */
int vae_open(struct vae **out, const struct weights *file, struct error *err) MUST_CHECK;

/* The same with names that stand open: of names_vae21 or names_vae22. */
int vae_take(struct vae **out, struct names *names, struct error *err) MUST_CHECK;
void vae_close(struct vae *v); /* NULL is fine */
SCOPED_CLOSE(vae)

const struct vae_info *vae_info(const struct vae *v);

enum vae_half { VAE_DECODER, VAE_ENCODER };

/* Lay out the weights of one half for the kernels of nn, once for all chunks. Optional.
 * ERR_MEMORY. */
int vae_pack(struct vae *v, struct nn *nn, enum vae_half half, struct error *err) MUST_CHECK;

/* What that takes while it works. */
size_t vae_packed_bytes(struct vae *v, struct nn *nn, enum vae_half half);

/* Show activations, [T, H, W, C] each, as "chunkK.MODULE" with MODULE the official name of the
 * decoder's or encoder's part (conv1, middle.N, upsamples.N, downsamples.N), and chunkK.out_raw,
 * the frames before they are clamped. NULL: no longer. */
void vae_probe(struct vae *v, const struct probe *probe);

static inline int64_t vae_frames(int64_t latent_frames)
{
    return 4 * latent_frames - 3;
}

enum { VAE_LEAST_TILE = 16, VAE_TILE_OVERLAP = 8 }; /* latent px */

struct vae_decoding {
    struct tensor latent; /* f32 [C, F, H, W] in host memory; mean 0 and deviation 1 by channel */
    /* Most latent px of a tile's side; 0: the picture as a whole. Tiles need the memory of one
     * tile and of the whole clip's frames, and give all frames at the end. The picture differs
     * slightly, by what a pixel no longer sees of the rest. */
    int64_t tile;
    /* Latent frames of each chunk behind the first; 0: one. More make the same frames, to the
     * bit, and take more memory. */
    int64_t at_once;
    /* Called with each chunk: f32 [n, H * space, W * space, 3], red, green and blue in -1..1, on
     * the step's stack. What it returns below 0 ends the run. */
    int (*frames)(void *arg, const struct tensor *rgb, struct error *err);
    void *arg;
};

/* Frames of a whole latent, in order. Asks whether it is cancelled after each module of a chunk.
 * ERR_INVALID a shape does not fit; ERR_MEMORY; ERR_CANCELLED; what frames said. */
int vae_decode(const struct vae *v, struct step *s, const struct vae_decoding *d,
               struct error *err) MUST_CHECK;

struct vae_encoding {
    int64_t n_frames, height, width; /* 4*F - 3; multiples of space */
    /* Frames first .. first + n - 1 as f32 [n, height, width, 3] in -1..1; valid until the next
     * call. NULL ends the run with ERR_IO. Not called by a measuring step. */
    const float *(*frames)(void *arg, int64_t first, int64_t n);
    void *arg;
    int64_t at_once; /* latent frames of each chunk behind the first; 0: one */
    float *latent;   /* [C, F, H, W] in host memory, mean 0 and deviation 1 by channel */
};

/* The latent of a clip. Errors as vae_decode. */
int vae_encode(const struct vae *v, struct step *s, const struct vae_encoding *e,
               struct error *err) MUST_CHECK;

/* What a run needs of the step's arena, bytes, and its multiply-adds * 2 (flops may be NULL). */
int vae_decode_bytes(const struct vae *v, struct nn *nn, const struct vae_decoding *d,
                     size_t *bytes, double *flops, struct error *err) MUST_CHECK;
int vae_encode_bytes(const struct vae *v, struct nn *nn, const struct vae_encoding *e,
                     size_t *bytes, double *flops, struct error *err) MUST_CHECK;
