"""The main job, end to end. Start here: a citizen's request becomes packets that the national portal holds.

The dossier passes, in this order (docs/architecture.md explains the steps):
onestop/dossiers/counter/views.py     the counter's form is checked
onestop/dossiers/lifecycle/intake.py  register and accept, by lifecycle/engine.py and the table in lifecycle/rules.py
onestop/dossiers/deadlines/rules.py   the due date
onestop/dossiers/store.py             the rows; models/history.py::Transition is the duty to report
packets/collecting/collect.py         finds the transition, and has dialects/qd1705/build.py make the packet
packets/queue/outbox.py               whose turn it is
packets/delivery/sender.py            sends, through dialects/qd1705/client.py
packets/delivery/settle.py            records the answer as an Attempt
"""

import json
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from onestop.common.time import VIETNAM
from onestop.demo import office
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import User
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet

from . import people
from .practice_portal import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
JOURNEY = Path(__file__).parent / "journey"
SCAN = b"%PDF-1.7 don dang ky"


def at(month: int, day: int, hour: int, minute: int = 0) -> time_machine.travel:
    return time_machine.travel(datetime(2026, month, day, hour, minute, tzinfo=VIETNAM), tick=False)


def click(user: User, dossier: Dossier, move: str, **typed: str | int) -> None:
    """A person opens a move's form on a dossier's page, fills it in and sends it."""
    browser = Client()
    browser.force_login(user)
    assert browser.post(f"/dossiers/{dossier.uuid}/{move}/", typed).status_code == 302


def expected(kind: str, dossier: Dossier) -> list[list[tuple[str, object]]]:
    """The packets of tests/journey/, field by field: their order is part of the standard."""
    content = f"sha256:{sha256(SCAN).hexdigest()}:{len(SCAN)}"
    text = (JOURNEY / f"{kind}.json").read_text(encoding="utf-8")
    packets = json.loads(text.replace("«the scan»", content).replace("«the dossier»", str(dossier.uuid)))
    return [list(packet.items()) for packet in packets]


def test_a_dossier_travels_from_the_counter_to_the_national_portal(practice_portal: Sandbox) -> None:
    call_command("import_catalog", str(Path(office.__file__).parent / "catalogue"), verbosity=0)
    call_command("load_calendar", verbosity=0)
    url = practice_portal.address
    login = ("--token-url", f"{url}/token", "--client-id", "demo", "--client-secret", "demo-secret")
    with at(3, 1, 12):
        call_command("add_portal", "practice", "--base-url", url, *login)

    # The counter: Lan types the request for a household business in, with one scanned paper. Three working days.
    with at(3, 2, 9, 15):
        counter = Client()
        counter.force_login(people.lan())
        typed = json.loads((JOURNEY / "typed.json").read_text(encoding="utf-8"))
        typed |= {"agency": people.ward().pk, "uploads": people.a_file("đơn.pdf", SCAN)}
        counter.post("/dossiers/receive/1.001612/", typed)
        dossier = Dossier.objects.get()
        call_command("sync_packets", verbosity=0)

    # The work: Bình examines, Hà signs, Lan hands over.
    with at(3, 3, 8):
        click(people.binh(), dossier, "start")
    with at(3, 4, 16):
        click(people.ha(), dossier, "approve", comment="Đủ điều kiện", approver=people.ha().pk)
    with at(3, 5, 8, 30):
        click(people.lan(), dossier, "return_result", return_method="direct", comment="Đã ký nhận")
    assert Dossier.objects.get().state == State.RETURNED

    # The month ends, the citizen has voted, the figures are published. One worker sends it all.
    questions = QuestionSet.objects.create(name="Khảo sát")
    questions.questions.create(ordinal=1, content="Thái độ phục vụ")
    cast(dossier, questions, {1: {"rating": 1, "reason": ""}}, on=date(2026, 3, 5))
    with at(4, 1, 8):
        call_command("close_period", "2026-03", verbosity=0)
        call_command("sync_packets", "--drain", verbosity=0)

    # What the portal holds: the dossier as it was taken in and as it ended, each step, the rating and the figures.
    for kind in ("document", "trace", "vote", "statistic"):
        assert [list(packet.items()) for packet in practice_portal.held(kind)] == expected(kind, dossier)
