/* pack.c - see pack.h. SPDX-License-Identifier: MIT */
#include "storyboard/pack.h"

#include <string.h>
#include <zlib.h>

#include "base/memory.h"

extern const unsigned char pack_bytes[];
extern const unsigned char pack_bytes_end[];

enum { N_PICTURES = 8, PICTURES_AT = 12, SIZE = 16 };

static uint32_t number(size_t at)
{
    const unsigned char *p = pack_bytes + at;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t picture_row(int picture)
{
    return number(PICTURES_AT) + 16 * (size_t)picture;
}

static const char *string(size_t at)
{
    return (const char *)pack_bytes + number(at);
}

int pack_count(void)
{
    return (int)number(N_PICTURES);
}

const char *pack_name(int picture)
{
    return string(picture_row(picture));
}

int pack_find(const char *name)
{
    int low = 0, high = pack_count() - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = strcmp(pack_name(middle), name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

int pack_svg(int picture, char **out, size_t *out_len, struct error *err)
{
    const size_t row = picture_row(picture);
    uLongf len = number(row + 12);
    SCOPED(mem) char *svg = mem_try(len + 1);
    if (!svg)
        return error_set(err, ERR_MEMORY, "no memory for a picture");
    if (uncompress((Bytef *)svg, &len, pack_bytes + number(row + 4), number(row + 8)) != Z_OK ||
        len != number(row + 12))
        return error_set(err, ERR_CORRUPT, "picture %s is damaged", pack_name(picture));
    *out_len = len;
    *out = TAKE(svg);
    return 0;
}

int pack_check(struct error *err)
{
    /* cppcheck-suppress comparePointers ; both ends of one embedded object */
    const size_t size = (size_t)(pack_bytes_end - pack_bytes);
    if (memcmp(pack_bytes, "ZTPACK2", 8) != 0 || number(SIZE) != size || pack_count() == 0)
        return error_set(err, ERR_CORRUPT, "the program's pictures are damaged");
    return 0;
}
