/* weights_open.c - from a path to its files: one, or the shards that an index names.
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "nn/weights_impl.h"

enum { MOST_INDEX = 8 << 20 };

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool ends(const char *name, const char *with)
{
    const size_t n = strlen(name), m = strlen(with);
    return n > m && strcmp(name + n - m, with) == 0;
}

static int map_file(const char *path, struct weights_file *out, struct error *err)
{
    SCOPED(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, errno, "open %s", path);
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return error_set(err, ERR_CORRUPT, "%s is empty or no file", path);
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return error_errno(err, errno, "map %s", path);
    *out = (struct weights_file){.bytes = {.at = at, .len = (size_t)st.st_size}, .mapped = true};
    return 0;
}

static int read_path(struct weights *w, const char *path, struct error *err)
{
    struct weights_file f = {0};
    if (map_file(path, &f, err) < 0)
        return err->code;
    if (weights_read(w, f, err) < 0)
        return error_prefix(err, "%.100s", base_name(path));
    return 0;
}

/* ---- an index of shards ------------------------------------------------------------------ */

/* {"weight_map": {NAME: FILE, ..}, ..}, the files beside the index. */
struct index {
    const char *path;
    json_t *map;                             /* a view */
    const char *shards[WEIGHTS_MOST_SHARDS]; /* views */
    int n_shards;
};

static int shard_of(struct index *x, const char *name, const char *shard, struct error *err)
{
    for (int i = 0; i < x->n_shards; i++)
        if (strcmp(x->shards[i], shard) == 0)
            return i;
    if (shard[0] == '.' || shard[0] == '\0' || strchr(shard, '/'))
        return error_set(err, ERR_CORRUPT, "%.100s is said to be in %.60s, which is no file's name",
                         name, shard);
    if (x->n_shards == WEIGHTS_MOST_SHARDS)
        return error_set(err, ERR_CORRUPT, "there are more than %d shards", WEIGHTS_MOST_SHARDS);
    x->shards[x->n_shards] = shard;
    return x->n_shards++;
}

static int list_shards(struct index *x, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(x->map, name, value)
    {
        if (!json_is_string(value))
            return error_set(err, ERR_CORRUPT, "%.100s is in no shard", name);
        if (shard_of(x, name, json_string_value(value), err) < 0)
            return err->code;
    }
    if (x->n_shards == 0)
        return error_set(err, ERR_CORRUPT, "the index names no tensors");
    return 0;
}

static int read_shards(struct weights *w, const struct index *x, struct error *err)
{
    const int folder = (int)(base_name(x->path) - x->path);
    for (int i = 0; i < x->n_shards; i++) {
        SCOPED(mem) char *path = mem_printf("%.*s%s", folder, x->path, x->shards[i]);
        if (read_path(w, path, err) < 0)
            return err->code;
    }
    return 0;
}

/* Each tensor that the index names is in the shard that it names. */
static int check_index(const struct weights *w, struct index *x, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(x->map, name, value)
    {
        const struct weights_slot *found = weights_slot_find(w, name);
        if (!found || strcmp(x->shards[found->file], json_string_value(value)) != 0)
            return error_set(err, ERR_CORRUPT, "%.100s is not in %.60s", name,
                             json_string_value(value));
    }
    return 0;
}

static int open_shards(struct weights **out, const char *path, json_t *json, struct error *err)
{
    struct index x = {.path = path, .map = json_object_get(json, "weight_map")};
    if (!json_is_object(x.map))
        return error_set(err, ERR_CORRUPT, "it has no weight_map");
    if (list_shards(&x, err) < 0)
        return err->code;
    SCOPED(weights) struct weights *w = weights_new(x.n_shards);
    if (!w)
        return error_set(err, ERR_MEMORY, "no memory for %d shards", x.n_shards);
    if (read_shards(w, &x, err) < 0 || weights_sort(w, err) < 0 || check_index(w, &x, err) < 0 ||
        weights_settle(w, err) < 0)
        return err->code;
    *out = TAKE(w);
    return 0;
}

