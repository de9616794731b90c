/* plan.c - any bytes as a prompt. SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "base/memory.h"
#include "storyboard/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct plan p;
    plan_read(&p, (struct text){(const char *)bytes, n}, n);
    SCOPED(mem) char *json = plan_json(&p, 5.64, n % 2);
    return json == NULL;
}
