/* weights_write.h - files of weights in every layout that weights.h reads: for tests, benchmarks
 * and seeds of the fuzzers, not for users.
 *
 * Tensors are written in the order given and with the type that they have; F8_E4M3 without its
 * scale, which is a tensor of its own. A tensor whose data is NULL is written as a hole of zeros,
 * which takes no disk. Not synced.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "nn/tensor.h"
#include "nn/weights.h"

struct weights_entry {
    const char *name;
    struct tensor tensor;
};

/* from as another type: out->data is new and the caller calls mem_free. ERR_INVALID when its rows
 * are not whole blocks of the type; ERR_MEMORY. */
int weights_write_convert(struct tensor *out, const struct tensor *from, enum dtype type,
                          struct error *err) MUST_CHECK;

/* metadata: a JSON object of texts, or NULL. ERR_INVALID a type that the layout does not have;
 * ERR_IO. The same of all below. */
int weights_write_safetensors(const char *path, const struct weights_entry *e, int n,
                              const char *metadata, struct error *err) MUST_CHECK;

/* FOLDER/STEM-00001-of-0000N.safetensors, .., and FOLDER/STEM.safetensors.index.json; entry i is
 * in shard i modulo N, and N is at most n. */
struct weights_write_shards {
    const char *folder, *stem;
    int n_shards;
};
int weights_write_shards(const struct weights_write_shards *to, const struct weights_entry *e,
                         int n, struct error *err) MUST_CHECK;

/* A key of GGUF: type and item_type are the format's numbers (8 text, 9 array). value: a text's
 * const char *, an array of text's const char *const *, else the bytes of n numbers. */
struct weights_write_key {
    const char *name;
    int type, item_type;
    uint64_t n;
    const void *value;
};
struct weights_write_gguf {
    const struct weights_write_key *keys;
    int n_keys;
    uint32_t alignment; /* 0: 32, without a key */
};
int weights_write_gguf(const char *path, const struct weights_entry *e, int n,
                       const struct weights_write_gguf *how, struct error *err) MUST_CHECK;

/* The tensors of w and its config as GGUF, with others in the place of those of the same names. */
int weights_write_changed(const char *path, const struct weights *w,
                          const struct weights_entry *others, int n, struct error *err) MUST_CHECK;

/* A zip of torch.save, protocol 2; entries of 4 GiB are not written. */
struct weights_write_torch {
    const char *nest; /* the state dict stands under this key of another; NULL: it is at the top */
    bool zip64;       /* with zip64's fields even where none is needed */
};
int weights_write_torch(const char *path, const struct weights_entry *e, int n,
                        const struct weights_write_torch *how, struct error *err) MUST_CHECK;
