"""An empty database gets the demo's people and one province, with all that its dossiers leave behind at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.demo import people
from onestop.demo.management.commands.load_demo import CATALOGUE
from onestop.dossiers.models import DailySequence, DueDate, InternalNote, NewsItem, Opinion, State, Supplement
from onestop.staff.models import Role, User
from onestop.statistics.counting.recount import recount
from onestop.statistics.models import Assessment
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from onestop.votes import starter_questions
from onestop.votes.models import Answer, Ballot, BallotSlip
from packets.collecting.collect import collect
from packets.dialects.qd1705.messages import Kind
from packets.models import Attempt, DeliveryState, Packet, PacketState
from packets.models.reasons import Reason
from tests.browser.things import a_dossier_in, a_rich_dossier, ward
from tests.packets.portals import a_portal, an_attempt

from .province import DEPARTMENT, make_province, run_script

# Who sees more than the ward of the demo's people: username, role, agency.
OVERSEERS = (
    ("ha.tinh", Role.MANAGER, people.PROVINCE),
    ("lan.tinh", Role.RECEPTION, people.PROVINCE),
    ("ha.so", Role.MANAGER, f"{people.PROVINCE}.{DEPARTMENT:03}"),
    ("lan.so", Role.RECEPTION, f"{people.PROVINCE}.{DEPARTMENT:03}"),
    ("minh.so", Role.OFFICER, f"{people.PROVINCE}.{DEPARTMENT:03}"),
)


def make_office(dossiers: int, now: datetime, say: Callable[[str], object]) -> None:
    call_command("migrate", verbosity=0)
    call_command("import_catalog", str(CATALOGUE), verbosity=0)
    call_command("load_calendar", verbosity=0)
    call_command("import_places", verbosity=0)
    people.hire(Random(1))  # noqa: S311 invents people, keeps no secret
    make_province(dossiers, now, seed=1, say=say, province=people.PROVINCE)
    hire_overseers()
    leave_behind(say)
    say("figures are counted")
    recount(repair=True)
    publish_past_year(now)
    say("packets are collected")
    act(now)
    say("vacuum")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def hire_overseers() -> None:
    for username, role, code in OVERSEERS:
        User.objects.create(
            username=username, full_name=username.title(), role=role, agency=Agency.objects.get(code=code)
        )


def leave_behind(say: Callable[[str], object]) -> None:
    question_set, _made = starter_questions.load()
    portal = a_portal(code="lon", name="Cổng lớn")
    values = {"agency": ward().pk, "question_set": question_set.pk, "portal": portal.pk}
    filled = (
        DueDate,
        Supplement,
        DailySequence,
        Opinion,
        BallotSlip,
        Ballot,
        Answer,
        Packet,
        Attempt,
        InternalNote,
        NewsItem,
    )
    run_script("desk.sql", values, say, filled)
    accepted = Attempt.objects.filter(portal=portal, number__isnull=False).latest("number")
    DeliveryState.objects.filter(portal=portal).update(
        number=accepted.number, seal=accepted.seal, last_success_at=accepted.at
    )


def publish_past_year(now: datetime) -> None:
    month = Period.month_of(now).previous
    for _month in range(12):
        publish(Agency.objects.get(code=people.PROVINCE), month)
        month = month.previous


def act(now: datetime) -> None:
    """What the pages want to see besides: one dossier in each state by real moves, and a packet that was refused."""
    portal = a_portal(code="thuc-hanh", name="Cổng thực hành", since=timezone.now())
    for state in State:
        a_dossier_in(state)
    a_rich_dossier()
    Assessment.objects.create(
        agency=ward(), year=now.year, quarter=(now.month + 2) // 3, indicator=5, points=2, basis="Biên bản số 4"
    )
    collect(portal)
    packet = Packet.objects.filter(portal=portal, kind=Kind.DOCUMENT, due_at__isnull=False).latest("pk")
    refused = Packet.objects.filter(pk=packet.pk)
    refused.update(state=PacketState.STOPPED, reason=Reason.REFUSED, detail="Thiếu trường", tries=1, due_at=None)
    an_attempt(packet, outcome="stopped", reason=Reason.REFUSED)
