/* wan_impl.h - what the files wan*.c share. SPDX-License-Identifier: MIT */
#pragma once

#include "base/hash.h"
#include "model/wan/clip.h"
#include "model/wan/dit.h"
#include "model/wan/lora.h"
#include "model/wan/umt5.h"
#include "model/wan/vae.h"
#include "model/wan/wan.h"

enum { WAN_EXPERTS = 2 }; /* low noise, high noise */

struct wan {
    const struct parts *parts;
    struct nn *nn;
    struct wan_info info;
    struct wan_options set; /* complete; strings are the caller's */
    struct umt5 *umt5;
    struct clip *clip;            /* NULL: the model takes none */
    struct dit *dit[WAN_EXPERTS]; /* the second may be NULL */
    struct lora *lora[WAN_EXPERTS];
    struct weights *lora_files[WAN_MOST_LORAS];
    struct vae *vae;
    struct names names[PARTS];
};

/* What one step of an expert takes. */
struct wan_one_step {
    double flops;
    int64_t ends; /* step_end's, as progress goes by them */
};

/* A run: what the stages leave each other, in memory of its own. */
struct wan_clip {
    struct wan *w;
    const struct wan_request *q;
    const struct wan_run *run; /* NULL: measuring */
    struct arena *arena;       /* NULL likewise */

    int64_t channels, frames, height, width; /* of the latent */
    int32_t ids[2][UMT5_MOST_IDS];           /* prompt, negative */
    int n_ids[2];
    int n_texts;       /* 1 without guidance */
    float *context[2]; /* [n_ids, text_dim] */
    float *features;   /* [R, clip_dim] of the image, or NULL */
    float *y;          /* [20, F, H, W], or NULL */
    float *first;      /* [C, H, W]: the latent of the first frame that TI2V keeps, or NULL */
    struct sampler *sampler;
    float *velocity[2];

    /* Where the run is. Shares are of time, by flops. */
    char stage[48];
    double before, span; /* of the run: over, and taken by this stage */
    int64_t ends;        /* within the stage: how often step_end was asked */
    int64_t ends_expected;
    int64_t ends_measured[WAN_STAGES];      /* of the whole stage, but for the steps */
    struct wan_one_step steps[WAN_EXPERTS]; /* measured */
    double shown;
    bool warned; /* that nothing can be kept */
};

/* Sizes and kinds of a request, checked. */
int wan_clip_init(struct wan_clip *c, struct wan *w, const struct wan_request *q,
                  struct error *err) MUST_CHECK;
void wan_clip_fini(struct wan_clip *c);

/* The stages; each begins a step of its own on the clip's arena (measuring without one). */
int wan_stage_text(struct wan_clip *c, struct step *s, struct error *err) MUST_CHECK;
int wan_stage_image(struct wan_clip *c, struct step *s, struct error *err) MUST_CHECK;
int wan_stage_steps(struct wan_clip *c, struct step *s, struct error *err) MUST_CHECK;
int wan_stage_decode(struct wan_clip *c, struct step *s, struct error *err) MUST_CHECK;

/* Does the expert for high noise answer at this time? */
int wan_expert(const struct wan *w, float time);

/* How far the answer to the prompt is followed away from that to the negative one. */
double wan_guidance(const struct wan *w, int expert);

/* The texts that an expert is asked with: without guidance the prompt alone. */
int wan_texts(const struct wan *w, int expert);

/* A piece of the stage begins: show its name. */
void wan_unit(struct wan_clip *c, const char *fmt, ...) PRINTF(2, 3);

/* ---- wan_keep.c: the state between two steps, on the disk --------------------------------- */

/* Save the sampler's state, if the request has a file for it. Where that cannot be the run is told
 * once and goes on: all that is lost is what another attempt could have gone on from. */
void wan_keep_save(struct wan_clip *c);

/* Put a saved state of this very request back; false: there is none. */
bool wan_keep_load(struct wan_clip *c);
