"""The addresses to which a portal or a partner may have us send: none in a network of our own.

A name is looked up when it is registered and again for each connection, which then goes to exactly the addresses that
were checked. So a name that changes its address after the check (DNS rebinding) does not get around it.
"""

from __future__ import annotations

import re
import socket
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx2
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Networks(StrEnum):
    """The settings that name networks of our own to which sending is allowed all the same, also by plain http."""

    WEBHOOKS = "WEBHOOK_NETWORKS"
    PORTALS = "PORTAL_NETWORKS"

    @property
    def allowed(self) -> list[Network]:
        named: list[Network] = getattr(settings, self.value)
        return named


# Beside `is_global` of the standard library, whose result changes with Python's patch releases.
CLOSED: list[Network] = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # Of the global unicast addresses: special ones, examples, and those that contain IPv4 (Teredo, 6to4).
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
]
# Outside it lie loopback, link-local, unique local, multicast and all addresses that map IPv4.
OPEN_V6 = ip_network("2000::/3")
WEB_ADDRESS = re.compile(r"https?://[!-~]+", re.IGNORECASE)


class Forbidden(Exception):
    """A name resolves to an address to which sending is not allowed."""


def is_allowed(address: Address, *, plain: bool = False, networks: Networks = Networks.WEBHOOKS) -> bool:
    """Whether sending to `address` is allowed; `plain`: unencrypted, which only networks of our own allow."""
    if any(address in network for network in networks.allowed):
        return True
    if plain or any(address in network for network in CLOSED):
        return False
    return address.is_global and (address.version == 4 or address in OPEN_V6)


def looked_up(host: str, port: int) -> list[Address]:
    """The addresses of `host` now. Raises socket.gaierror."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(where[0]) for *_kind, where in rows]


def judged(host: str, port: int, *, plain: bool, networks: Networks) -> list[Address]:
    """The addresses of `host` now. Raises socket.gaierror, and Forbidden if one of them is not allowed."""
    addresses = looked_up(host, port)
    if not addresses or not all(is_allowed(address, plain=plain, networks=networks) for address in addresses):
        raise Forbidden(host)
    return addresses


def is_plain(url: httpx2.URL) -> bool:
    return url.scheme == "http"


def check_web_address(text: str, networks: Networks = Networks.WEBHOOKS) -> None:
    """Raises ValidationError unless `text` is an address to which sending is allowed."""
    try:
        url = httpx2.URL(text) if WEB_ADDRESS.fullmatch(text) and "\\" not in text else None
    except httpx2.InvalidURL:
        url = None
    if url is None or not url.host or (url.port is not None and not 0 < url.port < 1 << 16):
        raise ValidationError(_("Không phải là địa chỉ https://… gồm toàn ký tự ASCII."), "invalid")
    if url.userinfo or url.fragment:
        raise ValidationError(_("Địa chỉ không được có tên, mật khẩu hay phần sau dấu #."), "invalid")
    try:
        judged(url.host, url.port or (80 if is_plain(url) else 443), plain=is_plain(url), networks=networks)
    except (OSError, UnicodeError) as error:
        raise ValidationError(_("Không tìm thấy máy chủ này."), "unknown_host") from error
    except Forbidden as error:
        message = _("Chỉ gửi được bằng https tới địa chỉ công khai trên Internet, hoặc tới mạng đã được cho phép.")
        raise ValidationError(message, "forbidden_address") from error
