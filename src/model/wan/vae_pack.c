/* vae_pack.c - the autoencoders' weights laid out for the kernels of nn.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/vae_impl.h"

/* Call conv and linear with each layer of a half, until one returns below 0. */
struct visit {
    int (*conv)(struct visit *by, struct conv *c);
    int (*linear)(struct visit *by, struct linear *l);
    struct nn *nn;
    struct error *err;
    size_t bytes, scratch; /* of what is laid out, and beside it while it is */
    int rc;
};

static void visit_conv(struct visit *by, struct conv *c)
{
    if (by->rc == 0 && c->w.data)
        by->rc = by->conv(by, c);
}

static void visit_linear(struct visit *by, struct linear *l)
{
    if (by->rc == 0 && l->w.data)
        by->rc = by->linear(by, l);
}

static void visit_res(struct visit *by, struct vae_res *r)
{
    visit_conv(by, &r->conv1);
    visit_conv(by, &r->conv2);
    visit_linear(by, &r->shortcut);
}

static void visit_coder(struct visit *by, struct vae_coder *c)
{
    visit_conv(by, &c->first);
    visit_res(by, &c->before);
    visit_linear(by, &c->attention.q);
    visit_linear(by, &c->attention.k);
    visit_linear(by, &c->attention.v);
    visit_linear(by, &c->attention.o);
    visit_res(by, &c->after);
    for (int i = 0; i < c->n_levels; i++) {
        for (int j = 0; j < c->level[i].n_res; j++)
            visit_res(by, &c->level[i].res[j]);
        visit_conv(by, &c->level[i].resample.space);
        visit_conv(by, &c->level[i].resample.time);
    }
    visit_conv(by, &c->last);
}

static void visit_half(struct visit *by, struct vae *v, enum vae_half half)
{
    visit_coder(by, &v->coder[half]);
    visit_linear(by, half == VAE_DECODER ? &v->from_latent : &v->to_latent);
}

static int pack_conv(struct visit *by, struct conv *c)
{
    return conv_pack(c, by->nn, by->err);
}

static int pack_linear(struct visit *by, struct linear *l)
{
    return linear_pack(l, by->nn, by->err);
}

int vae_pack(struct vae *v, struct nn *nn, enum vae_half half, struct error *err)
{
    struct visit by = {.conv = pack_conv, .linear = pack_linear, .nn = nn, .err = err};
    visit_half(&by, v, half);
    return by.rc;
}

static int count_conv(struct visit *by, struct conv *c)
{
    by->bytes += conv_packed_bytes(c, by->nn, &by->scratch);
    return 0;
}

static int count_linear(struct visit *by, struct linear *l)
{
    by->bytes += linear_packed_bytes(l, by->nn);
    return 0;
}

size_t vae_packed_bytes(struct vae *v, struct nn *nn, enum vae_half half)
{
    struct visit by = {.conv = count_conv, .linear = count_linear, .nn = nn};
    visit_half(&by, v, half);
    return by.bytes + by.scratch;
}

static int unpack_conv(struct visit *by, struct conv *c)
{
    (void)by;
    conv_fini(c);
    return 0;
}

static int unpack_linear(struct visit *by, struct linear *l)
{
    (void)by;
    linear_fini(l);
    return 0;
}

void vae_pack_undo(struct vae *v)
{
    struct visit by = {.conv = unpack_conv, .linear = unpack_linear};
    visit_half(&by, v, VAE_DECODER);
    visit_half(&by, v, VAE_ENCODER);
}
