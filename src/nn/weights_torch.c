/* weights_torch.c - the reader of torch's zip files: ARCHIVE/data.pkl says which tensors there
 * are, ARCHIVE/data/KEY is a storage. SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/memory.h"
#include "nn/weights_impl.h"
#include "nn/weights_pickle.h"
#include "nn/weights_zip.h"

struct torch {
    struct weights *w;
    struct text file;
    struct weights_zip zip;
    struct weights_pickle pickle;
    struct text folder; /* "ARCHIVE/", or nothing */
};

static void torch_fini(struct torch *t)
{
    weights_zip_fini(&t->zip);
    weights_pickle_fini(&t->pickle);
}

static int name_len(struct text name)
{
    return name.len < 100 ? (int)name.len : 100;
}

/* The one data.pkl at the top or one folder down. */
static int find_pickle(struct torch *t, struct text *out, struct error *err)
{
    static const struct text wanted = {.at = "data.pkl", .len = 8};
    int n = 0;
    for (size_t i = 0; i < t->zip.n; i++) {
        const struct text name = t->zip.entries[i].name;
        const char *slash = memchr(name.at, '/', name.len);
        const size_t folder = slash ? (size_t)(slash - name.at) + 1 : 0;
        const struct text rest = {.at = name.at + folder, .len = name.len - folder};
        if (!text_equal(rest, wanted))
            continue;
        t->folder = (struct text){.at = name.at, .len = folder};
        *out = t->zip.entries[i].bytes;
        n++;
    }
    if (n != 1)
        return error_set(err, ERR_CORRUPT, "the zip has %d pickles data.pkl, must have one", n);
    return 0;
}

/* The entry FOLDER + middle + key; NULL when there is none. */
static const struct weights_zip_entry *find_entry(const struct torch *t, const char *middle,
                                                  struct text key)
{
    char name[512];
    const size_t n = strlen(middle);
    if (t->folder.len + n + key.len > sizeof name)
        return NULL;
    memcpy(name, t->folder.at, t->folder.len);
    memcpy(name + t->folder.len, middle, n);
    memcpy(name + t->folder.len + n, key.at, key.len);
    return weights_zip_find(&t->zip, (struct text){.at = name, .len = t->folder.len + n + key.len});
}

/* The numbers of tuple i into out, at most TENSOR_MOST_DIMS; how many there are, or -1 when one
 * is none. */
static int64_t numbers_of(const struct weights_pickle *p, size_t i, int64_t *out)
{
    const struct weights_pickle_tuple *t = (const struct weights_pickle_tuple *)p->tuples.at + i;
    const struct weights_pickle_value *v = (const struct weights_pickle_value *)p->values.at +
                                           t->first;
    for (size_t j = 0; j < t->n && j < TENSOR_MOST_DIMS; j++) {
        if (v[j].kind != PICKLE_INT)
            return -1;
        out[j] = v[j].number;
    }
    return (int64_t)t->n;
}

/* Each axis steps over all of the axes behind it; the step of an axis of one is of no account. */
static bool is_contiguous(const struct weights_found *found, const int64_t *stride)
{
    int64_t step = 1;
    for (int i = found->n_dims - 1; i >= 0; i--) {
        if (found->shape[i] != 1 && stride[i] != step)
            return false;
        step *= found->shape[i];
    }
    return true;
}

static int read_shape(const struct torch *t, const struct weights_pickle_tensor *tensor,
                      struct weights_found *found, struct error *err)
{
    int64_t stride[TENSOR_MOST_DIMS];
    const int64_t n = numbers_of(&t->pickle, tensor->shape, found->shape);
    if (n < 0 || n > TENSOR_MOST_DIMS || numbers_of(&t->pickle, tensor->stride, stride) != n)
        return error_set(err, ERR_CORRUPT, "%.*s has no shape of at most %d axes",
                         name_len(found->name), found->name.at, TENSOR_MOST_DIMS);
    uint64_t count, bytes;
    found->n_dims = (int)n;
    if (weights_measure(found, &count, &bytes, err) < 0)
        return err->code;
    if (count && !is_contiguous(found, stride))
        return error_set(err, ERR_CORRUPT,
                         "%.*s is not contiguous: save it again after .contiguous()",
                         name_len(found->name), found->name.at);
    return 0;
}

