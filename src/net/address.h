/* address.h - which internet addresses a stranger may make us talk to.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* Why the address is forbidden ("loopback", "private", "link-local", "multicast", "metadata
 * service", "unspecified", "carrier NAT", "documentation", "reserved", "broadcast", ...; mapped,
 * translated and tunnelled IPv6 forms are judged by the IPv4 address inside), or NULL when it is a
 * public unicast address. Static. allow: as in fetch.h; a listed address is never forbidden. */
const char *address_forbidden(const struct sockaddr *address, const char *allow);

/* Is every range of allow well formed? False: *bad points at the first that is not. */
bool address_ranges_valid(const char *allow, const char **bad);
