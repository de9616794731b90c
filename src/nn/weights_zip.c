/* weights_zip.c - see weights_zip.h.
 *
 *   before an entry   0 "PK\3\4"  6 u16 flags  8 u16 method  26 u16 name length
 *                     28 u16 extra length  30 name, extra, then the bytes
 *   directory entry   0 "PK\1\2"  8 u16 flags  10 u16 method  20 u32 stored size  24 u32 size
 *                     28 u16 name length  30 u16 extra length  32 u16 comment length
 *                     42 u32 where it begins  46 name, extra, comment
 *   end               0 "PK\5\6"  4 u16, 6 u16 disks  8 u16, 10 u16 entries
 *                     12 u32 size, 16 u32 begin of the directory  20 u16 comment length
 *   end, zip64        0 "PK\6\6"  16 u32, 20 u32 disks  24 u64, 32 u64 entries
 *                     40 u64 size, 48 u64 begin of the directory
 *   where that is     0 "PK\6\7"  8 u64, 20 bytes, right before the end
 *
 * A field of all ones is found in zip64's own end, or in extra 1, which holds u64 size, stored
 * size, begin, those that are asked for.
 *
 * SPDX-License-Identifier: MIT */
#include "nn/weights_zip.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nn/weights_impl.h"

enum { LOCAL = 30, CENTRAL = 46, END = 22, END64 = 56, LOCATOR = 20 };
enum { ENCRYPTED = 1, EXTRA_ZIP64 = 1, MOST_ENTRIES = 1 << 20 };

