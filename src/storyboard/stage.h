/* stage.h - perspective: where a point of the world stands in the frame, and how the camera goes.
 *
 * The eye is at height 1 over the ground and looks level; a point at depth z appears at 1/z of
 * its size. Screen units are heights of the frame, from the middle of the horizon, to the right
 * and down: the ground at depth z is at v = 1/z, so depth 2 lies half a frame under the horizon.
 * One height of the frame is also the focal length: a turn of the camera moves the whole picture,
 * its horizon with it, by the tangent of the angle, upright things staying upright, as with the
 * bellows of a view camera. A zoom makes the focal length longer about the middle of the frame.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/plan.h"

struct stage_pose {
    float x, y, z;   /* of the camera, in heights of the eye; 0, 0, 0 at rest  */
    float pan, tilt; /* tangents of the camera's turn to the left and upwards  */
    float zoom;      /* 1 at rest                                              */
};

struct stage {
    int width; /* px */
    int height;
    float horizon; /* from the top, in heights of the frame */
    int n_shots;
    struct plan_shot shots[PLAN_MOST_SHOTS];
    float strength; /* of the shots */
    uint32_t seed;
};

void stage_init(struct stage *s, const struct plan *plan, int width, int height, float horizon);

/* The camera at time t of the film, 0..1; subject_x, where the subject is, for tracking. */
struct stage_pose stage_camera(const struct stage *s, float t, float subject_x);

/* The hand that holds the camera trembles by strength, in heights of the frame, at t. */
void stage_tremble(struct stage_pose *p, const struct stage *s, float t, float strength);

/* How things at a depth appear: px = x + scale * u, the same for v, both in screen units of the
 * camera at rest. scale is 0 when the depth is at or behind the camera. */
struct stage_view {
    float x, y;
    float scale;
};
#define STAGE_FAR 1e6F /* a depth that the camera's way does not change */
struct stage_view stage_view(const struct stage *s, const struct stage_pose *pose, float depth);
