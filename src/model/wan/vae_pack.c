/* vae_pack.c - the autoencoders' weights laid out for the matrix library.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/vae_impl.h"

/* Call conv and linear with each layer of a half, until one returns below 0. */
struct visit {
    int (*conv)(struct conv *c, struct nn *nn, struct error *err);
    int (*linear)(struct linear *l, struct nn *nn, struct error *err);
    struct nn *nn;
    struct error *err;
    int rc;
};

static void visit_conv(struct visit *by, struct conv *c)
{
    if (by->rc == 0 && c->w.data)
        by->rc = by->conv(c, by->nn, by->err);
}

static void visit_linear(struct visit *by, struct linear *l)
{
    if (by->rc == 0 && l->w.data)
        by->rc = by->linear(l, by->nn, by->err);
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

int vae_pack(struct vae *v, struct nn *nn, enum vae_half half, struct error *err)
{
    struct visit by = {.conv = conv_pack, .linear = linear_pack, .nn = nn, .err = err};
    visit_coder(&by, &v->coder[half]);
    visit_linear(&by, half == VAE_DECODER ? &v->from_latent : &v->to_latent);
    return by.rc;
}

static int unpack_conv(struct conv *c, struct nn *nn, struct error *err)
{
    (void)nn;
    (void)err;
    conv_fini(c);
    return 0;
}

static int unpack_linear(struct linear *l, struct nn *nn, struct error *err)
{
    (void)nn;
    (void)err;
    linear_fini(l);
    return 0;
}

void vae_pack_undo(struct vae *v)
{
    struct visit by = {.conv = unpack_conv, .linear = unpack_linear};
    visit_coder(&by, &v->coder[VAE_DECODER]);
    visit_coder(&by, &v->coder[VAE_ENCODER]);
    visit_linear(&by, &v->from_latent);
    visit_linear(&by, &v->to_latent);
}
