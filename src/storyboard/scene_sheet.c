/* scene_sheet.c - see scene_sheet.h. SPDX-License-Identifier: MIT */
#include "storyboard/scene_sheet.h"

#include "storyboard/curve.h"

/* A sheet that is larger than this share of the frame would cost more than it shows. */
#define MOST_SIDE 3.5F

/* What the camera sees of a depth over the whole film, and how large. */
struct layer_area scene_sheet_seen(const struct scene *s, float depth, struct scene_scale *scale)
{
    struct layer_area a = {.left = 9, .right = -9, .top = 9, .bottom = -9};
    *scale = (struct scene_scale){.least = 1e9F};
    for (int i = 0; i <= 64; i++) {
        const struct stage_pose pose = scene_pose(s, (float)i / 64);
        const struct stage_view v = stage_view(&s->stage, &pose, depth);
        if (v.scale <= 0)
            continue;
        a.left = curve_min(a.left, -v.x / v.scale);
        a.right = curve_max(a.right, ((float)s->stage.width - v.x) / v.scale);
        a.top = curve_min(a.top, -v.y / v.scale);
        a.bottom = curve_max(a.bottom, ((float)s->stage.height - v.y) / v.scale);
        scale->most = curve_max(scale->most, v.scale);
        scale->least = curve_min(scale->least, v.scale);
    }
    const float aspect = (float)s->stage.width / (float)s->stage.height;
    a.left = curve_max(a.left - 0.03F, -MOST_SIDE * aspect);
    a.right = curve_min(a.right + 0.03F, MOST_SIDE * aspect);
    a.top = curve_max(a.top - 0.03F, -MOST_SIDE);
    a.bottom = curve_min(a.bottom + 0.03F, MOST_SIDE);
    return a;
}

/* Pixels per screen unit: as sharp as the largest view, within reason, and not so fine that a row
 * of the smallest view would run over more pixels than layer_draw takes. */
float scene_sheet_density(const struct scene *s, struct scene_scale scale)
{
    const float height = (float)s->stage.height;
    return curve_min(curve_clamp(scale.most / height, 1, 1.4F) * height, 3.5F * scale.least);
}

/* What is closer than who plays is out of focus, more the closer it is. */
int scene_sheet_focus(const struct scene *s, struct layer *l, struct error *err)
{
    const float at = s->cast.n > 0 ? s->cast.actor->z : 3;
    const float near = 1 / l->depth - 1 / curve_clamp(at, 2.4F, 30);
    return near > 0.05F ? layer_soften(l, 9 * near * l->density / 720, err) : 0;
}

/* A sheet for the brush to be painted on. NULL when there is no memory. */
struct layer *scene_sheet_new(struct scene *s, struct layer_area area, float per_unit, float depth,
                              bool behind)
{
    struct layer *l = layer_new(area, per_unit, depth);
    if (l) {
        l->seconds = s->cast.at.seconds;
        s->item[s->n_items++] = (struct scene_item){.layer = l, .behind = behind};
    }
    return l;
}

int scene_sheet_add(struct scene *s, const struct scene_sheet *sheet, struct error *err)
{
    struct layer *l = scene_sheet_new(s, sheet->area, sheet->per_unit, sheet->depth, sheet->behind);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    int code = layer_paint(l, s->crew, sheet->brush, sheet->arg, err);
    return code == 0 ? scene_sheet_focus(s, l, err) : code;
}

struct layer *scene_sheet_last(const struct scene *s)
{
    return s->item[s->n_items - 1].layer;
}

bool scene_sheet_windy(const struct scene *s)
{
    return plan_has(s->plan, WEATHER_WIND) || plan_has(s->plan, WEATHER_STORM);
}
