/* vae_names.c - the spellings of the autoencoders' tensors. ComfyUI's files have the official
 * ones.
 *
 * diffusers groups the decoder of 2.1 by levels where the official file counts through, and
 * leaves its encoder as it is.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/vae_impl.h"

static const char *const prefixes[] = {
    "", "vae.", "first_stage_model.", "autoencoder.", "model.", "module.", NULL,
};

/* clang-format off */
#define COMMON                                                                                     \
    {"encoder.conv1", "encoder.conv_in"},                                                          \
    {"decoder.conv1", "decoder.conv_in"},                                                          \
    {"^conv1", "quant_conv"},                                                                      \
    {"^conv2", "post_quant_conv"},                                                                 \
    {"middle.0", "mid_block.resnets.0"},                                                           \
    {"middle.1", "mid_block.attentions.0"},                                                        \
    {"middle.2", "mid_block.resnets.1"},                                                           \
    {"head.0", "norm_out"},                                                                        \
    {"head.2", "conv_out"},                                                                        \
    {"residual.0", "norm1"},                                                                       \
    {"residual.2", "conv1"},                                                                       \
    {"residual.3", "norm2"},                                                                       \
    {"residual.6", "conv2"},                                                                       \
    {"shortcut", "conv_shortcut"}

/* Level l of the decoder: modules a, b, c, and the resampling d behind them. */
#define UP(l, a, b, c, d)                                                                          \
    {"upsamples." #a, "up_blocks." #l ".resnets.0"},                                               \
    {"upsamples." #b, "up_blocks." #l ".resnets.1"},                                               \
    {"upsamples." #c, "up_blocks." #l ".resnets.2"},                                               \
    {"upsamples." #d, "up_blocks." #l ".upsamplers.0"}
/* clang-format on */

static const struct names_row diffusers21[] = {
    COMMON,
    UP(0, 0, 1, 2, 3),
    UP(1, 4, 5, 6, 7),
    UP(2, 8, 9, 10, 11),
    UP(3, 12, 13, 14, 15),
    {"downsamples", "down_blocks"},
    {NULL, NULL},
};

static const struct names_row diffusers22[] = {
    COMMON,
    {"decoder.upsamples", "decoder.up_blocks"},
    {"encoder.downsamples", "encoder.down_blocks"},
    {"upsamples.3", "upsampler"},
    {"downsamples.2", "downsampler"},
    {"upsamples", "resnets"},
    {"downsamples", "resnets"},
    {NULL, NULL},
};

static const struct names_layout layouts21[] = {
    {"official", NULL},
    {"diffusers", diffusers21},
    {NULL, NULL},
};

static const struct names_layout layouts22[] = {
    {"official", NULL},
    {"diffusers", diffusers22},
    {NULL, NULL},
};

/* The encoders' first blocks are named differently by all four. */
const struct names_component names_vae21 = {
    .name = "Wan 2.1 VAE",
    .witness = "encoder.downsamples.0.residual.2.weight",
    .prefixes = prefixes,
    .layouts = layouts21,
};

const struct names_component names_vae22 = {
    .name = "Wan 2.2 VAE",
    .witness = "encoder.downsamples.0.downsamples.0.residual.2.weight",
    .prefixes = prefixes,
    .layouts = layouts22,
};
