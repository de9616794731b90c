/* wan_settings.c - see wan_settings.h. SPDX-License-Identifier: MIT */
#include "engine/wan_settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/wan/vae.h"

struct row;
typedef int setter(struct wan_settings *s, const struct row *row, char *value, struct error *err);

/* The one list of settings. */
struct row {
    const char *name;
    setter *set;
    size_t offset;
    double least, most;
};

static int bad(const struct row *row, const char *value, const char *rule, struct error *err)
{
    return error_set(err, ERR_INVALID, "%s is \"%.60s\", %s", row->name, value, rule);
}

static bool real(const char *value, double *out)
{
    char *end;
    const double x = strtod(value, &end);
    if (end == value || *end != '\0' || x != x)
        return false;
    *out = x;
    return true;
}

static int out_of_range(const struct row *row, const char *value, struct error *err)
{
    char rule[80];
    snprintf(rule, sizeof rule, "must be %g to %g", row->least, row->most);
    return bad(row, value, rule, err);
}

static int set_real(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    double *at = (double *)(void *)((char *)s + row->offset);
    if (!real(value, at) || *at < row->least || *at > row->most)
        return out_of_range(row, value, err);
    return 0;
}

static int set_int(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    int64_t n;
    if (!text_int(text_of(value), (int64_t)row->least, (int64_t)row->most, &n))
        return out_of_range(row, value, err);
    *(int *)(void *)((char *)s + row->offset) = (int)n;
    return 0;
}

static int set_text(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    (void)err;
    *(const char **)(void *)((char *)s + row->offset) = value;
    return 0;
}

static int set_path(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    return *value ? set_text(s, row, value, err) : bad(row, value, "must be a file or folder", err);
}

static int set_sampler(struct wan_settings *s, const struct row *row, char *value,
                       struct error *err)
{
    enum sampler_kind kind;
    (void)row;
    if (sampler_find(value, &kind, err) < 0)
        return err->code;
    s->options.sampler = (int)kind + 1;
    return 0;
}

/* "832x480": the area counts; the aspect is the film's. */
static int set_size(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    struct text rest = text_of(value);
    const struct text width = text_cut(&rest, 'x');
    int64_t w, h;
    if (!text_int(width, 16, 8192, &w) || !text_int(rest, 16, 8192, &h))
        return bad(row, value, "must be WIDTHxHEIGHT in px, 16 to 8192 each", err);
    s->options.area = w * h;
    return 0;
}

static int set_frames(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    const int code = set_int(s, row, value, err);
    if (code == 0 && s->n_frames % 4 != 1)
        return bad(row, value, "must be a multiple of 4 and one", err);
    return code;
}

static int set_times(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    struct text rest = text_of(value);
    s->options.n_times = 0;
    while (rest.len) {
        const struct text word = text_trim(text_cut(&rest, ' '));
        int64_t t;
        if (!word.len)
            continue;
        const int n = s->options.n_times;
        if (n == WAN_MOST_TIMES || !text_int(word, 1, 1000, &t) ||
            (n > 0 && t >= s->options.times[n - 1]))
            return bad(row, value, "must be at most 16 falling numbers of 1 to 1000", err);
        s->options.times[s->options.n_times++] = (int)t;
    }
    return 0;
}

/* "FILE" or "FILE STRENGTH"; the row's offset is the expert. */
static int set_lora(struct wan_settings *s, const struct row *row, char *value, struct error *err)
{
    struct wan_options *o = &s->options;
    char *blank = strrchr(value, ' ');
    double strength = 1;
    if (blank && real(blank + 1, &strength))
        *blank = '\0';
    if (!*value)
        return bad(row, value, "must be FILE or FILE STRENGTH", err);
    if (strength < row->least || strength > row->most)
        return out_of_range(row, blank + 1, err);
    if (o->n_loras == WAN_MOST_LORAS)
        return bad(row, value, "is one too many", err);
    o->loras[o->n_loras++] = (struct wan_lora){
        .path = value, .strength = (float)strength, .expert = (enum wan_expert)row->offset};
    return 0;
}

