/* lora_test.c - adaptations in each spelling, against their sums by hand.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/lora.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nn/quant.h"
#include "nn/weights_write.h"
#include "unit.h"

enum { OUT = 3, IN = 32, RANK = 2 };

/* The model: one matrix with bias, one norm, one modulation; the numbers follow a rule. */
static float base[OUT * IN], bias[OUT], norm[IN], modulation[6 * IN];
static float down[RANK * IN], up[OUT * RANK], diff[OUT * IN], alpha = 6;

static void fill(float *x, size_t n, float step)
{
    for (size_t i = 0; i < n; i++)
        x[i] = step * (float)((int)(i * 7 % 11) - 5);
}

static struct tensor f32(float *data, int64_t a, int64_t b)
{
    return (struct tensor){
        .data = data, .dtype = DTYPE_F32, .n_dims = b ? 2 : 1, .shape = {a, b}, .scale = 1};
}

static struct weights *file_of(const char *name, const struct weights_entry *e, int n)
{
    const struct weights_write_gguf how = {0}; /* which has all types */
    char path[256];
    struct error err;
    struct weights *w = NULL;
    snprintf(path, sizeof path, "%s/%s.gguf", unit_folder(), name);
    CHECK_OK(weights_write_gguf(path, e, n, &how, &err), err);
    CHECK_OK(weights_open(&w, path, &err), err);
    return w;
}

static struct weights *model_file(enum dtype type)
{
    struct error err;
    struct tensor matrix = f32(base, OUT, IN), narrow;
    fill(base, OUT * IN, 0.25F);
    fill(bias, OUT, 1);
    fill(norm, IN, 2);
    fill(modulation, 6 * IN, 0.5F);
    fill(down, RANK * IN, 0.125F);
    fill(up, OUT * RANK, 0.5F);
    fill(diff, OUT * IN, 0.0625F);
    CHECK_OK(weights_write_convert(&narrow, &matrix, type, &err), err);
    const struct weights_entry e[] = {
        {"blocks.0.self_attn.norm_q.weight", f32(norm, IN, 0)},
        {"blocks.0.self_attn.q.weight", narrow},
        {"blocks.0.self_attn.q.bias", f32(bias, OUT, 0)},
        {"blocks.0.modulation", f32(modulation, 6, IN)},
    };
    struct weights *w = file_of("model", e, 4);
    mem_free(narrow.data);
    return w;
}

/* What the matrix should be: base + k * up down. */
static float wanted(int o, int i, float k)
{
    float sum = 0;
    for (int r = 0; r < RANK; r++)
        sum += up[o * RANK + r] * down[r * IN + i];
    return base[o * IN + i] + k * sum;
}

/* A model's tensors with one lora of strength applied. */
struct adapted {
    struct weights *model, *file;
    struct nn *nn;
    struct lora *lora;
    struct names names;
};

static void adapt(struct adapted *a, enum dtype type, const struct weights_entry *e, int n,
                  float strength)
{
    struct error err;
    *a = (struct adapted){.model = model_file(type), .file = file_of("lora", e, n)};
    CHECK_OK(nn_open(&a->nn, &(struct nn_options){.n_threads = 2}, &err), err);
    a->lora = lora_new(&names_dit, a->nn);
    CHECK_OK(lora_add(a->lora, a->file, strength, &err), err);
    CHECK_OK(names_open(&a->names, a->model, &names_dit, &err), err);
    a->names.patch = lora_patch;
    a->names.patch_arg = a->lora;
}

static void adapted_fini(struct adapted *a)
{
    lora_free(a->lora);
    nn_close(a->nn);
    weights_close(a->file);
    weights_close(a->model);
}
SCOPED_FINI(adapted)

