"""What is asked of the desk: every page of the browser's tests, and whatever else is looked for and narrowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from onestop.catalog.models import Agency, Field
from onestop.dossiers.lists.filters import Due, Turn
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import User
from packets.models import PacketState
from tests.browser.pages import PAGES
from tests.every_page import admin_lists

# Who sees the same pages as one of the ward, of a department and of the province.
LIKE = {"lan": ("lan.so", "lan.tinh"), "ha": ("ha.so", "ha.tinh"), "minh": ("minh.so",)}
SEEKERS = ("lan", "lan.so", "lan.tinh", "admin")


@dataclass(frozen=True)
class Question:
    name: str
    who: str
    address: str
    status: int = 200
    # What is sent with it; without, the address is opened.
    sent: dict[str, str] = field(default_factory=dict)

    @property
    def is_search(self) -> bool:
        return self.name.startswith("find")

    def asked_by(self, client: Client) -> Any:
        return client.post(self.address, self.sent) if self.sent else client.get(self.address)


def questions() -> Iterator[Question]:
    yield from found()
    yield from narrowed()
    yield from pages()
    for name, address in admin_lists(User.objects.get(username="admin")):
        yield Question(name, "admin", address)


def pages() -> Iterator[Question]:
    for page in PAGES:
        # In the admin there is a row of each table, but not one for everybody.
        of_one_row = page.name.startswith("admin") and page.name.endswith("-change")
        like = {} if of_one_row or page.status != 200 else LIKE
        for who in page.who:
            address = page.address_for(User.objects.filter(username=who).first())
            yield Question(page.name, who, address, page.status)
            for person in like.get(who, ()):
                if not (person.endswith(".so") and _is_of_one(address)):
                    address_of_theirs = page.address_for(User.objects.get(username=person))
                    yield Question(page.name, person, address_of_theirs, page.status)


def _is_of_one(address: str) -> bool:
    """Whether it is about one thing, or one agency: all that is asked for is the ward's, unseen by a department."""
    parts = urlsplit(address)
    return bool(resolve(parts.path).kwargs) or "agency=" in parts.query


# ---- what is looked for

WORDS = {
    "words everybody has": "Nguyễn Văn",
    "words in any accents": "nguyen thi HOA",
    "short words": "Lê An",
    "shorter words": "Võ Ý",
    "a rare name": "Thò Mí Xuyến",
    "rare words": "Khổng Khuê",
    "words that are never together": "Thò Khổng",
    "a word and nobody": "zzzz",
    "common words and nobody": "Nguyễn Thị zzzz",
    "words of the summary": "khai sinh Khổng Bách",
}


def found() -> Iterator[Question]:
    address = reverse("dossiers:find")
    one = Dossier.objects.exclude(code=None).exclude(identity_no="").exclude(phone="0905123456")[1000]
    numbers = {
        "a number": one.identity_no,
        "a phone": one.phone,
        "the phone of a service": "0905123456",
        "a number and nobody": "099999999999",
        "a part of a code": f"{one.code}"[-7:],
    }
    for what, text in (WORDS | numbers).items():
        for who in SEEKERS:
            yield Question(f"find {what}", who, address, _status(text, who), {"q": text})
    for what, text in {"a code": str(one.code), "a receipt": f"/tra-cuu/{one.token}/"}.items():
        for who in ("lan.tinh", "admin"):
            yield Question(f"find {what}", who, address, 302, {"q": text})


def _status(text: str, who: str) -> int:
    """One that is found is opened at once."""
    from onestop.dossiers.lists.search import meant

    return 302 if len(meant(text, User.objects.get(username=who))) == 1 else 200


def narrowed() -> Iterator[Question]:
    today = timezone.localdate()
    officer = Dossier.objects.exclude(officer=None).filter(state=State.IN_PROGRESS).latest("pk").officer
    unit = Agency.objects.get(code="H21.101.01")
    ways: dict[str, dict[str, object]] = {
        **{f"q={text}": {"q": text} for text in WORDS.values()},
        **{f"state={state}": {"state": int(state)} for state in State},
        **{f"turn={turn}": {"turn": turn} for turn in Turn},
        **{f"due={due}": {"due": due} for due in Due},
        **{f"due={due}, page 40": {"due": due, "page": 40} for due in Due},
        "page=100": {"page": 100},
        "a rare field": {"field": Field.objects.get(code="G15-TP11").pk},
        "a common field": {"field": Field.objects.get(code="L00").pk},
        "an agency": {"agency": Agency.objects.get(code="H21.101").pk},
        "received this month": {"received_from": today.replace(day=1)},
        "received a year ago": {
            "received_from": today - timedelta(days=400),
            "received_to": today - timedelta(days=370),
        },
        "a unit": {"unit": unit.pk, "turn": Turn.OFFICE},
        "nobody’s": {"officer": "null", "turn": Turn.OFFICE},
        "changed since yesterday": {"changed_from": today - timedelta(days=1)},
        "words and a state": {"q": "Lê An", "state": int(State.IN_PROGRESS)},
        "words and a turn": {"q": "Nguyễn Hoa", "turn": Turn.CITIZEN},
        "words and a field": {"q": "Khổng Khuê", "field": Field.objects.get(code="L00").pk},
        "words that are late": {"q": "Trần Văn", "due": Due.LATE},
    }
    for who in SEEKERS:
        for what, asked in ways.items():
            yield Question(f"list, {what}", who, f"{reverse('dossiers:list')}?{urlencode(asked)}")
    assert officer is not None
    for who in ("lan.tinh", "admin"):
        theirs = urlencode({"officer": officer.pk, "turn": Turn.OFFICE})
        yield Question("list, an officer’s", who, f"{reverse('dossiers:list')}?{theirs}")
    registers: dict[str, dict[str, object]] = {
        "a year": {"received_from": today - timedelta(days=365), "received_to": today},
        "a month long ago": {
            "received_from": today - timedelta(days=400),
            "received_to": today - timedelta(days=370),
        },
        "a rare field": {"field": Field.objects.get(code="G15-TP11").pk},
        "an agency": {"agency": unit.pk},
        "page 40": {"page": 40},
    }
    for who in SEEKERS:
        for what, asked in registers.items():
            yield Question(f"register, {what}", who, f"{reverse('dossiers:register')}?{urlencode(asked)}")
    code = str(Dossier.objects.exclude(code=None)[500].code)
    packets: dict[str, dict[str, object]] = {
        **{f"state={state}": {"state": state} for state in PacketState},
        "q": {"q": code},
        "a part of a code": {"q": code[-7:]},
        "nobody’s code": {"q": "ZZZZ"},
        "kind": {"kind": "document"},
        "reason": {"reason": "refused"},
    }
    for who in ("ha", "ha.so", "tuan", "admin"):
        for what, asked in packets.items():
            yield Question(f"packet-list, {what}", who, f"{reverse('packets:list')}?{urlencode(asked)}")
