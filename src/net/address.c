/* address.c - see address.h. SPDX-License-Identifier: MIT */
#include "net/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* A range of addresses: the first bits of at. IPv4 is kept in the first four bytes. */
struct range {
    uint8_t at[16];
    int bits;
    const char *reason;
};

/* The first row that fits decides, so that single addresses stand before the range around them.
 * Source: the IANA special-purpose address registries, and the vendors' pages for metadata. */
static const struct range ranges4[] = {
    {{169, 254, 169, 254}, 32, "metadata service"}, /* AWS, Azure, Google, OpenStack and others */
    {{169, 254, 170, 2}, 32, "metadata service"},   /* AWS containers */
    {{100, 100, 100, 200}, 32, "metadata service"}, /* Alibaba        */
    {{192, 0, 0, 192}, 32, "metadata service"},     /* Oracle         */
    {{168, 63, 129, 16}, 32, "metadata service"},   /* Azure          */
    {{0, 0, 0, 0}, 32, "unspecified"},
    {{255, 255, 255, 255}, 32, "broadcast"},
    {{0}, 8, "reserved"},
    {{10}, 8, "private"},
    {{100, 64}, 10, "carrier NAT"},
    {{127}, 8, "loopback"},
    {{169, 254}, 16, "link-local"},
    {{172, 16}, 12, "private"},
    {{192, 0, 0}, 24, "reserved"},
    {{192, 0, 2}, 24, "documentation"},
    {{192, 88, 99}, 24, "reserved"},
    {{192, 168}, 16, "private"},
    {{198, 18}, 15, "benchmarking"},
    {{198, 51, 100}, 24, "documentation"},
    {{203, 0, 113}, 24, "documentation"},
    {{224}, 4, "multicast"},
    {{240}, 4, "reserved"},
};

static const struct range ranges6[] = {
    {{0}, 128, "unspecified"},
    {{[15] = 1}, 128, "loopback"},
    {{0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}, 128, "metadata service"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "private"}, /* NAT64 of a site's own */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x3f, 0xff}, 20, "documentation"},
    {{0x20, 0x01, 0x00, 0x02}, 48, "benchmarking"},
    {{0x20, 0x01}, 23, "reserved"}, /* ORCHID and other assignments of the IETF */
    {{0x01}, 64, "discard"},
    {{0xfc}, 7, "private"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xfe, 0xc0}, 10, "site-local"},
    {{0xff}, 8, "multicast"},
};

/* Forms of IPv6 that carry an IPv4 address, which is where a packet ends up. */
static const struct tunnel {
    struct range range;
    int offset;   /* of the four bytes */
    uint8_t flip; /* they are xored with it */
} tunnels[] = {
    {{{[10] = 0xff, [11] = 0xff}, 96, "mapped"}, 12, 0},
    {{{[8] = 0xff, [9] = 0xff}, 96, "translated"}, 12, 0},
    {{{0x00, 0x64, 0xff, 0x9b}, 96, "NAT64"}, 12, 0},
    {{{0x20, 0x02}, 16, "6to4"}, 2, 0},
    {{{0x20, 0x01, 0x00, 0x00}, 32, "Teredo"}, 12, 0xff},
    {{{0}, 96, "compatible"}, 12, 0}, /* :: and ::1 are judged before */
};

static bool fits(const struct range *r, const uint8_t *at)
{
    int whole = r->bits / 8;
    int rest = r->bits % 8;
    if (memcmp(r->at, at, (size_t)whole) != 0)
        return false;
    return !rest || (r->at[whole] ^ at[whole]) >> (8 - rest) == 0;
}

static const char *lookup(const struct range *ranges, size_t n, const uint8_t *at)
{
    for (size_t i = 0; i < n; i++)
        if (fits(&ranges[i], at))
            return ranges[i].reason;
    return NULL;
}

/* The range that s names, a single address without "/BITS". */
static bool parse_range(struct text s, struct range *out, int *family)
{
    char host[INET6_ADDRSTRLEN];
    struct text bits = s;
    struct text address = text_cut(&bits, '/');
    bool has_bits = address.len < s.len;
    if (address.len == 0 || address.len >= sizeof host)
        return false;
    memcpy(host, address.at, address.len);
    host[address.len] = 0;
    *out = (struct range){.reason = "allowed"};
    *family = memchr(host, ':', address.len) ? AF_INET6 : AF_INET;
    int64_t most = *family == AF_INET6 ? 128 : 32;
    int64_t n = most;
    if (inet_pton(*family, host, out->at) != 1 || (has_bits && !text_int(bits, 0, most, &n)))
        return false;
    out->bits = (int)n;
    return true;
}

static struct text next_word(struct text *s)
{
    *s = text_trim(*s);
    size_t n = 0;
    while (n < s->len && s->at[n] != ' ' && s->at[n] != '\t' && s->at[n] != ',')
        n++;
    struct text word = {s->at, n};
    size_t skip = n < s->len ? n + 1 : n;
    s->at += skip;
    s->len -= skip;
    return word;
}

static bool is_allowed(const char *allow, int family, const uint8_t *at)
{
    for (struct text rest = text_of(allow); rest.len;) {
        struct range r;
        int of;
        struct text word = next_word(&rest);
        if (word.len && parse_range(word, &r, &of) && of == family && fits(&r, at))
            return true;
    }
    return false;
}

bool address_ranges_valid(const char *allow, const char **bad)
{
    for (struct text rest = text_of(allow); rest.len;) {
        struct range r;
        int family;
        struct text word = next_word(&rest);
        if (word.len && !parse_range(word, &r, &family)) {
            *bad = word.at;
            return false;
        }
    }
    return true;
}

static const char *judge4(const uint8_t *at, const char *allow)
{
    if (is_allowed(allow, AF_INET, at))
        return NULL;
    return lookup(ranges4, sizeof ranges4 / sizeof *ranges4, at);
}

static const char *judge6(const uint8_t *at, const char *allow)
{
    if (is_allowed(allow, AF_INET6, at))
        return NULL;
    /* The two single addresses of ::/96 come before it is read as IPv4. */
    const char *reason = lookup(ranges6, 2, at);
    if (reason)
        return reason;
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
        if (!fits(&tunnels[i].range, at))
            continue;
        uint8_t inner[4];
        for (int k = 0; k < 4; k++)
            inner[k] = at[tunnels[i].offset + k] ^ tunnels[i].flip;
        return judge4(inner, allow);
    }
    reason = lookup(ranges6, sizeof ranges6 / sizeof *ranges6, at);
    if (reason)
        return reason;
    return at[0] >> 5 == 1 ? NULL : "reserved"; /* global unicast is 2000::/3 alone */
}

const char *address_forbidden(const struct sockaddr *address, const char *allow)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return judge4((const uint8_t *)&in.sin_addr, allow);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return judge6(in.sin6_addr.s6_addr, allow);
    }
    return "foreign";
}
