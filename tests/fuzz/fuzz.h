/* fuzz.h - what every target defines: one input, whatever it is, must do no harm.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* data is a copy of exactly size bytes; aborts when a promise is broken, else returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
