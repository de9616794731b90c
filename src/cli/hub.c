/* hub.c - see hub.h. SPDX-License-Identifier: MIT */
#include "cli/hub.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/wan/parts.h"
#include "net/download.h"
#include "net/fetch.h"

enum { LISTING_MAX = 4 << 20, FILES_MAX = 512, URL_MAX = 4096 };

/* Bytes of a file: more than any disk has, and few enough to be added up. */
#define SIZE_MOST (INT64_C(1) << 53)
_Static_assert(SIZE_MOST <= INT64_MAX / FILES_MAX, "or their sum has no number");

const struct hub_set hub_sets[] = {
    {"wan2.1-t2v-1.3b", "Wan-AI/Wan2.1-T2V-1.3B", "text to video, 832x480, the smallest"},
    {"wan2.1-t2v-14b", "Wan-AI/Wan2.1-T2V-14B", "text to video, up to 1280x720"},
    {"wan2.1-i2v-14b-480p", "Wan-AI/Wan2.1-I2V-14B-480P", "image to video, 832x480"},
    {"wan2.1-i2v-14b-720p", "Wan-AI/Wan2.1-I2V-14B-720P", "image to video, 1280x720"},
    {"wan2.2-t2v-a14b", "Wan-AI/Wan2.2-T2V-A14B", "text to video, two experts"},
    {"wan2.2-i2v-a14b", "Wan-AI/Wan2.2-I2V-A14B", "image to video, two experts"},
    {"wan2.2-ti2v-5b", "Wan-AI/Wan2.2-TI2V-5B", "text or image to video, 1280x704 at 24 fps"},
    {NULL, NULL, NULL},
};

/* What the networks read of the publishers' repositories: all else there is documentation,
 * demonstration and the weights of other programs. */
static const char *const wanted[] = {
    "diffusion_pytorch_model*.safetensors*",
    "high_noise_model/*.safetensors*",
    "low_noise_model/*.safetensors*",
    "models_t5_*.pth",
    "models_clip_*.pth",
    "Wan2.?_VAE.pth",
    "google/umt5-xxl/spiece.model",
};

