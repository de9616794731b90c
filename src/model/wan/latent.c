/* latent.c - see latent.h. SPDX-License-Identifier: MIT */
#include "model/wan/latent.h"

#include <string.h>

#include "base/memory.h"

/* A clip of one image and then grey. */
struct clip {
    struct tensor image; /* f32 [3, H, W] */
    float *frames;       /* [most, H, W, 3] */
};

enum { MOST_FRAMES = 4 };

static const float *clip_frames(void *arg, int64_t first, int64_t n)
{
    const struct clip *c = arg;
    const int64_t pixels = c->image.shape[1] * c->image.shape[2];
    memset(c->frames, 0, (size_t)(n * pixels * 3) * sizeof *c->frames);
    for (int64_t i = 0; first == 0 && i < pixels; i++)
        for (int64_t k = 0; k < 3; k++)
            c->frames[i * 3 + k] = tensor_f32(&c->image)[k * pixels + i];
    return c->frames;
}

static int encode(const struct vae *v, struct step *s, struct tensor image, int64_t n_frames,
                  float *latent, struct error *err)
{
    if (image.n_dims != 3 || image.shape[0] != 3) {
        char text[96];
        return error_set(err, ERR_INVALID, "the image is %s, must be [3, H, W]",
                         tensor_text(&image, text, sizeof text));
    }
    const int64_t numbers = MOST_FRAMES * 3 * image.shape[1] * image.shape[2];
    SCOPED(mem) float *frames = NULL;
    if (!step_measuring(s)) {
        frames = mem_try((size_t)numbers * sizeof *frames);
        if (!frames)
            return error_set(err, ERR_MEMORY, "no memory for %d frames of the image",
                             (int)MOST_FRAMES);
    }
    struct clip clip = {.image = image, .frames = frames};
    const struct vae_encoding e = {.n_frames = n_frames,
                                   .height = image.shape[1],
                                   .width = image.shape[2],
                                   .frames = clip_frames,
                                   .arg = &clip,
                                   .latent = latent};
    return vae_encode(v, s, &e, err);
}

int latent_condition(const struct vae *v, struct step *s, struct tensor image, int64_t n_frames,
                     float *y, struct error *err)
{
    const int64_t space = vae_info(v)->space, frames = (n_frames + 3) / 4;
    const int64_t plane = image.shape[1] / space * (image.shape[2] / space);
    float *latent = step_measuring(s) ? NULL : y + LATENT_MASK_CHANNELS * frames * plane;
    const int rc = encode(v, s, image, n_frames, latent, err);
    if (rc < 0 || step_measuring(s))
        return rc;
    for (int64_t i = 0; i < LATENT_MASK_CHANNELS * frames * plane; i++)
        y[i] = i / plane % frames == 0 ? 1 : 0;
    return 0;
}

int latent_of_image(const struct vae *v, struct step *s, struct tensor image, float *latent,
                    struct error *err)
{
    return encode(v, s, image, 1, latent, err);
}
