"""Where a portal or a partner may have us send to: not into a network of our own.

A name is looked up when it is registered and again at each connection, which then goes to exactly what was looked up:
a name that stands for something else a moment later gains nothing by it.
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
    """The settings that name networks of our own which may be sent to all the same, and where http will do."""

    WEBHOOKS = "WEBHOOK_NETWORKS"
    PORTALS = "PORTAL_NETWORKS"

    @property
    def allowed(self) -> list[Network]:
        named: list[Network] = getattr(settings, self.value)
        return named


# Not left to the library's `is_global` alone: what that says changes with Python's patch releases.
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
        # Of the global unicast addresses: special ones, examples, and those that hold one of IPv4 (Teredo, 6to4).
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
]
# Outside it lie loopback, link-local, unique local, multicast and all that stand for an address of IPv4.
OPEN_V6 = ip_network("2000::/3")
WEB_ADDRESS = re.compile(r"https?://[!-~]+", re.IGNORECASE)


class Forbidden(Exception):
    """A name leads to an address that nothing may be sent to."""


def is_allowed(address: Address, *, plain: bool = False, networks: Networks = Networks.WEBHOOKS) -> bool:
    """Whether something may be sent there; `plain`: unencrypted, which is for networks of our own only."""
    if any(address in network for network in networks.allowed):
        return True
    if plain or any(address in network for network in CLOSED):
        return False
    return address.is_global and (address.version == 4 or address in OPEN_V6)


def looked_up(host: str, port: int) -> list[Address]:
    """What `host` stands for now. Raises socket.gaierror."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(where[0]) for *_kind, where in rows]


def judged(host: str, port: int, *, plain: bool, networks: Networks) -> list[Address]:
    """What `host` stands for now. Raises socket.gaierror, and Forbidden if one of its addresses is not allowed."""
    addresses = looked_up(host, port)
    if not addresses or not all(is_allowed(address, plain=plain, networks=networks) for address in addresses):
        raise Forbidden(host)
    return addresses


def is_plain(url: httpx2.URL) -> bool:
    return url.scheme == "http"


def check_web_address(text: str, networks: Networks = Networks.WEBHOOKS) -> None:
    """Raises ValidationError unless something may be sent to `text`."""
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