/* The matrix of the model is base + k * up down within `off`. */
static void check_matrix(struct adapted *a, float k, float off)
{
    struct error err;
    float got[OUT * IN];
    struct linear q = names_linear(&a->names, OUT, IN, "blocks.%d.self_attn.q", 0);
    CHECK_OK(names_end(&a->names, &err), err);
    quant_widen(got, &q.w, 0, OUT);
    for (int o = 0; o < OUT; o++)
        for (int i = 0; i < IN; i++)
            if (fabsf(got[o * IN + i] - wanted(o, i, k)) > off)
                fail_msg("[%d, %d] is %g, must be %g", o, i, (double)got[o * IN + i],
                         (double)wanted(o, i, k));
}

TEST(the_product_of_two_thin_matrices_is_added_in_every_spelling)
{
    static const char *const stems[][2] = {
        {"diffusion_model.blocks.0.self_attn.q.lora_down.weight",
         "diffusion_model.blocks.0.self_attn.q.lora_up.weight"},
        {"diffusion_model.blocks.0.self_attn.q.lora_A.weight",
         "diffusion_model.blocks.0.self_attn.q.lora_B.weight"},
        {"transformer.blocks.0.attn1.to_q.lora_A.weight",
         "transformer.blocks.0.attn1.to_q.lora_B.weight"},
        {"blocks.0.self_attn.q.lora_A.default.weight",
         "blocks.0.self_attn.q.lora_B.default.weight"},
        {"blocks.0.self_attn.q.lora.down.weight", "blocks.0.self_attn.q.lora.up.weight"},
        {"lora_unet_blocks_0_self_attn_q.lora_down.weight",
         "lora_unet_blocks_0_self_attn_q.lora_up.weight"},
    };
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        struct adapted a;
        const struct weights_entry e[] = {{stems[i][0], f32(down, RANK, IN)},
                                          {stems[i][1], f32(up, OUT, RANK)}};
        adapt(&a, DTYPE_F32, e, 2, 1);
        check_matrix(&a, 1, 1e-6F);
        assert_int_equal(lora_used(a.lora, 0), 2);
        adapted_fini(&a);
    }
}

static const char down_name[] = "diffusion_model.blocks.0.self_attn.q.lora_down.weight";
static const char up_name[] = "diffusion_model.blocks.0.self_attn.q.lora_up.weight";
static const char alpha_name[] = "diffusion_model.blocks.0.self_attn.q.alpha";

TEST(alpha_and_strength_scale_the_product)
{
    struct adapted a;
    const struct tensor scalar = {.data = &alpha, .dtype = DTYPE_F32, .scale = 1};
    const struct weights_entry e[] = {
        {alpha_name, scalar}, {down_name, f32(down, RANK, IN)}, {up_name, f32(up, OUT, RANK)}};
    adapt(&a, DTYPE_F32, e, 3, 0.5F);
    check_matrix(&a, 0.5F * alpha / RANK, 1e-5F);
    assert_int_equal(lora_used(a.lora, 0), 3);
    adapted_fini(&a);
}

TEST(two_loras_add_up)
{
    struct adapted a;
    struct error err;
    const struct weights_entry e[] = {{down_name, f32(down, RANK, IN)},
                                      {up_name, f32(up, OUT, RANK)}};
    adapt(&a, DTYPE_F32, e, 2, 0.5F);
    CHECK_OK(lora_add(a.lora, a.file, 2, &err), err);
    check_matrix(&a, 2.5F, 1e-5F);
    CHECK_OK(lora_check(a.lora, &err), err);
    adapted_fini(&a);
}

/* A type that keeps 8 bits may be off by 1 in 512 of the sum, and F16 by 1 in 4096. */
TEST(a_merged_weight_keeps_its_type_and_quantised_ones_become_bf16)
{
    static const struct {
        enum dtype from, to;
        float off;
    } all[] = {
        {DTYPE_F32, DTYPE_F32, 1e-6F},
        {DTYPE_F16, DTYPE_F16, 1e-3F},
        {DTYPE_BF16, DTYPE_BF16, 1e-2F},
        {DTYPE_Q8_0, DTYPE_BF16, 2e-2F},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct adapted a;
        const struct weights_entry e[] = {{down_name, f32(down, RANK, IN)},
                                          {up_name, f32(up, OUT, RANK)}};
        adapt(&a, all[i].from, e, 2, 1);
        check_matrix(&a, 1, all[i].off);
        struct names again = a.names;
        struct linear q = names_linear(&again, OUT, IN, "blocks.0.self_attn.q");
        assert_int_equal(q.w.dtype, all[i].to);
        assert_true(lora_bytes(a.lora) > 0);
        adapted_fini(&a);
    }
}

