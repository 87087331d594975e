"""Agencies that end, move to another province or come back: what they take in, and whose figures they count in.

The cases stand first, one a line; the tests below run them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.batches.models import Batch
from onestop.catalog.models import Agency, Placement
from onestop.common.errors import InputRefused
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle, opinions
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier, Move, State
from onestop.staff.models import Role, User
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import NothingToReport, drawn_up, publish
from tests import people
from tests.api.caller import a_request, caller, faults, read

pytestmark = pytest.mark.django_db

WARD, DESK, DEPARTMENT, PROVINCE, OTHER = "H22.101", "H22.101.01", "H22.001", "H22", "H23"

# ---- the cases

# By which door something comes to the ward; which agency has ended; what is told.
DOORS = [
    ("counter", WARD, "403"),
    ("counter", PROVINCE, "403"),
    ("counter_of_the_province", WARD, "agency"),
    ("lifecycle", WARD, "agency"),
    ("lifecycle", PROVINCE, "agency"),
    ("lifecycle_at_the_desk", WARD, "agency"),
    ("past_date", WARD, "agency"),
    ("unit", DEPARTMENT, "agency"),
    ("api", WARD, "agency: ended"),
    ("api", PROVINCE, "agency: ended"),
    ("bulk", WARD, "agency: ended"),
    ("bulk", PROVINCE, "agency: ended"),
    ("accept", WARD, "đã kết thúc hoạt động"),
    ("accept", PROVINCE, "đã kết thúc hoạt động"),
    ("hand_over", WARD, "unit"),
    ("hand_over", PROVINCE, "unit"),
    ("hand_over_page", WARD, "unit"),
    ("hand_over_api", WARD, "unit: ended"),
    ("hand_over_to_its_officer", WARD, "unit"),
    ("batch", WARD, "unit"),
    ("opinion", WARD, "agency"),
    ("opinion", PROVINCE, "agency"),
    ("kiosk", WARD, "404"),
    ("kiosk", PROVINCE, "404"),
]

# What a further file says of one agency, and how that stands then: parent, works, takes dossiers in.
FILES: list[tuple[dict[str, Any], tuple[str, bool, bool]]] = [
    ({}, (PROVINCE, True, True)),
    ({"status": "former"}, (PROVINCE, False, False)),
    ({"status": "active"}, (PROVINCE, True, True)),
    ({"status": None}, (PROVINCE, True, True)),
    ({"status": ""}, (PROVINCE, True, True)),
    ({"level": "district_former"}, (PROVINCE, False, False)),
    ({"level": "district_former", "status": "active"}, (PROVINCE, True, True)),
    ({"parent_code": OTHER}, (OTHER, True, True)),
    ({"parent_code": OTHER, "status": "former"}, (OTHER, False, False)),
    ({"parent_code": "H99"}, ("H99", True, False)),
    ({"name": "UBND phường khác, mã cũ"}, (PROVINCE, True, True)),
]

# What is wrong with a file, or with its day, and what is told. Nothing is changed then.
REFUSED: list[tuple[list[dict[str, Any]], str, str]] = [
    ([{"code": PROVINCE, "parent_code": DESK}], "", "trực thuộc chính nó"),
    ([{"code": PROVINCE, "parent_code": OTHER}, {"code": OTHER, "parent_code": WARD}], "", "trực thuộc chính nó"),
    ([{"code": WARD, "parent_code": WARD}], "", "trực thuộc chính nó"),
    ([{"code": WARD, "parent_code": OTHER}, {"code": WARD, "parent_code": PROVINCE}], "", "mã đã có ở bản ghi 1"),
    ([{"code": WARD, "parent_code": OTHER}], "2026-11-11", "còn ở tương lai"),
    ([{"code": WARD, "parent_code": OTHER}], "2026-10-31", "đã công bố; thay đổi phải có hiệu lực từ ngày đó"),
    ([{"code": WARD, "parent_code": OTHER}], "2020-01-01", "đến trước 01/11/2026 đã công bố"),
    ([{"code": PROVINCE, "parent_code": OTHER}], "2026-10-01", "đến trước 01/11/2026 đã công bố"),
    ([{"code": WARD, "parent_code": OTHER}], "1/7/2026", "không phải là ngày"),
    ([{"code": WARD, "status": "ended"}], "", "không phải là một trong"),
]

# The ward goes over to the other province: the day it is told of, from which day on; whose figures of which period
# have how many carried over and new. "–": nothing is published. Each month before November the ward and the
# department receive one each, the department finishes its own.
NOVEMBER_10 = ["2026-11-10"]
FIGURES = [
    (NOVEMBER_10, PROVINCE, "2026-09", (0, 2)),
    (NOVEMBER_10, PROVINCE, "2026-10", (1, 2)),
    (NOVEMBER_10, OTHER, "2026-10", "–"),
    (NOVEMBER_10, OTHER, "2025", "–"),
    (NOVEMBER_10, PROVINCE, "2026-11", (0, 0)),
    (NOVEMBER_10, OTHER, "2026-11", (2, 0)),
    (NOVEMBER_10, OTHER, "2026-12", (2, 0)),
    (NOVEMBER_10, PROVINCE, "2026", (0, 2)),
    (NOVEMBER_10, OTHER, "2026", (0, 2)),
    # There and back within the month, and for good after the turn of the year.
    (["2026-11-10", "2026-11-20"], PROVINCE, "2026-11", (2, 0)),
    (["2026-11-10", "2026-11-20"], OTHER, "2026-11", "–"),
    (["2026-11-10", "2026-11-20", "2027-01-02"], PROVINCE, "2026", (0, 4)),
    (["2026-11-10", "2026-11-20", "2027-01-02"], OTHER, "2026", "–"),
    # On the last day of a month, and on the first.
    (["2026-11-30"], OTHER, "2026-11", (2, 0)),
    (["2026-12-01"], OTHER, "2026-11", "–"),
    (["2026-12-01"], PROVINCE, "2026-11", (2, 0)),
    (["2026-12-01"], OTHER, "2026-12", (2, 0)),
]


# ---- what comes to an agency that has ended


def ended(code: str) -> None:
    agency = Agency.objects.get(code=code)
    agency.is_active = False
    agency.save()


def an_office() -> None:
    for agency in (people.ward_desk(), people.department(), people.another_province()):
        assert agency.takes_in
    for person in (people.lan(), people.binh(), people.minh(), people.ha()):
        assert person.is_active


def now(code: str) -> Agency:
    return Agency.objects.get(code=code)


def as_(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    return client


def by_field(error: InputRefused) -> str:
    return ", ".join(error.fields)


def attempted(act: Callable[[], object]) -> str:
    try:
        act()
    except InputRefused as error:
        return ", ".join(error.fields)
    except MoveRefused as error:
        return str(error)
    return "taken in"


def on_page(answer: Any) -> str:
    return "taken in" if answer.status_code == 302 else ", ".join(answer.context["form"].errors)


def by_api(answer: HttpResponse) -> str:
    if answer.status_code < 300:
        return "taken in"
    return ", ".join(f"{field}: {code}" for field, code in faults(answer).items())


def typed() -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "channel": "direct",
        "agency": str(now(WARD).pk),
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước",
        "return_method": "direct",
    }


def counter(*_made: Dossier) -> str:
    """Sent from a page that was open before."""
    answer = as_(people.lan()).post(reverse("dossiers:receive", args=[people.a_procedure().code]), typed())
    return str(answer.status_code)


def counter_of_the_province(*_made: Dossier) -> str:
    person = people.a_person("hoa", Role.RECEPTION, people.province())
    return on_page(as_(person).post(reverse("dossiers:receive", args=[people.a_procedure().code]), typed()))


def lifecycle_(*_made: Dossier) -> str:
    return attempted(lambda: lifecycle.receive(people.a_new_dossier(agency=now(WARD)), None))


def lifecycle_at_the_desk(*_made: Dossier) -> str:
    return attempted(lambda: lifecycle.register(people.a_new_dossier(agency=now(DESK)), None))


def past_date(*_made: Dossier) -> str:
    at = datetime(2026, 1, 5, 9, tzinfo=VIETNAM)
    return attempted(lambda: lifecycle.receive(people.a_new_dossier(agency=now(WARD)), None, at=at))


def unit(*_made: Dossier) -> str:
    given = people.a_new_dossier(agency=now(WARD), unit=now(DEPARTMENT))
    return attempted(lambda: lifecycle.receive(given, None))


def api(*_made: Dossier) -> str:
    return by_api(caller().post("dossiers", a_request()))


def bulk(*_made: Dossier) -> str:
    sent = json.dumps(a_request()).encode()
    headers = {"Authorization": people.a_token(people.a_partner())}
    answer = Client().post(reverse("api:bulk"), sent, content_type="application/x-ndjson", headers=headers)
    line = json.loads(answer.getvalue().splitlines()[0])
    told = [f"{error['field']}: {error['code']}" for error in line.get("errors", ())]
    return ", ".join(told) or "taken in"


def accept(_received: Dossier, registered: Dossier, _elsewhere: Dossier) -> str:
    registered = Dossier.objects.get(pk=registered.pk)
    return attempted(lambda: lifecycle.accept(registered, None))


def hand_over(_received: Dossier, _registered: Dossier, elsewhere: Dossier) -> str:
    elsewhere = Dossier.objects.get(pk=elsewhere.pk)
    return attempted(lambda: lifecycle.hand_over(elsewhere, None, unit=now(WARD)))


def hand_over_to_its_officer(_received: Dossier, _registered: Dossier, elsewhere: Dossier) -> str:
    elsewhere, officer = Dossier.objects.get(pk=elsewhere.pk), User.objects.get(username="binh")
    return attempted(lambda: lifecycle.hand_over(elsewhere, None, officer=officer))


def hand_over_page(_received: Dossier, _registered: Dossier, elsewhere: Dossier) -> str:
    address = reverse("dossiers:move", args=[elsewhere.uuid, Move.HAND_OVER])
    return on_page(as_(people.minh()).post(address, {"unit": now(WARD).pk}))


def hand_over_api(_received: Dossier, _registered: Dossier, elsewhere: Dossier) -> str:
    partner = caller(name="của sở", agencies=[people.department()])
    return by_api(partner.post(f"dossiers/{elsewhere.uuid}/hand_over", {"unit": WARD}))


def batch(_received: Dossier, _registered: Dossier, elsewhere: Dossier) -> str:
    client = as_(people.minh())
    client.post(reverse("batches:propose"), {"move": "hand_over", "dossier": [str(elsewhere.uuid)]})
    return on_page(client.post(reverse("batches:batch", args=[Batch.objects.get().uuid]), {"unit": now(WARD).pk}))


def opinion(_received: Dossier, _registered: Dossier, elsewhere: Dossier) -> str:
    due = timezone.now() + timedelta(days=3)
    return attempted(
        lambda: opinions.ask(
            Dossier.objects.get(pk=elsewhere.pk),
            User.objects.get(username="minh"),
            agency=now(WARD),
            question="?",
            due_at=due,
        )
    )


def kiosk(*_made: Dossier) -> str:
    tablet = TABLETS.pop()
    return str(Client().get(tablet).status_code)


TABLETS: list[str] = []
ACTS: dict[str, Callable[..., str]] = {
    act.__name__.rstrip("_"): act
    for act in (
        counter,
        counter_of_the_province,
        lifecycle_,
        lifecycle_at_the_desk,
        past_date,
        unit,
        api,
        bulk,
        accept,
        hand_over,
        hand_over_to_its_officer,
        hand_over_page,
        hand_over_api,
        batch,
        opinion,
        kiosk,
    )
}


def three_dossiers() -> tuple[Dossier, Dossier, Dossier]:
    """Received at the ward, registered there, received elsewhere; a tablet stands at the ward."""
    an_office()
    address = as_(people.ha()).get(reverse("votes:kiosk")).context["address"]
    TABLETS[:] = ["/" + address.split("/", 3)[3]]
    elsewhere = people.a_dossier(agency=people.department(), by=people.root())
    return people.a_dossier(), people.a_registered_dossier(), elsewhere


@pytest.mark.parametrize(("door", "which", "told"), DOORS)
def test_an_agency_that_has_ended_and_those_below_it_take_nothing_in(door: str, which: str, told: str) -> None:
    made = three_dossiers()
    ended(which)
    before = list(Dossier.objects.order_by("pk").values())
    assert told in ACTS[door](*made)
    assert list(Dossier.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("door", sorted(ACTS))
def test_the_same_doors_are_open_while_it_works(door: str) -> None:
    """So that no case above passes for some other reason."""
    assert ACTS[door](*three_dossiers()) == {"counter": "302", "kiosk": "200"}.get(door, "taken in")


def test_who_works_there_is_told_why_and_is_offered_nothing_that_would_be_refused() -> None:
    _received, registered, _elsewhere = three_dossiers()
    ended(PROVINCE)
    lan = User.objects.get(username="lan")
    answer = as_(lan).get(reverse("dossiers:receive", args=[people.a_procedure().code]))
    assert answer.status_code == 403
    assert "UBND phường Trần Phú hoặc cơ quan cấp trên đã kết thúc hoạt động" in answer.content.decode()
    assert reverse("dossiers:procedure-search") not in as_(lan).get("/").content.decode()
    assert lifecycle.possible_moves(registered, lan)
    assert Move.ACCEPT not in lifecycle.possible_moves(Dossier.objects.get(pk=registered.pk), lan)


def test_what_an_ended_ward_has_is_finished_or_handed_to_a_unit_that_works() -> None:
    an_office()
    finished, handed, kept = people.a_dossier(), people.a_dossier(), people.a_dossier()
    ended(WARD)
    for dossier in (finished, handed, kept):
        dossier.refresh_from_db()
    binh = User.objects.get(username="binh")
    lifecycle.hand_over(kept, binh, officer=binh)
    lifecycle.approve(finished, binh)
    lifecycle.return_result(finished, User.objects.get(username="lan"))
    lifecycle.hand_over(handed, binh, unit=now(DEPARTMENT))
    assert (finished.state, handed.unit.code, kept.officer) == (State.RETURNED, DEPARTMENT, binh)
    with pytest.raises(InputRefused):
        lifecycle.hand_over(handed, None, unit=now(WARD))


def test_one_that_works_again_takes_in_again_with_those_below_it() -> None:
    an_office()
    ended(PROVINCE)
    assert not Agency.objects.taking_in().filter(code__startswith=PROVINCE).exists()
    assert now(DESK).is_active
    ward = now(WARD)
    ward.parent = now(OTHER)
    ward.save()
    assert now(DESK).takes_in
    assert not now(DEPARTMENT).takes_in
    province = now(PROVINCE)
    province.is_active = True
    province.save()
    assert Agency.objects.taking_in().count() == Agency.objects.count()


def test_in_the_admin_no_agency_that_works_is_put_below_one_that_has_ended() -> None:
    an_office()
    ended(OTHER)
    ward = now(WARD)
    ward.parent = now(OTHER)
    with pytest.raises(ValidationError) as refusal:
        ward.full_clean()
    assert list(refusal.value.error_dict) == ["parent"]
    ward.is_active = False
    ward.full_clean()
    below_ended = now(DESK)
    ended(WARD)
    below_ended.name = "Tổ khác"
    below_ended.full_clean()


# ---- what a catalogue says of them


def imported(folder: Path, *rows: dict[str, Any], since: str = "") -> None:
    usual = {agency.code: agency for agency in Agency.objects.select_related("parent")}
    agencies = [
        {
            "name": usual[row["code"]].name,
            "level": usual[row["code"]].level,
            "parent_code": parent.code if (parent := usual[row["code"]].parent) else None,
            **row,
        }
        for row in rows
    ]
    for name, content in (("agencies", agencies), ("fields", []), ("procedures", [])):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    call_command("import_catalog", str(folder), *([f"--since={since}"] if since else []), verbosity=0)


@pytest.mark.parametrize(("said", "stands"), FILES)
def test_what_a_file_says_of_an_agency_holds(
    tmp_path: Path, said: dict[str, Any], stands: tuple[str, bool, bool]
) -> None:
    an_office()
    people.an_agency("H99", "Tỉnh cũ", None, Agency.Level.PROVINCE)
    ended("H99")
    imported(tmp_path, {"code": WARD, **said})
    ward = now(WARD)
    assert ward.parent
    assert (ward.parent.code, ward.is_active, ward.takes_in) == stands
    assert now(DESK).takes_in == stands[2]
    assert Agency.objects.taking_in().filter(pk=ward.pk).exists() == stands[2]
    # What the file does not name is left as it is.
    assert now(DEPARTMENT).takes_in
    assert not now("H99").takes_in


def test_a_file_without_a_word_about_it_revives_nothing(tmp_path: Path) -> None:
    an_office()
    ended(WARD)
    imported(tmp_path, {"code": WARD})
    assert not now(WARD).is_active
    imported(tmp_path, {"code": WARD, "status": "active"})
    assert now(WARD).is_active


@pytest.mark.parametrize(("rows", "since", "told"), REFUSED)
def test_what_cannot_be_is_refused_whole(tmp_path: Path, rows: list[dict[str, Any]], since: str, told: str) -> None:
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=VIETNAM), tick=False):
        an_office()
        lifecycle.receive(people.a_new_dossier(), None, at=datetime(2026, 10, 1, 8, tzinfo=VIETNAM))
        publish(people.province(), Period(2026, 10))
        before = list(Agency.objects.order_by("pk").values()), list(Placement.objects.order_by("pk").values())
        with pytest.raises(CommandError, match=told):
            imported(tmp_path, *rows, since=since)
        after = list(Agency.objects.order_by("pk").values()), list(Placement.objects.order_by("pk").values())
        assert after == before


def test_what_changes_is_told_with_its_day_and_what_is_missing_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    an_office()
    today = f"{timezone.localdate():%d/%m/%Y}"
    imported(tmp_path, {"code": WARD, "parent_code": OTHER}, {"code": DEPARTMENT, "status": "former"})
    call_command("import_catalog", str(tmp_path))
    assert "2 không có trong tệp, giữ nguyên" not in capsys.readouterr().out
    imported(tmp_path, {"code": WARD, "parent_code": PROVINCE}, {"code": DEPARTMENT, "status": "active"})
    (tmp_path / "agencies.json").write_text(
        json.dumps(
            [
                {"code": WARD, "name": "P", "level": "commune", "parent_code": OTHER},
                {"code": DEPARTMENT, "name": "S", "level": "province", "parent_code": PROVINCE, "status": "former"},
            ]
        )
    )
    call_command("import_catalog", str(tmp_path))
    told = capsys.readouterr().out
    assert f"H22.101 từ {today}: trực thuộc H23, đang hoạt động." in told
    assert f"H22.001 từ {today}: trực thuộc H22, đã kết thúc" in told
    assert "3 không có trong tệp, giữ nguyên." in told


# ---- whose figures they count in


def received_each_month() -> None:
    for month in (9, 10):
        lifecycle.receive(people.a_new_dossier(), None, at=datetime(2026, month, 1, 8, tzinfo=VIETNAM))
        theirs = people.a_new_dossier(agency=people.department())
        lifecycle.receive(theirs, None, at=datetime(2026, month, 1, 8, tzinfo=VIETNAM))
        lifecycle.approve(theirs, None, at=datetime(2026, month, 2, 8, tzinfo=VIETNAM))


@pytest.mark.parametrize(("days", "code", "period", "stands"), FIGURES)
def test_figures_follow_the_tree_of_their_time(
    tmp_path: Path, days: list[str], code: str, period: str, stands: tuple[int, int] | str
) -> None:
    with time_machine.travel(datetime(2026, 11, 1, 9, tzinfo=VIETNAM), tick=False):
        an_office()
        received_each_month()
    for number, day in enumerate(days):
        with time_machine.travel(datetime.fromisoformat(f"{day}T10:00:00+07:00"), tick=False):
            imported(tmp_path, {"code": WARD, "parent_code": PROVINCE if number % 2 else OTHER})
    with time_machine.travel(datetime(2027, 2, 1, 9, tzinfo=VIETNAM), tick=False):
        if stands == "–":
            with pytest.raises(NothingToReport):
                publish(now(code), Period.parse(period))
            return
        publication, _made = publish(now(code), Period.parse(period))
        assert (publication.carried_over, publication.new_reception) == stands


def test_what_was_published_stays_published(tmp_path: Path) -> None:
    """As it was found: thirteen received became eight, and the new province published years before it existed."""
    with time_machine.travel(datetime(2026, 11, 5, 9, tzinfo=VIETNAM), tick=False):
        an_office()
        received_each_month()
        publication, _made = publish(people.province(), Period(2026, 10))
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=VIETNAM), tick=False):
        imported(tmp_path, {"code": WARD, "parent_code": OTHER}, {"code": PROVINCE, "status": "former"})
        assert drawn_up(now(PROVINCE), Period(2026, 10)).differences(publication) == []
        assert publish(now(PROVINCE), Period(2026, 10)) == (publication, False)
    for month in (datetime(2026, 12, 5, 9, tzinfo=VIETNAM), datetime(2027, 1, 5, 9, tzinfo=VIETNAM)):
        with time_machine.travel(month, tick=False):
            call_command("close_period", verbosity=0)
    found = Publication.objects.order_by("month", "agency__code").values_list("agency__code", "year", "month")
    # The old province has its November, in which it ended, and that year; the new one begins with November.
    assert list(found) == [
        (PROVINCE, 2026, 0),
        (OTHER, 2026, 0),
        (PROVINCE, 2026, 10),
        (PROVINCE, 2026, 11),
        (OTHER, 2026, 11),
        (OTHER, 2026, 12),
    ]


def test_a_province_hung_below_its_successor_reports_no_more_and_its_dossiers_can_be_handed_over(
    tmp_path: Path,
) -> None:
    with time_machine.travel(datetime(2026, 11, 1, 9, tzinfo=VIETNAM), tick=False):
        an_office()
        received_each_month()
        publish(people.province(), Period(2026, 10))
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=VIETNAM), tick=False):
        imported(tmp_path, {"code": PROVINCE, "parent_code": OTHER, "status": "former"})
        lifecycle.hand_over(Dossier.objects.filter(agency=now(WARD))[0], None, unit=now(OTHER))
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=VIETNAM), tick=False):
        with pytest.raises(ValueError, match="không phải"):
            drawn_up(now(PROVINCE), Period(2026, 11))
        assert drawn_up(now(OTHER), Period(2026, 11)).carried_over == 2
        assert drawn_up(now(PROVINCE), Period(2026, 10)).new_reception == 2


def test_a_mistake_is_put_right_from_the_beginning_while_nothing_is_published(tmp_path: Path) -> None:
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=VIETNAM), tick=False):
        an_office()
        received_each_month()
        imported(tmp_path, {"code": WARD, "parent_code": OTHER}, since="1901-01-01")
        assert drawn_up(now(OTHER), Period(2026, 9)).new_reception == 1
        assert Placement.objects.on(date(2026, 9, 30)).get(agency=now(WARD)).level1 == now(OTHER)
        # In another order than that of the days, a later change would not know what lay where.
        with pytest.raises(CommandError, match="theo thứ tự thời gian"):
            imported(tmp_path, {"code": OTHER, "parent_code": PROVINCE}, since="1900-01-01")


def test_old_figures_name_a_unit_that_has_left_and_hide_whose_its_dossiers_were(tmp_path: Path) -> None:
    with time_machine.travel(datetime(2026, 11, 1, 9, tzinfo=VIETNAM), tick=False):
        an_office()
        received_each_month()
        publish(people.province(), Period(2026, 10))
    leader = people.a_person("kim", Role.MANAGER, people.province())
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=VIETNAM), tick=False):
        imported(tmp_path, {"code": WARD, "parent_code": OTHER})
        page = as_(leader).get("/statistics/?period=2026-10&agency=H22").content.decode()
        assert "UBND phường Trần Phú (nay không còn trực thuộc)" in page
        assert "agency=H22.101" not in page
        behind = as_(leader).get("/statistics/dossiers/?figure=new_reception&period=2026-10&agency=H22")
        page = behind.content.decode()
        mine, theirs = (Dossier.objects.filter(agency__code=code).latest("pk") for code in (DEPARTMENT, WARD))
        assert {dossier.pk for dossier in behind.context["dossiers"]} == {mine.pk, theirs.pk}
        assert str(theirs.code) in page
        assert str(mine.uuid) in page
        assert str(theirs.uuid) not in page
        assert page.count(theirs.applicant_name) == 1
        file = as_(leader).get("/statistics/dossiers.csv?figure=new_reception&period=2026-10&agency=H22")
        assert file.getvalue().decode().count(theirs.applicant_name) == 1
        # Today's page of the province knows no such unit any more.
        assert "UBND phường Trần Phú" not in as_(leader).get("/statistics/?agency=H22").content.decode()


def test_a_partner_of_the_old_province_reads_its_figures_of_then(tmp_path: Path) -> None:
    with time_machine.travel(datetime(2026, 11, 1, 9, tzinfo=VIETNAM), tick=False):
        an_office()
        received_each_month()
        publish(people.province(), Period(2026, 10))
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=VIETNAM), tick=False):
        imported(tmp_path, {"code": PROVINCE, "parent_code": OTHER}, {"code": WARD, "parent_code": OTHER})
        partner = caller(name="của tỉnh", agencies=[people.province(), people.ward()])
        told = read(partner.get("statistics?period=2026-10&agency=H22"))
        assert (told["total"]["new_reception"], told["published"]["new_reception"]) == (2, 2)
        # Bound to both: together then, apart now, nothing twice.
        then, today = (read(partner.get(f"statistics?period={month}")) for month in ("2026-10", "2026-11"))
        assert (then["agencies"], then["total"]["new_reception"]) == (["H22"], 2)
        assert (today["agencies"], today["total"]["carried_over"]) == (["H22", "H22.101"], 2)
