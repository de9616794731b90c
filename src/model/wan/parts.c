/* parts.c - see parts.h. SPDX-License-Identifier: MIT */
#include "model/wan/parts.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/wan/names.h"
#include "model/wan/vae.h"

enum { DEPTH_MAX = 3, FILES_MAX = 256, TOKENIZER_MAX = 32 << 20 };

const char *part_name(enum part p)
{
    static const char *const names[PARTS] = {
        [PART_DIT] = "transformer",   [PART_DIT_HIGH] = "high-noise transformer",
        [PART_TEXT] = "text encoder", [PART_CLIP] = "image encoder",
        [PART_VAE] = "VAE",
    };
    return names[p];
}

/* ---- which files there are --------------------------------------------------------------- */

/* The files of weights below a folder, sorted: what is found must not depend on the disk. */
struct listing {
    int n;
    char *path[FILES_MAX];
    char *tokenizer;
};

static void listing_fini(struct listing *l)
{
    for (int i = 0; i < l->n; i++)
        mem_free(l->path[i]);
    mem_free(l->tokenizer);
}
SCOPED_FINI(listing)

static bool ends(const char *s, const char *ending)
{
    const size_t n = strlen(s), m = strlen(ending);
    return n >= m && strcmp(s + n - m, ending) == 0;
}

/* One of several: its index file stands for all of them. */
static bool is_shard(const char *path)
{
    const char *of = strstr(path, "-of-");
    return of && ends(path, ".safetensors") && strlen(of) == strlen("-of-00001.safetensors");
}

/* That of umt5 goes before others, of several the first by name: the image encoder's repository
 * has one for another language model, whose pieces have other numbers. */
static void add_tokenizer(struct listing *l, const char *path)
{
    const char *other = l->tokenizer;
    if (!ends(path, ".model") || ends(path, ".bpe.model"))
        return;
    const bool is = ends(path, "spiece.model"), was = other && ends(other, "spiece.model");
    if (other && (is < was || (is == was && strcmp(path, other) > 0)))
        return;
    mem_free(l->tokenizer);
    l->tokenizer = mem_dup(path);
}

static void add_file(struct listing *l, const char *path)
{
    add_tokenizer(l, path);
    const bool weights = (ends(path, ".safetensors") && !is_shard(path)) ||
                         ends(path, ".safetensors.index.json") || ends(path, ".gguf") ||
                         ends(path, ".pth") || ends(path, ".pt");
    if (weights && l->n < FILES_MAX)
        l->path[l->n++] = mem_dup(path);
}

