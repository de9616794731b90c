/* scene_sheet.h - what the files that paint a scene share. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/ridge.h"
#include "storyboard/scene_impl.h"

/* How large a depth appears over the film, px per screen unit. */
struct scene_scale {
    float least, most; /* most 0: never seen */
};

/* What a sheet is: where, how fine, how far, and who paints it. */
struct scene_sheet {
    struct layer_area area;
    float per_unit, depth;
    bool behind;
    layer_brush *brush;
    void *arg;
};

/* What the camera sees of a depth over the whole film, and how large. */
struct layer_area scene_sheet_seen(const struct scene *s, float depth, struct scene_scale *scale);

/* Pixels per screen unit: as sharp as the largest view, within reason. */
float scene_sheet_density(const struct scene *s, struct scene_scale scale);

/* A clear sheet as the last of s->item; NULL when there is no memory. */
struct layer *scene_sheet_new(struct scene *s, struct layer_area area, float per_unit, float depth,
                              bool behind);

/* The same, painted. ERR_MEMORY. */
int scene_sheet_add(struct scene *s, const struct scene_sheet *sheet, struct error *err) MUST_CHECK;
struct layer *scene_sheet_last(const struct scene *s);

/* What is closer than who plays is out of focus, more the closer it is. ERR_MEMORY. */
int scene_sheet_focus(const struct scene *s, struct layer *l, struct error *err) MUST_CHECK;

bool scene_sheet_windy(const struct scene *s);

/* Sheet i of the place's ridges or props, unless the prompt wants none of its kind. */
int scene_land_ridge(struct scene *s, int i, struct error *err) MUST_CHECK;
int scene_land_prop(struct scene *s, int i, struct error *err) MUST_CHECK;

/* Rocks for what is built in open water to stand on. */
int scene_land_islets(struct scene *s, struct error *err) MUST_CHECK;

/* What ridge i is painted with. */
struct ridge_paint scene_land_paint(const struct scene *s, int i);
