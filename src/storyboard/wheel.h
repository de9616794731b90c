/* wheel.h - where the wheels of a picture are, and what of them is seen to turn.
 *
 * The pictures show wheels as plain discs, or their spokes are left out when they are packed
 * (tools/pack-assets): a picture of ours is drawn upon a hub, or behind a frame, and turns.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

enum { WHEEL_MOST = 4 };

/* In sizes of the picture of the vehicle, 0..1. */
struct wheel {
    float x, y;
    float hub;  /* radius of what is seen to turn */
    float tyre; /* radius of what rolls           */
};

struct wheel_set {
    int n; /* 0: none are known */
    struct wheel at[WHEEL_MOST];
    int picture; /* of pack.h: the hub's radius is half of it */
    bool behind; /* the vehicle is drawn over it */
};

struct wheel_set wheel_set_of(int picture);
