/* names_test.c - the spellings of names, and files told apart by them.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/names.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static const struct names_layout *layout(const struct names_component *c, const char *name)
{
    for (const struct names_layout *l = c->layouts; l->name; l++)
        if (strcmp(l->name, name) == 0)
            return l;
    fail_msg("%s has no layout %s", c->name, name);
    return NULL;
}

struct spelling {
    const struct names_component *component;
    const char *layout, *official, *here;
};

TEST(a_name_is_spelled_as_each_layout_has_it)
{
    static const struct spelling all[] = {
        {&names_dit, "official", "blocks.7.ffn.0.weight", "blocks.7.ffn.0.weight"},
        {&names_dit, "diffusers", "blocks.7.ffn.0.weight", "blocks.7.ffn.net.0.proj.weight"},
        {&names_dit, "diffusers", "blocks.17.self_attn.o.bias", "blocks.17.attn1.to_out.0.bias"},
        {&names_dit, "diffusers", "blocks.0.cross_attn.norm_k_img.weight",
         "blocks.0.attn2.norm_added_k.weight"},
        {&names_dit, "diffusers", "head.modulation", "scale_shift_table"},
        {&names_dit, "diffusers", "blocks.3.modulation", "blocks.3.scale_shift_table"},
        {&names_umt5, "transformers", "blocks.2.norm1.weight",
         "encoder.block.2.layer.0.layer_norm.weight"},
        {&names_umt5, "transformers", "norm.weight", "encoder.final_layer_norm.weight"},
        {&names_umt5, "transformers, embed_tokens", "token_embedding.weight",
         "encoder.embed_tokens.weight"},
        {&names_umt5, "llama.cpp", "blocks.23.attn.q.weight", "enc.blk.23.attn_q.weight"},
        {&names_umt5, "llama.cpp", "blocks.0.pos_embedding.embedding.weight",
         "enc.blk.0.attn_rel_b.weight"},
        {&names_umt5, "llama.cpp", "norm.weight", "enc.output_norm.weight"},
        {&names_clip, "transformers", "visual.transformer.30.attn.proj.weight",
         "vision_model.encoder.layers.30.self_attn.out_proj.weight"},
        {&names_clip, "transformers", "visual.pos_embedding",
         "vision_model.embeddings.position_embedding.weight"},
        {&names_clip, "transformers", "visual.pre_norm.bias", "vision_model.pre_layrnorm.bias"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char here[NAMES_MOST];
        assert_true(
            names_spell(layout(all[i].component, all[i].layout), "", all[i].official, here));
        assert_string_equal(here, all[i].here);
    }
}

TEST(the_norm_with_weights_is_norm3_officially_and_norm2_in_diffusers)
{
    char here[NAMES_MOST];
    assert_true(names_spell(layout(&names_dit, "diffusers"), "", "blocks.5.norm3.bias", here));
    assert_string_equal(here, "blocks.5.norm2.bias");
}

TEST(a_prefix_stands_before_the_spelling)
{
    char here[NAMES_MOST];
    assert_true(names_spell(layout(&names_dit, "official"), "model.diffusion_model.",
                            "head.head.weight", here));
    assert_string_equal(here, "model.diffusion_model.head.head.weight");
}

TEST(a_part_of_a_word_is_not_a_fragment)
{
    char here[NAMES_MOST];
    assert_true(names_spell(layout(&names_umt5, "transformers"), "", "normal.blocksy", here));
    assert_string_equal(here, "normal.blocksy");
}

TEST(a_name_that_is_too_long_is_refused_whole)
{
    char here[NAMES_MOST], official[2 * NAMES_MOST];
    memset(official, 'x', sizeof official - 1);
    official[sizeof official - 1] = '\0';
    assert_false(names_spell(layout(&names_dit, "official"), "", official, here));
    official[NAMES_MOST - 1] = '\0';
    assert_true(names_spell(layout(&names_dit, "official"), "", official, here));
    assert_false(names_spell(layout(&names_dit, "official"), "y", official, here));
}

/* A safetensors file of f32 zeros: names and counts, and a text of metadata. */
struct file_tensor {
    const char *name;
    int n;
};

