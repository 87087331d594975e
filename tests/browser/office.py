"""Fills a migrated office to look at; what a browser must know of it goes into FOLDER/office.json.

`full` has dossiers in every state and packets of every fate, `empty` nothing yet but people and procedures, `demo` is
the office of `make run`.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.catalog.calendar import DEFAULT_HOURS
from onestop.catalog.models import Agency, WorkingHours
from onestop.demo.people import PROVINCE
from onestop.dossiers.lists.columns import COLUMNS
from onestop.dossiers.models import Fee, State
from onestop.staff.models import SavedList, User
from onestop.statistics.models import Assessment, Publication
from packets.collecting.collect import collect
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState
from packets.models.reasons import Reason
from tests.guide_text import tasks_of_guide
from tests.packets.portals import a_portal, an_attempt, as_accepted, is_faring

from .clock import TODAY
from .pages import visits
from .tasks import HANDS, TASKS, Task
from .things import OF_THREE, STAFF, WARD, a_dossier_in, a_rich_dossier, person, ward

DOSSIERS = {"full": 60, "empty": 0, "demo": 400}


def fill(folder: Path, kind: str) -> None:
    with time_machine.travel(TODAY):
        call_command("load_demo", dossiers=DOSSIERS[kind], verbosity=0)
        if kind != "empty":
            for state in State:
                a_dossier_in(state)
            a_rich_dossier()
            SavedList.objects.create(user=person("lan"), name="Chờ tiếp nhận", query="state=1")
            # Everything that a list can tell, at least to one of them.
            User.objects.filter(username="vy").update(list_columns=[column.name for column in COLUMNS])
            for name in OF_THREE:
                for _number in range(3):
                    a_dossier_in(State.ACCEPTED, applicant_name=name)
            if kind == "full":
                _leave_a_month_open()
            _send_packets()
            _hours_of_its_own()
            Assessment.objects.create(
                agency=ward(), year=2026, quarter=3, indicator=5, points=2, basis="Biên bản số 4"
            )
        told = {
            "sessions": _sessions(),
            "addresses": _addresses(kind),
            "dossiers": _of_tasks() if kind == "full" else {},
        }
    (folder / "office.json").write_text(json.dumps(told), encoding="utf-8")


def _leave_a_month_open() -> None:
    """So that there is a month to close; of October something is recorded late by one of `pages`."""
    Publication.objects.filter(year=2026, month=9).delete()


def _send_packets() -> None:
    """Most were taken, a few were refused, the latest wait for their turn."""
    portal = a_portal(code="thuc-hanh", name="Cổng thực hành")
    portal.agencies.add(Agency.objects.get(code=PROVINCE))
    collect(portal)
    documents = Packet.objects.filter(kind=Kind.DOCUMENT, dossier__agency__code=WARD, due_at__isnull=False)
    refused, waiting = documents.order_by("-pk")[:3], documents.order_by("-pk")[3:8]
    left = [packet.dossier_id for packet in [*refused, *waiting]]
    taken = Packet.objects.exclude(dossier__in=left)
    for packet in refused:
        stopped = Packet.objects.filter(pk=packet.pk)
        stopped.update(state=PacketState.STOPPED, reason=Reason.REFUSED, detail="Thiếu trường", tries=1, due_at=None)
        an_attempt(packet, outcome="stopped", reason=Reason.REFUSED)
    is_faring(portal, number=taken.count(), last_success_at=timezone.now() - timedelta(minutes=3))
    as_accepted(taken)


def _hours_of_its_own() -> None:
    """Of the ward, the usual ones: in the admin its manager sees no others."""
    for weekday, parts in DEFAULT_HOURS.items():
        for opens, closes in parts:
            WorkingHours.objects.create(agency=ward(), weekday=weekday, opens=opens, closes=closes)


def _sessions() -> dict[str, str]:
    """The session cookie of each member of staff."""
    cookies = {}
    for username in STAFF:
        client = Client()
        client.force_login(person(username), "django.contrib.auth.backends.ModelBackend")
        cookies[username] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return cookies


def _addresses(kind: str) -> dict[str, str]:
    wanted = [visit for visit in visits() if (visit.office == "empty") == (kind == "empty")]
    return {visit.name: visit.page.address_for(person(visit.who) if visit.who else None) for visit in wanted}


def _of_tasks() -> dict[str, dict[str, str]]:
    """A dossier of its own for each task and each hand, and each of the guide: its code, its applicant, its page."""
    by_hand = {f"{task}-{hand.__name__}": _of_task(task, hand.__name__) for task in TASKS for hand in HANDS}
    return by_hand | {
        f"guide-{task}-{hand.__name__}": _a_dossier(
            f"Đỗ Thị Hướng Dẫn {hand.__name__} {task}", task.begins_with, is_to_pay=task.name == "collect-money"
        )
        for task in tasks_of_guide()
        for hand in HANDS
        if task.begins_with is not None
    }


def _of_task(task: Task, hand: str) -> dict[str, str]:
    return _a_dossier(f"Đỗ Thị Ngọc {hand} {task.name}", task.begins_with)


def _a_dossier(name: str, state: State, *, is_to_pay: bool = False) -> dict[str, str]:
    dossier = a_dossier_in(state, applicant_name=name, phone="0905000111")
    if is_to_pay:
        dossier.fees.add(Fee(name="Lệ phí", amount=100_000, demanded_at=timezone.now()), bulk=False)
    address = reverse("dossiers:detail", args=[dossier.uuid])
    return {"code": dossier.code or "", "name": name, "address": address}
