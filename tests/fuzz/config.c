/* config.c - fuzz target: any bytes as the config file. SPDX-License-Identifier: MIT */
#include "cli/config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err;
    struct config config;
    int rc = config_parse(&config, "fuzz.yaml", (struct text){(const char *)bytes, size}, &err);
    (void)rc;
    config_fini(&config);
    return 0;
}
