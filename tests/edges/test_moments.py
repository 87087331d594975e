"""Moments that nobody means, at every door; and wrong ones put right. Add the next report as a line of its list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_django
import time_machine
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import CalendarDay
from onestop.common.errors import InputRefused
from onestop.dossiers import lifecycle, opinions
from onestop.dossiers.documents import print_form, printable
from onestop.dossiers.documents.forms import receipt
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier, DueDate, Move, State, Transition
from onestop.partners.scopes import ApiScope
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.counting.recount import recount
from onestop.statistics.figures.figures import figures
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from onestop.statistics.scope import FigureScope as FiguresScope
from packets.collecting.collect import collect
from packets.dialects.qd1705 import build
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState
from tests import people
from tests.packets.portals import a_portal

from .papers import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

VN = ZoneInfo("Asia/Ho_Chi_Minh")
# A Monday; by the default, nothing before 21 June 2018 was done in such an office.
NOW = datetime(2026, 3, 9, 9, tzinfo=VN)


@pytest.fixture(autouse=True)
def on_a_monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def received(moment: str) -> Dossier:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, people.lan(), at=at(moment))
    return dossier


# ---- what is refused

# The moment, and whether it may be when something was done.
DONE = [
    ("0001-01-01T00:00", False),
    ("1900-01-01T00:00", False),
    ("1970-01-01T07:00", False),
    ("2018-06-20T23:59", False),
    ("2018-06-21T00:00", True),
    ("2026-03-09T09:00", True),
    ("2026-03-09T09:01", False),
    ("2062-03-09T09:00", False),
]
# The moment, and whether it may be until when something is to be done.
AHEAD = [
    ("1970-01-01T07:00", False),
    ("2026-03-09T09:00", False),
    ("2026-03-20T17:00", True),
    ("2036-03-01T17:00", True),
    ("2036-03-20T17:00", False),
    ("2226-03-20T17:00", False),
    ("9999-12-31T12:00", False),
]


def register(moment: datetime) -> None:
    lifecycle.register(people.a_new_dossier(), people.lan(), at=moment)


def receive(moment: datetime) -> None:
    lifecycle.receive(people.a_new_dossier(), people.lan(), at=moment)


def move_an_old_one(moment: datetime) -> None:
    """A dossier from before there was a bound: it can be moved, but not then."""
    dossier = people.a_dossier()
    Dossier.objects.update(moved_at=datetime(1, 1, 3, tzinfo=UTC))
    dossier.refresh_from_db()
    lifecycle.start(dossier, people.ha(), at=moment)


def correct(moment: datetime) -> None:
    dossier = people.a_dossier()
    step = dossier.transitions.get(move=Move.ACCEPT).pk
    if moment == dossier.accepted_at:
        return
    lifecycle.correct_time(dossier, people.ha(), step=step, to=moment, comment="nhầm năm")


@pytest.mark.parametrize("door", [register, receive, move_an_old_one, correct])
@pytest.mark.parametrize(("moment", "may_be"), DONE)
def test_when_something_was_done(door: Callable[[datetime], None], moment: str, may_be: bool) -> None:
    if may_be:
        door(at(moment))
        return
    with pytest.raises(InputRefused) as refused:
        door(at(moment))
    assert set(refused.value.fields) <= {"at", "to"}


def extend(moment: datetime) -> None:
    dossier = people.a_dossier()
    Dossier.objects.update(due_at=NOW)
    lifecycle.extend(dossier, people.ha(), due_at=moment, comment="xin lỗi")


def hand_over(moment: datetime) -> None:
    lifecycle.hand_over(people.a_dossier(), people.ha(), unit=people.department(), step_due=moment)


def ask(moment: datetime) -> None:
    opinions.ask(people.a_dossier(), people.ha(), agency=people.department(), question="Có không?", due_at=moment)


@pytest.mark.parametrize("door", [extend, hand_over, ask])
@pytest.mark.parametrize(("moment", "may_be"), AHEAD)
def test_until_when_something_is_to_be_done(door: Callable[[datetime], None], moment: str, may_be: bool) -> None:
    if may_be:
        door(at(moment))
        return
    with pytest.raises(InputRefused) as refused:
        door(at(moment))
    assert set(refused.value.fields) <= {"due_at", "step_due"}


def test_an_office_that_takes_over_old_files_sets_the_bound(settings: pytest_django.Settings) -> None:
    settings.EARLIEST_DATE = date(1998, 1, 1)
    lifecycle.receive(people.a_new_dossier(), people.lan(), at=at("1998-01-01T08:00"))
    with pytest.raises(InputRefused, match="trước 01/01/1998"):
        lifecycle.receive(people.a_new_dossier(), people.lan(), at=at("1997-12-31T08:00"))


def test_a_partner_is_told_by_the_name_it_gave() -> None:
    people.a_procedure()
    partner = people.a_partner(ApiScope.DOSSIERS_CREATE, agencies=[people.ward()])
    client = Client(headers={"Authorization": people.a_token(partner, ApiScope.DOSSIERS_CREATE)})
    given = {
        "external_id": "1",
        "procedure": people.a_procedure().code,
        "agency": people.ward().code,
        "channel": "direct",
        "applicant_name": "Đặng Văn Ước",
        "received_at": "1970-01-01T00:00:00Z",
    }
    answer = client.post("/api/v1/dossiers", given, "application/json")
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == ["received_at"]


def test_the_desk_says_it_at_the_field() -> None:
    dossier = people.a_dossier()
    client = Client()
    client.force_login(people.ha(), "django.contrib.auth.backends.ModelBackend")
    page = client.post(
        reverse("dossiers:move", args=[dossier.uuid, "extend"]), {"due_at": "2226-03-20T17:00", "comment": "x"}
    )
    assert "xa quá mười năm" in page.content.decode()
    assert page.context["form"].errors["due_at"]


# ---- what was let in is put right


def a_wrong_one(settings: pytest_django.Settings) -> Dossier:
    """As it was let in before there was a bound."""
    settings.EARLIEST_DATE = date(1900, 1, 1)
    dossier = received("1970-01-01T08:00")
    settings.EARLIEST_DATE = date(2018, 6, 21)
    return dossier


def put_right(dossier: Dossier, moment: str, move: Move = Move.ACCEPT) -> Transition:
    step = dossier.transitions.filter(move=move).last()
    assert step is not None
    return lifecycle.correct_time(dossier, people.ha(), step=step.pk, to=at(moment), comment="nhập nhầm năm")


def told(dossier: Dossier) -> tuple[str, str]:
    """To the portal: when it was accepted, and when it is due."""
    packet = build.document(build.dossiers_to_report(Dossier.objects.filter(pk=dossier.pk)).get(), lambda file: "")
    return packet.DateReceived, packet.DateAppointed


def counted(period: str) -> dict[str, int]:
    catch_up()
    assert recount().agrees
    found = figures(FiguresScope(people.province()), Period.parse(period))
    return {
        "accepted": found.new_reception,
        "solved_late": found.solved_late,
        "pending": found.pending,
        "pending_late": found.pending_late,
    }


def test_the_right_moment_counts_everywhere_and_both_are_kept(settings: pytest_django.Settings) -> None:
    portal = a_portal()
    dossier = a_wrong_one(settings)
    before = counted("1970-01")
    assert before["accepted"] == 1
    wrong_due, made_before = dossier.due_at, list(dossier.transitions.values())
    made = put_right(dossier, "2026-03-06T08:00")

    dossier.refresh_from_db()
    assert dossier.accepted_at == dossier.registered_at == at("2026-03-06T08:00")
    assert dossier.due_at == at("2026-03-10T08:00")
    assert list(dossier.transitions.values())[:2] == made_before
    facts = made.facts
    assert facts["move"] == "accept"
    assert (datetime.fromisoformat(facts["old"]), datetime.fromisoformat(facts["new"])) == (
        at("1970-01-01T08:00"),
        at("2026-03-06T08:00"),
    )
    assert (datetime.fromisoformat(facts["old_due"]), datetime.fromisoformat(facts["new_due"])) == (
        wrong_due,
        dossier.due_at,
    )
    assert [due.why for due in dossier.due_dates.all()] == [DueDate.Why.ACCEPTED, DueDate.Why.CORRECTED]
    assert counted("1970-01")["accepted"] == 0
    assert counted("2026-03") == {"accepted": 1, "solved_late": 0, "pending": 1, "pending_late": 0}

    collect(portal)
    assert told(dossier) == ("2026-03-06T08:00:00.000+0700", "2026-03-10T08:00:00.000+0700")
    assert Packet.objects.filter(kind=Kind.DOCUMENT, state=PacketState.READY).get().transition == made
    assert Packet.objects.filter(kind=Kind.TRACE, transition=made).exists()


def test_a_published_month_gets_a_revision_that_names_the_correction() -> None:
    dossier = received("2026-02-27T08:00")
    published, _new = publish(people.province(), Period.parse("2026-02"))
    put_right(dossier, "2026-03-02T08:00")
    revised, is_new = publish(people.province(), Period.parse("2026-02"))
    assert is_new
    assert (published.new_reception, revised.new_reception) == (1, 0)
    assert [reason["move"] for reason in revised.reasons] == ["correct_time"]


def test_moves_are_put_right_one_by_one_and_keep_their_order(settings: pytest_django.Settings) -> None:
    settings.EARLIEST_DATE = date(1900, 1, 1)
    dossier = received("1970-01-01T08:00")
    lifecycle.ask_supplement(dossier, people.ha(), comment="thiếu", at=at("1970-01-01T10:00"))
    lifecycle.receive_supplement(dossier, people.ha(), at=at("1970-01-05T08:00"))
    lifecycle.approve(dossier, people.ha(), at=at("1970-01-06T08:00"))
    lifecycle.return_result(dossier, people.ha(), at=at("1970-01-06T09:00"))
    settings.EARLIEST_DATE = date(2018, 6, 21)
    with pytest.raises(InputRefused, match="Vui lòng sửa bước ấy trước"):
        put_right(dossier, "2026-03-02T08:00")
    for move, moment in (
        (Move.RETURN_RESULT, "2026-03-06T09:00"),
        (Move.APPROVE, "2026-03-06T08:00"),
        (Move.RECEIVE_SUPPLEMENT, "2026-03-04T08:00"),
        (Move.ASK_SUPPLEMENT, "2026-03-02T10:00"),
        (Move.ACCEPT, "2026-03-02T08:00"),
    ):
        put_right(dossier, moment, move)
    dossier.refresh_from_db()
    assert (dossier.accepted_at, dossier.decided_at, dossier.finished_at, dossier.returned_at) == (
        at("2026-03-02T08:00"),
        at("2026-03-06T08:00"),
        at("2026-03-06T08:00"),
        at("2026-03-06T09:00"),
    )
    supplement = dossier.supplements.get()
    assert (supplement.asked_at, supplement.received_at) == (at("2026-03-02T10:00"), at("2026-03-04T08:00"))
    assert (supplement.old_due_at, supplement.new_due_at) == (at("2026-03-04T08:00"), at("2026-03-06T08:00"))
    assert dossier.due_at == at("2026-03-06T08:00")
    assert counted("2026-03") == {"accepted": 1, "solved_late": 0, "pending": 0, "pending_late": 0}
    assert counted("1970-01")["accepted"] == 0
    with pytest.raises(InputRefused, match="không thể trước lúc ấy"):
        put_right(dossier, "2026-03-01T08:00", Move.ASK_SUPPLEMENT)
    # Once more: the last correction holds.
    put_right(dossier, "2026-03-02T09:00")
    dossier.refresh_from_db()
    assert dossier.accepted_at == at("2026-03-02T09:00")
    assert counted("2026-03")["accepted"] == 1


def test_a_due_date_is_counted_by_the_promise_and_not_by_todays_limit() -> None:
    dossier = received("2026-03-05T08:00")
    people.a_procedure(limit=30)
    type(dossier.procedure).objects.update(limit=30)
    put_right(dossier, "2026-03-06T08:00")
    dossier.refresh_from_db()
    assert dossier.due_at == at("2026-03-10T08:00")


@pytest.mark.parametrize("who", [people.lan, people.minh])
def test_only_a_manager_puts_a_moment_right(who: Callable[[], Any]) -> None:
    dossier = people.a_dossier(unit=people.department()) if who is people.minh else people.a_dossier()
    step = dossier.transitions.get(move=Move.ACCEPT).pk
    with pytest.raises(MoveRefused):
        lifecycle.correct_time(dossier, who(), step=step, to=NOW - timedelta(days=1), comment="x")
    with pytest.raises(MoveRefused):
        lifecycle.correct_time(dossier, None, step=step, to=NOW - timedelta(days=1), comment="x")


def test_of_another_dossiers_step_or_without_a_reason_it_is_refused() -> None:
    dossier, other = people.a_dossier(), people.a_dossier()
    step = other.transitions.get(move=Move.ACCEPT).pk
    with pytest.raises(InputRefused) as refused:
        lifecycle.correct_time(dossier, people.ha(), step=step, to=NOW - timedelta(days=1), comment="x")
    assert set(refused.value.fields) == {"step"}
    with pytest.raises(InputRefused) as refused:
        lifecycle.correct_time(other, people.ha(), step=step, to=NOW - timedelta(days=1), comment=" ")
    assert set(refused.value.fields) == {"comment"}


def test_the_desk_puts_it_right_and_the_page_tells_both_moments() -> None:
    dossier = received("2026-03-06T08:00")
    client = Client()
    client.force_login(people.ha(), "django.contrib.auth.backends.ModelBackend")
    address = reverse("dossiers:move", args=[dossier.uuid, "correct_time"])
    assert "Tiếp nhận: 06/03/2026 08:00" in client.get(address).content.decode()
    typed = {"step": dossier.transitions.latest("pk").pk, "to": "2026-03-05T08:00", "comment": "ghi nhầm ngày"}
    page = client.post(address, typed, follow=True).content.decode()
    assert "đã sửa thành" in page
    assert "06/03/2026 08:00 → 05/03/2026 08:00" in page


def test_the_receipt_can_be_given_out_again_with_the_right_moment() -> None:
    dossier = received("2026-03-06T08:00")
    acceptance = dossier.transitions.get(move=Move.ACCEPT)
    first = print_form(dossier, receipt.KIND, acceptance, people.lan())
    made = put_right(dossier, "2026-03-05T08:00")
    offers = [(kind, move.pk) for kind, move in printable(dossier)]
    assert offers[0] == (receipt.KIND, made.pk)
    again = print_form(dossier, receipt.KIND, made, people.lan())
    assert again.pk != first.pk
    read = text_of(again)
    assert "05/03/2026" in read
    assert "06/03/2026" not in read


# ---- days off announced after the promise

# The days off, when it was accepted (two working days), when it is due then.
ANNOUNCED = [
    ("one day", ["2026-03-11"], "2026-03-09T08:00", "2026-03-12T17:00"),
    ("three in a row", ["2026-03-11", "2026-03-12", "2026-03-13"], "2026-03-09T08:00", "2026-03-16T17:00"),
    ("before a weekend", ["2026-03-13"], "2026-03-09T08:00", None),
    ("the day it is due", ["2026-03-10"], "2026-03-06T08:00", "2026-03-11T17:00"),
    ("at the very end of a day", ["2026-03-10"], "2026-03-06T17:00", "2026-03-11T17:00"),
]


def announce(*days: str) -> None:
    for day in days:
        CalendarDay.objects.create(date=day, kind="off", name="Nghỉ bão")


def postpone(dossier: Dossier) -> Transition:
    return lifecycle.postpone(dossier, people.ha(), comment="Nghỉ theo thông báo")


@pytest.mark.parametrize(("days", "accepted", "due"), [case[1:] for case in ANNOUNCED], ids=str)
def test_what_is_due_on_it_goes_to_the_next_working_day(days: list[str], accepted: str, due: str | None) -> None:
    with time_machine.travel(at("2026-03-09T09:00"), tick=False):
        dossier = received(accepted)
        announce(*days)
        if due is None:
            with pytest.raises(MoveRefused, match="không rơi vào ngày nghỉ"):
                postpone(dossier)
            return
        postpone(dossier)
    dossier.refresh_from_db()
    assert dossier.due_at == at(due)


def test_decided_on_the_next_day_it_is_not_late_whenever_that_was_recorded() -> None:
    """Before the day, on the morning after it, and after the dossier was decided."""
    dossiers = [received("2026-03-06T08:00") for _number in range(3)]
    announce("2026-03-10")
    postpone(dossiers[0])
    with time_machine.travel(at("2026-03-11T08:00"), tick=False):
        assert counted("2026-03")["pending_late"] == 2
        postpone(dossiers[1])
        for dossier in dossiers:
            dossier.refresh_from_db()
            lifecycle.approve(dossier, people.ha())
        assert counted("2026-03")["solved_late"] == 1
        postpone(dossiers[2])
        assert counted("2026-03") == {"accepted": 3, "solved_late": 0, "pending": 0, "pending_late": 0}
    for dossier in dossiers:
        dossier.refresh_from_db()
        assert not dossier.was_late


def test_it_uses_up_no_extension_and_is_told() -> None:
    portal = a_portal()
    dossier = received("2026-03-06T08:00")
    announce("2026-03-10")
    made = postpone(dossier)
    assert made.facts == {"old_due": "2026-03-10T08:00:00+07:00", "new_due": "2026-03-11T17:00:00+07:00"}
    collect(portal)
    assert Packet.objects.filter(kind=Kind.TRACE, transition=made).exists()
    assert told(dossier) == ("2026-03-06T08:00:00.000+0700", "2026-03-11T17:00:00.000+0700")
    lifecycle.extend(dossier, people.ha(), due_at=at("2026-03-13T17:00"), comment="xin lỗi")
    assert [due.why for due in dossier.due_dates.all()] == ["accepted", "day_off", "extension"]


def test_a_paused_dossier_keeps_what_it_had_left() -> None:
    dossier = received("2026-03-09T08:00")
    type(dossier.procedure).objects.update(after_supplement="resume")
    lifecycle.ask_supplement(dossier, people.ha(), comment="thiếu")
    announce("2026-03-11")
    postpone(dossier)
    with time_machine.travel(at("2026-03-16T08:00"), tick=False):
        lifecycle.receive_supplement(dossier, people.ha())
    dossier.refresh_from_db()
    assert dossier.state == State.ACCEPTED
    assert dossier.due_at == at("2026-03-18T16:00")


def test_a_day_off_that_is_withdrawn_leaves_nothing_to_move_and_moves_nothing_back() -> None:
    dossier, moved = (received("2026-03-06T08:00") for _number in range(2))
    announce("2026-03-10")
    postpone(moved)
    CalendarDay.objects.get(date="2026-03-10").delete()
    with pytest.raises(MoveRefused, match="không rơi vào ngày nghỉ"):
        postpone(dossier)
    moved.refresh_from_db()
    assert moved.due_at == at("2026-03-11T17:00")


def test_a_manager_finds_and_moves_them_all_with_one_press() -> None:
    for _number in range(3):
        received("2026-03-06T08:00")
    received("2026-03-09T08:00")
    client = Client()
    client.force_login(people.ha(), "django.contrib.auth.backends.ModelBackend")
    page = reverse("batches:days-off")
    assert "Không có hồ sơ nào hẹn trả vào ngày nghỉ" in client.get(page).content.decode()
    announce("2026-03-10")
    assert page in client.get(reverse("dossiers:home")).content.decode()
    assert "3 hồ sơ hẹn trả vào ngày này" in client.get(page).content.decode()
    proposal = client.post(page, {"day": "2026-03-10"})
    begun = client.post(proposal["Location"], {"comment": "Nghỉ bão, thông báo 12/TB-UBND"})
    client.post(f"{begun['Location']}go-on/")
    assert Dossier.objects.filter(due_at=at("2026-03-11T17:00")).count() == 3
    assert Transition.objects.filter(move=Move.POSTPONE).count() == 3
    assert "Không có hồ sơ nào hẹn trả vào ngày nghỉ" in client.get(page).content.decode()
    assert client.post(page, {"day": "2026-03-12"}).status_code == 404
    client.force_login(people.lan(), "django.contrib.auth.backends.ModelBackend")
    assert client.get(page).status_code == 403
    moved = Dossier.objects.filter(due_at=at("2026-03-11T17:00"))[0]
    explained = client.get(reverse("dossiers:detail", args=[moved.uuid])).content.decode()
    assert "dời khỏi ngày nghỉ" in explained
    assert "Nghỉ bão, thông báo 12/TB-UBND" in explained
