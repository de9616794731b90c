/* dit.c - what depends on the prompt and the image alone, computed once.
 *
 * The pass itself stands in dit_pass.c, the weights in dit_load.c. SPDX-License-Identifier: MIT */
#include "model/wan/dit_impl.h"

static const float image_eps = 1e-5F;

struct tensor dit_layer(struct tensor kept, int i)
{
    struct tensor layer = tensor_part(&kept, i, 1);
    return tensor_view(&layer, 2, (int64_t[]){kept.shape[1], kept.shape[2]});
}

/* One layer's keys or values of rows [R, D] into its place in kept [layers, R, D], which is zero.
 * gain: of the norm that keys have; no tensor for values. */
static void keep(struct step *s, struct tensor kept, int layer, const struct linear *l,
                 struct tensor gain, struct tensor rows)
{
    size_t mark = step_mark(s);
    struct tensor made = step_linear(s, l, rows); /* [R, D] */
    if (gain.data)
        made = step_rms_norm(s, made, gain, DIT_EPS); /* [R, D] */
    step_add(s, dit_layer(kept, layer), made);
    step_release(s, mark);
}

/* context [n, text_dim] and one row of padding through the text embedding. */
static struct tensor text_rows(const struct dit *d, struct step *s, struct tensor context)
{
    struct tensor rows = context; /* [n, text_dim]     */
    if (context.shape[0] < DIT_TEXT_ROWS) {
        struct tensor pad = step_zero(s, 2, (int64_t[]){1, d->info.text_dim});
        rows = step_join(s, (struct tensor[]){context, pad}, 2); /* [n + 1, text_dim] */
    }
    rows = step_linear(s, &d->text1, rows); /* [n + 1, D]        */
    step_gelu_tanh(s, rows);
    rows = step_linear(s, &d->text2, rows); /* [n + 1, D]        */
    probe_see(d->probe, s, rows, "text_embedding");
    return rows;
}

int dit_text_make(const struct dit *d, struct step *s, struct tensor context, struct dit_text *out,
                  struct error *err)
{
    const struct dit_info *info = &d->info;
    if (context.n_dims != 2 || context.shape[1] != info->text_dim ||
        context.shape[0] > DIT_TEXT_ROWS) {
        step_fail(s, ERR_INVALID, "a prompt is 1 to %d rows of %lld numbers", DIT_TEXT_ROWS,
                  (long long)info->text_dim);
        return step_end(s, err);
    }
    int64_t n = context.shape[0];
    const int64_t kept[] = {info->n_layers, n < DIT_TEXT_ROWS ? n + 1 : n, info->dim};
    out->k = step_zero(s, 3, kept);
    out->v = step_zero(s, 3, kept);
    out->more = DIT_TEXT_ROWS - kept[1];

    size_t mark = step_mark(s);
    struct tensor rows = text_rows(d, s, context); /* [n + 1, D] */
    for (int i = 0; i < info->n_layers; i++) {
        const struct dit_attention *cross = &d->blocks[i].cross;
        keep(s, out->k, i, &cross->k, cross->norm_k, rows);
        keep(s, out->v, i, &cross->v, (struct tensor){0}, rows);
    }
    step_release(s, mark);
    return step_end(s, err);
}

/* features [R, clip] through the image embedding. */
static struct tensor image_rows(const struct dit *d, struct step *s, struct tensor features)
{
    struct tensor rows =
        step_layer_norm(s, features, d->image_norm1[0], d->image_norm1[1], image_eps);
    rows = step_linear(s, &d->image1, rows); /* [R, clip] */
    step_gelu_erf(s, rows);
    rows = step_linear(s, &d->image2, rows); /* [R, D]    */
    rows = step_layer_norm(s, rows, d->image_norm2[0], d->image_norm2[1], image_eps);
    probe_see(d->probe, s, rows, "img_emb");
    return rows;
}

int dit_image_make(const struct dit *d, struct step *s, struct tensor features,
                   struct dit_image *out, struct error *err)
{
    const struct dit_info *info = &d->info;
    if (info->kind != DIT_CLIP || features.n_dims != 2 || features.shape[1] != info->clip_dim) {
        step_fail(s, ERR_INVALID, "the model does not take image features of this width");
        return step_end(s, err);
    }
    const int64_t kept[] = {info->n_layers, features.shape[0], info->dim};
    out->k = step_zero(s, 3, kept);
    out->v = step_zero(s, 3, kept);

    size_t mark = step_mark(s);
    struct tensor rows = image_rows(d, s, features); /* [R, D] */
    for (int i = 0; i < info->n_layers; i++) {
        const struct dit_block *b = &d->blocks[i];
        keep(s, out->k, i, &b->k_img, b->norm_k_img, rows);
        keep(s, out->v, i, &b->v_img, (struct tensor){0}, rows);
    }
    step_release(s, mark);
    return step_end(s, err);
}
