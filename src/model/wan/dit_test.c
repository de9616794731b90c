/* dit_test.c - files that are no transformer that can be run. What it computes is compared with the
 * reference by tests/parity.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/dit.h"

#include <stdio.h>
#include <string.h>

#include "nn/weights_write.h"
#include "unit.h"

/* The tensors that sizes are read from; those of data NULL are written as zeros. */
struct sizes {
    int64_t dim, in_channels, out_channels;
    const char *config;
    const char *extra; /* one more tensor, or NULL */
};

static struct tensor zeros(int64_t n)
{
    return (struct tensor){.dtype = DTYPE_F32, .n_dims = 1, .shape = {n}, .scale = 1};
}

static int open_with(struct sizes sizes, struct error *err)
{
    char path[256], metadata[256];
    const struct weights_entry e[] = {
        {"blocks.0.self_attn.norm_q.weight", zeros(sizes.dim)},
        {"patch_embedding.bias", zeros(sizes.dim)},
        {"patch_embedding.weight", zeros(sizes.dim * sizes.in_channels * 4)},
        {"head.head.bias", zeros(sizes.out_channels * 4)},
        {"time_embedding.0.weight", zeros(sizes.dim * 16)},
        {"text_embedding.0.weight", zeros(sizes.dim * 8)},
        {"blocks.0.ffn.0.bias", zeros(32)},
        {sizes.extra, zeros(sizes.dim)},
    };
    SCOPED(weights) struct weights *w = NULL;
    SCOPED(dit) struct dit *d = NULL;
    struct names names;
    snprintf(path, sizeof path, "%s/sizes.safetensors", unit_folder());
    snprintf(metadata, sizeof metadata, "{\"config\":\"%s\"}", sizes.config ? sizes.config : "");
    CHECK_OK(weights_write_safetensors(path, e, sizes.extra ? 8 : 7, metadata, err), *err);
    CHECK_OK(weights_open(&w, path, err), *err);
    CHECK_OK(names_open(&names, w, &names_dit, err), *err);
    return dit_open(&d, &names, err);
}

static void check_refused(struct sizes sizes, int code, const char *why)
{
    struct error err = {0};
    CHECK_ERR(open_with(sizes, &err), code);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

TEST(variants_that_cannot_be_run_are_refused_by_name)
{
    check_refused((struct sizes){.dim = 128,
                                 .in_channels = 16,
                                 .out_channels = 16,
                                 .extra = "vace_patch_embedding.weight"},
                  ERR_INVALID, "VACE");
    check_refused(
        (struct sizes){
            .dim = 128, .in_channels = 36, .out_channels = 16, .extra = "img_emb.emb_pos"},
        ERR_INVALID, "first-and-last-frame");
}

TEST(channels_of_no_known_model_are_refused)
{
    check_refused((struct sizes){.dim = 128, .in_channels = 32, .out_channels = 16}, ERR_CORRUPT,
                  "32 channels in and 16 out");
}

TEST(heads_that_do_not_divide_the_width_are_refused)
{
    check_refused((struct sizes){.dim = 64, .in_channels = 16, .out_channels = 16}, ERR_CORRUPT,
                  "0 heads");
    check_refused(
        (struct sizes){
            .dim = 128, .in_channels = 16, .out_channels = 16, .config = "{\\\"num_heads\\\":3}"},
        ERR_CORRUPT, "3 heads");
    check_refused(
        (struct sizes){
            .dim = 128, .in_channels = 16, .out_channels = 16, .config = "{\\\"num_heads\\\":-1}"},
        ERR_CORRUPT, "-1 heads");
}

TEST(a_file_with_good_sizes_and_no_weights_names_the_first_that_is_missing)
{
    check_refused((struct sizes){.dim = 128, .in_channels = 16, .out_channels = 16}, ERR_CORRUPT,
                  "no tensor time_embedding.0.bias");
}
