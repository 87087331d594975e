"""The pages of working hours, of days off and of procedures' settings: who changes what, and what then counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from onestop.catalog.calendar import DEFAULT_HOURS, calendar_of
from onestop.catalog.models import Agency, CalendarDay, Procedure, WorkingHours
from onestop.common.time import VIETNAM
from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db

NOVEMBER_24 = datetime(2026, 11, 24, 10, tzinfo=VIETNAM)


@pytest.fixture(autouse=True)
def november_24() -> Iterator[None]:
    with time_machine.travel(NOVEMBER_24, tick=False):
        yield


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


# ---- working hours


def week(**more: str) -> dict[str, str]:
    """Monday to Friday, typed as people type; Saturday and Sunday free."""
    fields: dict[str, str] = {}
    for day in range(5):
        fields |= {f"opens_{day}_0": "7:00", f"closes_{day}_0": "11h30"}
        fields |= {f"opens_{day}_1": "13.30", f"closes_{day}_1": "17h"}
    return fields | more


def hours_of(agency: Agency) -> str:
    return reverse("hours-of-agency", args=[agency.pk])


TYPED = ((time(7), time(11, 30)), (time(13, 30), time(17)))


@pytest.mark.parametrize(
    ("who", "sees", "of_ward", "of_all"),
    [
        (people.lan, 403, 403, 403),
        (people.tu, 403, 403, 403),
        (people.ha, 200, 302, 403),
        (people.nga, 200, 302, 403),
        (people.root, 200, 302, 302),
    ],
)
def test_hours_are_set_by_who_oversees_the_agency(
    who: Callable[[], User], sees: int, of_ward: int, of_all: int
) -> None:
    client = as_(who())
    assert client.get(reverse("working-hours")).status_code == sees
    assert client.post(hours_of(people.ward()), week()).status_code == of_ward
    assert client.post(reverse("hours-of-all"), week()).status_code == of_all
    if sees == 200 and not who().is_superuser:
        assert client.post(hours_of(people.department()), week()).status_code == 404
        assert people.department().name not in client.get(reverse("working-hours")).content.decode()


def test_typed_hours_count_for_the_agency_and_those_below_it() -> None:
    people.ward_desk(), people.department()
    assert as_(people.nga()).post(hours_of(people.ward()), week()).status_code == 302
    for agency in (people.ward(), people.ward_desk()):
        assert calendar_of(agency).hours == dict.fromkeys(range(5), TYPED)
    assert calendar_of(people.department()).hours == DEFAULT_HOURS
    assert "giờ riêng" in as_(people.nga()).get(reverse("working-hours")).content.decode()
    entry = LogEntry.objects.get(object_id=str(people.ward().pk))
    assert entry.get_change_message() == "Đã thay đổi giờ làm việc."
    shown = as_(people.nga()).get(hours_of(people.ward())).content.decode()
    assert 'value="07:00"' in shown
    assert "Đã thay đổi giờ làm việc." in shown


def test_an_agency_goes_back_to_the_hours_of_the_one_above() -> None:
    client = as_(people.nga())
    client.post(hours_of(people.ward()), week())
    assert client.post(hours_of(people.ward()), {"inherit": "1"}).status_code == 302
    assert not WorkingHours.objects.exists()
    assert calendar_of(people.ward()).hours == DEFAULT_HOURS


def test_hours_of_all_count_where_an_agency_has_none_of_its_own() -> None:
    assert as_(people.root()).post(reverse("hours-of-all"), week()).status_code == 302
    assert calendar_of(people.department()).hours == dict.fromkeys(range(5), TYPED)
    assert as_(people.root()).post(reverse("hours-of-all"), {"inherit": "1"}).status_code == 302
    assert calendar_of(people.department()).hours == DEFAULT_HOURS


@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"opens_0_0": "bảy giờ"}, "opens_0_0", "ví dụ 07:30"),
        ({"closes_0_0": ""}, "closes_0_0", "cả giờ bắt đầu và giờ kết thúc"),
        ({"opens_2_1": ""}, "opens_2_1", "cả giờ bắt đầu và giờ kết thúc"),
        ({"opens_0_0": "12:00"}, "closes_0_0", "trước giờ kết thúc"),
        ({"opens_0_1": "11:00"}, "opens_0_1", "sau khi buổi trước kết thúc"),
        ({"opens_0_0": "25:00"}, "opens_0_0", "ví dụ 07:30"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_field(typed: dict[str, str], field: str, why: str) -> None:
    shown = as_(people.nga()).post(hours_of(people.ward()), week(**typed)).content.decode()
    assert f'href="#id_{field}"' in shown
    assert why in shown
    assert not WorkingHours.objects.exists()


def test_a_week_without_any_session_is_refused() -> None:
    shown = as_(people.nga()).post(hours_of(people.ward()), {"opens_0_0": ""}).content.decode()
    assert "ít nhất một buổi" in shown


def test_a_day_with_three_sessions_keeps_them() -> None:
    for opens, closes in (("07:00", "09:00"), ("09:30", "11:00"), ("13:00", "17:00")):
        WorkingHours.objects.create(agency=people.ward(), weekday=0, opens=opens, closes=closes)
    shown = as_(people.nga()).get(hours_of(people.ward())).content.decode()
    assert 'name="closes_0_2" value="17:00"' in shown


def test_agencies_are_found_without_accents() -> None:
    people.ward_desk(), people.department()
    shown = as_(people.phuc()).get(reverse("working-hours"), {"q": "so tu phap"}).context["agencies"]
    assert list(shown) == [people.department()]


# ---- the calendar


DAY = {"date": "24/12/2026", "kind": "off", "name": "Nghỉ bão", "source": "Công điện 1"}


def test_the_calendar_is_seen_by_administrators_and_changed_by_superusers_alone() -> None:
    day = CalendarDay.objects.create(date=date(2026, 12, 24), kind="off", name="Nghỉ bão")
    for person in (people.nga(), people.ha(), people.tu()):
        client = as_(person)
        assert "24/12/2026" in client.get(reverse("calendar")).content.decode()
        assert client.post(reverse("calendar-add"), DAY | {"confirmed": "1"}).status_code == 403
        assert client.post(reverse("calendar-record"), {"year": "2027"}).status_code == 403
        assert client.post(reverse("calendar-remove", args=[day.pk])).status_code == 403
        assert client.get(reverse("calendar-day", args=[day.pk])).status_code == 403
    assert as_(people.lan()).get(reverse("calendar")).status_code == 403


def test_a_day_is_shown_before_it_is_saved_with_the_dossiers_that_are_due_on_it() -> None:
    dossier = people.a_dossier()
    Dossier.objects.update(due_at=datetime(2026, 12, 24, 17, tzinfo=VIETNAM))
    client = as_(people.root())
    shown = client.post(reverse("calendar-add"), DAY).content.decode()
    assert "1 hồ sơ đang hẹn trả vào ngày 24/12/2026" in shown
    assert reverse("batches:days-off") in shown
    assert "Các ngày lễ có sẵn của năm 2026 được ghi vào lịch cùng lúc" in shown
    assert not CalendarDay.objects.exists()
    answer = client.post(reverse("calendar-add"), DAY | {"confirmed": "1"})
    assert answer["Location"] == "/administration/calendar/?year=2026"
    day = CalendarDay.objects.get(date=date(2026, 12, 24))
    assert (day.kind, day.name, day.source) == ("off", "Nghỉ bão", "Công điện 1")
    # The holidays of the program are recorded with the first day: otherwise it would remove them.
    assert CalendarDay.objects.filter(date=date(2026, 9, 2)).exists()
    assert calendar_of(people.ward()).is_off(date(2026, 12, 24))
    assert LogEntry.objects.get(object_id=str(day.pk)).is_addition()
    assert Dossier.objects.get().due_at == datetime(2026, 12, 24, 17, tzinfo=VIETNAM)
    assert dossier.pk


def test_a_day_without_due_dates_says_so() -> None:
    shown = as_(people.root()).post(reverse("calendar-add"), DAY).content.decode()
    assert "Không có hồ sơ nào hẹn trả vào ngày 24/12/2026" in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"date": "31/02/2026"}, "date"),
        ({"date": ""}, "date"),
        ({"date": "01/01/1999"}, "date"),
        ({"date": "25/12/2026"}, "date"),
        ({"kind": "working"}, "kind_0"),
        ({"kind": "x"}, "kind_0"),
        ({"name": ""}, "name"),
    ],
)
def test_a_day_that_cannot_be_is_refused_by_field(typed: dict[str, str], field: str) -> None:
    CalendarDay.objects.create(date=date(2026, 12, 25), kind="off", name="Đã ghi")
    number = CalendarDay.objects.count()
    shown = as_(people.root()).post(reverse("calendar-add"), DAY | {"confirmed": "1"} | typed).content.decode()
    assert f'href="#id_{field}"' in shown
    assert CalendarDay.objects.count() == number


def test_a_day_is_changed_and_removed_on_record() -> None:
    day = CalendarDay.objects.create(date=date(2026, 12, 24), kind="off", name="Nghỉ bão")
    client, change = as_(people.root()), reverse("calendar-day", args=[day.pk])
    client.post(change, DAY | {"name": "Nghỉ lụt", "confirmed": "1"})
    day.refresh_from_db()
    assert day.name == "Nghỉ lụt"
    assert client.get(reverse("calendar-remove", args=[day.pk])).status_code == 200
    assert CalendarDay.objects.filter(pk=day.pk).exists()
    client.post(reverse("calendar-remove", args=[day.pk]))
    assert not CalendarDay.objects.filter(pk=day.pk).exists()
    entries = LogEntry.objects.filter(object_id=str(day.pk)).order_by("pk")
    assert [entry.is_deletion() for entry in entries] == [False, True]
    assert "24/12/2026 Nghỉ lụt" in client.get(reverse("calendar")).content.decode()


def test_what_becomes_a_working_day_is_no_warning_and_a_make_up_day_removed_is_one() -> None:
    day = CalendarDay.objects.create(date=date(2026, 12, 26), kind="working", name="Làm bù")
    shown = as_(people.root()).get(reverse("calendar-remove", args=[day.pk])).content.decode()
    assert "hẹn trả vào ngày 26/12/2026" in shown
    off = CalendarDay.objects.create(date=date(2026, 12, 24), kind="off", name="Nghỉ bão")
    shown = as_(people.root()).get(reverse("calendar-remove", args=[off.pk])).content.decode()
    assert "hẹn trả vào ngày 24/12/2026" not in shown


def test_a_year_that_is_only_expected_says_so_until_it_is_recorded() -> None:
    client = as_(people.root())
    page = f"{reverse('calendar')}?year=2027"
    shown = client.get(page).content.decode()
    assert "mới là dự kiến" in shown
    assert "Các ngày trên có sẵn trong phần mềm" in shown
    client.post(reverse("calendar-record"), {"year": "2027"})
    shown = client.get(page).content.decode()
    assert "mới là dự kiến" not in shown
    assert CalendarDay.objects.filter(date__year=2027).count() > 4
    assert LogEntry.objects.count() == CalendarDay.objects.filter(date__year=2027).count()


@pytest.mark.parametrize("text", ["", "x", "1999", "99999", "²⁰²⁶"])
def test_an_impossible_year_is_this_year(text: str) -> None:
    assert as_(people.nga()).get(reverse("calendar"), {"year": text}).context["year"] == 2026
    assert as_(people.root()).post(reverse("calendar-record"), {"year": text}).status_code == 404


# ---- procedures


SETTINGS = {
    "is_active": "on",
    "direct": "on",
    "count_from_next_day": "on",
    "next_day_after": "15h00",
    "after_supplement": "fixed",
    "supplement_days": "20",
}


def test_settings_of_a_procedure_are_seen_by_administrators_and_changed_by_superusers() -> None:
    procedure = people.a_procedure()
    page = reverse("procedure", args=[procedure.pk])
    shown = as_(people.nga()).get(page).content.decode()
    assert "do quản trị hệ thống cập nhật" in shown
    assert as_(people.nga()).post(page, SETTINGS).status_code == 403
    assert as_(people.lan()).get(page).status_code == 403
    assert as_(people.root()).post(page, SETTINGS).status_code == 302
    changed = Procedure.objects.get(pk=procedure.pk)
    assert (changed.online, changed.postal, changed.count_from_next_day) == (False, False, True)
    assert (changed.next_day_after, changed.after_supplement, changed.supplement_days) == (time(15), "fixed", 20)
    assert (changed.name, changed.limit) == (procedure.name, procedure.limit)
    assert LogEntry.objects.get(object_id=str(procedure.pk)).user == people.root()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"direct": ""}, "direct"),
        ({"supplement_days": ""}, "supplement_days"),
        ({"supplement_days": "0"}, "supplement_days"),
        ({"next_day_after": "x"}, "next_day_after"),
        ({"after_supplement": "x"}, "after_supplement_0"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_field(typed: dict[str, str], field: str) -> None:
    procedure = people.a_procedure()
    answer = as_(people.root()).post(reverse("procedure", args=[procedure.pk]), SETTINGS | typed)
    assert f'href="#id_{field}"' in answer.content.decode()
    assert Procedure.objects.get(pk=procedure.pk).after_supplement == "restart"


def test_procedures_are_found_without_accents_and_by_status() -> None:
    people.a_procedure(), people.a_procedure(code="2.1", name="Cấp thẻ", is_active=False)

    def found(**query: str) -> set[str]:
        rows = as_(people.nga()).get(reverse("procedures"), query).context["procedures"]
        return {procedure.code for procedure in rows}

    assert found(q="khai sinh") == {"1.001193"}
    assert found(status="withdrawn") == {"2.1"}
    assert found() == {"1.001193", "2.1"}
    assert found(status="x") == set()