static int set_precision(struct wan_settings *s, const struct row *row, char *value,
                         struct error *err)
{
    if (strcmp(value, "f32") != 0 && strcmp(value, "bf16") != 0)
        return bad(row, value, "must be f32 or bf16", err);
    s->nn.precision = value[0] == 'f' ? NN_F32 : NN_BF16;
    return 0;
}

#define AT(member) offsetof(struct wan_settings, member)

static const struct row rows[] = {
    {"steps", set_int, AT(options.n_steps), 1, 1000},
    {"sampler", set_sampler, 0, 0, 0},
    {"shift", set_real, AT(options.shift), 0.01, 100},
    {"guidance", set_real, AT(options.guidance), 0.01, 100},
    {"guidance-high", set_real, AT(options.guidance_high), 0.01, 100},
    {"boundary", set_real, AT(options.boundary), 0.01, 1},
    {"times", set_times, 0, 0, 0},
    {"negative", set_text, AT(options.negative), 0, 0},
    {"size", set_size, 0, 0, 0},
    {"rate", set_int, AT(options.fps), 1, 120},
    {"length", set_frames, AT(n_frames), 1, 100001},
    {"tile", set_int, AT(options.tile), VAE_LEAST_TILE, 4096},
    {"lora", set_lora, WAN_EXPERT_ANY, -100, 100},
    {"lora-low", set_lora, WAN_EXPERT_LOW, -100, 100},
    {"lora-high", set_lora, WAN_EXPERT_HIGH, -100, 100},
    {"precision", set_precision, 0, 0, 0},
    {"threads", set_int, AT(nn.n_threads), 1, 1024},
    {"transformer", set_path, AT(places.given[PART_DIT]), 0, 0},
    {"high-noise", set_path, AT(places.given[PART_DIT_HIGH]), 0, 0},
    {"text-encoder", set_path, AT(places.given[PART_TEXT]), 0, 0},
    {"image-encoder", set_path, AT(places.given[PART_CLIP]), 0, 0},
    {"vae", set_path, AT(places.given[PART_VAE]), 0, 0},
    {"tokenizer", set_path, AT(places.tokenizer), 0, 0},
};

static int set(struct wan_settings *s, char *name, char *value, struct error *err)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].set(s, &rows[i], value, err);
    return error_set(err, ERR_INVALID, "there is no setting \"%.40s\"", name);
}

/* Cut white space off both ends, in place. */
static char *trim(char *s)
{
    const struct text t = text_trim(text_of(s));
    char *at = s + (t.at - s);
    at[t.len] = '\0';
    return at;
}

static int read_part(struct wan_settings *s, char *part, struct error *err)
{
    char *line = trim(part), *equals = strchr(line, '=');
    if (!*line || *line == '#')
        return 0;
    if (!equals)
        return error_set(err, ERR_INVALID, "\"%.60s\" is no \"name = value\"", line);
    *equals = '\0';
    return set(s, trim(line), trim(equals + 1), err);
}

/* What one setting alone does not show. */
static int check(const struct wan_options *o, struct error *err)
{
    if (o->n_times && o->sampler != SAMPLER_DISTILLED + 1)
        return error_set(err, ERR_INVALID, "times are read by the sampler distilled alone");
    if (o->n_times && o->n_steps && o->n_steps != o->n_times)
        return error_set(err, ERR_INVALID, "steps is %d, must be as many as the %d times",
                         o->n_steps, o->n_times);
    return 0;
}

int wan_settings_read(struct wan_settings *out, const char *text, struct error *err)
{
    *out = (struct wan_settings){.nn.precision = NN_BF16};
    out->strings = mem_dup(text);
    int code = 0;
    for (char *at = out->strings, *next; at && code == 0; at = next) {
        next = strpbrk(at, ";\n");
        if (next)
            *next++ = '\0';
        code = read_part(out, at, err);
    }
    return code < 0 ? code : check(&out->options, err);
}

void wan_settings_fini(struct wan_settings *s)
{
    mem_free(s->strings);
}
