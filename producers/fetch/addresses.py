"""Which addresses may be connected to: public unicast ones, and what the operator allows by host and port. Pure.

The table is the IANA special-purpose registries, read on 2026-11-28. `ipaddress.is_global` is not used: Python 3.11 calls
NAT64, 6to4 and IPv4-compatible forms of loopback addresses, site-local addresses and all of multicast global.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

# Network -> what it is for, as the refusal says it.
_FORBIDDEN_IPV4 = tuple(
    (ipaddress.IPv4Network(network), purpose)
    for network, purpose in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's metadata"),
        ("169.254.0.0/16", "link-local, a cloud's metadata among it"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarks"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_UNICAST_IPV6 = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out; what is public lies in it
_FORBIDDEN_IPV6 = tuple(
    (ipaddress.IPv6Network(network), purpose)
    for network, purpose in (
        ("2001::/23", "protocol assignments, Teredo among them"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4, which wraps any IPv4 address"),
        ("2620:4f:8000::/48", "a sink of the domain name system"),
        ("3fff::/20", "documentation"),
    )
)


class Endpoint(NamedTuple):
    """A host, or an address, and a port."""

    host: str
    port: int


def forbidden(address: str) -> str | None:
    """Says why nothing may connect to this IPv4 or IPv6 address; None for a public one.

    What is no address at all is forbidden too.

    >>> forbidden("::ffff:7f00:1")
    'loopback'
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "not an address"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return _forbidden_ipv6(parsed)
        parsed = parsed.ipv4_mapped
    return next((purpose for network, purpose in _FORBIDDEN_IPV4 if parsed in network), None)


def _forbidden_ipv6(address: ipaddress.IPv6Address) -> str | None:
    if address not in _UNICAST_IPV6:
        return "loopback" if address.is_loopback else "not public unicast"
    return next((purpose for network, purpose in _FORBIDDEN_IPV6 if address in network), None)


def allow_list(entries: Iterable[str]) -> frozenset[Endpoint]:
    """Reads `host:port` entries (`10.0.0.7:8080`, `[fd00::1]:80`, `news.intranet:80`); raises ValueError naming a bad entry."""
    return frozenset(_endpoint(entry) for entry in entries)


def _endpoint(entry: str) -> Endpoint:
    host, colon, port = entry.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]").lower()
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise ValueError(f"{entry!r} is no host:port, like news.intranet:8080 or [fd00::1]:80")
    return Endpoint(host, int(port))
