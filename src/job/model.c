/* model.c - see model.h. SPDX-License-Identifier: MIT */
#include "job/model.h"

const struct model model_builtin[] = {
    {
        .id = "video-01",
        .aliases = "",
        .name = "Video 01",
        .developer = "Hailou AI",
        .description = "An innovative AI model designed for generating high-quality videos from "
                       "text prompts or image.",
        .engine = "storyboard",
        .released = "2024-09-01",
        .credits = 120000,
        .prompt_max = 2000,
        .width = 1280,
        .height = 720,
        .fps = 25,
        .n_frames = 141,
    },
    {
        .id = "video-01-live2d",
        .aliases = "",
        .name = "Video 01 Live2D",
        .developer = "Hailou AI",
        .description = "The sibling of video-01 that sets a given picture in motion.",
        .engine = "storyboard",
        .released = "2024-12-01",
        .credits = 120000,
        .prompt_max = 2000,
        .image_required = true,
        .width = 1280,
        .height = 720,
        .fps = 25,
        .n_frames = 141,
    },
};

const int n_model_builtin = sizeof model_builtin / sizeof *model_builtin;

static bool has_alias(const struct model *m, struct text id)
{
    struct text rest = text_of(m->aliases);
    while (rest.len)
        if (text_equal(text_cut(&rest, ' '), id))
            return true;
    return false;
}

const struct model *model_find(const struct model_catalogue *c, struct text id)
{
    if (!id.len)
        return NULL;
    for (int i = 0; i < c->n_rows; i++)
        if (text_equal(text_of(c->rows[i].id), id))
            return &c->rows[i];
    for (int i = 0; i < c->n_rows; i++)
        if (has_alias(&c->rows[i], id))
            return &c->rows[i];
    return NULL;
}
