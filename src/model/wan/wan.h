/* wan.h - text, or an image and a text, to the frames of a video by the open models Wan 2.1 and
 * 2.2: all the parts in their order.
 *
 *     text     clean -> ids -> umt5, of the prompt and, with guidance, of the negative prompt
 *     image    CLIP rows and the latent of the image, where the model takes them
 *     steps    noise -> n times the transformer -> latent
 *     decode   latent -> frames, handed on as they are made
 *
 * Each stage uses its own part; when it is over its pages need not stay in memory. One arena,
 * sized by measuring all stages, serves them all.
 *
 * With a file to keep it in, the latent is saved after each step: a run that was killed goes
 * on from its last step, one that was killed while decoding decodes again, and the result is
 * equal to the bit.
 *
 * Source  Wan2.1 wan/text2video.py, image2video.py; Wan2.2 wan/text2video.py, textimage2video.py.
 * Thread  one; the network's operations use those of nn.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/wan/parts.h"
#include "model/wan/sampler.h"
#include "nn/nn.h"
#include "nn/step.h"

enum { WAN_MOST_LORAS = 8, WAN_MOST_TIMES = 16 };

/* Adaptations of two experts are often published as two files. */
enum wan_expert { WAN_EXPERT_ANY, WAN_EXPERT_LOW, WAN_EXPERT_HIGH };

struct wan_lora {
    const char *path;
    float strength;
    enum wan_expert expert;
};

/* How a model is run. A zero or NULL leaves the choice to the model (wan_settings). */
struct wan_options {
    int sampler; /* enum sampler_kind + 1 */
    int n_steps;
    double shift;
    double guidance;      /* of the only expert, or of the one for low noise; 1: none */
    double guidance_high; /* of the one for high noise */
    double boundary;      /* share of the time from which on the expert for high noise is asked */
    const char *negative; /* "": none at all */
    int times[WAN_MOST_TIMES]; /* of the distilled sampler, before the shift; n_times of them,
                                * which then is the number of steps */
    int n_times;
    int64_t area; /* px of a frame */
    int fps;
    int tile; /* latent px of a tile of the decoder; 0: the whole picture */
    struct wan_lora loras[WAN_MOST_LORAS];
    int n_loras;
    bool unmerged; /* what adaptations take is counted and nothing of them read: for those who ask
                    * what a run would need, and make none */
};

struct wan;

/* Take the parts, which stay the caller's and must outlive the model. ERR_NOT_FOUND a part that
 * this kind needs is missing, by its name; ERR_CORRUPT a tensor; ERR_INVALID an option; ERR_BUSY
 * merged adaptations would need more memory than there is, with both numbers; ERR_CANCELLED
 * nn_watch said so while adaptations were merged. */
int wan_open(struct wan **out, const struct parts *parts, const struct wan_options *options,
             struct nn *nn, struct error *err) MUST_CHECK;
void wan_close(struct wan *w); /* NULL is fine */
SCOPED_CLOSE(wan)

struct wan_info {
    char name[64]; /* "Wan 2.1 text to video, 1.4 B parameters" */
    bool takes_image;
    bool needs_image;
    int step; /* px: both sides are multiples of it */
    int64_t n_parameters;
};
const struct wan_info *wan_info(const struct wan *w);

/* The options with every choice made. */
const struct wan_options *wan_settings(const struct wan *w);

/* Tensors of a part that the model does not read. */
int wan_surplus(const struct wan *w, enum part part);

struct wan_request {
    struct text prompt;  /* UTF-8 */
    struct tensor image; /* u8 [H, W, 3]; none: text to video */
    uint64_t seed;       /* its lower 32 bits give the noise */
    int width, height;   /* px; multiples of wan_info.step */
    int n_frames;        /* 4 * k + 1 */
    const char *keep;    /* a file of the run's own; NULL: nothing is kept */
};

/* The size with this aspect, near the area of the settings. */
void wan_size(const struct wan *w, int aspect_width, int aspect_height, int *out_width,
              int *out_height);

enum wan_stage { WAN_TEXT, WAN_IMAGE, WAN_STEPS, WAN_DECODE, WAN_STAGES };

/* What a request takes. */
struct wan_needs {
    int64_t arena;   /* bytes */
    int64_t beside;  /* bytes: states, packed weights, merged adaptations */
    int64_t weights; /* bytes of files that the largest stage reads: best in the page cache */
    double flops[WAN_STAGES]; /* of each stage */
    double read[WAN_STAGES];  /* bytes of weights, as often as the stage goes through them */
};
int wan_needs(struct wan *w, const struct wan_request *q, struct wan_needs *out,
              struct error *err) MUST_CHECK;

struct wan_run {
    void *arg;
    /* stage: "text", "image", "step 3 of 50", "decode frame 5 of 81". done: 0..1 over the whole,
     * never falling; called at least once per block of a network, and ten times a second. */
    void (*progress)(void *arg, const char *stage, double done);
    bool (*cancelled)(void *arg); /* asked as often */
    /* Frames as they come: f32 [n, H, W, 3] in -1..1; below 0 ends the run. */
    int (*frames)(void *arg, const struct tensor *rgb, struct error *err);
    /* Something failed that the run does without; once. NULL: nobody asks. */
    void (*warn)(void *arg, const struct error *why);
    /* For those who compare with the reference; NULL: nobody. "prompt.ids" [n] as f32,
     * "prompt.context" [n, D], "negative.context", "cond.clip_fea", "cond.y", "noise",
     * "stepI.latent_in", "stepI.v_cond", "stepI.v_uncond" where there is guidance,
     * "latent_final". */
    const struct probe *probe;
};

/* Make the video. ERR_INVALID a size, a missing or a needless image; ERR_BUSY it needs more
 * memory than there is: the text has both numbers and a size that would do; ERR_CORRUPT the
 * network gives no numbers; ERR_CANCELLED; ERR_IO; ERR_MEMORY. */
int wan_generate(struct wan *w, const struct wan_request *q, const struct wan_run *run,
                 struct error *err) MUST_CHECK;
