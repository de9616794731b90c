/* tokenizer.h - text to the ids of a SentencePiece unigram model.
 *
 * Everything comes from the model: the pieces with their scores, the normaliser's map (a Darts
 * double array with strings behind it, which may be empty), the switches for white space, the
 * special ids. Two sources have it: the .model file (a protobuf message), which some weights
 * carry as a tensor, and the keys of a GGUF file.
 *
 * Text is split by Viterbi over the normalised bytes: the split with the highest sum of scores.
 * A character that no piece covers costs the lowest score less 10 and becomes its bytes where
 * the model has byte pieces, else the unknown id, of which neighbours are one.
 *
 * Source: google/sentencepiece (normalizer.cc, unigram_model.cc), T5's end token.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "base/text.h"
#include "nn/weights.h"

struct tokenizer;

/* Read a .model file's bytes, which are copied. ERR_CORRUPT what is wrong with them. */
int tokenizer_open(struct tokenizer **out, struct text model, struct error *err) MUST_CHECK;

/* From the keys of a GGUF file, or from the U8 tensor spiece_model of any other. ERR_NOT_FOUND
 * it has neither. */
int tokenizer_open_weights(struct tokenizer **out, const struct weights *w,
                           struct error *err) MUST_CHECK;
void tokenizer_close(struct tokenizer *t); /* NULL is fine */
SCOPED_CLOSE(tokenizer)

int tokenizer_size(const struct tokenizer *t); /* pieces; ids are 0..size - 1 */
int32_t tokenizer_pad(const struct tokenizer *t);

/* The ids of a text and the end token behind them, at most most together (what is over is cut
 * off before the end token). Bytes that are no UTF-8 become U+FFFD. Returns how many.
 * ERR_MEMORY. */
int tokenizer_ids(const struct tokenizer *t, struct text s, int32_t *out, int most,
                  struct error *err) MUST_CHECK;
