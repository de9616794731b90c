/* weights.c - see weights.h: what was found in the files, sorted and searched. The readers and
 * weights_open.c fill it. SPDX-License-Identifier: MIT */
#include "nn/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "nn/quant.h"
#include "nn/weights_impl.h"

struct weights *weights_new(int most_files)
{
    SCOPED(weights) struct weights *w = mem_try(sizeof *w);
    if (!w)
        return NULL;
    w->layout = "";
    w->files = mem_try((size_t)most_files * sizeof *w->files);
    return w->files ? TAKE(w) : NULL;
}

void weights_close(struct weights *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n_slots; i++)
        mem_free(w->slots[i].name);
    for (size_t i = 0; i < w->n_keys; i++) {
        mem_free(w->keys[i].name);
        mem_free(w->keys[i].text);
    }
    for (int i = 0; i < w->n_files; i++)
        if (w->files[i].mapped)
            munmap((void *)w->files[i].bytes.at, w->files[i].bytes.len);
    mem_free(w->slots);
    mem_free(w->keys);
    mem_free(w->files);
    mem_free(w);
}

int weights_read(struct weights *w, struct weights_file f, struct error *err)
{
    w->files[w->n_files++] = f;
    if (text_starts(f.bytes, TEXT("GGUF"))) {
        w->layout = "gguf";
        return weights_gguf_read(w, f.bytes, err);
    }
    if (text_starts(f.bytes, TEXT("PK\3\4"))) {
        w->layout = "torch";
        return weights_torch_read(w, f.bytes, err);
    }
    if (text_starts(f.bytes, TEXT("\x80\2\x8a")))
        return error_set(err, ERR_CORRUPT,
                         "it is a torch file older than the zip layout: save it again with torch "
                         "1.6 or later");
    w->layout = "safetensors";
    return weights_safetensors_read(w, f.bytes, err);
}

/* ---- what the readers hand over ---------------------------------------------------------- */

/* Room for one more of size bytes. */
static int make_room(void **at, size_t n, size_t *most, size_t size, struct error *err)
{
    if (n < *most)
        return 0;
    size_t wanted = *most ? *most * 2 : 64;
    void *more = mem_try(wanted * size);
    if (!more)
        return error_set(err, ERR_MEMORY, "no memory for a list of %zu tensors", wanted);
    if (n)
        memcpy(more, *at, n * size);
    mem_free(*at);
    *at = more;
    *most = wanted;
    return 0;
}

static char *copy_of(struct text s)
{
    char *copy = mem_try(s.len + 1);
    if (copy)
        memcpy(copy, s.at, s.len);
    return copy;
}

static int check_name(struct text name, struct error *err)
{
    if (name.len == 0 || name.len > WEIGHTS_MOST_NAME)
        return error_set(err, ERR_CORRUPT, "a name is %zu bytes, must be 1 to %d", name.len,
                         WEIGHTS_MOST_NAME);
    if (!text_utf8_valid(name) || memchr(name.at, 0, name.len))
        return error_set(err, ERR_CORRUPT, "a name of %zu bytes is no text", name.len);
    return 0;
}

int weights_measure(const struct weights_found *found, uint64_t *count, uint64_t *bytes,
                    struct error *err)
{
    const int name_len = found->name.len < 100 ? (int)found->name.len : 100;
    if (found->n_dims < 0 || found->n_dims > TENSOR_MOST_DIMS)
        return error_set(err, ERR_CORRUPT, "%.*s has %d axes, must be at most %d", name_len,
                         found->name.at, found->n_dims, TENSOR_MOST_DIMS);
    uint64_t n = 1;
    bool empty = false;
    for (int i = 0; i < found->n_dims; i++) {
        if (found->shape[i] < 0)
            return error_set(err, ERR_CORRUPT, "%.*s has an axis of %lld numbers", name_len,
                             found->name.at, (long long)found->shape[i]);
        empty = empty || found->shape[i] == 0;
        if (!empty && __builtin_mul_overflow(n, (uint64_t)found->shape[i], &n))
            n = UINT64_MAX;
    }
    const uint64_t block = (uint64_t)dtype_block(found->dtype);
    if (n > INT64_MAX / 256)
        return error_set(err, ERR_CORRUPT, "%.*s has more numbers than can be counted", name_len,
                         found->name.at);
    if (!empty && n % block)
        return error_set(err, ERR_CORRUPT, "%.*s has %llu numbers, not whole blocks of %s",
                         name_len, found->name.at, (unsigned long long)n, dtype_name(found->dtype));
    *count = empty ? 0 : n;
    *bytes = *count / block * dtype_block_bytes(found->dtype);
    return 0;
}

