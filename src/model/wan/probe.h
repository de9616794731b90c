/* probe.h - a look at the activations of a pass, for those who compare them with the reference.
 *
 * A model's forward pass shows its intermediate tensors under names ("block0.out"); a NULL probe
 * costs one comparison. The tensor lives only during the call. Measuring steps show nothing.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/step.h"

struct probe {
    void (*see)(void *arg, const char *name, struct tensor x);
    void *arg;
};

void probe_see(const struct probe *p, const struct step *s, struct tensor x, const char *name, ...)
    PRINTF(4, 5);
