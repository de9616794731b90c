/* config_impl.h - between config.c and config_file.c. SPDX-License-Identifier: MIT */
#pragma once

#include "cli/config.h"

/* Set row i_option of config_options, and where it came from. */
int config_set(struct config *c, int i_option, const char *value, const char *subject,
               enum config_source source, struct error *err) MUST_CHECK;

/* Apply the YAML text: settings and models. */
int config_file_apply(struct config *c, const char *name, struct text yaml,
                      struct error *err) MUST_CHECK;

/* Make the catalogue the built-in rows. */
void config_file_standard_models(struct config *c);
/* Complete the catalogue: open models that are there, paths, settings checked. ERR_INVALID. */
int config_file_finish_models(struct config *c, struct error *err) MUST_CHECK;
void config_file_free_models(struct config *c);
