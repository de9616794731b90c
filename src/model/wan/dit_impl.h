/* dit_impl.h - the weights of the transformer, as dit_load.c finds and dit.c uses them.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/dit.h"

#define DIT_EPS 1e-6F

enum {
    DIT_MOST_HEAD = 1024, /* numbers of a head           */
    DIT_MOST_FREQ = 1024, /* numbers of the table of time */
};

struct dit_attention {
    struct linear q, k, v, o;
    struct tensor norm_q, norm_k; /* [D] */
};

struct dit_block {
    struct tensor modulation; /* [1, 6*D]: shift, scale, gate before attention; then before ffn */
    struct dit_attention self, cross;
    struct linear k_img, v_img; /* of DIT_CLIP */
    struct tensor norm_k_img;
    struct tensor norm3_gain, norm3_bias; /* [D] */
    struct linear up, down;               /* ffn.0, ffn.2 */
};

struct dit {
    struct dit_info info;
    const struct probe *probe;
    struct linear patch;           /* [D, C*4]                        */
    struct linear time1, time2;    /* [D, freq_dim], [D, D]           */
    struct linear projection;      /* [6*D, D]                        */
    struct linear text1, text2;    /* [D, text_dim], [D, D]           */
    struct linear image1, image2;  /* [clip, clip], [D, clip]         */
    struct tensor image_norm1[2];  /* gain, bias [clip]               */
    struct tensor image_norm2[2];  /* gain, bias [D]                  */
    struct tensor head_modulation; /* [1, 2*D]: shift, scale          */
    struct linear head;            /* [4*C, D]                        */
    struct dit_block blocks[];
};

/* Layer i of kept [layers, R, D] as [R, D]. */
struct tensor dit_layer(struct tensor kept, int i);
