"""Where a webhook may lead: to the open Internet, or to a network that was allowed by name."""

from __future__ import annotations

import json
import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import pytest_django
from django.core.exceptions import ValidationError
from pytest_httpserver import HTTPServer

from packets.delivery.sender import deliver
from packets.http.addresses import check_web_address, is_allowed
from packets.models import Attempt, DeliveryState, Packet, Portal
from packets.models.reasons import Reason
from tests import people
from tests.packets.portals import collected, hasten
from tests.packets.webhooks import a_webhook

FORBIDDEN = [
    "0.0.0.0",  # noqa: S104 nothing is bound to it
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
OPEN = ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2400:cb00::1"]


class Names:
    """A name server of the test's own: what each name stands for, look-up by look-up, the last for good."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)

    def look_up(self, host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        self.asked.append(name)
        if name in self.known:
            turns = self.known[name]
            found = turns.pop(0) if len(turns) > 1 else turns[0]
        else:
            try:
                found = [str(ip_address(name))]
            except ValueError as error:
                raise socket.gaierror(name) from error
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def refusal(url: str) -> str | None:
    try:
        check_web_address(url)
    except ValidationError as error:
        return error.code
    return None


@pytest.mark.parametrize("text", FORBIDDEN)
def test_no_range_that_is_not_of_the_open_internet_is_allowed(text: str) -> None:
    assert not is_allowed(ip_address(text))


@pytest.mark.parametrize("text", OPEN)
def test_the_open_internet_is_allowed_and_encrypted_only(text: str) -> None:
    assert is_allowed(ip_address(text))
    assert not is_allowed(ip_address(text), plain=True)


def test_a_network_that_was_allowed_may_be_sent_to_without_encryption(settings: pytest_django.Settings) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("10.20.0.0/16"), ip_network("fd00::/8")]
    for text in ("10.20.3.4", "fd00::1"):
        assert is_allowed(ip_address(text))
        assert is_allowed(ip_address(text), plain=True)
    for text in ("10.21.0.1", "::ffff:10.20.3.4", "127.0.0.1"):
        assert not is_allowed(ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "su-kien",
        "ftp://lgsp.example/",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://lgsp.example/a b",
        "https://lgsp.example\\@ke-xau.example/",
        "https://lgsp.éxample/",
        "https://lgsp.example:0/",
        "https://lgsp.example:99999/",
        "https://[::1/",
        "https://ten:mat-khau@lgsp.example/",
        "https://ten@lgsp.example/",
        "https://lgsp.example/#phan",
    ],
)
def test_what_is_no_plain_address_is_refused(url: str, names: Names) -> None:
    names.known["lgsp.example"] = [["8.8.8.8"]]
    assert refusal(url) == "invalid"


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_name_of_a_forbidden_address_is_refused_even_beside_an_open_one(text: str, names: Names) -> None:
    names.known["lgsp.example"] = [["8.8.8.8", text]]
    assert refusal("https://lgsp.example/su-kien") == "forbidden_address"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
    ],
)
def test_no_way_of_writing_this_machine_s_own_address_is_taken(url: str) -> None:
    assert refusal(url) in ("forbidden_address", "unknown_host", "invalid")


def test_a_public_address_is_taken_by_https_and_not_by_http(names: Names) -> None:
    names.known["lgsp.example"] = [["8.8.8.8", "2606:4700::1111"]]
    assert refusal("https://lgsp.example:8443/su-kien?a=1") is None
    assert refusal("http://lgsp.example/su-kien") == "forbidden_address"
    assert refusal("https://khong-co.example/") == "unknown_host"


# ---- at each connection


@pytest.mark.django_db
def test_a_name_that_stands_for_something_else_by_now_is_not_followed(
    names: Names, httpserver: HTTPServer, settings: pytest_django.Settings
) -> None:
    """The receiver that must not be reached is a real one on this machine."""
    settings.WEBHOOK_NETWORKS = []
    httpserver.expect_request("/").respond_with_data("bí mật")
    names.known["lgsp.example"] = [["8.8.8.8"], ["127.0.0.1"]]
    url = f"https://lgsp.example:{httpserver.port}/"
    assert refusal(url) is None
    webhook = a_webhook(url)
    people.a_registered_dossier()
    collected(webhook)
    deliver(webhook)
    assert httpserver.log == []
    packet = Packet.objects.get()
    assert (packet.state, packet.reason) == ("ready", Reason.FORBIDDEN_ADDRESS)
    assert "WEBHOOK_NETWORKS" not in Attempt.objects.get().reply
    assert DeliveryState.objects.get().failures == 1


@pytest.mark.django_db
def test_the_connection_goes_to_what_was_judged_and_the_name_is_not_looked_up_again(
    names: Names, httpserver: HTTPServer, settings: pytest_django.Settings
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    httpserver.expect_request("/su-kien").respond_with_data("")
    # Whoever looks it up a second time is led astray.
    names.known["lgsp.example"] = [["127.0.0.1"], ["8.8.8.8"]]
    webhook = a_webhook(f"http://lgsp.example:{httpserver.port}/su-kien")
    people.a_registered_dossier()
    collected(webhook)
    assert deliver(webhook).accepted == 1
    ((request, _answer),) = httpserver.log
    assert request.headers["Host"] == f"lgsp.example:{httpserver.port}"
    assert names.asked.count("lgsp.example") == 1


@pytest.mark.django_db
def test_a_redirect_into_our_own_network_is_not_followed(
    httpserver: HTTPServer, settings: pytest_django.Settings
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    httpserver.expect_request("/su-kien").respond_with_data(
        "", 307, headers={"Location": httpserver.url_for("/ben-trong")}
    )
    webhook = a_webhook(httpserver.url_for("/su-kien"))
    people.a_registered_dossier()
    collected(webhook)
    deliver(webhook)
    assert [request.path for request, _answer in httpserver.log] == ["/su-kien"]
    assert Packet.objects.get().reason == Reason.DECLINED


@pytest.mark.django_db
def test_no_proxy_of_the_environment_stands_between(
    httpserver: HTTPServer, settings: pytest_django.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    httpserver.expect_request("/su-kien").respond_with_data("")
    webhook = a_webhook(httpserver.url_for("/su-kien"))
    people.a_registered_dossier()
    collected(webhook)
    assert deliver(webhook).accepted == 1


@pytest.mark.django_db
def test_an_address_that_is_mended_needs_no_resending(
    httpserver: HTTPServer, settings: pytest_django.Settings
) -> None:
    settings.WEBHOOK_NETWORKS = []
    httpserver.expect_request("/su-kien").respond_with_data("")
    webhook = a_webhook(httpserver.url_for("/su-kien"))
    people.a_registered_dossier()
    collected(webhook)
    assert deliver(webhook).retry == 1
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    hasten(webhook)
    assert deliver(Portal.objects.get()).accepted == 1
    assert json.loads(httpserver.log[0][0].data)["event"] == "dossier.moved"
