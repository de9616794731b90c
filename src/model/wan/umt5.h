/* umt5.h - the text encoder: ids of a prompt to rows that the transformer reads.
 *
 * Only the ids of the prompt and its end are encoded: rows of padding, which the reference
 * computes, masks and drops, do not change them.
 *
 * Unlike T5, each layer has its own table of position biases. Scores are not scaled.
 *
 * Source  Wan2.1 wan/modules/t5.py, T5Encoder.
 * Thread  the step's.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/names.h"
#include "model/wan/probe.h"
#include "nn/step.h"

enum {
    UMT5_MOST_IDS = 512, /* the end included */
};

struct umt5_info {
    int64_t vocabulary, dim, attention_dim, ffn;
    int n_layers, n_heads, n_buckets;
};

struct umt5;

/* As dit_open. ERR_CORRUPT names the tensor, ERR_MEMORY. */
int umt5_open(struct umt5 **out, struct names *names, struct error *err) MUST_CHECK;
void umt5_close(struct umt5 *u); /* NULL is fine */
SCOPED_CLOSE(umt5)

const struct umt5_info *umt5_info(const struct umt5 *u);

/* Names: block0.position_bias [heads, n, n], blockI.attn_out, blockI.ffn_out, blockI.out
 * [n, D]. NULL: no longer. */
void umt5_probe(struct umt5 *u, const struct probe *probe);

/* Row of the table of position biases for a key so many places behind (+) or before (-) the
 * query, of n_buckets rows. */
int umt5_bucket(int distance, int n_buckets);

/* ids: 1 to UMT5_MOST_IDS. Result f32 [n, dim] on the step's stack. Asks whether it is cancelled
 * once per layer. ERR_INVALID an id is not in the vocabulary, or too many of them. */
int umt5_encode(const struct umt5 *u, struct step *s, const int32_t *ids, int n, struct tensor *out,
                struct error *err) MUST_CHECK;
