/* umt5_test.c - files that are no text encoder that can be run. What it computes is compared with
 * the reference by tests/parity.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/umt5.h"

#include <string.h>

#include "base/memory.h"
#include "nn/weights_write.h"
#include "unit.h"

/* Open the golden encoder with tables of so many buckets for its four heads. */
static int open_with(int64_t n_buckets, struct error *err)
{
    const struct tensor places = {
        .dtype = DTYPE_F32, .n_dims = 2, .shape = {n_buckets, 4}, .scale = 1};
    const struct weights_entry tables[] = {{"blocks.0.pos_embedding.embedding.weight", places},
                                           {"blocks.1.pos_embedding.embedding.weight", places}};
    SCOPED(mem) char *path = mem_printf("%s/buckets.gguf", unit_folder());
    SCOPED(weights) struct weights *golden = NULL, *changed = NULL;
    SCOPED(umt5) struct umt5 *u = NULL;
    struct names names;
    CHECK_OK(weights_open(&golden, GOLDEN "/umt5.safetensors", err), *err);
    CHECK_OK(weights_write_changed(path, golden, tables, 2, err), *err);
    CHECK_OK(weights_open(&changed, path, err), *err);
    CHECK_OK(names_open(&names, changed, &names_umt5, err), *err);
    return umt5_open(&u, &names, err);
}

TEST(so_many_buckets_that_no_distance_is_left_for_them_are_refused)
{
    static const int64_t wrong[] = {30, 260, 512, 1024};
    struct error err;
    CHECK_OK(open_with(32, &err), err);
    CHECK_OK(open_with(256, &err), err);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_ERR(open_with(wrong[i], &err), ERR_CORRUPT);
        assert_non_null(strstr(err.text, "position buckets"));
    }
}

TEST(every_distance_has_a_bucket)
{
    for (int n_buckets = 4; n_buckets <= 256; n_buckets += 4)
        for (int distance = -UMT5_MOST_IDS; distance <= UMT5_MOST_IDS; distance++) {
            const int bucket = umt5_bucket(distance, n_buckets);
            if (bucket < 0 || bucket >= n_buckets)
                fail_msg("distance %d of %d buckets: %d", distance, n_buckets, bucket);
        }
}