int weights_add(struct weights *w, const struct weights_found *found, struct error *err)
{
    const struct text file = w->files[w->n_files - 1].bytes;
    uint64_t count = 0, bytes = 0;
    if (check_name(found->name, err) < 0 || weights_measure(found, &count, &bytes, err) < 0)
        return err->code;
    const int name_len = found->name.len < 100 ? (int)found->name.len : 100;
    if (found->begin > found->end || found->end > file.len)
        return error_set(err, ERR_CORRUPT, "%.*s is at bytes %llu to %llu of %zu", name_len,
                         found->name.at, (unsigned long long)found->begin,
                         (unsigned long long)found->end, file.len);
    if (found->end - found->begin != bytes)
        return error_set(err, ERR_CORRUPT, "%.*s has %llu bytes where its shape needs %llu",
                         name_len, found->name.at, (unsigned long long)(found->end - found->begin),
                         (unsigned long long)bytes);
    if (w->n_slots == WEIGHTS_MOST_TENSORS)
        return error_set(err, ERR_CORRUPT, "there are more than %d tensors", WEIGHTS_MOST_TENSORS);
    if (make_room((void **)&w->slots, w->n_slots, &w->most_slots, sizeof *w->slots, err) < 0)
        return err->code;
    struct weights_slot e = {.name = copy_of(found->name), .file = w->n_files - 1};
    if (!e.name)
        return error_set(err, ERR_MEMORY, "no memory for a name");
    e.tensor = (struct tensor){.data = count ? (void *)(file.at + found->begin) : NULL,
                               .dtype = found->dtype,
                               .n_dims = found->n_dims,
                               .scale = 1};
    memcpy(e.tensor.shape, found->shape, (size_t)found->n_dims * sizeof found->shape[0]);
    w->slots[w->n_slots++] = e;
    return 0;
}

int weights_add_key(struct weights *w, struct text name, const struct weights_value *value,
                    struct error *err)
{
    if (check_name(name, err) < 0)
        return err->code;
    if (w->n_keys == WEIGHTS_MOST_KEYS)
        return error_set(err, ERR_CORRUPT, "there are more than %d keys", WEIGHTS_MOST_KEYS);
    if (make_room((void **)&w->keys, w->n_keys, &w->most_keys, sizeof *w->keys, err) < 0)
        return err->code;
    struct weights_key key = {.name = copy_of(name), .value = *value, .file = w->n_files - 1};
    if (value->type == WEIGHTS_STRING)
        key.text = copy_of(value->bytes);
    if (!key.name || (value->type == WEIGHTS_STRING && !key.text)) {
        mem_free(key.name);
        mem_free(key.text);
        return error_set(err, ERR_MEMORY, "no memory for a key");
    }
    if (key.text)
        key.value.bytes.at = key.text;
    w->keys[w->n_keys++] = key;
    return 0;
}

