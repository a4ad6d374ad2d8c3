"""Addresses: none of a network of one's own gets through in any form, and the table agrees with another's."""

from __future__ import annotations

import ipaddress

import pytest
import ssrfguard
from hypothesis import given
from hypothesis import strategies as st

from producers.fetch.addresses import Endpoint, allow_list, forbidden

FORBIDDEN = """
0.0.0.0 0.1.2.3 0.255.255.255 10.0.0.0 10.0.0.1 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255
127.0.0.0 127.0.0.1 127.1.2.3 127.255.255.255 168.63.129.16 169.254.0.0 169.254.169.254 169.254.170.2 169.254.255.255
172.16.0.0 172.17.0.1 172.31.255.255 192.0.0.0 192.0.0.8 192.0.0.170 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.0 192.168.1.1
192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::10.0.0.1 ::a9fe:a9fe ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:0
::ffff:192.168.1.1 ::ffff:0:127.0.0.1 ::ffff:0:10.0.0.1 ::ffff:100.64.0.1 ::ffff:224.0.0.1 0:0:0:0:0:ffff:7f00:0001
64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1 64:ff9b:1::7f00:1 64:ff9b:1:ffff::a00:1
100::1 100:0:0:1::1 2001::1 2001::7f00:1 2001:0:4136:e378:8000:63bf:80ff:fffe 2001:1::1 2001:2::1 2001:10::1 2001:20::1
2001:1ff:ffff::1
2001:db8::1 2001:db8:ffff::1 2002:7f00:1:: 2002:7f00:0001::1 2002:0a00:0001:: 2002:a9fe:a9fe:: 2002:c0a8:101::1 2002:808:808::
2620:4f:8000::1 3fff::1 3fff:fff::1 4000::1 5f00::1 8000::1 fc00::1 fd00::1 fd00:ec2::254 fdff:ffff::1 fe80::1 fe80::1%eth0
fe80::a9fe:a9fe fec0::1 feff::1 ff00::1 ff02::1 ff02::1%lo ff0e::1 ffff::1 0::1 0:0:0:0:0:0:0:1
0000:0000:0000:0000:0000:0000:0000:0001
""".split()  # noqa: SIM905
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 169.255.0.0
172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 ::ffff:8.8.8.8
2001:200::1 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001:800::200e 2400:cb00::1 2003::1 3ffe::1
""".split()  # noqa: SIM905
# Spellings that other parsers take for 127.0.0.1; a resolver may, an address of a socket never looks like that.
MISSPELT = "2130706433 0x7f.1 0177.0.0.1 127.1 127.0.0.1. １２７.0.0.1 [::1] localhost 127.0.0.1:80 ::ffff:127.1".split()  # noqa: SIM905


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_address_of_a_network_of_ones_own_may_be_connected_to(address: str) -> None:
    assert forbidden(address)


@pytest.mark.parametrize("address", MISSPELT)
def test_what_is_no_address_is_forbidden(address: str) -> None:
    assert forbidden(address) == "not an address"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_free(address: str) -> None:
    assert forbidden(address) is None


def test_there_are_at_least_eighty_forbidden_forms() -> None:
    assert len(set(FORBIDDEN)) >= 80


ipv4 = st.one_of(
    st.ip_addresses(v=4),
    st.sampled_from([address for address in FORBIDDEN + PUBLIC if ":" not in address]).map(ipaddress.IPv4Address),
)
# Every way in which an IPv6 address can hold an IPv4 one, and addresses beside the blocks.
ipv6 = st.one_of(
    st.ip_addresses(v=6),
    st.builds(
        lambda prefix, inner, shift: ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | int(inner) << shift),
        st.sampled_from(
            ["::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::", "2002::", "2001::", "fe80::", "2001:db8::"]
        ),
        ipv4,
        st.sampled_from([0, 16, 32, 48, 80]),
    ),
)


@given(st.one_of(ipv4, ipv6))
def test_nothing_gets_through_that_another_guard_refuses(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if ssrfguard.DEFAULT_DENIED.classify(address).blocked:
        assert forbidden(str(address))


def test_the_allow_list_is_read_as_hosts_and_ports() -> None:
    assert allow_list(["News.Intranet:8080", "[fd00::1]:80", "10.0.0.7:443"]) == {
        Endpoint("news.intranet", 8080),
        Endpoint("fd00::1", 80),
        Endpoint("10.0.0.7", 443),
    }
    assert allow_list([]) == frozenset()


@pytest.mark.parametrize("entry", ["", "host", "host:", ":80", "host:0", "host:65536", "host:http", "host:-1", "host:\u0661"])
def test_a_bad_entry_of_the_allow_list_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host:port"):
        allow_list([entry])
