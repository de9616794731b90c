/* model.c - see model.h. SPDX-License-Identifier: MIT */
#include "job/model.h"

#include "base/memory.h"

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

const struct model model_open[] = {
    {
        .id = "wan2.1-t2v-1.3b",
        .aliases = "wan/v2.1/1.3b/text-to-video",
        .name = "Wan 2.1 T2V 1.3B",
        .developer = "Alibaba",
        .description = "Text to video, the smallest of the open models Wan.",
        .engine = "wan",
        .released = "2025-02-25",
        .credits = 120000,
        .prompt_max = 2000,
        .text_only = true,
        .width = 832,
        .height = 480,
        .fps = 16,
        .n_frames = 81,
    },
    {
        .id = "wan2.1-t2v-14b",
        .aliases = "",
        .name = "Wan 2.1 T2V 14B",
        .developer = "Alibaba",
        .description = "Text to video with 14 billion parameters.",
        .engine = "wan",
        .released = "2025-02-25",
        .credits = 600000,
        .prompt_max = 2000,
        .text_only = true,
        .width = 1280,
        .height = 720,
        .fps = 16,
        .n_frames = 81,
    },
    {
        .id = "wan2.1-i2v-14b-480p",
        .aliases = "",
        .name = "Wan 2.1 I2V 14B 480P",
        .developer = "Alibaba",
        .description = "Image to video with 14 billion parameters, trained at 480p.",
        .engine = "wan",
        .released = "2025-02-25",
        .credits = 600000,
        .prompt_max = 2000,
        .image_required = true,
        .width = 832,
        .height = 480,
        .fps = 16,
        .n_frames = 81,
    },
    {
        .id = "wan2.1-i2v-14b-720p",
        .aliases = "",
        .name = "Wan 2.1 I2V 14B 720P",
        .developer = "Alibaba",
        .description = "Image to video with 14 billion parameters, trained at 720p.",
        .engine = "wan",
        .released = "2025-02-25",
        .credits = 600000,
        .prompt_max = 2000,
        .image_required = true,
        .width = 1280,
        .height = 720,
        .fps = 16,
        .n_frames = 81,
    },
    {
        .id = "wan2.2-t2v-a14b",
        .aliases = "",
        .name = "Wan 2.2 T2V A14B",
        .developer = "Alibaba",
        .description = "Text to video by two experts of 14 billion parameters each.",
        .engine = "wan",
        .released = "2025-07-28",
        .credits = 600000,
        .prompt_max = 2000,
        .text_only = true,
        .width = 1280,
        .height = 720,
        .fps = 16,
        .n_frames = 81,
    },
    {
        .id = "wan2.2-i2v-a14b",
        .aliases = "",
        .name = "Wan 2.2 I2V A14B",
        .developer = "Alibaba",
        .description = "Image to video by two experts of 14 billion parameters each.",
        .engine = "wan",
        .released = "2025-07-28",
        .credits = 600000,
        .prompt_max = 2000,
        .image_required = true,
        .width = 1280,
        .height = 720,
        .fps = 16,
        .n_frames = 81,
    },
    {
        .id = "wan2.2-ti2v-5b",
        .aliases = "",
        .name = "Wan 2.2 TI2V 5B",
        .developer = "Alibaba",
        .description = "Text or image to video at 24 frames a second.",
        .engine = "wan",
        .released = "2025-07-28",
        .credits = 300000,
        .prompt_max = 2000,
        .width = 1280,
        .height = 704,
        .fps = 24,
        .n_frames = 121,
    },
};

const int n_model_open = sizeof model_open / sizeof *model_open;

const struct model *model_find(const struct model_catalogue *c, struct text id)
{
    if (!id.len)
        return NULL;
    for (int i = 0; i < c->n_rows; i++)
        if (text_equal(text_of(c->rows[i].id), id))
            return &c->rows[i];
    for (int i = 0; i < c->n_rows; i++)
        if (text_lists(text_of(c->rows[i].aliases), id))
            return &c->rows[i];
    return NULL;
}

const struct model *model_open_find(struct text id)
{
    const struct model_catalogue open = {.rows = model_open, .n_rows = n_model_open};
    return model_find(&open, id);
}

/* An alias that is the id of another row names that one. */
static void add_names(struct text_buf *b, const struct model_catalogue *c, struct text names,
                      bool also_alone)
{
    while (names.len) {
        const struct text name = text_cut(&names, ' ');
        const struct model *m = model_find(c, name);
        if (m && (also_alone || !m->alone))
            text_buf_printf(b, "%.*s ", (int)name.len, name.at);
    }
}

char *model_all_names(const struct model_catalogue *c, bool also_alone)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, SIZE_MAX);
    for (int i = 0; i < c->n_rows; i++) {
        add_names(&b, c, text_of(c->rows[i].id), also_alone);
        add_names(&b, c, text_of(c->rows[i].aliases), also_alone);
    }
    return b.len ? text_buf_take(&b) : mem_dup("");
}
