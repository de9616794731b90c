/* video.h - GET /generations/…: the signed url of a finished video; it needs no key.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "http/http.h"

void video_get(struct http_exchange *x);