static int compare_ranges(const void *a, const void *b)
{
    const struct weights_range *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

int weights_ranges_check(struct weights_range *ranges, size_t n, struct error *err)
{
    if (n)
        qsort(ranges, n, sizeof *ranges, compare_ranges);
    for (size_t i = 1; i < n; i++)
        if (ranges[i].begin < ranges[i - 1].end)
            return error_set(err, ERR_CORRUPT, "%.*s overlaps %.*s",
                             ranges[i].name.len < 100 ? (int)ranges[i].name.len : 100,
                             ranges[i].name.at,
                             ranges[i - 1].name.len < 100 ? (int)ranges[i - 1].name.len : 100,
                             ranges[i - 1].name.at);
    return 0;
}

/* ---- once all files are read ------------------------------------------------------------- */

static int compare_slots(const void *a, const void *b)
{
    return strcmp(((const struct weights_slot *)a)->name, ((const struct weights_slot *)b)->name);
}

static int compare_keys(const void *a, const void *b)
{
    const struct weights_key *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : x->file - y->file;
}

/* The first file that has a key decides. */
static int sort_keys(struct weights *w, struct error *err)
{
    if (w->n_keys)
        qsort(w->keys, w->n_keys, sizeof *w->keys, compare_keys);
    size_t kept = 0;
    for (size_t i = 0; i < w->n_keys; i++) {
        struct weights_key *key = &w->keys[i], *last = kept ? &w->keys[kept - 1] : NULL;
        if (!last || strcmp(last->name, key->name) != 0) {
            struct weights_key keep = *key;
            *key = (struct weights_key){0};
            w->keys[kept++] = keep;
        } else if (last->file == key->file) {
            return error_set(err, ERR_CORRUPT, "key %.100s is there twice", key->name);
        } else {
            mem_free(key->name);
            mem_free(key->text);
            *key = (struct weights_key){0};
        }
    }
    w->n_keys = kept;
    return 0;
}

int weights_sort(struct weights *w, struct error *err)
{
    if (sort_keys(w, err) < 0)
        return err->code;
    if (w->n_slots)
        qsort(w->slots, w->n_slots, sizeof *w->slots, compare_slots);
    for (size_t i = 1; i < w->n_slots; i++)
        if (strcmp(w->slots[i - 1].name, w->slots[i].name) == 0)
            return error_set(err, ERR_CORRUPT, "%.100s is there twice", w->slots[i].name);
    return 0;
}

const struct weights_slot *weights_slot_find(const struct weights *w, const char *name)
{
    const struct weights_slot key = {.name = (char *)name};
    return w->n_slots ? bsearch(&key, w->slots, w->n_slots, sizeof key, compare_slots) : NULL;
}

/* The scale that stands beside the weight with this name. */
static struct weights_slot *scale_of(const struct weights *w, const char *name)
{
    char other[WEIGHTS_MOST_NAME + 16];
    const struct weights_slot *found = NULL;
    const size_t len = strlen(name), suffix = sizeof ".weight" - 1;
    if (len > suffix && strcmp(name + len - suffix, ".weight") == 0) {
        snprintf(other, sizeof other, "%.*s.scale_weight", (int)(len - suffix), name);
        found = weights_slot_find(w, other);
    }
    if (!found) {
        snprintf(other, sizeof other, "%s_scale", name);
        found = weights_slot_find(w, other);
    }
    return (struct weights_slot *)found;
}

static int take_scale(struct weights *w, struct weights_slot *e, struct error *err)
{
    struct weights_slot *scale = scale_of(w, e->name);
    if (!scale || !scale->tensor.data)
        return 0;
    if (tensor_count(&scale->tensor) != 1 || dtype_block(scale->tensor.dtype) != 1)
        return error_set(err, ERR_CORRUPT, "%.100s has %lld numbers, must be one scale",
                         scale->name, (long long)tensor_count(&scale->tensor));
    float value;
    quant_widen(&value, &scale->tensor, 0, 1);
    if (!isfinite(value))
        return error_set(err, ERR_CORRUPT, "%.100s is not a finite number", scale->name);
    e->tensor.scale = value;
    scale->tensor.data = NULL;
    return 0;
}

int weights_settle(struct weights *w, struct error *err)
{
    for (size_t i = 0; i < w->n_slots; i++) {
        struct weights_slot *e = &w->slots[i];
        if (e->tensor.dtype == DTYPE_F8_E4M3 && e->tensor.data && take_scale(w, e, err) < 0)
            return err->code;
    }
    size_t kept = 0;
    for (size_t i = 0; i < w->n_slots; i++) {
        if (w->slots[i].tensor.data)
            w->slots[kept++] = w->slots[i];
        else
            mem_free(w->slots[i].name);
    }
    w->n_slots = kept;
    return 0;
}

/* ---- for those who read ------------------------------------------------------------------ */

int weights_count(const struct weights *w)
{
    return (int)w->n_slots;
}

const char *weights_name(const struct weights *w, int i)
{
    return w->slots[i].name;
}

struct tensor weights_tensor(const struct weights *w, int i)
{
    return w->slots[i].tensor;
}

bool weights_find(const struct weights *w, const char *name, struct tensor *out)
{
    const struct weights_slot *found = weights_slot_find(w, name);
    if (found)
        *out = found->tensor;
    return found;
}

static const struct weights_key *find_key(const struct weights *w, const char *name)
{
    size_t low = 0, high = w->n_keys;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(w->keys[middle].name, name);
        if (order == 0)
            return &w->keys[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *weights_meta(const struct weights *w, const char *key)
{
    const struct weights_key *found = find_key(w, key);
    return found ? found->text : NULL;
}

bool weights_value(const struct weights *w, const char *key, struct weights_value *out)
{
    const struct weights_key *found = find_key(w, key);
    if (found)
        *out = found->value;
    return found;
}

const char *weights_layout(const struct weights *w)
{
    return w->layout;
}

int64_t weights_bytes(const struct weights *w)
{
    int64_t sum = 0;
    for (size_t i = 0; i < w->n_slots; i++)
        sum += (int64_t)tensor_bytes(&w->slots[i].tensor);
    return sum;
}

/* Only of a map: what a caller gave would be lost. */
void weights_drop(const struct weights *w)
{
    for (int i = 0; i < w->n_files; i++) {
        const struct weights_file *f = &w->files[i];
        if (f->mapped)
            madvise((char *)f->bytes.at, f->bytes.len, MADV_DONTNEED);
    }
}
