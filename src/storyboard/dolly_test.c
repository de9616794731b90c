/* dolly_test.c - the camera before a picture and that of the stage laid into it go the same way.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/dolly.h"

#include <math.h>

#include "storyboard/curve.h"
#include "unit.h"

static struct plan shot(enum shot s)
{
    return (struct plan){.n_shots = 1, .shots = {{.shot = s, .from = 0, .to = 1}}};
}

TEST(every_way_begins_at_the_picture_itself)
{
    for (int s = 0; s < SHOTS; s++) {
        const struct plan plan = shot((enum shot)s);
        const struct dolly_pose p = dolly_at(&plan, 0);
        if (s == SHOT_SHAKE)
            continue;
        assert_true(p.x == 0 && p.y == 0 && p.z == 0 && p.pan == 0 && p.tilt == 0 && p.zoom == 1);
    }
}

/* Feet slid over the ground of the picture when the camera moved. */
TEST(what_stands_on_the_stage_stays_on_the_ground_of_the_picture)
{
    const struct dolly_floor floor = {
        .far = 0.18F, .fall = 0.83F, .horizon = 0.58F, .aspect = 1.6F};
    const struct stage stage = {.width = 1600, .height = 1000, .horizon = 0.58F};
    for (int s = 0; s < SHOTS; s++)
        for (int i = 0; i < 24; i++) {
            const struct plan plan = shot((enum shot)s);
            const struct dolly_pose p = dolly_at(&plan, 1);
            const struct stage_pose pose = dolly_on_stage(&p, &floor);
            const float depth = 2.2F + 0.5F * (float)(i / 3), u = 0.4F * (float)(i % 3 - 1);
            const float near = floor.far + floor.fall / depth, v = 0.08F + 1 / depth;
            /* As struct dolly_pose says, in heights from the middle. */
            const float grown = 1 / (1 - p.z * near);
            const float x = p.zoom * ((u - p.x * 1.6F * near) * grown - p.pan * 1.6F);
            const float y = p.zoom * ((v - p.y * near) * grown - p.tilt);
            const struct stage_view view = stage_view(&stage, &pose, depth);
            const float px = view.x + view.scale * u, py = view.y + view.scale / depth;
            if (fabsf(px - 800 - 1000 * x) > 0.2F || fabsf(py - 500 - 1000 * y) > 0.2F)
                fail_msg("%s at depth %.1f: %.1f, %.1f px, not %.1f, %.1f",
                         plan_shot_name((enum shot)s), (double)depth, (double)px, (double)py,
                         (double)(800 + 1000 * x), (double)(500 + 1000 * y));
        }
}
