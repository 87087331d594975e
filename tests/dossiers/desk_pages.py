"""Opening the pages of the desk and filling in the counter, for the tests of both."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Procedure
from onestop.common.time import VIETNAM
from onestop.dossiers.models import Dossier, Move
from onestop.staff.models import User
from tests import people

LIST = "/dossiers/"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def at(day: int, hour: int) -> datetime:
    """An instant of March 2026, whose first day is a Sunday."""
    return datetime(2026, 3, day, hour, tzinfo=VIETNAM)


def detail_of(dossier: Dossier) -> str:
    return reverse("dossiers:detail", args=[dossier.uuid])


def move_page(dossier: Dossier, move: Move) -> str:
    return reverse("dossiers:move", args=[dossier.uuid, move.value])


def typed(**more: Any) -> dict[str, Any]:
    """What Lan types for a citizen."""
    return {
        "uuid": str(uuid.uuid4()),
        "channel": "direct",
        "agency": str(people.ward().pk),
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước 👶",
        "return_method": "direct",
        **more,
    }


def receive(procedure: Procedure, by: Any = people.lan, **more: Any) -> Any:
    people.ward_desk()
    client = as_(by())
    return client.post(reverse("dossiers:receive", args=[procedure.code]), typed(**more), follow=True)
