/* tokenizer.c - any bytes as a SentencePiece model, and as a text for it; any text to be cleaned.
 *
 * SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <stdlib.h>

#include "base/memory.h"
#include "model/wan/clean.h"
#include "model/wan/tokenizer.h"

static void split(const struct tokenizer *t, struct text s)
{
    enum { MOST = 64 };
    int32_t ids[MOST];
    struct error err;
    const int n = tokenizer_ids(t, s, ids, MOST, &err);
    if (n > MOST || n == 0)
        abort();
    for (int i = 0; i < n; i++)
        if (ids[i] < 0 || ids[i] >= tokenizer_size(t))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct text s = {(const char *)bytes, n};
    struct error err;
    SCOPED(tokenizer) struct tokenizer *t = NULL;
    if (tokenizer_open(&t, s, &err) == 0) {
        split(t, TEXT(" a dragon\xef\xbc\x8c  \xc3\xa9 \xff over "));
        split(t, s);
    }
    if (text_utf8_valid(s)) {
        SCOPED(mem) char *out = NULL;
        if (clean_prompt(&out, s, &err) == 0 && !text_utf8_valid(text_of(out)))
            abort();
    }
    return 0;
}