TEST(whole_differences_go_to_weights_biases_and_modulations)
{
    struct adapted a;
    struct error err;
    const struct weights_entry e[] = {
        {"diffusion_model.blocks.0.self_attn.norm_q.diff", f32(diff, IN, 0)},
        {"diffusion_model.blocks.0.self_attn.q.diff_b", f32(diff, OUT, 0)},
        {"diffusion_model.blocks.0.diff_m", f32(modulation, 6, IN)},
    };
    adapt(&a, DTYPE_F32, e, 3, 2);
    struct tensor n = names_vector(&a.names, IN, "blocks.0.self_attn.norm_q.weight");
    struct tensor m = NAMES_TAKE(&a.names, ((int64_t[]){1, 6 * IN}), "blocks.%d.modulation", 0);
    struct linear q = names_linear(&a.names, OUT, IN, "blocks.0.self_attn.q");
    CHECK_OK(names_end(&a.names, &err), err);
    for (int i = 0; i < IN; i++)
        assert_true(fabsf(tensor_f32(&n)[i] - (norm[i] + 2 * diff[i])) < 1e-6F);
    for (int i = 0; i < OUT; i++)
        assert_true(fabsf(tensor_f32(&q.b)[i] - (bias[i] + 2 * diff[i])) < 1e-6F);
    for (int i = 0; i < 6 * IN; i++)
        assert_true(fabsf(tensor_f32(&m)[i] - 3 * modulation[i]) < 1e-6F);
    assert_int_equal(lora_used(a.lora, 0), 3);
    adapted_fini(&a);
}

TEST(what_the_model_does_not_have_is_left_out_and_untouched_weights_stay_in_the_map)
{
    struct adapted a;
    struct error err;
    const struct weights_entry e[] = {
        {"diffusion_model.blocks.0.cross_attn.k_img.diff_b", f32(diff, OUT, 0)}};
    adapt(&a, DTYPE_F32, e, 1, 1);
    struct tensor in_map;
    struct linear q = names_linear(&a.names, OUT, IN, "blocks.0.self_attn.q");
    assert_true(weights_find(a.model, "blocks.0.self_attn.q.weight", &in_map));
    assert_ptr_equal(q.w.data, in_map.data);
    assert_int_equal(lora_bytes(a.lora), 0);
    CHECK_ERR(lora_check(a.lora, &err), ERR_INVALID);
    adapted_fini(&a);
}

TEST(matrices_that_do_not_fit_are_refused_with_the_name)
{
    struct adapted a;
    struct error err;
    const struct weights_entry e[] = {{down_name, f32(down, RANK, IN / 2)},
                                      {up_name, f32(up, OUT, RANK)}};
    adapt(&a, DTYPE_F32, e, 2, 1);
    names_linear(&a.names, OUT, IN, "blocks.0.self_attn.q");
    CHECK_ERR(names_end(&a.names, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "blocks.0.self_attn.q.weight"));
    adapted_fini(&a);
}

TEST(a_difference_of_another_size_is_refused)
{
    struct adapted a;
    struct error err;
    const struct weights_entry e[] = {
        {"diffusion_model.blocks.0.self_attn.norm_q.diff", f32(diff, IN - 1, 0)}};
    adapt(&a, DTYPE_F32, e, 1, 1);
    names_vector(&a.names, IN, "blocks.0.self_attn.norm_q.weight");
    CHECK_ERR(names_end(&a.names, &err), ERR_CORRUPT);
    adapted_fini(&a);
}

