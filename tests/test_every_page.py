"""No page asks more of the database the more there is to show, and none asks more than a dozen questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onestop.catalog.models import Agency, CalendarDay, Phase, Procedure, WorkingHours
from onestop.dossiers import notes
from onestop.dossiers.models import Dossier, DueDate, Move, ReadyText, State
from onestop.partners.credentials import issue
from onestop.staff.models import AccessLog, Role
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.models import Assessment
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from onestop.votes import starter_questions
from onestop.votes.ballots import BallotAnswer, cast
from onestop.votes.models import QuestionSet
from packets.collecting.collect import collect
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState, Portal
from packets.models.reasons import Reason

from . import people
from .browser.clock import TODAY
from .browser.pages import PAGES, Page
from .browser.things import STAFF, a_dossier_in, a_rich_dossier, person, ward
from .packets.portals import a_portal, an_attempt

pytestmark = pytest.mark.django_db

MOST = 12
# What still asks more: of figures each is a question of its own. Two ask for the tree of agencies as it was: in which
# of the months shown it changed, and in which the agency reported, which is known of today's ministries and provinces
# only by the days on which they began and ended. The page that closes a period counts as closing does, under its lock.
# The page of a dossier reads nine tables of it, one of them the notes of colleagues.
OF_A_DOSSIER = 13
KNOWN = {
    "statistics (lan)": 28,
    "statistics (admin)": 30,
    "close-period (hoa)": 17,
    "close-period (admin)": 17,
    **{f"detail ({who})": OF_A_DOSSIER for who in ("lan", "admin")},
    **{f"detail-{state.name.lower()} (ha)": OF_A_DOSSIER for state in State},
    "detail-undoable (ha)": OF_A_DOSSIER,
}
# Pages that no list of pages knows: what is looked for stands in no address.
FOUND = {"found by words": "Đặng Văn", "found by phone": "0912000111"}


def test_no_page_asks_the_more_the_more_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    # That somebody is still there is noted once a minute, on whichever page that is: no matter of a page.
    monkeypatch.setattr("onestop.staff.sessions.NOTED_EVERY", 24 * 3600)
    with time_machine.travel(TODAY):
        call_command("load_demo", dossiers=0, verbosity=0)
        grow(1)
        opened = [(page, who, page.address_for(person(who) if who else None)) for page, who in _pages()]
        # To get at the addresses, dossiers were made: the admin shows the latest.
        in_the_admin = Dossier.objects.latest("pk")
        grow_dossier(in_the_admin, 1)
        grow_packets(0)
        catch_up()
        few = list(_questions(opened))
        for number in (2, 3):
            grow_dossier(in_the_admin, number)
            grow(number)
        catch_up()
        many = list(_questions(opened))
    faults = [
        f"{name}: {before} questions, with three times as much {after}"
        for (name, before), (_name, after) in zip(few, many, strict=True)
        if after > before or after > KNOWN.get(name, MOST)
    ]
    assert len(few) > 120
    assert "\n".join(faults) == ""


def _pages() -> Iterator[tuple[Page, str]]:
    """Each as seen by those who see least and most of it."""
    for page in PAGES:
        for who in dict.fromkeys((page.who[0], page.who[-1])):
            yield page, who


def _questions(opened: list[tuple[Page, str, str]]) -> Iterator[tuple[str, int]]:
    clients = {"": Client()}
    for who in STAFF:
        clients[who] = Client()
        clients[who].force_login(person(who), "django.contrib.auth.backends.ModelBackend")
    for page, who, address in opened:
        with CaptureQueriesContext(connection) as queries:
            assert clients[who].get(address).status_code == page.status, page.name
        yield f"{page.name} ({who})", len(queries)
    for name, text in FOUND.items():
        with CaptureQueriesContext(connection) as queries:
            assert clients["lan"].post(reverse("dossiers:find"), {"q": text}).status_code == 200
        yield name, len(queries)


# ---- what there is more of


def grow(number: int) -> None:
    """As much again of all that a page shows, and of what belongs to whatever has a page of its own."""
    grow_catalogue(number)
    for state in State:
        a_dossier_in(state, officer=person("minh"), phone="0912000111")
    grow_dossier(a_rich_dossier(), number)
    grow_ratings(number)
    grow_figures(number)
    grow_partners(number)
    grow_packets(number)


def grow_catalogue(number: int) -> None:
    agency = Agency.objects.create(code=f"H21.101.9{number}", name=f"Tổ {number}", parent=ward(), level="commune")
    people.a_person(f"m{number}", Role.OFFICER, agency)
    people.a_procedure(code=f"9.00000{number}", field=people.a_field(f"F{number}", f"Lĩnh vực {number}"))
    first, hours = Procedure.objects.get(code="9.000001"), {"opens": "07:30", "closes": "11:30"}
    first.papers.create(ordinal=number, name="Tờ khai", originals=1)
    first.fees.create(ordinal=number, name="Lệ phí", amount=8_000)
    first.results.create(ordinal=number, name="Giấy chứng nhận")
    WorkingHours.objects.create(agency=Agency.objects.get(code="H21.101.91"), weekday=number, **hours)
    CalendarDay.objects.create(date=date(2027, 10, number), kind="off", name="Nghỉ")
    for use in ReadyText.Use:
        ReadyText.objects.create(use=use, title=f"Câu {number}", text="Thiếu tờ khai.", agency=ward(), procedure=first)
    Group.objects.create(name=f"Nhóm {number}")


def grow_dossier(dossier: Dossier, number: int) -> None:
    now, agency = timezone.now(), Agency.objects.latest("pk")
    AccessLog.note(person("ha"), AccessLog.Act.OPEN, dossier.uuid)
    asked = {"asked_at": now, "asked_by": "Hà"}
    supplement = dossier.supplements.create(ordinal=10 + number, request="Thiếu tờ khai", received_at=now, **asked)
    dossier.papers.create(supplement=supplement, name="Tờ khai", phase=Phase.SUPPLEMENT)
    dossier.fees.add(people.a_fee(), bulk=False)
    dossier.due_dates.create(due_at=now, since=now, why=DueDate.Why.EXTENSION)
    for asked_agency in (ward(), agency):
        dossier.opinions.create(agency=asked_agency, question="Được không?", due_at=now, **asked)
    step = {"from_state": dossier.state, "to_state": dossier.state, "at": now, "accepted": True, "actor_name": "Hà"}
    transition = dossier.transitions.create(move=Move.EXTEND, actor=person("ha"), unit=agency, **step)
    file = {"file": "none", "sha256": "0" * 64}
    dossier.attachments.create(ordinal=20 + number, name="đơn.pdf", size=9, uploaded_at=now, **file)
    notes.write(dossier, person("ha"), text=f"Ghi chú {number}")
    printed = {"kind": "apology", "form_set": Agency.FormSet.TT03_2025, "printed_at": now, "printed_by": "Hà"}
    dossier.printed_forms.create(transition=transition, **printed, **file)


def grow_ratings(number: int) -> None:
    QuestionSet.objects.create(name=f"Khảo sát {number}", agency=Agency.objects.latest("pk"))
    QuestionSet.objects.get(name="Khảo sát 1").questions.create(ordinal=number, content=f"Câu {number}?")
    ready, _made = starter_questions.load()
    answers: dict[int, BallotAnswer] = {ordinal: {"rating": 1, "reason": ""} for ordinal in range(1, 10)}
    cast(Dossier.objects.filter(state=State.RETURNED).latest("pk"), ready, answers)


def grow_figures(number: int) -> None:
    """Of months by whose end something had been accepted: of others nothing is published."""
    people.a_dossier_accepted(timezone.make_aware(datetime(2026, 1, 5, 8 + number)), agency=ward())
    publish(Agency.objects.get(code="H21"), Period(2026, number))
    given = {"points": 2, "basis": "Biên bản số 4"}
    Assessment.objects.create(agency=ward(), year=2026, quarter=3, indicator=4 + number, **given)


def grow_partners(number: int) -> None:
    people.a_partner(name=f"LGSP {number}")
    issue(people.a_partner(name="LGSP 1"))


def grow_packets(number: int) -> None:
    """Of the first portal's one was refused again and again."""
    a_portal(code=f"p{number}", name=f"Cổng {number}").agencies.add(Agency.objects.get(code="H21"))
    for portal in Portal.objects.all():
        collect(portal)
    documents = Packet.objects.filter(portal__code="p1", kind=Kind.DOCUMENT, settled_at=None)
    refused = documents.filter(dossier__state=State.ACCEPTED).earliest("pk")
    stopped = Packet.objects.filter(pk=refused.pk)
    stopped.update(state=PacketState.STOPPED, reason=Reason.REFUSED, detail="Thiếu trường", tries=1, due_at=None)
    an_attempt(refused, outcome="stopped", reason=Reason.REFUSED)