static void add_folder(struct listing *l, const char *folder, int depth)
{
    DIR *dir = opendir(folder);
    for (struct dirent *d = dir ? readdir(dir) : NULL; d; d = readdir(dir)) {
        struct stat st;
        if (d->d_name[0] == '.')
            continue;
        SCOPED(mem) char *path = mem_printf("%s/%s", folder, d->d_name);
        if (stat(path, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth > 1)
            add_folder(l, path, depth - 1);
        else if (S_ISREG(st.st_mode))
            add_file(l, path);
    }
    if (dir)
        closedir(dir);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_folder(struct listing *l, const char *folder, struct error *err)
{
    struct stat st;
    if (stat(folder, &st) < 0)
        return error_set(err, ERR_NOT_FOUND, "there is nothing at %s", folder);
    if (S_ISDIR(st.st_mode))
        add_folder(l, folder, DEPTH_MAX);
    else
        l->path[l->n++] = mem_dup(folder);
    qsort(l->path, (size_t)l->n, sizeof *l->path, compare_paths);
    return 0;
}

/* ---- what they are ----------------------------------------------------------------------- */

static bool has_component(const struct weights *file, const struct names_component *c)
{
    struct names names;
    struct error ignored;
    return names_open(&names, file, c, &ignored) == 0;
}

/* diffusers' names of 2.2 are those of other programs' autoencoders, too: what has them must fit as
 * a whole. The other names are Wan's own: a damaged file is told as what it is. */
static bool is_vae(const struct weights *file)
{
    SCOPED(vae) struct vae *vae = NULL;
    struct names names;
    struct error ignored;
    if (names_open(&names, file, &names_vae22, &ignored) < 0)
        return has_component(file, &names_vae21);
    return !names.layout->rows || vae_take(&vae, &names, &ignored) == 0;
}

/* PARTS: none of them. */
static enum part part_of(const struct weights *file)
{
    if (has_component(file, &names_dit))
        return PART_DIT;
    if (has_component(file, &names_umt5))
        return PART_TEXT;
    if (has_component(file, &names_clip))
        return PART_CLIP;
    return is_vae(file) ? PART_VAE : PARTS;
}

static void take(struct parts *p, enum part part, const char *path, struct weights *file)
{
    p->path[part] = mem_dup(path);
    p->file[part] = file;
}

/* What tells two paths apart: the rest of a behind the folders that both have. */
static const char *own_part(const char *a, const char *b)
{
    const char *own = a;
    for (; *a && *a == *b; a++, b++)
        if (*a == '/')
            own = a + 1;
    return own;
}

/* "high_noise_model/", "HighNoise", "_HIGH_": all publishers have the word. */
static bool says_high(const char *path, const char *other)
{
    return strcasestr(own_part(path, other), "high") != NULL;
}

/* A second transformer: which of the two is the expert for high noise? diffusers calls it
 * "transformer" and the other "transformer_2". */
static bool add_expert(struct parts *p, const char *path, struct weights *file)
{
    const char *other = p->path[PART_DIT];
    const bool high = says_high(path, other) || strstr(other, "transformer_2/");
    const bool was_high = says_high(other, path) || strstr(path, "transformer_2/");
    if (p->path[PART_DIT_HIGH] || high == was_high)
        return false;
    if (high) {
        take(p, PART_DIT_HIGH, path, file);
        return true;
    }
    p->path[PART_DIT_HIGH] = p->path[PART_DIT];
    p->file[PART_DIT_HIGH] = p->file[PART_DIT];
    take(p, PART_DIT, path, file);
    return true;
}

static bool is_given(const struct parts_places *places, enum part part)
{
    return places->given[part] || (part == PART_DIT && places->given[PART_DIT_HIGH]);
}

/* A file that the folder has; what was given goes before it. */
static int add(struct parts *p, const struct parts_places *places, const char *path,
               struct error *err)
{
    SCOPED(weights) struct weights *file = NULL;
    const int code = weights_open(&file, path, err);
    if (code < 0)
        return code;
    const enum part part = part_of(file);
    if (part == PARTS)
        p->n_others++;
    if (part == PARTS || is_given(places, part))
        return 0;
    if (!p->path[part]) {
        take(p, part, path, TAKE(file));
        return 0;
    }
    if (part == PART_DIT && add_expert(p, path, file)) {
        (void)TAKE(file);
        return 0;
    }
    return error_set(err, ERR_INVALID, "two files for the %s: %s and %s", part_name(part),
                     p->path[part], path);
}

static int add_given(struct parts *p, enum part part, const char *path, struct error *err)
{
    SCOPED(weights) struct weights *file = NULL;
    const int code = weights_open(&file, path, err);
    if (code < 0)
        return code;
    const enum part is = part_of(file);
    const enum part want = part == PART_DIT_HIGH ? PART_DIT : part;
    if (is != want)
        return error_set(err, ERR_INVALID, "%s is given as the %s and has %s%s", path,
                         part_name(part), is == PARTS ? "none of its tensors" : "those of the ",
                         is == PARTS ? "" : part_name(is));
    take(p, part, path, TAKE(file));
    return 0;
}

static int open_tokenizer(struct parts *p, const char *path, struct error *err)
{
    if (path) {
        SCOPED(text_buf) struct text_buf bytes;
        text_buf_init(&bytes, TOKENIZER_MAX);
        const int code = file_read(path, TOKENIZER_MAX, &bytes, err);
        if (code < 0)
            return code;
        p->tokenizer_path = mem_dup(path);
        return tokenizer_open(&p->tokenizer, (struct text){bytes.at, bytes.len}, err);
    }
    if (!p->file[PART_TEXT])
        return 0;
    const int code = tokenizer_open_weights(&p->tokenizer, p->file[PART_TEXT], err);
    return code == ERR_NOT_FOUND ? 0 : code;
}

bool parts_are_whole(const char *folder)
{
    SCOPED(mem) char *mark = mem_printf("%s/%s", folder, PARTS_UNFINISHED);
    return access(mark, F_OK) != 0;
}

int parts_open(struct parts *out, const struct parts_places *places, struct error *err)
{
    SCOPED(listing) struct listing listing = {0};
    *out = (struct parts){0};
    int code = 0;
    for (enum part i = PART_DIT; i < PARTS && code == 0; i++)
        if (places->given[i])
            code = add_given(out, i, places->given[i], err);
    if (code == 0 && places->folder)
        code = list_folder(&listing, places->folder, err);
    for (int i = 0; i < listing.n && code == 0; i++)
        code = add(out, places, listing.path[i], err);
    if (code == 0)
        code = open_tokenizer(out, places->tokenizer ? places->tokenizer : listing.tokenizer, err);
    if (code == 0 && places->folder && !parts_are_whole(places->folder))
        return error_set(err, ERR_NOT_FOUND, "more files are to come");
    return code;
}

void parts_fini(struct parts *p)
{
    for (int i = 0; i < PARTS; i++) {
        mem_free(p->path[i]);
        weights_close(p->file[i]);
    }
    mem_free(p->tokenizer_path);
    tokenizer_close(p->tokenizer);
    *p = (struct parts){0};
}
