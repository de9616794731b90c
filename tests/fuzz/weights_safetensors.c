/* weights_safetensors.c - weights of strangers, in safetensors. SPDX-License-Identifier: MIT */
#include "weights_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return weights_read(data, size, TEXT(""));
}
