/* address_test.c - every kind of forbidden address, from both sides of its border.
 *
 * SPDX-License-Identifier: MIT */
#include "net/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "unit.h"

static const char *judge(const char *host, const char *allow)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
        return address_forbidden((struct sockaddr *)&in, allow);
    if (inet_pton(AF_INET6, host, &in6.sin6_addr) != 1)
        fail_msg("%s is no address", host);
    return address_forbidden((struct sockaddr *)&in6, allow);
}

static const struct verdict {
    const char *host;
    const char *reason; /* NULL: public */
} verdicts[] = {
    {"0.0.0.0", "unspecified"},
    {"0.1.2.3", "reserved"},
    {"1.0.0.0", NULL},
    {"9.255.255.255", NULL},
    {"10.0.0.0", "private"},
    {"10.255.255.255", "private"},
    {"11.0.0.0", NULL},
    {"100.63.255.255", NULL},
    {"100.64.0.0", "carrier NAT"},
    {"100.100.100.200", "metadata service"},
    {"100.127.255.255", "carrier NAT"},
    {"100.128.0.0", NULL},
    {"126.255.255.255", NULL},
    {"127.0.0.1", "loopback"},
    {"127.255.255.255", "loopback"},
    {"128.0.0.0", NULL},
    {"168.63.129.16", "metadata service"},
    {"169.253.255.255", NULL},
    {"169.254.0.0", "link-local"},
    {"169.254.169.254", "metadata service"},
    {"169.254.170.2", "metadata service"},
    {"169.255.0.0", NULL},
    {"172.15.255.255", NULL},
    {"172.16.0.0", "private"},
    {"172.31.255.255", "private"},
    {"172.32.0.0", NULL},
    {"192.0.0.8", "reserved"},
    {"192.0.0.192", "metadata service"},
    {"192.0.1.0", NULL},
    {"192.0.2.1", "documentation"},
    {"192.88.99.1", "reserved"},
    {"192.167.255.255", NULL},
    {"192.168.0.1", "private"},
    {"192.169.0.0", NULL},
    {"198.17.255.255", NULL},
    {"198.18.0.0", "benchmarking"},
    {"198.19.255.255", "benchmarking"},
    {"198.51.100.7", "documentation"},
    {"203.0.113.7", "documentation"},
    {"223.255.255.255", NULL},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"240.0.0.1", "reserved"},
    {"255.255.255.254", "reserved"},
    {"255.255.255.255", "broadcast"},
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"::2", "reserved"},
    {"::127.0.0.1", "loopback"},
    {"::8.8.8.8", NULL},
    {"::ffff:127.0.0.1", "loopback"},
    {"::ffff:10.1.2.3", "private"},
    {"::ffff:169.254.169.254", "metadata service"},
    {"::ffff:8.8.8.8", NULL},
    {"::ffff:0:192.168.1.1", "private"},
    {"::ffff:0:8.8.8.8", NULL},
    {"64:ff9b::127.0.0.1", "loopback"},
    {"64:ff9b::169.254.169.254", "metadata service"},
    {"64:ff9b::8.8.8.8", NULL},
    {"64:ff9b:1::1", "private"},
    {"2002:7f00:1::1", "loopback"},
    {"2002:a00:1::1", "private"},
    {"2002:808:808::1", NULL},
    {"2001:0:808:808:0:0:80ff:fffe", "loopback"},
    {"2001:0:808:808:0:0:f7f7:f7f7", NULL},
    {"2001:2::1", "benchmarking"},
    {"2001:10::1", "reserved"},
    {"2001:db8::1", "documentation"},
    {"2001:4860:4860::8888", NULL},
    {"2606:4700::1111", NULL},
    {"3fff:fff::1", "documentation"},
    {"100::1", "discard"},
    {"1234::1", "reserved"},
    {"4000::1", "reserved"},
    {"fbff::1", "reserved"},
    {"fc00::1", "private"},
    {"fd00:ec2::254", "metadata service"},
    {"fdff::1", "private"},
    {"fe7f::1", "reserved"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "site-local"},
    {"ff02::1", "multicast"},
};

TEST(every_special_range_is_forbidden_and_its_neighbours_are_not)
{
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const char *reason = judge(verdicts[i].host, NULL);
        if (!reason != !verdicts[i].reason || (reason && strcmp(reason, verdicts[i].reason) != 0))
            fail_msg("%s is %s, must be %s", verdicts[i].host, reason ? reason : "public",
                     verdicts[i].reason ? verdicts[i].reason : "public");
    }
}

TEST(a_listed_range_is_allowed_and_nothing_beside_it)
{
    const char *allow = "127.0.0.1/32, 10.1.0.0/16  fd12::/16 ::1";
    assert_null(judge("127.0.0.1", allow));
    assert_string_equal(judge("127.0.0.2", allow), "loopback");
    assert_null(judge("10.1.255.255", allow));
    assert_string_equal(judge("10.2.0.0", allow), "private");
    assert_null(judge("fd12::9", allow));
    assert_string_equal(judge("fd13::9", allow), "private");
    assert_null(judge("::1", allow));
    assert_null(judge("::ffff:127.0.0.1", allow));
    assert_string_equal(judge("::ffff:127.0.0.2", allow), "loopback");
    assert_null(judge("8.8.8.8", "10.0.0.0/8"));
    assert_null(judge("10.9.8.7", "0.0.0.0/0"));
    assert_string_equal(judge("fe80::1", "0.0.0.0/0"), "link-local");
}

TEST(an_address_that_is_not_of_the_internet_is_forbidden)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    assert_string_equal(address_forbidden((struct sockaddr *)&un, "0.0.0.0/0"), "foreign");
}

TEST(a_malformed_range_is_pointed_at)
{
    static const struct {
        const char *allow;
        const char *bad; /* what stands at the fault; NULL: all is well */
    } rows[] = {
        {NULL, NULL},
        {"", NULL},
        {"  ", NULL},
        {"10.0.0.0/8", NULL},
        {"10.0.0.0/8 ::1/128,127.0.0.1", NULL},
        {"10.0.0.0/33", "10.0.0.0/33"},
        {"::1/129", "::1/129"},
        {"127.0.0.1 localhost", "localhost"},
        {"10.0.0/8", "10.0.0/8"},
        {"10.0.0.0/", "10.0.0.0/"},
        {"10.0.0.0/-1", "10.0.0.0/-1"},
        {"/8", "/8"},
        {"0123456789:0123456789:0123456789:0123456789:0123456789", "0123456789:"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *bad = NULL;
        bool valid = address_ranges_valid(rows[i].allow, &bad);
        assert_int_equal(valid, rows[i].bad == NULL);
        if (rows[i].bad)
            assert_memory_equal(bad, rows[i].bad, strlen(rows[i].bad));
    }
}
