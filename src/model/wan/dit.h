/* dit.h - the diffusion transformer of Wan 2.1 and 2.2: from a noisy latent, a time and a prompt
 * to the velocity.
 *
 * Every size is read from the tensors; so is the kind:
 *
 *     channels in   CLIP rows   kind
 *     = out         -           DIT_TEXT    text to video, 2.1 and either expert of A14B; TI2V-5B
 *     out + 20      yes         DIT_CLIP    image to video of 2.1
 *     out + 20      no          DIT_IMAGE   image to video, either expert of A14B
 *
 * What depends on the prompt alone - its 512 rows through the text embedding, and their keys and
 * values in every layer - is computed once (dit_text_make) and kept by the caller; the image's
 * rows likewise (dit_image_make). The rows that pad a prompt to 512 are all equal: one of them is
 * computed and kept.
 *
 * Tensors that a call returns lie on the step's stack, above them nothing: the caller marks before
 * and releases when done.
 *
 * Source  Wan2.1 wan/modules/model.py, Wan2.2 wan/modules/model.py.
 * Thread  the step's.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/names.h"
#include "model/wan/probe.h"
#include "nn/step.h"

enum dit_kind { DIT_TEXT, DIT_IMAGE, DIT_CLIP, DIT_KINDS };

enum {
    DIT_TEXT_ROWS = 512,         /* every prompt has so many rows, by padding                */
    DIT_CONDITION_CHANNELS = 20, /* 4 of mask and 16 of image latent                         */
    DIT_MOST_TIMES = 8,          /* different times in one call                              */
};

struct dit_info {
    enum dit_kind kind;
    int64_t dim, ffn, freq_dim, text_dim;
    int64_t clip_dim; /* width of the CLIP rows; 0 unless DIT_CLIP */
    int64_t in_channels, out_channels;
    int n_layers, n_heads;
};

struct dit;

/* Take the tensors of an opened file; both stay the caller's and must outlive the model.
 * ERR_CORRUPT names the tensor; ERR_INVALID a variant that this code does not run (VACE, first
 * and last frame); ERR_MEMORY. */
int dit_open(struct dit **out, struct names *names, struct error *err) MUST_CHECK;
void dit_close(struct dit *d); /* NULL is fine */
SCOPED_CLOSE(dit)

const struct dit_info *dit_info(const struct dit *d);

/* Show activations; NULL: no longer. Names: patch_embedding [N, D], time_embedding [U, D],
 * time_projection [U, 6*D], text_embedding [n + 1, D] (its last row stands for all padding; none
 * when n is 512), img_emb [R, D], blockI.self_attn_in, q_before_rope, q_after_rope, k_after_rope,
 * self_attn_out, cross_attn_out, ffn_out, out [N, D], head_out [N, 4*C]. */
void dit_probe(struct dit *d, const struct probe *probe);

/* A prompt, ready for all steps. */
struct dit_text {
    struct tensor k, v; /* [layers, n + 1, D]; n when n is 512                              */
    int64_t more;       /* rows of padding beside the one that is kept                      */
};

/* context: f32 [n, text_dim], 1 to 512 rows of the text encoder. */
int dit_text_make(const struct dit *d, struct step *s, struct tensor context, struct dit_text *out,
                  struct error *err) MUST_CHECK;

/* An image, ready for all steps (DIT_CLIP only). */
struct dit_image {
    struct tensor k, v; /* [layers, R, D] */
};

/* features: f32 [R, clip_dim]. */
int dit_image_make(const struct dit *d, struct step *s, struct tensor features,
                   struct dit_image *out, struct error *err) MUST_CHECK;

struct dit_input {
    struct tensor x;      /* f32 [out_channels, F, H, W]; H and W even                          */
    struct tensor y;      /* f32 [20, F, H, W] of mask and image latent; none for DIT_TEXT      */
    const float *times;   /* 0 to 1000, all different                                           */
    int n_times;          /* 1 to DIT_MOST_TIMES                                                */
    const int32_t *which; /* of each of the N tokens, which time; NULL: all the first           */
    const struct dit_text *text;
    const struct dit_image *image; /* NULL unless DIT_CLIP */
};

/* Tokens of a latent: F * H/2 * W/2. */
int64_t dit_tokens(const struct tensor *x);

/* The velocity, f32 [out_channels, F, H, W]. Asks whether it is cancelled once per block.
 * ERR_INVALID a shape does not fit. */
int dit_forward(const struct dit *d, struct step *s, const struct dit_input *in, struct tensor *out,
                struct error *err) MUST_CHECK;
