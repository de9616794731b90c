/* taps.h - a row of samples looked up between its samples, through a curve over four of them.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* A curve through the samples, so that standing still changes nothing: for each of TAPS_PHASES
 * places between two samples four weights in whole parts of 1 << bits, which sum to one. */
enum { TAPS_PHASES = 256, TAPS_BITS = 10, TAPS_DOWN_BITS = 6 };
struct taps {
    int16_t of[4];
};
void taps_make(struct taps out[TAPS_PHASES], int bits);

/* How a row is walked: x is where the first sample lies, in 16.16 columns, at least one from the
 * left; each next one lies step further. Two columns more than the last one needs are read. */
struct taps_walk {
    uint32_t x, step;
};

/* n samples; in: with TAPS_DOWN_BITS of fraction, out: with ROWS_BITS of it, 0..255. Made with
 * weights of TAPS_BITS. The plain one gives the same to the bit, on any machine. */
void taps_run(int16_t *out, int n, const int16_t *in, struct taps_walk walk,
              const struct taps taps[TAPS_PHASES]);
void taps_run_plain(int16_t *out, int n, const int16_t *in, struct taps_walk walk,
                    const struct taps taps[TAPS_PHASES]);

/* n covers, 0..256, straight between two samples of 0..255 with TAPS_COVER_BITS of fraction. */
enum { TAPS_COVER_BITS = 7 };
void taps_cover(int16_t *out, int n, const int16_t *in, struct taps_walk walk);
void taps_cover_plain(int16_t *out, int n, const int16_t *in, struct taps_walk walk);
