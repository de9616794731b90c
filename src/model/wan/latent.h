/* latent.h - what an image tells a network that makes a video from it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/vae.h"

enum { LATENT_MASK_CHANNELS = 4 }; /* one for each pixel frame of a latent frame */

/* The condition y of image to video (2.1 and A14B), f32 [4 + C, F, H / 8, W / 8] in the caller's
 * memory: a mask that is 1 in the first latent frame and 0 in the others, and the latent of the
 * clip that begins with the image and is mid grey from then on.
 *
 *   image     f32 [3, H, W] in -1..1, host memory; sides multiples of 8 px
 *   n_frames  of the clip, 4*F - 3
 *
 * A measuring step reads and writes none of these. Errors as vae_encode. */
int latent_condition(const struct vae *v, struct step *s, struct tensor image, int64_t n_frames,
                     float *y, struct error *err) MUST_CHECK;

/* Latent frame 0 of TI2V-5B: the image [3, H, W] alone, as f32 [C, 1, H / 16, W / 16] in the
 * caller's memory. */
int latent_of_image(const struct vae *v, struct step *s, struct tensor image, float *latent,
                    struct error *err) MUST_CHECK;