static int read_tensor(const struct torch *t, struct text name,
                       const struct weights_pickle_tensor *tensor, struct error *err)
{
    const struct weights_pickle_storage *storage =
        (const struct weights_pickle_storage *)t->pickle.storages.at + tensor->storage;
    struct weights_found found = {.name = name, .dtype = storage->dtype};
    uint64_t count, bytes;
    if (read_shape(t, tensor, &found, err) < 0 || weights_measure(&found, &count, &bytes, err) < 0)
        return err->code;
    const struct weights_zip_entry *entry = find_entry(t, "data/", storage->key);
    const uint64_t size = dtype_block_bytes(found.dtype);
    if (!entry || (uint64_t)storage->count > entry->bytes.len / size)
        return error_set(err, ERR_CORRUPT, "%.*s needs the storage %.*s, which is short or missing",
                         name_len(name), name.at, name_len(storage->key), storage->key.at);
    if (tensor->offset < 0 || tensor->offset > storage->count ||
        count > (uint64_t)(storage->count - tensor->offset))
        return error_set(err, ERR_CORRUPT,
                         "%.*s has %llu numbers from %lld on of a storage of %lld", name_len(name),
                         name.at, (unsigned long long)count, (long long)tensor->offset,
                         (long long)storage->count);
    found.begin = (uint64_t)(entry->bytes.at - t->file.at) + (uint64_t)tensor->offset * size;
    found.end = found.begin + bytes;
    return weights_add(t->w, &found, err);
}

/* Item i of all when it belongs to this dictionary. */
static const struct weights_pickle_item *item_of(const struct weights_pickle *p, size_t i,
                                                 size_t dict)
{
    const struct weights_pickle_item *item = (const struct weights_pickle_item *)p->items.at + i;
    return item->dict == dict ? item : NULL;
}

static bool has_tensors(const struct weights_pickle *p, size_t dict)
{
    for (size_t i = 0; i < p->items.n; i++) {
        const struct weights_pickle_item *item = item_of(p, i, dict);
        if (item && item->value.kind == PICKLE_TENSOR)
            return true;
    }
    return false;
}

/* The first dictionary with this name in another; NULL when there is none. */
static const struct weights_pickle_item *find_dict(const struct weights_pickle *p, size_t dict,
                                                   struct text name)
{
    for (size_t i = 0; i < p->items.n; i++) {
        const struct weights_pickle_item *item = item_of(p, i, dict);
        if (item && item->key.kind == PICKLE_TEXT && item->value.kind == PICKLE_DICT &&
            text_equal(item->key.text, name))
            return item;
    }
    return NULL;
}

/* The state dict: the pickle's dictionary, or one in it under a name that trainers use. */
static bool find_state(const struct weights_pickle *p, size_t *out)
{
    static const char *const names[] = {"state_dict", "model", "module", "model_state_dict",
                                        "model_state"};
    if (p->result.kind != PICKLE_DICT)
        return false;
    *out = p->result.at;
    if (has_tensors(p, *out))
        return true;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        const struct weights_pickle_item *item = find_dict(p, p->result.at, text_of(names[n]));
        if (item && has_tensors(p, item->value.at)) {
            *out = item->value.at;
            return true;
        }
    }
    return false;
}

static int read_state(struct torch *t, struct error *err)
{
    const struct weights_pickle *p = &t->pickle;
    size_t dict;
    if (!find_state(p, &dict))
        return error_set(err, ERR_CORRUPT, "the pickle is no dictionary of tensors");
    for (size_t i = 0; i < p->items.n; i++) {
        const struct weights_pickle_item *item = item_of(p, i, dict);
        if (!item || item->value.kind != PICKLE_TENSOR)
            continue;
        if (item->key.kind != PICKLE_TEXT)
            return error_set(err, ERR_CORRUPT, "the pickle has a tensor without a name");
        if (read_tensor(t, item->key.text,
                        (const struct weights_pickle_tensor *)p->tensors.at + item->value.at,
                        err) < 0)
            return err->code;
    }
    return 0;
}

static int read_all(struct torch *t, struct error *err)
{
    struct text pickle = {0};
    if (weights_zip_read(&t->zip, t->file, err) < 0 || find_pickle(t, &pickle, err) < 0)
        return err->code;
    const struct weights_zip_entry *order = find_entry(t, "byteorder", TEXT(""));
    if (order && !text_equal(order->bytes, TEXT("little")))
        return error_set(err, ERR_CORRUPT, "its numbers are not little endian");
    if (weights_pickle_read(&t->pickle, pickle, err) < 0)
        return err->code;
    return read_state(t, err);
}

int weights_torch_read(struct weights *w, struct text file, struct error *err)
{
    struct torch t = {.w = w, .file = file};
    int rc = read_all(&t, err);
    torch_fini(&t);
    return rc;
}
