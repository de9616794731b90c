/* weights_gguf.c - weights of strangers, in GGUF. SPDX-License-Identifier: MIT */
#include "weights_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return weights_read(data, size, TEXT("GGUF"));
}
