/* listener_test.c - free ports, taken ports, and who has them. SPDX-License-Identifier: MIT */
#include "cli/listener.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/scope.h"
#include "unit.h"

TEST(a_taken_port_names_the_process_that_has_it)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    SCOPED(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    char where[40];
    char process[40];
    char owner[LISTENER_OWNER_SIZE];
    struct error err;
    snprintf(where, sizeof where, "127.0.0.1:%d", ntohs(in.sin_port));
    snprintf(process, sizeof process, "(process %d)", (int)getpid());
    CHECK_ERR(listener_probe(where, owner, &err), ERR_BUSY);
    assert_non_null(strstr(owner, process));
    assert_non_null(strstr(err.text, where));
}

TEST(a_free_port_is_free_and_stays_so)
{
    char owner[LISTENER_OWNER_SIZE];
    struct error err;
    for (int i = 0; i < 2; i++)
        CHECK_OK(listener_probe("127.0.0.1:0", owner, &err), err);
    assert_string_equal(owner, "");
}

TEST(an_address_that_is_none_is_invalid)
{
    static const char *const bad[] = {"127.0.0.1",    "nowhere:80",      ":80",
                                      "127.0.0.1:x",  "[::1:80",         "::1:80",
                                      "127.0.0.1:-0", "127.0.0.1:65536", "[]:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char owner[LISTENER_OWNER_SIZE];
        struct error err;
        if (listener_probe(bad[i], owner, &err) != ERR_INVALID)
            fail_msg("%s is taken as an address", bad[i]);
    }
}
