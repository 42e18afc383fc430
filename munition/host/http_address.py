# SPDX-License-Identifier: MIT
"""Which addresses a name may lead to: global unicast ones, and none inside a network, a host or a cloud.

The ranges are those of the IANA registries of special-purpose addresses (RFC 6890 and its successors), written out: the
standard library's `is_global` says yes to multicast, to the loopback address behind NAT64 and 6to4, and to 192.0.0.8.
"""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_V4: Final = tuple(
    (ipaddress.IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (carrier)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("168.63.129.16/32", "cloud metadata"),
    )
)
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
_V6: Final = tuple(
    (ipaddress.IPv6Network(network), why)
    for network, why in (
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_LOW_32: Final = 0xFFFF_FFFF


def refusal(address: Address) -> str | None:
    """Why nothing is sent to `address`, in a word or two; None for a global unicast address.

    An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) is judged by itself.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return next((why for network, why in _V4 if address in network), None)
    inner = _inner(address)
    if inner is not None:
        return refusal(inner)
    if address not in _GLOBAL_V6:
        return "not global"
    return next((why for network, why in _V6 if address in network), None)


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & _LOW_32)
    return address.ipv4_mapped or address.sixtofour