static struct weights *file_with(const struct file_tensor *tensors, const char *config)
{
    char path[256], header[4096];
    int len = snprintf(header, sizeof header, "{\"__metadata__\":{\"config\":\"%s\"}", config);
    int at = 0;
    for (const struct file_tensor *t = tensors; t->name; t++) {
        len += snprintf(header + len, sizeof header - (size_t)len,
                        ",\"%s\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]}",
                        t->name, t->n, at, at + 4 * t->n);
        at += 4 * t->n;
    }
    len += snprintf(header + len, sizeof header - (size_t)len, "}");
    snprintf(path, sizeof path, "%s/names.safetensors", unit_folder());
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    uint64_t length = (uint64_t)len;
    fwrite(&length, sizeof length, 1, f);
    fwrite(header, 1, (size_t)len, f);
    for (int i = 0; i < at; i++)
        fputc(0, f);
    assert_int_equal(fclose(f), 0);
    struct weights *w = NULL;
    struct error err;
    CHECK_OK(weights_open(&w, path, &err), err);
    return w;
}

TEST(the_layout_and_the_prefix_are_told_from_the_witness)
{
    struct names n;
    struct error err;
    SCOPED(weights)
    struct weights *w = file_with(
        (const struct file_tensor[]){{"transformer.blocks.0.attn1.norm_q.weight", 8}, {0}}, "{}");
    CHECK_OK(names_open(&n, w, &names_dit, &err), err);
    assert_string_equal(n.layout->name, "diffusers");
    assert_string_equal(n.prefix, "transformer.");
    CHECK_ERR(names_open(&n, w, &names_umt5, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "umt5"));
}

/* The names of a transformer with one tensor of 24 numbers. */
static struct weights *open_norm(struct names *n)
{
    struct error err;
    struct weights *w = file_with(
        (const struct file_tensor[]){{"blocks.0.self_attn.norm_q.weight", 24}, {0}}, "{}");
    CHECK_OK(names_open(n, w, &names_dit, &err), err);
    return w;
}

TEST(a_tensor_is_taken_by_its_count_whatever_its_axes)
{
    struct names n;
    struct error err;
    SCOPED(weights) struct weights *w = open_norm(&n);
    struct tensor t =
        NAMES_TAKE(&n, ((int64_t[]){2, 3, 4}), "blocks.%d.self_attn.norm_q.weight", 0);
    assert_int_equal(t.n_dims, 3);
    CHECK_OK(names_end(&n, &err), err);
}

TEST(a_shape_whose_count_comes_round_to_the_right_one_does_not_fit)
{
    struct names n;
    struct error err;
    SCOPED(weights) struct weights *w = open_norm(&n);
    const int64_t round[] = {(INT64_C(1) << 61) + 3, 8}; /* 2^64 + 24 */
    assert_null(NAMES_TAKE(&n, round, "blocks.0.self_attn.norm_q.weight").data);
    CHECK_ERR(names_end(&n, &err), ERR_CORRUPT);
}

TEST(the_first_tensor_that_does_not_fit_is_named)
{
    struct names n;
    struct error err;
    SCOPED(weights) struct weights *w = open_norm(&n);
    assert_null(names_vector(&n, 25, "blocks.0.self_attn.norm_q.weight").data);
    assert_null(names_vector(&n, 24, "head.head.bias").data);
    CHECK_ERR(names_end(&n, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "norm_q.weight is F32 [24] where F32 [25] is needed"));
}

TEST(layers_are_counted_by_the_highest_and_the_config_is_read)
{
    struct names n;
    struct error err;
    SCOPED(weights)
    struct weights *w =
        file_with((const struct file_tensor[]){{"blocks.0.self_attn.norm_q.weight", 1},
                                               {"blocks.1.self_attn.norm_q.weight", 1},
                                               {"blocks.3.self_attn.norm_q.weight", 1},
                                               {0}},
                  "{\\\"num_heads\\\":12,\\\"eps\\\":1e-6}");
    CHECK_OK(names_open(&n, w, &names_dit, &err), err);
    assert_int_equal(names_layers(&n, "blocks.%d.self_attn.norm_q.weight"), 4);
    assert_int_equal(names_config(&n, "num_heads", 1), 12);
    assert_int_equal(names_config(&n, "eps", 5), 5);
    assert_int_equal(names_config(&n, "dim", 7), 7);
}
