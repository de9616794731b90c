/* enhance.h - what a prompt leaves open: camera, light, mood.
 *
 * Deterministic: the same prompt and seed give the same words. What the prompt already says is
 * not said again, and nothing in it is changed or contradicted: words are only added behind it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* The prompt as the engine gets it; mem_free by the caller. with_image: the place and the look are
 * given by the picture, only the camera may be added. An empty prompt with an image gets a camera
 * alone. */
char *enhance_prompt(struct text prompt, bool with_image, uint64_t seed);