static int open_index(struct weights **out, const char *path, struct error *err)
{
    SCOPED(text_buf) struct text_buf bytes = {0};
    if (file_read(path, MOST_INDEX, &bytes, err) < 0)
        return err->code;
    json_error_t why;
    json_t *json = json_loadb(bytes.at ? bytes.at : "", bytes.len, JSON_REJECT_DUPLICATES, &why);
    int rc = json ? open_shards(out, path, json, err)
                  : error_set(err, ERR_CORRUPT, "it is no JSON: %.100s", why.text);
    json_decref(json);
    return rc < 0 ? error_prefix(err, "%.100s", base_name(path)) : 0;
}

/* ---- a file or a folder ------------------------------------------------------------------ */

static int open_file(struct weights **out, const char *path, struct error *err)
{
    SCOPED(weights) struct weights *w = weights_new(1);
    if (!w)
        return error_set(err, ERR_MEMORY, "no memory for %s", path);
    if (read_path(w, path, err) < 0)
        return err->code;
    if (weights_sort(w, err) < 0 || weights_settle(w, err) < 0)
        return error_prefix(err, "%.100s", base_name(path));
    *out = TAKE(w);
    return 0;
}

int weights_open_bytes(struct weights **out, struct text bytes, struct error *err)
{
    SCOPED(weights) struct weights *w = weights_new(1);
    if (!w)
        return error_set(err, ERR_MEMORY, "no memory for weights");
    if (weights_read(w, (struct weights_file){.bytes = bytes}, err) < 0 ||
        weights_sort(w, err) < 0 || weights_settle(w, err) < 0)
        return err->code;
    *out = TAKE(w);
    return 0;
}

/* What a folder may hold, in the order of preference. */
static const char *const endings[] = {".index.json", ".safetensors", ".gguf",
                                      ".pth",        ".pt",          ".bin"};
enum { ENDINGS = sizeof endings / sizeof *endings };

struct listing {
    char *first[ENDINGS]; /* a file with this ending; the caller frees */
    int n[ENDINGS];
};

static int list_folder(const char *path, struct listing *list, struct error *err)
{
    DIR *folder = opendir(path);
    if (!folder)
        return error_errno(err, errno, "open %s", path);
    for (const struct dirent *e = readdir(folder); e; e = readdir(folder))
        for (int i = 0; i < ENDINGS; i++)
            if (e->d_name[0] != '.' && ends(e->d_name, endings[i]) && list->n[i]++ == 0)
                list->first[i] = mem_printf("%s/%s", path, e->d_name);
    closedir(folder);
    return 0;
}

static int open_listed(struct weights **out, const char *path, const struct listing *list,
                       struct error *err)
{
    for (int i = 0; i < ENDINGS; i++) {
        if (list->n[i] > 1)
            return error_set(err, ERR_INVALID, "%s holds %d files *%s: name one of them", path,
                             list->n[i], endings[i]);
        if (list->n[i] == 1)
            return i == 0 ? open_index(out, list->first[i], err)
                          : open_file(out, list->first[i], err);
    }
    return error_set(err, ERR_NOT_FOUND, "%s holds no weights", path);
}

static int open_folder(struct weights **out, const char *path, struct error *err)
{
    struct listing list = {0};
    int rc = list_folder(path, &list, err);
    if (rc == 0)
        rc = open_listed(out, path, &list, err);
    for (int i = 0; i < ENDINGS; i++)
        mem_free(list.first[i]);
    return rc;
}

int weights_open(struct weights **out, const char *path, struct error *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return error_errno(err, errno, "open %s", path);
    if (S_ISDIR(st.st_mode))
        return open_folder(out, path, err);
    return ends(path, ".json") ? open_index(out, path, err) : open_file(out, path, err);
}
