/* nn_impl.h - what the files of nn/ share of a struct nn.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/nn.h"
#include "nn/ops.h"
#include "nn/pool.h"

struct nn {
    struct pool *pool;
    const struct nn_ops *ops;
    const struct ops_products *products; /* of the precision: ops->f32 or ops->bf16 */
    enum nn_set set;
    char summary[48];
};
