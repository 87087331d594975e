"""Addresses as nobody means them: whatever stands in one, a page answers, and never with an error of ours.

A new hostile value is one line of `VALUES`. Every pattern of the site is walked with each of them, by itself: a page
that is added is in it.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import signing
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from onestop.dossiers.models import Dossier
from onestop.votes.ballot_pages import kiosk
from packets.collecting.collect import collect
from packets.models import Packet
from tests import people
from tests.packets.portals import a_portal
from tests.test_admin import ROWS

pytestmark = pytest.mark.django_db

# (what it is, as it stands in an address)
VALUES = [
    ("NUL", "%00"),
    ("NUL within", "a%00b"),
    ("more than smallint", "32768"),
    ("more than 32 bits", "2147483648"),
    ("more than 64 bits", "99999999999999999999"),
    ("negative and giant", "-99999999999999999999"),
    ("five thousand digits", "9" * 5000),
    ("no number", "NaN"),
    ("infinite", "1e999"),
    ("digits of another script", "%D9%A1%D9%A2"),
    ("superscript", "%C2%B2"),
    ("half a character", "%ED%A0%80"),
    ("bytes that are no text", "%FF%FE"),
    ("a UUID of zeros", "00000000-0000-0000-0000-000000000000"),
    ("a path", "..%2F..%2Fetc%2Fpasswd"),
    ("markup", "%3Cscript%3E"),
    ("format", "%25s%7B0%7D"),
    ("a lone quote", "%27"),
    ("a backslash", "%5C"),
    ("direction of reading", "%E2%80%AE"),
    ("a long word", "x" * 3000),
    ("a year nobody counts", "99999-13-45"),
    ("the last day there is", "9999-12-31"),
    ("the first day there is", "0001-01-01"),
    ("nothing", ""),
]

# Those of them that stand in queries too: what a filter could read as a number or a day, and no text.
IN_QUERIES = ("more than 64 bits", "negative and giant", "superscript", "half a character", "the last day there is")
# Pages that are made of what the page beside them shows, and take long.
FILES = (".pdf", ".xlsx")
ADMINISTERED = ("staff/user", "catalog/agency", "dossiers/dossier", "dossiers/transition", "packets/packet")

# Of queries, besides every name that the code reads.
NAMED = re.compile(r"""GET(?:\.get\(|\[|\.getlist\()["'](\w+)["']""")
PLACE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, route)
        elif isinstance(each, URLPattern):
            yield route


@cache
def routes() -> list[str]:
    """Every route, with `{}` where something may stand."""
    found = {PLACE.sub("{}", GROUP.sub("{}", route)) for route in patterns(get_resolver())}
    return sorted("/" + re.sub(r"[\^$]|\\Z|\\", "", route) for route in found)


def names() -> list[str]:
    """What a query of some page may be called: filters', and what views read by themselves."""
    read = {
        name
        for folder in ("onestop", "packets")
        for path in Path(settings.BASE_DIR, folder).rglob("*.py")
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    }
    return sorted(read | {"page", "q", "p", "o", "e", "id", "next", "id__exact", "id__gt", "id__in", "unit", "agency"})


@pytest.fixture
def office(caplog: pytest.LogCaptureFixture) -> Client:
    """Something of everything, and whoever may open all of it. Hundreds of refusals are no news for the log."""
    caplog.set_level(logging.CRITICAL)
    call_command("load_calendar", verbosity=0)
    people.a_dossier()
    collect(a_portal())
    for model, row in ROWS.items():
        if not model._default_manager.exists():
            row()
    client = Client(raise_request_exception=False)
    client.force_login(people.root(), "django.contrib.auth.backends.ModelBackend")
    return client


def status_of(client: Client, address: str) -> int:
    """Each in a transaction of its own: what fails in the database spoils no other."""
    with transaction.atomic():
        answer = client.get(address)
        _read(answer)
        transaction.set_rollback(True)
    return answer.status_code


def _read(answer: Any) -> None:
    """To the end, which closes the files that it is read from. To close it here would close the database, too."""
    if answer.streaming:
        deque(answer.streaming_content, maxlen=0)


def test_no_path_breaks_a_page(office: Client) -> None:
    """With the value wherever something may stand, and in one place beside what there is."""
    places = [route for route in routes() if "{}" in route] + list(_partly_right())
    asked = [(what, place, place.replace("{}", value)) for what, value in VALUES for place in places]
    broken = [f"{what}: {place}" for what, place, address in asked if status_of(office, address) >= 500]
    assert broken == []


def _partly_right() -> Iterator[str]:
    dossier, packet = Dossier.objects.latest("pk"), Packet.objects.latest("pk")
    signed = signing.dumps(people.ward().pk, salt=kiosk.SALT)
    yield from (
        f"/dossiers/{dossier.uuid}/{{}}/",
        f"/dossiers/{dossier.uuid}/files/{{}}/",
        f"/dossiers/{dossier.uuid}/files/{{}}/preview/",
        f"/dossiers/{dossier.uuid}/fees/{{}}/pay/",
        f"/dossiers/{dossier.uuid}/fees/1/{{}}/",
        f"/dossiers/{dossier.uuid}/printed/{{}}/",
        f"/dossiers/{dossier.uuid}/print/receipt/{{}}/",
        f"/dossiers/{dossier.uuid}/print/{{}}/1/",
        f"/danh-gia/quay/{signed}/phieu/{{}}/",
        f"/packets/{packet.pk}/{{}}/",
        f"/batches/{uuid4()}/{{}}/",
        "/admin/r/{}/1/",
        "/admin/r/1/{}/",
    )


def test_no_query_breaks_a_page(office: Client) -> None:
    """All names at once, those of the page's own form and those that the code reads."""
    pages = [route for route in routes() if "{}" not in route and not route.endswith(FILES)]
    pages.append(f"/dossiers/{Dossier.objects.latest('pk').uuid}/")
    broken = []
    for page in pages:
        every = [*names(), *_names_of(office, page)]
        for what, value in _in_queries():
            query = "&".join(f"{name}={value}" for name in every)
            if status_of(office, f"{page}?{query}") >= 500:
                # Which name it is.
                guilty = [name for name in every if status_of(office, f"{page}?{name}={value}") >= 500]
                broken.append(f"{what}: {page} {guilty}")
    assert broken == []


# (page, name in its query that leads to the database by a way of its own)
ALONE = [
    *(
        (f"/admin/{model}/", name)
        for model in ADMINISTERED
        for name in ("id__exact", "id__in", "id__gt", "p", "o", "e")
    ),
    ("/dossiers/", "page"),
    ("/dossiers/", "received_from"),
    ("/log/", "day"),
    ("/log/sign-ins/", "address"),
    ("/packets/list/", "portal"),
    ("/statistics/", "period"),
    ("/statistics/dossiers/", "figure"),
    ("/votes/results/", "cast_from"),
    ("/register/", "received_from"),
]


def test_no_name_of_a_query_breaks_a_page_by_itself(office: Client) -> None:
    asked = [(what, f"{page}?{name}=", value) for page, name in ALONE for what, value in _in_queries()]
    broken = [f"{what}: {place}" for what, place, value in asked if status_of(office, place + value) >= 500]
    assert broken == []


def _in_queries() -> list[tuple[str, str]]:
    return [(what, value) for what, value in VALUES if what in IN_QUERIES]


def _names_of(client: Client, address: str) -> list[str]:
    """Of the form with which the page itself is narrowed."""
    answer = client.get(address)
    _read(answer)
    if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
        return []
    return sorted(set(re.findall(r'name="([\w-]+)"', answer.content.decode())) - {"csrfmiddlewaretoken"})


def test_every_page_of_the_site_is_walked() -> None:
    assert len(routes()) > 150
    assert len(names()) > 15


NOTHINGS = [
    "/%00",
    "/dossiers/%00/",
    "/dossiers/?page=2%00",
    "/dossiers/?q=a%00b",
    "/dossiers/procedures/?q=p%00hieu",
    "/dossiers/receive/?q=kh%00ai+sinh",
    "/packets/list/?q=%00",
    "/register/?received_from=2026-03-01%00",
    "/sign-in/?next=%00",
    "/statistics/?procedure=%00",
    "/statistics/dossiers/?figure=%00",
    "/statistics/published/?agency=%00",
]


@pytest.mark.parametrize("address", NOTHINGS)
def test_nul_is_the_address_of_nothing(address: str) -> None:
    client = Client()
    client.force_login(people.root(), "django.contrib.auth.backends.ModelBackend")
    answer = client.get(address)
    assert answer.status_code == 404
    assert "Không tìm thấy trang này" in answer.content.decode()
