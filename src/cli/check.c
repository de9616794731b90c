/* check.c - see check.h. SPDX-License-Identifier: MIT */
#include "cli/check.h"

#include "base/machine.h"
#include "base/memory.h"

enum { VIDEO_SECONDS = 5 };

/* The type that most of the numbers have. */
static const char *main_type(const struct weights *file)
{
    int64_t counts[DTYPES] = {0};
    int best = 0;
    for (int i = 0; i < weights_count(file); i++) {
        const struct tensor t = weights_tensor(file, i);
        counts[t.dtype] += tensor_count(&t);
    }
    for (int i = 1; i < DTYPES; i++)
        best = counts[i] > counts[best] ? i : best;
    return dtype_name((enum dtype)best);
}

static void print_parts(const struct parts *parts, const struct wan *wan, FILE *out)
{
    for (enum part i = PART_DIT; i < PARTS; i++) {
        const struct weights *file = parts->file[i];
        if (!file)
            continue;
        fprintf(out, "%-22s  %-11s  %-5s  %8.2f GB  %5d tensors", part_name(i),
                weights_layout(file), main_type(file), (double)weights_bytes(file) / 1e9,
                weights_count(file));
        if (wan && wan_surplus(wan, i) > 0)
            fprintf(out, ", %d of them not read", wan_surplus(wan, i));
        fprintf(out, "  %s\n", parts->path[i]);
    }
    if (parts->tokenizer)
        fprintf(out, "%-22s  %d pieces  %s\n", "tokenizer", tokenizer_size(parts->tokenizer),
                parts->tokenizer_path ? parts->tokenizer_path : "within the text encoder");
    if (parts->n_others)
        fprintf(out, "%d other files of weights\n", parts->n_others);
}

/* A request of the model's own size and length, with an image where it takes none but with one. */
static int print_needs(const struct check_loaded *l, FILE *out, struct error *err)
{
    struct wan *w = l->wan;
    const struct wan_options *s = wan_settings(w);
    struct wan_needs needs;
    struct wan_request q = {.prompt = TEXT("a"), .n_frames = l->settings.n_frames};
    if (!q.n_frames)
        q.n_frames = s->fps * VIDEO_SECONDS / 4 * 4 + 1;
    wan_size(w, 16, 9, &q.width, &q.height);
    if (wan_info(w)->needs_image)
        q.image = (struct tensor){
            .dtype = DTYPE_U8, .n_dims = 3, .shape = {q.height, q.width, 3}, .scale = 1};
    const int code = wan_needs(w, &q, &needs, err);
    if (code < 0)
        return code;
    const double gib = 1 << 30;
    double flops = 0;
    for (size_t i = 0; i < sizeof needs.flops / sizeof *needs.flops; i++)
        flops += needs.flops[i];
    fprintf(out, "kind      %s\n", wan_info(w)->name);
    fprintf(out, "settings  %s, %d steps, shift %g, guidance %g",
            sampler_name((enum sampler_kind)(s->sampler - 1)), s->n_steps, s->shift, s->guidance);
    if (s->boundary > 0)
        fprintf(out, ", %g for high noise from %g on", s->guidance_high, s->boundary);
    fprintf(out, "\nsize      %dx%d, %d frames at %d fps: %.0f TFLOP\n", q.width, q.height,
            q.n_frames, s->fps, flops / 1e12);
    fprintf(
        out,
        "memory    %.1f GiB, and %.1f GiB of weights best in the page cache; %.1f GiB are free\n",
        (double)(needs.arena + needs.beside) / gib, (double)needs.weights / gib,
        (double)machine_memory() / gib);
    return 0;
}

int check_load(struct check_loaded *out, const struct check_request *q, struct error *err)
{
    *out = (struct check_loaded){0};
    int code = wan_settings_read(&out->settings, q->settings, err);
    if (code < 0)
        return code;
    out->settings.places.folder = q->path;
    out->settings.options.unmerged = q->unmerged;
    code = parts_open(&out->parts, &out->settings.places, err);
    if (code == 0)
        code = nn_open(&out->nn, &out->settings.nn, err);
    if (code == 0)
        code = wan_open(&out->wan, &out->parts, &out->settings.options, out->nn, err);
    return code;
}

void check_loaded_fini(struct check_loaded *l)
{
    wan_close(l->wan);
    nn_close(l->nn);
    parts_fini(&l->parts);
    wan_settings_fini(&l->settings);
}

int check_model(const struct check_request *q, FILE *out, struct error *err)
{
    SCOPED(check_loaded) struct check_loaded l;
    struct check_request only = *q;
    only.unmerged = true;
    const int code = check_load(&l, &only, err);
    print_parts(&l.parts, l.wan, out);
    return code < 0 ? code : print_needs(&l, out, err);
}
