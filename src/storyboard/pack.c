/* pack.c - see pack.h. SPDX-License-Identifier: MIT */
#include "storyboard/pack.h"

#include <string.h>
#include <zlib.h>

#include "base/memory.h"

extern const unsigned char pack_bytes[];
extern const unsigned char pack_bytes_end[];

enum { N_PICTURES = 8, N_WORDS = 12, PICTURES_AT = 16, WORDS_AT = 20, SIZE = 24 };

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

/* strcmp of a string with a view. */
static int compare(const char *s, struct text word)
{
    int order = strncmp(s, word.at, word.len);
    return order ? order : s[word.len] != '\0';
}

/* The row of the table at first, of rows of size bytes, whose string is word; -1 when none. */
static int find(size_t first, size_t size, int n, struct text word)
{
    int low = 0, high = n - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = compare(string(first + size * (size_t)middle), word);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
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
    return find(number(PICTURES_AT), 16, pack_count(), text_of(name));
}

int pack_word(struct text word, enum pack_rank *out_rank)
{
    int row = find(number(WORDS_AT), 8, (int)number(N_WORDS), word);
    *out_rank = PACK_NONE;
    if (row < 0)
        return -1;
    uint32_t packed = number(number(WORDS_AT) + 8 * (size_t)row + 4);
    *out_rank = (enum pack_rank)(packed >> 16);
    return (int)(packed & 0xffff);
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
    if (memcmp(pack_bytes, "ZTPACK1", 8) != 0 || number(SIZE) != size || pack_count() == 0)
        return error_set(err, ERR_CORRUPT, "the program's pictures are damaged");
    return 0;
}
