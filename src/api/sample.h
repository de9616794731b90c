/* sample.h - what the tests of this folder share: a catalogue, JSON with single quotes, images.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/issue.h"
#include "job/model.h"

extern const struct model_catalogue sample_catalogue; /* video-01, alias v1; video-01-live2d */

/* Do both texts say the same JSON? ' in expected stands for ". Fails the test otherwise. */
void sample_same_json(const char *actual, const char *expected);
void sample_same_issues(struct issue_list *issues, const char *expected); /* empties it */

/* A well-formed PNG of one colour, in base64; mem_free by the caller. */
char *sample_png(int width, int height);
