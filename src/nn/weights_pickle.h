/* weights_pickle.h - what a state dict's pickle says, by an interpreter that can run nothing.
 *
 * It knows the opcodes that torch.save uses for dictionaries of tensors (protocols 2 to 4), and
 * by name only torch's storages, the two functions that rebuild a tensor or a parameter, and
 * OrderedDict. Anything else is refused. Nothing is called, imported or allocated by a number of
 * the file: memory is at most some dozen bytes for each byte of the pickle.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "base/text.h"
#include "nn/tensor.h"

enum weights_pickle_kind {
    PICKLE_NONE, /* None, and what is of no interest: floats */
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_TEXT,
    PICKLE_GLOBAL,
    PICKLE_TUPLE,
    PICKLE_DICT,
    PICKLE_STORAGE,
    PICKLE_TENSOR,
};

struct weights_pickle_value {
    enum weights_pickle_kind kind;
    union {
        int64_t number;   /* INT, BOOL; of the list below: GLOBAL                     */
        struct text text; /* TEXT: a view of the pickle                               */
        size_t at;        /* TUPLE, DICT, STORAGE, TENSOR: in the array of that kind   */
    };
};

struct weights_pickle_tuple {
    size_t first, n; /* in values */
};

struct weights_pickle_item {
    struct weights_pickle_value key, value;
    size_t dict;
};

struct weights_pickle_storage {
    enum dtype dtype;
    struct text key;
    int64_t count;
};

struct weights_pickle_tensor {
    size_t storage;
    int64_t offset;       /* numbers */
    size_t shape, stride; /* tuples  */
};

/* A growing array. */
struct weights_pickle_list {
    void *at;
    size_t n, most;
};

struct weights_pickle {
    struct weights_pickle_list stack, marks, memo, values, tuples, items, storages, tensors;
    size_t n_dicts;
    struct weights_pickle_value result;
};

int weights_pickle_read(struct weights_pickle *out, struct text pickle,
                        struct error *err) MUST_CHECK;
void weights_pickle_fini(struct weights_pickle *p);
SCOPED_FINI(weights_pickle)