const struct hub_set *hub_find(const char *name)
{
    for (const struct hub_set *s = hub_sets; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

/* One file of the listing; strings belong to it. */
struct entry {
    const char *path;
    const char *sha256; /* NULL: a small one, of which the hub keeps no such digest */
    int64_t size;
};

/* Would a terminal do something else with it than show it? */
static bool has_controls(struct text s)
{
    while (s.len) {
        uint32_t c = text_utf8_next(&s);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            return true;
    }
    return false;
}

/* A path below the folder, and nowhere else: what a hub says is not trusted. */
static bool is_inside(const char *path)
{
    struct text rest = text_of(path);
    if (!rest.len || path[0] == '/' || strchr(path, '\\') || rest.len > 500 || has_controls(rest))
        return false;
    while (rest.len) {
        const struct text part = text_cut(&rest, '/');
        if (!part.len || text_equal(part, TEXT(".")) || text_equal(part, TEXT("..")))
            return false;
    }
    return true;
}

static bool fits(const char *path, const char *pattern)
{
    if (pattern)
        return fnmatch(pattern, path, 0) == 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (fnmatch(wanted[i], path, FNM_PATHNAME) == 0)
            return true;
    return false;
}

static bool is_digest(const char *s)
{
    return s && strlen(s) == 64 && strspn(s, "0123456789abcdefABCDEF") == 64;
}

/* ---- asking the hub ---------------------------------------------------------------------- */

/* A piece of a url: all but what stands for itself, and the characters of keep, as %XX. */
static void add_escaped(struct text_buf *url, const char *s, const char *keep)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    for (; *s; s++)
        text_buf_printf(url, strchr(plain, *s) || strchr(keep, *s) ? "%c" : "%%%02X",
                        (unsigned char)*s);
}

/* ADDRESS PREFIX OWNER/REPOSITORY /VERB/ REVISION; a revision may have a '/' ("refs/pr/1") that is
 * no step of the path. NULL: too long. */
static char *url_of(const struct hub_pull *p, const char *prefix, const char *verb,
                    const char *path, const char *query)
{
    SCOPED(text_buf) struct text_buf url;
    text_buf_init(&url, URL_MAX);
    text_buf_printf(&url, "%s%s", p->address, prefix);
    add_escaped(&url, p->repository, "/");
    text_buf_add_text(&url, verb);
    add_escaped(&url, p->revision, "");
    add_escaped(&url, path, "/");
    text_buf_add_text(&url, query);
    return url.failed ? NULL : text_buf_take(&url);
}

static int check_request(const struct hub_pull *p, struct error *err)
{
    if (!download_takes(p->address))
        return error_set(err, ERR_INVALID, "hub is %.100s, must be https", p->address);
    for (const char *t = p->token; t && *t; t++)
        if (*t <= ' ' || *t > '~')
            return error_set(err, ERR_INVALID, "the access token has a character that none has");
    return 0;
}

/* The hub answers in pages of a thousand; none of the repositories that these patterns are for
 * has more files than that. */
static int list_files(const struct hub_pull *p, json_t **out, struct error *err)
{
    SCOPED(mem) char *url = url_of(p, "/api/models/", "/tree/", "", "?recursive=true");
    SCOPED(text_buf) struct text_buf body = {0};
    struct fetch_limits limits = fetch_limits_default();
    limits.bytes = LISTING_MAX;
    limits.allow = "0.0.0.0/0 ::/0"; /* the owner named the hub; a mirror may be next door */
    limits.cancelled = p->cancelled;
    limits.cancelled_arg = p->arg;
    limits.token = p->token;
    const int code = url ? fetch_get(url, &limits, &body, err)
                         : error_set(err, ERR_INVALID, "its name is too long");
    if (code < 0)
        return error_prefix(err, "the list of %s", p->repository);
    json_error_t where;
    *out = json_loadb(body.at ? body.at : "", body.len, 0, &where);
    if (!json_is_array(*out))
        return error_set(err, ERR_CORRUPT, "the list of %s is no JSON array", p->repository);
    return 0;
}

/* The files of the listing that are wanted: how many, or an error. */
static int choose(const struct hub_pull *p, const json_t *list, struct entry *out,
                  struct error *err)
{
    int n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i), *lfs = json_object_get(row, "lfs");
        const char *type = json_string_value(json_object_get(row, "type"));
        const char *path = json_string_value(json_object_get(row, "path"));
        const json_t *size = json_object_get(lfs ? lfs : row, "size");
        const char *oid = json_string_value(json_object_get(lfs, "oid"));
        if (!type || strcmp(type, "file") != 0 || !path || !fits(path, p->pattern))
            continue;
        if (!is_inside(path) || !json_is_integer(size) || json_integer_value(size) < 0 ||
            json_integer_value(size) > SIZE_MOST)
            return error_set(err, ERR_CORRUPT,
                             "the list of %s has a file \"%.100s\" that cannot "
                             "be",
                             p->repository, path);
        if (n == FILES_MAX)
            return error_set(err, ERR_INVALID, "more than %d files fit", FILES_MAX);
        out[n++] = (struct entry){
            .path = path, .sha256 = is_digest(oid) ? oid : NULL, .size = json_integer_value(size)};
    }
    if (n == 0)
        return error_set(err, ERR_NOT_FOUND, "no file of %s fits%s%s", p->repository,
                         p->pattern ? " " : "", p->pattern ? p->pattern : "");
    return n;
}

/* ---- what is there ----------------------------------------------------------------------- */

static int64_t size_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static bool is_there(const struct hub_pull *p, const struct entry *e)
{
    SCOPED(mem) char *path = mem_printf("%s/%s", p->folder, e->path);
    return access(path, F_OK) == 0 && size_there(path) == e->size;
}

