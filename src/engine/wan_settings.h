/* wan_settings.h - how a row of the catalogue says that a Wan model is to be run: lines, or parts
 * between semicolons, of "name = value".
 *
 *     steps = 4
 *     guidance = 1
 *     lora = /models/lightning.safetensors 1.0
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/wan.h"
#include "nn/nn.h"

struct wan_settings {
    struct wan_options options;
    struct parts_places places; /* without folder */
    struct nn_options nn;
    int n_frames;  /* of the network, 4 * k + 1; 0: as many as the film lasts */
    char *strings; /* what the others point into */
};

/* ERR_INVALID names the setting, its value and the rule. wan_settings_fini by the caller in any
 * case. */
int wan_settings_read(struct wan_settings *out, const char *text, struct error *err) MUST_CHECK;
void wan_settings_fini(struct wan_settings *s);
SCOPED_FINI(wan_settings)