static uint16_t u16_at(const char *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t u32_at(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t u64_at(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* len bytes from at on, or nothing. */
static bool part(struct text file, uint64_t at, uint64_t len, struct text *out)
{
    if (at > file.len || len > file.len - at)
        return false;
    *out = (struct text){.at = file.at + at, .len = (size_t)len};
    return true;
}

static int damaged(struct error *err)
{
    return error_set(err, ERR_CORRUPT, "the directory of the zip is damaged");
}

struct directory {
    struct text bytes;
    uint64_t begin;
    uint64_t n;
};

/* The end stands at the very end, but for its comment. */
static bool find_end(struct text file, size_t *out)
{
    if (file.len < END)
        return false;
    const size_t last = file.len - END;
    for (size_t back = 0; back <= UINT16_MAX && back <= last; back++) {
        const char *p = file.at + last - back;
        if (memcmp(p, "PK\5\6", 4) == 0 && u16_at(p + 20) == back) {
            *out = last - back;
            return true;
        }
    }
    return false;
}

static int find_directory(struct text file, struct directory *d, struct error *err)
{
    size_t end;
    if (!find_end(file, &end))
        return error_set(err, ERR_CORRUPT, "the zip breaks off: it has no directory");
    const char *p = file.at + end;
    uint64_t n = u16_at(p + 10), n_here = u16_at(p + 8);
    uint64_t size = u32_at(p + 12), begin = u32_at(p + 16);
    bool disks = u16_at(p + 4) || u16_at(p + 6);
    if (n == UINT16_MAX || size == UINT32_MAX || begin == UINT32_MAX) {
        struct text locator, big;
        if (end < LOCATOR || !part(file, end - LOCATOR, LOCATOR, &locator) ||
            memcmp(locator.at, "PK\6\7", 4) != 0 ||
            !part(file, u64_at(locator.at + 8), END64, &big) || memcmp(big.at, "PK\6\6", 4) != 0)
            return damaged(err);
        disks = u32_at(big.at + 16) || u32_at(big.at + 20);
        n_here = u64_at(big.at + 24);
        n = u64_at(big.at + 32);
        size = u64_at(big.at + 40);
        begin = u64_at(big.at + 48);
    }
    if (disks || n != n_here || n > size / CENTRAL || n > MOST_ENTRIES ||
        !part(file, begin, size, &d->bytes))
        return damaged(err);
    d->begin = begin;
    d->n = n;
    return 0;
}

/* One entry as the directory has it. */
struct central {
    struct text name;
    uint16_t flags, method;
    uint64_t size, stored, begin;
};

/* The next of the fields that zip64 widens, when it is wanted. */
static bool widen(uint64_t *v, struct text *extra)
{
    if (*v != UINT32_MAX)
        return true;
    if (extra->len < 8)
        return false;
    *v = u64_at(extra->at);
    extra->at += 8;
    extra->len -= 8;
    return true;
}

static bool read_extra(struct central *c, struct text extra)
{
    while (extra.len >= 4) {
        struct text field;
        if (!part(extra, 4, u16_at(extra.at + 2), &field))
            return false;
        if (u16_at(extra.at) == EXTRA_ZIP64)
            return widen(&c->size, &field) && widen(&c->stored, &field) && widen(&c->begin, &field);
        extra.len -= 4 + field.len;
        extra.at += 4 + field.len;
    }
    return true;
}

/* The entry at the front of left, which moves behind it. */
static bool read_central(struct text *left, struct central *c)
{
    if (left->len < CENTRAL || memcmp(left->at, "PK\1\2", 4) != 0)
        return false;
    const char *p = left->at;
    const size_t name_len = u16_at(p + 28), extra_len = u16_at(p + 30);
    const size_t all = CENTRAL + name_len + extra_len + u16_at(p + 32);
    if (left->len < all)
        return false;
    *c = (struct central){.name = {.at = p + CENTRAL, .len = name_len},
                          .flags = u16_at(p + 8),
                          .method = u16_at(p + 10),
                          .stored = u32_at(p + 20),
                          .size = u32_at(p + 24),
                          .begin = u32_at(p + 42)};
    left->at += all;
    left->len -= all;
    return read_extra(c, (struct text){.at = p + CENTRAL + name_len, .len = extra_len});
}

static int take_entry(const struct central *c, struct text file, struct weights_zip_entry *out,
                      struct weights_range *range, struct error *err)
{
    const int name_len = c->name.len < 100 ? (int)c->name.len : 100;
    if (c->method != 0 || c->flags & ENCRYPTED || c->size != c->stored)
        return error_set(err, ERR_CORRUPT, "%.*s is compressed or encrypted, must be stored",
                         name_len, c->name.at);
    struct text local, name;
    if (!part(file, c->begin, LOCAL, &local) || memcmp(local.at, "PK\3\4", 4) != 0 ||
        u16_at(local.at + 8) != c->method ||
        !part(file, c->begin + LOCAL, u16_at(local.at + 26), &name) || !text_equal(name, c->name))
        return error_set(err, ERR_CORRUPT, "%.*s is not where the directory says", name_len,
                         c->name.at);
    const uint64_t begin = c->begin + LOCAL + name.len + u16_at(local.at + 28);
    if (!part(file, begin, c->size, &out->bytes))
        return error_set(err, ERR_CORRUPT, "%.*s is %llu bytes and leaves the file", name_len,
                         c->name.at, (unsigned long long)c->size);
    out->name = c->name;
    *range = (struct weights_range){.begin = c->begin, .end = begin + c->size, .name = c->name};
    return 0;
}

static int compare_names(struct text a, struct text b)
{
    const size_t shared = a.len < b.len ? a.len : b.len;
    const int order = shared ? memcmp(a.at, b.at, shared) : 0;
    return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int compare_entries(const void *a, const void *b)
{
    return compare_names(((const struct weights_zip_entry *)a)->name,
                         ((const struct weights_zip_entry *)b)->name);
}

static int read_entries(struct weights_zip *z, const struct directory *d, struct text file,
                        struct error *err)
{
    SCOPED(mem) struct weights_range *ranges = mem_try((size_t)(d->n + 1) * sizeof *ranges);
    z->entries = mem_try((size_t)d->n * sizeof *z->entries);
    if (!ranges || !z->entries)
        return error_set(err, ERR_MEMORY, "no memory for %llu entries", (unsigned long long)d->n);
    struct text left = d->bytes;
    for (; z->n < d->n; z->n++) {
        struct central c;
        if (!read_central(&left, &c))
            return damaged(err);
        if (take_entry(&c, file, &z->entries[z->n], &ranges[z->n], err) < 0)
            return err->code;
    }
    ranges[z->n] = (struct weights_range){.begin = d->begin,
                                          .end = d->begin + d->bytes.len,
                                          .name = TEXT("the directory of the zip")};
    if (left.len)
        return damaged(err);
    if (weights_ranges_check(ranges, z->n + 1, err) < 0)
        return err->code;
    qsort(z->entries, z->n, sizeof *z->entries, compare_entries);
    for (size_t i = 1; i < z->n; i++)
        if (compare_entries(&z->entries[i - 1], &z->entries[i]) == 0)
            return error_set(err, ERR_CORRUPT, "%.*s is in the zip twice",
                             z->entries[i].name.len < 100 ? (int)z->entries[i].name.len : 100,
                             z->entries[i].name.at);
    return 0;
}

int weights_zip_read(struct weights_zip *out, struct text file, struct error *err)
{
    struct directory d = {0};
    if (find_directory(file, &d, err) < 0)
        return err->code;
    SCOPED(weights_zip) struct weights_zip z = {0};
    if (read_entries(&z, &d, file, err) < 0)
        return err->code;
    *out = z;
    z.entries = NULL;
    return 0;
}

void weights_zip_fini(struct weights_zip *z)
{
    mem_free(z->entries);
    *z = (struct weights_zip){0};
}

const struct weights_zip_entry *weights_zip_find(const struct weights_zip *z, struct text name)
{
    const struct weights_zip_entry key = {.name = name};
    return z->n ? bsearch(&key, z->entries, z->n, sizeof key, compare_entries) : NULL;
}