/* Bytes that are still to come. */
static int64_t missing(const struct hub_pull *p, const struct entry *e)
{
    SCOPED(mem) char *part = mem_printf("%s/%s.part", p->folder, e->path);
    const int64_t there = is_there(p, e) ? e->size : size_there(part);
    return there < e->size ? e->size - there : 0;
}

static int check_room(const struct hub_pull *p, int64_t bytes, struct error *err)
{
    struct statvfs fs;
    if (statvfs(p->folder, &fs) < 0)
        return 0; /* the first write will tell */
    const double room = (double)fs.f_bavail * (double)fs.f_frsize;
    if ((double)bytes <= room)
        return 0;
    return error_set(err, ERR_BUSY, "%.1f GB are to come, %s has room for %.1f GB",
                     (double)bytes / 1e9, p->folder, room / 1e9);
}

/* ---- one file after the other ------------------------------------------------------------ */

struct one {
    const struct hub_pull *pull;
    const struct entry *entry;
};

static void on_progress(void *arg, int64_t done, int64_t size)
{
    const struct one *o = arg;
    o->pull->progress(o->pull->arg, o->entry->path, done, size);
}

static bool on_cancelled(void *arg)
{
    const struct one *o = arg;
    return o->pull->cancelled(o->pull->arg);
}

static int pull_one(const struct hub_pull *p, const struct entry *e, struct error *err)
{
    SCOPED(mem) char *path = mem_printf("%s/%s", p->folder, e->path);
    SCOPED(mem) char *folder = mem_dup_n(path, (size_t)(strrchr(path, '/') - path));
    SCOPED(mem) char *below = mem_printf("/%s", e->path);
    SCOPED(mem) char *url = url_of(p, "/", "/resolve/", below, "");
    if (!url)
        return error_set(err, ERR_INVALID, "the address of %.100s is too long", e->path);
    struct one one = {.pull = p, .entry = e};
    const struct download d = {
        .url = url,
        .path = path,
        .sha256 = e->sha256,
        .size = e->size,
        .token = p->token,
        .arg = &one,
        .progress = on_progress,
        .cancelled = on_cancelled,
    };
    const int code = file_make_folders(folder, 0755, err);
    return code < 0 ? code : download_file(&d, err);
}

/* All that are not there, with the mark beside them until the last has come. */
static int pull_missing(const struct hub_pull *p, const struct entry *entries, int n,
                        struct error *err)
{
    SCOPED(mem) char *mark = mem_printf("%s/%s", p->folder, PARTS_UNFINISHED);
    SCOPED(mem) char *words = mem_printf("files of %s are to come\n", p->repository);
    int code = file_write(mark, text_of(words), 0644, err);
    for (int i = 0; i < n && code == 0; i++)
        code = pull_one(p, &entries[i], err);
    if (code == 0 && unlink(mark) < 0)
        code = error_errno(err, errno, "remove %s", mark);
    return code;
}

static int pull_all(const struct hub_pull *p, const struct entry *entries, int n, struct error *err)
{
    int64_t bytes = 0;
    int code = file_make_folders(p->folder, 0755, err);
    bool whole = parts_are_whole(p->folder);
    for (int i = 0; i < n; i++) {
        bytes += missing(p, &entries[i]);
        whole = whole && is_there(p, &entries[i]);
    }
    if (code == 0)
        code = check_room(p, bytes, err);
    if (code < 0)
        return code;
    p->plan(p->arg, n, bytes);
    return whole ? 0 : pull_missing(p, entries, n, err);
}

int hub_pull(const struct hub_pull *p, struct error *err)
{
    json_t *list = NULL;
    SCOPED(mem) struct entry *entries = mem_alloc(FILES_MAX * sizeof *entries);
    int code = check_request(p, err);
    if (code == 0)
        code = list_files(p, &list, err);
    if (code == 0)
        code = choose(p, list, entries, err);
    if (code > 0)
        code = pull_all(p, entries, code, err);
    json_decref(list);
    return code;
}
