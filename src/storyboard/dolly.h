/* dolly.h - how the camera goes before a still picture.
 *
 * It starts from a standstill where the picture was taken: the first pose shows the picture itself.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/plan.h"
#include "storyboard/stage.h"

/* The way of the camera: what has the nearness 1 is moved by x and y, in widths and heights of the
 * picture, and grows by 1 / (1 - z); what has the nearness 0 stays. Then the whole is moved by pan
 * and tilt, in widths and heights, and grows by zoom about its middle. */
struct dolly_pose {
    float x, y, z;
    float pan, tilt;
    float zoom;
};

/* At time t of the film, 0..1. All zero, zoom 1, at t = 0. */
struct dolly_pose dolly_at(const struct plan *plan, float t);

/* A stage that is laid into a picture: what stands on it at a depth has the nearness
 * far + fall / depth. */
struct dolly_floor {
    float far, fall;
    float horizon; /* of the height, from above           */
    float aspect;  /* of the picture: its width / height  */
};

/* The same way as the camera of that stage goes it. */
struct stage_pose dolly_on_stage(const struct dolly_pose *p, const struct dolly_floor *f);
