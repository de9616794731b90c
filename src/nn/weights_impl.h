/* weights_impl.h - what the readers of the layouts share with weights.c.
 *
 * A reader gets the bytes of one file, checks them, and hands over each tensor and each key by
 * weights_add and weights_add_key; weights.c sorts, refuses doubles and finds.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/weights.h"

enum {
    WEIGHTS_MOST_TENSORS = 1 << 20,
    WEIGHTS_MOST_KEYS = 1 << 20,
    WEIGHTS_MOST_NAME = 1023, /* bytes */
    WEIGHTS_MOST_SHARDS = 1024,
    WEIGHTS_STRING = 8, /* GGUF's number of the type; texts of other layouts have it too */
};

struct weights_file {
    struct text bytes;
    bool mapped; /* ours to unmap; else the caller's */
};

/* A tensor as its file describes it; name is a view of that file or of its parsed header. */
struct weights_found {
    struct text name;
    enum dtype dtype;
    int n_dims;                      /* may be too many: weights_add says so */
    int64_t shape[TENSOR_MOST_DIMS]; /* as far as it reaches */
    uint64_t begin, end;             /* bytes of the file */
};

struct weights_slot {
    char *name;
    struct tensor tensor; /* data NULL: without numbers, not kept */
    int file;
};

struct weights_key {
    char *name, *text; /* text NULL: no string */
    struct weights_value value;
    int file;
};

/* The arrays grow by weights_add and weights_add_key, and are sorted by name after them. */
struct weights {
    struct weights_file *files;
    int n_files; /* the last is the one being read */
    struct weights_slot *slots;
    size_t n_slots, most_slots;
    struct weights_key *keys;
    size_t n_keys, most_keys;
    const char *layout;
};

/* weights_open.c makes a struct weights in this order: new, read of each file, sort, settle. */
struct weights *weights_new(int most_files); /* NULL: no memory */
int weights_read(struct weights *w, struct weights_file f, struct error *err) MUST_CHECK;
int weights_sort(struct weights *w, struct error *err) MUST_CHECK;   /* refuses doubles */
int weights_settle(struct weights *w, struct error *err) MUST_CHECK; /* gives scales to weights */

const struct weights_slot *weights_slot_find(const struct weights *w, const char *name);

/* Count of numbers and bytes of found's shape and type; ERR_CORRUPT with its name when the shape
 * is none that a tensor can have, or not one of whole blocks. A count of 0 is fine. */
int weights_measure(const struct weights_found *found, uint64_t *count, uint64_t *bytes,
                    struct error *err) MUST_CHECK;

/* Take a tensor of the file being read. ERR_CORRUPT with its name: not a name, shape, size or
 * range that can be. */
int weights_add(struct weights *w, const struct weights_found *found, struct error *err) MUST_CHECK;

/* name is copied, and so are the bytes of a string; those of other values are a view of the file.
 */
int weights_add_key(struct weights *w, struct text name, const struct weights_value *value,
                    struct error *err) MUST_CHECK;

/* Ranges of one file, to be told apart. */
struct weights_range {
    uint64_t begin, end;
    struct text name;
};

/* Sort by begin; ERR_CORRUPT with two names where two overlap. */
int weights_ranges_check(struct weights_range *ranges, size_t n, struct error *err) MUST_CHECK;

/* The readers; the bytes of the file stay until w is closed. */
int weights_safetensors_read(struct weights *w, struct text file, struct error *err) MUST_CHECK;
int weights_gguf_read(struct weights *w, struct text file, struct error *err) MUST_CHECK;
int weights_torch_read(struct weights *w, struct text file, struct error *err) MUST_CHECK;
