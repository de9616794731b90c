/* depth_impl.h - what depth_facts.c measures and depth.c judges. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/depth.h"

enum depth_edge { DEPTH_TOP, DEPTH_BOTTOM, DEPTH_LEFT, DEPTH_RIGHT, DEPTH_EDGES };

/* One region, in cells. */
struct depth_region {
    int area;
    int left, right, top, bottom; /* inclusive */
    int edge[DEPTH_EDGES];        /* cells at the picture's edges */
    int outline;                  /* joints to other regions and the edges */
    float middle_y;               /* of its cells */
    float crest;                  /* the middle one of the rows where its columns begin  */
    float level;                  /* 0..1: how many of them begin close to it            */
    float roughness;              /* mean step between neighbours inside               */
};

/* Where two regions touch. */
struct depth_contact {
    int length; /* joints */
    int steps;  /* the sum of theirs */
    int above;  /* how many have the first region right above the second */
};

struct depth_facts {
    const struct region_map *map;
    int n;
    struct depth_region *region;   /* [n]    */
    struct depth_contact *contact; /* [n, n] */
    float upright;                 /* 0..1: how much of all outlines is level and, as much, plumb */
};

int depth_facts_init(struct depth_facts *f, const struct region_map *map,
                     struct error *err) MUST_CHECK;
void depth_facts_fini(struct depth_facts *f);
SCOPED_FINI(depth_facts)
