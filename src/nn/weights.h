/* weights.h - the tensors of a model on disk, found by name, read in place.
 *
 * One file or several: a .safetensors file, a folder or an .index.json with its shards, a .gguf
 * file, a torch zip (.pth, .pt, .bin); told by the first bytes, not by the ending. The files are
 * mapped, private and read-only; a tensor's data points into the map and is never copied (entries
 * of a torch zip are stored; a deflated one is refused).
 *
 * Nothing in a file is trusted: counts, offsets, shapes and types are checked before they are
 * used, and an error names the file and the tensor. A torch pickle is read by an interpreter of
 * the few opcodes of a state dict, which can build dictionaries, tuples and tensors and can call
 * nothing.
 *
 * Thread: opened by one; then any number may read.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "base/text.h"
#include "nn/tensor.h"

struct weights;

/* path: a file or a folder as above. A folder stands for its one index, else for its one
 * .safetensors, .gguf, or torch file (the first of these kinds that is there). ERR_NOT_FOUND,
 * ERR_IO, ERR_MEMORY; ERR_INVALID a folder with several; ERR_CORRUPT with the tensor's name. */
int weights_open(struct weights **out, const char *path, struct error *err) MUST_CHECK;

/* The same of the bytes of one file, which outlive w. */
int weights_open_bytes(struct weights **out, struct text bytes, struct error *err) MUST_CHECK;
void weights_close(struct weights *w); /* NULL is fine; its tensors are gone then */
SCOPED_CLOSE(weights)

int weights_count(const struct weights *w);
const char *weights_name(const struct weights *w, int i); /* sorted by name; static with w */
struct tensor weights_tensor(const struct weights *w, int i);

/* The tensor with this name; false when there is none. */
bool weights_find(const struct weights *w, const char *name, struct tensor *out);

/* A text of the file's metadata: safetensors' __metadata__, GGUF's keys of type string. NULL when
 * there is none. */
const char *weights_meta(const struct weights *w, const char *key);

/* An array or number of GGUF's keys, as a view of the mapped bytes. Strings of an array follow
 * each other as u64 length, bytes. False: no such key. */
struct weights_value {
    int type;      /* as in the file: GGUF's enum of value types */
    int item_type; /* of an array's items */
    uint64_t n;    /* items of an array; 1 otherwise */
    struct text bytes;
};
bool weights_value(const struct weights *w, const char *key, struct weights_value *out);

const char *weights_layout(const struct weights *w); /* "safetensors", "gguf", "torch"; static */
int64_t weights_bytes(const struct weights *w);      /* of all tensors */

/* The pages of the map need not stay in memory: the stage that used them is over. */
void weights_drop(const struct weights *w);
