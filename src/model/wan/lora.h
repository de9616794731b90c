/* lora.h - adaptations of a model (LoRA), merged into its weights as they are taken.
 *
 * A file holds, for some tensors of the model, two thin matrices whose product is added to the
 * weight (times alpha / rank when the file has an alpha), or the whole difference:
 *
 *     STEM.lora_down.weight [r, i], STEM.lora_up.weight [o, r]      also .lora.down, .lora.up
 *     STEM.lora_A.weight    [r, i], STEM.lora_B.weight  [o, r]      also .lora_A.default
 *     STEM.alpha            one number
 *     STEM.diff, STEM.diff_b, STEM.diff_m: of the weight, of the bias, of the modulation
 *
 * STEM is the tensor's name in any layout of the model behind "diffusion_model.", "transformer."
 * or nothing, or "lora_unet_" with all dots as underscores.
 *
 * A touched weight is written anew, in its own type (quantised and 8-bit ones as BF16), in memory
 * that the lora owns; the file on disk and its map stay as they are. Tensors that the model does
 * not have are left out: adaptations of image-to-video models are used with others. One whose
 * weights are to be brought to a length of their own (DoRA: .dora_scale) is refused.
 *
 *     names.patch = lora_patch, names.patch_arg = lora;       before dit_open
 *     lora_check(lora, err)                                   after it
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "model/wan/names.h"
#include "nn/nn.h"

enum { LORA_MOST = 16 }; /* files of one lora */

struct lora;

/* Without files: changes nothing. component and nn are the caller's and must outlive it. */
struct lora *lora_new(const struct names_component *component, struct nn *nn);
void lora_free(struct lora *l); /* NULL is fine; models that took its weights must be closed */
SCOPED_FREE(lora)

/* Add a file, which must stay open until the model has taken its tensors. ERR_INVALID: too many,
 * or a strength that is not finite. */
int lora_add(struct lora *l, const struct weights *file, float strength,
             struct error *err) MUST_CHECK;

/* A names_patch; arg is the lora. ERR_CORRUPT a shape does not fit, ERR_INVALID a DoRA, ERR_MEMORY.
 */
int lora_patch(void *arg, const char *name, struct tensor *t, struct error *err);

/* Another names_patch, which leaves the weights as they are: lora_bytes and lora_used say
 * afterwards what merging would come to. */
int lora_count(void *arg, const char *name, struct tensor *t, struct error *err);

/* Tensors of a file that were merged so far. */
int lora_used(const struct lora *l, int file);

/* The model has taken its tensors: what merging needed besides is given back. ERR_INVALID: no
 * tensor of one of the files belongs to it. */
int lora_check(struct lora *l, struct error *err) MUST_CHECK;

/* Bytes of weights written anew, or that would be. */
size_t lora_bytes(const struct lora *l);
