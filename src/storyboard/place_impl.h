/* place_impl.h - the two halves of the table of places. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/place.h"

/* A place that people built: from PLACE_VILLAGE to PLACE_ROAD. */
const struct place_row *place_built_of(enum place p);
