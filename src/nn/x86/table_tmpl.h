/* table_tmpl.h - a whole set of kernels for one vector: the includer has named its simd_*.h, TABLE
 * (the name of the table), ROWS, VECS and BLOCK (product_tmpl.h), and BF16_MULADD where the
 * processor has such products.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdbool.h>

#include "nn/x86/pack.h"
#include "nn/x86/sets.h"

enum {
    RUN = 192, /* rows: with a block of x they fill a fifth of a second-level cache */
};

#define NAME(x)                  f32_##x
#define UNIT                     float
#define UNIT_NUMBERS             1
#define MULADD(a, b, c)          VEC_MULADD(a, b, c)
#define LOAD_UNITS(p, n, narrow) pack_singles(p, n, narrow)
#include "nn/x86/product_tmpl.h"

#ifdef BF16_MULADD
#undef NAME
#undef UNIT
#undef UNIT_NUMBERS
#undef MULADD
#undef LOAD_UNITS
#define NAME(x)                  bf16_##x
#define UNIT                     uint32_t
#define UNIT_NUMBERS             2
#define MULADD(a, b, c)          BF16_MULADD(a, b, c)
#define LOAD_UNITS(p, n, narrow) pack_pairs(p, n, narrow)
#include "nn/x86/product_tmpl.h"
#endif

#include "nn/x86/rows_tmpl.h"

const struct nn_ops TABLE = {
    .f32 = {DTYPE_F32, f32_packed_bytes, f32_pack, f32_product},
#ifdef BF16_MULADD
    .bf16 = {DTYPE_BF16, bf16_packed_bytes, bf16_pack, bf16_product},
#else
    .bf16 = {DTYPE_F32, f32_packed_bytes, f32_pack, f32_product},
#endif
    .layer_norm = layer_norm,
    .rms_norm = rms_norm,
    .unit_norm = unit_norm,
    .silu = silu,
    .gelu_tanh = gelu_tanh,
    .gelu_erf = gelu_erf,
    .scale = scale,
    .clamp = clamp,
    .add = add,
    .mul = mul,
    .add_gated = add_gated,
    .rope = rope,
    .softmax = softmax,
    .narrow = pack_narrow_row,
};
