/* clip.h - the vision tower of CLIP: an image to the rows that the transformer of Wan 2.1's
 * image-to-video attends to.
 *
 * The last block of the file is not run, nor the norm behind it: the features are what goes into
 * that block, for all tokens.
 *
 * Source  Wan2.1 wan/modules/clip.py, VisionTransformer with use_31_block.
 * Thread  the step's.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/names.h"
#include "model/wan/probe.h"
#include "nn/step.h"

struct clip_info {
    int64_t dim, mlp;
    int patch, grid; /* px of a patch's side; patches of the image's side */
    int n_layers;    /* that are run */
    int n_heads;
};

struct clip;

/* As dit_open. ERR_CORRUPT names the tensor, ERR_MEMORY. */
int clip_open(struct clip **out, struct names *names, struct error *err) MUST_CHECK;
void clip_close(struct clip *c); /* NULL is fine */
SCOPED_CLOSE(clip)

const struct clip_info *clip_info(const struct clip *c);

/* Names: pixels_normalised [3, S, S], blockI.out [1 + grid^2, D]. NULL: no longer. */
void clip_probe(struct clip *c, const struct probe *probe);

/* image: f32 [3, H, W] of -1 to 1 in host memory, of any size: it is resized without cropping.
 * Result f32 [1 + grid^2, D] on the step's stack. Asks whether it is cancelled once per block. */
int clip_encode(const struct clip *c, struct step *s, struct tensor image, struct tensor *out,
                struct error *err) MUST_CHECK;
