"""The address of a request: one rule for all code that counts or records addresses."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

# One subscriber of IPv6 has all addresses of a /64 (RFC 6177), and may use another one for every request.
IPV6_SUBSCRIBER = 64


def address_of(request: HttpRequest | Request) -> str:
    """The visitor's address as our own proxy saw it, never an address that the visitor claims in a header.

    `NUM_PROXIES` in `REST_FRAMEWORK` says how many proxies are ours. Empty where there is no address, as on a unix
    socket, or where the proxy wrote something else.
    """
    ident = BaseThrottle().get_ident(request)  # type: ignore[arg-type] # reads headers alone, as both have them
    address = _parsed(ident or "")
    return str(address) if address else ""


def network_of(address: str) -> str:
    """The network that counts as one visitor: an IPv4 address, or the /64 of an IPv6 address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_SUBSCRIBER), strict=False))
    return str(parsed or "")


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Also reads `192.0.2.1:5678`, `[2001:db8::1]:5678` and `::ffff:192.0.2.1`, as some proxies write them."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
