/* weights_torch.c - weights of strangers, in a torch zip; what is no zip is taken for the pickle
 * in one, so that the search need not keep a zip whole. SPDX-License-Identifier: MIT */
#include "nn/weights_pickle.h"

#include "weights_read.h"

static int pickle_read(const uint8_t *data, size_t size)
{
    struct weights_pickle p;
    struct error err;
    const int code =
        weights_pickle_read(&p, (struct text){.at = (const char *)data, .len = size}, &err);
    if (code == 0)
        weights_pickle_fini(&p);
    else if (code != ERR_CORRUPT)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const bool zip = size >= 2 && data[0] == 'P' && data[1] == 'K';
    return zip ? weights_read(data, size, TEXT("PK\3\4")) : pickle_read(data, size);
}
