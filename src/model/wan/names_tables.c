/* names_tables.c - the spellings of each component. SPDX-License-Identifier: MIT */
#include "model/wan/names.h"

static const char *const dit_prefixes[] = {
    "", "model.diffusion_model.", "diffusion_model.", "model.", "transformer.", "module.", NULL,
};

static const char *const umt5_prefixes[] = {
    "",
    "text_encoders.umt5xxl.transformer.",
    "text_encoders.umt5xxl.",
    "text_encoder.",
    "model.",
    "module.",
    NULL,
};

static const char *const clip_prefixes[] = {
    "", "clip_vision.", "image_encoder.", "clip.", "model.", "module.", NULL,
};

/* diffusers swaps two names: its norm2 is the norm with weights before the cross-attention,
 * which is norm3 in the official files, whose norm2 has no weights and so is in no file. */
static const struct names_row dit_diffusers[] = {
    {"text_embedding.0", "condition_embedder.text_embedder.linear_1"},
    {"text_embedding.2", "condition_embedder.text_embedder.linear_2"},
    {"time_embedding.0", "condition_embedder.time_embedder.linear_1"},
    {"time_embedding.2", "condition_embedder.time_embedder.linear_2"},
    {"time_projection.1", "condition_embedder.time_proj"},
    {"img_emb.proj.0", "condition_embedder.image_embedder.norm1"},
    {"img_emb.proj.1", "condition_embedder.image_embedder.ff.net.0.proj"},
    {"img_emb.proj.3", "condition_embedder.image_embedder.ff.net.2"},
    {"img_emb.proj.4", "condition_embedder.image_embedder.norm2"},
    {"img_emb.emb_pos", "condition_embedder.image_embedder.pos_embed"},
    {"head.modulation", "scale_shift_table"},
    {"head.head", "proj_out"},
    {"modulation", "scale_shift_table"},
    {"self_attn", "attn1"},
    {"cross_attn", "attn2"},
    {"q", "to_q"},
    {"k", "to_k"},
    {"v", "to_v"},
    {"o", "to_out.0"},
    {"k_img", "add_k_proj"},
    {"v_img", "add_v_proj"},
    {"norm_k_img", "norm_added_k"},
    {"norm3", "norm2"},
    {"ffn.0", "ffn.net.0.proj"},
    {"ffn.2", "ffn.net.2"},
    {NULL, NULL},
};

static const struct names_layout dit_layouts[] = {
    {"official", NULL},
    {"diffusers", dit_diffusers},
    {NULL, NULL},
};

const struct names_component names_dit = {
    .name = "Wan diffusion transformer",
    .witness = "blocks.0.self_attn.norm_q.weight",
    .prefixes = dit_prefixes,
    .layouts = dit_layouts,
};

#define ATTENTION "layer.0.SelfAttention"
#define DENSE     "layer.1.DenseReluDense"

#define UMT5_BLOCK                                                                                 \
    {"blocks", "encoder.block"}, {"norm1", "layer.0.layer_norm"}, {"attn", ATTENTION},             \
        {"pos_embedding.embedding", ATTENTION ".relative_attention_bias"},                         \
        {"norm2", "layer.1.layer_norm"}, {"ffn.gate.0", DENSE ".wi_0"},                            \
        {"ffn.fc1", DENSE ".wi_1"}, {"ffn.fc2", DENSE ".wo"},                                      \
        {"^norm", "encoder.final_layer_norm"}, {NULL, NULL},

static const struct names_row umt5_transformers[] = {{"token_embedding", "shared"}, UMT5_BLOCK};

/* The same table is tied to two names; some files keep only this one. */
static const struct names_row umt5_embed_tokens[] = {{"token_embedding", "encoder.embed_tokens"},
                                                     UMT5_BLOCK};

static const struct names_row umt5_gguf[] = {
    {"token_embedding", "token_embd"},
    {"blocks", "enc.blk"},
    {"norm1", "attn_norm"},
    {"attn.q", "attn_q"},
    {"attn.k", "attn_k"},
    {"attn.v", "attn_v"},
    {"attn.o", "attn_o"},
    {"pos_embedding.embedding", "attn_rel_b"},
    {"norm2", "ffn_norm"},
    {"ffn.gate.0", "ffn_gate"},
    {"ffn.fc1", "ffn_up"},
    {"ffn.fc2", "ffn_down"},
    {"^norm", "enc.output_norm"},
    {NULL, NULL},
};

static const struct names_layout umt5_layouts[] = {
    {"official", NULL},
    {"transformers", umt5_transformers},
    {"transformers, embed_tokens", umt5_embed_tokens},
    {"llama.cpp", umt5_gguf},
    {NULL, NULL},
};

const struct names_component names_umt5 = {
    .name = "umt5 text encoder",
    .witness = "token_embedding.weight",
    .prefixes = umt5_prefixes,
    .layouts = umt5_layouts,
};

/* Official files multiply q, k and v by one stacked matrix, attn.to_qkv; clip.c asks for it
 * first. */
static const struct names_row clip_transformers[] = {
    {"visual.patch_embedding", "vision_model.embeddings.patch_embedding"},
    {"visual.cls_embedding", "vision_model.embeddings.class_embedding"},
    {"visual.pos_embedding", "vision_model.embeddings.position_embedding.weight"},
    {"visual.pre_norm", "vision_model.pre_layrnorm"},
    {"visual.transformer", "vision_model.encoder.layers"},
    {"norm1", "layer_norm1"},
    {"attn.q", "self_attn.q_proj"},
    {"attn.k", "self_attn.k_proj"},
    {"attn.v", "self_attn.v_proj"},
    {"attn.proj", "self_attn.out_proj"},
    {"norm2", "layer_norm2"},
    {"mlp.0", "mlp.fc1"},
    {"mlp.2", "mlp.fc2"},
    {NULL, NULL},
};

static const struct names_layout clip_layouts[] = {
    {"official", NULL},
    {"transformers", clip_transformers},
    {NULL, NULL},
};

const struct names_component names_clip = {
    .name = "CLIP vision tower",
    .witness = "visual.pos_embedding",
    .prefixes = clip_prefixes,
    .layouts = clip_layouts,
};
