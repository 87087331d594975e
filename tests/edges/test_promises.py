"""Papers and pages tell what was promised, whatever the procedure became afterwards. Add the next report as a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Procedure
from onestop.dossiers import lifecycle
from onestop.dossiers.documents import FormKind, print_form
from onestop.dossiers.documents.forms import control_slip, receipt
from onestop.dossiers.models import Dossier, DueDate, Move
from onestop.dossiers.register.entries import Register
from tests import people

from .papers import text_of

pytestmark = pytest.mark.django_db

VN = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 3, 9, 9, tzinfo=VN)
NAME, NEW_NAME = "Đăng ký khai sinh", "Đăng ký khai sinh lưu động"


@pytest.fixture(autouse=True)
def on_a_monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def change(**traits: Any) -> None:
    """The procedure as it became after the promise."""
    Procedure.objects.update(
        **({"name": NEW_NAME, "limit": 30, "limit_unit": "days", "limit_text": "30 ngày"} | traits)
    )


def a_promise(**traits: Any) -> Dossier:
    procedure = people.a_procedure(**({"limit_text": "02 ngày làm việc"} | traits))
    Procedure.objects.filter(pk=procedure.pk).update(name=NAME)
    procedure.refresh_from_db()
    return people.a_dossier(procedure=procedure)


def printed(kind: FormKind, move: Move) -> Callable[[Dossier], str]:
    def paper(dossier: Dossier) -> str:
        made = dossier.transitions.filter(move=move).last()
        assert made is not None
        return text_of(print_form(dossier, kind, made, people.lan()))

    return paper


def detail(dossier: Dossier) -> str:
    return seen_by_ha(reverse("dossiers:detail", args=[dossier.uuid]))


def deadline(dossier: Dossier) -> str:
    return seen_by_ha(reverse("dossiers:deadline", args=[dossier.uuid]))


def seen_by_ha(address: str) -> str:
    client = Client()
    client.force_login(people.ha(), "django.contrib.auth.backends.ModelBackend")
    return client.get(address).content.decode()


def look_up(dossier: Dossier) -> str:
    return Client().get(reverse("dossiers:look-up", args=[dossier.token])).content.decode()


def register(dossier: Dossier) -> str:
    today = date(2026, 3, 9)
    return next(entry.summary for entry in Register(people.ha(), today, today).entries() if entry.code == dossier.code)


# Where it is told, what it says.
TOLD = [
    ("the receipt", printed(receipt.KIND, Move.ACCEPT), [NAME, "2 ngày làm việc", "11/03/2026"]),
    ("the control slip", printed(control_slip.KIND, Move.ACCEPT), [NAME, "11/03/2026"]),
    ("the dossier's page", detail, [NAME, "02 ngày làm việc", "11/03/2026"]),
    ("day by day", deadline, ["09/03/2026", "11/03/2026", 'class="days"']),
    ("the public look-up", look_up, [NAME, "11/03/2026"]),
    ("the register", register, [NAME]),
]


@pytest.mark.parametrize(("told", "words"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_it_is_told_as_it_was_promised(told: Callable[[Dossier], str], words: list[str]) -> None:
    dossier = a_promise()
    change()
    text = told(dossier)
    assert [word for word in words if word not in text] == []
    assert NEW_NAME not in text
    assert "30 ngày" not in text


# The procedure at acceptance and as it became; what it is due when the clock ran on or began anew after a supplement.
PAUSES = [
    ("what was left, in working time", {"after_supplement": "resume"}, {}, "2026-03-13T09:00"),
    ("begun anew: what is promised at the return", {}, {"limit": 5, "limit_unit": "working_days"}, "2026-03-18T09:00"),
]


@pytest.mark.parametrize(("before", "after", "due"), [case[1:] for case in PAUSES], ids=[case[0] for case in PAUSES])
def test_a_pause_goes_by_the_promise(before: dict[str, Any], after: dict[str, Any], due: str) -> None:
    dossier = a_promise(**before)
    lifecycle.ask_supplement(dossier, people.ha(), comment="thiếu")
    change(**after)
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        lifecycle.receive_supplement(dossier, people.ha())
    dossier.refresh_from_db()
    assert dossier.due_at == datetime.fromisoformat(due).replace(tzinfo=VN)


def test_before_acceptance_there_is_no_promise_to_keep() -> None:
    dossier = people.a_registered_dossier()
    change()
    assert NEW_NAME in detail(dossier)


def test_of_a_procedure_without_a_limit_the_words_of_then_are_told() -> None:
    dossier = a_promise(limit=None, limit_unit="", limit_text="Ngay khi đủ điều kiện")
    change()
    assert "Ngay khi đủ điều kiện" in printed(receipt.KIND, Move.ACCEPT)(dossier)


# ---- rows from before promises were kept

# What became of the procedure since, and whether the limit of today is the one that was promised.
OLD_ROWS = [
    ("nothing", {"name": NAME, "limit": 2, "limit_unit": "working_days"}, True),
    ("a limit in other words that gives the same", {"limit": 16, "limit_unit": "hours"}, True),
    ("another limit", {}, False),
    ("no limit any more", {"limit": None, "limit_unit": ""}, False),
]


@pytest.mark.parametrize(("became", "known"), [case[1:] for case in OLD_ROWS], ids=[case[0] for case in OLD_ROWS])
def test_the_migration_keeps_what_can_be_known(became: dict[str, Any], known: bool, capsys: Any) -> None:
    dossier = a_promise()
    DueDate.objects.update(procedure_name="", limit=None, limit_unit="", limit_text="")
    change(**became)
    import_module("onestop.dossiers.migrations.0012_promises_kept").keep(apps, None)
    row = dossier.due_dates.get()
    procedure = Procedure.objects.get()
    assert (row.procedure_name, row.limit) == ((procedure.name, procedure.limit) if known else ("", None))
    assert ("1 due dates do not fit" in capsys.readouterr().out) == (not known)
    text = printed(receipt.KIND, Move.ACCEPT)(dossier)
    assert "11/03/2026" in text
    assert ("Thời hạn giải quyết" in text) == known
    assert ("Chưa xác định được thời hạn của thủ tục tại thời điểm hẹn trả" in detail(dossier)) == (not known)


def test_a_row_counted_without_holidays_is_known_too() -> None:
    """So counted a database that nobody had told of Tết."""
    dossier = a_promise()
    DueDate.objects.update(
        procedure_name="",
        limit=None,
        limit_unit="",
        since=datetime(2026, 2, 13, 9, tzinfo=VN),
        due_at=datetime(2026, 2, 17, 9, tzinfo=VN),
    )
    import_module("onestop.dossiers.migrations.0012_promises_kept").keep(apps, None)
    assert dossier.due_dates.get().limit == Decimal(2)
