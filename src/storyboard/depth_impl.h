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
    float high;                   /* hardly any of it lies above this row */
    float colour[3];              /* mean */
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

/* What a region is. */
enum depth_kind { DEPTH_THING, DEPTH_SKY, DEPTH_GROUND };

/* Regions that move together. */
struct depth_judge {
    const struct depth_facts *facts;
    int n;
    float width, height; /* cells */
    float horizon;       /* row; negative without ground */
    int backdrop;        /* the thing behind all others; negative: none */
    uint8_t kind[REGION_MOST];
    uint8_t owner[REGION_MOST]; /* the region that stands for the thing */
    float near[REGION_MOST];    /* of things                            */
};

static inline const struct depth_contact *depth_touch(const struct depth_judge *j, int a, int b)
{
    return &j->facts->contact[a * j->n + b];
}

/* The region that stands for the thing that region i is of. */
static inline int depth_owner(const struct depth_judge *j, int i)
{
    while (j->owner[i] != i)
        i = j->owner[i];
    return i;
}

/* A whole thing, measured like one region. */
struct depth_region depth_sum_up(const struct depth_judge *j, int thing);

/* The part of its outline that region i shares with regions of a kind, and the mean step there. */
float depth_shared(const struct depth_judge *j, int i, enum depth_kind kind, float *step);

/* The mean step from a region to all that it touches. */
float depth_contrast(const struct depth_judge *j, int i);

/* Large, clear, clear of the edges, and not one of many alike. */
bool depth_stands_out(const struct depth_judge *j, int i);

/* How far the mean colours of two regions are, as region_step has it. */
float depth_apart(const struct depth_judge *j, int a, int b);

/* Clearly there, but mostly gaps. */
bool depth_is_fence(const struct depth_judge *j, int i);

/* Regions that are neither sky nor ground become things, or go to what they lie in. */
void depth_things_gather(struct depth_judge *j);

/* The planes, once all regions are gathered into sky, ground and things; fills
 * plane_of_region. */
void depth_planes_make(struct depth *d, struct depth_judge *j,
                       uint8_t plane_of_region[REGION_MOST]);
