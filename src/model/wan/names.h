/* names.h - the tensors of a model by their official names, whichever layout the file has.
 *
 * The same weights are published under several spellings: the official one (also ComfyUI's and
 * that of the GGUF files of the DiT), diffusers', transformers', llama.cpp's; and behind prefixes
 * ("model.diffusion_model."). A model asks for official names only; the layout of a file is told
 * from the one tensor that every file of the component has, its witness.
 *
 * A spelling is a list of fragments: whole dot-separated parts of a name ("self_attn", "ffn.0")
 * and what stands for them; parts without a row stay as they are. The longest row of a place
 * comes first. Rows apply where they match, from left to right, once; a row whose official
 * fragment begins with '^' only at the beginning of the name.
 *
 * Sizes go by the count of numbers, never by the count of axes: converters store a 5-D tensor
 * as 4-D or 2-D. Like a step (nn/step.h) the names keep the first error; ask once, with
 * names_end, after taking all tensors.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "nn/step.h"
#include "nn/tensor.h"
#include "nn/weights.h"

struct names_row {
    const char *official, *here;
};

struct names_layout {
    const char *name;             /* "official", "diffusers"; for people */
    const struct names_row *rows; /* ends with a row of NULLs; NULL: all names are official */
};

struct names_component {
    const char *name;            /* "DiT"; for people                                          */
    const char *witness;         /* an official name that every file of the component has      */
    const char *const *prefixes; /* that a file may put before each name; ends with NULL */
    const struct names_layout *layouts; /* ends with one without name                  */
};

/* names_tables.c */
extern const struct names_component names_dit, names_umt5, names_clip;

/* Called with each tensor that a model takes, in the shape that it is taken in: may replace it by
 * another of this shape (lora.h). The name is official. */
typedef int names_patch(void *arg, const char *name, struct tensor *t, struct error *err);

struct names {
    const struct weights *file;
    const struct names_component *component;
    const struct names_layout *layout;
    const char *prefix;
    const char *config; /* JSON: the file's own metadata; the caller may set another */
    names_patch *patch; /* NULL: none; the caller sets it after names_open */
    void *patch_arg;
    int n_taken; /* tensors that the model has from the file */
    bool failed;
    struct error error;
};

/* Tell the layout of file, which stays the caller's and must outlive out. ERR_CORRUPT: none of
 * the layouts fits. */
int names_open(struct names *out, const struct weights *file, const struct names_component *c,
               struct error *err) MUST_CHECK;

/* The first error since names_open, or 0. */
int names_end(const struct names *n, struct error *err) MUST_CHECK;

/* Remember an error of the model's own. */
void names_fail(struct names *n, const char *fmt, ...) PRINTF(2, 3);

enum { NAMES_MOST = 160 }; /* bytes of a name with its NUL */

/* official spelled in a layout behind prefix; false when it is too long. */
bool names_spell(const struct names_layout *layout, const char *prefix, const char *official,
                 char out[NAMES_MOST]);

/* Is there such a tensor? */
bool names_has(const struct names *n, const char *official, ...) PRINTF(2, 3);

/* The tensor as the file has it, unpatched; false, and no error, when there is none. */
bool names_find(struct names *n, struct tensor *out, const char *official, ...) PRINTF(3, 4);

/* The tensor seen as the given shape. An error when it is missing, not of numbers, or of another
 * count; then a tensor without data. */
struct tensor names_take(struct names *n, int n_dims, const int64_t *shape, const char *official,
                         ...) PRINTF(4, 5);
#define NAMES_TAKE(n, shape, ...)                                                                  \
    names_take((n), (int)(sizeof(shape) / sizeof(int64_t)), (shape), __VA_ARGS__)

/* How many times `by` numbers the tensor has; an error, and 0, when it is missing or does not
 * divide. */
int64_t names_size(struct names *n, int64_t by, const char *official, ...) PRINTF(3, 4);

struct tensor names_vector(struct names *n, int64_t d, const char *official, ...) PRINTF(3, 4);

/* official.weight as [o, i] and official.bias as [o]. */
struct linear names_linear(struct names *n, int64_t o, int64_t i, const char *official, ...)
    PRINTF(4, 5);

/* The same without bias. */
struct linear names_matrix(struct names *n, int64_t o, int64_t i, const char *official, ...)
    PRINTF(4, 5);

/* Layers of the model: one more than the highest number with which pattern, which has one %d, is
 * there. */
int names_layers(const struct names *n, const char *pattern);

/* A whole number of the config; otherwise when there is none. */
int64_t names_config(const struct names *n, const char *key, int64_t otherwise);