TEST(a_lora_that_sets_the_lengths_of_weights_is_not_merged_as_if_it_did_not)
{
    SCOPED(adapted) struct adapted a;
    struct error err;
    static float lengths[OUT];
    const struct weights_entry e[] = {
        {"diffusion_model.blocks.0.self_attn.q.lora_A.weight", f32(down, RANK, IN)},
        {"diffusion_model.blocks.0.self_attn.q.lora_B.weight", f32(up, OUT, RANK)},
        {"diffusion_model.blocks.0.self_attn.q.dora_scale", f32(lengths, OUT, 1)},
    };
    adapt(&a, DTYPE_F32, e, 3, 1);
    (void)names_linear(&a.names, OUT, IN, "blocks.%d.self_attn.q", 0);
    CHECK_ERR(names_end(&a.names, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "DoRA"));
}

TEST(merging_is_counted_without_touching_a_weight)
{
    static const enum dtype types[] = {DTYPE_F32, DTYPE_F16, DTYPE_Q8_0};
    static const size_t bytes[] = {4, 2, 2}; /* of a number when it is kept */
    const struct weights_entry e[] = {
        {"diffusion_model.blocks.0.self_attn.q.lora_A.weight", f32(down, RANK, IN)},
        {"diffusion_model.blocks.0.self_attn.q.lora_B.weight", f32(up, OUT, RANK)},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        SCOPED(adapted) struct adapted a;
        struct error err;
        struct tensor in_file;
        adapt(&a, types[i], e, 2, 1);
        a.names.patch = lora_count;
        struct linear q = names_linear(&a.names, OUT, IN, "blocks.%d.self_attn.q", 0);
        CHECK_OK(names_end(&a.names, &err), err);
        assert_true(weights_find(a.model, "blocks.0.self_attn.q.weight", &in_file));
        assert_ptr_equal(q.w.data, in_file.data);
        assert_int_equal(lora_bytes(a.lora), OUT * IN * bytes[i]);
        CHECK_OK(lora_check(a.lora, &err), err);

        a.names.patch = lora_patch;
        const size_t counted = lora_bytes(a.lora);
        q = names_linear(&a.names, OUT, IN, "blocks.%d.self_attn.q", 0);
        assert_ptr_not_equal(q.w.data, in_file.data);
        assert_int_equal(lora_bytes(a.lora), 2 * counted);
    }
}

TEST(a_strength_that_is_no_number_is_refused)
{
    struct error err;
    struct adapted a;
    const struct weights_entry e[] = {{down_name, f32(down, RANK, IN)}};
    adapt(&a, DTYPE_F32, e, 1, 1);
    CHECK_ERR(lora_add(a.lora, a.file, NAN, &err), ERR_INVALID);
    for (int i = 1; i < LORA_MOST; i++)
        CHECK_OK(lora_add(a.lora, a.file, 1, &err), err);
    CHECK_ERR(lora_add(a.lora, a.file, 1, &err), ERR_INVALID);
    adapted_fini(&a);
}

static bool stop(void *arg)
{
    (void)arg;
    return true;
}

/* Merging takes minutes for a large model: who waits may have gone. */
TEST(a_merge_that_nobody_waits_for_any_more_ends_and_leaves_the_weights)
{
    struct adapted a;
    struct error err;
    const struct weights_entry e[] = {{down_name, f32(down, RANK, IN)},
                                      {up_name, f32(up, OUT, RANK)}};
    adapt(&a, DTYPE_F32, e, 2, 1);
    nn_watch(a.nn, stop, NULL);
    names_linear(&a.names, OUT, IN, "blocks.%d.self_attn.q", 0);
    CHECK_ERR(names_end(&a.names, &err), ERR_CANCELLED);
    assert_int_equal(lora_bytes(a.lora), 0);
    nn_watch(a.nn, NULL, NULL);
    adapted_fini(&a);
}
